//! What servers write nearly always, recognised among the bytes. Whatever is not found here is left to the XML parser.

use memchr::{memchr, memchr2};

use crate::wire::tag::Tag;

/// How much white space the bytes begin with. Other control characters have been refused before.
#[inline]
pub(crate) fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte > b' ').unwrap_or(bytes.len())
}

/// How much text the bytes begin with.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> usize {
    memchr2(b'<', b'&', bytes).unwrap_or(bytes.len())
}

/// How the element's beginning is written where it is foreseen; nothing for the others.
#[inline(always)]
pub(crate) fn written(tag: Tag) -> &'static str {
    match tag {
        Tag::Value => "<value>",
        Tag::Member => "<member>",
        Tag::Name => "<name>",
        Tag::Data => "<data>",
        _ => "",
    }
}

/// The element whose name the bytes begin with, and the length of the name. A longer name may still begin alike.
///
/// The first letters choose the one name that is compared.
#[inline]
pub(crate) fn tag(bytes: &[u8]) -> Option<(Tag, usize)> {
    match bytes {
        [b'v', ..] => known(bytes, "value", Tag::Value),
        [b'm', b'e', b'm', ..] => known(bytes, "member", Tag::Member),
        [b'n', b'a', ..] => known(bytes, "name", Tag::Name),
        [b's', b't', b'r', b'i', ..] => known(bytes, "string", Tag::Text),
        [b'i', b'n', ..] => known(bytes, "int", Tag::Int),
        [b'b', b'o', ..] => known(bytes, "boolean", Tag::Boolean),
        [b'd', b'o', ..] => known(bytes, "double", Tag::Double),
        [b'a', ..] => known(bytes, "array", Tag::Array),
        [b'd', b'a', b't', b'a', ..] => known(bytes, "data", Tag::Data),
        [b's', ..] => known(bytes, "struct", Tag::Struct),
        [b'n', ..] => known(bytes, "nil", Tag::Nil),
        [b'i', b'4', ..] => known(bytes, "i4", Tag::Int),
        [b'i', ..] => known(bytes, "i8", Tag::Int),
        [b'b', ..] => known(bytes, "base64", Tag::Base64),
        [b'd', ..] => known(bytes, "dateTime.iso8601", Tag::DateTime),
        _ => None,
    }
}

#[inline(always)]
fn known(bytes: &[u8], name: &str, tag: Tag) -> Option<(Tag, usize)> {
    bytes.starts_with(name.as_bytes()).then_some((tag, name.len()))
}

/// The character of a reference behind its `&`, and how long it is: the three without which no text can be written.
#[inline]
pub(crate) fn reference(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [b'l', b't', b';', ..] => Some(('<', 3)),
        [b'g', b't', b';', ..] => Some(('>', 3)),
        [b'a', b'm', b'p', b';', ..] => Some(('&', 4)),
        _ => None,
    }
}

/// The text with characters for its references; nothing if one of them is none of the three.
pub(crate) fn resolved(text: &str) -> Option<String> {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        let (character, length) = reference(behind.as_bytes())?;
        resolved.push_str(before);
        resolved.push(character);
        rest = behind.get(length..)?;
    }
    resolved.push_str(rest);
    Some(resolved)
}

/// The inside of a `<value>` that is one element with text alone, and the value's end. Places count from before it all.
pub(crate) struct Scalar {
    pub(crate) tag: Tag,
    /// Where the text begins, and its length.
    pub(crate) start: usize,
    pub(crate) length: usize,
    /// Whether there are references in the text.
    pub(crate) references: bool,
    /// Where the element has ended.
    pub(crate) ended: usize,
    /// Where the value has ended.
    pub(crate) read: usize,
}

/// What the bytes begin with, if that is the inside and the end of a `<value>`.
#[inline(always)]
pub(crate) fn scalar(bytes: &[u8]) -> Option<Scalar> {
    match bytes {
        [b'<', b's', b't', b'r', b'i', ..] => scalar_of(bytes, Tag::Text, b"<string>", b"</string>"),
        [b'<', b'b', b'o', ..] => scalar_of(bytes, Tag::Boolean, b"<boolean>", b"</boolean>"),
        [b'<', b'i', b'n', ..] => scalar_of(bytes, Tag::Int, b"<int>", b"</int>"),
        [b'<', b'd', b'o', ..] => scalar_of(bytes, Tag::Double, b"<double>", b"</double>"),
        _ => None,
    }
}

#[inline(always)]
fn scalar_of(bytes: &[u8], tag: Tag, begin: &[u8], end: &[u8]) -> Option<Scalar> {
    let inside = bytes.strip_prefix(begin)?;
    let mut length = text(inside);
    let references = inside.get(length) == Some(&b'&');
    if references {
        length += memchr(b'<', inside.get(length..)?)?;
    }
    let ended = inside.get(length..)?.strip_prefix(end)?;
    let read = behind(ended, b"</value>")?;
    let place = |rest: &[u8]| bytes.len() - rest.len();
    Some(Scalar { tag, start: begin.len(), length, references, ended: place(ended), read: place(read) })
}

/// Where the name has ended and where the value begins, if the bytes begin with the end of a member and the beginning of another
/// of that name.
#[inline(always)]
pub(crate) fn next_member(bytes: &[u8], name: &str) -> Option<(usize, usize)> {
    let rest = behind(behind(behind(bytes, b"</member>")?, b"<member>")?, b"<name>")?;
    let named = rest.strip_prefix(name.as_bytes())?.strip_prefix(b"</name>")?;
    let value = behind(named, b"<value>")?;
    Some((bytes.len() - named.len(), bytes.len() - value.len()))
}

/// Where `<array>` and the `<data>` in it have begun, if the bytes begin with them.
#[inline(always)]
pub(crate) fn array(bytes: &[u8]) -> Option<(usize, usize)> {
    let array = bytes.strip_prefix(b"<array>")?;
    let data = behind(array, b"<data>")?;
    Some((bytes.len() - array.len(), bytes.len() - data.len()))
}

/// What is behind white space and that writing, if the bytes begin so.
#[inline(always)]
fn behind<'b>(bytes: &'b [u8], written: &[u8]) -> Option<&'b [u8]> {
    bytes.get(blanks(bytes)..)?.strip_prefix(written)
}

//! What servers write nearly always, recognised among the bytes. Whatever is not found here is left to the XML parser.

use memchr::memchr2;

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

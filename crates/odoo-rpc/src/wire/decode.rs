//! Documents into values.

use std::borrow::Cow;
use std::mem;

use crate::wire::chars::Characters;
use crate::wire::error::{DecodeError, DecodeErrorKind};
use crate::wire::fault::Fault;
use crate::wire::limits::Limits;
use crate::wire::scalar;
use crate::wire::tag::{Tag, Token};
use crate::wire::tokens::Tokens;
use crate::wire::value::{Name, Names, Struct, Value};

/// A call as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name of the method.
    pub method: String,
    /// The arguments, in order.
    pub params: Vec<Value>,
}

/// The call a document holds: what a server reads.
///
/// As strict about characters as Odoo's own parser: control characters, U+FFFE and U+FFFF are refused (measured on Odoo 19).
/// See [`decode_response`] for what is accepted otherwise.
///
/// # Errors
///
/// The document is not one call of XML-RPC, or goes beyond a limit.
pub fn decode_call(document: &[u8], limits: &Limits) -> Result<Call, DecodeError> {
    call(Decoder::new(Tokens::new(document, limits, Characters::Strict)?, limits))
}

fn call(mut decoder: Decoder<'_>) -> Result<Call, DecodeError> {
    decoder.root(Tag::MethodCall)?;
    decoder.expect(Tag::MethodName)?;
    let (method, None) = decoder.text()? else { return Err(decoder.tokens.error(DecodeErrorKind::Element)) };
    let method = method.into_owned();
    let mut params = Vec::new();
    if let Some(tag) = decoder.child()? {
        decoder.require(tag == Tag::Params)?;
        while decoder.item(Tag::Param)? {
            params.push(decoder.only_value()?);
        }
        decoder.close()?;
    }
    decoder.finish()?;
    Ok(Call { method, params })
}

/// The answer a document holds: a value, or a [`Fault`].
///
/// It reads what CPython's `xmlrpc` writes and any other server with the usual extensions (`nil`, `i8` and smaller, with a prefix
/// or without): a value without a type is a string, white space inside of strings is kept, a literal CR LF is one `\n` as XML
/// says, a name that comes twice in a struct is kept twice, no `<param>` at all is [`Value::Nil`]. `inf` and `nan` are
/// read as CPython reads them, though they cannot be written again. U+FFFE and U+FFFF are read, since Odoo sends them.
/// Encodings other than UTF-8, document type declarations and their entities are refused. Nothing is read by
/// recursion, so no document can exhaust the stack.
///
/// # Errors
///
/// The document is not one answer of XML-RPC, or goes beyond a limit. What is no XML at all (an empty body, a page of
/// HTML) is [`DecodeErrorKind::NotXml`]; one that was cut is [`DecodeErrorKind::Truncated`].
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{Limits, Value, decode_response};
///
/// let document = b"<?xml version='1.0'?>
/// <methodResponse><params><param><value><int>2</int></value></param></params></methodResponse>";
/// assert_eq!(decode_response(document, &Limits::default())?.unwrap(), Value::Int(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode_response(document: &[u8], limits: &Limits) -> Result<Result<Value, Fault>, DecodeError> {
    response(Decoder::new(Tokens::new(document, limits, Characters::Noncharacters)?, limits))
}

fn response(mut decoder: Decoder<'_>) -> Result<Result<Value, Fault>, DecodeError> {
    decoder.root(Tag::MethodResponse)?;
    let answer = match decoder.child()? {
        Some(Tag::Params) => {
            let value = if decoder.item(Tag::Param)? {
                let value = decoder.only_value()?;
                decoder.close()?;
                value
            } else {
                Value::Nil
            };
            Ok(value)
        }
        Some(Tag::Fault) => {
            let start = decoder.tokens.error(DecodeErrorKind::Fault);
            Err(fault(decoder.only_value()?).ok_or(start)?)
        }
        _ => return Err(decoder.tokens.error(DecodeErrorKind::Element)),
    };
    decoder.close()?;
    decoder.finish()?;
    Ok(answer)
}

/// [`decode_call`] with the XML parser alone, without the way through the bytes.
///
/// # Errors
///
/// As [`decode_call`].
#[cfg(any(test, fuzzing))]
pub fn decode_call_by_parser(document: &[u8], limits: &Limits) -> Result<Call, DecodeError> {
    call(Decoder::new(Tokens::new(document, limits, Characters::Strict)?.by_parser(), limits))
}

/// [`decode_response`] with the XML parser alone, without the way through the bytes.
///
/// # Errors
///
/// As [`decode_response`].
#[cfg(any(test, fuzzing))]
pub fn decode_response_by_parser(
    document: &[u8],
    limits: &Limits,
) -> Result<Result<Value, Fault>, DecodeError> {
    response(Decoder::new(Tokens::new(document, limits, Characters::Noncharacters)?.by_parser(), limits))
}

/// The fault a struct describes. A server's older entry (`/xmlrpc/object`) sends words for a code: those are 1, anything else.
fn fault(value: Value) -> Option<Fault> {
    let members = value.as_struct()?;
    let code = match members.get("faultCode")? {
        Value::Int(code) => *code,
        Value::Text(code) => scalar::int(code).unwrap_or(1),
        _ => return None,
    };
    Some(Fault::new(code, members.get("faultString")?.as_text()?))
}

/// An array or struct whose end has not come yet.
enum Open {
    Array(Vec<Value>),
    /// With the name of the member whose value comes next.
    Struct(Struct, Name),
}

/// What stands inside of a `<value>`.
enum Content {
    /// A whole value, read to the end of its `<value>`.
    Whole(Value),
    /// The beginning of an array, read to before its first element.
    Array,
    /// The beginning of a struct, read to before its first member.
    Struct,
}

struct Decoder<'a> {
    tokens: Tokens<'a>,
    names: Names,
    depth: usize,
    elements: usize,
    /// How many members the last struct had: the next one mostly has as many.
    members: usize,
}

impl<'a> Decoder<'a> {
    fn new(tokens: Tokens<'a>, limits: &Limits) -> Self {
        Self {
            tokens,
            names: Names::default(),
            depth: limits.depth.min(Limits::DEEPEST),
            elements: limits.elements,
            members: 0,
        }
    }

    /// Reads the one value of an element and the element's end.
    fn only_value(&mut self) -> Result<Value, DecodeError> {
        self.expect(Tag::Value)?;
        let value = self.value()?;
        self.close()?;
        Ok(value)
    }

    /// Reads a value whose `<value>` has been read. What is open lies on a stack of its own.
    fn value(&mut self) -> Result<Value, DecodeError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let mut value = match self.content()? {
                Content::Whole(value) => value,
                Content::Array => {
                    self.require_depth(open.len())?;
                    if self.item(Tag::Value)? {
                        open.push(Open::Array(Vec::new()));
                        continue;
                    }
                    self.close_array()?;
                    Value::Array(Vec::new())
                }
                Content::Struct => {
                    self.require_depth(open.len())?;
                    if let Some(name) = self.member()? {
                        open.push(Open::Struct(Struct::with_capacity(self.members), name));
                        continue;
                    }
                    self.close()?;
                    Value::Struct(Struct::new())
                }
            };
            loop {
                match open.last_mut() {
                    None => return Ok(value),
                    Some(Open::Array(values)) => {
                        values.push(value);
                        if self.item(Tag::Value)? {
                            break;
                        }
                        self.close_array()?;
                        value = Value::Array(mem::take(values));
                    }
                    Some(Open::Struct(members, name)) => {
                        if let Some(next) = self.next_member()? {
                            members.push(mem::replace(name, next), value);
                            break;
                        }
                        members.push(name.clone(), value);
                        members.fit();
                        // No more than a foreign document may have reserved at every level.
                        self.members = members.len().min(256);
                        self.close()?;
                        value = Value::Struct(mem::take(members));
                    }
                }
                open.pop();
            }
        }
    }

    fn content(&mut self) -> Result<Content, DecodeError> {
        self.elements = self
            .elements
            .checked_sub(1)
            .ok_or_else(|| self.tokens.error(DecodeErrorKind::TooManyElements))?;
        let start = self.tokens.position();
        if let Some((tag, text)) = self.tokens.plain_value() {
            return scalar::value(tag, text)
                .map(Content::Whole)
                .map_err(|kind| self.tokens.error_at(kind, start));
        }
        if self.tokens.plain_array() {
            return Ok(Content::Array);
        }
        // Most values hold an element and so no text of their own.
        let (text, opened) = self.text_in_pieces()?;
        let Some(tag) = opened else { return Ok(Content::Whole(Value::Text(text.into_owned()))) };
        let start = self.tokens.at();
        if !scalar::is_blank(&text) {
            return Err(self.tokens.error(DecodeErrorKind::Text));
        }
        match tag {
            Tag::Array => {
                self.expect(Tag::Data)?;
                Ok(Content::Array)
            }
            Tag::Struct => Ok(Content::Struct),
            _ => {
                let (text, None) = self.text()? else {
                    return Err(self.tokens.error(DecodeErrorKind::Element));
                };
                let value = scalar::value(tag, text).map_err(|kind| self.tokens.error_at(kind, start))?;
                self.close()?;
                Ok(Content::Whole(value))
            }
        }
    }

    /// As [`member`](Self::member), behind a member whose value has been read.
    #[inline]
    fn next_member(&mut self) -> Result<Option<Name>, DecodeError> {
        let tokens = &mut self.tokens;
        if let Some(name) = self.names.follow(|name| tokens.plain_member(name)) {
            return Ok(Some(name));
        }
        self.close()?;
        self.member()
    }

    /// The name of the next member, read to behind its `<value>`; none at the end of the struct.
    fn member(&mut self) -> Result<Option<Name>, DecodeError> {
        if !self.item(Tag::Member)? {
            return Ok(None);
        }
        self.expect(Tag::Name)?;
        let (name, None) = self.text()? else { return Err(self.tokens.error(DecodeErrorKind::Element)) };
        let name = self.names.intern(&name);
        self.expect(Tag::Value)?;
        Ok(Some(name))
    }

    /// Reads text until an element begins (which is told) or the present one ends.
    #[inline]
    fn text(&mut self) -> Result<(Cow<'a, str>, Option<Tag>), DecodeError> {
        if let Some(text) = self.tokens.text_and_end() {
            return Ok((Cow::Borrowed(text), None));
        }
        self.text_in_pieces()
    }

    fn text_in_pieces(&mut self) -> Result<(Cow<'a, str>, Option<Tag>), DecodeError> {
        self.tokens.keep_blanks(true);
        let mut text = Cow::Borrowed("");
        loop {
            match self.tokens.next()? {
                Token::Open(tag) => return Ok((text, Some(tag))),
                Token::Close => return Ok((text, None)),
                Token::Text(more) if text.is_empty() => text = more,
                Token::Text(more) => text.to_mut().push_str(&more),
                Token::Char(character) => text.to_mut().push(character),
                Token::End => return Err(self.tokens.error(DecodeErrorKind::Truncated)),
            }
        }
    }

    /// The next element inside of the present one; none if it ends.
    fn child(&mut self) -> Result<Option<Tag>, DecodeError> {
        self.tokens.keep_blanks(false);
        loop {
            match self.tokens.next()? {
                Token::Open(tag) => return Ok(Some(tag)),
                Token::Close => return Ok(None),
                Token::Text(text) if scalar::is_blank(&text) => {}
                Token::Text(_) | Token::Char(_) => return Err(self.tokens.error(DecodeErrorKind::Text)),
                Token::End => return Err(self.tokens.error(DecodeErrorKind::Truncated)),
            }
        }
    }

    /// Whether another element of that kind begins before the present one ends.
    #[inline(always)]
    fn item(&mut self, tag: Tag) -> Result<bool, DecodeError> {
        if self.tokens.begins(tag) {
            return Ok(true);
        }
        match self.child()? {
            None => Ok(false),
            Some(found) => self.require(found == tag).map(|()| true),
        }
    }

    #[inline(always)]
    fn expect(&mut self, tag: Tag) -> Result<(), DecodeError> {
        if self.tokens.begins(tag) {
            return Ok(());
        }
        let found = self.child()?;
        self.require(found == Some(tag))
    }

    #[inline]
    fn close(&mut self) -> Result<(), DecodeError> {
        if self.tokens.ends() {
            return Ok(());
        }
        let found = self.child()?;
        self.require(found.is_none())
    }

    /// The ends of `<array>` and its `<value>`.
    fn close_array(&mut self) -> Result<(), DecodeError> {
        self.close()?;
        self.close()
    }

    fn require(&self, stands_here: bool) -> Result<(), DecodeError> {
        if stands_here { Ok(()) } else { Err(self.tokens.error(DecodeErrorKind::Element)) }
    }

    fn require_depth(&self, open: usize) -> Result<(), DecodeError> {
        if open < self.depth { Ok(()) } else { Err(self.tokens.error(DecodeErrorKind::TooDeep)) }
    }

    fn root(&mut self, tag: Tag) -> Result<(), DecodeError> {
        match self.child()? {
            Some(Tag::Html) => Err(self.tokens.error(DecodeErrorKind::NotXml)),
            found => self.require(found == Some(tag)),
        }
    }

    fn finish(&mut self) -> Result<(), DecodeError> {
        loop {
            match self.tokens.next()? {
                Token::End => return Ok(()),
                Token::Text(text) if scalar::is_blank(&text) => {}
                Token::Text(_) | Token::Char(_) => return Err(self.tokens.error(DecodeErrorKind::Text)),
                Token::Open(_) | Token::Close => return Err(self.tokens.error(DecodeErrorKind::Element)),
            }
        }
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;

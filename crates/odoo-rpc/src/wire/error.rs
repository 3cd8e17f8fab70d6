//! What is said when a document cannot be written or read. Never any of its content.

use std::fmt;

/// Why a document could not be read, and where.
///
/// Only the kind and the byte are told: a document's content is patients.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not readable: {kind} (at byte {position})")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    position: usize,
}

impl DecodeError {
    pub(crate) fn new(kind: DecodeErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// The byte of the document where it was seen, counted from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

/// What can be wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Nothing, or something else altogether: a page of HTML from a proxy, JSON, plain text.
    NotXml,
    /// The same where JSON was expected.
    NotJson,
    /// The document ends before it is complete.
    Truncated,
    /// The document is longer than [`Limits::bytes`](crate::wire::Limits::bytes).
    TooLarge,
    /// Arrays and structs lie deeper inside of each other than [`Limits::depth`](crate::wire::Limits::depth).
    TooDeep,
    /// More values than [`Limits::elements`](crate::wire::Limits::elements).
    TooManyElements,
    /// Not UTF-8, or another encoding is declared.
    Encoding,
    /// A character no XML document may hold, literal or as a reference.
    Character,
    /// A document type declaration: XML-RPC has none, and entities could be declared in it.
    Doctype,
    /// A reference to an entity other than the five of XML.
    Entity,
    /// Not well-formed XML.
    Malformed,
    /// Not well-formed JSON.
    MalformedJson,
    /// Well-formed, but this element cannot stand here, or another one is missing.
    Element,
    /// Text where only elements can stand.
    Text,
    /// A `<boolean>` other than `0` and `1`.
    Boolean,
    /// An integer that is none, or beyond 64 bits.
    Integer,
    /// A `<double>` that is no number.
    Double,
    /// A `<base64>` that is not base64.
    Base64,
    /// A `<fault>` that is not a struct of `faultCode` and `faultString`.
    Fault,
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotXml => "this is no XML at all; check the address, and what a proxy in between answers",
            Self::NotJson => "this is no JSON at all; check the address, and what a proxy in between answers",
            Self::Truncated => "the document ends too early; the connection may have been cut",
            Self::TooLarge => "the document is longer than allowed; ask for fewer records at a time, or raise the limit",
            Self::TooDeep => "the values are nested deeper than allowed",
            Self::TooManyElements => {
                "the document holds more values than allowed; ask for fewer records at a time, or raise the limit"
            }
            Self::Encoding => "the document is not in UTF-8, or declares another encoding",
            Self::Character => "a character that XML does not allow",
            Self::Doctype => "a document type declaration, which is refused",
            Self::Entity => "a reference to an unknown entity",
            Self::Malformed => "the XML is not well-formed",
            Self::MalformedJson => "the JSON is not well-formed",
            Self::Element => "an element that cannot stand here, or the end of one that lacks its content",
            Self::Text => "text where only an element can stand",
            Self::Boolean => "a boolean other than 0 and 1",
            Self::Integer => "an integer that is none, or that does not fit into 64 bits",
            Self::Double => "a double that is no number",
            Self::Base64 => "a base64 value that is not base64",
            Self::Fault => "a fault without a readable faultCode and faultString",
        })
    }
}

/// Why a value could not be written, and which.
///
/// The path names arguments, elements and members, never their content: `params[5][0][3].name`.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{Struct, Value, encode_call};
///
/// let values = Value::from(vec![Value::from(Struct::new().with("name", "As\u{1}ha"))]);
/// let error = encode_call("create", &[values]).unwrap_err();
/// assert_eq!(error.path(), "params[0][0].name");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct EncodeError {
    kind: EncodeErrorKind,
    path: String,
}

impl EncodeError {
    pub(crate) fn new(kind: EncodeErrorKind, path: String) -> Self {
        Self { kind, path }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> EncodeErrorKind {
        self.kind
    }

    /// Which value. A member whose name is unusual is told by its number: `params[0].#2` is the third.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// What can be wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// A text or a name holds a character XML 1.0 cannot carry, not even as a reference: a control character, U+FFFE, U+FFFF.
    Character,
    /// A double that is infinite or not a number.
    Double,
    /// A moment that is none, or has a fraction or a zone, where it has to be written as Odoo's fields want it.
    DateTime,
    /// A file, in a document that is to lie in memory whole.
    File,
}

impl fmt::Display for EncodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Character => {
                "the text holds a character that cannot be sent (a control character, U+FFFE or U+FFFF); take it out or replace it"
            }
            Self::Double => "the number is infinite or not a number, which cannot be sent; leave the value out",
            Self::DateTime => "the moment cannot be written as YYYY-MM-DD HH:MM:SS; send it as such a text",
            Self::File => "a file is read only while a call leaves, and this document is to lie in memory whole",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_reading_tells_the_kind_and_the_byte() {
        let error = DecodeError::new(DecodeErrorKind::Boolean, 17);
        assert_eq!(error.to_string(), "not readable: a boolean other than 0 and 1 (at byte 17)");
    }

    #[test]
    fn an_error_of_writing_tells_the_path_and_what_to_do() {
        let error = EncodeError::new(EncodeErrorKind::Double, "params[1].age".into());
        assert!(error.to_string().starts_with("params[1].age: the number is infinite"));
    }
}

//! What a document is made of: the elements of XML-RPC, however they are spelled, and the text in them.

use std::borrow::Cow;

/// One step through a document. Comments and processing instructions are none.
#[derive(Debug)]
pub(crate) enum Token<'a> {
    /// An element begins.
    Open(Tag),
    /// The element that began last ends.
    Close,
    /// Literal text, line ends made `\n`.
    Text(Cow<'a, str>),
    /// What a reference stands for.
    Char(char),
    /// The document is over.
    End,
}

/// The elements of XML-RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    MethodCall,
    MethodName,
    MethodResponse,
    Params,
    Param,
    Fault,
    Value,
    Array,
    Data,
    Struct,
    Member,
    Name,
    Nil,
    Boolean,
    Int,
    Double,
    Text,
    DateTime,
    Base64,
    Html,
    Other,
}

impl Tag {
    /// The element of that name, in any of its spellings.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "value" => Self::Value,
            "string" => Self::Text,
            "int" | "i4" | "i8" | "i1" | "i2" => Self::Int,
            "member" => Self::Member,
            "name" => Self::Name,
            "boolean" => Self::Boolean,
            "array" => Self::Array,
            "data" => Self::Data,
            "struct" => Self::Struct,
            "double" => Self::Double,
            "nil" => Self::Nil,
            "dateTime.iso8601" => Self::DateTime,
            "base64" => Self::Base64,
            "methodCall" => Self::MethodCall,
            "methodName" => Self::MethodName,
            "methodResponse" => Self::MethodResponse,
            "params" => Self::Params,
            "param" => Self::Param,
            "fault" => Self::Fault,
            // The extensions come with a prefix, mostly `ex:`; CPython reads any.
            _ => match name.split_once(':') {
                Some((_, "nil")) => Self::Nil,
                Some((_, "i1" | "i2" | "i4" | "i8")) => Self::Int,
                None if name.eq_ignore_ascii_case("html") => Self::Html,
                _ => Self::Other,
            },
        }
    }
}

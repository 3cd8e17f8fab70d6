//! XML-RPC and JSON-2 as bytes: values, and the documents they travel in. No IO.

mod chars;
mod decode;
mod document;
mod encode;
mod error;
mod fault;
pub(crate) mod file;
mod foreign;
mod json;
mod limits;
mod path;
mod plain;
mod scalar;
mod spelled;
mod tag;
mod tokens;
mod value;
mod words;

#[cfg(test)]
mod both_ways;

pub use decode::{Call, decode_call, decode_response};
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use decode::{decode_call_by_parser, decode_response_by_parser};
pub use document::{Document, Piece};
pub use encode::{encode_call, encode_call_document, encode_fault, encode_response};
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use fault::Fault;
pub use file::File;
pub use json::{decode_json, encode_json, encode_json_document};
pub use limits::Limits;
pub use value::{Name, Struct, Value};

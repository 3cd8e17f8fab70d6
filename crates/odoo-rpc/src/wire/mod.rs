//! XML-RPC and JSON-2 as bytes: values, and the documents they travel in. No IO.

mod chars;
mod decode;
mod encode;
mod error;
mod fault;
mod foreign;
mod json;
mod limits;
mod path;
mod plain;
mod scalar;
mod tag;
mod tokens;
mod value;

#[cfg(test)]
mod both_ways;

pub use decode::{Call, decode_call, decode_response};
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use decode::{decode_call_by_parser, decode_response_by_parser};
pub use encode::{encode_call, encode_fault, encode_response};
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use fault::Fault;
pub use json::{decode_json, encode_json};
pub use limits::Limits;
pub use value::{Name, Struct, Value};

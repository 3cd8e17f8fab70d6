//! JSON as bytes: the values of JSON-2. No IO.

mod constants;
mod read;
mod time;
mod write;

pub use read::decode_json;
pub use write::{encode_json, encode_json_document};

//! Values out of records that were read.

use crate::wire::{Struct, Value};

/// A text; an empty one where there is none.
pub(crate) fn text<'a>(record: &'a Struct, field: &str) -> &'a str {
    record.get(field).and_then(Value::as_text).unwrap_or_default()
}

/// The id of a link, which is read as its id and its name, or as its id alone; none where it is empty.
pub(crate) fn link(record: &Struct, field: &str) -> Option<i64> {
    match record.get(field)? {
        Value::Int(id) => Some(*id),
        Value::Array(pair) => pair.first().and_then(Value::as_int),
        _ => None,
    }
}

//! Values out of the server's records.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::client::record::text;
use crate::error::{Error, Result};
use crate::wire::{Struct, Value};

/// The record's own id.
pub(crate) fn id(record: &Struct) -> Result<i64> {
    record.get("id").and_then(Value::as_int).ok_or_else(|| Error::protocol("read", "a record has no id"))
}

pub(crate) fn links(record: &Struct, field: &str) -> Vec<i64> {
    let values = record.get(field).and_then(Value::as_array).unwrap_or_default();
    values.iter().filter_map(Value::as_int).collect()
}

/// A day. Odoo 19 writes the first of all days as `1-01-01`: no day.
pub(crate) fn day(record: &Struct, field: &str) -> Option<Date> {
    text(record, field).parse().ok()
}

/// An amount, which travels as a double, with the digits of its currency.
pub(crate) fn amount(record: &Struct, field: &str, digits: u32) -> Option<Decimal> {
    let exact = match record.get(field)? {
        Value::Double(number) => Decimal::from_f64(*number)?,
        Value::Int(number) => Decimal::from(*number),
        _ => return None,
    };
    Some(exact.round_dp(digits))
}

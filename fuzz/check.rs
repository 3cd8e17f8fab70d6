//! What has to hold for every document. The fuzz targets and the tests share it.

use odoo_rpc::wire::{
    Limits, Value, decode_call, decode_json, decode_response, encode_call, encode_fault, encode_json,
    encode_response,
};
#[cfg(fuzzing)]
use odoo_rpc::wire::{decode_call_by_parser, decode_response_by_parser};

/// Reads an answer. What can be read can be written, and then means the same.
pub(crate) fn check_response(document: &[u8]) {
    let limits = Limits::default();
    #[cfg(fuzzing)]
    match (decode_response(document, &limits), decode_response_by_parser(document, &limits)) {
        (Ok(Ok(value)), Ok(Ok(same))) => assert!(value == same || holds_nan(&value), "two ways, two values"),
        (answer, same) => assert!(answer == same, "two ways, two answers"),
    }
    match decode_response(document, &limits) {
        Err(error) => assert!(error.position() <= document.len(), "{error}"),
        Ok(Ok(value)) => match encode_response(&value) {
            Ok(bytes) => assert!(decode_response(&bytes, &limits) == Ok(Ok(value)), "the value changed"),
            Err(error) => assert!(holds_what_cannot_be_written(&value), "{error}"),
        },
        Ok(Err(fault)) => {
            let again = decode_response(&encode_fault(&fault), &limits);
            let text = fault.text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
            assert!(
                matches!(again, Ok(Err(same)) if same.code == fault.code && same.text == text),
                "the fault changed"
            );
        }
    }
}

/// Reads a call. What can be read can be written, and then means the same.
pub(crate) fn check_call(document: &[u8]) {
    let limits = Limits::default();
    #[cfg(fuzzing)]
    match (decode_call(document, &limits), decode_call_by_parser(document, &limits)) {
        (Ok(call), Ok(same)) => {
            assert!(call == same || call.params.iter().any(holds_nan), "two ways, two calls");
        }
        (call, same) => assert!(call == same, "two ways, two calls"),
    }
    match decode_call(document, &limits) {
        Err(error) => assert!(error.position() <= document.len(), "{error}"),
        Ok(call) => match encode_call(&call.method, &call.params) {
            Ok(bytes) => assert!(decode_call(&bytes, &limits) == Ok(call), "the call changed"),
            Err(error) => assert!(call.params.iter().any(holds_what_cannot_be_written), "{error}"),
        },
    }
}

/// Reads JSON. What can be read can be written, and then means the same.
pub(crate) fn check_json(document: &[u8]) {
    let limits = Limits::default();
    match decode_json(document, &limits) {
        Err(error) => assert!(error.position() <= document.len(), "{error}"),
        Ok(value) => match encode_json(&value) {
            Ok(bytes) => assert!(decode_json(&bytes, &limits) == Ok(value), "the value changed"),
            Err(error) => assert!(holds_what_json_does_not_write(&value), "{error}"),
        },
    }
}

/// Such a value is not even equal to itself.
#[cfg(fuzzing)]
#[allow(clippy::eq_op, reason = "it is the question")]
fn holds_nan(value: &Value) -> bool {
    value != value
}

/// Two things are read and cannot be written: numbers that are none, and the characters Odoo sends against the rules of XML.
fn holds_what_cannot_be_written(value: &Value) -> bool {
    let noncharacter = |text: &str| text.contains(['\u{fffe}', '\u{ffff}']);
    match value {
        Value::Double(number) => !number.is_finite(),
        Value::Text(text) | Value::DateTime(text) => noncharacter(text),
        Value::Array(values) => values.iter().any(holds_what_cannot_be_written),
        Value::Struct(members) => {
            members.iter().any(|(name, value)| noncharacter(name) || holds_what_cannot_be_written(value))
        }
        _ => false,
    }
}

/// The same two, and the control characters that JSON can hold.
fn holds_what_json_does_not_write(value: &Value) -> bool {
    let control = |text: &str| {
        text.contains(|c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\x7f'))
    };
    let any = |value: &Value| holds_what_json_does_not_write(value);
    holds_what_cannot_be_written(value)
        || match value {
            Value::Text(text) => control(text),
            Value::Array(values) => values.iter().any(any),
            Value::Struct(members) => members.iter().any(|(name, value)| control(name) || any(value)),
            _ => false,
        }
}

//! Values as JSON-RPC and JSON-2 have them. What XML cannot carry goes through here too, as on the real server.

use serde_json::{Value as Json, json};

use crate::wire::{Name, Struct, Value};

pub(super) fn json_of(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::Double(number) => json!(number),
        Value::Text(text) | Value::DateTime(text) => json!(text),
        Value::Array(values) => Json::Array(values.iter().map(json_of).collect()),
        Value::Struct(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.to_owned(), json_of(value))).collect())
        }
        // No answer holds bytes: they are base64 texts.
        _ => Json::Null,
    }
}

/// A value as Python writes it: control characters escaped, and a number that is none as a bare word (measured on 19).
pub(super) fn written(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Double(number) if number.is_nan() => out.extend(b"NaN"),
        Value::Double(number) if number.is_infinite() => {
            out.extend(if *number > 0.0 { b"Infinity".as_slice() } else { b"-Infinity" });
        }
        Value::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(value, out);
            }
            out.push(b']');
        }
        Value::Struct(members) => {
            out.push(b'{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend(json!(name).to_string().into_bytes());
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
        plain => out.extend(json_of(plain).to_string().into_bytes()),
    }
}

pub(super) fn value_of(json: Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::Double(number),
            (None, None) => Value::Nil,
        },
        Json::String(text) => Value::Text(text),
        Json::Array(values) => Value::Array(values.into_iter().map(value_of).collect()),
        Json::Object(members) => {
            let mut found = Struct::with_capacity(members.len());
            for (name, value) in members {
                found.push(Name::from(name.as_str()), value_of(value));
            }
            Value::Struct(found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Limits, decode_json};

    #[test]
    fn what_xml_cannot_carry_is_written_and_read_again() {
        let value = Value::from(vec![
            Struct::new().with("no\u{1}te", "a\u{1}\"b").with("many", vec![Value::Int(1), Value::Nil]).into(),
            Value::Double(f64::INFINITY),
            Value::Double(1.0),
        ]);
        let text = String::from_utf8(written(&value)).unwrap();
        assert_eq!(text, r#"[{"no\u0001te":"a\u0001\"b","many":[1,null]},Infinity,1.0]"#);
        assert!(written(&Value::Double(f64::NAN)) == b"NaN");
        let told = Value::from("a\u{1}b");
        assert_eq!(decode_json(&written(&told), &Limits::default()), Ok(told));
    }
}

//! Values as JSON-RPC has them. What XML cannot carry goes through here too, as on the real server.

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

//! What a case keeps of its answers, and how answers are written down.

use std::collections::HashMap;

use odoo_rpc::wire::{Fault, Value};
use serde_json::Value as Json;

use crate::Answer;

/// The answers kept so far, and the names their ids are shown by.
#[derive(Default)]
pub(crate) struct Known {
    values: HashMap<String, Value>,
    labels: HashMap<(String, i64), String>,
    /// The model whose ids are shown by their names.
    pub(crate) model: String,
}

impl Known {
    pub(crate) fn keep(&mut self, model: &str, name: &str, value: &Value) {
        let key = |id: i64| (model.to_owned(), id);
        match value {
            Value::Int(id) => {
                self.labels.insert(key(*id), format!("#{name}"));
            }
            Value::Struct(members) => {
                if let Some(ids) = members.get("ids") {
                    self.keep(model, name, &ids.clone());
                }
            }
            Value::Array(ids) => {
                for (place, id) in ids.iter().filter_map(Value::as_int).enumerate() {
                    self.labels.insert(key(id), format!("#{name}.{place}"));
                }
            }
            _ => {}
        }
        self.values.insert(name.to_owned(), value.clone());
    }

    /// The first name that nothing was kept under: what should have made it was refused.
    pub(crate) fn missing(&self, said: &str, user: Option<&str>) -> Option<String> {
        let mut names =
            said.split("\"$").skip(1).filter_map(|rest| rest.split(['"', '.']).next()).chain(user);
        names.find(|name| !name.starts_with("time:") && !self.values.contains_key(*name)).map(str::to_owned)
    }

    /// `$a` is what was kept as `a`, `$a.0` its first element, `$a.0.res_id` that element's member.
    pub(crate) fn find(&self, path: &str) -> Value {
        let mut parts = path.split('.');
        let mut value =
            self.values.get(parts.next().unwrap()).unwrap_or_else(|| panic!("${path} is not known")).clone();
        for part in parts {
            value = match (&value, part.parse::<usize>()) {
                (Value::Array(values), Ok(place)) => values.get(place).cloned().unwrap_or_default(),
                (Value::Struct(members), _) => members.get(part).cloned().unwrap_or_default(),
                _ => Value::Nil,
            };
        }
        value
    }

    pub(crate) fn value(&self, json: &Json) -> Value {
        match json {
            Json::Null => Value::Nil,
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Value::Double(number.as_f64().unwrap()), Value::Int)
            }
            Json::String(text) => match text.strip_prefix('$') {
                Some(path) => match path.strip_prefix("time:") {
                    Some(time) => Value::DateTime(time.to_owned()),
                    None => self.find(path),
                },
                None => Value::from(text.as_str()),
            },
            Json::Array(values) => Value::Array(values.iter().map(|value| self.value(value)).collect()),
            Json::Object(members) => Value::Struct(
                members.iter().map(|(name, value)| (name.as_str(), self.value(value))).collect(),
            ),
        }
    }

    pub(crate) fn show(&self, method: &str, answer: &Answer) -> String {
        match answer {
            Ok(value) => {
                let ids = matches!(method, "create" | "search" | "action_feedback" | "message_post" | "copy");
                self.show_value(value, ids)
            }
            Err(fault) => format!("fault {}: {}", fault.code, no_digits(&telling(fault))),
        }
    }

    fn id(&self, id: i64) -> String {
        self.labels
            .get(&(self.model.clone(), id))
            .cloned()
            .unwrap_or_else(|| if id == 0 { "0".to_owned() } else { "#?".to_owned() })
    }

    fn show_value(&self, value: &Value, is_id: bool) -> String {
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(id) if is_id => self.id(*id),
            Value::Int(number) => number.to_string(),
            Value::Double(number) => format!("{number:?}"),
            Value::Text(text) if is_today(text) => "<today>".to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::DateTime(text) => format!("time {text:?}"),
            Value::Base64(bytes) => format!("{} bytes", bytes.len()),
            Value::Array(values) => {
                let pair = matches!(values.as_slice(), [Value::Int(_), Value::Text(_) | Value::Bool(_)]);
                let shown: Vec<String> =
                    values.iter().map(|value| self.show_value(value, is_id || pair)).collect();
                format!("[{}]", shown.join(", "))
            }
            Value::Struct(members) => {
                let mut shown: Vec<String> =
                    members.iter().map(|(name, value)| self.show_member(name, value)).collect();
                shown.sort();
                format!("{{{}}}", shown.join(", "))
            }
            _ => panic!("an unknown kind of value"),
        }
    }

    fn show_member(&self, name: &str, value: &Value) -> String {
        let time = matches!(name, "create_date" | "write_date" | "__last_update" | "message_id");
        if time && value.as_text().is_some() {
            return format!("{name}: <text>");
        }
        if name.ends_with("_domain") {
            return format!("{name}: {}", no_digits(&self.show_value(value, false)));
        }
        if let (true, Some(text)) = (name == "reference", value.as_text()) {
            return format!("{name}: {}", no_digits(text));
        }
        let is_id = matches!(name, "id" | "ids")
            || ["_id", "_ids", "_many", "_one"].iter().any(|end| name.ends_with(end));
        format!("{name}: {}", self.show_value(value, is_id))
    }
}

fn is_today(text: &str) -> bool {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    text == today || (text.len() == 19 && text.starts_with(&today))
}

/// The message of a fault: of a traceback the line that names the exception.
fn telling(fault: &Fault) -> String {
    if fault.code != 1 {
        return fault.text.clone();
    }
    let names_exception = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !name.contains(' ') && (name.ends_with("Error") || name.starts_with("psycopg2.errors."))
    };
    let line = fault.text.lines().rev().find(names_exception);
    line.unwrap_or("no exception").to_owned()
}

fn no_digits(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        match letter {
            '\n' => shown.push('⏎'),
            letter if letter.is_ascii_digit() => {
                if !shown.ends_with('#') {
                    shown.push('#');
                }
            }
            letter => shown.push(letter),
        }
    }
    shown
}

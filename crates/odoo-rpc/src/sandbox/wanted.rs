//! What a domain asks for, in the shape the rows hold.

use std::collections::HashSet;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, sql, value_error};
use crate::sandbox::python;
use crate::sandbox::registry::Field;
use crate::sandbox::spec::Kind;
use crate::sandbox::store::Key;
use crate::sandbox::version::Like;
use crate::wire::Value;

impl Env<'_> {
    /// The values asked for, and whether NULL is among them. Odoo 19 takes an empty value for NULL, 14 does not.
    pub(super) fn wanted(
        &self,
        field: &Field,
        operator: &str,
        value: &Value,
    ) -> Outcome<(HashSet<Key>, bool)> {
        let listed = operator.ends_with("in");
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value if listed && !self.is_19() => {
                let parts = [Value::from(field.name.as_str()), Value::from(operator), value.clone()];
                return Err(value_error(format!("Invalid domain term {}", python::tuple(&parts))));
            }
            value => std::slice::from_ref(value),
        };
        let empty = self.is_19().then(|| empty_as(field.kind)).flatten();
        let (mut keys, mut null) = (HashSet::with_capacity(values.len()), false);
        for value in values {
            let unset = value.is_unset() || (!self.is_19() && listed && *value == Value::Int(0));
            let boolean = field.kind == Kind::Boolean;
            if unset && !boolean {
                null = true;
                keys.extend(empty.as_ref().and_then(Key::of));
                continue;
            }
            let value = self.coerce(field, value)?;
            null |= empty.as_ref() == Some(&value) || (boolean && value == Value::Bool(false));
            keys.extend(Key::of(&value));
        }
        Ok((keys, null))
    }

    /// A wanted value in the shape the rows hold.
    pub(super) fn coerce(&self, field: &Field, value: &Value) -> Outcome<Value> {
        Ok(match field.kind {
            Kind::Boolean => Value::Bool(python::truth(value)),
            Kind::Integer | Kind::Reference => Value::Int(crate::sandbox::values::integer(value)?),
            Kind::Float | Kind::Monetary => Value::Double(crate::sandbox::values::float(value)?),
            Kind::Many2one | Kind::Many2many | Kind::One2many => value.clone(),
            Kind::Date => Value::Text(python::text(value).chars().take(10).collect()),
            Kind::Datetime => {
                let text = python::text(value).replace('T', " ");
                if !text.starts_with(|letter: char| letter.is_ascii_digit()) {
                    return Err(match self.like() {
                        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => sql(
                            "InvalidDatetimeFormat",
                            &format!("invalid input syntax for type timestamp: \"{text}\""),
                        ),
                        Like::Odoo19 => {
                            value_error(format!("Invalid term '{text}' in expression date: '{text}'"))
                        }
                    });
                }
                Value::Text(if text.len() == 10 { format!("{text} 00:00:00") } else { text })
            }
            _ => Value::Text(python::text(value)),
        })
    }
}

/// What NULL counts as in a comparison, on Odoo 19.
pub(super) fn empty_as(kind: Kind) -> Option<Value> {
    match kind {
        Kind::Char | Kind::Text | Kind::Html | Kind::Selection => Some(Value::from("")),
        Kind::Integer => Some(Value::Int(0)),
        Kind::Float | Kind::Monetary => Some(Value::Double(0.0)),
        _ => None,
    }
}

//! What a value becomes on its way into a field: the silent coercions and the refusals, as measured.

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, sql, traceback, type_error, value_error, wrong_value};
use crate::sandbox::html;
use crate::sandbox::python;
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::Kind;
use crate::sandbox::version::Like;
use crate::wire::{Fault, Value};

/// What Python says of the 30th of February.
const NO_SUCH_DAY: &str = "day is out of range for month";

impl Env<'_> {
    /// What a row holds of a value, `None` for NULL. To-many fields are not stored by this.
    pub(super) fn stored(&self, model: &Model, field: &Field, value: &Value) -> Outcome<Option<Value>> {
        let unset = value.is_unset();
        Ok(match field.kind {
            Kind::Boolean => Some(Value::Bool(python::truth(value))),
            Kind::Integer | Kind::Reference => {
                let number = integer(value).map_err(|fault| self.in_words(fault))?;
                if i32::try_from(number).is_err() {
                    return Err(traceback(
                        "psycopg2.errors.NumericValueOutOfRange",
                        "integer out of range\n",
                    ));
                }
                Some(Value::Int(number))
            }
            Kind::Float | Kind::Monetary => {
                let number = float(value).map_err(|fault| self.in_words(fault))?;
                // Shipped fields are rounded to their digits, which fails; custom ones have none.
                if number.is_nan() && !field.custom {
                    return Err(value_error("cannot convert float NaN to integer"));
                }
                Some(Value::Double(number))
            }
            _ if unset => None,
            Kind::Char => Some(Value::Text(cut(python::text(value), field.size))),
            Kind::Text => Some(Value::Text(python::text(value))),
            Kind::Html => Some(Value::Text(self.html(value))),
            Kind::Date => self.date(value)?.map(Value::Text),
            Kind::Datetime => self.datetime(value)?.map(Value::Text),
            Kind::Selection => self.choice(model, field, value)?,
            Kind::Many2one => self.many2one(field, value)?,
            Kind::Binary => binary(value)?,
            Kind::One2many | Kind::Many2many => None,
        })
    }

    fn html(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => html::sanitize(text),
            _ if self.is_19() => "<p>Unknown error when sanitizing</p>".to_owned(),
            value => html::sanitize(&python::text(value)),
        }
    }

    /// The Python that Odoo 14 runs on says some things otherwise.
    fn in_words(&self, fault: Fault) -> Fault {
        match self.like() {
            Like::Odoo14 => Fault::new(fault.code, fault.text.replace("a real number", "a number")),
            _ => fault,
        }
    }

    /// A refusal of a new record's value: on 14 PostgreSQL reads the dates that Python lets through.
    pub(super) fn refused_at_create(&self, field: &Field, value: &Value, fault: Fault) -> Fault {
        if self.at_least(16) || field.kind != Kind::Date {
            return fault;
        }
        match value {
            Value::Text(text) if fault.text.trim_end().ends_with(NO_SUCH_DAY) => {
                sql("DatetimeFieldOverflow", &format!("date/time field value out of range: \"{text}\""))
            }
            Value::Int(_) | Value::Bool(_) | Value::Double(_) => {
                let text = python::text(value);
                sql("InvalidDatetimeFormat", &format!("invalid input syntax for type date: \"{text}\""))
            }
            _ => fault,
        }
    }

    pub(super) fn date(&self, value: &Value) -> Outcome<Option<String>> {
        match value {
            value if !python::truth(value) => Ok(None),
            Value::Text(text) => {
                let text: String = text.chars().take(10).collect();
                let [year, month, day, ..] = strptime(&text, "%Y-%m-%d")?;
                Ok(Some(format!("{year:04}-{month:02}-{day:02}")))
            }
            Value::DateTime(text) if self.is_19() => {
                let [year, month, day, ..] = strptime(text, "%Y%m%dT%H:%M:%S")?;
                Ok(Some(format!("{year:04}-{month:02}-{day:02}")))
            }
            value => Err(type_error(format!("'{}' object is not subscriptable", type_name(value)))),
        }
    }

    pub(super) fn datetime(&self, value: &Value) -> Outcome<Option<String>> {
        const FORMAT: &str = "%Y-%m-%d %H:%M:%S";
        let parts = match value {
            value if !python::truth(value) => return Ok(None),
            Value::Text(text) => {
                let length = text.chars().count().saturating_sub(2).min(FORMAT.len());
                strptime(text, FORMAT.get(..length).unwrap_or(FORMAT))?
            }
            Value::DateTime(text) if self.is_19() => strptime(text, "%Y%m%dT%H:%M:%S")?,
            value => {
                return Err(type_error(format!("object of type '{}' has no len()", type_name(value))));
            }
        };
        let [year, month, day, hour, minute, second] = parts;
        Ok(Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")))
    }

    fn choice(&self, model: &Model, field: &Field, value: &Value) -> Outcome<Option<Value>> {
        let (model, name) = (model.name.as_str(), field.name.as_str());
        match value {
            Value::Text(text) if text.is_empty() => Ok(None),
            Value::Text(text) if field.choices.iter().any(|(known, _)| known == text) => {
                Ok(Some(value.clone()))
            }
            // Odoo 19 takes any language, installed or not.
            Value::Text(_) if name == "lang" && self.is_19() => Ok(Some(value.clone())),
            Value::Array(_) if self.is_19() => Err(type_error("unhashable type: 'list'")),
            value => Err(wrong_value(model, name, &python::repr(value))),
        }
    }

    fn many2one(&self, field: &Field, value: &Value) -> Outcome<Option<Value>> {
        match value {
            Value::Int(0) if self.is_19() => Ok(None),
            Value::Int(id) => Ok(Some(Value::Int(*id))),
            Value::Text(text) if !self.is_19() => Err(sql(
                "InvalidTextRepresentation",
                &format!("invalid input syntax for type integer: \"{text}\""),
            )),
            // Anything else is taken in silence, and nothing is stored.
            _ => {
                let _ = field;
                Ok(None)
            }
        }
    }
}

/// `int(value or 0)`.
pub(super) fn integer(value: &Value) -> Outcome<i64> {
    match value {
        value if !python::truth(value) => Ok(0),
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        #[expect(clippy::cast_possible_truncation, reason = "int() cuts; what is too big is refused later")]
        Value::Double(number) => Ok(number.trunc() as i64),
        Value::Text(text) => text.trim().parse().map_err(|_| {
            value_error(format!("invalid literal for int() with base 10: {}", python::repr(value)))
        }),
        value => Err(type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            type_name(value)
        ))),
    }
}

/// `float(value or 0.0)`.
pub(super) fn float(value: &Value) -> Outcome<f64> {
    match value {
        value if !python::truth(value) => Ok(0.0),
        Value::Int(number) => Ok(*number as f64),
        Value::Bool(truth) => Ok(f64::from(u8::from(*truth))),
        Value::Double(number) => Ok(*number),
        Value::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| value_error(format!("could not convert string to float: {}", python::repr(value)))),
        value => Err(type_error(format!(
            "float() argument must be a string or a real number, not '{}'",
            type_name(value)
        ))),
    }
}

fn binary(value: &Value) -> Outcome<Option<Value>> {
    match value {
        Value::Text(text) if text.is_empty() => Ok(None),
        Value::Text(_) => Ok(Some(value.clone())),
        value => Err(type_error(format!(
            "argument should be a bytes-like object or ASCII string, not '{}'",
            type_name(value)
        ))),
    }
}

fn cut(text: String, size: usize) -> String {
    if size == 0 { text } else { text.chars().take(size).collect() }
}

pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Nil => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Double(_) => "float",
        Value::Text(_) => "str",
        Value::DateTime(_) => "DateTime",
        Value::Base64(_) | Value::File(_) => "Binary",
        Value::Array(_) => "list",
        Value::Struct(_) => "dict",
    }
}

/// Python's `strptime` for the numbers of a date and a time.
fn strptime(text: &str, format: &str) -> Outcome<[u32; 6]> {
    let mismatch = || {
        let (text, format) = (python::repr(&Value::from(text)), python::repr(&Value::from(format)));
        value_error(format!("time data {text} does not match format {format}"))
    };
    let mut parts = [0, 1, 1, 0, 0, 0];
    let mut rest = text;
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            rest = rest.strip_prefix(letter).ok_or_else(mismatch)?;
            continue;
        }
        let (place, most, range) = match letters.next() {
            Some('Y') => (0, 4, 1..=9999),
            Some('m') => (1, 2, 1..=12),
            Some('d') => (2, 2, 1..=31),
            Some('H') => (3, 2, 0..=23),
            Some('M') => (4, 2, 0..=59),
            Some('S') => (5, 2, 0..=61),
            _ => return Err(mismatch()),
        };
        let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = rest.get(..digits).and_then(|digits| digits.parse().ok()).ok_or_else(mismatch)?;
        if !range.contains(&number) || (place == 0 && digits != 4) {
            return Err(mismatch());
        }
        parts[place] = number;
        rest = rest.get(digits..).unwrap_or_default();
    }
    if !rest.is_empty() {
        return Err(value_error(format!("unconverted data remains: {rest}")));
    }
    if parts[2] > days_of(parts[0], parts[1]) {
        return Err(value_error(NO_SUCH_DAY));
    }
    Ok(parts)
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_strptime_reads_it() {
        assert_eq!(strptime("2024-1-5", "%Y-%m-%d").unwrap(), [2024, 1, 5, 0, 0, 0]);
        assert_eq!(strptime("2024-02-29 10:20:30", "%Y-%m-%d %H:%M:%S").unwrap(), [2024, 2, 29, 10, 20, 30]);
        let cases = [
            ("2024-02-30", "%Y-%m-%d", "day is out of range for month"),
            ("31/01/2024", "%Y-%m-%d", "time data '31/01/2024' does not match format '%Y-%m-%d'"),
            ("2024-01-31Z", "%Y-%m-%d", "unconverted data remains: Z"),
        ];
        for (text, format, expected) in cases {
            assert!(strptime(text, format).unwrap_err().text.contains(expected), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        assert_eq!(integer(&Value::from("7")).unwrap(), 7);
        assert_eq!(integer(&Value::from(3.7)).unwrap(), 3);
        assert_eq!(integer(&Value::from("")).unwrap(), 0);
        assert!(integer(&Value::from("x")).is_err());
        assert_eq!(float(&Value::from("1e3")).unwrap(), 1000.0);
        assert!(float(&Value::from("1,5")).is_err());
    }
}

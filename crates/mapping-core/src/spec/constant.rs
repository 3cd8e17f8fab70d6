//! Values that stand in a mapping itself, as TOML writes them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::value::Datetime;

use crate::value::Value;

/// A [`Value`] in TOML's own words: `true`, `3`, `12.5`, `"text"`, `2024-01-05`, `[1, 2]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constant(pub(crate) Value);

impl Serialize for Constant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Constant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

pub(crate) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Bool(value) => serializer.serialize_bool(*value),
        Value::Integer(number) => serializer.serialize_i64(*number),
        Value::Decimal(number) => match number.to_f64() {
            Some(float) if exact(float) == Some(*number) => serializer.serialize_f64(float),
            _ => Err(S::Error::custom("a constant with more digits than TOML keeps; write it as text")),
        },
        Value::Text(text) => serializer.serialize_str(text),
        Value::Date(date) => moment(date).serialize(serializer),
        Value::DateTime(time) => moment(time).serialize(serializer),
        Value::Instant(instant) => moment(instant).serialize(serializer),
        Value::List(values) => serializer.collect_seq(values.iter().cloned().map(Constant)),
        Value::Null | Value::Map(_) | Value::File(_) => {
            Err(S::Error::custom("nothing, a map or a file cannot be a constant"))
        }
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    deserializer.deserialize_any(Constants)
}

struct Constants;

impl<'de> Visitor<'de> for Constants {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a constant: text, a number, true, false, a date or a list of them")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Integer).map_err(|_| E::custom("the number is too large"))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        exact(number).map(Value::Decimal).ok_or_else(|| {
            E::custom("a number with more than 15 digits is not kept as it was written; write it as text")
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Constant(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        let wrong =
            || A::Error::custom("a constant is text, a number, true, false, a date or a list of them");
        let datetime = Datetime::deserialize(MapAccessDeserializer::new(map)).map_err(|_| wrong())?;
        let text = datetime.to_string();
        match (datetime.date, datetime.time, datetime.offset) {
            (Some(_), Some(_), Some(_)) => {
                Timestamp::from_str(&text).map(Value::Instant).map_err(|_| wrong())
            }
            (Some(_), Some(_), None) => DateTime::from_str(&text).map(Value::DateTime).map_err(|_| wrong()),
            (Some(_), None, _) => Date::from_str(&text).map(Value::Date).map_err(|_| wrong()),
            _ => Err(A::Error::custom("a time needs its day; write a time of day as text")),
        }
    }
}

/// More digits than this do not come through a float as they were written.
const EXACT_DIGITS: usize = 15;

/// The number as it was written: the shortest form that gives this float.
fn exact(number: f64) -> Option<Decimal> {
    let text = number.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if digits > EXACT_DIGITS { None } else { Decimal::from_str_exact(&text).ok() }
}

/// TOML's own date, or the text where TOML has no such year.
#[derive(Serialize)]
#[serde(untagged)]
enum Moment {
    Date(Datetime),
    Text(String),
}

fn moment(time: &impl ToString) -> Moment {
    let text = time.to_string();
    text.parse().map_or(Moment::Text(text), Moment::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        constant: Constant,
    }

    #[test]
    fn constants_are_read_and_written_as_they_were() {
        for (text, kind) in [
            ("true", "Bool"),
            ("3", "Integer"),
            ("12.5", "Decimal"),
            ("\"A+\"", "Text"),
            ("2024-01-05", "Date"),
            ("2024-01-05T10:00:00", "DateTime"),
            ("2024-01-05T10:00:00Z", "Instant"),
            ("[1, \"a\"]", "List"),
        ] {
            let held: Held = toml::from_str(&format!("constant = {text}")).unwrap();
            assert_eq!(format!("{:?}", held.constant.0.kind()), kind);
            assert_eq!(toml::to_string(&held).unwrap(), format!("constant = {text}\n"));
        }
    }

    #[test]
    fn a_time_without_a_day_is_no_constant() {
        assert!(toml::from_str::<Held>("constant = 10:00:00").is_err());
        assert!(toml::from_str::<Held>("constant = { a = 1 }").is_err());
        assert!(toml::from_str::<Held>("constant = nan").is_err());
    }

    #[test]
    fn a_number_that_would_lose_digits_is_refused() {
        assert!(toml::from_str::<Held>("constant = 0.123456789012345").is_ok());
        assert!(toml::from_str::<Held>("constant = 0.1234567890123456").is_err());
        assert!(toml::from_str::<Held>("constant = 1e300").is_err());
        let long = Constant(Value::Decimal("0.1234567890123456789".parse().unwrap()));
        assert!(toml::to_string(&Held { constant: long }).is_err());
    }
}

//! What a field holds.

mod file;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use file::{FileContent, FileHandle};

/// One value of a record or of a row.
///
/// `Debug` tells the kind and the size and never the content. There is no `Display`: a value is shown only by code that means to.
///
/// # Example
///
/// ```
/// use mapping_core::value::Value;
///
/// let name = Value::from("Asha Rao");
/// assert_eq!(format!("{name:?}"), "Text(8 chars)");
/// assert_eq!(name.as_text(), Some("Asha Rao"));
/// ```
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Value {
    /// Nothing: an empty cell, an absent field.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, exactly as written: money, measurements.
    Decimal(Decimal),
    /// Text, in Unicode's composed form where it comes from a file.
    Text(String),
    /// A calendar day.
    Date(Date),
    /// A day and a time of day somewhere, without a zone: not yet a point in time.
    DateTime(DateTime),
    /// A point in time.
    Instant(Timestamp),
    /// Several values.
    List(Vec<Value>),
    /// Named values, such as JSON found in a cell.
    Map(BTreeMap<String, Value>),
    /// A file, by handle: the bytes of one on disk never lie in a record.
    File(FileHandle),
}

impl Value {
    /// Whether there is nothing: null, text without a visible character, a list or a map of nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(values) => values.is_empty(),
            Self::Map(values) => values.is_empty(),
            _ => false,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// What kind of value it is.
    #[must_use]
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Bool(_) => ValueKind::Bool,
            Self::Integer(_) => ValueKind::Integer,
            Self::Decimal(_) => ValueKind::Decimal,
            Self::Text(_) => ValueKind::Text,
            Self::Date(_) => ValueKind::Date,
            Self::DateTime(_) => ValueKind::DateTime,
            Self::Instant(_) => ValueKind::Instant,
            Self::List(_) => ValueKind::List,
            Self::Map(_) => ValueKind::Map,
            Self::File(_) => ValueKind::File,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} chars)", text.chars().count()),
            Self::List(values) => f.debug_list().entries(values).finish(),
            Self::Map(values) => write!(f, "Map({} values)", values.len()),
            Self::File(file) => file.fmt(f),
            other => write!(f, "{:?}", other.kind()),
        }
    }
}

/// The kinds of [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the Value of the same name")]
pub enum ValueKind {
    Null,
    Bool,
    Integer,
    Decimal,
    Text,
    Date,
    DateTime,
    Instant,
    List,
    Map,
    File,
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool, i32 => Integer, u32 => Integer, i64 => Integer, Decimal => Decimal, &str => Text, String => Text,
    Date => Date, DateTime => DateTime, Timestamp => Instant, Vec<Value> => List, FileHandle => File,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

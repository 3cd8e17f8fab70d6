//! For which records a draft or a field is made: conditions, as data.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::FieldName;
use crate::spec::constant::Constant;
use crate::value::Value;

/// For which records something is done.
///
/// ```toml
/// when = { present = "email" }
/// when = { blank = "email" }
/// when = { field = "status", equals = "Completed" }
/// when = { field = "status", one_of = ["Cancelled", "No-Show"], fold = true }
/// when = { not = { field = "status", equals = "Completed" } }
/// when = { all = [{ present = "email" }, { blank = "phone" }] }
/// when = { any = [{ present = "email" }, { present = "phone" }] }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// The field holds something.
    Present(FieldName),
    /// The field holds nothing.
    Blank(FieldName),
    /// The field's text, without white space at its ends, is one of these. A blank field is none of them.
    OneOf {
        /// The field.
        field: FieldName,
        /// `equals` or `one_of`.
        values: Vec<Value>,
        /// Whether capital and small letters, and repeated white space, count as the same.
        fold: bool,
    },
    /// The other does not hold.
    Not(Box<When>),
    /// All hold.
    All(Vec<When>),
    /// At least one holds.
    Any(Vec<When>),
}

impl When {
    /// Every field that it reads.
    #[must_use]
    pub fn reads(&self) -> Vec<&FieldName> {
        match self {
            Self::Present(field) | Self::Blank(field) | Self::OneOf { field, .. } => vec![field],
            Self::Not(other) => other.reads(),
            Self::All(others) | Self::Any(others) => others.iter().flat_map(Self::reads).collect(),
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<FieldName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blank: Option<FieldName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<FieldName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    equals: Option<Constant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Constant>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fold: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not: Option<Box<When>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<Vec<When>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    any: Option<Vec<When>>,
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = Table::default();
        match self.clone() {
            Self::Present(field) => table.present = Some(field),
            Self::Blank(field) => table.blank = Some(field),
            Self::OneOf { field, values, fold } => {
                table.field = Some(field);
                table.fold = fold.then_some(true);
                let mut values: Vec<_> = values.into_iter().map(Constant).collect();
                match values.pop() {
                    Some(only) if values.is_empty() => table.equals = Some(only),
                    last => table.one_of = Some(values.into_iter().chain(last).collect()),
                }
            }
            Self::Not(other) => table.not = Some(other),
            Self::All(others) => table.all = Some(others),
            Self::Any(others) => table.any = Some(others),
        }
        table.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || {
            D::Error::custom(
                "a condition is one of `present`, `blank`, `field` with `equals` or `one_of`, `not`, `all`, `any`",
            )
        };
        let table = Table::deserialize(deserializer)?;
        let values = match (table.equals, table.one_of) {
            (Some(value), None) => Some(vec![value.0]),
            (None, Some(values)) => Some(values.into_iter().map(|value| value.0).collect()),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(wrong()),
        };
        let one_of = match (table.field, values, table.fold) {
            (Some(field), Some(values), fold) => {
                Some(Self::OneOf { field, values, fold: fold.unwrap_or_default() })
            }
            (None, None, None) => None,
            _ => return Err(wrong()),
        };
        let mut given = [
            table.present.map(Self::Present),
            table.blank.map(Self::Blank),
            one_of,
            table.not.map(Self::Not),
            table.all.map(Self::All),
            table.any.map(Self::Any),
        ]
        .into_iter()
        .flatten();
        match (given.next(), given.next()) {
            (Some(when), None) => Ok(when),
            _ => Err(wrong()),
        }
    }
}

//! What the source holds: records, and where each came from.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::finding::Flag;
use crate::key::{Origin, RecordKey};
use crate::name::{EntityName, FieldName};
use crate::value::Value;

/// One record of the source.
///
/// # Example
///
/// ```
/// use mapping_core::key::Origin;
/// use mapping_core::record::Record;
///
/// let patient = Record::new("patient", "P-1").at(Origin::new("Patients.csv", 2)).with("name", "Asha Rao");
/// assert_eq!(patient.key().to_string(), "patient/P-1");
/// assert_eq!(patient.text("name"), Some("Asha Rao"));
/// assert_eq!(patient.text("email"), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    key: RecordKey,
    origin: Option<Origin>,
    fields: Fields,
    flags: Vec<Flag>,
}

impl Record {
    /// A record without fields.
    pub fn new(entity: impl Into<EntityName>, id: impl Into<Arc<str>>) -> Self {
        Self { key: RecordKey::new(entity, id), origin: None, fields: Fields::default(), flags: Vec::new() }
    }

    /// The same, with the place it came from.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The same, with a field set.
    #[must_use]
    pub fn with(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Self {
        self.fields.set(field, value);
        self
    }

    /// The same, with these fields in place of those it has.
    #[must_use]
    pub fn with_fields(mut self, fields: Fields) -> Self {
        self.fields = fields;
        self
    }

    /// Sets a field.
    pub fn set(&mut self, field: impl Into<FieldName>, value: impl Into<Value>) {
        self.fields.set(field, value);
    }

    /// Adds something a person should look at. It belongs to this record: key and origin are filled in.
    pub fn flag(&mut self, flag: Flag) {
        self.flags.push(flag.of(&self.key, self.origin.as_ref()));
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &RecordKey {
        &self.key
    }

    /// Where it came from.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What a person should look at.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// Its flags, taken out of it.
    pub fn take_flags(&mut self) -> Vec<Flag> {
        std::mem::take(&mut self.flags)
    }

    /// The value of a field; null where it has none.
    #[must_use]
    pub fn value(&self, field: &str) -> &Value {
        self.fields.value(field)
    }

    /// The text of a field, if it holds one that is not blank.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.value(field).as_text().filter(|text| !text.trim().is_empty())
    }

    /// The whole number of a field, if it holds one.
    #[must_use]
    pub fn integer(&self, field: &str) -> Option<i64> {
        self.value(field).as_integer()
    }

    /// The day of a field, if it holds one.
    #[must_use]
    pub fn date(&self, field: &str) -> Option<Date> {
        match self.value(field) {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The point in time of a field, if it holds one.
    #[must_use]
    pub fn instant(&self, field: &str) -> Option<Timestamp> {
        match self.value(field) {
            Value::Instant(instant) => Some(*instant),
            _ => None,
        }
    }
}

/// Fields and their values, in the order they were set.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<(FieldName, Value)>);

impl Fields {
    /// Sets a field, over any value it had.
    pub fn set(&mut self, field: impl Into<FieldName>, value: impl Into<Value>) {
        let (field, value) = (field.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == field) {
            Some((_, old)) => *old = value,
            None => self.0.push((field, value)),
        }
    }

    /// The same, with a field set.
    #[must_use]
    pub fn with(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Self {
        self.set(field, value);
        self
    }

    /// The value of a field, if it is there.
    #[must_use]
    pub fn find(&self, field: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known.as_str() == field).map(|(_, value)| value)
    }

    /// The value of a field; null where it is not there.
    #[must_use]
    pub fn value(&self, field: &str) -> &Value {
        self.find(field).unwrap_or(&Value::Null)
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&FieldName, &Value)> {
        self.0.iter().map(|(field, value)| (field, value))
    }

    /// How many fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<F: Into<FieldName>, V: Into<Value>> FromIterator<(F, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (F, V)>>(fields: I) -> Self {
        let mut all = Self::default();
        fields.into_iter().for_each(|(field, value)| all.set(field, value));
        all
    }
}

//! What a run has to say about single records: flags and refusals.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::key::{Origin, RecordKey};
use crate::name::{EntityName, FieldName};

/// Something a person should look at. Nothing was lost.
///
/// The text names fields and rules, never a value.
///
/// # Example
///
/// ```
/// use mapping_core::finding::Flag;
///
/// let flag = Flag::new("unreadable-date", "no day of that form; kept as text").field("date_of_birth");
/// assert_eq!(flag.kind, "unreadable-date");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// What it is, in a word that programs can count: `unreadable-date`, `unknown-choice`.
    pub kind: Cow<'static, str>,
    /// The entity it belongs to, once known.
    pub entity: Option<EntityName>,
    /// The record's id, if it belongs to one.
    pub key: Option<Arc<str>>,
    /// Where it was seen.
    pub origin: Option<Origin>,
    /// The field, if it belongs to one.
    pub field: Option<FieldName>,
    /// What it is, in a sentence.
    pub message: Cow<'static, str>,
}

impl Flag {
    /// A flag of that kind.
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: kind.into(),
            entity: None,
            key: None,
            origin: None,
            field: None,
            message: message.into(),
        }
    }

    /// The same, about a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<FieldName>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, seen at a place.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The same, about an entity as a whole.
    #[must_use]
    pub fn about(mut self, entity: impl Into<EntityName>) -> Self {
        self.entity = Some(entity.into());
        self
    }

    /// The same, about that record. A place given before is kept.
    #[must_use]
    pub fn of(mut self, key: &RecordKey, origin: Option<&Origin>) -> Self {
        self.entity = Some(key.entity().clone());
        self.key = Some(key.id().clone());
        if self.origin.is_none() {
            self.origin = origin.cloned();
        }
        self
    }
}

/// A record that was not taken, by the reader, a check or the destination, with the reason.
///
/// The reason names rules and fields, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The entity.
    pub entity: EntityName,
    /// The record's id, if it has one.
    pub key: Option<Arc<str>>,
    /// Where it came from.
    pub origin: Option<Origin>,
    /// The field that is at fault, if it is one.
    pub field: Option<FieldName>,
    /// Why, and what to do.
    pub reason: String,
}

impl Refusal {
    /// A refusal of something at the source that has no key.
    pub fn new(entity: impl Into<EntityName>, reason: impl Into<String>) -> Self {
        Self { entity: entity.into(), key: None, origin: None, field: None, reason: reason.into() }
    }

    /// A refusal of that record. The error's place `field` becomes the field; its sentence and other places the reason.
    #[must_use]
    pub fn of(key: &RecordKey, origin: Option<&Origin>, error: &Error) -> Self {
        Self {
            entity: key.entity().clone(),
            key: Some(key.id().clone()),
            origin: origin.cloned(),
            field: error.place("field").map(FieldName::from),
            reason: error.to_string(),
        }
    }

    /// The same, of the record of that id.
    #[must_use]
    pub fn key(mut self, id: impl Into<Arc<str>>) -> Self {
        self.key = Some(id.into());
        self
    }

    /// The same, seen at a place.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The same, because of a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<FieldName>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}: {}", self.entity, self.key.as_deref().unwrap_or("?"), self.reason)?;
        match &self.origin {
            Some(origin) => write!(f, " ({origin})"),
            None => Ok(()),
        }
    }
}

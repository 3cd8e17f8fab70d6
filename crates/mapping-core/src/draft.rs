//! What a mapper asks for: drafts, which may still point at other records of the source.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::{DraftKey, RecordKey};
use crate::name::{FieldName, ModelName};
use crate::value::Value;

/// A record that is wanted at the destination.
///
/// # Example
///
/// ```
/// use mapping_core::draft::{Draft, Link};
/// use mapping_core::key::RecordKey;
///
/// let visit = Draft::new("mail.activity", RecordKey::new("appointment", "A-1"))
///     .with("summary", "Consultation")
///     .with("res_id", Link::to("patient", "P-1"));
/// assert_eq!(visit.fields().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    key: DraftKey,
    model: ModelName,
    purpose: Purpose,
    fields: Vec<(FieldName, DraftValue)>,
}

impl Draft {
    /// A draft that is written: created, or brought up to date where it was created before.
    pub fn new(model: impl Into<ModelName>, key: impl Into<DraftKey>) -> Self {
        Self { key: key.into(), model: model.into(), purpose: Purpose::Write, fields: Vec::new() }
    }

    /// A draft that stands for a record the destination has already, such as a user. It is looked up and never written.
    pub fn matching(lookup: Lookup, key: impl Into<DraftKey>) -> Self {
        Self {
            key: key.into(),
            model: lookup.model.clone(),
            purpose: Purpose::Match(lookup),
            fields: Vec::new(),
        }
    }

    /// The same, with a field set over any value it had.
    #[must_use]
    pub fn with(mut self, field: impl Into<FieldName>, value: impl Into<DraftValue>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field, over any value it had.
    pub fn set(&mut self, field: impl Into<FieldName>, value: impl Into<DraftValue>) {
        let (field, value) = (field.into(), value.into());
        match self.fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, old)) => *old = value,
            None => self.fields.push((field, value)),
        }
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &DraftKey {
        &self.key
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &ModelName {
        &self.model
    }

    /// What is to become of it.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Its fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[(FieldName, DraftValue)] {
        &self.fields
    }
}

/// What is to become of a [`Draft`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Purpose {
    /// It is written.
    Write,
    /// It is looked up, and never written.
    Match(Lookup),
}

/// The value of a draft's field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DraftValue {
    /// A value as it stands.
    Value(Value),
    /// The id of what another record of the source became.
    Link(Link),
    /// The id of something the destination has already.
    Lookup(Lookup),
    /// Several of them, for a field that holds several: tags, a patient's providers. One that leads nowhere and may be left is
    /// left out.
    Several(Vec<DraftValue>),
}

impl DraftValue {
    /// Shows it, and every value in it, to `see`.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        if let Self::Several(values) = self {
            values.iter().for_each(|value| value.visit(see));
        }
    }
}

impl<T: Into<Value>> From<T> for DraftValue {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<Link> for DraftValue {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

impl From<Lookup> for DraftValue {
    fn from(lookup: Lookup) -> Self {
        Self::Lookup(lookup)
    }
}

/// A pointer to what another record of the source became.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// What it points to.
    pub target: DraftKey,
    /// What becomes of the draft when that is not there.
    pub missing: Missing,
}

impl Link {
    /// A link to the first draft of a record. Where it leads nowhere, the record that holds it is refused.
    pub fn to(entity: &str, id: impl Into<Arc<str>>) -> Self {
        Self { target: RecordKey::new(entity, id).into(), missing: Missing::Refuse }
    }

    /// The same, with another rule for when it leads nowhere.
    #[must_use]
    pub fn or(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }
}

/// A search for one record that the destination has already.
///
/// # Example
///
/// ```
/// use mapping_core::draft::Lookup;
///
/// let state = Lookup::new("res.country.state", "code", "MH").within("country_id.code", "IN");
/// assert_eq!(state.within.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The model searched in.
    pub model: ModelName,
    /// The field that must be equal.
    pub by: FieldName,
    /// What it must be equal to.
    pub value: Value,
    /// Further fields that must be equal, the same for many look-ups.
    pub within: Vec<(FieldName, Value)>,
    /// Whether capital and small letters, and white space at the ends and repeated, count as the same.
    pub fold: bool,
    /// What becomes of the draft when there is none, or more than one.
    pub missing: Missing,
}

impl Lookup {
    /// The record of `model` whose field `by` is `value`, to the letter. Where there is none, the draft is refused.
    pub fn new(model: impl Into<ModelName>, by: impl Into<FieldName>, value: impl Into<Value>) -> Self {
        Self {
            model: model.into(),
            by: by.into(),
            value: value.into(),
            within: Vec::new(),
            fold: false,
            missing: Missing::Refuse,
        }
    }

    /// The same, whatever the case of letters and the space around and between words.
    #[must_use]
    pub fn folded(mut self) -> Self {
        self.fold = true;
        self
    }

    /// The same, among those whose `field` is `value`.
    #[must_use]
    pub fn within(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Self {
        self.within.push((field.into(), value.into()));
        self
    }

    /// The same, with another rule for when there is none.
    #[must_use]
    pub fn or(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }
}

/// What becomes of a draft whose link or look-up finds nothing, or no single record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Missing {
    /// The record is refused.
    #[default]
    Refuse,
    /// The field stays empty, and the record is flagged.
    Leave,
    /// The run's fallback for the model is taken, and the record is flagged. Where the run has none, it stops before its first
    /// write and lists what was not found.
    Fallback,
    /// It is made, once: with the value looked for, and what it was looked for within. Where several are found the first is taken,
    /// and the record is flagged. For look-ups by a field of text alone; a link to a record that is not there refuses, as with
    /// [`Refuse`](Self::Refuse).
    Make,
}

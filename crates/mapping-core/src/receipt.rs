//! What became of drafts: rows, outcomes, and receipts that are enough to undo them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::Error;
use crate::identity::{Identity, SourceId};
use crate::key::DraftKey;
use crate::name::{FieldName, ModelName};
use crate::record::Fields;
use crate::value::Value;

/// How a destination calls a record of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum DestinationId {
    /// By number, as Odoo does.
    Number(i64),
    /// By name.
    Text(String),
}

impl DestinationId {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }
}

impl From<i64> for DestinationId {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&DestinationId> for Value {
    fn from(id: &DestinationId) -> Self {
        match id {
            DestinationId::Number(number) => Self::Integer(*number),
            DestinationId::Text(text) => Self::Text(text.clone()),
        }
    }
}

impl fmt::Display for DestinationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A draft with its links resolved: what a writer writes.
///
/// ```
/// use mapping_core::identity::SourceId;
/// use mapping_core::key::RecordKey;
/// use mapping_core::receipt::{How, Row};
/// use mapping_core::record::Fields;
///
/// let clinic = SourceId::new("paper", "north")?;
/// let row = |city: &str| {
///     let fields = Fields::default().with("name", "Asha Rao").with("city", city);
///     Row::create(&clinic, RecordKey::new("patient", "P-1"), "res.partner", fields)
/// };
/// let made = row("Pune").intent(None).receipt(7.into());
/// assert_eq!(made.how, How::Created);
/// let before = Fields::default().with("city", "Pune");
/// let moved = row("Chennai").updating(7.into()).intent(Some(before)).receipt(7.into());
/// assert_eq!((moved.how, moved.key), (How::Updated, made.key));
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The draft it was.
    pub key: DraftKey,
    /// The model.
    pub model: ModelName,
    /// Under which name the destination is to find it again. A writer stores it with the record, in the same call.
    pub identity: Identity,
    /// Whether it is new.
    pub action: Action,
    /// What it holds.
    pub fields: Fields,
}

impl Row {
    /// A new record of that source's, under the identity that its key has there.
    #[must_use]
    pub fn create(
        source: &SourceId,
        key: impl Into<DraftKey>,
        model: impl Into<ModelName>,
        fields: Fields,
    ) -> Self {
        let key = key.into();
        Self { identity: source.identity(&key), key, model: model.into(), action: Action::Create, fields }
    }

    /// The same as a change of the record of that id.
    #[must_use]
    pub fn updating(self, id: DestinationId) -> Self {
        Self { action: Action::Update(id), ..self }
    }

    /// The intention to write it, as of now; `before` is what the fields hold, of an update.
    #[must_use]
    pub fn intent(&self, before: Option<Fields>) -> Intent {
        Intent {
            key: self.key.clone(),
            model: self.model.clone(),
            identity: self.identity.clone(),
            action: self.action.clone(),
            digest: self.digest(),
            before,
            at: Timestamp::now(),
        }
    }

    /// The digest of what it holds, whatever its action: equal digests, nothing to write.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let start = Digest::builder().text(self.model.as_str()).text(self.identity.as_str());
        let all =
            self.fields.iter().fold(start, |digest, (field, value)| digest.text(field.as_str()).value(value));
        all.finish()
    }
}

/// What is to be done with a [`Row`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a writer must know them all")]
pub enum Action {
    /// A record is made.
    Create,
    /// The record of that id is brought up to date.
    Update(DestinationId),
}

/// What became of a [`Row`].
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a fifth answer would change every caller")]
pub enum Outcome {
    /// It is written, under that id.
    Written(DestinationId),
    /// The destination, or the writer's own check, does not take it. Nothing of it was written; other rows are not touched.
    Refused(Error),
    /// Nothing of it was written: the destination could not be reached, or is not ready. It may be handed in again.
    Unwritten(Error),
    /// Nobody knows. It must be [recovered](crate::destination::DestinationWriter::recover) before anything is written again.
    Unknown(Error),
}

/// Proof of a write, enough to undo it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The draft.
    pub key: DraftKey,
    /// The model.
    pub model: ModelName,
    /// The record's id at the destination.
    pub id: DestinationId,
    /// What was done.
    pub how: How,
    /// The digest of the row as it is now written.
    pub digest: Digest,
    /// What the fields held before; of an update only.
    pub before: Option<Fields>,
    /// When it was journaled.
    pub at: Timestamp,
}

/// What was done to a record of the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum How {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It was there and was left as it was.
    Matched,
}

/// An intention to write, journaled before the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The draft.
    pub key: DraftKey,
    /// The model.
    pub model: ModelName,
    /// Under which name the destination will have it.
    pub identity: Identity,
    /// What is to be done.
    pub action: Action,
    /// The digest of the row that is to be written.
    pub digest: Digest,
    /// What the fields hold before; of an update only.
    pub before: Option<Fields>,
    /// When it was journaled.
    pub at: Timestamp,
}

impl Intent {
    /// Proof, as of now, that it was carried out on the record of that id.
    #[must_use]
    pub fn receipt(self, id: DestinationId) -> Receipt {
        let Self { key, model, action, digest, before, .. } = self;
        let how = match action {
            Action::Create => How::Created,
            Action::Update(_) => How::Updated,
        };
        Receipt { key, model, id, how, digest, before, at: Timestamp::now() }
    }
}

/// Proof of a change to the destination's schema, enough to undo it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaReceipt {
    /// What was made.
    pub made: Made,
    /// Its id at the destination.
    pub id: DestinationId,
    /// When.
    pub at: Timestamp,
}

/// A part of a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Made {
    /// A model.
    Model(ModelName),
    /// A field.
    Field(ModelName, FieldName),
    /// A value of a field of choices that was there before.
    Choice(ModelName, FieldName, String),
    /// A view: pages of a model's form, with those fields on them.
    View(ModelName, Vec<FieldName>),
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(model) => write!(f, "model {model}"),
            Self::Field(model, field) => write!(f, "field {field} of {model}"),
            Self::Choice(model, field, value) => write!(f, "choice \"{value}\" of {field} of {model}"),
            Self::View(model, fields) => {
                let fields: Vec<_> = fields.iter().map(FieldName::as_str).collect();
                write!(f, "pages of {model} with {}", fields.join(", "))
            }
        }
    }
}

/// An intention to change the destination's schema, journaled before the first call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaIntent {
    /// What is about to be made. Nothing, where an intention before it is over.
    pub parts: Vec<Made>,
    /// When it was journaled.
    pub at: Timestamp,
}

//! What a destination must have before data comes: models and fields, as needed, as found, and the difference.

mod plan;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::{FieldName, ModelName};

pub use plan::{Conflict, MoreChoices, SchemaPlan};

/// What a field holds at the destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldKind {
    /// One line of text.
    Line,
    /// Text of several lines.
    Text,
    /// Text with markup.
    Html,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// An amount in a currency.
    Money,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// One of several values.
    Choice(Vec<Choice>),
    /// One record of a model.
    Link(ModelName),
    /// Several records of a model.
    Links(ModelName),
    /// Bytes.
    Binary,
    /// Anything else, by the destination's own word: it can be read and not be made.
    Other(String),
}

impl FieldKind {
    /// Whether a field found with kind `found` serves where `self` is needed. Choices may differ: missing ones can be added.
    #[must_use]
    pub fn is_served_by(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Choice(_), Self::Choice(_)) => true,
            (needed, found) => needed == found,
        }
    }

    /// The choices that are needed and not found.
    #[must_use]
    pub fn lacking_in(&self, found: &Self) -> Vec<Choice> {
        let (Self::Choice(needed), Self::Choice(found)) = (self, found) else { return Vec::new() };
        let there = |choice: &&Choice| found.iter().any(|other| other.value == choice.value);
        needed.iter().filter(|choice| !there(choice)).cloned().collect()
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => f.write_str("line"),
            Self::Text => f.write_str("text"),
            Self::Html => f.write_str("html"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal => f.write_str("decimal"),
            Self::Money => f.write_str("money"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Instant => f.write_str("instant"),
            Self::Choice(choices) => write!(f, "choice of {}", choices.len()),
            Self::Link(model) => write!(f, "link to {model}"),
            Self::Links(model) => write!(f, "links to {model}"),
            Self::Binary => f.write_str("binary"),
            Self::Other(word) => f.write_str(word),
        }
    }
}

/// One value of a [`FieldKind::Choice`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A model as the destination has it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ModelSchema {
    /// Its fields.
    pub fields: BTreeMap<FieldName, FieldInfo>,
}

/// A field as the destination has it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldInfo {
    /// What it holds.
    pub kind: FieldKind,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Whether it cannot be written.
    pub readonly: bool,
}

/// All that a mapping asks of a destination.
///
/// # Example
///
/// ```
/// use mapping_core::schema::{FieldKind, FieldNeed, Needs};
///
/// let needs = Needs::new()
///     .uses("res.partner", "name")
///     .field(FieldNeed::new("res.partner", "x_studio_patient_id", FieldKind::Line, "Patient ID"));
/// assert_eq!(needs.models_written().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Needs {
    /// Models to make where they are missing.
    pub models: Vec<ModelNeed>,
    /// Fields to make where they are missing.
    pub fields: Vec<FieldNeed>,
    /// Fields that drafts set.
    pub uses: Vec<FieldUse>,
}

impl Needs {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, and a model.
    #[must_use]
    pub fn model(mut self, need: ModelNeed) -> Self {
        self.models.push(need);
        self
    }

    /// The same, and a field, which drafts set.
    #[must_use]
    pub fn field(mut self, need: FieldNeed) -> Self {
        let (model, field) = (need.model.clone(), need.name.clone());
        self.fields.push(need);
        self.used(model, field, IfAbsent::Stop)
    }

    /// The same, and a field that drafts set and the destination must have.
    #[must_use]
    pub fn uses(self, model: impl Into<ModelName>, field: impl Into<FieldName>) -> Self {
        self.used(model.into(), field.into(), IfAbsent::Stop)
    }

    /// The same, and a field that drafts set and only some versions of the destination have.
    #[must_use]
    pub fn uses_if_there(self, model: impl Into<ModelName>, field: impl Into<FieldName>) -> Self {
        self.used(model.into(), field.into(), IfAbsent::Drop)
    }

    /// The same, and a model in which look-ups [make](crate::draft::Missing::Make) what they do not find, by that field.
    #[must_use]
    pub fn makes(self, model: impl Into<ModelName>, by: impl Into<FieldName>) -> Self {
        self.uses(model, by)
    }

    /// The models that records are written to, each once.
    pub fn models_written(&self) -> impl Iterator<Item = &ModelName> {
        let mut seen = std::collections::BTreeSet::new();
        self.uses.iter().map(|used| &used.model).filter(move |model| seen.insert(*model))
    }

    fn used(mut self, model: ModelName, field: FieldName, if_absent: IfAbsent) -> Self {
        match self.uses.iter_mut().find(|used| used.model == model && used.field == field) {
            // One draft that cannot do without it is enough.
            Some(used) if if_absent == IfAbsent::Stop => used.if_absent = if_absent,
            Some(_) => {}
            None => self.uses.push(FieldUse { model, field, if_absent }),
        }
        self
    }
}

/// A field that drafts set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    /// The model.
    pub model: ModelName,
    /// The field.
    pub field: FieldName,
    /// What becomes of it where the destination has no such field.
    pub if_absent: IfAbsent,
}

/// What becomes of a draft's field that the destination does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IfAbsent {
    /// The run stops before its first write.
    #[default]
    Stop,
    /// The field is left out of every draft, and the run says so once.
    Drop,
}

/// A model to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelNeed {
    /// Its name. In Odoo it begins with `x_`.
    pub name: ModelName,
    /// What people read.
    pub label: String,
}

impl ModelNeed {
    /// A model of that name and label.
    pub fn new(name: impl Into<ModelName>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into() }
    }
}

/// A field to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldNeed {
    /// The model it belongs to.
    pub model: ModelName,
    /// Its name. In Odoo it begins with `x_`.
    pub name: FieldName,
    /// What it holds.
    pub kind: FieldKind,
    /// What people read.
    pub label: String,
    /// The page of the model's form on which it is shown, if on any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What people read who ask what it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Of a field of kind [`Money`](FieldKind::Money): the field of the same model that holds the currency. Where it is not given
    /// the destination takes the model's own, and makes one where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<FieldName>,
    /// Whether the destination keeps an index of it, so that records are found by it quickly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub indexed: bool,
    /// Whether it stays empty in a copy of its record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_copied: bool,
}

impl FieldNeed {
    /// A field of that kind and label, shown on no page.
    pub fn new(
        model: impl Into<ModelName>,
        name: impl Into<FieldName>,
        kind: FieldKind,
        label: impl Into<String>,
    ) -> Self {
        Self {
            model: model.into(),
            name: name.into(),
            kind,
            label: label.into(),
            page: None,
            help: None,
            currency: None,
            indexed: false,
            not_copied: false,
        }
    }

    /// The same, with a text that says what it is for.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same, an amount in the currency that stands in that field of its model.
    #[must_use]
    pub fn currency(mut self, field: impl Into<FieldName>) -> Self {
        self.currency = Some(field.into());
        self
    }

    /// The same, with an index.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// The same, empty in a copy of its record.
    #[must_use]
    pub fn not_copied(mut self) -> Self {
        self.not_copied = true;
        self
    }

    /// The same, shown on a page.
    #[must_use]
    pub fn on_page(mut self, page: impl Into<String>) -> Self {
        self.page = Some(page.into());
        self
    }
}

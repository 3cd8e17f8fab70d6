//! What a destination must have before data comes: models and fields, as needed, as found, and the difference.

mod kind;
mod plan;
mod shown;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::name::{FieldName, ModelName};

pub use kind::{Choice, FieldKind};
pub use plan::{Conflict, MoreChoices, SchemaPlan};

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
    /// Whether it cannot be written: the destination says so, or it [shows other records](FieldKind::shows_others).
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

    /// The same, and a field, which drafts set, unless it [shows other records](FieldKind::shows_others).
    #[must_use]
    pub fn field(mut self, need: FieldNeed) -> Self {
        let (model, field, shown) = (need.model.clone(), need.name.clone(), need.kind.shows_others());
        self.fields.push(need);
        if shown { self } else { self.used(model, field, IfAbsent::Stop) }
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

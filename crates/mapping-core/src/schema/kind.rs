//! What fields hold, and what they show of other records.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::{FieldName, ModelName};

/// What a field holds at the destination.
///
/// # Example
///
/// ```
/// use mapping_core::schema::FieldKind;
///
/// // A visit links to its patient; the patient's form lists the visits, and a visit shows the patient's phone number.
/// let patient = FieldKind::Link("res.partner".into());
/// let visits = FieldKind::linked_from("x_visit", "x_patient_id");
/// let phone = FieldKind::related("x_patient_id.phone", FieldKind::Line);
/// assert_eq!(visits.to_string(), "linked from x_visit by x_patient_id");
/// assert_eq!(phone.to_string(), "line of x_patient_id.phone");
/// assert!(!patient.shows_others() && visits.shows_others() && phone.shows_others());
/// ```
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
    /// The records whose link leads here; it holds nothing itself. In Odoo a `one2many`.
    LinkedFrom {
        /// The model of those records.
        model: ModelName,
        /// Their field that links here, a [`Link`](Self::Link). In Odoo a `many2one`.
        by: FieldName,
    },
    /// What a field of a linked record holds; it cannot be changed here. In Odoo a `related` field.
    Related {
        /// The way to that field, over links: `x_patient_id.phone`.
        path: FieldName,
        /// What that field holds. Of a [`Choice`](Self::Choice) the choices do not matter: they are those of that field.
        kind: Box<Self>,
        /// Whether the destination keeps a copy, by which records are found and sorted quickly.
        stored: bool,
    },
    /// Anything else, by the destination's own word: it can be read and not be made.
    Other(String),
}

impl FieldKind {
    /// The records of `model` whose field `by` links here.
    #[must_use]
    pub fn linked_from(model: impl Into<ModelName>, by: impl Into<FieldName>) -> Self {
        Self::LinkedFrom { model: model.into(), by: by.into() }
    }

    /// What the field at the end of `path` holds, of that kind, of which no copy is kept.
    #[must_use]
    pub fn related(path: impl Into<FieldName>, kind: Self) -> Self {
        Self::Related { path: path.into(), kind: Box::new(kind), stored: false }
    }

    /// Whether such a field shows what other records hold, and so is never written.
    #[must_use]
    pub fn shows_others(&self) -> bool {
        matches!(self, Self::LinkedFrom { .. } | Self::Related { .. })
    }

    /// Why a draft cannot set such a field, and what it may set instead; `None` where it can.
    ///
    /// ```
    /// # use mapping_core::schema::FieldKind;
    /// let visits = FieldKind::linked_from("x_visit", "x_patient_id");
    /// let reason = visits.not_written().unwrap_or_default();
    /// assert_eq!(reason, "shows the records of x_visit that link here and takes no values: set their x_patient_id");
    /// assert_eq!(FieldKind::Line.not_written(), None);
    /// ```
    #[must_use]
    pub fn not_written(&self) -> Option<String> {
        match self {
            Self::LinkedFrom { model, by } => Some(format!(
                "shows the records of {model} that link here and takes no values: set their {by}"
            )),
            Self::Related { path, .. } => {
                Some(format!("shows {path} and takes no values: leave it out of the mapping"))
            }
            _ => None,
        }
    }

    /// What values of such a field are: of a related one, what it shows.
    #[must_use]
    pub fn shown(&self) -> &Self {
        match self {
            Self::Related { kind, .. } => kind.shown(),
            kind => kind,
        }
    }

    /// Whether a field found with kind `found` serves where `self` is needed. Choices may differ: missing ones can be added. Whether a
    /// copy is kept of what a field shows makes no difference to what it shows.
    #[must_use]
    pub fn is_served_by(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Choice(_), Self::Choice(_)) => true,
            (Self::Related { path, kind, .. }, Self::Related { path: other, kind: found, .. }) => {
                path == other && kind.is_served_by(found)
            }
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
            Self::LinkedFrom { model, by } => write!(f, "linked from {model} by {by}"),
            Self::Related { path, kind, stored } => {
                match &**kind {
                    Self::Choice(_) => f.write_str("choice")?,
                    kind => write!(f, "{kind}")?,
                }
                write!(f, " of {path}{}", if *stored { ", kept" } else { "" })
            }
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

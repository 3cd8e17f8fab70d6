//! What is told instead of moved: a product's rules and reports, what it cannot export, and tables that nobody reads.
//!
//! Plain data, and on the ground floor: the crate that reads a product finds these and says what to rebuild them with, another one
//! writes them down for a person, and neither knows the other. Nothing of it ever reaches a destination.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::identity::SourceId;
use crate::key::Origin;

/// All that a person rebuilds by hand, or has to know of, after a migration.
///
/// The texts in it are foreign, as they stand in the export: whoever writes them into a document makes them safe for it. `Debug` shows
/// counts alone.
///
/// # Example
///
/// ```
/// use mapping_core::identity::SourceId;
/// use mapping_core::key::Origin;
/// use mapping_core::reference::{Item, ItemKind, Reference};
///
/// let mut reference = Reference::new(&SourceId::new("pulse", "north")?);
/// let hint = "an automation rule on the date of the appointment";
/// reference.items.push(Item::new(ItemKind::Reminder, "A day before", Origin::new("Reminders.csv", 2), hint));
/// assert_eq!(reference.of_kind(ItemKind::Reminder).count(), 1);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reference {
    /// The product.
    pub product: String,
    /// The clinic, as it is named in identities.
    pub clinic: String,
    /// What to rebuild, in the order in which it was found.
    pub items: Vec<Item>,
    /// What the product cannot export.
    pub not_exported: Vec<NotExported>,
    /// Tables of the export that nobody reads.
    pub not_moved: Vec<NotMoved>,
}

impl Reference {
    /// One of that source, with nothing in it.
    #[must_use]
    pub fn new(source: &SourceId) -> Self {
        Self {
            product: source.system().to_owned(),
            clinic: source.clinic().to_owned(),
            items: Vec::new(),
            not_exported: Vec::new(),
            not_moved: Vec::new(),
        }
    }

    /// What there is of a kind.
    pub fn of_kind(&self, kind: ItemKind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.kind == kind)
    }

    /// Whether there is nothing to do and nothing to know.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.not_exported.is_empty() && self.not_moved.is_empty()
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { product, clinic, items, not_exported, not_moved } = self;
        write!(f, "Reference({product}, {clinic}, {} items, ", items.len())?;
        write!(f, "{} not exported, {} not moved)", not_exported.len(), not_moved.len())
    }
}

/// One thing to rebuild. `Debug` shows its kind and its place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// What the product calls it.
    pub name: String,
    /// When it happens.
    pub trigger: Option<String>,
    /// What happens then.
    pub action: Option<String>,
    /// Whether it was switched on, where that is told.
    pub active: Option<bool>,
    /// Of a report: what it shows.
    pub metrics: Vec<String>,
    /// Whatever else is told of it, by the names that the product uses.
    pub detail: BTreeMap<String, String>,
    /// Where it stands.
    #[serde(flatten)]
    pub origin: Origin,
    /// What to rebuild it with.
    pub hint: Cow<'static, str>,
}

impl Item {
    /// One of that kind and name, seen at a place, to be rebuilt with what the hint says.
    pub fn new(
        kind: ItemKind,
        name: impl Into<String>,
        origin: Origin,
        hint: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind,
            name: name.into(),
            trigger: None,
            action: None,
            active: None,
            metrics: Vec::new(),
            detail: BTreeMap::new(),
            origin,
            hint: hint.into(),
        }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, origin, metrics, detail, .. } = self;
        write!(f, "{kind:?}({origin}, {} metrics, {} details)", metrics.len(), detail.len())
    }
}

/// What there is to rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ItemKind {
    /// Something that happens by itself when something else does.
    Rule,
    /// A message that goes out before or after a day.
    Reminder,
    /// Several steps, one after the other.
    Workflow,
    /// A text that is filled in.
    Template,
    /// Figures that somebody looks at.
    Report,
    /// How the product is set up.
    Setting,
}

impl ItemKind {
    /// Every kind, in the order in which they are best rebuilt: what others use first.
    pub const ALL: [Self; 6] =
        [Self::Setting, Self::Template, Self::Rule, Self::Reminder, Self::Workflow, Self::Report];
}

/// Something that the product has and cannot export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotExported {
    /// What it is.
    pub what: Cow<'static, str>,
    /// Why it is not in the export, and how it is known that the clinic has it.
    pub why: Cow<'static, str>,
    /// What a person can do.
    pub instead: Cow<'static, str>,
}

impl NotExported {
    /// What it is, why it is not there, what to do.
    pub fn new(
        what: impl Into<Cow<'static, str>>,
        why: impl Into<Cow<'static, str>>,
        instead: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { what: what.into(), why: why.into(), instead: instead.into() }
    }
}

/// A table of the export of which nothing, or not everything, is read. `Debug` shows the file and counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotMoved {
    /// The file, or the workbook and its sheet.
    pub file: Arc<str>,
    /// How many rows are not moved, where they could be counted.
    pub rows: Option<u64>,
    /// Its columns, as they are written.
    pub headers: Vec<String>,
    /// Why.
    pub why: String,
}

impl NotMoved {
    /// A table that is not moved, and why; its rows not counted.
    pub fn new(file: impl Into<Arc<str>>, why: impl Into<String>) -> Self {
        Self { file: file.into(), rows: None, headers: Vec::new(), why: why.into() }
    }

    /// The same, with that many rows under those headers.
    #[must_use]
    pub fn counted(mut self, rows: u64, headers: impl IntoIterator<Item = String>) -> Self {
        self.rows = Some(rows);
        self.headers = headers.into_iter().collect();
        self
    }
}

impl fmt::Debug for NotMoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NotMoved({}, {:?} rows, {} columns)", self.file, self.rows, self.headers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_after_json_and_debug_shows_no_text_of_it() {
        let mut reference = Reference::new(&SourceId::new("pulse", "north").unwrap());
        let mut item = Item::new(ItemKind::Rule, "Birthday", Origin::new("Rules.csv", 2), "a rule");
        item.trigger = Some("Asha Rao's birthday".into());
        item.detail.insert("Message".into(), "Many happy returns".into());
        reference.items.push(item);
        reference.not_moved.push(NotMoved::new("Stock.csv", "unknown").counted(3, ["Asha Rao".to_owned()]));
        reference.not_exported.push(NotExported::new("chats", "no button", "copy them"));
        let json = serde_json::to_value(&reference).unwrap();
        assert_eq!((&json["items"][0]["file"], &json["items"][0]["line"]), (&"Rules.csv".into(), &2.into()));
        assert_eq!(serde_json::from_value::<Reference>(json).unwrap(), reference);
        let debug = format!("{reference:?} {:?} {:?}", reference.items, reference.not_moved);
        assert!(!debug.contains("Asha") && !debug.contains("happy"), "{debug}");
    }
}

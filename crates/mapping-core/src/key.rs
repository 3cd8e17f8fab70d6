//! The keys by which records and drafts are told apart, and where a record came from.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::name::EntityName;

/// What makes a record findable at the source: its entity and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    entity: EntityName,
    id: Arc<str>,
}

impl RecordKey {
    /// The key of the record of `entity` that the source calls `id`.
    pub fn new(entity: impl Into<EntityName>, id: impl Into<Arc<str>>) -> Self {
        Self { entity: entity.into(), id: id.into() }
    }

    /// The entity.
    #[must_use]
    pub fn entity(&self) -> &EntityName {
        &self.entity
    }

    /// The id at the source.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.entity, self.id)
    }
}

/// Where a record came from: a file and a line in it, counted from 1. For other sources, a page's address and a position in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file's name inside the export.
    pub file: Arc<str>,
    /// The line on which the record begins.
    pub line: u64,
}

impl Origin {
    /// A line of a file.
    pub fn new(file: impl Into<Arc<str>>, line: u64) -> Self {
        Self { file: file.into(), line }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.file, self.line)
    }
}

/// Names a draft apart from all others: the record it comes from, and the part of it.
///
/// # Example
///
/// A clinical note becomes fields of the patient and a scanned page:
///
/// ```
/// use mapping_core::key::{DraftKey, RecordKey};
///
/// let fields = DraftKey::from(RecordKey::new("note", "N-7"));
/// let page = fields.clone().part("page-1");
/// assert_ne!(fields, page);
/// assert_eq!(page.to_string(), "note/N-7#page-1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DraftKey {
    record: RecordKey,
    part: Arc<str>,
}

impl DraftKey {
    /// The same record's draft of that part; the first has the empty one.
    #[must_use]
    pub fn part(mut self, part: impl Into<Arc<str>>) -> Self {
        self.part = part.into();
        self
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> &RecordKey {
        &self.record
    }

    /// The part's name; empty for the first.
    #[must_use]
    pub fn part_name(&self) -> &str {
        &self.part
    }
}

impl From<RecordKey> for DraftKey {
    fn from(record: RecordKey) -> Self {
        Self { record, part: "".into() }
    }
}

impl fmt::Display for DraftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.record)?;
        if self.part.is_empty() { Ok(()) } else { write!(f, "#{}", self.part) }
    }
}

//! What an audit found.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

use mapping_core::name::{EntityName, FieldName};
use serde::Serialize;

/// What an audit found. `Display` is for a person, `Serialize` for a program.
///
/// It names files, lines, entities and fields; never a value. A record's id stands in it only where its source gives no file and
/// line.
#[derive(Clone, Debug, PartialEq, Serialize, Default)]
#[non_exhaustive]
pub struct AuditReport {
    /// Every entity, in the order in which a run would take them.
    pub entities: Vec<EntityAudit>,
    /// What was found: what would be refused first, then what a person should look at, then notes; each by how often.
    pub findings: Vec<Finding>,
    /// Further tables, which whoever asked for the audit may add to: how files are written, for one.
    pub tables: Vec<Table>,
}

impl AuditReport {
    /// How many records there are, refused ones among them.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.entities.iter().map(|entity| entity.records).sum()
    }

    /// How many records would not arrive.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.entities.iter().map(|entity| entity.refused).sum()
    }

    /// How often something of that severity was found.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|finding| finding.severity == severity).map(|finding| finding.count).sum()
    }

    /// Adds a finding that the audit itself cannot make, such as one about files; it takes its place among the others. Without a count
    /// there is none.
    pub fn add(&mut self, finding: Finding) {
        if finding.count == 0 {
            return;
        }
        let order = |finding: &Finding| (Reverse(finding.severity), Reverse(finding.count));
        let at = self.findings.partition_point(|known| order(known) <= order(&finding));
        self.findings.insert(at, finding);
    }

    /// The findings of that kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.kind == kind)
    }
}

/// One entity, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EntityAudit {
    /// Its name.
    pub entity: EntityName,
    /// How many records there are, refused ones among them.
    pub records: u64,
    /// How many would not arrive: those the reader refuses, and, where a mapper was given, those that the mapping refuses or that
    /// need a record which does not arrive.
    pub refused: u64,
    /// How many of the records that could be read have each field, in the order in which the source declares them.
    pub fields: Vec<Completeness>,
}

/// How complete a field is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Completeness {
    /// The field.
    pub field: FieldName,
    /// How many records have it.
    pub filled: u64,
    /// Out of so many that could be read.
    pub of: u64,
}

/// One kind of finding, with how often and where first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a word: a flag's kind; `refused` and `refused-by-mapping` for refusals; `orphan`, `refused-link` and
    /// `not-mapped-link` for links; `missing-` and the field's name for a field that is wanted.
    pub kind: Cow<'static, str>,
    /// The entity.
    pub entity: EntityName,
    /// The field, where it concerns one.
    pub field: Option<FieldName>,
    /// How often it was found.
    pub count: u64,
    /// What it is, and what to do.
    pub message: String,
    /// Where it was found first, in the order of reading.
    pub places: Vec<Place>,
}

impl Finding {
    /// A finding of that kind, found so often; without places. The message says what to do, and holds no value of a record.
    pub fn new(
        severity: Severity,
        kind: impl Into<Cow<'static, str>>,
        entity: impl Into<EntityName>,
        count: u64,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            kind: kind.into(),
            entity: entity.into(),
            field: None,
            count,
            message: message.into(),
            places: Vec::new(),
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a fourth answer would change every caller")]
pub enum Severity {
    /// Good to know.
    Note,
    /// The record would arrive; a person should look at it.
    Look,
    /// The record would not arrive.
    Refused,
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Place {
    /// A line of a file.
    Line {
        /// The file.
        file: Arc<str>,
        /// The line on which the record begins, counted from 1.
        line: u64,
    },
    /// A record of a source that gives no file and line.
    Record {
        /// Its id.
        key: Arc<str>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{file} line {line}"),
            Self::Record { key } => write!(f, "record {key}"),
        }
    }
}

/// A further table of a report.
///
/// # Example
///
/// ```
/// use reconcile::audit::report::Table;
///
/// let files = Table::new("files", ["file", "encoding"]).row(["Patients.csv", "UTF-8"]);
/// assert_eq!(files.rows.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// What it tells.
    pub title: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new<C: Into<String>>(title: impl Into<String>, columns: impl IntoIterator<Item = C>) -> Self {
        Self { title: title.into(), columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// The same, with a row. No cell may hold a value of a record.
    #[must_use]
    pub fn row<C: Into<String>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }
}

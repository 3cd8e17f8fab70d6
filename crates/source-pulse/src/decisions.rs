//! Whose rows are, as a person decided: a small file.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use mapping_core::error::{Error, Result};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use toml::Spanned;

/// Whose rows are, as a person decided. It counts before everything that a reader finds out by itself.
///
/// The file is the clinic's own, and holds names and phones of patients: keep it where nobody else reads it. What [`save`](Self::save)
/// writes can be read by its owner alone.
///
/// # Example
///
/// ```
/// use source_pulse::decisions::{IdDecisions, RowDecision};
///
/// let decisions = IdDecisions::from_toml(
///     r#"
/// [patients]               # an id as rows have it, and the id as the table of patients has it
/// "12" = "P-0012"
///
/// [[rows]]                 # rows without an id that say this, of one table or, without `table`, of all
/// table = "Bills"
/// name = "Asha Rao"
/// phone = "98765 43210"
/// patient = "P-0012"
/// "#,
///     "ids.toml",
/// )?;
/// let same = IdDecisions::default()
///     .patient("12", "P-0012")
///     .row(RowDecision::new("P-0012").table("Bills").name("Asha Rao").phone("98765 43210"));
/// assert_eq!(decisions, same);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct IdDecisions {
    /// For an id as it is written in other tables, and in the names of chats, the id as the table of patients has it.
    pub patients: BTreeMap<String, String>,
    /// Whose rows without an id are.
    pub rows: Vec<RowDecision>,
    /// Where they stand, if they were read from a file.
    #[serde(skip)]
    places: Places,
}

/// Whose the rows are that have no id and say this. Name and phone may be written in any way; rows that say more or less are others.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RowDecision {
    /// The table, such as `Bills`; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The patient's name, where the rows have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The patient's phone, where the rows have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The id as the table of patients has it.
    pub patient: String,
}

#[derive(Clone, Default)]
struct Places {
    file: Option<String>,
    patients: BTreeMap<String, u64>,
    rows: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    patients: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    rows: Vec<Spanned<RowDecision>>,
}

impl IdDecisions {
    /// Reads what `file` holds. That the patients are there is seen when an export is opened with it.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or not decisions: the error's places `file` and `line` say where.
    pub fn from_toml(text: &str, file: &str) -> Result<Self> {
        let line =
            |span: Range<usize>| text.get(..span.start).unwrap_or(text).matches('\n').count() as u64 + 1;
        let written: Written = toml::from_str(text).map_err(|cause| {
            // What the parser says may repeat a line of the file.
            let error = Error::config(
                "the decisions about ids do not read; give [patients] with ids, and [[rows]] with table, name, phone and patient",
            );
            let error = match cause.span() {
                Some(span) => error.at("line", line(span)),
                None => error,
            };
            error.at("file", file)
        })?;
        let places = Places {
            file: Some(file.to_owned()),
            patients: written
                .patients
                .iter()
                .map(|(id, patient)| (id.clone(), line(patient.span())))
                .collect(),
            rows: written.rows.iter().map(|row| line(row.span())).collect(),
        };
        let patients = written.patients.into_iter().map(|(id, patient)| (id, patient.into_inner())).collect();
        let rows = written.rows.into_iter().map(Spanned::into_inner).collect();
        Ok(Self { patients, rows, places })
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or as [`from_toml`](Self::from_toml).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|cause| {
            Error::config("the file with decisions about ids cannot be read; see its name and its rights")
                .at("file", path.display())
                .because(cause)
        })?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Writes a file that only its owner can read, in the place of one that is there. It is there whole, or as it was before.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let fail = || {
            Error::config("the file with decisions about ids cannot be written; see its folder's rights")
                .at("file", path.display())
        };
        let text = toml::to_string(self).map_err(|cause| fail().because(cause))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let write = || {
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        };
        write().map(drop).map_err(|cause| fail().because(cause))
    }

    /// The same, and rows with that id are that patient's.
    #[must_use]
    pub fn patient(mut self, written: impl Into<String>, patient: impl Into<String>) -> Self {
        self.patients.insert(written.into(), patient.into());
        self
    }

    /// The same, with a decision about rows without an id.
    #[must_use]
    pub fn row(mut self, row: RowDecision) -> Self {
        self.rows.push(row);
        self
    }

    /// Whether nothing was decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patients.is_empty() && self.rows.is_empty()
    }

    /// What is wrong with the decision about an id.
    pub(crate) fn wrong_id(&self, written: &str, message: &str) -> Error {
        let line = self.places.patients.get(written);
        self.placed(Error::config(message).at("id", written), line)
    }

    /// What is wrong with a decision about rows, by its place among them.
    pub(crate) fn wrong_row(&self, at: usize, message: &str) -> Error {
        self.placed(Error::config(message).at("decision", at + 1), self.places.rows.get(at))
    }

    fn placed(&self, error: Error, line: Option<&u64>) -> Error {
        let error = line.into_iter().fold(error, |error, line| error.at("line", line));
        self.places.file.iter().fold(error, |error, file| error.at("file", file))
    }
}

/// Two are equal that say the same, wherever they stand.
impl PartialEq for IdDecisions {
    fn eq(&self, other: &Self) -> bool {
        (&self.patients, &self.rows) == (&other.patients, &other.rows)
    }
}

impl Eq for IdDecisions {}

impl fmt::Debug for IdDecisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdDecisions")
            .field("patients", &self.patients.len())
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

impl RowDecision {
    /// Rows are that patient's. Which ones is to be said: give a name, a phone or both.
    #[must_use]
    pub fn new(patient: impl Into<String>) -> Self {
        Self { table: None, name: None, phone: None, patient: patient.into() }
    }

    /// The same, of that table alone.
    #[must_use]
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.table = Some(table.into());
        self
    }

    /// The same, of rows with that name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same, of rows with that phone.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }
}

impl fmt::Debug for RowDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowDecision").field("table", &self.table).finish_non_exhaustive()
    }
}

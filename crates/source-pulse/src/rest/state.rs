//! How far a fetch has come: what is kept beside what was fetched.

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::rest::answer::{TableTold, Tables};

/// The state of a fetch, as a file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// What is fetched; another fetch does not go on with it.
    pub(super) of: Bound,
    /// The bridge's clock when the fetch began.
    pub(super) as_of: Timestamp,
    pub(super) tables: Vec<TableState>,
    pub(super) files: FilesState,
}

/// What a fetch is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bound {
    pub(super) address: String,
    pub(super) modified_since: Option<Timestamp>,
}

/// How far a table has come.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TableState {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// How many rows the bridge told of when the table was begun.
    pub(super) told: u64,
    pub(super) rows: u64,
    /// How long its file is.
    pub(super) bytes: u64,
    /// Where to go on.
    pub(super) cursor: Option<String>,
    pub(super) whole: bool,
}

/// How far the files have come.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct FilesState {
    pub(super) told: u64,
    pub(super) count: u64,
    pub(super) bytes: u64,
    pub(super) cursor: Option<String>,
    pub(super) whole: bool,
}

impl State {
    /// What is to be fetched, going on with what was.
    ///
    /// A table that is whole stays. One that was begun goes on, unless its columns are others now. What was not begun is as it is told now.
    pub(super) fn merged(earlier: Option<Self>, of: Bound, told: Tables) -> Result<Self> {
        let (as_of, mut files, mut known) = match earlier {
            Some(earlier) => (earlier.as_of, earlier.files, earlier.tables),
            None => (told.now, FilesState::default(), Vec::new()),
        };
        let mut tables: Vec<TableState> = Vec::with_capacity(told.tables.len());
        for table in told.tables {
            check(&table, &tables)?;
            let at = known.iter().position(|known| known.name == table.name);
            let known = at.map(|at| known.swap_remove(at));
            let goes_on =
                |known: &TableState| known.whole || known.bytes > 0 && known.columns == table.columns;
            tables.push(known.filter(goes_on).unwrap_or_else(|| TableState::new(table)));
        }
        // What is whole stays, though it is no longer told of.
        tables.extend(known.into_iter().filter(|known| known.whole));
        if !files.whole && files.count == 0 {
            files.told = told.files;
        }
        Ok(Self { of, as_of, tables, files })
    }

    /// How many bytes there are of all.
    pub(super) fn bytes(&self) -> u64 {
        self.tables.iter().fold(self.files.bytes, |sum, table| sum.saturating_add(table.bytes))
    }
}

impl TableState {
    fn new(told: TableTold) -> Self {
        let TableTold { name, columns, rows } = told;
        Self { name, columns, told: rows, rows: 0, bytes: 0, cursor: None, whole: false }
    }

    /// The table's file in the folder.
    pub(super) fn file(&self) -> String {
        format!("{}.csv", self.name)
    }

    /// Begins again.
    pub(super) fn reset(&mut self) {
        (self.rows, self.bytes, self.cursor, self.whole) = (0, 0, None, false);
    }
}

impl FilesState {
    /// Begins again.
    pub(super) fn reset(&mut self) {
        (self.count, self.bytes, self.cursor, self.whole) = (0, 0, None, false);
    }
}

/// Whether a table can be a file: one name, plain enough for every file system, and no other table's in other case.
fn check(table: &TableTold, before: &[TableState]) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let name = table.name.as_str();
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !starts || name.len() > 64 || name.ends_with(' ') || !name.chars().all(plain) {
        return Err(Error::invalid(
            "the bridge tells of a table whose name is none: letters, digits, spaces, '-' and '_' may stand in it",
        )
        .at("table", before.len() + 1));
    }
    if before.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
        return Err(Error::invalid("the bridge tells of this table twice").at("table", name));
    }
    if table.columns.is_empty() {
        return Err(Error::invalid("the bridge tells of a table without columns").at("table", name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> Tables {
        let table = |name: &&str| TableTold { name: (*name).into(), columns: vec!["ID".into()], rows: 5 };
        Tables { now: Timestamp::UNIX_EPOCH, tables: names.iter().map(table).collect(), files: 2 }
    }

    fn merged(earlier: Option<State>, told: Tables) -> Result<State> {
        State::merged(earlier, Bound { address: "https://a.example.org".into(), modified_since: None }, told)
    }

    #[test]
    fn what_is_whole_stays_what_was_begun_goes_on_and_the_rest_is_as_told_now() {
        let mut state = merged(None, told(&["Whole", "Begun", "Changed", "New", "Gone"])).unwrap();
        let begin = |table: &mut TableState, rows| (table.rows, table.bytes) = (rows, 10 * rows);
        state.tables.iter_mut().take(3).for_each(|table| begin(table, 3));
        state.tables[0].whole = true;
        begin(&mut state.tables[4], 2);
        let mut now = told(&["New", "Begun", "Changed"]);
        now.now = Timestamp::now();
        now.tables[2].columns.push("Name".into());
        now.tables.iter_mut().for_each(|table| table.rows = 9);
        let merged = merged(Some(state), now).unwrap();
        let tables: Vec<_> =
            merged.tables.iter().map(|table| (table.name.as_str(), table.rows, table.told)).collect();
        assert_eq!(tables, [("New", 0, 9), ("Begun", 3, 5), ("Changed", 0, 9), ("Whole", 3, 5)]);
        assert_eq!((merged.as_of, merged.bytes()), (Timestamp::UNIX_EPOCH, 60));
    }

    #[test]
    fn a_table_must_have_a_name_of_its_own_and_columns() {
        for name in ["../x", "a/b", "a\\b", "", ".fetch", "C:x", "x.", "-x", "x ", "\u{930}", "a\nb"] {
            assert!(merged(None, told(&["Patients", name])).is_err(), "{name}");
        }
        assert!(merged(None, told(&["Patients", "PATIENTS"])).is_err());
        let mut without = told(&["Patients"]);
        without.tables[0].columns.clear();
        assert!(merged(None, without).is_err());
        assert!(merged(None, told(&["Clinical Notes", "Procedure_Catalog-2"])).is_ok());
    }
}

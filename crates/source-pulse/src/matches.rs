//! How the rows of each table found their patients, and how certain that is.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use mapping_core::error::Result;
use mapping_core::key::Origin;
use mapping_core::table::RowKind;
use serde::Serialize;

use crate::bills::goes_on;
use crate::chats;
use crate::ids::PatientIds;
use crate::ids::whose::{Found, Said};
use crate::sheet::Sheet;
use crate::tables::{BILLS, PAYMENTS};

/// How the rows of each table found their patients. `Display` is for a person, `Serialize` for a program. It names files and lines, and no
/// value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MatchReport {
    /// The tables whose rows are of patients, and the chats where there are any.
    pub tables: Vec<TableMatches>,
}

/// How the rows of one table found their patients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableMatches {
    /// The file; `Messages` for the chats.
    pub table: String,
    /// How many rows there are that are of a patient. Rows that go on with the bill above, and payments that name their bill alone, are
    /// not among them.
    pub rows: u64,
    /// How they found their patients, the certain ones first. The counts come to `rows`.
    pub found: Vec<Matches>,
}

/// Rows that found their patients in one way, or did not find them for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Matches {
    /// The way.
    pub how: How,
    /// How certain it is.
    pub certainty: Certainty,
    /// What that is, for a person.
    pub what: &'static str,
    /// How many rows.
    pub count: u64,
    /// The first of them, except for those that are exact.
    pub places: Vec<Origin>,
}

/// A way to find whose a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum How {
    /// By the patient's id as it is written.
    Exact,
    /// As a person decided.
    Decision,
    /// By the number of the id: `12` is `P-0012`.
    Number,
    /// By name and phone together.
    NameAndPhone,
    /// Not found: it may be one of several, or what is written contradicts itself.
    Ambiguous,
    /// Not found: nobody fits, or too little is written.
    Nobody,
}

/// How certain it is whose a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Certainty {
    /// It is written so, or decided.
    Certain,
    /// Nobody else fits, and nothing contradicts it.
    Likely,
    /// It is left to a person; the row belongs to nobody until then.
    Open,
}

impl MatchReport {
    /// The tables, read through; so many places of each way are named.
    pub(crate) fn of<'a>(
        sheets: impl Iterator<Item = &'a Sheet>,
        chats: impl Iterator<Item = &'a Path>,
        patients: &PatientIds,
        places: usize,
    ) -> Result<Self> {
        let mut tables = Vec::new();
        for sheet in sheets.filter(|sheet| sheet.is_of_patients() || sheet.table() == PAYMENTS.name) {
            let mut tally = Tally { places, ..Tally::default() };
            for row in sheet.rows()? {
                let row = row?;
                let said = sheet.whose(&row);
                let table = sheet.table();
                let nothing = said.id.is_none() && said.name.is_none() && said.phone.is_none();
                let of_another =
                    (table == BILLS.name && goes_on(sheet, &row)) || (table == PAYMENTS.name && nothing);
                if row.kind == RowKind::Data && !of_another {
                    tally.add(patients, said, || sheet.origin(row.line));
                }
            }
            tables.push(tally.table(sheet.file()));
        }
        let mut tally = Tally { places, ..Tally::default() };
        for path in chats {
            let (name, origin) = chats::named(path);
            tally.add(patients, chats::said(&name), || origin);
        }
        if tally.rows > 0 {
            tables.push(tally.table(chats::TABLE));
        }
        Ok(Self { tables })
    }
}

#[derive(Default)]
struct Tally {
    places: usize,
    rows: u64,
    found: BTreeMap<Found, (u64, Vec<Origin>)>,
}

impl Tally {
    fn add(&mut self, patients: &PatientIds, said: Said<'_>, origin: impl FnOnce() -> Origin) {
        let way = patients.whose(said).found;
        self.rows += 1;
        let (count, places) = self.found.entry(way).or_default();
        *count += 1;
        if way != Found::Exact && places.len() < self.places {
            places.push(origin());
        }
    }

    fn table(self, table: &str) -> TableMatches {
        let matches = |(way, (count, places)): (Found, _)| {
            let (how, certainty, what) = way.told();
            Matches { how, certainty, what, count, places }
        };
        TableMatches {
            table: table.to_owned(),
            rows: self.rows,
            found: self.found.into_iter().map(matches).collect(),
        }
    }
}

impl Found {
    fn told(self) -> (How, Certainty, &'static str) {
        use Certainty::{Certain, Likely, Open};
        match self {
            Self::Exact => (How::Exact, Certain, "the id as it is written"),
            Self::Decided => (How::Decision, Certain, "decided by a person"),
            Self::ByNumber => (How::Number, Likely, "the number of one patient's id"),
            Self::ByNameAndPhone => (How::NameAndPhone, Likely, "no id; name and phone of one patient"),
            Self::SeveralNumbers => (How::Ambiguous, Open, "several patients' ids have the number"),
            Self::OtherName => {
                (How::Ambiguous, Open, "one patient's id has the number, and the name is another's")
            }
            Self::SeveralPeople => (How::Ambiguous, Open, "no id; several patients have name and phone"),
            Self::NameKnown => {
                (How::Ambiguous, Open, "nobody has the id, and one patient has name and phone")
            }
            Self::UnknownId => (How::Nobody, Open, "nobody has the id"),
            Self::UnknownPerson => (How::Nobody, Open, "no id; nobody has name and phone"),
            Self::NameOnly => (How::Nobody, Open, "no id; a name without a phone"),
            Self::PhoneOnly => (How::Nobody, Open, "no id; a phone without a name"),
            Self::Nothing => (How::Nobody, Open, "no patient is named"),
        }
    }
}

impl How {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Decision => "decision",
            Self::Number => "number",
            Self::NameAndPhone => "name and phone",
            Self::Ambiguous => "ambiguous",
            Self::Nobody => "nobody",
        }
    }
}

impl Certainty {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Open => "open",
        }
    }
}

impl Matches {
    /// The first places, in words: `4, 9 and 3 more` are lines; of chats these are files.
    #[must_use]
    pub fn shown(&self) -> String {
        // Chats are files, and no lines of one.
        let place = |origin: &Origin| match origin.line {
            1 => origin.file.to_string(),
            line => line.to_string(),
        };
        let places: Vec<String> = self.places.iter().map(place).collect();
        match (places.is_empty(), self.count.saturating_sub(self.places.len() as u64)) {
            (true, _) => String::new(),
            (false, 0) => places.join(", "),
            (false, more) => format!("{} and {more} more", places.join(", ")),
        }
    }
}

impl fmt::Display for MatchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            writeln!(f, "{}: {} rows of patients", table.table, table.rows)?;
            for found in &table.found {
                let (how, certainty) = (found.how.as_str(), found.certainty.as_str());
                write!(f, "  {:>8}  {how}, {certainty}: {}", found.count, found.what)?;
                match found.shown() {
                    places if places.is_empty() => writeln!(f)?,
                    places if table.table == chats::TABLE => writeln!(f, ": {places}")?,
                    lines => writeln!(f, ": line {lines}")?,
                }
            }
        }
        Ok(())
    }
}

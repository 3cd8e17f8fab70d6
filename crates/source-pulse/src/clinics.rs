//! The account's clinics: the rows of `Clinics.csv`, and those whom other files name.

use std::collections::{HashMap, HashSet};

use mapping_core::error::Result;
use mapping_core::finding::Flag;
use mapping_core::key::Origin;
use mapping_core::record::Record;
use mapping_core::source::Reading;
use mapping_core::table::Row;

use crate::cells::Cells;
use crate::entities::CLINIC;
use crate::ids::Seen;
use crate::options::PulseOptions;
use crate::sheet::Sheet;
use crate::text;

/// What `Clinics.csv` says of clinics' names, where there is one.
#[derive(Default)]
pub(crate) struct Listed {
    /// The ids, where there is such a file.
    names: Option<HashSet<String>>,
    /// What other files may write in place of a name, and the id that it means; none for what several have.
    codes: HashMap<String, Option<String>>,
}

impl Listed {
    /// Reads the file through.
    pub(crate) fn of(sheet: Option<&mut Sheet>, options: &PulseOptions) -> Result<Self> {
        let mut listed = Self::default();
        let Some(sheet) = sheet else { return Ok(listed) };
        let mut names = HashSet::new();
        sheet.survey(options, |sheet, row| {
            let Some(id) = sheet.said(row, "name").map(text::slug).filter(|id| !id.is_empty()) else {
                return;
            };
            // Of two with one name the first is taken, and so is its code.
            if !names.insert(id.clone()) {
                return;
            }
            if let Some(code) = sheet.said(row, "code").map(text::slug).filter(|code| !code.is_empty()) {
                listed.codes.entry(code).and_modify(|known| *known = None).or_insert(Some(id));
            }
        })?;
        listed.names = Some(names);
        Ok(listed)
    }

    /// The id of the clinic that is written so: by its name, or by its code in `Clinics.csv`.
    pub(crate) fn id(&self, written: &str) -> Option<String> {
        let id = text::slug(written);
        if self.names.as_ref().is_some_and(|names| names.contains(&id)) {
            return Some(id);
        }
        let by_code = self.codes.get(&id).cloned().flatten();
        by_code.or(Some(id)).filter(|id| !id.is_empty())
    }

    fn is_stranger(&self, id: &str) -> bool {
        self.names.as_ref().is_none_or(|names| !names.contains(id))
    }
}

/// The clinics that tables name and `Clinics.csv` does not: each once, in the order in which they were seen.
#[derive(Default)]
pub(crate) struct Strangers {
    /// Ways of writing that were seen. There are a few.
    written: HashSet<String>,
    ids: HashSet<String>,
    all: Vec<Stranger>,
    /// Whether there is a file that they should be in.
    listed: bool,
}

struct Stranger {
    id: String,
    name: String,
    origin: Origin,
}

impl Strangers {
    /// Takes in the clinic of a row; none where clinics are no records.
    pub(crate) fn see(&mut self, listed: Option<&Listed>, sheet: &Sheet, row: &Row) {
        let (Some(listed), Some(written)) = (listed, sheet.said(row, "clinic")) else { return };
        if self.written.contains(written) {
            return;
        }
        self.written.insert(written.to_owned());
        self.listed = listed.names.is_some();
        let Some(id) = listed.id(written).filter(|id| listed.is_stranger(id)) else { return };
        if self.ids.insert(id.clone()) {
            self.all.push(Stranger { id, name: written.to_owned(), origin: sheet.origin(row.line) });
        }
    }

    pub(crate) fn readings(&self) -> impl Iterator<Item = Reading> + Send + '_ {
        self.all.iter().map(|stranger| {
            let mut record = Record::new(CLINIC, stranger.id.as_str())
                .at(stranger.origin.clone())
                .with("name", stranger.name.as_str());
            // Most exports have no such file: nothing is amiss then.
            if self.listed {
                let message =
                    "a clinic that is not in the file of clinics, seen here first; only the name is known";
                record.flag(Flag::new("unknown-clinic", message).field("name"));
            }
            record.into()
        })
    }
}

/// A row of `Clinics.csv`.
pub(crate) fn read(seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let Some(name) = cells.text("name") else {
        return cells.refuse(None, "name", "the clinic has no name; give it one at the source");
    };
    let id = text::slug(&name);
    if id.is_empty() {
        return cells.refuse(None, "name", "the name has no letter; give one at the source");
    }
    if let Err(line) = seen.insert(&id, cells.line()) {
        let reason = format!("another clinic has this name, on line {line}; only that one was taken");
        return cells.refuse(Some(&id), "name", reason);
    }
    cells.put("name", name);
    cells.put_texts(&["code", "phone", "email", "address", "city", "pincode"]);
    cells.record(id)
}

//! What a person decided about ids, ready to be asked.

use std::collections::HashMap;

use mapping_core::error::Result;

use crate::decisions::IdDecisions;
use crate::ids::fingerprint::Fingerprint;
use crate::ids::name::{Name, Title};
use crate::phones;

/// Decisions, each with the id that the patient's own record has.
#[derive(Default)]
pub(crate) struct Decided {
    ids: HashMap<String, String>,
    rows: HashMap<Key, String>,
}

/// What rows without an id say, as far as it tells them apart. A decision is about rows that say neither more nor less.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    /// None where it is about all tables.
    table: Option<String>,
    name: Option<(u64, Title)>,
    phones: Vec<u64>,
}

impl Decided {
    /// Decisions, checked; `known` tells whether a patient has that very id.
    ///
    /// # Errors
    ///
    /// A decision names a patient who is not there, or nothing of a row; or two are about the same rows.
    pub(crate) fn new(decisions: &IdDecisions, known: impl Fn(&str) -> bool) -> Result<Self> {
        let mut decided = Self::default();
        for (written, patient) in &decisions.patients {
            if !known(patient) {
                return Err(decisions.wrong_id(written, UNKNOWN_PATIENT).at("patient", patient));
            }
            decided.ids.insert(written.trim().to_owned(), patient.clone());
        }
        for (at, row) in decisions.rows.iter().enumerate() {
            let wrong = |message| decisions.wrong_row(at, message);
            if !known(&row.patient) {
                return Err(wrong(UNKNOWN_PATIENT).at("patient", &row.patient));
            }
            let name = row.name.as_deref().and_then(Name::of);
            let key = Key::of(row.table.as_deref(), name.as_ref(), row.phone.as_deref());
            if key.name.is_none() && key.phones.is_empty() {
                return Err(wrong("the decision names no row; give the name or the phone that rows have"));
            }
            if decided.rows.insert(key, row.patient.clone()).is_some_and(|other| other != row.patient) {
                return Err(wrong("two decisions are about the same rows, for two patients; leave one"));
            }
        }
        Ok(decided)
    }

    /// The patient of a written id.
    pub(crate) fn of_id(&self, id: &str) -> Option<&str> {
        self.ids.get(id).map(String::as_str)
    }

    /// The patient of a row without an id: what was decided for its table counts before what was decided for all.
    pub(crate) fn of_row(&self, table: &str, name: Option<&Name>, phone: Option<&str>) -> Option<&str> {
        if self.rows.is_empty() {
            return None;
        }
        let of = |table| self.rows.get(&Key::of(table, name, phone));
        of(Some(table)).or_else(|| of(None)).map(String::as_str)
    }
}

const UNKNOWN_PATIENT: &str =
    "the decision is for a patient who is not there; give the id as it is written in the table of patients";

impl Key {
    fn of(table: Option<&str>, name: Option<&Name>, phone: Option<&str>) -> Self {
        let said = phone.map(str::trim).filter(|phone| !phone.is_empty());
        let mut phones = said.map(phones::keys).unwrap_or_default();
        // A cell without a number tells rows apart by what else it says.
        if let Some(text) = said.filter(|_| phones.is_empty()) {
            phones.push(Fingerprint::of(&[text]).short());
        }
        phones.sort_unstable();
        phones.dedup();
        Self {
            table: table.map(str::to_lowercase),
            name: name.map(|name| (name.whole, name.sketch.title)),
            phones,
        }
    }
}

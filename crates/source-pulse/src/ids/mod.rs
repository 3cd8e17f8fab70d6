//! Which patient an id means: as it is written, or by its number.

pub(crate) mod decided;
pub(crate) mod fingerprint;
pub(crate) mod name;
pub(crate) mod people;
pub(crate) mod whose;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mapping_core::error::Result;

use crate::decisions::IdDecisions;
use crate::ids::decided::Decided;
use crate::ids::fingerprint::Fingerprint;
use crate::ids::name::{Name, Sketch};
use crate::ids::people::{NOBODY, People};

/// The ids of all patients, with their names and phones, as fingerprints and numbers: some hundred and forty bytes a patient.
#[derive(Default)]
pub(crate) struct PatientIds {
    /// The place of each id's patient.
    places: HashMap<Fingerprint, u32>,
    patients: Vec<Patient>,
    /// Ids that no form and number give.
    texts: Vec<Box<str>>,
    people: People,
    decided: Decided,
    /// For each number, how the only id with it is written; [`SEVERAL`] where there are more.
    numbers: HashMap<u64, u16>,
    forms: Vec<Form>,
    known_forms: HashMap<Form, u16>,
}

const SEVERAL: u16 = u16::MAX;
/// Stands for a form that there was no room for.
const UNKNOWN: u16 = u16::MAX - 1;

/// What is kept of a patient.
struct Patient {
    line: u32,
    /// How the id is written; [`UNKNOWN`] where it is one of the texts.
    form: u16,
    /// The id's number, or its place among the texts.
    number: u64,
    name: Option<Sketch>,
}

/// A row of the patients' table, whether or not it is a record.
pub(crate) struct Listed<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) line: u64,
    pub(crate) name: Option<Name>,
    /// The digits of the phones.
    pub(crate) phones: Vec<u64>,
}

/// Whom an id means.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    /// The patient with this very id.
    Exact,
    /// The only patient with this number, whose id is this.
    ByNumber(String),
    /// One of several patients with this number.
    Ambiguous,
    /// Nobody.
    Nobody,
}

impl PatientIds {
    /// Takes a patient in. The first line of an id counts; a row that is no record is known to be there, and is nobody's.
    pub(crate) fn insert(&mut self, listed: &Listed<'_>) {
        let place = listed.id.map_or(NOBODY, |id| self.place(id, listed));
        if let Some(name) = &listed.name {
            self.people.add(name, &listed.phones, place);
        }
    }

    /// Ends the taking in.
    pub(crate) fn finish(&mut self) {
        self.patients.shrink_to_fit();
        self.people.finish();
    }

    /// Takes in what a person decided, after all patients.
    ///
    /// # Errors
    ///
    /// A decision names a patient who is not there, or nothing of a row; or two are about the same rows.
    pub(crate) fn decide(&mut self, decisions: &IdDecisions) -> Result<()> {
        self.decided = Decided::new(decisions, |id| self.patient(id).is_some())?;
        Ok(())
    }

    /// The place of an id's patient; nobody's for a later row of it that names another.
    fn place(&mut self, id: &str, listed: &Listed<'_>) -> u32 {
        let next = short(self.patients.len() as u64);
        let name = listed.name.map(|name| name.sketch);
        match self.places.entry(Fingerprint::of(&[id])) {
            Entry::Occupied(entry) => {
                let known = self.patients.get(*entry.get() as usize);
                return if known.is_some_and(|known| known.name == name) { *entry.get() } else { NOBODY };
            }
            Entry::Vacant(entry) => entry.insert(next),
        };
        let numbered = Form::of(id).map(|(form, number)| (self.form(form), number));
        if let Some((form, number)) = numbered {
            self.numbers.entry(number).and_modify(|known| *known = SEVERAL).or_insert(form);
        }
        let (form, number) = numbered.filter(|(form, _)| *form != UNKNOWN).unwrap_or_else(|| {
            self.texts.push(id.into());
            (UNKNOWN, self.texts.len() as u64 - 1)
        });
        self.patients.push(Patient { line: short(listed.line), form, number, name });
        next
    }

    /// The first line of an id.
    pub(crate) fn first_line(&self, id: &str) -> Option<u64> {
        self.patient(id).map(|patient| u64::from(patient.line))
    }

    fn patient(&self, id: &str) -> Option<&Patient> {
        self.patients.get(*self.places.get(&Fingerprint::of(&[id]))? as usize)
    }

    /// How the id of the patient at a place is written.
    fn written(&self, place: u32) -> Option<String> {
        let patient = self.patients.get(place as usize)?;
        if patient.form == UNKNOWN {
            return self.texts.get(usize::try_from(patient.number).ok()?).map(|id| id.as_ref().to_owned());
        }
        self.forms.get(usize::from(patient.form)).map(|form| form.write(patient.number))
    }

    /// Whether another patient's id has the same number.
    pub(crate) fn has_twin(&self, id: &str) -> bool {
        Form::of(id).is_some_and(|(_, number)| self.numbers.get(&number) == Some(&SEVERAL))
    }

    /// Whom an id means.
    fn find(&self, id: &str) -> Meant {
        if self.places.contains_key(&Fingerprint::of(&[id])) {
            return Meant::Exact;
        }
        let Some((asked, number)) = Form::of(id) else { return Meant::Nobody };
        match self.numbers.get(&number) {
            None => Meant::Nobody,
            Some(&SEVERAL) => Meant::Ambiguous,
            Some(form) => match self.forms.get(usize::from(*form)) {
                Some(form) if form.fits(&asked) => Meant::ByNumber(form.write(number)),
                _ => Meant::Nobody,
            },
        }
    }

    /// Files write their ids in one form or a few. Beyond 65,534 of them, ids are found only as they are written.
    fn form(&mut self, form: Form) -> u16 {
        if let Some(known) = self.known_forms.get(&form) {
            return *known;
        }
        let Some(next) = u16::try_from(self.forms.len()).ok().filter(|next| *next < UNKNOWN) else {
            return UNKNOWN;
        };
        self.forms.push(form.clone());
        self.known_forms.insert(form, next);
        next
    }
}

/// The ids a reading has seen, each with its line.
#[derive(Default)]
pub(crate) struct Seen {
    lines: HashMap<Fingerprint, u32>,
    repeats: HashMap<Fingerprint, u32>,
}

impl Seen {
    /// Takes an id in, or answers on which line it was before.
    pub(crate) fn insert(&mut self, id: &str, line: u64) -> Result<(), u64> {
        match self.lines.entry(Fingerprint::of(&[id])) {
            Entry::Occupied(entry) => Err(u64::from(*entry.get())),
            Entry::Vacant(entry) => {
                entry.insert(short(line));
                Ok(())
            }
        }
    }

    /// Takes a [derived] id in: as it is, or with `-2`, `-3` and so on where it was there before, which is told.
    ///
    /// # Errors
    ///
    /// The id with that number was there too.
    pub(crate) fn free(&mut self, id: String, line: u64) -> Result<(String, bool), u64> {
        if self.insert(&id, line).is_ok() {
            return Ok((id, false));
        }
        let id = format!("{id}-{}", self.repeat(&id));
        self.insert(&id, line).map(|()| (id, true))
    }

    /// How often an id was asked for that had been there: 2 for the first time.
    fn repeat(&mut self, id: &str) -> u32 {
        let times = self.repeats.entry(Fingerprint::of(&[id])).or_insert(1);
        *times = times.saturating_add(1);
        *times
    }
}

/// Numbers for what belongs together.
#[derive(Default)]
pub(crate) struct Groups {
    known: HashMap<Fingerprint, u32>,
    count: u32,
}

impl Groups {
    /// The number of what says the same.
    pub(crate) fn of(&mut self, parts: &[&str]) -> u32 {
        let Self { known, count } = self;
        *known.entry(Fingerprint::of(parts)).or_insert_with(|| {
            *count = count.saturating_add(1);
            *count
        })
    }

    /// The number of what stands by itself.
    pub(crate) fn alone(&mut self) -> u32 {
        self.count = self.count.saturating_add(1);
        self.count
    }
}

fn short(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// How an id with a number at its end is written.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Form {
    prefix: Box<str>,
    digits: u8,
    /// Whether a spreadsheet put `.0` behind it.
    decimal: bool,
}

impl Form {
    /// The form and the number of an id; none where it has no number at its end, or one before it.
    fn of(id: &str) -> Option<(Self, u64)> {
        let (id, decimal) = id.strip_suffix(".0").map_or((id, false), |id| (id, true));
        let start = id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (prefix, number) = id.split_at_checked(start)?;
        let digits = u8::try_from(number.len()).ok().filter(|digits| (1..=18).contains(digits))?;
        if prefix.chars().any(|c| c.is_ascii_digit()) || prefix.len() > 32 {
            return None;
        }
        Some((Self { prefix: prefix.into(), digits, decimal }, number.parse().ok()?))
    }

    /// Whether both may mean the same: the letters are equal, or one has none.
    fn fits(&self, other: &Self) -> bool {
        let letters = |form: &Self| {
            form.prefix
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect::<String>()
        };
        let (own, others) = (letters(self), letters(other));
        own.is_empty() || others.is_empty() || own == others
    }

    fn write(&self, number: u64) -> String {
        let end = if self.decimal { ".0" } else { "" };
        format!("{}{number:0width$}{end}", self.prefix, width = usize::from(self.digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(all: &[&str]) -> PatientIds {
        let mut ids = PatientIds::default();
        for (id, line) in all.iter().zip(2..) {
            ids.insert(&Listed { id: Some(id), line, name: None, phones: Vec::new() });
        }
        ids.finish();
        ids
    }

    #[test]
    fn the_same_number_is_the_same_patient_if_there_is_one() {
        let ids = ids(&["P-0012", "P-0013", "K1", "7.0"]);
        assert_eq!(ids.find("P-0012"), Meant::Exact);
        for written in ["P0012", "0012", "12", "p-12", "12.0", "P 0012"] {
            assert_eq!(ids.find(written), Meant::ByNumber("P-0012".into()), "{written}");
        }
        assert_eq!(ids.find("P-0007"), Meant::ByNumber("7.0".into()));
        for nobody in ["Q-12", "14", "P", "", "P-12-3", "9999999999999999999999"] {
            assert_eq!(ids.find(nobody), Meant::Nobody, "{nobody}");
        }
    }

    #[test]
    fn a_number_that_several_have_is_never_guessed() {
        let ids = ids(&["P-0012", "12", "P-0013"]);
        assert_eq!(ids.find("12"), Meant::Exact);
        assert_eq!(ids.find("0012"), Meant::Ambiguous);
        assert!(ids.has_twin("P-0012") && ids.has_twin("12") && !ids.has_twin("P-0013"));
    }

    #[test]
    fn the_first_line_of_an_id_counts() {
        let ids = ids(&["P-1", "P-2", "P-1"]);
        assert_eq!(ids.first_line("P-1"), Some(2));
        assert!(!ids.has_twin("P-1"), "the same id twice is not two patients with one number");
    }

    #[test]
    fn every_id_is_written_again_as_it_was() {
        let all = ["P-0012", "7.0", "P-12-3", "Asha", "0", "000", "K 1", "123456789012345678901"];
        let ids = ids(&all);
        for (id, place) in all.iter().zip(0..) {
            assert_eq!(ids.written(place).as_deref(), Some(*id));
        }
        assert_eq!(ids.written(8), None);
    }

    #[test]
    fn repeats_are_counted() {
        let mut seen = Seen::default();
        assert_eq!(seen.insert("a", 4), Ok(()));
        assert_eq!(seen.insert("a", 9), Err(4));
        assert_eq!((seen.repeat("a"), seen.repeat("a"), seen.repeat("b")), (2, 3, 2));
    }

    #[test]
    fn a_repeated_id_gets_a_number_unless_that_is_anothers() {
        let mut seen = Seen::default();
        let mut free = |id: &str| seen.free(id.to_owned(), 5).map(|(id, again)| format!("{id} {again}"));
        assert_eq!(free("a").as_deref(), Ok("a false"));
        assert_eq!(free("a").as_deref(), Ok("a-2 true"));
        assert_eq!(free("a").as_deref(), Ok("a-3 true"));
        assert_eq!(free("b-2").as_deref(), Ok("b-2 false"));
        assert_eq!(free("b").as_deref(), Ok("b false"));
        assert_eq!(free("b"), Err(5));
    }
}

//! Which patient an id means: as it is written, or by its number.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The ids of all patients, as fingerprints: some forty bytes a patient.
#[derive(Default)]
pub(crate) struct PatientIds {
    lines: HashMap<Fingerprint, u32>,
    /// For each number, how the only id with it is written; [`SEVERAL`] where there are more.
    numbers: HashMap<u64, u16>,
    forms: Vec<Form>,
    known_forms: HashMap<Form, u16>,
}

const SEVERAL: u16 = u16::MAX;
/// Stands for a form that there was no room for.
const UNKNOWN: u16 = u16::MAX - 1;

/// Whom an id means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meant {
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
    /// Takes an id in. The first line of an id counts.
    pub(crate) fn insert(&mut self, id: &str, line: u64) {
        match self.lines.entry(Fingerprint::of(&[id])) {
            Entry::Occupied(_) => return,
            Entry::Vacant(entry) => entry.insert(short(line)),
        };
        let Some((form, number)) = Form::of(id) else { return };
        let form = self.form(form);
        self.numbers.entry(number).and_modify(|known| *known = SEVERAL).or_insert(form);
    }

    /// The first line of an id.
    pub(crate) fn first_line(&self, id: &str) -> Option<u64> {
        self.lines.get(&Fingerprint::of(&[id])).map(|line| u64::from(*line))
    }

    /// Whether another patient's id has the same number.
    pub(crate) fn has_twin(&self, id: &str) -> bool {
        Form::of(id).is_some_and(|(_, number)| self.numbers.get(&number) == Some(&SEVERAL))
    }

    /// The id as the patient's own record has it, where it is known which patient is meant.
    pub(crate) fn known(&self, id: &str) -> Option<String> {
        match self.find(id) {
            Meant::Exact => Some(id.to_owned()),
            Meant::ByNumber(id) => Some(id),
            Meant::Ambiguous | Meant::Nobody => None,
        }
    }

    /// Whom an id means.
    pub(crate) fn find(&self, id: &str) -> Meant {
        if self.lines.contains_key(&Fingerprint::of(&[id])) {
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

/// An id made of what a record says: the same for the same, for another another.
pub(crate) fn derived(parts: &[&str]) -> String {
    let Fingerprint([a, b, ..]) = Fingerprint::of(parts);
    format!("derived-{a:08x}{b:08x}")
}

/// 128 bits of BLAKE3, of 32 bits each so that an entry of a map has no gaps.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u32; 4]);

impl Fingerprint {
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self::of_hash(&hasher.finalize())
    }

    /// The same of bytes that need be no text.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_hash(&blake3::hash(bytes))
    }

    fn of_hash(hash: &blake3::Hash) -> Self {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(hash.as_bytes().chunks_exact(4)) {
            *word = bytes.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte));
        }
        Self(words)
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
        all.iter().zip(2..).for_each(|(id, line)| ids.insert(id, line));
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
    fn parts_do_not_run_together() {
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
        assert_eq!(derived(&["ab", "c"]), derived(&["ab", "c"]));
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

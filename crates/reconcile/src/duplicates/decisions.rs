//! What people decided about pairs, and how it comes to be known: from a file, and from the journal.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use futures::TryStreamExt as _;
use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use mapping_core::finding::Flag;
use mapping_core::journal::{Decided, Entry, Journal, Verdict};
use mapping_core::key::{Origin, RecordKey};

/// What people decided: which records are of one person, and which are not.
///
/// They are written by hand in a small file, kept in the journal of the migration, and known to every later run. A newer decision
/// on the same two records counts in place of an older one.
///
/// # Example
///
/// ```
/// use mapping_core::key::RecordKey;
/// use reconcile::duplicates::{Decision, Decisions};
///
/// let decisions = Decisions::from_toml(
///     r#"
/// by = "Meera"                # who decided; may be left out
/// entity = "patient"          # may be left out
///
/// [[same]]                    # all of them are one person
/// stays = "P-1"
/// goes = ["P-7", "P-9"]
///
/// [[apart]]                   # each of them is a person of their own
/// keys = ["P-2", "P-3"]
///
/// [[undecided]]               # what was decided about them before is taken back
/// keys = ["P-4", "P-5"]
/// "#,
///     "decisions.toml",
/// )?;
/// let key = |id: &str| RecordKey::new("patient", id);
/// assert_eq!(decisions.of(&key("P-9"), &key("P-1")), Some(Decision::Same { stays: key("P-1") }));
/// assert_eq!(decisions.of(&key("P-2"), &key("P-3")), Some(Decision::Apart));
/// assert_eq!(decisions.of(&key("P-1"), &key("P-2")), None);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// In the order they were made.
    made: Vec<Made>,
    /// For which record each goes, as it was decided.
    goes: BTreeMap<RecordKey, RecordKey>,
    /// The record that stays in the end, in the place of each that goes.
    stays: BTreeMap<RecordKey, RecordKey>,
    /// The lesser of two first.
    apart: BTreeSet<(RecordKey, RecordKey)>,
}

/// A decision, and whence it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) verdict: Verdict,
    pub(super) by: Option<String>,
    /// Where in a file each of the two stands.
    pub(super) origins: Option<(Origin, Origin)>,
}

/// What was decided about two records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// They are of one person.
    Same {
        /// The one that is to stay. It may be a third.
        stays: RecordKey,
    },
    /// They are of two.
    Apart,
}

/// Why decisions cannot be obeyed.
pub(super) struct Contradiction {
    /// The record with which it is seen.
    pub(super) at: RecordKey,
    why: String,
}

impl Decisions {
    /// What a journal knows.
    ///
    /// # Errors
    ///
    /// The journal cannot be read, or what it holds cannot be obeyed.
    pub async fn journaled(journal: &dyn Journal) -> Result<Self> {
        let decided: Vec<Decided> = journal.decisions().try_collect().await?;
        let made = decided.into_iter().map(|Decided { verdict, by, .. }| Made { verdict, by, origins: None });
        Self::of_all(made.collect()).map_err(|contradiction| contradiction.error("in the journal"))
    }

    /// These, and `newer` ones on top of them.
    ///
    /// # Errors
    ///
    /// Together they cannot be obeyed: records go for each other in a circle, or two that are apart go for one.
    pub fn and(&self, newer: &Self) -> Result<Self> {
        let made = self.made.iter().chain(&newer.made).cloned().collect();
        Self::of_all(made).map_err(|contradiction| contradiction.error("with what was decided before"))
    }

    /// What a journal that knows these has to be told of `newer` ones: those that change anything.
    #[must_use]
    pub fn news(&self, newer: &Self, at: Timestamp) -> Vec<Entry> {
        let mut known = self.clone();
        let mut news = Vec::new();
        for made in &newer.made {
            if known.take(&made.verdict) {
                let (verdict, by) = (made.verdict.clone(), made.by.clone());
                news.push(Entry::Decided(Decided { verdict, by, at }));
            }
        }
        news
    }

    /// What was decided about two records.
    #[must_use]
    pub fn of(&self, one: &RecordKey, other: &RecordKey) -> Option<Decision> {
        if one != other && self.end(one) == self.end(other) {
            return Some(Decision::Same { stays: self.end(one).clone() });
        }
        self.apart.contains(&in_order(one, other)).then_some(Decision::Apart)
    }

    /// The records that go, each with the one that stays in the end, in the order of their keys.
    pub fn gone(&self) -> impl ExactSizeIterator<Item = (&RecordKey, &RecordKey)> {
        self.stays.iter()
    }

    /// All of the list, one after the other.
    pub(super) fn of_all(made: Vec<Made>) -> Result<Self, Contradiction> {
        let mut all = Self::default();
        for one in &made {
            all.take(&one.verdict);
        }
        all.made = made;
        all.settle()?;
        Ok(all)
    }

    /// Takes one in, in place of what was decided about the two before. Whether that changes anything.
    fn take(&mut self, verdict: &Verdict) -> bool {
        let unless_same = |map: &mut BTreeMap<RecordKey, RecordKey>, goes, stays| {
            let hit = map.get(goes) == Some(stays);
            if hit {
                map.remove(goes);
            }
            hit
        };
        match verdict {
            Verdict::Same { stays, goes } => {
                self.apart.remove(&in_order(stays, goes));
                unless_same(&mut self.goes, stays, goes);
                self.goes.insert(goes.clone(), stays.clone()).as_ref() != Some(stays)
            }
            Verdict::Apart { one, other } => {
                unless_same(&mut self.goes, one, other);
                unless_same(&mut self.goes, other, one);
                self.apart.insert(in_order(one, other))
            }
            Verdict::Open { one, other } => {
                let apart = self.apart.remove(&in_order(one, other));
                let (there, back) =
                    (unless_same(&mut self.goes, one, other), unless_same(&mut self.goes, other, one));
                apart || there || back
            }
            // A kind that a newer version made: the journal of one is not read.
            _ => false,
        }
    }

    /// Finds who stays in the end.
    fn settle(&mut self) -> Result<(), Contradiction> {
        let mut ends = BTreeMap::new();
        for goes in self.goes.keys() {
            let mut end = goes;
            for _ in 0..=self.goes.len() {
                match self.goes.get(end) {
                    Some(next) => end = next,
                    None => break,
                }
            }
            if self.goes.contains_key(end) {
                let why =
                    format!("{goes} goes in a circle and none stays; name the one that stays in the end");
                return Err(Contradiction { at: goes.clone(), why });
            }
            ends.insert(goes.clone(), end.clone());
        }
        self.stays = ends;
        let together = self.apart.iter().find(|(one, other)| self.end(one) == self.end(other));
        match together {
            None => Ok(()),
            Some((one, other)) => {
                let why = format!("{one} and {other} are apart here and the same elsewhere; decide on one");
                Err(Contradiction { at: one.clone(), why })
            }
        }
    }

    /// The record that stays in the place of one; itself, where nothing was decided.
    fn end<'k>(&'k self, key: &'k RecordKey) -> &'k RecordKey {
        self.stays.get(key).unwrap_or(key)
    }

    /// A flag for each record that a decision names and that is not there, with its line.
    pub(super) fn unknown(&self, is_there: impl Fn(&RecordKey) -> bool) -> Vec<Flag> {
        let mut seen = HashSet::new();
        let mut flags = Vec::new();
        for made in self.made.iter().filter(|made| !matches!(made.verdict, Verdict::Open { .. })) {
            let Some((one, other)) = both(&made.verdict) else { continue };
            let (first, second) = made.origins.clone().unzip();
            for (key, origin) in [(one, first), (other, second)] {
                if !is_there(key) && seen.insert(key.clone()) {
                    flags.push(unknown(key, origin));
                }
            }
        }
        flags
    }
}

/// What is said of a decision about a record that is not there.
pub(super) fn unknown(key: &RecordKey, origin: Option<Origin>) -> Flag {
    let message = format!("a decision is about {key}, which is not there; mend the id or take it out");
    Flag::new("unknown-decision", message).of(key, origin.as_ref())
}

/// The two that a verdict is on.
fn both(verdict: &Verdict) -> Option<(&RecordKey, &RecordKey)> {
    match verdict {
        Verdict::Same { stays, goes } => Some((stays, goes)),
        Verdict::Apart { one, other } | Verdict::Open { one, other } => Some((one, other)),
        _ => None,
    }
}

fn in_order(one: &RecordKey, other: &RecordKey) -> (RecordKey, RecordKey) {
    let (one, other) = if one <= other { (one, other) } else { (other, one) };
    (one.clone(), other.clone())
}

impl Contradiction {
    fn error(self, wherein: &str) -> Error {
        Error::config(format!(
            "the decisions contradict each other {wherein}: {self}; `[[undecided]]` takes one back"
        ))
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decisions {
        Decisions::from_toml(text, "d.toml").unwrap()
    }

    fn key(id: &str) -> RecordKey {
        RecordKey::new("patient", id)
    }

    fn same(stays: &str, goes: &str) -> Decisions {
        read(&format!("[[same]]\nstays = {stays:?}\ngoes = [{goes:?}]"))
    }

    #[test]
    fn all_records_of_one_person_are_the_same_among_themselves() {
        let read = read("[[same]]\nstays = \"1\"\ngoes = [\"2\", \"3\"]");
        assert_eq!(read.of(&key("2"), &key("3")), Some(Decision::Same { stays: key("1") }));
        assert_eq!(read.of(&key("1"), &RecordKey::new("staff", "2")), None);
    }

    #[test]
    fn who_goes_for_one_that_goes_ends_with_the_last() {
        let read = read("[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[same]]\nstays = \"2\"\ngoes = [\"3\"]");
        assert_eq!(read.of(&key("3"), &key("1")), Some(Decision::Same { stays: key("1") }));
        assert_eq!(read.gone().count(), 2);
        assert!(read.gone().all(|(_, stays)| *stays == key("1")));
    }

    #[test]
    fn a_newer_decision_counts_in_place_of_an_older_one() {
        let old = same("1", "2");
        let decided = |newer: &Decisions| old.and(newer).unwrap().of(&key("1"), &key("2"));
        assert_eq!(decided(&same("2", "1")), Some(Decision::Same { stays: key("2") }));
        assert_eq!(decided(&read("[[apart]]\nkeys = [\"2\", \"1\"]")), Some(Decision::Apart));
        assert_eq!(decided(&read("[[undecided]]\nkeys = [\"2\", \"1\"]")), None);
        let moved = old.and(&same("3", "2")).unwrap();
        assert_eq!(moved.of(&key("1"), &key("2")), None);
        assert_eq!(moved.of(&key("3"), &key("2")), Some(Decision::Same { stays: key("3") }));
    }

    #[test]
    fn what_cannot_be_obeyed_together_is_refused() {
        let old = same("1", "2").and(&same("2", "3")).unwrap();
        let error = old.and(&same("3", "1")).unwrap_err().to_string();
        assert!(
            error.contains("with what was decided before") && error.contains("goes in a circle"),
            "{error}"
        );
        let error = old.and(&read("[[apart]]\nkeys = [\"1\", \"3\"]")).unwrap_err().to_string();
        assert!(error.contains("patient/1 and patient/3 are apart here and the same elsewhere"), "{error}");
    }

    #[test]
    fn only_what_changes_anything_is_news() {
        let old =
            read("by = \"Meera\"\n[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[apart]]\nkeys = [\"4\", \"5\"]");
        let at = Timestamp::UNIX_EPOCH;
        let news = Decisions::default().news(&old, at);
        assert_eq!(news.len(), 2);
        let Entry::Decided(first) = &news[0] else { panic!("{news:?}") };
        assert_eq!(first.verdict, Verdict::Same { stays: key("1"), goes: key("2") });
        assert_eq!(first.by.as_deref(), Some("Meera"));
        assert!(old.news(&old, at).is_empty());
        assert_eq!(old.news(&read("[[undecided]]\nkeys = [\"1\", \"2\", \"7\"]"), at).len(), 1);
    }

    #[test]
    fn records_that_are_not_there_are_told_with_their_line() {
        let read = read("[[apart]]\nkeys = [\n\"1\",\n\"9\"]");
        let flags = read.unknown(|key| &**key.id() == "1");
        assert_eq!(flags.len(), 1);
        assert_eq!(flags[0].origin, Some(Origin::new("d.toml", 4)));
    }
}

//! What a person decided about pairs: a small file to edit.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use mapping_core::error::{Error, Result};
use mapping_core::finding::Flag;
use mapping_core::key::{Origin, RecordKey};
use mapping_core::name::EntityName;
use serde::Deserialize;
use toml::Spanned;

/// What a person decided about pairs of records. Pairs that are decided are not proposed again.
///
/// It changes nothing by itself: what is to become of records that are the same is for whoever reads it.
///
/// # Example
///
/// ```
/// use mapping_core::key::RecordKey;
/// use reconcile::duplicates::{Decision, Decisions};
///
/// let decisions = Decisions::from_toml(
///     r#"
/// entity = "patient"       # this is what it is where nothing is said
///
/// [[same]]                 # one person: the record that stays, and those that go
/// stays = "P-1"
/// goes = ["P-7", "P-9"]
///
/// [[apart]]                # each of them is a person of their own
/// keys = ["P-2", "P-3"]
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
    /// The record that stays in the place of each; one that stays is its own.
    stays: HashMap<RecordKey, RecordKey>,
    /// In which lists of people apart each record is.
    apart: HashMap<RecordKey, Vec<usize>>,
    /// Every record that is named, where it is named first, in that order.
    named: Vec<(RecordKey, Origin)>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    entity: Option<EntityName>,
    #[serde(default)]
    same: Vec<Same>,
    #[serde(default)]
    apart: Vec<Apart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    stays: Spanned<String>,
    goes: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Apart {
    keys: Vec<Spanned<String>>,
}

impl Decisions {
    /// Reads what `file` holds.
    ///
    /// # Errors
    ///
    /// The text is not TOML or not decisions, or contradicts itself: the error's places `file` and `line` say where.
    pub fn from_toml(text: &str, file: &str) -> Result<Self> {
        let line =
            |span: Range<usize>| text.get(..span.start).unwrap_or(text).matches('\n').count() as u64 + 1;
        let fail = |message: String, span: Option<Range<usize>>| {
            let error = Error::config(message).at("file", file);
            match span {
                Some(span) => error.at("line", line(span)),
                None => error,
            }
        };
        let written: Written = toml::from_str(text)
            .map_err(|error| fail(format!("the decisions do not read: {}", error.message()), error.span()))?;
        let entity = written.entity.unwrap_or_else(|| "patient".into());
        let key = |id: &Spanned<String>| RecordKey::new(entity.clone(), id.get_ref().as_str());

        let mut read = Self::default();
        let mut named = HashSet::new();
        let mut name = |key: &RecordKey, span| {
            if named.insert(key.clone()) {
                read.named.push((key.clone(), Origin::new(file, line(span))));
            }
        };
        for same in &written.same {
            let stays = key(&same.stays);
            name(&stays, same.stays.span());
            if read.stays.insert(stays.clone(), stays.clone()).is_some_and(|other| other != stays) {
                return Err(fail(
                    format!("{stays} stays here and goes elsewhere; name the one that stays in the end"),
                    Some(same.stays.span()),
                ));
            }
            for id in &same.goes {
                let goes = key(id);
                name(&goes, id.span());
                match read.stays.insert(goes.clone(), stays.clone()) {
                    None => {}
                    Some(other) if other == stays && goes != stays => {}
                    Some(_) => {
                        return Err(fail(
                            format!(
                                "{goes} is to go for {stays}, and stays or goes for another; decide on one"
                            ),
                            Some(id.span()),
                        ));
                    }
                }
            }
        }
        for (number, apart) in written.apart.iter().enumerate() {
            let mut people = HashMap::new();
            for id in &apart.keys {
                let key = key(id);
                name(&key, id.span());
                let person = read.stays.get(&key).unwrap_or(&key).clone();
                if let Some(other) = people.insert(person, key.clone()) {
                    return Err(fail(
                        format!("{key} and {other} are apart here and the same elsewhere; decide on one"),
                        Some(id.span()),
                    ));
                }
                read.apart.entry(key).or_default().push(number);
            }
        }
        Ok(read)
    }

    /// What was decided about two records.
    #[must_use]
    pub fn of(&self, one: &RecordKey, other: &RecordKey) -> Option<Decision> {
        if let (Some(stays), Some(also)) = (self.stays.get(one), self.stays.get(other))
            && stays == also
        {
            return Some(Decision::Same { stays: stays.clone() });
        }
        let lists = self.apart.get(one).zip(self.apart.get(other));
        lists.filter(|(one, other)| one.iter().any(|list| other.contains(list))).map(|_| Decision::Apart)
    }

    /// A flag for each record that is named and not there, with its line.
    pub(super) fn unknown(&self, is_there: impl Fn(&RecordKey) -> bool) -> Vec<Flag> {
        let unknown = self.named.iter().filter(|(key, _)| !is_there(key));
        unknown
            .map(|(key, origin)| {
                Flag::new(
                    "unknown-decision",
                    format!("a decision is about {key}, which is not there; mend the id or take it out"),
                )
                .at(origin.clone())
                .of(key, None)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Decisions::from_toml(text, "d.toml").unwrap_err().to_string()
    }

    #[test]
    fn all_records_of_one_person_are_the_same_among_themselves() {
        let read = Decisions::from_toml("[[same]]\nstays = \"1\"\ngoes = [\"2\", \"3\"]", "d.toml").unwrap();
        let key = |id: &str| RecordKey::new("patient", id);
        assert_eq!(read.of(&key("2"), &key("3")), Some(Decision::Same { stays: key("1") }));
        assert_eq!(read.of(&key("1"), &RecordKey::new("staff", "2")), None);
    }

    #[test]
    fn what_contradicts_itself_is_told_with_its_line() {
        assert_eq!(
            error("[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[apart]]\nkeys = [\n  \"2\",\n  \"1\"\n]"),
            "patient/1 and patient/2 are apart here and the same elsewhere; decide on one (file d.toml) (line 7)"
        );
        assert_eq!(
            error("[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[same]]\nstays = \"2\"\ngoes = [\"3\"]"),
            "patient/2 stays here and goes elsewhere; name the one that stays in the end (file d.toml) (line 5)"
        );
        assert_eq!(
            error("[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[same]]\nstays = \"3\"\ngoes = [\"1\"]"),
            "patient/1 is to go for patient/3, and stays or goes for another; decide on one (file d.toml) (line 6)"
        );
        assert!(error("[[same]]\nstays = \"1\"\ngoes = [\"1\"]").ends_with("(line 3)"));
    }

    #[test]
    fn what_is_no_decision_is_told_with_its_line() {
        for text in ["\n[[same]\n", "\n[[merge]]\n", "\n[[same]]\nstays = 1", "\n[[apart]]\nkey = []"] {
            let error = error(text);
            assert!(error.starts_with("the decisions do not read: ") && error.contains("(line "), "{error}");
        }
    }

    #[test]
    fn records_that_are_not_there_are_told_with_their_line() {
        let read = Decisions::from_toml("[[apart]]\nkeys = [\n\"1\",\n\"9\"]", "d.toml").unwrap();
        let flags = read.unknown(|key| &**key.id() == "1");
        assert_eq!(flags.len(), 1);
        assert_eq!(flags[0].origin, Some(Origin::new("d.toml", 4)));
    }
}

//! Looking for duplicates: everybody in, proposals out.

use std::collections::HashSet;
use std::fmt;

use futures::TryStreamExt as _;
use mapping_core::error::Result;
use mapping_core::key::RecordKey;
use mapping_core::source::{Query, Reading, SourceReader};

use crate::duplicates::decisions::Decisions;
use crate::duplicates::people::People;
use crate::duplicates::person::{Person, PersonFields};
use crate::duplicates::report::{Pair, Report, Summary};
use crate::duplicates::search::search;

/// Everybody among whom duplicates are looked for, in the few bytes by which they are compared.
///
/// Of a person it keeps the key, the words of the name by their numbers, and numbers in the place of e-mail address, phone, birth
/// date and all else; so memory grows by a few hundred bytes a person. `Debug` shows how many there are.
#[derive(Default)]
pub struct Duplicates {
    people: People,
}

impl Duplicates {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All people of a source. What the source refuses is no record, and so nobody's.
    ///
    /// # Errors
    ///
    /// The source cannot be read.
    pub async fn read(source: &dyn SourceReader, fields: &PersonFields) -> Result<Self> {
        let mut all = Self::new();
        let mut readings = source.read(&Query::all(fields.entity.clone()));
        while let Some(reading) = readings.try_next().await? {
            if let Reading::Record(record) = reading {
                all.add(fields.person(&record));
            }
        }
        Ok(all)
    }

    /// Adds a person. Each key is to come once.
    pub fn add(&mut self, person: Person) {
        self.people.add(person);
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.all.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.all.is_empty()
    }

    /// Proposes the pairs that nobody has decided on.
    ///
    /// Only people with an e-mail address, a phone number, a home, a birth date or a rare name in common are compared. A name alone
    /// is no reason. A value that too many have in common counts as none, and is told, but for a home. The same people give the
    /// same report.
    #[must_use]
    pub fn find(&self, decisions: &Decisions) -> Report {
        let everybody = &self.people.all;
        let found = search(&self.people);
        let keys: HashSet<&RecordKey> = everybody.iter().map(|person| &person.key).collect();
        let mut report = Report {
            crowds: found.crowds,
            flags: decisions.unknown(|key| keys.contains(key)),
            summary: Summary { people: everybody.len(), compared: found.compared, ..Summary::default() },
            ..Report::default()
        };
        let summary = &mut report.summary;
        summary.unfindable = everybody.iter().filter(|person| person.is_unfindable()).count();
        for candidate in found.pairs {
            let both = everybody.get(candidate.first).zip(everybody.get(candidate.second));
            let Some((first, second)) = both else { continue };
            if decisions.of(&first.key, &second.key).is_some() {
                summary.decided += 1;
                continue;
            }
            let reasons = candidate.facts.reasons();
            for reason in &reasons {
                *summary.reasons.entry(*reason).or_default() += 1;
            }
            *summary.proposed.entry(candidate.certainty).or_default() += 1;
            report.pairs.push(Pair {
                first: first.key.clone(),
                second: second.key.clone(),
                first_origin: first.origin.clone(),
                second_origin: second.origin.clone(),
                reasons,
                certainty: candidate.certainty,
            });
        }
        report
    }
}

impl fmt::Debug for Duplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Duplicates({} people)", self.len())
    }
}

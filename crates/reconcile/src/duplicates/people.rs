//! Everybody, in the few bytes by which they are compared.

use jiff::civil::Date;
use mapping_core::key::{Origin, RecordKey};

use crate::duplicates::names::{Named, Names};
use crate::duplicates::person::{Gender, Person};

/// Everybody, and the words of their names.
#[derive(Default)]
pub(super) struct People {
    pub(super) names: Names,
    pub(super) all: Vec<Known>,
}

/// A person.
pub(super) struct Known {
    pub(super) key: RecordKey,
    pub(super) origin: Option<Origin>,
    pub(super) name: Named,
    pub(super) emails: Box<[u64]>,
    pub(super) phones: Box<[u64]>,
    pub(super) born: Option<Date>,
    pub(super) gender: Option<Gender>,
    pub(super) age: Option<u8>,
}

impl People {
    pub(super) fn add(&mut self, person: Person) {
        self.all.push(Known {
            key: person.key,
            origin: person.origin,
            name: self.names.add(person.name),
            emails: person.emails.into(),
            phones: person.phones.into(),
            born: person.born,
            gender: person.gender,
            age: person.age,
        });
    }
}

impl Known {
    /// Whether nothing is known by which a second record could be found.
    pub(super) fn is_unfindable(&self) -> bool {
        let nothing = self.emails.is_empty() && self.phones.is_empty() && self.born.is_none();
        nothing || self.name.words.is_empty()
    }
}

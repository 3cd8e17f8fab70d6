//! Everybody, in the few bytes by which they are compared.

use std::collections::HashMap;

use jiff::civil::Date;
use mapping_core::key::{Origin, RecordKey};

use crate::duplicates::address::{Address, mix};
use crate::duplicates::names::{Named, Names};
use crate::duplicates::person::{Gender, Person};

/// So few people in common years tell nothing of when ages were written.
const FEWEST_YEARS: u32 = 5;

/// Everybody, the words of their names, and how many have a value.
#[derive(Default)]
pub(super) struct People {
    pub(super) names: Names,
    pub(super) all: Vec<Known>,
    counts: HashMap<u64, u32>,
    /// How many have an age that fits their birth date in a year.
    years: HashMap<i16, u32>,
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
    pub(super) address: Address,
    pub(super) blood: Option<u64>,
    pub(super) others: Box<[u64]>,
}

impl People {
    pub(super) fn add(&mut self, person: Person) {
        let address = Address::read(&person.lines, &person.city, &person.pincode);
        let values = [address.pincode, address.city, person.blood].into_iter().flatten();
        for value in values.chain(person.others.iter().copied()) {
            *self.counts.entry(value).or_default() += 1;
        }
        if let (Some(born), Some(age)) = (person.born, person.age) {
            *self.years.entry(born.year() + i16::from(age)).or_default() += 1;
        }
        self.all.push(Known {
            key: person.key,
            origin: person.origin,
            name: self.names.add(person.name),
            emails: person.emails.into(),
            phones: person.phones.into(),
            born: person.born,
            gender: person.gender,
            age: person.age,
            address,
            blood: person.blood,
            others: person.others.into(),
        });
    }

    /// The share of people who have a value. The two who have it in common do not count.
    pub(super) fn share(&self, value: u64) -> f64 {
        let others = self.counts.get(&value).map_or(0, |count| count.saturating_sub(2)) + 1;
        f64::from(others) / (self.all.len() as f64 + 1.0)
    }

    /// The year in which most ages were written, by those who have a birth date too.
    pub(super) fn year_of_ages(&self) -> Option<i16> {
        let most = self.years.iter().max_by_key(|(year, count)| (**count, **year));
        most.filter(|(_, count)| **count >= FEWEST_YEARS).map(|(year, _)| *year)
    }
}

impl Known {
    /// Whether nothing is known by which a second record could be found.
    pub(super) fn is_unfindable(&self) -> bool {
        let nothing = self.emails.is_empty() && self.phones.is_empty() && self.born.is_none();
        (nothing && self.address.is_blank()) || self.name.words.is_empty()
    }

    /// The year of birth, from an age where the date is not known.
    pub(super) fn year(&self, year_of_ages: Option<i16>) -> Option<i16> {
        let by_age = || Some(year_of_ages? - i16::from(self.age?));
        self.born.map(Date::year).or_else(by_age)
    }

    /// The whole name alone, and with each place that is known.
    pub(super) fn name_keys(&self, names: &Names) -> impl Iterator<Item = u64> {
        let name = names.key(&self.name);
        let places = [self.address.pincode, self.address.city];
        let with_place = move |name| places.into_iter().flatten().map(move |place| mix(name, place));
        name.into_iter().flat_map(move |name| std::iter::once(name).chain(with_place(name)))
    }
}

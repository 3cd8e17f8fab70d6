//! Who is compared with whom, so that not everybody is with everybody.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::duplicates::fit::fit;
use crate::duplicates::judge::{Born, Facts, Relation};
use crate::duplicates::people::{Known, People};
use crate::duplicates::report::{Certainty, Crowd, Shared};

/// More people than these with one e-mail address or phone are no family.
const FAMILY: usize = 16;
/// So many people may be born on one day in any clinic,
const BIRTHDAYS: usize = 64;
/// and so many times the usual number in a large one.
const BUSY_DAY: usize = 8;
/// Over so many days the people of a clinic are born, thereabouts.
const DAYS: usize = 20_000;

/// What a search found.
pub(super) struct Found {
    /// In the order of the people.
    pub(super) pairs: Vec<Candidate>,
    pub(super) crowds: Vec<Crowd>,
    /// How many pairs were looked at.
    pub(super) compared: usize,
}

/// Two people who may be one, by their places.
pub(super) struct Candidate {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) facts: Facts,
    pub(super) certainty: Certainty,
}

/// Compares everybody with those who have an e-mail address, a phone number or a birth date in common with them. The bounds on how
/// many these are keep the work in proportion to the number of people.
pub(super) fn search(people: &People) -> Found {
    let emails = Blocks::of(people, Shared::Email, FAMILY, |known| known.emails.iter().copied());
    let phones = Blocks::of(people, Shared::Phone, FAMILY, |known| known.phones.iter().copied());
    let days = Blocks::days(people);

    let mut within: Vec<(usize, usize)> = emails.pairs().chain(phones.pairs()).collect();
    within.sort_unstable();
    within.dedup();
    let mut found = Vec::new();
    let mut compared = within.len();
    let compare = Compare { people, emails: &emails, phones: &phones, days: &days };
    for pair in within {
        found.extend(compare.candidate(pair));
    }
    for pair in days.pairs() {
        // Who shares more than the day was compared above.
        if !compare.is_within(pair) {
            compared += 1;
            found.extend(compare.candidate(pair));
        }
    }
    let mut crowds = Vec::new();
    for blocks in [emails, phones, days] {
        crowds.extend(blocks.crowds);
    }
    found.sort_unstable_by_key(|candidate: &Candidate| (candidate.first, candidate.second));
    Found { pairs: found, crowds, compared }
}

/// The people with a value in common, for each value that at least two have.
struct Blocks {
    /// Places of people; each block is a range of them.
    places: Vec<usize>,
    blocks: Vec<std::ops::Range<usize>>,
    /// Values that too many have. They count as if nobody had them.
    crowded: HashSet<u64>,
    crowds: Vec<Crowd>,
    /// How many have a value, for those in blocks.
    sizes: HashMap<u64, u32>,
}

impl Blocks {
    fn of<'a, I: Iterator<Item = u64>>(
        people: &'a People,
        what: Shared,
        bound: usize,
        values: impl Fn(&'a Known) -> I,
    ) -> Self {
        let all = people.all.iter().enumerate();
        let mut entries: Vec<(u64, usize)> =
            all.flat_map(|(place, known)| values(known).map(move |value| (value, place))).collect();
        entries.sort_unstable();
        let mut read = Self {
            places: Vec::new(),
            blocks: Vec::new(),
            crowded: HashSet::new(),
            crowds: Vec::new(),
            sizes: HashMap::new(),
        };
        for block in entries.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((value, first)) = block.first().copied() else { continue };
            if block.len() > bound {
                read.crowded.insert(value);
                if let Some(known) = people.all.get(first) {
                    read.crowds.push(Crowd { what, people: block.len(), example: known.key.clone() });
                }
            } else if block.len() > 1 {
                let begins = read.places.len();
                read.places.extend(block.iter().map(|(_, place)| *place));
                read.blocks.push(begins..read.places.len());
                read.sizes.insert(value, u32::try_from(block.len()).unwrap_or(u32::MAX));
            }
        }
        read.crowds.sort_unstable_by_key(|crowd| std::cmp::Reverse(crowd.people));
        read
    }

    fn days(people: &People) -> Self {
        let born = |known: &Known| known.born.map(day);
        let usual = people.all.len() / DAYS;
        Self::of(people, Shared::BirthDate, BIRTHDAYS.max(BUSY_DAY * usual), move |known| {
            born(known).into_iter()
        })
    }

    /// Each pair of a block; one of two blocks comes twice.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.blocks.iter().filter_map(|block| self.places.get(block.clone())).flat_map(|places| {
            places.iter().enumerate().flat_map(move |(at, one)| {
                places.iter().skip(at + 1).map(move |other| (*one.min(other), *one.max(other)))
            })
        })
    }

    /// Whether nobody else has any of the values that two have in common.
    fn are_alone(&self, one: &[u64], other: &[u64]) -> bool {
        let common = one.iter().filter(|value| other.contains(value) && !self.crowded.contains(value));
        common.into_iter().all(|value| self.sizes.get(value).is_none_or(|size| *size <= 2))
    }

    /// How two lists of values compare, when those that too many have are no values.
    fn relation(&self, one: &[u64], other: &[u64]) -> Relation {
        let counts = |value: &u64| !self.crowded.contains(value);
        let any = |values: &[u64]| values.iter().any(counts);
        if one.iter().any(|value| counts(value) && other.contains(value)) {
            Relation::Same
        } else if any(one) && any(other) {
            Relation::Other
        } else {
            Relation::Unknown
        }
    }
}

/// A birth date as a number.
fn day(date: Date) -> u64 {
    let (year, month, day) =
        (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
    u64::from(year) * 10_000 + u64::from(month) * 100 + u64::from(day)
}

struct Compare<'a> {
    people: &'a People,
    emails: &'a Blocks,
    phones: &'a Blocks,
    days: &'a Blocks,
}

impl Compare<'_> {
    fn both(&self, (first, second): (usize, usize)) -> Option<(&Known, &Known)> {
        Some((self.people.all.get(first)?, self.people.all.get(second)?))
    }

    fn is_within(&self, pair: (usize, usize)) -> bool {
        self.both(pair).is_some_and(|(one, other)| {
            self.emails.relation(&one.emails, &other.emails) == Relation::Same
                || self.phones.relation(&one.phones, &other.phones) == Relation::Same
        })
    }

    /// The pair, if it is to be proposed.
    fn candidate(&self, pair: (usize, usize)) -> Option<Candidate> {
        let (one, other) = self.both(pair)?;
        let gender = match one.gender.zip(other.gender) {
            None => Relation::Unknown,
            Some((one, other)) if one == other => Relation::Same,
            Some(_) => Relation::Other,
        };
        let (fit, share) = fit(&self.people.names, &one.name, &other.name, gender == Relation::Same)?;
        let born = |known: &Known| known.born.filter(|date| !self.days.crowded.contains(&day(*date)));
        let ages = one.age.zip(other.age);
        let facts = Facts {
            email: self.emails.relation(&one.emails, &other.emails),
            phone: self.phones.relation(&one.phones, &other.phones),
            born: Born::of(born(one), born(other), ages),
            gender,
            fit,
            share,
            birthdays: one.born.and_then(|date| self.days.sizes.get(&day(date)).copied()).unwrap_or(1),
            alone: self.emails.are_alone(&one.emails, &other.emails)
                && self.phones.are_alone(&one.phones, &other.phones),
            people: self.people.all.len(),
        };
        let certainty = facts.certainty()?;
        Some(Candidate { first: pair.0, second: pair.1, facts, certainty })
    }
}

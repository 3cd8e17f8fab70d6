//! People with a value in common.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::duplicates::judge::Relation;
use crate::duplicates::people::{Known, People};
use crate::duplicates::report::{Crowd, Shared};

/// So many people may be born on one day in any clinic,
const BIRTHDAYS: usize = 64;
/// and so many times the usual number in a large one.
const BUSY_DAY: usize = 8;
/// Over so many days the people of a clinic are born, thereabouts.
const DAYS: usize = 20_000;

/// The people with a value in common, for each value that at least two have.
pub(super) struct Blocks {
    /// Places of people; each block is a range of them.
    places: Vec<usize>,
    blocks: Vec<std::ops::Range<usize>>,
    /// Values that too many have. They count as if nobody had them.
    pub(super) crowded: HashSet<u64>,
    pub(super) crowds: Vec<Crowd>,
    /// How many have a value, for those in blocks.
    pub(super) sizes: HashMap<u64, u32>,
}

impl Blocks {
    /// Blocks of those who have a value. What more than `bound` have counts as nobody's, and is told, if it has a name.
    pub(super) fn of<'a, I: Iterator<Item = u64>>(
        people: &'a People,
        what: Option<Shared>,
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
                if let Some((what, known)) = what.zip(people.all.get(first)) {
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

    /// Blocks of those who are born on one day.
    pub(super) fn days(people: &People) -> Self {
        let born = |known: &Known| known.born.map(day);
        let usual = people.all.len() / DAYS;
        Self::of(people, Some(Shared::BirthDate), BIRTHDAYS.max(BUSY_DAY * usual), move |known| {
            born(known).into_iter()
        })
    }

    /// Each pair of a block; one of two blocks comes twice.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.blocks.iter().filter_map(|block| self.places.get(block.clone())).flat_map(|places| {
            places.iter().enumerate().flat_map(move |(at, one)| {
                places.iter().skip(at + 1).map(move |other| (*one.min(other), *one.max(other)))
            })
        })
    }

    /// How many have the commonest of the values that two have in common; nothing where they have none, or too many have it.
    pub(super) fn most(&self, one: &[u64], other: &[u64]) -> Option<u32> {
        one.iter()
            .filter(|value| other.contains(value))
            .filter_map(|value| self.sizes.get(value).copied())
            .max()
    }

    /// How many have the rarest of them.
    pub(super) fn fewest(&self, one: &[u64], other: &[u64]) -> Option<u32> {
        one.iter()
            .filter(|value| other.contains(value))
            .filter_map(|value| self.sizes.get(value).copied())
            .min()
    }

    /// How two lists of values compare, when those that too many have are no values.
    pub(super) fn relation(&self, one: &[u64], other: &[u64]) -> Relation {
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
pub(super) fn day(date: Date) -> u64 {
    let (year, month, day) =
        (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
    u64::from(year) * 10_000 + u64::from(month) * 100 + u64::from(day)
}

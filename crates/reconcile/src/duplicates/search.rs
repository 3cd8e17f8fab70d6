//! Who is compared with whom, so that not everybody is with everybody.

use crate::duplicates::blocks::{Blocks, day};
use crate::duplicates::fit::fit;
use crate::duplicates::judge::{AGES, Born, Facts, Relation};
use crate::duplicates::people::{Known, People};
use crate::duplicates::report::{Certainty, Crowd, Shared};

/// More people than these with one e-mail address, phone or home are no family.
const FAMILY: usize = 16;
/// More people than these of one name, or of one name in one place, are not told apart by anything less than an address.
const NAMESAKES: usize = 32;
/// Ages in years that are one, as one is rounded and another is not.
const ONE_AGE: u16 = 1;

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

/// Compares everybody with those who have an e-mail address, a phone number, a home, a rare name or a birth date in common with
/// them. The bounds on how many these are keep the work in proportion to the number of people.
pub(super) fn search(people: &People) -> Found {
    let emails = Blocks::of(people, Some(Shared::Email), FAMILY, |known| known.emails.iter().copied());
    let phones = Blocks::of(people, Some(Shared::Phone), FAMILY, |known| known.phones.iter().copied());
    // What a street and a number have in common with too many is the town's, and no fault of anybody: it is not told.
    let homes = Blocks::of(people, None, FAMILY, |known| known.address.keys());
    let names = Blocks::of(people, None, NAMESAKES, |known| known.name_keys(&people.names));
    let days = Blocks::days(people);

    let blocks = [&emails, &phones, &homes, &names];
    let mut within: Vec<(usize, usize)> = blocks.into_iter().flat_map(Blocks::pairs).collect();
    within.sort_unstable();
    within.dedup();
    let mut found = Vec::new();
    let mut compared = within.len();
    let year_of_ages = people.year_of_ages();
    let compare =
        Compare { people, emails: &emails, phones: &phones, homes: &homes, days: &days, year_of_ages };
    for pair in &within {
        found.extend(compare.candidate(*pair));
    }
    for pair in days.pairs() {
        // Who shares more than the day was compared above.
        if within.binary_search(&pair).is_err() {
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

struct Compare<'a> {
    people: &'a People,
    emails: &'a Blocks,
    phones: &'a Blocks,
    homes: &'a Blocks,
    days: &'a Blocks,
    year_of_ages: Option<i16>,
}

impl Compare<'_> {
    /// The pair, if it is to be proposed.
    fn candidate(&self, pair: (usize, usize)) -> Option<Candidate> {
        let one = self.people.all.get(pair.0)?;
        let other = self.people.all.get(pair.1)?;
        let gender = relation(one.gender, other.gender);
        let (fit, share) = fit(&self.people.names, &one.name, &other.name, gender == Relation::Same)?;
        let born = |known: &Known| known.born.filter(|date| !self.days.crowded.contains(&day(*date)));
        let (born, age) = self.ages(Born::of(born(one), born(other)), one, other);
        let (home, at_home) = self.home(one, other);
        let contacts =
            [self.emails.most(&one.emails, &other.emails), self.phones.most(&one.phones, &other.phones)];
        let facts = Facts {
            email: self.emails.relation(&one.emails, &other.emails),
            phone: self.phones.relation(&one.phones, &other.phones),
            home,
            place: self.place(one, other),
            born,
            age,
            gender,
            blood: relation(one.blood, other.blood),
            blood_share: one.blood.map_or(1.0, |blood| self.people.share(blood)),
            others: self.others(one, other),
            fit,
            share,
            birthdays: one.born.and_then(|date| self.days.sizes.get(&day(date)).copied()).unwrap_or(1),
            household: contacts.into_iter().flatten().max().or(at_home).unwrap_or(1),
            people: self.people.all.len(),
        };
        let certainty = facts.certainty()?;
        Some(Candidate { first: pair.0, second: pair.1, facts, certainty })
    }

    /// What ages add to birth dates. Far apart they are of a father and his son, as a rule.
    fn ages(&self, born: Born, one: &Known, other: &Known) -> (Born, Relation) {
        if born != Born::Unknown {
            return (born, Relation::Unknown);
        }
        let year = |known: &Known| known.year(self.year_of_ages);
        let by_years = year(one).zip(year(other)).map(|(one, other)| one.abs_diff(other));
        let by_ages = || one.age.zip(other.age).map(|(one, other)| u16::from(one.abs_diff(other)));
        match by_years.or_else(by_ages) {
            Some(apart) if apart > AGES => (Born::Other, Relation::Other),
            Some(apart) if apart <= ONE_AGE => (born, Relation::Same),
            _ => (born, Relation::Unknown),
        }
    }

    /// Whether they are of one home, and of how many.
    fn home(&self, one: &Known, other: &Known) -> (Relation, Option<u32>) {
        match one.address.relation(&other.address) {
            Relation::Same => {
                let keys = |known: &Known| known.address.keys().collect::<Vec<u64>>();
                match self.homes.fewest(&keys(one), &keys(other)) {
                    Some(size) => (Relation::Same, Some(size)),
                    None => (Relation::Unknown, None),
                }
            }
            relation => (relation, None),
        }
    }

    /// The share of people who live in the place that both do; nothing where it is not one.
    fn place(&self, one: &Known, other: &Known) -> Option<f64> {
        let (one, other) = (&one.address, &other.address);
        let (one, other) = one.pincode.zip(other.pincode).or_else(|| one.city.zip(other.city))?;
        (one == other).then(|| self.people.share(one))
    }

    /// The share of people who have all else in common that both have; nothing where that is nothing.
    fn others(&self, one: &Known, other: &Known) -> Option<f64> {
        let common = one.others.iter().filter(|value| other.others.contains(value));
        common.map(|value| self.people.share(*value)).reduce(|all, share| all * share)
    }
}

/// How two things that one has one of compare.
fn relation<T: PartialEq>(one: Option<T>, other: Option<T>) -> Relation {
    match one.zip(other) {
        None => Relation::Unknown,
        Some((one, other)) if one == other => Relation::Same,
        Some(_) => Relation::Other,
    }
}

//! When two records are thought to be of one person: every rule of it.

use jiff::civil::Date;

use crate::duplicates::fit::Fit;
use crate::duplicates::report::{Certainty, Reason};

/// Birth dates of strangers: so many days are thought to be as likely as any. Some sixty years of them.
const DAYS: f64 = 20_000.0;
/// Two who have nothing but name and birth date in common are proposed if fewer strangers than this would have both as well. Of a
/// hundred records one or two are the second of a person, and of those one in ten has nothing more in common.
const STRANGERS: f64 = 4e-4;
/// The same where an initial stands for the given name: few write themselves so, and many who are there twice.
const STRANGERS_BY_INITIALS: f64 = 8e-4;
/// The same for two whose e-mail addresses and phone numbers are all known, and all differ: of those who are one, hardly any.
const CONTRADICTED: f64 = 1e-5;
/// The same for two of whom not even the birth date is known.
const STRANGERS_UNDATED: f64 = 1e-4;
/// Ages are written down in different years: so many may lie between two.
pub(super) const AGES: u16 = 10;
/// The share of people of about one age.
const ONE_AGE: f64 = 0.08;
/// The same among siblings and spouses.
const ONE_AGE_AT_HOME: f64 = 0.3;
/// How many times as many strangers as people there twice live elsewhere: few move.
const MOVED: f64 = 8.0;
/// The share of people whose given name begins with a certain letter.
const LETTER: f64 = 0.1;
/// Where an initial stands for the given name, and fewer than these others of the home are thought to have it too, it is one's own.
const AT_HOME: f64 = 0.05;

/// How what two records say of one thing compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Same,
    Other,
    /// One of them says nothing.
    Unknown,
}

/// How two birth dates compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Born {
    Same,
    /// Day and month change places.
    Swapped,
    /// One of day, month and year is another.
    Near,
    Other,
    Unknown,
}

impl Born {
    pub(super) fn of(one: Option<Date>, other: Option<Date>) -> Self {
        let (Some(one), Some(other)) = (one, other) else { return Self::Unknown };
        if one == other {
            return Self::Same;
        }
        let (year, month, day) =
            (one.year() == other.year(), one.month() == other.month(), one.day() == other.day());
        let swapped = year && one.month() == other.day() && one.day() == other.month();
        // Of the year, one digit: fathers and sons of one birthday are rarer than mistakes, and mostly two digits apart.
        let digit = || {
            let digits = |date: Date| date.year().to_string().into_bytes();
            digits(one).iter().zip(&digits(other)).filter(|(one, other)| one != other).count() == 1
        };
        match (year && (month || day)) || (month && day && digit()) {
            _ if swapped => Self::Swapped,
            true => Self::Near,
            false => Self::Other,
        }
    }
}

/// What is known of a pair.
pub(super) struct Facts {
    pub(super) email: Relation,
    pub(super) phone: Relation,
    pub(super) home: Relation,
    /// The share of people who live in the same place, if they do.
    pub(super) place: Option<f64>,
    pub(super) born: Born,
    /// Where there are no two birth dates: whether the ages are about one.
    pub(super) age: Relation,
    pub(super) gender: Relation,
    pub(super) blood: Relation,
    /// The share of people with the first one's blood group.
    pub(super) blood_share: f64,
    /// The share of people who have all else in common that both have, if that is anything.
    pub(super) others: Option<f64>,
    pub(super) fit: Fit,
    /// The share of people whose names would fit by chance.
    pub(super) share: f64,
    /// How many are born on that day, if it is the same.
    pub(super) birthdays: u32,
    /// How many have the e-mail address, the phone number or the home that they share.
    pub(super) household: u32,
    /// How many people there are.
    pub(super) people: usize,
}

impl Facts {
    /// How much speaks for the pair; `None` where it is not to be proposed.
    pub(super) fn certainty(&self) -> Option<Certainty> {
        let certainty = self.by_what_agrees()?;
        // One of two blood groups is a mistake now and then, and more often they are two people's.
        match (self.blood, certainty) {
            (Relation::Other, Certainty::High) => Some(Certainty::Likely),
            (Relation::Other, Certainty::Likely) => Some(Certainty::Possible),
            (Relation::Other, Certainty::Possible) => None,
            _ => Some(certainty),
        }
    }

    fn by_what_agrees(&self) -> Option<Certainty> {
        let contact = self.email == Relation::Same || self.phone == Relation::Same;
        let shared = contact || self.home == Relation::Same;
        let other_gender = self.gender == Relation::Other;
        let whole = matches!(self.fit, Fit::Same | Fit::Like | Fit::Part);
        let initials = self.fit == Fit::Initials;
        match (self.born, shared) {
            (Born::Same, true) if other_gender => (self.fit == Fit::Same).then_some(Certainty::Possible),
            _ if other_gender => None,
            (Born::Same, true) if whole => Some(Certainty::High),
            (Born::Same, true) => Some(Certainty::Likely),
            (Born::Same | Born::Unknown, false) => self.by_rarity(),
            (Born::Swapped, true) if whole => Some(Certainty::Likely),
            (Born::Swapped, true) if initials || self.fit == Fit::SameInitials => Some(Certainty::Possible),
            (Born::Near, true) if matches!(self.fit, Fit::Same | Fit::Like) => Some(Certainty::Likely),
            // The street of a town may be another town's too, and a home may be a father's and his son's.
            (Born::Unknown, true) if whole && !contact && self.is_contradicted() => Some(Certainty::Possible),
            (Born::Unknown, true) if whole => Some(Certainty::Likely),
            (Born::Unknown, true) if self.fit == Fit::SameInitials => Some(Certainty::Possible),
            (Born::Unknown, true) if initials => self.is_one_of_the_home().then_some(Certainty::Possible),
            _ => None,
        }
    }

    /// Whether both have an e-mail address and a phone number, and others.
    fn is_contradicted(&self) -> bool {
        self.email == Relation::Other && self.phone == Relation::Other
    }

    /// In a home of three an initial is more often a brother's than one's own, unless more agrees than among siblings.
    fn is_one_of_the_home(&self) -> bool {
        let differs = self.email == Relation::Other || self.phone == Relation::Other;
        if self.household <= 2 && !differs {
            return true;
        }
        let others = f64::from(self.household.saturating_sub(1).max(1));
        let half = if self.gender == Relation::Same { 0.5 } else { 1.0 };
        let age = if self.age == Relation::Same { ONE_AGE_AT_HOME } else { 1.0 };
        others * LETTER * half * age * self.others.unwrap_or(1.0) <= AT_HOME
    }

    /// Strangers of one name are born on one day, or live in one place, now and then: the more people there are, and the commoner
    /// the name and the place, the more.
    fn by_rarity(&self) -> Option<Certainty> {
        let undated = self.born == Born::Unknown;
        // A name alone is no reason, however rare; a name and a town are none for two who live apart in it.
        let more = self.age == Relation::Same || self.others.is_some();
        let placed = self.place.is_some() && self.home != Relation::Other;
        if self.fit == Fit::Given || (undated && (self.fit == Fit::SameInitials || !(more || placed))) {
            return None;
        }
        let people = self.people as f64;
        // A whole given name tells the gender too, and an initial does not.
        let initials = self.fit == Fit::Initials;
        let half = if initials && self.gender == Relation::Same { 0.5 } else { 1.0 };
        let day = match self.born {
            Born::Same => f64::from(self.birthdays.saturating_sub(2) + 1) / (people + DAYS),
            _ if self.age == Relation::Same => ONE_AGE,
            _ => 1.0,
        };
        let home = if self.home == Relation::Other { MOVED } else { 1.0 };
        let blood = if self.blood == Relation::Same { self.blood_share } else { 1.0 };
        let rest = self.place.unwrap_or(1.0) * home * blood * self.others.unwrap_or(1.0);
        let strangers = people * self.share * half * day * rest;
        let bound = match () {
            () if self.is_contradicted() => CONTRADICTED,
            () if undated => STRANGERS_UNDATED,
            () if initials => STRANGERS_BY_INITIALS,
            () => STRANGERS,
        };
        (strangers <= bound).then_some(Certainty::Possible)
    }

    /// What speaks for it and against it, in the order of [`Reason`].
    pub(super) fn reasons(&self) -> Vec<Reason> {
        let contact = |relation, same, other| match relation {
            Relation::Same => Some(same),
            Relation::Other => Some(other),
            Relation::Unknown => None,
        };
        let name = match self.fit {
            Fit::Same => Reason::SameName,
            Fit::Like => Reason::LikeName,
            Fit::Part => Reason::PartOfName,
            Fit::Initials | Fit::SameInitials => Reason::Initials,
            Fit::Given => Reason::SameGivenName,
        };
        let born = match self.born {
            Born::Same => Some(Reason::SameBirthDate),
            Born::Swapped | Born::Near => Some(Reason::NearBirthDate),
            Born::Unknown => Some(Reason::NoBirthDate),
            Born::Other => None,
        };
        let told = |tells: bool, reason| tells.then_some(reason);
        let mut reasons: Vec<Reason> = [
            contact(self.email, Reason::SameEmail, Reason::OtherEmail),
            contact(self.phone, Reason::SamePhone, Reason::OtherPhone),
            born,
            Some(name),
            contact(self.home, Reason::SameAddress, Reason::OtherAddress),
            told(self.place.is_some() && self.home != Relation::Same, Reason::SamePlace),
            told(self.age == Relation::Same, Reason::SameAge),
            contact(self.blood, Reason::SameBloodGroup, Reason::OtherBloodGroup),
            told(self.others.is_some(), Reason::SameNotes),
            told(self.gender == Relation::Other, Reason::OtherGender),
        ]
        .into_iter()
        .flatten()
        .collect();
        reasons.sort_unstable();
        reasons
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_birth_date_is_near_by_one_mistake() {
        let born = |one, other| Born::of(Some(one), Some(other));
        assert_eq!(born(date(1984, 2, 9), date(1984, 2, 9)), Born::Same);
        assert_eq!(born(date(1984, 2, 9), date(1984, 9, 2)), Born::Swapped);
        assert_eq!(born(date(1984, 2, 9), date(1984, 2, 19)), Born::Near);
        assert_eq!(born(date(1984, 2, 9), date(1974, 2, 9)), Born::Near);
        assert_eq!(born(date(1984, 2, 9), date(2012, 2, 9)), Born::Other);
        assert_eq!(born(date(1984, 2, 9), date(1985, 3, 9)), Born::Other);
    }

    #[test]
    fn name_and_birth_date_alone_are_enough_for_rare_names_only() {
        let facts = |share, people, birthdays| Facts {
            email: Relation::Unknown,
            phone: Relation::Other,
            born: Born::Same,
            gender: Relation::Same,
            fit: Fit::Same,
            share,
            birthdays,
            home: Relation::Unknown,
            place: None,
            age: Relation::Unknown,
            blood: Relation::Unknown,
            blood_share: 1.0,
            others: None,
            household: 1,
            people,
        };
        assert_eq!(facts(1e-5, 20_000, 2).certainty(), Some(Certainty::Possible));
        assert_eq!(facts(1e-3, 20_000, 2).certainty(), None);
        assert_eq!(facts(1e-5, 1_000_000, 50).certainty(), None);
    }
}

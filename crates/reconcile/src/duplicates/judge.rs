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
/// Ages are written down in different years: so many may lie between two.
const AGES: u8 = 10;

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
    pub(super) fn of(one: Option<Date>, other: Option<Date>, ages: Option<(u8, u8)>) -> Self {
        let (Some(one), Some(other)) = (one, other) else {
            // A father and his son, as a rule.
            let apart = ages.is_some_and(|(one, other)| one.abs_diff(other) > AGES);
            return if apart { Self::Other } else { Self::Unknown };
        };
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
    pub(super) born: Born,
    pub(super) gender: Relation,
    pub(super) fit: Fit,
    /// The share of people whose names would fit by chance.
    pub(super) share: f64,
    /// How many are born on that day, if it is the same.
    pub(super) birthdays: u32,
    /// Whether nobody else has the e-mail address or the phone number that they share.
    pub(super) alone: bool,
    /// How many people there are.
    pub(super) people: usize,
}

impl Facts {
    /// How much speaks for the pair; `None` where it is not to be proposed.
    pub(super) fn certainty(&self) -> Option<Certainty> {
        let shared = self.email == Relation::Same || self.phone == Relation::Same;
        let differs = self.email == Relation::Other || self.phone == Relation::Other;
        let other_gender = self.gender == Relation::Other;
        let whole = matches!(self.fit, Fit::Same | Fit::Like | Fit::Part);
        let initials = self.fit == Fit::Initials;
        match (self.born, shared) {
            (Born::Same, true) if other_gender => (self.fit == Fit::Same).then_some(Certainty::Possible),
            _ if other_gender => None,
            (Born::Same, true) if whole => Some(Certainty::High),
            (Born::Same, true) => Some(Certainty::Likely),
            (Born::Same, false) => self.by_name_and_birth_date(),
            (Born::Swapped, true) if whole => Some(Certainty::Likely),
            (Born::Swapped, true) if initials || self.fit == Fit::SameInitials => Some(Certainty::Possible),
            (Born::Near, true) if matches!(self.fit, Fit::Same | Fit::Like) => Some(Certainty::Likely),
            (Born::Unknown, true) if whole => Some(Certainty::Likely),
            (Born::Unknown, true) if self.fit == Fit::SameInitials => Some(Certainty::Possible),
            // In a home of three an initial is more often a brother's than one's own.
            (Born::Unknown, true) if initials && self.alone && !differs => Some(Certainty::Possible),
            _ => None,
        }
    }

    /// Strangers of one name are born on one day now and then: the more people there are, and the commoner the name, the more.
    fn by_name_and_birth_date(&self) -> Option<Certainty> {
        if self.fit == Fit::Given {
            return None;
        }
        let people = self.people as f64;
        let same_day = f64::from(self.birthdays.saturating_sub(2) + 1) / (people + DAYS);
        // A whole given name tells the gender too, and an initial does not.
        let initials = self.fit == Fit::Initials;
        let half = if initials && self.gender == Relation::Same { 0.5 } else { 1.0 };
        let strangers = people * self.share * same_day * half;
        let bound = match (self.email, self.phone) {
            (Relation::Other, Relation::Other) => CONTRADICTED,
            _ if initials => STRANGERS_BY_INITIALS,
            _ => STRANGERS,
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
        let mut reasons: Vec<Reason> = [
            contact(self.email, Reason::SameEmail, Reason::OtherEmail),
            contact(self.phone, Reason::SamePhone, Reason::OtherPhone),
            born,
            Some(name),
            (self.gender == Relation::Other).then_some(Reason::OtherGender),
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
        let born = |one, other| Born::of(Some(one), Some(other), None);
        assert_eq!(born(date(1984, 2, 9), date(1984, 2, 9)), Born::Same);
        assert_eq!(born(date(1984, 2, 9), date(1984, 9, 2)), Born::Swapped);
        assert_eq!(born(date(1984, 2, 9), date(1984, 2, 19)), Born::Near);
        assert_eq!(born(date(1984, 2, 9), date(1974, 2, 9)), Born::Near);
        assert_eq!(born(date(1984, 2, 9), date(2012, 2, 9)), Born::Other);
        assert_eq!(born(date(1984, 2, 9), date(1985, 3, 9)), Born::Other);
    }

    #[test]
    fn ages_tell_generations_apart() {
        assert_eq!(Born::of(None, Some(date(1984, 2, 9)), Some((34, 62))), Born::Other);
        assert_eq!(Born::of(None, None, Some((34, 40))), Born::Unknown);
        assert_eq!(Born::of(None, None, None), Born::Unknown);
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
            alone: false,
            people,
        };
        assert_eq!(facts(1e-5, 20_000, 2).certainty(), Some(Certainty::Possible));
        assert_eq!(facts(1e-3, 20_000, 2).certainty(), None);
        assert_eq!(facts(1e-5, 1_000_000, 50).certainty(), None);
    }
}

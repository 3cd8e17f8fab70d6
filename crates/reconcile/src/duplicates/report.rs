//! What was found: pairs, why, and how many.

use std::collections::BTreeMap;
use std::fmt;

use mapping_core::finding::Flag;
use mapping_core::key::{Origin, RecordKey};
use serde::Serialize;

/// Two records that may be of one person. Nothing is done about it: that is for a person to decide.
///
/// It holds keys and places, no name, number or date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pair {
    /// The one that was added first.
    pub first: RecordKey,
    /// The other.
    pub second: RecordKey,
    /// Where the first came from.
    pub first_origin: Option<Origin>,
    /// Where the second came from.
    pub second_origin: Option<Origin>,
    /// What speaks for it, and what against it, in the order of [`Reason`].
    pub reasons: Vec<Reason>,
    /// How much speaks for it.
    pub certainty: Certainty,
}

/// `patient/P-1 and patient/P-7: likely (same phone, same name, no birth date to compare)`.
impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}: {} (", self.first, self.second, self.certainty)?;
        for (number, reason) in self.reasons.iter().enumerate() {
            write!(f, "{}{reason}", if number == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $text:literal)*) => {
        /// What speaks for two records being of one person, or, from [`OtherEmail`](Self::OtherEmail) on, against it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $text,)*
                })
            }
        }
    };
}

reasons! {
    /// An e-mail address in common.
    SameEmail "same e-mail"
    /// A phone number in common, by its last ten digits.
    SamePhone "same phone"
    /// Born on the same day.
    SameBirthDate "same birth date"
    /// Birth dates that differ by one mistake: day and month in each other's place, or one of day, month and year.
    NearBirthDate "near birth date"
    /// The same words in the name, but for title, case, accents, order and gaps.
    SameName "same name"
    /// The same words but for their spelling, or a stroke or two of the keyboard.
    LikeName "like name"
    /// One name has words, or whole words, that the other has not, or has as initials. The given name is in both.
    PartOfName "part of the name"
    /// The given name is an initial in one of them.
    Initials "initials of the name"
    /// The given name alone: the others may have changed by marriage.
    SameGivenName "same given name"
    /// One home: number, house or street, and place.
    SameAddress "same address"
    /// The same postcode, or the same city where not both have one.
    SamePlace "same place"
    /// About the same age, where there are no two birth dates.
    SameAge "same age"
    /// The same blood group.
    SameBloodGroup "same blood group"
    /// The doctor, whoever sent them, the insurance, the history or the allergies in common.
    SameNotes "same notes"
    /// Both have an e-mail address, and none in common.
    OtherEmail "other e-mail"
    /// Both have a phone number, and none in common.
    OtherPhone "other phone"
    /// Not both have a birth date that can be compared.
    NoBirthDate "no birth date to compare"
    /// Both have an address, and not of one home.
    OtherAddress "other address"
    /// Both have a blood group, and not the same.
    OtherBloodGroup "other blood group"
    /// One is a woman and one a man, by what is written.
    OtherGender "other gender"
}

/// How much speaks for a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Certainty {
    /// It should be looked into.
    Possible,
    /// It would be a strange chance if they were two.
    Likely,
    /// Name, birth date and a way to reach them agree.
    High,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::High => "high",
        })
    }
}

/// A value that so many people have that it tells nobody apart: a clinic's own number, a birth date put in for none.
///
/// It counts as if those people had none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Crowd {
    /// What they have in common.
    pub what: Shared,
    /// How many they are.
    pub people: usize,
    /// One of them, to see the value.
    pub example: RecordKey,
}

/// `40 people have one phone (patient/P-3 is one of them): it was not used`.
impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Shared::Email => "e-mail",
            Shared::Phone => "phone",
            Shared::BirthDate => "birth date",
        };
        write!(f, "{} people have one {what} ({} is one of them): it was not used", self.people, self.example)
    }
}

/// What people may have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Shared {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A birth date.
    BirthDate,
}

/// What a search for duplicates found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The pairs on which nobody has decided yet, in the order in which their records were added.
    pub pairs: Vec<Pair>,
    /// Counts.
    pub summary: Summary,
    /// Values that were not used.
    pub crowds: Vec<Crowd>,
    /// Decisions about records that are not there.
    pub flags: Vec<Flag>,
}

/// How many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Records looked at.
    pub people: usize,
    /// Of them, those with nothing to be found by: no name, or neither e-mail, phone, birth date nor address.
    pub unfindable: usize,
    /// Pairs looked at closely.
    pub compared: usize,
    /// Pairs proposed, by certainty.
    pub proposed: BTreeMap<Certainty, usize>,
    /// How many of the proposed have a reason.
    pub reasons: BTreeMap<Reason, usize>,
    /// Pairs that would have been proposed, and were decided on before.
    pub decided: usize,
}

/// So many crowds are shown as text; the list has all.
const CROWDS_SHOWN: usize = 20;

/// One line for people, one for the pairs, and one for each crowd and flag.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = &self.summary;
        writeln!(f, "{} people, {} of them with nothing to be found by", summary.people, summary.unfindable)?;
        write!(f, "{} pairs proposed", self.pairs.len())?;
        for (certainty, count) in summary.proposed.iter().rev() {
            write!(f, ", {count} {certainty}")?;
        }
        writeln!(f, "; {} decided before", summary.decided)?;
        self.crowds.iter().take(CROWDS_SHOWN).try_for_each(|crowd| writeln!(f, "{crowd}"))?;
        if let Some(more) = self.crowds.len().checked_sub(CROWDS_SHOWN).filter(|more| *more > 0) {
            writeln!(f, "and {more} more such values")?;
        }
        for flag in &self.flags {
            let line = flag.origin.as_ref().map(|origin| format!("{origin}: ")).unwrap_or_default();
            writeln!(f, "{line}{}", flag.message)?;
        }
        Ok(())
    }
}

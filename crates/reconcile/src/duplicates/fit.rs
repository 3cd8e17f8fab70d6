//! Whether two names can be one person's, and how.

use crate::duplicates::names::{Named, Names, Nearness, WordId};
use crate::duplicates::spelling::is_vowel;

/// How two names fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The same words, in whatever order.
    Same,
    /// The same words, spelt or typed in another way.
    Like,
    /// What one has too much is missing in the other, or an initial there; the given name is in both.
    Part,
    /// The given name is an initial in one of them.
    Initials,
    /// The given name is the same initial in both.
    SameInitials,
    /// Only the given name is the same.
    Given,
}

/// How two names fit, and the share of people whose names would fit by chance as well.
///
/// `alike` says whether the two are known to be of one gender. The names of siblings never fit, though they have a family name,
/// an address and perhaps a birth date together: the given names must fit each other.
pub(super) fn fit(names: &Names, one: &Named, other: &Named, alike: bool) -> Option<(Fit, f64)> {
    let generations = one.generation.zip(other.generation);
    if one.newborn != other.newborn || generations.is_some_and(|(one, other)| one != other) {
        return None;
    }
    if is_joined(names, &one.words, &other.words) {
        return Some((Fit::Same, JOINED));
    }
    let matching = Matching::of(names, one, other, alike);
    Some((matching.fit(names, one, other)?, matching.share))
}

/// How many people bear a name that is written in one word or in two.
const JOINED: f64 = 1e-4;

/// Which word of one name stands for which of the other.
struct Matching {
    /// For each word of the first: its place in the second, and how near they are.
    pairs: Vec<Option<(usize, Nearness)>>,
    /// How many words of the second have a partner.
    second: usize,
    /// How many partners are both more than an initial.
    full: usize,
    share: f64,
}

impl Matching {
    fn of(names: &Names, one: &Named, other: &Named, alike: bool) -> Self {
        let mut matching = Self { pairs: vec![None; one.words.len()], second: 0, full: 0, share: 1.0 };
        let mut taken = vec![false; other.words.len()];
        // The nearest first, so that an initial does not take what a whole word needs.
        for wanted in [Nearness::Same, Nearness::Sound, Nearness::Slip, Nearness::Initial] {
            for (pair, word) in matching.pairs.iter_mut().zip(&one.words) {
                if pair.is_some() {
                    continue;
                }
                let found = other.words.iter().zip(&taken).position(|(candidate, taken)| {
                    !taken && names.nearness(*word, *candidate, alike) == Some(wanted)
                });
                let Some((at, candidate)) = found.and_then(|at| Some((at, other.words.get(at)?))) else {
                    continue;
                };
                *pair = Some((at, wanted));
                if let Some(taken) = taken.get_mut(at) {
                    *taken = true;
                }
                matching.second += 1;
                matching.share *= names.share(*word, *candidate, wanted);
                if wanted != Nearness::Initial && !names.is_initial(*word) {
                    matching.full += 1;
                }
            }
        }
        matching
    }

    fn fit(&self, names: &Names, one: &Named, other: &Named) -> Option<Fit> {
        // Initials alone name nobody.
        if self.full == 0 {
            return None;
        }
        let (given, other_given) = (names.given(one), names.given(other));
        let partner = |at: usize| self.pairs.get(at).copied().flatten();
        let back = |at: usize| self.pairs.iter().flatten().find(|(partner, _)| *partner == at).copied();
        let (first, second) = (partner(given), back(other_given));
        let initial = |word: Option<&WordId>| word.is_none_or(|word| names.is_initial(*word));
        let by_initial = [first, second].iter().flatten().any(|(_, nearness)| *nearness == Nearness::Initial);
        let initials = initial(one.words.get(given)) && initial(other.words.get(other_given));

        let (all, all_other) = (self.second == one.words.len(), self.second == other.words.len());
        if !all && !all_other {
            let same = first.is_some_and(|(at, nearness)| at == other_given && nearness <= Nearness::Sound);
            let is_family = |word: Option<&WordId>| word.is_none_or(|word| names.is_family(*word));
            // What differs is to be family names: `Thomas Asha` and `Thomas Meera` are sisters.
            let back_of = |at: usize| back(at).is_some();
            let other_given_name = |name: &Named, has: &dyn Fn(usize) -> bool| {
                name.words.iter().enumerate().any(|(at, word)| !has(at) && names.is_given(*word))
            };
            let known = !is_family(one.words.get(given))
                && !is_family(other.words.get(other_given))
                && !other_given_name(one, &|at| partner(at).is_some())
                && !other_given_name(other, &back_of);
            return (same && known && !initials).then_some(Fit::Given);
        }
        if first.is_none() || second.is_none() {
            return None;
        }
        if by_initial {
            return Some(Fit::Initials);
        }
        if initials {
            return Some(Fit::SameInitials);
        }
        if !(all && all_other) {
            return Some(Fit::Part);
        }
        Some(match self.pairs.iter().flatten().map(|(_, nearness)| *nearness).max()? {
            Nearness::Same => Fit::Same,
            Nearness::Sound | Nearness::Slip => Fit::Like,
            Nearness::Initial => Fit::Part,
        })
    }
}

/// Whether two names are the same but for the gaps: `Mary Ann`, `Maryann`; `D Souza`, `D'Souza`.
fn is_joined(names: &Names, one: &[WordId], other: &[WordId]) -> bool {
    if one.len() == other.len() || one.is_empty() || other.is_empty() {
        return false;
    }
    // What sounds double across a gap sounds once without it.
    let letters = |words: &[WordId]| {
        let mut letters: Vec<u8> = words.iter().flat_map(|word| names.sound(*word).bytes()).collect();
        letters.dedup();
        letters
    };
    let (one, other) = (letters(one), letters(other));
    one.len() > 4 && one.iter().any(|letter| is_vowel(*letter)) && one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duplicates::name::Name;

    /// How two names fit in a clinic where the family names are known as such.
    fn fits(one: &str, other: &str) -> Option<Fit> {
        let mut names = Names::default();
        for family in ["Rao", "Sharma", "Iyer"] {
            for given in [
                "Asha", "Anil", "Rajesh", "Ramesh", "Lakshmi", "Amit", "Amita", "Ravi", "Rani", "Kiran",
                "Karan",
            ] {
                for _ in 0..4 {
                    names.add(Name::read(&format!("{given} {family}")));
                }
            }
        }
        let (one, other) = (names.add(Name::read(one)), names.add(Name::read(other)));
        let found = fit(&names, &one, &other, false).map(|(fit, _)| fit);
        assert_eq!(fit(&names, &other, &one, false).map(|(fit, _)| fit), found, "it is the same both ways");
        found
    }

    #[test]
    fn the_same_name_is_the_same_however_it_is_written() {
        for other in
            ["ASHA RAO", "Rao Asha", "Rao, Asha", "Dr. (Mrs.) Asha Rao", "Āśa  Rao", "Asha Rao w/o Ravi Rao"]
        {
            assert!(matches!(fits("Asha Rao", other), Some(Fit::Same | Fit::Like)), "{other}");
        }
    }

    #[test]
    fn a_name_spelt_in_another_way_is_like_it() {
        for (one, other) in
            [("Lakshmi Iyer", "Laxmi Iyer"), ("Geeta Rao", "Gita Rao"), ("Rajesh Sharma", "Rajehs Sharma")]
        {
            assert_eq!(fits(one, other), Some(Fit::Like), "{one} {other}");
        }
    }

    #[test]
    fn a_gap_is_no_difference() {
        assert_eq!(fits("Mary Ann Lee", "Maryann Lee"), Some(Fit::Same));
        assert_eq!(fits("Leela D Souza", "Leela D'Souza"), Some(Fit::Same));
    }

    #[test]
    fn initials_stand_for_names() {
        assert_eq!(fits("A. Rao", "Asha Rao"), Some(Fit::Initials));
        assert_eq!(fits("R K Sharma", "Rajesh Kumar Sharma"), Some(Fit::Initials));
        assert_eq!(fits("R. Lakshmi", "Lakshmi Raman"), Some(Fit::Part));
        assert_eq!(fits("A. Rao", "Rao A"), Some(Fit::SameInitials));
        assert_eq!(fits("C. Rao", "Chitra Rao"), Some(Fit::Initials));
        assert_eq!(fits("B. Rao", "Asha Rao"), None);
        assert_eq!(fits("A. R.", "Asha Rao"), None);
    }

    #[test]
    fn a_middle_name_may_be_missing_and_the_given_one_not() {
        assert_eq!(fits("Asha Rao", "Asha Meera Rao"), Some(Fit::Part));
        assert_eq!(fits("Asha", "Asha Rao"), Some(Fit::Part));
        assert_eq!(fits("Rao", "Asha Rao"), None);
        assert_eq!(fits("Kumar Sharma", "Rajesh Kumar Sharma"), None);
    }

    #[test]
    fn siblings_do_not_fit() {
        for (one, other) in [
            ("Asha Rao", "Anil Rao"),
            ("Amit Rao", "Amita Rao"),
            ("Ravi Rao", "Rani Rao"),
            ("Kiran Rao", "Karan Rao"),
            ("Rao Asha", "Rao Anil"),
        ] {
            assert_eq!(fits(one, other), None, "{one} {other}");
        }
    }

    #[test]
    fn a_family_name_may_change() {
        assert_eq!(fits("Asha Rao", "Asha Sharma"), Some(Fit::Given));
        assert_eq!(fits("Rao Asha", "Asha Sharma"), Some(Fit::Given));
        assert_eq!(fits("A. Rao", "Asha Sharma"), None);
    }

    #[test]
    fn a_newborn_is_not_its_mother_and_a_junior_no_senior() {
        assert_eq!(fits("Baby of Asha Rao", "Asha Rao"), None);
        assert_eq!(fits("B/o Asha Rao", "Baby of Asha Rao"), Some(Fit::Same));
        assert_eq!(fits("John Smith Jr", "John Smith Sr"), None);
        assert_eq!(fits("John Smith Jr", "John Smith"), Some(Fit::Same));
    }
}

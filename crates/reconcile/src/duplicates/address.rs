//! Addresses, as they are compared: the numbers in them, the words that tell one house or street from another, and the place.

use crate::duplicates::contact::fingerprint;
use crate::duplicates::judge::Relation;
use crate::duplicates::spelling::{sound, words};

/// What every other address has, or what one desk writes out and another shortens: it tells no two apart.
const COMMON: [&str; 64] = [
    "road",
    "rd",
    "street",
    "st",
    "str",
    "avenue",
    "ave",
    "av",
    "boulevard",
    "blvd",
    "lane",
    "ln",
    "drive",
    "dr",
    "court",
    "ct",
    "place",
    "pl",
    "square",
    "sq",
    "circle",
    "cir",
    "highway",
    "hwy",
    "apartment",
    "apartments",
    "apt",
    "apts",
    "appt",
    "flat",
    "house",
    "home",
    "no",
    "number",
    "nr",
    "h",
    "hno",
    "building",
    "bldg",
    "bld",
    "society",
    "soc",
    "chs",
    "colony",
    "col",
    "plot",
    "plt",
    "floor",
    "flr",
    "unit",
    "suite",
    "ste",
    "room",
    "rm",
    "block",
    "blk",
    "wing",
    "post",
    "po",
    "at",
    "the",
    "of",
    "and",
    "dist",
];

/// Words after which a landmark comes, which one desk writes and another does not.
const LANDMARKS: [&str; 13] = [
    "near", "nr", "opp", "opposite", "behind", "beside", "besides", "above", "below", "next", "off",
    "adjacent", "bh",
];

/// No more numbers and words of an address than these are looked at.
const MOST: usize = 6;

/// Where somebody lives. Every word of it is a number that stands for it.
#[derive(Default)]
pub(super) struct Address {
    numbers: Box<[u64]>,
    words: Box<[u64]>,
    pub(super) pincode: Option<u64>,
    pub(super) city: Option<u64>,
}

impl Address {
    /// Reads the lines of an address, and what stands in fields of their own.
    pub(super) fn read(lines: &str, city: &str, pincode: &str) -> Self {
        let town = words(city);
        let mut postcode = Some(words(pincode).concat()).filter(|code| code.len() >= 4);
        let (mut numbers, mut names) = (Vec::new(), Vec::new());
        // Brackets part as commas do.
        for part in lines.split([',', ';', '\n', '(', ')']) {
            for word in words(part) {
                let begun = !(numbers.is_empty() && names.is_empty());
                if LANDMARKS.contains(&&*word) {
                    break;
                }
                if begun && is_postcode(&word) {
                    postcode.get_or_insert(word);
                } else if word.bytes().any(|letter| letter.is_ascii_digit()) && !is_ordinal(&word) {
                    add(&mut numbers, fingerprint(word.trim_start_matches('0')));
                } else if word.chars().count() > 1 && !COMMON.contains(&&*word) && !town.contains(&word) {
                    let word = if word == "sec" { "sector" } else { &*word };
                    add(&mut names, fingerprint(&sound(word)));
                }
            }
        }
        let city: Vec<String> = town.iter().map(|word| sound(word)).collect();
        Self {
            numbers: numbers.into(),
            words: names.into(),
            pincode: postcode.map(|code| fingerprint(&code)),
            city: (!city.is_empty()).then(|| fingerprint(&city.concat())),
        }
    }

    /// Whether nothing is known.
    pub(super) fn is_blank(&self) -> bool {
        self.numbers.is_empty() && self.words.is_empty() && self.pincode.is_none() && self.city.is_none()
    }

    /// Values one of which two have in common if they are of one home: a number, a word, and the place.
    pub(super) fn keys(&self) -> impl Iterator<Item = u64> {
        let places = || [self.pincode, self.city].into_iter().flatten();
        let words =
            move || self.words.iter().flat_map(move |word| places().map(move |place| mix(*word, place)));
        self.numbers.iter().flat_map(move |number| words().map(move |key| mix(*number, key)))
    }

    /// Whether two are of one home, as far as they say.
    pub(super) fn relation(&self, other: &Self) -> Relation {
        let place = match (self.pincode.zip(other.pincode), self.city.zip(other.city)) {
            (Some((one, other)), _) | (None, Some((one, other))) => one == other,
            (None, None) => return Relation::Unknown,
        };
        // One may leave out the block of the flat, and tell the house by its name or by its street.
        match (contained(&self.numbers, &other.numbers, 1), contained(&self.words, &other.words, 2)) {
            _ if !place => Relation::Other,
            (Some(true), Some(true)) => Relation::Same,
            (Some(false), _) | (_, Some(false)) => Relation::Other,
            _ => Relation::Unknown,
        }
    }
}

/// Whether a part of the shorter list, one in so many, is in the longer one; nothing where one is empty.
fn contained(one: &[u64], other: &[u64], part: usize) -> Option<bool> {
    let fewest = one.len().min(other.len());
    let common = one.iter().filter(|value| other.contains(value)).count();
    (fewest > 0).then_some(common * part >= fewest)
}

/// Five or six digits, as postcodes have; a number of a house that long stands first.
fn is_postcode(word: &str) -> bool {
    matches!(word.len(), 5 | 6) && word.bytes().all(|letter| letter.is_ascii_digit())
}

/// `2nd Street` is a name.
fn is_ordinal(word: &str) -> bool {
    let name = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
    name.len() < word.len() && matches!(name, "st" | "nd" | "rd" | "th")
}

fn add(list: &mut Vec<u64>, value: u64) {
    if list.len() < MOST && !list.contains(&value) {
        list.push(value);
    }
}

/// One value of two.
pub(super) fn mix(one: u64, other: u64) -> u64 {
    (one.rotate_left(29) ^ other).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(one: &str, other: &str) -> Relation {
        let read = |lines| Address::read(lines, "Pune", "411 038");
        let found = read(one).relation(&read(other));
        assert_eq!(read(other).relation(&read(one)), found, "it is the same both ways");
        if found == Relation::Same {
            let keys: Vec<u64> = read(one).keys().collect();
            assert!(
                read(other).keys().any(|key| keys.contains(&key)),
                "who live together have a key in common"
            );
        }
        found
    }

    #[test]
    fn one_home_is_the_same_however_it_is_written() {
        for other in [
            "FLAT NO. 12, GANGA APTS, KARVE RD, PUNE 411038",
            "#12 Ganga Apartments",
            "12, Karve Road\nNear Bus Stand",
            "Flat 012, Ganga Appts., opp. Post Office",
        ] {
            assert_eq!(relation("Flat 12, Ganga Apartments, Karve Road", other), Relation::Same, "{other}");
        }
        assert_eq!(relation("14 2nd Street Apt 3B", "14, 2nd St."), Relation::Same);
    }

    #[test]
    fn neighbours_live_elsewhere() {
        let home = "Flat 12, Ganga Apartments, Karve Road";
        for other in
            ["Flat 13, Ganga Apartments, Karve Road", "12 MG Road", "Flat 12, Rose Villa, Station Road"]
        {
            assert_eq!(relation(home, other), Relation::Other, "{other}");
        }
        let far = Address::read(home, "Mumbai", "400050");
        assert_eq!(far.relation(&Address::read(home, "Pune", "411038")), Relation::Other);
        assert_eq!(far.relation(&Address::read(home, "", "")), Relation::Unknown);
    }

    #[test]
    fn what_is_not_written_says_nothing() {
        for other in ["", "near bus stand", "12", "Ganga Apartments"] {
            assert_eq!(
                relation("Flat 12, Ganga Apartments, Karve Road", other),
                Relation::Unknown,
                "{other}"
            );
        }
        assert!(Address::read(" ,;\n", "", "-").is_blank());
    }

    #[test]
    fn a_postcode_among_the_lines_is_one() {
        let apart = Address::read("12 Karve Road", "Pune", "411 038");
        assert_eq!(Address::read("12 Karve Road, Pune 411038", "", "").pincode, apart.pincode);
        assert_eq!(Address::read("12345 Main Street", "Austin", "").pincode, None);
    }
}

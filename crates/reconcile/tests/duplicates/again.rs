//! A person put down once more: what a desk writes otherwise the second time.

use jiff::civil::Date;

use crate::clinic::{Patient, Style, family_name, given, mobile};
use crate::home::{Address, Home};
use crate::random::Random;

/// How the name of the second record of a person differs from that of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Same,
    CaseAndAccents,
    Title,
    Order,
    Initials,
    Spelling,
    Typing,
    Middle,
    Gap,
    Married,
}

/// What else differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Data {
    Same,
    NoBirthDate,
    NoEmail,
    OtherPhone,
    NoEmailOtherPhone,
    SwappedDate,
}

const NAMES: [(Name, usize); 10] = [
    (Name::Same, 14),
    (Name::CaseAndAccents, 10),
    (Name::Title, 10),
    (Name::Order, 10),
    (Name::Initials, 12),
    (Name::Spelling, 15),
    (Name::Typing, 13),
    (Name::Middle, 8),
    (Name::Gap, 3),
    (Name::Married, 5),
];

const DATA: [(Data, usize); 6] = [
    (Data::Same, 36),
    (Data::NoBirthDate, 15),
    (Data::NoEmail, 20),
    (Data::OtherPhone, 20),
    (Data::NoEmailOtherPhone, 5),
    (Data::SwappedDate, 4),
];

/// The same person, put down once more.
pub(crate) fn again(random: &mut Random, first: &Patient) -> (Patient, (Name, Data)) {
    loop {
        let name = random.weighted(&NAMES);
        let data = if name == Name::Married { Data::Same } else { random.weighted(&DATA) };
        let mut second = first.clone();
        second.address = address(random, first);
        second.particulars = first.particulars.again(random, first.truly_born);
        let one_name = first.family.is_empty();
        let initials = matches!(first.style, Style::Initials | Style::FathersInitial);
        let fits = match name {
            Name::Same => true,
            Name::CaseAndAccents => {
                second.given = without_accents(&first.given);
                second.family = without_accents(&first.family).replace('\'', "");
                second.style = if first.style == Style::Upper { Style::Plain } else { Style::Upper };
                !initials
            }
            Name::Title => {
                second.style = if first.style == Style::Titled { Style::Plain } else { Style::Titled };
                !initials && !one_name
            }
            Name::Order => {
                second.style = match first.style {
                    Style::FamilyFirst | Style::Comma => Style::Plain,
                    _ => random.pick(&[Style::FamilyFirst, Style::Comma]),
                };
                !initials && !one_name
            }
            Name::Initials => {
                second.style = if first.style == Style::Initials { Style::Plain } else { Style::Initials };
                !one_name && first.style != Style::FathersInitial
            }
            Name::Spelling => {
                let spelt = spelt(random, &first.given);
                let family = spelt_maybe(random, &first.family);
                second.family = family;
                spelt.map(|given| second.given = given).is_some() && !initials
            }
            Name::Typing => {
                let given = random.percent(50) || one_name;
                let word = if given { &mut second.given } else { &mut second.family };
                mistype(random, word) && !initials
            }
            Name::Middle => {
                second.middle = match &first.middle {
                    Some(_) => None,
                    None => Some(given(random, first.indian, first.female)),
                };
                !initials && !one_name
            }
            Name::Gap => {
                let joined = first.given.replace('-', "");
                let apart = first.family.replace('\'', " ");
                let changed = joined != first.given || apart != first.family;
                (second.given, second.family) = (joined, apart);
                changed && !initials
            }
            Name::Married => {
                second.family = family_name(random, first.indian);
                let known = first.email.is_some() && first.phone.is_some() && first.born.is_some();
                first.female && known && !one_name && !initials && second.family != first.family
            }
        };
        let possible = match data {
            Data::Same => true,
            Data::NoBirthDate => second.born.take().is_some(),
            Data::NoEmail => second.email.take().is_some(),
            Data::OtherPhone => second.phone.replace(mobile(random)).is_some(),
            Data::NoEmailOtherPhone => {
                second.email.take().is_some() && second.phone.replace(mobile(random)).is_some()
            }
            Data::SwappedDate => match first.born {
                Some(born) if born.day() <= 12 && born.day() != born.month() => {
                    second.born = Date::new(born.year(), born.day(), born.month()).ok();
                    second.born.is_some()
                }
                _ => false,
            },
        };
        if fits && possible {
            return (second, (name, data));
        }
    }
}

/// The address is asked for again as a rule, and put down by ear. Few have moved.
fn address(random: &mut Random, first: &Patient) -> Option<Address> {
    let Some(address) = &first.address else {
        return random.percent(40).then(|| Home::new(random, first.indian).written(random));
    };
    if !random.percent(82) {
        return None;
    }
    let home = if random.percent(8) { Home::new(random, first.indian) } else { address.home.clone() };
    Some(home.written(random))
}

fn without_accents(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            'Ā' => 'A',
            'á' | 'ā' => 'a',
            'é' | 'ë' => 'e',
            'í' | 'ī' => 'i',
            'ñ' => 'n',
            'ö' => 'o',
            'ř' => 'r',
            'ü' => 'u',
            'Ś' => 'S',
            'Ł' => 'L',
            other => other,
        })
        .collect()
}

/// The habits of writing Indian names in Latin letters, each both ways.
const HABITS: [(&str, &str); 10] = [
    ("ee", "i"),
    ("oo", "u"),
    ("v", "w"),
    ("ksh", "x"),
    ("sh", "s"),
    ("th", "t"),
    ("tt", "t"),
    ("ll", "l"),
    ("nn", "n"),
    ("aa", "a"),
];

/// The name in another spelling, if it has one.
fn spelt(random: &mut Random, name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let (first, rest) = lower.split_at(lower.chars().next()?.len_utf8());
    let mut ways = Vec::new();
    for (one, other) in HABITS {
        for (from, to) in [(one, other), (other, one)] {
            if rest.contains(from) {
                ways.push(format!("{first}{}", rest.replacen(from, to, 1)));
            }
        }
    }
    match lower.strip_suffix('a') {
        Some(shorter) if shorter.len() > 3 => ways.push(shorter.to_owned()),
        _ if lower.ends_with(['n', 'm', 'k', 'r', 't', 'd', 'v']) => ways.push(format!("{lower}a")),
        _ => {}
    }
    if ways.is_empty() { None } else { Some(ways.swap_remove(random.below(ways.len()))) }
}

fn spelt_maybe(random: &mut Random, name: &str) -> String {
    if random.percent(30) { spelt(random, name).unwrap_or_else(|| name.to_owned()) } else { name.to_owned() }
}

/// One stroke wrong: a letter left out, twice, in its neighbour's place, or another.
fn mistype(random: &mut Random, name: &mut String) -> bool {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 4 {
        return false;
    }
    let at = random.below(letters.len());
    match random.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = random.pick(&['a', 'e', 'i', 'k', 'l', 'm', 'n', 'o', 'r', 's', 't', 'u']),
    }
    let typed: String = letters.into_iter().collect();
    let changed = typed != *name;
    *name = typed;
    changed
}

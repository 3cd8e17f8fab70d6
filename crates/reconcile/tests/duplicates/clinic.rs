//! A made-up clinic: families, twins, fathers and sons of one name, and people who are there twice.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use mapping_core::record::Record;

use crate::names::{INDIAN_LAST, INDIAN_MEN, INDIAN_WOMEN, ONE_NAME, US_LAST, US_MEN, US_WOMEN};
use crate::random::Random;

/// A patient as put down at the desk.
#[derive(Clone)]
pub(crate) struct Patient {
    pub(crate) id: usize,
    given: String,
    middle: Option<String>,
    family: String,
    style: Style,
    email: Option<String>,
    phone: Option<String>,
    born: Option<Date>,
    female: bool,
    tells_gender: bool,
    indian: bool,
}

/// How a name is put down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Upper,
    Titled,
    FamilyFirst,
    Comma,
    Initials,
    /// As on a school register in the south: the father's initial, and the given name.
    FathersInitial,
}

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

/// What a desk puts in where the birth date is not known.
const NO_DATE: Date = date(1970, 1, 1);

pub(crate) struct Clinic {
    pub(crate) patients: Vec<Patient>,
    /// Who is there twice, by the ids of the two, and how the second record differs.
    pub(crate) twice: BTreeMap<(usize, usize), (Name, Data)>,
}

impl Clinic {
    /// So many patients; two in a hundred records are the second of a person.
    pub(crate) fn new(seed: u64, patients: usize) -> Self {
        let mut random = Random::new(seed);
        let random = &mut random;
        let second = patients / 50;
        let mut all = Vec::new();
        while all.len() < patients - second {
            if random.percent(15) { family(random, &mut all) } else { all.push(somebody(random)) }
        }
        all.truncate(patients - second);
        for (id, patient) in all.iter_mut().enumerate() {
            patient.id = id;
        }
        let mut twice = BTreeMap::new();
        let mut chosen: Vec<usize> = (0..all.len()).collect();
        for at in 0..second {
            let with = at + random.below(chosen.len() - at);
            chosen.swap(at, with);
        }
        for original in chosen.into_iter().take(second) {
            let (mut again, how) = again(random, &all[original]);
            again.id = all.len();
            twice.insert((original, again.id), how);
            all.push(again);
        }
        // The second records lie anywhere among the others.
        for at in (1..all.len()).rev() {
            let with = random.below(at + 1);
            all.swap(at, with);
        }
        Self { patients: all, twice }
    }
}

impl Patient {
    /// As a reader yields it.
    pub(crate) fn record(&self) -> Record {
        let mut record = Record::new("patient", self.id.to_string()).with("name", self.name());
        if let Some(email) = &self.email {
            record.set("email", email.as_str());
        }
        if let Some(phone) = &self.phone {
            record.set("mobile", phone.as_str());
        }
        if let Some(born) = self.born {
            record.set("date_of_birth", born);
        }
        if self.tells_gender {
            record.set("gender", if self.female { "F" } else { "Male" });
        }
        record
    }

    /// Whether two records agree in anything but the name.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            one.is_some() && one == other
        }
        same(&self.email, &other.email) || same(&self.phone, &other.phone) || same(&self.born, &other.born)
    }

    fn name(&self) -> String {
        let initial = |name: &str| name.chars().next().map(|letter| format!("{letter}.")).unwrap_or_default();
        let middle = self.middle.as_ref().map(|middle| format!(" {middle}")).unwrap_or_default();
        let Self { given, family, .. } = self;
        let plain = format!("{given}{middle} {family}").trim_end().to_owned();
        match self.style {
            _ if family.is_empty() => plain,
            Style::Plain => plain,
            Style::Upper => plain.to_uppercase(),
            Style::Titled if self.indian => format!("{} {plain}", if self.female { "Smt." } else { "Shri" }),
            Style::Titled => format!("{} {plain}", if self.female { "Mrs." } else { "Mr." }),
            Style::FamilyFirst => format!("{family} {given}{middle}"),
            Style::Comma => format!("{family}, {given}{middle}"),
            Style::Initials => {
                let middle =
                    self.middle.as_ref().map(|middle| format!(" {}", initial(middle))).unwrap_or_default();
                format!("{}{middle} {family}", initial(given))
            }
            Style::FathersInitial => format!("{} {given}", initial(family)),
        }
    }
}

fn words(list: &'static str) -> Vec<&'static str> {
    list.split_whitespace().collect()
}

fn given(random: &mut Random, indian: bool, female: bool) -> String {
    let list = match (indian, female) {
        (true, true) => INDIAN_WOMEN,
        (true, false) => INDIAN_MEN,
        (false, true) => US_WOMEN,
        (false, false) => US_MEN,
    };
    random.pick(&words(list)).to_owned()
}

fn family_name(random: &mut Random, indian: bool) -> String {
    random.pick(&words(if indian { INDIAN_LAST } else { US_LAST })).to_owned()
}

fn birth_date(random: &mut Random, years: std::ops::Range<i16>) -> Date {
    if random.percent(1) {
        return NO_DATE;
    }
    let year = years.start + i16::try_from(random.below((years.end - years.start) as usize)).unwrap();
    date(year, 1, 1).checked_add(jiff::Span::new().days(random.below(365) as i64)).unwrap()
}

fn mobile(random: &mut Random) -> String {
    if random.percent(1) {
        return "020 2566 7788".into();
    }
    let number = (6_000_000_000 + random.next() % 4_000_000_000).to_string();
    let (head, tail) = number.split_at(5);
    match random.below(5) {
        0 => format!("+91 {head} {tail}"),
        1 => format!("+91-{number}"),
        2 => format!("0{head} {tail}"),
        _ => number,
    }
}

fn address(random: &mut Random, family: &str) -> String {
    if random.percent(1) {
        return "frontdesk@example.org".into();
    }
    let plain: String = family.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    format!("{plain}{}@example.{}", random.next() % 10_000_000, random.pick(&["org", "com", "net"]))
}

fn somebody(random: &mut Random) -> Patient {
    let indian = random.percent(75);
    let female = random.percent(50);
    let family = if indian && random.percent(3) { String::new() } else { family_name(random, indian) };
    let style = random.weighted(&[
        (Style::Plain, 76),
        (Style::Upper, 6),
        (Style::Titled, 8),
        (Style::FamilyFirst, 3),
        (Style::Comma, 2),
        (Style::Initials, 2),
        (Style::FathersInitial, if indian { 3 } else { 0 }),
    ]);
    Patient {
        id: 0,
        given: given(random, indian, female),
        middle: random.percent(12).then(|| given(random, indian, female)),
        email: random.percent(82).then(|| address(random, &family)),
        phone: random.percent(96).then(|| mobile(random)),
        born: random.percent(93).then(|| birth_date(random, 1935..2024)),
        family,
        style,
        female,
        tells_gender: random.percent(90),
        indian,
    }
}

/// Two to five people of one home.
fn family(random: &mut Random, all: &mut Vec<Patient>) {
    let first = somebody(random);
    let first = Patient {
        family: if first.family.is_empty() { "Rao".into() } else { first.family.clone() },
        ..first
    };
    let mut members = vec![first.clone()];
    let (email, phone) = (random.percent(75), random.percent(85));
    for _ in 0..1 + random.below(4) {
        let mut member = somebody(random);
        member.indian = first.indian;
        member.given = given(random, member.indian, member.female);
        // Names of one home are not given twice, but for a father's and his son's.
        if members.iter().any(|other| one_name(&other.given, &member.given)) {
            continue;
        }
        member.middle = member.middle.map(|_| given(random, member.indian, member.female));
        member.family.clone_from(&first.family);
        share(&mut member, &first, email, phone);
        members.push(member);
    }
    if random.percent(8) {
        let mut twin = members[members.len() - 1].clone();
        twin.female = random.percent(50);
        while members.iter().any(|other| one_name(&other.given, &twin.given)) {
            twin.given = given(random, twin.indian, twin.female);
        }
        members.push(twin);
    }
    // Of a father and a son of one name nothing but the birth dates tells that they are two: they have both, and their own.
    if let (Some(father), true) = (first.born, random.percent(6)) {
        let son = birth_date(random, 1990..2024);
        if son.year() - father.year() > 18 && father != NO_DATE && son != NO_DATE {
            members.push(Patient { born: Some(son), female: false, ..first.clone() });
        }
    }
    all.extend(members);
}

fn one_name(one: &str, other: &str) -> bool {
    one == other || ONE_NAME.iter().any(|(a, b)| (*a, *b) == (one, other) || (*b, *a) == (one, other))
}

fn share(member: &mut Patient, first: &Patient, email: bool, phone: bool) {
    if email {
        member.email.clone_from(&first.email);
    }
    if phone {
        member.phone.clone_from(&first.phone);
    }
}

/// The same person, put down once more.
fn again(random: &mut Random, first: &Patient) -> (Patient, (Name, Data)) {
    loop {
        let name = random.weighted(&NAMES);
        let data = if name == Name::Married { Data::Same } else { random.weighted(&DATA) };
        let mut second = first.clone();
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

//! A made-up clinic: families, twins, fathers and sons of one name, and people who are there twice.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use mapping_core::record::Record;

use crate::again::{Data, Name, again};
use crate::home::{Address, Home};
use crate::names::{INDIAN_LAST, INDIAN_MEN, INDIAN_WOMEN, ONE_NAME, US_LAST, US_MEN, US_WOMEN};
use crate::particulars::Particulars;
use crate::random::Random;

/// A patient as put down at the desk.
#[derive(Clone)]
pub(crate) struct Patient {
    pub(crate) id: usize,
    pub(crate) given: String,
    pub(crate) middle: Option<String>,
    pub(crate) family: String,
    pub(crate) style: Style,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) born: Option<Date>,
    /// Whether or not the desk knows it.
    pub(crate) truly_born: Date,
    pub(crate) address: Option<Address>,
    pub(crate) particulars: Particulars,
    pub(crate) female: bool,
    pub(crate) tells_gender: bool,
    pub(crate) indian: bool,
}

/// The best of what two records have in common, whatever else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Common {
    Contact,
    BirthDate,
    Home,
    /// Nothing, but age, blood group and the like perhaps.
    NameAlone,
}

/// How a name is put down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Upper,
    Titled,
    FamilyFirst,
    Comma,
    Initials,
    /// As on a school register in the south: the father's initial, and the given name.
    FathersInitial,
}

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
        if let Some(Address { text, city, pincode, .. }) = &self.address {
            record.set("address", text.as_str());
            record.set("city", *city);
            record.set("pincode", pincode.as_deref());
        }
        let Particulars { age, blood, doctor, referrer, history, allergies } = &self.particulars;
        record.set("age", age.map(|age| age.to_string()));
        record.set("blood_group", *blood);
        record.set("doctor_name", *doctor);
        record.set("referring_physician", *referrer);
        record.set("medical_history", *history);
        record.set("allergy_notes", *allergies);
        if self.tells_gender {
            record.set("gender", if self.female { "F" } else { "Male" });
        }
        record
    }

    /// What two records of one person have in common beside the name.
    pub(crate) fn common(&self, other: &Self) -> Common {
        fn same<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            one.is_some() && one == other
        }
        fn home(patient: &Patient) -> Option<&Home> {
            patient.address.as_ref().map(|address| &address.home)
        }
        if same(&self.email, &other.email) || same(&self.phone, &other.phone) {
            Common::Contact
        } else if same(&self.born, &other.born) {
            Common::BirthDate
        } else if same(&home(self), &home(other)) {
            Common::Home
        } else {
            Common::NameAlone
        }
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

pub(crate) fn given(random: &mut Random, indian: bool, female: bool) -> String {
    let list = match (indian, female) {
        (true, true) => INDIAN_WOMEN,
        (true, false) => INDIAN_MEN,
        (false, true) => US_WOMEN,
        (false, false) => US_MEN,
    };
    random.pick(&words(list)).to_owned()
}

pub(crate) fn family_name(random: &mut Random, indian: bool) -> String {
    random.pick(&words(if indian { INDIAN_LAST } else { US_LAST })).to_owned()
}

fn birth_date(random: &mut Random, years: std::ops::Range<i16>) -> Date {
    let year = years.start + i16::try_from(random.below((years.end - years.start) as usize)).unwrap();
    date(year, 1, 1).checked_add(jiff::Span::new().days(random.below(365) as i64)).unwrap()
}

pub(crate) fn mobile(random: &mut Random) -> String {
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
    let truly_born = birth_date(random, 1935..2024);
    Patient {
        id: 0,
        given: given(random, indian, female),
        middle: random.percent(12).then(|| given(random, indian, female)),
        email: random.percent(82).then(|| address(random, &family)),
        phone: random.percent(96).then(|| mobile(random)),
        born: random.percent(93).then(|| if random.percent(1) { NO_DATE } else { truly_born }),
        truly_born,
        address: random.percent(80).then(|| Home::new(random, indian).written(random)),
        particulars: Particulars::new(random, truly_born),
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
    let (email, phone, home) = (random.percent(75), random.percent(85), random.percent(85));
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
        if let (true, Some(address)) = (home, &first.address) {
            member.address = random.percent(90).then(|| address.home.written(random));
        }
        members.push(member);
    }
    if random.percent(8) {
        let mut twin = members[members.len() - 1].clone();
        twin.particulars = Particulars::new(random, twin.truly_born);
        twin.female = random.percent(50);
        while members.iter().any(|other| one_name(&other.given, &twin.given)) {
            twin.given = given(random, twin.indian, twin.female);
        }
        members.push(twin);
    }
    // Of a father and a son of one name nothing but the birth dates tells that they are two: they have both, and their own.
    if let (Some(father), true) = (first.born, random.percent(6)) {
        let son = birth_date(random, 1990..2024);
        if son.year() - father.year() > 18 && father != NO_DATE {
            members.push(Patient {
                born: Some(son),
                truly_born: son,
                female: false,
                particulars: Particulars::new(random, son),
                ..first.clone()
            });
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

//! What is known of a person, and in which fields of a record it stands.

use std::fmt;

use jiff::civil::Date;
use mapping_core::key::{Origin, RecordKey};
use mapping_core::name::{EntityName, FieldName};
use mapping_core::record::Record;

use crate::duplicates::contact;
use crate::duplicates::name::Name;
use crate::duplicates::spelling::words;

/// A person of whom there may be a second record.
///
/// Nothing of it has to be known; of what is not, nothing is concluded. `Debug` shows the key, and how much is known.
///
/// # Example
///
/// ```
/// use jiff::civil::date;
/// use mapping_core::key::RecordKey;
/// use reconcile::duplicates::Person;
///
/// let asha = Person::new(RecordKey::new("patient", "P-1"))
///     .named("Dr. Asha Rao")
///     .email("asha@example.org")
///     .phone("+91 98765 43212 / 020 2345 6781")
///     .born(date(1984, 2, 29));
/// assert_eq!(format!("{asha:?}"), "Person(patient/P-1, 2 words of a name, 1 e-mail, 2 phones, birth date)");
/// ```
pub struct Person {
    pub(super) key: RecordKey,
    pub(super) origin: Option<Origin>,
    pub(super) name: Name,
    pub(super) emails: Vec<u64>,
    pub(super) phones: Vec<u64>,
    pub(super) born: Option<Date>,
    pub(super) gender: Option<Gender>,
    pub(super) age: Option<u8>,
    pub(super) lines: String,
    pub(super) city: String,
    pub(super) pincode: String,
    pub(super) blood: Option<u64>,
    pub(super) others: Vec<u64>,
}

/// A person's gender, as far as it helps to tell two people apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    Female,
    Male,
}

impl Person {
    /// A person of whom nothing is known but the record's key.
    #[must_use]
    pub fn new(key: RecordKey) -> Self {
        Self {
            key,
            origin: None,
            name: Name::default(),
            emails: Vec::new(),
            phones: Vec::new(),
            born: None,
            gender: None,
            age: None,
            lines: String::new(),
            city: String::new(),
            pincode: String::new(),
            blood: None,
            others: Vec::new(),
        }
    }

    /// The same, with the place the record came from.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The same, with a name written in one piece: `Dr. Asha Rao`, `RAO, Asha`, `A. Rao w/o R. Rao`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Name::read(name);
        self
    }

    /// The same, with a name written as two.
    #[must_use]
    pub fn named_apart(mut self, given: &str, family: &str) -> Self {
        self.name = Name::of_two(given, family);
        self
    }

    /// The same, with one more e-mail address. What is none is passed over.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        for email in address.split([',', ';', '/', ' ', '\n']).filter_map(contact::email) {
            add(&mut self.emails, email);
        }
        self
    }

    /// The same, with the phone numbers of one more cell. What is none is passed over.
    #[must_use]
    pub fn phone(mut self, numbers: &str) -> Self {
        for phone in contact::phones(numbers) {
            add(&mut self.phones, phone);
        }
        self
    }

    /// The same, with a birth date.
    #[must_use]
    pub fn born(mut self, date: Date) -> Self {
        self.born = Some(date);
        self
    }

    /// The same, with a gender, in any of the words that begin with `m` or `f`. Others say nothing here.
    #[must_use]
    pub fn gender(mut self, word: &str) -> Self {
        self.gender = match word.trim().to_lowercase().as_str() {
            "m" | "male" | "man" | "boy" => Some(Gender::Male),
            "f" | "female" | "woman" | "w" | "girl" => Some(Gender::Female),
            _ => None,
        };
        self
    }

    /// The same, with an age in years, as it was when somebody wrote it: `34`, `34 yrs`. Of months it is none.
    #[must_use]
    pub fn age(mut self, text: &str) -> Self {
        let text = text.trim();
        let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let years = matches!(
            unit.trim().to_lowercase().trim_end_matches('.'),
            "" | "y" | "yr" | "yrs" | "year" | "years"
        );
        self.age = digits.parse().ok().filter(|age| years && *age < 130);
        self
    }

    /// The same, with the lines of an address. A city and a postcode may be among them, or apart.
    #[must_use]
    pub fn address(mut self, lines: &str) -> Self {
        self.lines = lines.to_owned();
        self
    }

    /// The same, with the city of the address.
    #[must_use]
    pub fn city(mut self, city: &str) -> Self {
        self.city = city.to_owned();
        self
    }

    /// The same, with the postcode of the address.
    #[must_use]
    pub fn pincode(mut self, code: &str) -> Self {
        self.pincode = code.to_owned();
        self
    }

    /// The same, with a blood group: `B+`, `b +ve`, `B Positive`. What is none of the eight says nothing.
    #[must_use]
    pub fn blood_group(mut self, group: &str) -> Self {
        let mut text =
            group.to_lowercase().replace("positive", "+").replace("negative", "-").replace("pos", "+");
        text = text.replace("neg", "-").replace("ve", "").replace("rh", "");
        text.retain(|letter| letter.is_alphanumeric() || matches!(letter, '+' | '-'));
        let is_group = matches!(&*text, "a+" | "a-" | "b+" | "b-" | "ab+" | "ab-" | "o+" | "o-");
        self.blood = is_group.then(|| contact::fingerprint(&text));
        self
    }

    /// The same, with something else that is written of a person, by what it is: `doctor`, `medical_history`.
    ///
    /// Where two have it in common it counts the more the fewer others have it; where they differ it says nothing.
    #[must_use]
    pub fn other(mut self, what: &str, text: &str) -> Self {
        let words = words(text);
        if !words.is_empty() {
            add(&mut self.others, contact::fingerprint(&format!("{what} {}", words.join(" "))));
        }
        self
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Person({}, {} words of a name, {} e-mail, {} phones{}{})",
            self.key,
            self.name.words.len(),
            self.emails.len(),
            self.phones.len(),
            if self.born.is_some() { ", birth date" } else { "" },
            if self.lines.is_empty() { "" } else { ", address" }
        )
    }
}

fn add(list: &mut Vec<u64>, value: u64) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// In which fields of a source's records it stands what a person is known by.
///
/// The default is for records of `patient` with the fields that Pulse's have. A field that a record does not have, or that holds
/// another kind of value, says nothing.
///
/// # Example
///
/// ```
/// use mapping_core::record::Record;
/// use reconcile::duplicates::PersonFields;
///
/// let fields = PersonFields { name: Some("full_name".into()), emails: vec!["mail".into()], ..PersonFields::default() };
/// let person = fields.person(&Record::new("patient", "P-1").with("full_name", "Asha Rao").with("mail", "asha@example.org"));
/// assert_eq!(format!("{person:?}"), "Person(patient/P-1, 2 words of a name, 1 e-mail, 0 phones)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "written out by whoever describes a source")]
pub struct PersonFields {
    /// The entity whose records are people.
    pub entity: EntityName,
    /// The field of the given name, where it has one of its own.
    pub given: Option<FieldName>,
    /// The field of the family name, where it has one of its own.
    pub family: Option<FieldName>,
    /// The field of the whole name. It counts where given and family name are not both there.
    pub name: Option<FieldName>,
    /// The fields of e-mail addresses.
    pub emails: Vec<FieldName>,
    /// The fields of phone numbers.
    pub phones: Vec<FieldName>,
    /// The field of the birth date: a day, not a text.
    pub born: Option<FieldName>,
    /// The field of the gender.
    pub gender: Option<FieldName>,
    /// The field of the age in years: a text or a whole number.
    pub age: Option<FieldName>,
    /// The field of the lines of the address.
    pub address: Option<FieldName>,
    /// The field of the city.
    pub city: Option<FieldName>,
    /// The field of the postcode.
    pub pincode: Option<FieldName>,
    /// The field of the blood group, in any of its spellings.
    pub blood_group: Option<FieldName>,
    /// Fields that are often the same in both records of a person, such as the doctor or an allergy. What few have in common
    /// counts; what differs says nothing.
    pub others: Vec<FieldName>,
}

impl Default for PersonFields {
    fn default() -> Self {
        Self {
            entity: "patient".into(),
            given: Some("first_name".into()),
            family: Some("last_name".into()),
            name: Some("name".into()),
            emails: vec!["email".into()],
            phones: vec!["mobile".into(), "alternate_phone".into()],
            born: Some("date_of_birth".into()),
            gender: Some("gender".into()),
            age: Some("age".into()),
            address: Some("address".into()),
            city: Some("city".into()),
            pincode: Some("pincode".into()),
            blood_group: Some("blood_group".into()),
            others: [
                "doctor_name",
                "referring_physician",
                "insurance_carrier",
                "medical_history",
                "allergy_notes",
            ]
            .map(FieldName::from)
            .into(),
        }
    }
}

impl PersonFields {
    /// The person that a record is of.
    #[must_use]
    pub fn person(&self, record: &Record) -> Person {
        let text = |field: &Option<FieldName>| field.as_ref().and_then(|field| record.text(field.as_str()));
        let mut person = Person::new(record.key().clone());
        person.origin = record.origin().cloned();
        person = match (text(&self.given), text(&self.family), text(&self.name)) {
            (Some(given), Some(family), _) => person.named_apart(given, family),
            (_, _, Some(name)) => person.named(name),
            (Some(name), None, None) | (None, Some(name), None) => person.named(name),
            (None, None, None) => person,
        };
        for email in self.emails.iter().filter_map(|field| record.text(field.as_str())) {
            person = person.email(email);
        }
        for phone in self.phones.iter().filter_map(|field| record.text(field.as_str())) {
            person = person.phone(phone);
        }
        if let Some(gender) = text(&self.gender) {
            person = person.gender(gender);
        }
        if let Some(age) = &self.age {
            person = match (record.text(age.as_str()), record.integer(age.as_str())) {
                (Some(age), _) => person.age(age),
                (None, Some(age)) => person.age(&age.to_string()),
                (None, None) => person,
            };
        }
        for (field, lay) in [
            (&self.address, Person::address as fn(Person, &str) -> Person),
            (&self.city, Person::city),
            (&self.pincode, Person::pincode),
            (&self.blood_group, Person::blood_group),
        ] {
            if let Some(text) = text(field) {
                person = lay(person, text);
            }
        }
        for field in &self.others {
            if let Some(text) = record.text(field.as_str()) {
                person = person.other(field.as_str(), text);
            }
        }
        person.born = self.born.as_ref().and_then(|field| record.date(field.as_str()));
        person
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_record_of_pulse_is_read_as_it_comes() {
        let record = Record::new("patient", "P-1")
            .at(Origin::new("Patients.csv", 2))
            .with("name", "Asha Rao")
            .with("email", "asha@example.org; rao@example.org")
            .with("mobile", "9876543212")
            .with("alternate_phone", "098765 43212 / 9123456781")
            .with("date_of_birth", date(1984, 2, 29))
            .with("gender", "Female")
            .with("age", "41 yrs");
        let person = PersonFields::default().person(&record);
        assert_eq!(person.name.words, ["asha", "rao"]);
        assert_eq!((person.emails.len(), person.phones.len()), (2, 2));
        assert_eq!((person.born, person.age), (Some(date(1984, 2, 29)), Some(41)));
        assert_eq!(person.gender, Some(Gender::Female));
        assert_eq!(person.origin, Some(Origin::new("Patients.csv", 2)));
    }

    #[test]
    fn given_and_family_name_apart_tell_the_order() {
        let record = Record::new("patient", "P-1")
            .with("name", "RAO ASHA")
            .with("first_name", "Asha")
            .with("last_name", "Rao");
        let name = PersonFields::default().person(&record).name;
        assert_eq!((name.words, name.ordered), (vec!["asha".into(), "rao".into()], true));
    }

    #[test]
    fn an_age_is_of_years() {
        let age = |text: &str| Person::new(RecordKey::new("patient", "P-1")).age(text).age;
        assert_eq!(
            [age("34"), age("34 yrs."), age("6 months"), age("old"), age("1900")],
            [Some(34), Some(34), None, None, None]
        );
    }
}

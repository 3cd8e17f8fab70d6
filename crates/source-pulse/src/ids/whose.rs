//! Whose a row is: by decision, by its id, or by name and phone together.

use crate::ids::name::Name;
use crate::ids::people::NOBODY;
use crate::ids::{Meant, PatientIds};
use crate::phones;

/// What a row says of whose it is.
#[derive(Clone, Copy)]
pub(crate) struct Said<'r> {
    pub(crate) table: &'static str,
    pub(crate) id: Option<&'r str>,
    pub(crate) name: Option<&'r str>,
    pub(crate) phone: Option<&'r str>,
}

/// Whose a row is, as far as it can be told.
pub(crate) struct Whose {
    /// The id as the patient's own record has it.
    pub(crate) patient: Option<String>,
    pub(crate) found: Found,
    /// How many patients have what is written.
    pub(crate) count: usize,
}

/// How that was found, or why it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Found {
    /// By the id as it is written.
    Exact,
    /// By a person.
    Decided,
    /// By the number of the id.
    ByNumber,
    /// There is no id, and only one patient has name and phone.
    ByNameAndPhone,
    /// Several patients' ids have the number.
    SeveralNumbers,
    /// The number is of one patient, and the name is another's.
    OtherName,
    /// There is no id, and several patients have name and phone.
    SeveralPeople,
    /// Nobody has the id; one patient has name and phone.
    NameKnown,
    /// Nobody has the id.
    UnknownId,
    /// There is no id, and nobody has name and phone.
    UnknownPerson,
    /// There is a name, and no phone.
    NameOnly,
    /// There is a phone, and no name.
    PhoneOnly,
    /// Nothing.
    Nothing,
}

impl PatientIds {
    /// Whose a row is. What is decided counts before all else. Neither a name alone nor a phone alone ever tells.
    pub(crate) fn whose(&self, said: Said<'_>) -> Whose {
        let found = |found| Whose { patient: None, found, count: 0 };
        let by = |patient: &str, found| Whose { patient: Some(patient.to_owned()), found, count: 1 };
        let name = || said.name.and_then(Name::of);
        let Some(id) = said.id else {
            let name = name();
            if let Some(patient) = self.decided.of_row(said.table, name.as_ref(), said.phone) {
                return by(patient, Found::Decided);
            }
            let phones = said.phone.map(phones::keys).unwrap_or_default();
            return match (name, phones.as_slice()) {
                (Some(name), []) => Whose { count: self.people.named(&name), ..found(Found::NameOnly) },
                (None, []) => found(Found::Nothing),
                (None, phones) => Whose { count: self.people.called(phones), ..found(Found::PhoneOnly) },
                (Some(name), phones) => self.person(&name, phones),
            };
        };
        if let Some(patient) = self.decided.of_id(id) {
            return by(patient, Found::Decided);
        }
        match self.find(id) {
            Meant::Exact => by(id, Found::Exact),
            Meant::ByNumber(patient) => {
                let own = self.patient(&patient).and_then(|patient| patient.name);
                let fits = match (own, name()) {
                    (Some(own), Some(name)) => own.may_be(&name.sketch),
                    _ => true,
                };
                if fits { by(&patient, Found::ByNumber) } else { found(Found::OtherName) }
            }
            Meant::Ambiguous => found(Found::SeveralNumbers),
            Meant::Nobody => {
                let phones = said.phone.map(phones::keys).unwrap_or_default();
                let known = !phones.is_empty()
                    && name().is_some_and(|name| self.person(&name, &phones).patient.is_some());
                found(if known { Found::NameKnown } else { Found::UnknownId })
            }
        }
    }

    /// The only patient with this name and one of these phones.
    fn person(&self, name: &Name, phones: &[u64]) -> Whose {
        let places = self.people.with(name, phones);
        let count = places.len();
        let patient = places.first().filter(|place| count == 1 && **place != NOBODY);
        let patient = patient.and_then(|place| self.written(*place));
        let found = match (&patient, count) {
            (Some(_), _) => Found::ByNameAndPhone,
            (None, 0 | 1) => Found::UnknownPerson,
            (None, _) => Found::SeveralPeople,
        };
        Whose { patient, found, count }
    }
}

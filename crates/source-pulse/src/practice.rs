//! What a row of one file needs to know of the others.

use std::collections::HashSet;

use jiff::tz::TimeZone;

use crate::cells::Cells;
use crate::clinics::Listed;
use crate::ids::PatientIds;
use crate::ids::whose::{Found, Said, Whose};
use crate::text;

/// What is known of the clinic before its rows are read.
pub(crate) struct Practice {
    pub(crate) zone: TimeZone,
    pub(crate) calling_code: Option<String>,
    pub(crate) patients: PatientIds,
    /// The ids of those in the staff file, where there is one.
    pub(crate) staff: Option<HashSet<String>>,
    /// Where clinics are records.
    pub(crate) clinics: Option<Listed>,
}

impl Practice {
    /// Whose a row is.
    ///
    /// # Errors
    ///
    /// It has no id, and what it has instead does not tell: why, and what to do.
    pub(crate) fn whose(&self, what: &str, said: Said<'_>) -> Result<Whose, String> {
        let whose = self.patients.whose(said);
        if said.id.is_some() || whose.patient.is_some() {
            return Ok(whose);
        }
        let has = |what: &str| match whose.count {
            0 => format!("no patient has this {what}"),
            1 => format!("one patient has this {what}"),
            several => format!("{several} patients have this {what}"),
        };
        let why = match whose.found {
            Found::NameOnly => format!("a name without a phone is too little: {}", has("name")),
            Found::PhoneOnly => format!("a phone without a name is too little: {}", has("phone")),
            Found::SeveralPeople => has("name and phone"),
            Found::UnknownPerson => "no patient with an id has this name and phone".to_owned(),
            _ => return Err(format!("the {what} names no patient; give one at the source")),
        };
        Err(format!(
            "the {what} has no patient's id, and {why}; give the id at the source, or decide whose it is"
        ))
    }

    /// Flags how it was found whose a row is, and answers the patient's id: as the patient's own record has it, as far as that can be
    /// told.
    pub(crate) fn put_patient(&self, cells: &mut Cells<'_>, whose: Whose) -> String {
        let written = cells.said("patient_id").map(str::to_owned);
        if let Some((kind, message, field)) = told(whose.found) {
            cells.flag(kind, message, field);
        }
        match (whose.patient, written) {
            (Some(patient), Some(written)) => {
                if patient != written {
                    cells.put("patient_id_text", written);
                }
                patient
            }
            (Some(patient), None) => patient,
            (None, written) => written.unwrap_or_default(),
        }
    }

    /// Sets the clinic of a row: what is written, and which one it means where clinics are records.
    pub(crate) fn put_clinic(&self, cells: &mut Cells<'_>) {
        let Some(written) = cells.text("clinic") else { return };
        cells.put("clinic_id", self.clinics.as_ref().and_then(|clinics| clinics.id(&written)));
        cells.put("clinic", written);
    }

    /// Sets the doctor of a row, and answers the id.
    pub(crate) fn put_doctor(&self, cells: &mut Cells<'_>) -> Option<String> {
        let name = cells.text("doctor")?;
        let id = Some(text::person(&name)).filter(|id| !id.is_empty());
        if let Some(id) = &id {
            if self.staff.as_ref().is_some_and(|staff| !staff.contains(id)) {
                cells.flag(
                    "unknown-doctor",
                    "the doctor is not in the staff file; only the name is known",
                    "doctor",
                );
            }
            cells.put("doctor", id.as_str());
        }
        cells.put("doctor_name", name);
        id
    }
}

/// The flag of a way to be found: kind, message and field.
pub(crate) fn told(found: Found) -> Option<(&'static str, &'static str, &'static str)> {
    let flag = match found {
        Found::Decided => ("id-decided", "whose it is was decided by a person", "patient_id"),
        Found::ByNumber => ("id-normalised", "found by the number of the patient's id", "patient_id"),
        Found::ByNameAndPhone => (
            "matched-by-name-and-phone",
            "there is no patient's id; only one patient has this name and phone",
            "patient_name",
        ),
        Found::SeveralNumbers => {
            ("ambiguous-id", "several patients' ids have this number; name one at the source", "patient_id")
        }
        Found::OtherName => (
            "id-known-name-other",
            "one patient's id has this number, and the name is another's; not guessed; see whose it is, and decide",
            "patient_name",
        ),
        Found::NameKnown => (
            "id-unknown-name-known",
            "nobody has this id, and one patient has this name and phone; not guessed; see whose it is, and decide",
            "patient_id",
        ),
        _ => return None,
    };
    Some(flag)
}

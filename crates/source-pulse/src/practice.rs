//! What a row of one file needs to know of the others.

use std::collections::HashSet;

use jiff::tz::TimeZone;

use crate::cells::Cells;
use crate::clinics::Listed;
use crate::ids::{Meant, PatientIds};
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
    /// The patient's id as the patient's own record has it, as far as it can be told.
    pub(crate) fn known_patient(&self, cells: &mut Cells<'_>, written: String) -> String {
        match self.patients.find(&written) {
            Meant::Exact | Meant::Nobody => written,
            Meant::ByNumber(id) => {
                cells.flag("id-normalised", "found by the number of the patient's id", "patient_id");
                cells.put("patient_id_text", written);
                id
            }
            Meant::Ambiguous => {
                cells.flag(
                    "ambiguous-id",
                    "several patients' ids have this number; name one at the source",
                    "patient_id",
                );
                written
            }
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

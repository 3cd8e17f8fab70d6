//! Which columns the files have, under which headers.

use mapping_core::error::{Error, Result};
use mapping_core::table::Column;

use crate::entities::{APPOINTMENT, CAMPAIGN_TOUCH, PATIENT, STAFF};
use crate::options::Columns;

/// A field that stands in a column, and the usual headers of it.
pub(crate) type Usual = (&'static str, &'static [&'static str]);

pub(crate) const PATIENT_COLUMNS: &[Usual] = &[
    (
        "patient_id",
        &["Patient ID", "Patient Number", "Patient No", "Patient Code", "Medical Record Number", "MRN"],
    ),
    ("name", &["Patient Name", "Name", "Full Name"]),
    ("first_name", &["First Name", "Given Name"]),
    ("last_name", &["Last Name", "Surname", "Family Name"]),
    ("mobile", &["Mobile Number", "Mobile", "Mobile No", "Phone", "Phone Number", "Contact Number"]),
    (
        "alternate_phone",
        &["Alternate Number", "Alternate Phone", "Alternate Mobile", "Secondary Mobile", "Other Phone"],
    ),
    ("email", &["Email", "Email Address", "Email ID"]),
    ("gender", &["Gender", "Sex"]),
    ("date_of_birth", &["Date of Birth", "DOB", "Birth Date"]),
    ("age", &["Age"]),
    ("blood_group", &["Blood Group", "Blood Type"]),
    ("address", &["Address", "Full Address", "Street Address"]),
    ("city", &["City", "Town"]),
    ("pincode", &["Pincode", "PIN", "Postal Code", "Postcode", "Zip", "Zip Code"]),
    ("allergy_notes", &["Allergy Notes", "Allergies", "Allergy"]),
    ("medical_history", &["Medical History", "History"]),
    ("referring_physician", &["Referring Physician", "Referring Doctor", "Referred By"]),
    ("insurance_carrier", &["Insurance Carrier", "Insurance Company", "Insurance"]),
    ("doctor", DOCTOR),
    ("clinic", CLINIC),
    ("registered_on", &["Registered On", "Registration Date", "Registered", "Created On", "Created At"]),
    ("last_modified", MODIFIED),
];

pub(crate) const APPOINTMENT_COLUMNS: &[Usual] = &[
    ("appointment_id", &["Appointment ID", "Appointment Number", "Appointment No", "Visit ID"]),
    (
        "patient_id",
        &["Patient ID", "Patient Number", "Patient No", "Patient Code", "Medical Record Number", "MRN"],
    ),
    ("patient_name", &["Patient Name", "Name"]),
    ("date", &["Date", "Appointment Date", "Visit Date"]),
    ("time", &["Time", "Appointment Time", "Start Time", "Slot"]),
    ("duration_minutes", &["Duration", "Duration Minutes", "Duration (min)", "Minutes"]),
    ("doctor", DOCTOR),
    ("type", &["Type", "Appointment Type", "Visit Type"]),
    ("status", &["Status", "Appointment Status"]),
    ("notes", &["Notes", "Note", "Remarks", "Comments"]),
    ("clinic", CLINIC),
    ("created_on", &["Created On", "Created At", "Booked On"]),
    ("last_modified", MODIFIED),
];

pub(crate) const STAFF_COLUMNS: &[Usual] = &[
    ("name", &["Name", "Staff Name", "Full Name", "Doctor Name", "Doctor"]),
    ("email", &["Email", "Email Address", "Email ID"]),
    ("role", &["Role", "Designation", "Position"]),
    ("specialty", &["Specialty", "Speciality", "Specialization", "Department"]),
];

pub(crate) const CAMPAIGN_COLUMNS: &[Usual] = &[
    ("touch_id", &["Touch ID", "Message ID", "Outreach ID"]),
    (
        "patient_id",
        &["Patient ID", "Patient Number", "Patient No", "Patient Code", "Medical Record Number", "MRN"],
    ),
    ("patient_name", &["Patient Name", "Name"]),
    ("campaign", &["Campaign", "Campaign Name", "Promotion"]),
    ("date", &["Date", "Sent On", "Touch Date", "Touched On", "Sent At", "Touch Time"]),
    ("time", &["Time", "Sent Time"]),
    ("channel", &["Channel", "Medium", "Via"]),
    ("status", &["Status", "Delivery Status", "Outcome"]),
    ("message", &["Message", "Content", "Text", "Notes"]),
    ("clinic", CLINIC),
    ("last_modified", MODIFIED),
];

const DOCTOR: &[&str] = &["Doctor", "Doctor Name", "Physician", "Physician Name", "Owner"];
const CLINIC: &[&str] = &["Clinic", "Clinic Name", "Branch", "Practice"];
const MODIFIED: &[&str] =
    &["Last Modified", "Modified On", "Modified At", "Last Updated", "Updated On", "Updated At"];

/// The columns of an entity's file. A column that a person named must be there.
pub(crate) fn of(entity: &str, usual: &[Usual], named: &Columns, required: &[&str]) -> Vec<Column> {
    let named = named.0.get(entity);
    let column = |(field, headers): &Usual| match named.and_then(|named| named.get(*field)) {
        Some(headers) => Column::new(*field, headers.all().iter().cloned()).required(),
        None if required.contains(field) => Column::new(*field, headers.iter().copied()).required(),
        None => Column::new(*field, headers.iter().copied()),
    };
    usual.iter().map(column).collect()
}

/// Whether all that a person named exists.
///
/// # Errors
///
/// There is no such entity with columns, or no such field of it.
pub(crate) fn check(named: &Columns) -> Result<()> {
    for (entity, fields) in &named.0 {
        let usual = match entity.as_str() {
            PATIENT => PATIENT_COLUMNS,
            APPOINTMENT => APPOINTMENT_COLUMNS,
            STAFF => STAFF_COLUMNS,
            CAMPAIGN_TOUCH => CAMPAIGN_COLUMNS,
            _ => {
                let message = "columns are named for an entity that is none; use patient, appointment, staff or \
                               campaign-touch";
                return Err(Error::config(message).at("entity", entity));
            }
        };
        for (field, headers) in fields {
            if !usual.iter().any(|(known, _)| known == field) {
                let known: Vec<&str> = usual.iter().map(|(known, _)| *known).collect();
                let message =
                    format!("a column is named for a field that is none; use one of {}", known.join(", "));
                return Err(Error::config(message).at("entity", entity).at("field", field));
            }
            if headers.all().is_empty() {
                let message = "no column is named; name one, or leave the field out";
                return Err(Error::config(message).at("entity", entity).at("field", field));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mapping_core::table::fold;

    use super::*;
    use crate::options::PulseOptions;

    #[test]
    fn no_usual_header_stands_for_two_fields_of_a_file() {
        for usual in [PATIENT_COLUMNS, APPOINTMENT_COLUMNS, STAFF_COLUMNS, CAMPAIGN_COLUMNS] {
            let mut all: Vec<String> =
                usual.iter().flat_map(|(_, headers)| *headers).map(|header| fold(header)).collect();
            all.sort();
            let count = all.len();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }

    #[test]
    fn a_name_for_nothing_is_an_error() {
        let place = |entity: &str, field: &str, what: &str| {
            let options = PulseOptions::default().column(entity, field, "X");
            check(&options.columns).unwrap_err().place(what).map(String::from)
        };
        assert_eq!(place("bill", "date", "entity").as_deref(), Some("bill"));
        assert_eq!(place("patient", "shoe_size", "field").as_deref(), Some("shoe_size"));
        assert!(check(&PulseOptions::default().column("staff", "role", "Job").columns).is_ok());
    }
}

//! The tables of an export: what they are called, what they must have, and how each is opened.

use mapping_core::error::{Error, Result};
use mapping_core::export::Export;
use mapping_core::table::{Column, TableOptions};

use crate::columns::{
    APPOINTMENT_COLUMNS, BILL_COLUMNS, CAMPAIGN_COLUMNS, CLINIC_COLUMNS, NOTE_COLUMNS, PATIENT_COLUMNS,
    PAYMENT_COLUMNS, PRESCRIPTION_COLUMNS, STAFF_COLUMNS, Usual,
};
use crate::decisions::IdDecisions;
use crate::entities::{
    APPOINTMENT, BILL, CAMPAIGN_TOUCH, CLINIC, CLINICAL_NOTE, PATIENT, PRESCRIPTION, STAFF,
};
use crate::options::{Columns, PulseOptions};
use crate::sheet::Sheet;

/// A table that an export may have.
pub(crate) struct TableKind {
    /// Its name, without an ending.
    pub(crate) name: &'static str,
    /// The entity its rows tell of.
    pub(crate) entity: &'static str,
    /// What its columns are named for in the options.
    pub(crate) named: &'static str,
    pub(crate) columns: &'static [Usual],
    /// The columns it must have.
    pub(crate) required: &'static [&'static str],
    /// Whether each of its rows is of a patient in another table: then it must have the id, or name and phone.
    pub(crate) of_patients: bool,
    /// The fields that hold days.
    pub(crate) dates: &'static [&'static str],
    pub(crate) options: fn(&PulseOptions) -> &TableOptions,
}

pub(crate) const PATIENTS: TableKind = TableKind {
    name: "Patients",
    entity: PATIENT,
    named: PATIENT,
    columns: PATIENT_COLUMNS,
    required: &["patient_id"],
    of_patients: false,
    dates: &["date_of_birth", "registered_on", "last_modified"],
    options: |options| &options.patients,
};

pub(crate) const APPOINTMENTS: TableKind = TableKind {
    name: "Appointments",
    entity: APPOINTMENT,
    named: APPOINTMENT,
    columns: APPOINTMENT_COLUMNS,
    required: &["date"],
    of_patients: true,
    dates: &["date", "created_on", "last_modified"],
    options: |options| &options.appointments,
};

pub(crate) const STAFF_LIST: TableKind = TableKind {
    name: "Staff",
    entity: STAFF,
    named: STAFF,
    columns: STAFF_COLUMNS,
    required: &["name"],
    of_patients: false,
    dates: &[],
    options: |options| &options.staff,
};

pub(crate) const CLINICS: TableKind = TableKind {
    name: "Clinics",
    entity: CLINIC,
    named: CLINIC,
    columns: CLINIC_COLUMNS,
    required: &["name"],
    of_patients: false,
    dates: &[],
    options: |options| &options.clinics,
};

pub(crate) const CAMPAIGNS: TableKind = TableKind {
    name: "Campaigns",
    entity: CAMPAIGN_TOUCH,
    named: CAMPAIGN_TOUCH,
    columns: CAMPAIGN_COLUMNS,
    required: &["date"],
    of_patients: true,
    dates: &["date", "last_modified"],
    options: |options| &options.campaigns,
};

pub(crate) const PRESCRIPTIONS: TableKind = TableKind {
    name: "Prescriptions",
    entity: PRESCRIPTION,
    named: PRESCRIPTION,
    columns: PRESCRIPTION_COLUMNS,
    required: &["date"],
    of_patients: true,
    dates: &["date", "last_modified"],
    options: |options| &options.prescriptions,
};

pub(crate) const NOTES: TableKind = TableKind {
    name: "ClinicalNotes",
    entity: CLINICAL_NOTE,
    named: CLINICAL_NOTE,
    columns: NOTE_COLUMNS,
    required: &["date"],
    of_patients: true,
    dates: &["date", "last_modified"],
    options: |options| &options.clinical_notes,
};

pub(crate) const BILLS: TableKind = TableKind {
    name: "Bills",
    entity: BILL,
    named: BILL,
    columns: BILL_COLUMNS,
    required: &["date"],
    of_patients: true,
    dates: &["date", "due", "last_modified"],
    options: |options| &options.bills,
};

/// Its rows are part of the bills they are for.
pub(crate) const PAYMENTS: TableKind = TableKind {
    name: "Payments",
    entity: BILL,
    named: "payment",
    columns: PAYMENT_COLUMNS,
    required: &["bill_no", "date", "amount"],
    of_patients: false,
    dates: &["date"],
    options: |options| &options.payments,
};

/// All of them.
pub(crate) const ALL: [&TableKind; 9] =
    [&PATIENTS, &APPOINTMENTS, &STAFF_LIST, &CLINICS, &CAMPAIGNS, &PRESCRIPTIONS, &NOTES, &BILLS, &PAYMENTS];

/// The table of that name, compared as [`Export`] does.
pub(crate) fn by_name(name: &str) -> Option<&'static TableKind> {
    ALL.into_iter().find(|kind| kind.name.to_lowercase() == name)
}

impl TableKind {
    /// The table, where the export has it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or lacks a column that it needs.
    pub(crate) fn open(&'static self, export: &Export, options: &PulseOptions) -> Result<Option<Sheet>> {
        let columns = self.columns(&options.columns);
        let Some(table) = export.table(self.name, (self.options)(options), &columns)? else {
            return Ok(None);
        };
        let sheet = Sheet::new(self, table);
        if self.of_patients && !sheet.has("patient_id") {
            let missing = ["patient_name", "patient_phone"].into_iter().filter(|field| !sheet.has(field));
            let missing: Vec<&str> = missing.collect();
            if !missing.is_empty() {
                let message = format!(
                    "there is no column for the patient's id, and none for {}: a row's patient is found by the id, or by name and phone \
                     together; name the columns in the settings, or export again",
                    missing.join(" and ")
                );
                return Err(Error::config(message)
                    .at("field", "patient_id")
                    .at("line", sheet.dialect().header_line)
                    .at("file", sheet.file()));
            }
        }
        Ok(Some(sheet))
    }

    /// Its columns. One that a person named must be there.
    fn columns(&self, named: &Columns) -> Vec<Column> {
        let named = named.0.get(self.named);
        let column = |(field, headers): &Usual| match named.and_then(|named| named.get(*field)) {
            Some(headers) => Column::new(*field, headers.all().iter().cloned()).required(),
            None if self.required.contains(field) => Column::new(*field, headers.iter().copied()).required(),
            None => Column::new(*field, headers.iter().copied()),
        };
        self.columns.iter().map(column).collect()
    }
}

/// Whether all that a person named exists.
///
/// # Errors
///
/// There is no such entity with columns, or no such field of it.
pub(crate) fn check(named: &Columns) -> Result<()> {
    for (entity, fields) in &named.0 {
        let Some(kind) = ALL.into_iter().find(|kind| kind.named == entity.as_str()) else {
            let known: Vec<&str> = ALL.into_iter().map(|kind| kind.named).collect();
            let message = format!("columns are named for what is no table; use one of {}", known.join(", "));
            return Err(Error::config(message).at("entity", entity));
        };
        for (field, headers) in fields {
            if !kind.columns.iter().any(|(known, _)| known == field) {
                let known: Vec<&str> = kind.columns.iter().map(|(known, _)| *known).collect();
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

/// Whether the tables that decisions are about exist.
///
/// # Errors
///
/// One does not.
pub(crate) fn check_decided(ids: &IdDecisions) -> Result<()> {
    for (at, row) in ids.rows.iter().enumerate() {
        let known = |named: &String| ALL.into_iter().any(|kind| kind.name.eq_ignore_ascii_case(named));
        if !row.table.as_ref().is_none_or(known) {
            let message = "the decision is about no table that there is; use a name like Bills, or leave it out for all";
            return Err(ids.wrong_row(at, message));
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
        for kind in ALL {
            let mut all: Vec<String> =
                kind.columns.iter().flat_map(|(_, headers)| *headers).map(|header| fold(header)).collect();
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
        assert_eq!(place("invoice", "date", "entity").as_deref(), Some("invoice"));
        assert_eq!(place("patient", "shoe_size", "field").as_deref(), Some("shoe_size"));
        assert!(check(&PulseOptions::default().column("staff", "role", "Job").columns).is_ok());
    }
}

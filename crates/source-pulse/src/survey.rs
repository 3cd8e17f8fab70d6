//! The first look through an export: the order of its dates, the patients' ids, doctors, statuses, and what belongs together.

use std::collections::HashSet;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::export::Export;
use mapping_core::table::Row;

use crate::bills::Bills;
use crate::chats;
use crate::clinics::{Listed, Strangers};
use crate::entities::CLINIC;
use crate::ids::PatientIds;
use crate::notes::Notes;
use crate::options::PulseOptions;
use crate::patients;
use crate::practice::Practice;
use crate::prescriptions::Prescriptions;
use crate::sheet::Sheet;
use crate::staff::Stranger;
use crate::statuses::Statuses;
use crate::tables::{
    APPOINTMENTS, BILLS, CAMPAIGNS, CLINICS, NOTES, PATIENTS, PAYMENTS, PRESCRIPTIONS, STAFF_LIST, TableKind,
};
use crate::text;

/// What an export holds, ready to be read.
pub(crate) struct Survey {
    pub(crate) patients: Sheet,
    pub(crate) appointments: Option<Sheet>,
    pub(crate) staff: Option<Sheet>,
    pub(crate) clinics: Option<Sheet>,
    pub(crate) campaigns: Option<Sheet>,
    pub(crate) prescriptions: Option<Prescriptions>,
    pub(crate) notes: Option<Notes>,
    pub(crate) bills: Option<Bills>,
    pub(crate) chats: Vec<PathBuf>,
    pub(crate) strangers: Vec<Stranger>,
    pub(crate) other_clinics: Strangers,
    pub(crate) statuses: Statuses,
    pub(crate) practice: Practice,
}

impl Survey {
    /// Reads every table through.
    pub(crate) fn of(files: &Export, zone: TimeZone, options: &PulseOptions) -> Result<Self> {
        let mut doctors = Doctors::default();
        let mut staff = STAFF_LIST.open(files, options)?;
        if let Some(sheet) = &mut staff {
            sheet.survey(options, |sheet, row| {
                doctors.known.extend(sheet.said(row, "name").map(text::person))
            })?;
        }
        doctors.known.remove("");
        let listed = staff.is_some().then(|| doctors.known.clone());

        let mut clinics = None;
        let mut known_clinics = None;
        if options.clinic_records {
            clinics = CLINICS.open(files, options)?;
            known_clinics = Some(Listed::of(clinics.as_mut(), options)?);
        }
        let mut other_clinics = Strangers::default();

        let mut ids = PatientIds::default();
        let mut patients = PATIENTS.open(files, options)?.ok_or_else(|| {
            let message = "the export has no Patients.csv, and no sheet of that name; give the folder, archive or workbook with it";
            Error::config(message).at("export", files.root().display())
        })?;
        if !["name", "first_name", "last_name"].iter().any(|field| patients.has(field)) {
            return Err(Error::config("there is no column for the patient's name; name it in the settings")
                .at("field", "name")
                .at("line", patients.dialect().header_line)
                .at("file", patients.file()));
        }
        patients.survey(options, |sheet, row| {
            let listed = patients::listed(sheet, row);
            if listed.id.is_some() {
                doctors.see(sheet, row);
                other_clinics.see(known_clinics.as_ref(), sheet, row);
            }
            ids.insert(&listed);
        })?;
        ids.finish();
        ids.decide(&options.ids)?;
        let practice = Practice {
            zone,
            calling_code: options.calling_code.clone(),
            patients: ids,
            staff: listed,
            clinics: known_clinics,
        };

        let mut statuses = Statuses::default();
        let mut appointments = APPOINTMENTS.open(files, options)?;
        if let Some(sheet) = &mut appointments {
            sheet.survey(options, |sheet, row| {
                doctors.see(sheet, row);
                other_clinics.see(practice.clinics.as_ref(), sheet, row);
                if let Some(status) = sheet.said(row, "status") {
                    statuses.see(status, || sheet.origin(row.line));
                }
            })?;
        }
        let mut campaigns = CAMPAIGNS.open(files, options)?;
        if let Some(sheet) = &mut campaigns {
            sheet.survey(options, |sheet, row| other_clinics.see(practice.clinics.as_ref(), sheet, row))?;
        }
        let mut with_doctors = |sheet: Option<Sheet>| -> Result<Option<Sheet>> {
            let Some(mut sheet) = sheet else { return Ok(None) };
            sheet.survey(options, |sheet, row| {
                doctors.see(sheet, row);
                other_clinics.see(practice.clinics.as_ref(), sheet, row);
            })?;
            Ok(Some(sheet))
        };
        let prescriptions = with_doctors(PRESCRIPTIONS.open(files, options)?)?;
        let notes = with_doctors(NOTES.open(files, options)?)?;
        let bills = with_doctors(BILLS.open(files, options)?)?;
        let payments = with_doctors(PAYMENTS.open(files, options)?)?;
        Ok(Self {
            patients,
            appointments,
            staff,
            clinics,
            campaigns,
            prescriptions: prescriptions
                .map(|sheet| Prescriptions::new(sheet, &practice.patients))
                .transpose()?,
            notes: notes.map(|sheet| Notes::new(sheet, &practice.patients)).transpose()?,
            bills: bills.map(|sheet| Bills::new(sheet, payments, &practice)).transpose()?,
            chats: chats::find(files)?,
            strangers: doctors.strangers,
            other_clinics,
            statuses,
            practice,
        })
    }

    /// Whether such a table is read where it is there.
    pub(crate) fn reads(&self, kind: &TableKind) -> bool {
        kind.entity != CLINIC || self.practice.clinics.is_some()
    }

    /// The tables that are there.
    pub(crate) fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        let plain = [&self.appointments, &self.staff, &self.clinics, &self.campaigns];
        let arranged =
            [self.prescriptions.as_ref().map(|all| &all.sheet), self.notes.as_ref().map(|all| &all.sheet)];
        let bills = self.bills.iter().flat_map(Bills::sheets);
        let patients = std::iter::once(&self.patients);
        patients.chain(plain.into_iter().flatten()).chain(arranged.into_iter().flatten()).chain(bills)
    }
}

/// The doctors that tables name.
#[derive(Default)]
struct Doctors {
    known: HashSet<String>,
    strangers: Vec<Stranger>,
}

impl Doctors {
    fn see(&mut self, sheet: &Sheet, row: &Row) {
        let Some(name) = sheet.said(row, "doctor") else { return };
        let id = text::person(name);
        if !id.is_empty() && !self.known.contains(&id) {
            self.known.insert(id.clone());
            self.strangers.push(Stranger::new(id, name, sheet.origin(row.line)));
        }
    }
}

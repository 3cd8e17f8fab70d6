//! An export, read as records.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use futures::StreamExt;
use futures::stream;
use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::export::Export;
use mapping_core::finding::Flag;
use mapping_core::identity::SourceId;
use mapping_core::source::{Entity, Query, Reading, ReadingStream, SourceReader};
use mapping_core::table::{Dialect, Row};

use crate::appointments;
use crate::campaigns;
use crate::columns::{self, APPOINTMENT_COLUMNS, CAMPAIGN_COLUMNS, PATIENT_COLUMNS, STAFF_COLUMNS};
use crate::entities::{self, APPOINTMENT, APPOINTMENT_STATUS, CAMPAIGN_TOUCH, PATIENT, STAFF};
use crate::ids::{PatientIds, Seen};
use crate::options::PulseOptions;
use crate::patients;
use crate::practice::Practice;
use crate::readings::readings;
use crate::sheet::Sheet;
use crate::staff::{self, Stranger};
use crate::statuses::Statuses;
use crate::text;

/// An export of Pulse Digital Clinic: a table `Patients`, and `Appointments`, `Staff` and `Campaigns` where it has them.
///
/// Tables are CSV files or sheets of workbooks, in a folder or a zip archive, as [`Export`] finds them. The [crate] tells what is read
/// from them.
///
/// # Example
///
/// ```
/// use futures::StreamExt;
/// use mapping_core::source::{Query, Reading, SourceReader};
/// use source_pulse::export::PulseExport;
/// use source_pulse::options::PulseOptions;
///
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("Patients.csv"), "Patient ID,Patient Name,Date of Birth\nP-1,Asha Rao,31/12/1990\n")?;
///
/// let export = PulseExport::open(dir.path(), PulseOptions::default())?;
/// let patients: Vec<_> = futures::executor::block_on(export.read(&Query::all("patient")).collect());
/// let [Ok(Reading::Record(patient))] = &patients[..] else { panic!("one patient") };
/// assert_eq!(patient.key().to_string(), "patient/P-1");
/// assert_eq!(patient.date("date_of_birth").map(|day| day.to_string()).as_deref(), Some("1990-12-31"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PulseExport {
    source: SourceId,
    entities: Vec<Entity>,
    patients: Sheet,
    appointments: Option<Sheet>,
    staff: Option<Sheet>,
    campaigns: Option<Sheet>,
    strangers: Vec<Stranger>,
    statuses: Statuses,
    practice: Practice,
    /// What an archive was unpacked to is there as long as this is.
    _files: Export,
}

impl PulseExport {
    /// Opens a folder, an archive or a workbook. Every table is read through once: for the order of its dates, the patients' ids,
    /// doctors and statuses.
    ///
    /// # Errors
    ///
    /// There is no such export, or no table of patients in it; a table cannot be read; a column is missing or named that is
    /// not there; an option is none. Each says where, and what to do.
    pub fn open(path: impl AsRef<Path>, options: PulseOptions) -> Result<Self> {
        let path = path.as_ref();
        let source = SourceId::new("pulse", &options.clinic)?;
        let zone = TimeZone::get(&options.zone).map_err(|cause| {
            Error::config("there is no zone of that name; use one like Asia/Kolkata")
                .at("zone", &options.zone)
                .because(cause)
        })?;
        check(&options)?;
        let files = Export::open(path)?;
        let mut staff_ids = HashSet::new();
        let staff = open_staff(&files, &options, &mut staff_ids)?;
        let mut doctors = Doctors { known: staff_ids.clone(), strangers: Vec::new() };
        let mut ids = PatientIds::default();
        let patients = open_patients(&files, &options, &mut ids, &mut doctors)?.ok_or_else(|| {
            let message = "the export has no Patients.csv, and no sheet of that name; give the folder, archive or workbook with it";
            Error::config(message).at("export", path.display())
        })?;
        let mut statuses = Statuses::default();
        let appointments = open_appointments(&files, &options, &mut statuses, &mut doctors)?;
        let campaigns = open_campaigns(&files, &options)?;

        let sheet = appointments.as_ref().unwrap_or(&patients);
        let entities = vec![
            entities::staff(),
            entities::appointment_status(),
            entities::patient(patients.dates("registered_on"), patients.dates("last_modified")),
            entities::appointment(sheet.dates("created_on"), sheet.dates("last_modified")),
            entities::campaign_touch(campaigns.as_ref().unwrap_or(&patients).dates("last_modified")),
        ];
        let strangers = doctors.strangers;
        let practice = Practice {
            zone,
            calling_code: options.calling_code,
            patients: ids,
            staff: staff.is_some().then_some(staff_ids),
        };
        Ok(Self {
            source,
            entities,
            patients,
            appointments,
            staff,
            campaigns,
            strangers,
            statuses,
            practice,
            _files: files,
        })
    }

    /// How each file is written, as far as that was found out. For a report, so that a wrong guess is seen.
    pub fn dialects(&self) -> impl Iterator<Item = (&str, &Dialect)> {
        let optional = [&self.appointments, &self.staff, &self.campaigns];
        let sheets = [Some(&self.patients)].into_iter().chain(optional.map(Option::as_ref));
        sheets.flatten().map(|sheet| (sheet.file(), sheet.dialect()))
    }

    /// Where its times are.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.practice.zone
    }
}

impl SourceReader for PulseExport {
    fn source(&self) -> &SourceId {
        &self.source
    }

    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn read(&self, query: &Query) -> ReadingStream<'_> {
        match query.entity.as_str() {
            STAFF => {
                let mut seen = Seen::default();
                let absent = self
                    .staff
                    .is_none()
                    .then(|| absent(STAFF, "Staff.csv", "doctors are known by name only"));
                let rows = self
                    .staff
                    .as_ref()
                    .map(|sheet| readings(sheet, move |cells| staff::read(&mut seen, cells)));
                let strangers = self.strangers.iter().map(|stranger| Ok(stranger.reading()));
                stream::iter(absent.into_iter().chain(rows.into_iter().flatten()).chain(strangers)).boxed()
            }
            APPOINTMENT_STATUS => stream::iter(self.statuses.readings().map(Ok)).boxed(),
            PATIENT => {
                stream::iter(readings(&self.patients, |cells| patients::read(&self.practice, cells))).boxed()
            }
            APPOINTMENT => {
                let mut seen = Seen::default();
                let absent = self
                    .appointments
                    .is_none()
                    .then(|| absent(APPOINTMENT, "Appointments.csv", "no appointment will be moved"));
                let rows = self.appointments.as_ref();
                let rows = rows.map(|sheet| {
                    readings(sheet, move |cells| appointments::read(&self.practice, &mut seen, cells))
                });
                stream::iter(absent.into_iter().chain(rows.into_iter().flatten())).boxed()
            }
            CAMPAIGN_TOUCH => {
                let mut seen = Seen::default();
                let rows = self.campaigns.as_ref().map(|sheet| {
                    readings(sheet, move |cells| campaigns::read(&self.practice, &mut seen, cells))
                });
                stream::iter(rows.into_iter().flatten()).boxed()
            }
            _ => stream::empty().boxed(),
        }
    }
}

impl fmt::Debug for PulseExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<&str> = self.dialects().map(|(file, _)| file).collect();
        f.debug_struct("PulseExport")
            .field("source", &self.source)
            .field("files", &files)
            .finish_non_exhaustive()
    }
}

/// The doctors that files name.
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

fn open_staff(files: &Export, options: &PulseOptions, ids: &mut HashSet<String>) -> Result<Option<Sheet>> {
    let sheet =
        Sheet::open(files, "Staff", STAFF, STAFF_COLUMNS, &options.columns, &["name"], &options.staff)?;
    let Some(mut sheet) = sheet else { return Ok(None) };
    sheet.survey(&[], options, |sheet, row| ids.extend(sheet.said(row, "name").map(text::person)))?;
    ids.remove("");
    Ok(Some(sheet))
}

fn open_patients(
    files: &Export,
    options: &PulseOptions,
    ids: &mut PatientIds,
    doctors: &mut Doctors,
) -> Result<Option<Sheet>> {
    let required = ["patient_id"];
    let (columns, table) = (&options.columns, &options.patients);
    let sheet = Sheet::open(files, "Patients", PATIENT, PATIENT_COLUMNS, columns, &required, table)?;
    let Some(mut sheet) = sheet else { return Ok(None) };
    if !["name", "first_name", "last_name"].iter().any(|field| sheet.has(field)) {
        return Err(Error::config("there is no column for the patient's name; name it in the settings")
            .at("field", "name")
            .at("line", sheet.dialect().header_line)
            .at("file", sheet.file()));
    }
    sheet.survey(patients::DATES, options, |sheet, row| {
        if let Some(id) = patients::id(sheet, row) {
            ids.insert(id, row.line);
            doctors.see(sheet, row);
        }
    })?;
    Ok(Some(sheet))
}

fn open_appointments(
    files: &Export,
    options: &PulseOptions,
    statuses: &mut Statuses,
    doctors: &mut Doctors,
) -> Result<Option<Sheet>> {
    let required = ["patient_id", "date"];
    let (columns, table) = (&options.columns, &options.appointments);
    let sheet =
        Sheet::open(files, "Appointments", APPOINTMENT, APPOINTMENT_COLUMNS, columns, &required, table)?;
    let Some(mut sheet) = sheet else { return Ok(None) };
    sheet.survey(appointments::DATES, options, |sheet, row| {
        doctors.see(sheet, row);
        if let Some(status) = sheet.said(row, "status") {
            statuses.see(status, || sheet.origin(row.line));
        }
    })?;
    Ok(Some(sheet))
}

fn open_campaigns(files: &Export, options: &PulseOptions) -> Result<Option<Sheet>> {
    let required = ["patient_id", "date"];
    let (columns, table) = (&options.columns, &options.campaigns);
    let sheet = Sheet::open(files, "Campaigns", CAMPAIGN_TOUCH, CAMPAIGN_COLUMNS, columns, &required, table)?;
    let Some(mut sheet) = sheet else { return Ok(None) };
    sheet.survey(campaigns::DATES, options, |_, _| {})?;
    Ok(Some(sheet))
}

fn check(options: &PulseOptions) -> Result<()> {
    columns::check(&options.columns)?;
    if options.two_digit_pivot > 100 {
        return Err(Error::config("the pivot of years of two digits lies between 0 and 100"));
    }
    let digits =
        |code: &String| (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !options.calling_code.as_ref().is_none_or(digits) {
        return Err(Error::config("a calling code is of one to three digits, such as 91"));
    }
    Ok(())
}

fn absent(entity: &'static str, file: &str, so: &str) -> Result<Reading> {
    Ok(Reading::Flag(Flag::new("no-file", format!("the export has no {file}: {so}")).about(entity)))
}

//! The folder of an export, read as records.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use futures::StreamExt;
use futures::stream;
use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result, Retry};
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

/// An export of Pulse Digital Clinic: a folder with `Patients.csv`, and `Appointments.csv`, `Staff.csv` and
/// `Campaigns.csv` where it has them.
///
/// The names of the files may be in any case. The [crate] tells what is read from them.
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
}

impl PulseExport {
    /// Opens a folder. Every file is read through once: for the order of its dates, the patients' ids, doctors and statuses.
    ///
    /// # Errors
    ///
    /// There is no such folder, or no `Patients.csv` in it; a file cannot be read as CSV; a column is missing or named that is
    /// not there; an option is none. Each says where, and what to do.
    pub fn open(dir: impl AsRef<Path>, options: PulseOptions) -> Result<Self> {
        let dir = dir.as_ref();
        let source = SourceId::new("pulse", &options.clinic)?;
        let zone = TimeZone::get(&options.zone).map_err(|cause| {
            Error::config("there is no zone of that name; use one like Asia/Kolkata")
                .at("zone", &options.zone)
                .because(cause)
        })?;
        check(&options)?;
        let files = Files::of(dir)?;
        let mut staff_ids = HashSet::new();
        let staff =
            files.find("Staff.csv")?.map(|path| open_staff(&path, &options, &mut staff_ids)).transpose()?;
        let mut doctors = Doctors { known: staff_ids.clone(), strangers: Vec::new() };
        let path = files.find("Patients.csv")?.ok_or_else(|| {
            Error::config("the folder has no Patients.csv; give the folder that the export was unpacked to")
                .at("folder", dir.display())
        })?;
        let mut ids = PatientIds::default();
        let patients = open_patients(&path, &options, &mut ids, &mut doctors)?;
        let mut statuses = Statuses::default();
        let appointments = files
            .find("Appointments.csv")?
            .map(|path| open_appointments(&path, &options, &mut statuses, &mut doctors))
            .transpose()?;

        let campaigns =
            files.find("Campaigns.csv")?.map(|path| open_campaigns(&path, &options)).transpose()?;

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
        Ok(Self { source, entities, patients, appointments, staff, campaigns, strangers, statuses, practice })
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

/// The files of a folder.
struct Files {
    dir: PathBuf,
    names: Vec<String>,
}

impl Files {
    fn of(dir: &Path) -> Result<Self> {
        let told = |message: &str, cause: std::io::Error| {
            Error::config(message).at("folder", dir.display()).because(cause)
        };
        let entries = fs::read_dir(dir).map_err(|cause| {
            told("the folder of the export cannot be read; see that it is there and is a folder", cause)
        })?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|cause| {
                Error::unavailable("the folder of the export cannot be read on", Retry::Safe)
                    .at("folder", dir.display())
                    .because(cause)
            })?;
            names.extend(entry.file_name().into_string());
        }
        Ok(Self { dir: dir.to_owned(), names })
    }

    fn find(&self, name: &str) -> Result<Option<PathBuf>> {
        let mut found = self.names.iter().filter(|known| known.eq_ignore_ascii_case(name));
        let first = found.next();
        if found.next().is_some() {
            return Err(
                Error::config("the folder has this file twice, in other case; leave one").at("file", name)
            );
        }
        Ok(first.map(|name| self.dir.join(name)))
    }
}

fn open_staff(path: &Path, options: &PulseOptions, ids: &mut HashSet<String>) -> Result<Sheet> {
    let mut sheet = Sheet::open(path, STAFF, STAFF_COLUMNS, &options.columns, &["name"], &options.staff)?;
    sheet.survey(&[], options, |sheet, row| ids.extend(sheet.said(row, "name").map(text::person)))?;
    ids.remove("");
    Ok(sheet)
}

fn open_patients(
    path: &Path,
    options: &PulseOptions,
    ids: &mut PatientIds,
    doctors: &mut Doctors,
) -> Result<Sheet> {
    let required = ["patient_id"];
    let mut sheet =
        Sheet::open(path, PATIENT, PATIENT_COLUMNS, &options.columns, &required, &options.patients)?;
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
    Ok(sheet)
}

fn open_appointments(
    path: &Path,
    options: &PulseOptions,
    statuses: &mut Statuses,
    doctors: &mut Doctors,
) -> Result<Sheet> {
    let required = ["patient_id", "date"];
    let mut sheet = Sheet::open(
        path,
        APPOINTMENT,
        APPOINTMENT_COLUMNS,
        &options.columns,
        &required,
        &options.appointments,
    )?;
    sheet.survey(appointments::DATES, options, |sheet, row| {
        doctors.see(sheet, row);
        if let Some(status) = sheet.said(row, "status") {
            statuses.see(status, || sheet.origin(row.line));
        }
    })?;
    Ok(sheet)
}

fn open_campaigns(path: &Path, options: &PulseOptions) -> Result<Sheet> {
    let required = ["patient_id", "date"];
    let mut sheet =
        Sheet::open(path, CAMPAIGN_TOUCH, CAMPAIGN_COLUMNS, &options.columns, &required, &options.campaigns)?;
    sheet.survey(campaigns::DATES, options, |_, _| {})?;
    Ok(sheet)
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

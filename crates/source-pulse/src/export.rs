//! An export, read as records.

use std::fmt;
use std::path::{Path, PathBuf};

use futures::StreamExt;
use futures::stream;
use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::export::Export;
use mapping_core::finding::Flag;
use mapping_core::identity::SourceId;
use mapping_core::reference::Reference;
use mapping_core::source::{Entity, Query, Reading, ReadingStream, SourceReader};
use mapping_core::table::Dialect;

use crate::appointments;
use crate::campaigns;
use crate::cells::Cells;
use crate::chats;
use crate::clinics;
use crate::entities::{
    self, APPOINTMENT, APPOINTMENT_STATUS, BILL, CAMPAIGN_TOUCH, CHAT, CLINIC, CLINICAL_NOTE, PATIENT,
    PRESCRIPTION, STAFF,
};
use crate::ids::Seen;
use crate::matches::MatchReport;
use crate::options::PulseOptions;
use crate::patients;
use crate::readings::readings;
use crate::reference;
use crate::sheet::Sheet;
use crate::staff;
use crate::survey::Survey;
use crate::tables;
use crate::unused::{self, UnusedFile};

/// An export of Pulse Digital Clinic: a table `Patients`, and `Appointments`, `Staff`, `Clinics`, `Campaigns`, `Prescriptions`,
/// `ClinicalNotes`, `Bills` and `Payments` where it has them; a folder `Messages` with chats, and `files` with what the tables name.
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
    found: Survey,
    /// What an archive was unpacked to is there as long as this is.
    files: Export,
}

impl PulseExport {
    /// Opens a folder, an archive or a workbook. Every table is read through: for the order of its dates, the patients' ids, doctors and
    /// statuses, and for what belongs together.
    ///
    /// # Errors
    ///
    /// There is no such export, or no table of patients in it; a table cannot be read; a column is missing or named that is
    /// not there; an option is none. Each says where, and what to do.
    pub fn open(path: impl AsRef<Path>, options: PulseOptions) -> Result<Self> {
        let source = SourceId::new("pulse", &options.clinic)?;
        let zone = TimeZone::get(&options.zone).map_err(|cause| {
            Error::config("there is no zone of that name; use one like Asia/Kolkata")
                .at("zone", &options.zone)
                .because(cause)
        })?;
        check(&options)?;
        let files = Export::open(path)?;
        let found = Survey::of(&files, zone, &options)?;

        // A column that is not there has no times.
        let of = |sheet: Option<&Sheet>, field: &str| sheet.unwrap_or(&found.patients).dates(field);
        let Survey { patients, appointments, campaigns, prescriptions, notes, bills, .. } = &found;
        let mut entities = vec![
            entities::staff(),
            entities::appointment_status(),
            entities::patient(patients.dates("registered_on"), patients.dates("last_modified")),
            entities::appointment(
                of(appointments.as_ref(), "created_on"),
                of(appointments.as_ref(), "last_modified"),
            ),
            entities::clinical_note(of(notes.as_ref().map(|notes| &notes.sheet), "last_modified")),
            entities::prescription(of(prescriptions.as_ref().map(|all| &all.sheet), "last_modified")),
            entities::bill(of(bills.as_ref().map(|bills| &bills.sheet), "last_modified")),
            entities::campaign_touch(of(campaigns.as_ref(), "last_modified")),
            entities::chat(),
        ];
        if found.practice.clinics.is_some() {
            entities = entities.into_iter().map(entities::with_clinic).collect();
            entities.push(entities::clinic());
        }
        Ok(Self { source, entities, found, files })
    }

    /// How each table is written, as far as that was found out. For a report, so that a wrong guess is seen.
    pub fn dialects(&self) -> impl Iterator<Item = (&str, &Dialect)> {
        self.found.sheets().map(|sheet| (sheet.file(), sheet.dialect()))
    }

    /// Whether there are bills: then what becomes of them is decided before a run. See [`Billing`](crate::mapping::Billing).
    #[must_use]
    pub fn has_bills(&self) -> bool {
        self.found.bills.is_some()
    }

    /// Where its times are.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.found.practice.zone
    }

    /// How the rows of each table, and the chats, find their patients, and how certain that is; with the first so many places of each
    /// way that is not exact. Every table is read through once more.
    ///
    /// # Errors
    ///
    /// A table cannot be read.
    ///
    /// # Example
    ///
    /// ```
    /// use source_pulse::export::PulseExport;
    /// use source_pulse::matches::How;
    /// use source_pulse::options::PulseOptions;
    ///
    /// let dir = tempfile::tempdir()?;
    /// std::fs::write(dir.path().join("Patients.csv"), "Patient ID,Patient Name\nP-0012,Asha Rao\n")?;
    /// std::fs::write(dir.path().join("Appointments.csv"), "Patient ID,Date\nP-0012,31/12/2024\n12,30/12/2024\n")?;
    ///
    /// let report = PulseExport::open(dir.path(), PulseOptions::default())?.matches(10)?;
    /// let [exact, number] = &report.tables[0].found[..] else { panic!("two ways") };
    /// assert_eq!((exact.how, number.how, number.places[0].line), (How::Exact, How::Number, 3));
    /// println!("{report}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matches(&self, places: usize) -> Result<MatchReport> {
        let chats = self.found.chats.iter().map(PathBuf::as_path);
        MatchReport::of(self.found.sheets(), chats, &self.found.practice.patients, places)
    }

    /// What the export holds that is not moved, for a person to rebuild: rules, reminders, workflows, templates, reports and settings,
    /// from tables of these names; every other table that is not read; and what Pulse cannot export. What is told of a thing that looks
    /// like a password or a key is left out.
    ///
    /// # Example
    ///
    /// ```
    /// use source_pulse::export::PulseExport;
    /// use source_pulse::options::PulseOptions;
    ///
    /// let dir = tempfile::tempdir()?;
    /// std::fs::write(dir.path().join("Patients.csv"), "Patient ID,Patient Name\nP-1,Asha Rao\n")?;
    /// std::fs::write(dir.path().join("Reminder Rules.csv"), "Name,When,Channel\nVisit,a day before,SMS\n")?;
    /// let reference = PulseExport::open(dir.path(), PulseOptions::default())?.reference()?;
    /// assert_eq!(reference.items[0].trigger.as_deref(), Some("a day before"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A table cannot be read on. One that cannot be opened is told as not moved.
    pub fn reference(&self) -> Result<Reference> {
        reference::of(Reference::new(&self.source), &self.files, &self.found)
    }

    /// The files of the export that no table names and that are no chats, one at a time and in no order. The tables are read through once
    /// first. Of a workbook alone it is those in the folder `files` beside it.
    ///
    /// Their names may be patients'.
    ///
    /// # Errors
    ///
    /// A table cannot be read on, or a folder cannot be read.
    pub fn unused_files(&self) -> Result<impl Iterator<Item = Result<UnusedFile>>> {
        unused::of(&self.files, &self.found)
    }

    /// A patient's record: the row, and what notes and bills say of it.
    fn patient(&self, mut cells: Cells<'_>) -> Result<Reading> {
        if let Some(id) = cells.said("patient_id").map(str::to_owned) {
            if let Some(notes) = &self.found.notes {
                notes.put_latest(&id, &mut cells)?;
            }
            if let Some(bills) = &self.found.bills {
                bills.put_balance(&id, &mut cells);
            }
        }
        Ok(patients::read(&self.found.practice, cells))
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
        let (found, practice) = (&self.found, &self.found.practice);
        match query.entity.as_str() {
            STAFF => {
                let mut seen = Seen::default();
                let rows = found
                    .staff
                    .as_ref()
                    .map(|sheet| readings(sheet, move |cells| Ok(staff::read(&mut seen, cells))));
                let absent = found
                    .staff
                    .is_none()
                    .then(|| absent(STAFF, "Staff.csv", "doctors are known by name only"));
                let strangers = found.strangers.iter().map(|stranger| Ok(stranger.reading()));
                stream::iter(absent.into_iter().chain(rows.into_iter().flatten()).chain(strangers)).boxed()
            }
            CLINIC => {
                let mut seen = Seen::default();
                let rows = found
                    .clinics
                    .as_ref()
                    .map(|sheet| readings(sheet, move |cells| Ok(clinics::read(&mut seen, cells))));
                let others = found.other_clinics.readings().map(Ok);
                stream::iter(rows.into_iter().flatten().chain(others)).boxed()
            }
            APPOINTMENT_STATUS => stream::iter(found.statuses.readings().map(Ok)).boxed(),
            PATIENT => stream::iter(readings(&found.patients, |cells| self.patient(cells))).boxed(),
            APPOINTMENT => {
                let mut seen = Seen::default();
                let rows = found.appointments.as_ref().map(|sheet| {
                    readings(sheet, move |cells| Ok(appointments::read(practice, &mut seen, cells)))
                });
                let absent = found
                    .appointments
                    .is_none()
                    .then(|| absent(APPOINTMENT, "Appointments.csv", "no appointment will be moved"));
                stream::iter(absent.into_iter().chain(rows.into_iter().flatten())).boxed()
            }
            CAMPAIGN_TOUCH => {
                let mut seen = Seen::default();
                let rows = found.campaigns.as_ref().map(|sheet| {
                    readings(sheet, move |cells| Ok(campaigns::read(practice, &mut seen, cells)))
                });
                stream::iter(rows.into_iter().flatten()).boxed()
            }
            PRESCRIPTION => {
                stream::iter(found.prescriptions.iter().flat_map(|all| all.readings(practice, &self.files)))
                    .boxed()
            }
            CLINICAL_NOTE => {
                stream::iter(found.notes.iter().flat_map(|all| all.readings(practice, &self.files))).boxed()
            }
            BILL => stream::iter(found.bills.iter().flat_map(|all| all.readings(practice))).boxed(),
            CHAT => {
                let mut seen = Seen::default();
                let read = move |path: &PathBuf| chats::read(&practice.patients, &mut seen, path);
                stream::iter(found.chats.iter().map(read)).boxed()
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

fn check(options: &PulseOptions) -> Result<()> {
    tables::check(&options.columns)?;
    tables::check_decided(&options.ids)?;
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

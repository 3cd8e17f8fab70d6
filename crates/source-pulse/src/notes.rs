//! The rows of `ClinicalNotes.csv` as records, in the order of their days: a patient's story is told from its beginning.

use std::collections::HashMap;

use jiff::civil::{DateTime, Time};
use mapping_core::error::Result;
use mapping_core::export::Export;
use mapping_core::source::Reading;
use mapping_core::table::{Arranged, Arranging, Row, RowKind};

use crate::attached;
use crate::cells::Cells;
use crate::dated::Kind;
use crate::dates::Written;
use crate::ids::fingerprint::Fingerprint;
use crate::ids::{PatientIds, Seen};
use crate::practice::Practice;
use crate::readings::{notes, of_rows};
use crate::sheet::Sheet;
use crate::text;
use crate::times;

const KIND: Kind = Kind {
    what: "note",
    id: "note_id",
    repeated: (
        "repeated-note",
        "the same patient, day, time, doctor and type as a row before it; see whether it is the same",
    ),
    anew: None,
};

/// What the patient's own record has of the notes: of each the latest that says something.
const LATEST: [&str; 3] = ["chief_complaint", "diagnosis", "treatment_plan"];
const NONE: u32 = u32::MAX;

/// The clinic's notes.
pub(crate) struct Notes {
    pub(crate) sheet: Sheet,
    /// By their time; first those that have none.
    rows: Arranged<Option<DateTime>>,
    /// Of each patient, where each of [`LATEST`] stands.
    latest: HashMap<Fingerprint, [u32; 3]>,
}

impl Notes {
    /// Puts the rows of a table whose dates are known in order.
    pub(crate) fn new(sheet: Sheet, patients: &PatientIds) -> Result<Self> {
        let mut arranging = Arranging::new()?;
        for row in sheet.rows()? {
            let row = row?;
            arranging.add(time_of(&sheet, &row), &row)?;
        }
        let rows = arranging.finish()?;
        let mut latest: HashMap<Fingerprint, [u32; 3]> = HashMap::new();
        for (place, row) in rows.rows().enumerate() {
            let (Some(_), row) = row? else { continue };
            let patient = patients.whose(sheet.whose(&row)).patient;
            let (Some(patient), Ok(place)) = (patient, u32::try_from(place)) else { continue };
            let known = latest.entry(Fingerprint::of(&[&patient])).or_insert([NONE; 3]);
            for (known, field) in known.iter_mut().zip(LATEST) {
                if sheet.said(&row, field).is_some() {
                    *known = place;
                }
            }
        }
        Ok(Self { sheet, rows, latest })
    }

    pub(crate) fn readings<'a>(
        &'a self,
        practice: &'a Practice,
        files: &'a Export,
    ) -> impl Iterator<Item = Result<Reading>> + Send + 'a {
        let mut seen = Seen::default();
        let rows = self.rows.rows().map(|row| row.map(|(_, row)| row));
        let read = move |cells: Cells<'a>| Ok(read(practice, files, &mut seen, cells));
        notes(&self.sheet).chain(of_rows(&self.sheet, rows, read))
    }

    /// Sets on a patient's record what the latest notes say.
    pub(crate) fn put_latest(&self, id: &str, patient: &mut Cells<'_>) -> Result<()> {
        let Some(places) = self.latest.get(&Fingerprint::of(&[id])) else { return Ok(()) };
        for (field, place) in LATEST.into_iter().zip(places) {
            if *place == NONE {
                continue;
            }
            let row = self.rows.row(*place as usize)?;
            patient.put(field, row.as_ref().and_then(|row| self.sheet.said(row, field)));
        }
        Ok(())
    }
}

/// When a row's note was written, as a clock in the clinic showed it.
fn time_of(sheet: &Sheet, row: &Row) -> Option<DateTime> {
    let day = sheet.said(row, "date").filter(|_| row.kind == RowKind::Data)?;
    let Written::Day { date, time, .. } = sheet.dates("date").read(day) else { return None };
    let time = sheet.said(row, "time").and_then(times::time).or(time);
    Some(date.to_datetime(time.unwrap_or(Time::midnight())))
}

fn read(practice: &Practice, files: &Export, seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let dated = match KIND.read(practice, &mut cells) {
        Ok(dated) => dated,
        Err(refused) => return refused.reading(cells),
    };
    let doctor = practice.put_doctor(&mut cells).unwrap_or_default();
    let kind = cells.text("type");
    let slug = text::slug(kind.as_deref().unwrap_or_default());
    let id = match KIND.id(dated, [&doctor, &slug], seen, &mut cells) {
        Ok(id) => id,
        Err(refused) => return refused.reading(cells),
    };

    cells.put("type", kind);
    for field in ["chief_complaint", "diagnosis", "treatment_plan", "notes"] {
        let finding = cells.finding(field);
        cells.put(field, finding);
    }
    cells.put_texts(&["patient_name", "clinic"]);
    attached::put_file(files, &mut cells);
    cells.put_moment("last_modified", "last_modified_text", &practice.zone);
    cells.record(id)
}

//! The rows of `Prescriptions.csv` as records: one row a drug, one record a prescription.

use mapping_core::error::Result;
use mapping_core::export::Export;
use mapping_core::source::Reading;
use mapping_core::table::{Arranged, Arranging, Row, RowKind};

use crate::attached;
use crate::cells::Cells;
use crate::dated::{Dated, Kind};
use crate::dates::Written;
use crate::ids::{Groups, PatientIds, Seen};
use crate::practice::Practice;
use crate::readings::{groups, notes};
use crate::sheet::Sheet;
use crate::text;

const KIND: Kind = Kind {
    what: "prescription",
    id: "prescription_id",
    repeated: (
        "repeated-prescription",
        "the same patient, day, doctor and file as a row before it; see whether it is the same",
    ),
    anew: Some((
        "repeated-prescription-id",
        "another prescription has this id, with another file; numbered on; see whether it is the same",
    )),
};

/// What all rows of a prescription say alike.
const SHARED: [&str; 7] =
    ["patient_name", "patient_phone", "doctor", "status", "notes", "clinic", "last_modified"];

/// The clinic's prescriptions.
pub(crate) struct Prescriptions {
    pub(crate) sheet: Sheet,
    /// By their prescription, in the order of the first row of each.
    rows: Arranged<u32>,
}

impl Prescriptions {
    /// Brings the rows of each prescription together: those of one id, or else of one patient, day and doctor; and of one file.
    pub(crate) fn new(sheet: Sheet, patients: &PatientIds) -> Result<Self> {
        let (mut arranging, mut groups) = (Arranging::new()?, Groups::default());
        for row in sheet.rows()? {
            let row = row?;
            arranging.add(group_of(&sheet, &row, patients, &mut groups), &row)?;
        }
        Ok(Self { sheet, rows: arranging.finish()? })
    }

    pub(crate) fn readings<'a>(
        &'a self,
        practice: &'a Practice,
        files: &'a Export,
    ) -> impl Iterator<Item = Result<Reading>> + Send + 'a {
        let mut seen = Seen::default();
        let read = move |group: Result<(u32, Vec<Row>)>| match group {
            Ok((_, rows)) => self.read(practice, files, &mut seen, rows).into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        notes(&self.sheet).chain(groups(&self.rows).flat_map(read))
    }

    /// The record of a prescription, after what could not be taken of it.
    fn read(&self, practice: &Practice, files: &Export, seen: &mut Seen, rows: Vec<Row>) -> Vec<Reading> {
        let (mut found, mut drugs) = (Vec::new(), Vec::new());
        let mut first: Option<(Cells<'_>, Dated)> = None;
        for row in rows {
            if row.kind != RowKind::Data {
                found.push(Reading::Flag(self.sheet.skipped(row.kind, row.line)));
                continue;
            }
            let mut cells = Cells::new(&self.sheet, row);
            let dated = match KIND.read(practice, &mut cells) {
                Ok(dated) => dated,
                Err(refused) => {
                    found.push(refused.reading(cells));
                    continue;
                }
            };
            let drug = drug(&mut cells);
            match &mut first {
                None => first = Some((cells, dated)),
                Some((head, known)) if known.is_of(&dated) => head.take_over(cells, &SHARED),
                Some((head, known)) => {
                    let line = head.line();
                    let reason = format!(
                        "the prescription of this id, on line {line}, is of another patient or day; mend one at the source"
                    );
                    found.push(cells.refuse(known.written_id(), "patient_id", reason));
                    continue;
                }
            }
            drugs.extend(drug);
        }
        found.extend(first.map(|(cells, dated)| self.record(practice, files, seen, cells, dated, &drugs)));
        found
    }

    fn record(
        &self,
        practice: &Practice,
        files: &Export,
        seen: &mut Seen,
        mut cells: Cells<'_>,
        dated: Dated,
        drugs: &[String],
    ) -> Reading {
        let doctor = practice.put_doctor(&mut cells).unwrap_or_default();
        attached::put_file(files, &mut cells);
        let file = text::slug(cells.said("file").unwrap_or_default());
        let id = match KIND.id(dated, [&doctor, &file], seen, &mut cells) {
            Ok(id) => id,
            Err(refused) => return refused.reading(cells),
        };
        if !drugs.is_empty() {
            cells.put("drugs", drugs.join("\n"));
        }
        cells.put_texts(&["patient_name", "status", "notes", "clinic"]);
        cells.put_moment("last_modified", "last_modified_text", &practice.zone);
        cells.record(id)
    }
}

/// The number of the prescription that a row is of.
fn group_of(sheet: &Sheet, row: &Row, patients: &PatientIds, groups: &mut Groups) -> u32 {
    if row.kind != RowKind::Data {
        return groups.alone();
    }
    let file = sheet.said(row, "file").unwrap_or_default();
    if let Some(id) = sheet.said(row, "prescription_id") {
        return groups.of(&["id", id, file]);
    }
    let said = sheet.whose(row);
    let patient = patients.whose(said).patient.or_else(|| said.id.map(str::to_owned));
    let (Some(patient), Some(day)) = (patient, sheet.said(row, "date")) else {
        return groups.alone();
    };
    let Written::Day { date, time, .. } = sheet.dates("date").read(day) else { return groups.alone() };
    let doctor = text::person(sheet.said(row, "doctor").unwrap_or_default());
    let time = time.map(|time| time.to_string()).unwrap_or_default();
    groups.of(&["day", &patient, &date.to_string(), &time, &doctor, file])
}

/// What a row prescribes, as a person reads it.
fn drug(cells: &mut Cells<'_>) -> Option<String> {
    const LABELLED: [(&str, &str); 3] =
        [("duration", "for"), ("quantity", "quantity"), ("refills", "refills")];
    let mut parts: Vec<String> =
        ["drug", "dosage", "frequency"].into_iter().filter_map(|field| cells.text(field)).collect();
    parts.extend(
        LABELLED.into_iter().filter_map(|(field, label)| Some(format!("{label} {}", cells.text(field)?))),
    );
    parts.extend(cells.text("instructions"));
    (!parts.is_empty()).then(|| parts.join(", "))
}

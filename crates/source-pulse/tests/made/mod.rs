//! Made-up exports, read back by a CSV library that knows nothing of how they were made.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use source_pulse::fixtures::{Clinic, Defect, Planted, Truth};

pub(crate) type Row = BTreeMap<String, String>;

/// An export in a folder of its own.
pub(crate) struct Export {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) truth: Truth,
    pub(crate) delimiter: u8,
}

impl Export {
    pub(crate) fn of(clinic: &Clinic) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let truth = clinic.clone().everything().campaign_touches(150).write_to(dir.path()).unwrap();
        Self { dir, truth, delimiter: b',' }
    }

    pub(crate) fn delimited(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    pub(crate) fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.dir.path().join(file)).unwrap()
    }

    pub(crate) fn text(&self, file: &str) -> String {
        decode(&self.dir.path().join(file))
    }

    /// The rows that are records, with wrappers taken off. A short row lacks columns; cells after the last
    /// column are dropped.
    pub(crate) fn rows(&self, file: &str) -> Vec<Row> {
        let text = self.text(file);
        let mut records = self.records(&text);
        let header = records.next().unwrap();
        let is_record = |row: &Vec<String>| *row != header && row.iter().any(|cell| !cell.is_empty());
        let under_header = |row: Vec<String>| header.iter().cloned().zip(row).collect();
        records.filter(is_record).map(under_header).collect()
    }

    pub(crate) fn header(&self, file: &str) -> Vec<String> {
        let text = self.text(file);
        self.records(&text).find(|row| row.len() > 1).unwrap()
    }

    pub(crate) fn records<'t>(&self, text: &'t str) -> impl Iterator<Item = Vec<String>> + use<'t> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(text.as_bytes())
            .into_records()
            .map(|record| record.unwrap().iter().map(|cell| unwrapped(cell).to_owned()).collect())
    }
}

pub(crate) fn decode(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let western = std::str::from_utf8(&bytes).is_err() && !bytes.starts_with(&[0xFF, 0xFE]);
    let fallback = if western { encoding_rs::WINDOWS_1252 } else { encoding_rs::UTF_8 };
    let (text, _, broken) = fallback.decode(&bytes);
    assert!(!broken);
    text.into_owned()
}

pub(crate) fn unwrapped(cell: &str) -> &str {
    cell.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(cell)
}

/// A day as these files write it by default.
pub(crate) fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The number in a patient's id, however it is written.
pub(crate) fn number(id: &str) -> u64 {
    id.trim_start_matches("P-").parse().unwrap_or(u64::MAX)
}

/// Whether the text that begins at the planted line bears out what the truth says of it.
pub(crate) fn shows(planted: &Planted, rest: &str, header: &[String], export: &Export) -> bool {
    let line = rest.split('\n').next().unwrap().trim_end_matches('\r');
    let first = export.records(rest).next();
    match planted.kind {
        Defect::BlankRow => return line.trim_matches([',', ';', '\t']).is_empty(),
        Defect::RepeatedHeader => return first.is_some_and(|row| row == header),
        Defect::TotalsRow => return line.starts_with("Total"),
        Defect::PreambleLine => return planted.line <= 4 && first.is_some_and(|row| row.len() == 1),
        _ => {}
    }
    let cells = first.unwrap();
    let cell = |column: &str| header.iter().position(|name| name == column).and_then(|at| cells.get(at));
    let field = planted.field.as_deref().and_then(cell).map(String::as_str);
    let own_id = match planted.entity.as_ref() {
        "patient" => "Patient ID",
        "appointment" => "Appointment ID",
        "prescription" => "Prescription ID",
        "clinical-note" => "Note ID",
        "bill" => "Bill No",
        _ => "Touch ID",
    };
    if planted.key.as_ref() != cell(own_id).filter(|id| !id.is_empty()) {
        return false;
    }
    let in_field = |test: &dyn Fn(&str) -> bool| field.is_some_and(test);
    match planted.kind {
        Defect::MissingPatientId | Defect::BlankName | Defect::MissingDate => in_field(&str::is_empty),
        Defect::DuplicateId | Defect::PatientRefused => in_field(&|id| !id.is_empty()),
        Defect::ShortRow => field.is_none() && cells.len() < 5,
        Defect::LongRow => cells.len() > header.len(),
        Defect::OrphanAppointment => in_field(&|id| number(id) > 300),
        Defect::LostZeros => in_field(&|id| (1..=300).contains(&number(id)) && !id.starts_with('P')),
        Defect::UnreadableDate | Defect::UnreadableBirthDate => in_field(&|date| date.starts_with("31/02/")),
        Defect::PlaceholderBirthDate => in_field(&|date| date == "01/01/1900"),
        Defect::UnknownBloodGroup => in_field(&|group| ["Bombay (Oh)", "C+", "Rh null"].contains(&group)),
        Defect::ExponentPhone => in_field(&|phone| phone.ends_with("E+09")),
        Defect::DecimalPhone => in_field(&|phone| phone.ends_with(".0")),
        Defect::TwoPhones => in_field(&|phone| phone.len() > 20),
        Defect::MalformedEmail => in_field(&|email| {
            email.matches('@').count() != 1 || email.starts_with('@') || email.ends_with('@')
        }),
        Defect::UnknownDoctor => in_field(&|doctor| doctor == "Dr. Kabir Malhotra"),
        Defect::StrayQuote => in_field(&|text| text.matches('"').count() == 1) && rest.contains('"'),
        Defect::ControlCharacter => in_field(&|text| text.contains(['\0', '\u{7}'])),
        Defect::FormulaText => in_field(&|text| text.starts_with(['=', '@'])),
        Defect::PlaceholderText => in_field(&|text| ["NA", "-", "nil"].contains(&text)),
        Defect::MissingPatient => in_field(&str::is_empty),
        Defect::MissingFile => in_field(&|path| path.starts_with("lost/")),
        Defect::EmptyFile => in_field(&|path| path.starts_with("empty/")),
        Defect::OutsideFile => in_field(&|path| path.starts_with("../")),
        Defect::UnreadableTime => in_field(&|time| ["after lunch", "25:70", "first slot"].contains(&time)),
        Defect::UnreadableDuration => in_field(&|span| ["a while", "half day", "30-40"].contains(&span)),
        Defect::TwoTimes => in_field(&|date| date.ends_with(" 06:05")),
        Defect::UnknownType => in_field(&|kind| ["Camp visit", "Tele-consult"].contains(&kind)),
        Defect::RepeatedAppointment => {
            let text = export.text(&planted.file);
            let line = text.lines().position(|other| other.trim_end_matches('\r') == line);
            line.is_some_and(|first| (first as u64) < planted.line - 1)
        }
        Defect::UnreadableOtherDate => in_field(&|date| date.starts_with("31/02/")),
        Defect::ZeroDate => in_field(&|date| date == "0000-00-00"),
        Defect::SwappedBirthDate => in_field(&|date| date.starts_with("12/25/")),
        Defect::SpreadsheetDate => in_field(&|date| date.len() == 5 && date.parse::<u32>().is_ok()),
        Defect::ShortYear => in_field(&|date| date.len() == 8 && day(date).is_some()),
        Defect::TwoEmails => in_field(&|email| email.matches('@').count() == 2),
        Defect::ShortPhone => in_field(&|phone| phone.len() == 5),
        Defect::LostCharacter => in_field(&|text| text.contains('\u{FFFD}')),
        other => panic!("no evidence is known for {other:?}"),
    }
}

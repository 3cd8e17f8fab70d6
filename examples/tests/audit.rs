//! The audit of a made-up clinic: every planted defect is found where it was planted, and nothing in a clean one.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use reconcile::audit::Audit;
use reconcile::audit::report::{AuditReport, Place, Severity};
use serde_json::Value as Json;
use source_pulse::export::PulseExport;
use source_pulse::fixtures::{
    Clinic, DateOrder, Defect, Delimiter, Dialect, Encoding, Expectation, LineEnd, Planted, Shape,
    TRUTH_FILE, Truth,
};
use source_pulse::mapping::odoo_mapper;
use source_pulse::options::PulseOptions;
use support::{canary, ended, json, pulse_to_odoo};

/// The columns of planted defects, as the reader calls them.
const FIELDS: [(&str, &str); 23] = [
    ("Patient ID", "patient_id"),
    ("Patient Name", "name"),
    ("First Name", "name"),
    ("Mobile Number", "mobile"),
    ("Email", "email"),
    ("Date of Birth", "date_of_birth"),
    ("Blood Group", "blood_group"),
    ("Address", "address"),
    ("City", "city"),
    ("Medical History", "medical_history"),
    ("Referring Physician", "referring_physician"),
    ("Doctor", "doctor"),
    ("Appointment ID", "appointment_id"),
    ("Date", "date"),
    ("Duration", "duration_minutes"),
    ("Notes", "notes"),
    ("Time", "time"),
    ("Type", "type"),
    ("Registered On", "registered_on"),
    ("Created On", "created_on"),
    ("Message", "message"),
    ("Drug", "drug"),
    ("File Name", "file"),
];

#[test]
fn every_planted_defect_is_found_at_its_line_and_as_what_it_is() {
    let mut kinds = BTreeSet::new();
    for (seed, dialect) in (1..).zip(dialects()) {
        let ids = seed % 2 == 0;
        let shape = Shape::new().appointment_ids(ids);
        let clinic =
            Clinic::new(220).everything().dirt(0.4).seed(seed).all_kinds(true).dialect(dialect).shape(shape);
        let (_folder, truth, report) = audited(&clinic);
        let found = places(&report);
        for planted in &truth.defects {
            kinds.insert(planted.kind);
            let here = found.get(&(planted.file.to_string(), planted.line)).map(Vec::as_slice);
            let wanted = wanted(planted);
            let hit = here.unwrap_or_default().iter().any(|(severity, kind, field)| {
                *severity == wanted.0
                    && wanted.1.contains(kind)
                    && wanted.2.is_none_or(|wanted| field.as_deref() == Some(wanted))
            });
            assert!(hit, "seed {seed}: {planted:?} is not {wanted:?} but {here:?}");
        }
        // Nor is anything refused that should not be.
        for (entity, made) in &truth.entities {
            let audited =
                report.entities.iter().find(|audited| audited.entity.as_str() == entity.as_ref()).unwrap();
            assert_eq!(audited.refused, made.refused, "seed {seed}: {entity}");
        }
    }
    assert_eq!(kinds, Defect::ALL.into_iter().collect(), "a kind was never planted");
}

#[test]
fn what_is_found_is_planted() {
    for seed in 1..4 {
        let clinic = Clinic::new(300).everything().dirt(0.2).seed(seed).all_kinds(true);
        let (folder, truth, report) = audited(&clinic);
        let planted: BTreeSet<(String, u64)> =
            truth.defects.iter().map(|planted| (planted.file.to_string(), planted.line)).collect();
        let text = fs::read_to_string(folder.path().join("Appointments.csv")).unwrap();
        let vaccination =
            |line: u64| text.split('\n').nth(line as usize - 1).unwrap().contains(",Vaccination,");
        for finding in report.findings.iter().filter(|finding| finding.kind != "missing-email") {
            // What is said of a column as a whole stands at its header.
            let of_column = ["short-years", "spreadsheet-dates", "mixed-dates"].contains(&&*finding.kind);
            for place in &finding.places {
                let Place::Line { file, line } = place else { panic!("{place}") };
                let known = planted.contains(&(file.to_string(), *line))
                    || (of_column && *line == 1)
                    || (finding.kind == "unknown-choice" && vaccination(*line));
                assert!(known, "seed {seed}: {} at {place} is not planted", finding.kind);
            }
        }
    }
}

#[test]
fn a_clean_clinic_has_no_finding_but_what_it_lacks_and_what_no_list_has() {
    for (seed, dialect) in (1..).zip(dialects().into_iter().filter(|dialect| *dialect != guessed())) {
        let clinic = Clinic::new(150).everything().seed(seed).dialect(dialect.clone());
        let (folder, truth, report) = audited(&clinic);
        assert!(truth.defects.iter().all(|planted| planted.expect == Expectation::Skipped));
        assert_eq!(report.refused(), 0);
        let mut looked = report.findings.iter().filter(|finding| finding.severity != Severity::Note);
        // The made-up clinics have one type of appointment that the shipped mapping's list does not have.
        let beyond = looked.next().unwrap();
        assert_eq!((&*beyond.kind, beyond.field.as_ref().unwrap().as_str()), ("unknown-choice", "type"));
        assert_eq!(looked.next(), None, "seed {seed} {dialect:?}");
        let notes: BTreeSet<&str> = report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Note)
            .map(|finding| &*finding.kind)
            .collect();
        let skipped = ["blank-row", "missing-email", "preamble-line", "repeated-header", "totals-row"];
        assert!(notes.iter().all(|kind| skipped.contains(kind)), "{notes:?}");
        if dialect == Dialect::new() {
            let at = |kind: &str, entity: &str| -> BTreeSet<u64> {
                let of = report.of_kind(kind).filter(|finding| finding.entity.as_str() == entity);
                of.flat_map(|finding| &finding.places)
                    .filter_map(|place| match place {
                        Place::Line { line, .. } => Some(*line),
                        _ => None,
                    })
                    .collect()
            };
            let vaccinations = lines(folder.path(), "Appointments.csv", "Type", |kind| kind == "Vaccination");
            assert_eq!(at("unknown-choice", "appointment"), vaccinations);
            assert_eq!(
                at("missing-email", "patient"),
                lines(folder.path(), "Patients.csv", "Email", str::is_empty)
            );
            assert_eq!(at("missing-email", "staff").len(), 1);
        }
    }
    // The reader alone has nothing to say at all.
    let folder = tempfile::tempdir().unwrap();
    Clinic::new(150).write_to(folder.path()).unwrap();
    let pulse = PulseExport::open(folder.path(), PulseOptions::default()).unwrap();
    let report = run(&Audit::new(&pulse));
    assert!(report.findings.iter().all(|finding| finding.kind == "missing-email"), "{report}");
}

#[test]
fn the_command_tells_a_person_and_a_program_the_same_and_ends_as_it_should() {
    let truth: Truth = serde_json::from_slice(&fs::read(shipped().join(TRUTH_FILE)).unwrap()).unwrap();
    let refused: u64 = truth.entities.values().map(|made| made.refused).sum();
    let output = pulse_to_odoo().arg("audit").output().unwrap();
    let (status, said) = ended(&output);
    assert_eq!(status, Some(3), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Patients.csv      UTF-8     ,              1"), "{text}");
    assert!(text.contains("-> the appointment has no date; give one at the source"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.contains(&format!(" {refused} would be refused, ")), "{last}");
    assert!(last.ends_with("mend what would be refused first (nothing written)"), "{last}");

    let report = audited_by_command(&["--json", "--places", "100000"], &shipped(), 3);
    assert_eq!(report["refused"].as_u64(), Some(refused));
    assert_eq!(report["tables"][0]["rows"].as_array().unwrap().len(), 3);
    let severities: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["severity"].as_str().unwrap())
        .collect();
    let rank = |severity: &&str| ["refused", "look", "note"].iter().position(|known| known == severity);
    assert!(severities.is_sorted_by_key(rank), "{severities:?}");
    for planted in &truth.defects {
        let (severity, kinds, _) = wanted(planted);
        let severity = serde_json::to_value(severity).unwrap();
        let place = serde_json::json!({"file": planted.file, "line": planted.line});
        let hit = report["findings"].as_array().unwrap().iter().any(|finding| {
            let places = finding["places"].as_array().unwrap();
            let kind = finding["kind"].as_str().unwrap();
            kinds.contains(&kind) && finding["severity"] == severity && places.contains(&place)
        });
        assert!(hit, "{planted:?}");
    }

    let folder = tempfile::tempdir().unwrap();
    Clinic::new(20).write_to(folder.path().join("clean")).unwrap();
    let report = audited_by_command(&["--json"], &folder.path().join("clean"), 0);
    assert_eq!((report["records"].as_u64(), report["refused"].as_u64()), (Some(20 + 80 + 12 + 6), Some(0)));
}

#[test]
fn a_file_takes_the_findings_in_place_of_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.json");
    let output = pulse_to_odoo().args(["audit", "--json", "--out"]).arg(&file).output().unwrap();
    assert_eq!((ended(&output).0, output.stdout.len()), (Some(3), 0));
    let report: Json = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert!(report["refused"].as_u64().unwrap() > 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let output = pulse_to_odoo().args(["audit", "--out", "/no/such/folder/audit.txt"]).output().unwrap();
    let (status, said) = ended(&output);
    assert_eq!(status, Some(1));
    assert!(said.contains("the file for the findings cannot be written"), "{said}");
    let output = pulse_to_odoo().args(["audit", "--export", "/no/such/folder"]).output().unwrap();
    assert_eq!(ended(&output).0, Some(1));
}

#[test]
fn no_value_of_a_patient_is_in_what_the_audit_says() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    canary::write(&export);
    for json in [&[][..], &["--json", "--places", "1000"]] {
        let output: Output =
            pulse_to_odoo().arg("audit").args(json).arg("--export").arg(&export).output().unwrap();
        assert_eq!(ended(&output).0, Some(3));
        for bytes in [&output.stdout, &output.stderr] {
            assert_eq!(canary::found(bytes), None);
        }
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("orphan") && text.contains("malformed-email"), "{text}");
    }
}

/// What is to be said of a planted defect: how bad it is, as which of these it may be told, and of which field.
fn wanted(planted: &Planted) -> (Severity, &'static [&'static str], Option<&'static str>) {
    let kinds: &[&str] = match planted.kind {
        Defect::OrphanAppointment => &["orphan"],
        // A patient's row whose id is missing, or another's, leaves nothing to be named.
        Defect::PatientRefused => &["orphan", "refused-link"],
        Defect::UnknownBloodGroup => &["unknown-blood-group"],
        Defect::UnreadableBirthDate | Defect::UnreadableOtherDate | Defect::SwappedBirthDate => {
            &["unreadable-date"]
        }
        Defect::PlaceholderBirthDate | Defect::ZeroDate => &["placeholder-date"],
        Defect::ExponentPhone => &["damaged-number"],
        Defect::DecimalPhone => &["repaired-number"],
        Defect::TwoPhones => &["two-phones"],
        Defect::ShortPhone => &["short-number"],
        Defect::MalformedEmail | Defect::TwoEmails => &["malformed-email"],
        Defect::UnknownDoctor => &["unknown-doctor"],
        Defect::LongRow => &["long-row"],
        Defect::StrayQuote => &["stray-quote"],
        Defect::ControlCharacter => &["control-character"],
        Defect::LostCharacter => &["undecodable-text"],
        Defect::FormulaText => &["formula-text"],
        Defect::PlaceholderText => &["placeholder-text"],
        Defect::LostZeros => &["id-normalised"],
        Defect::UnreadableTime => &["unreadable-time"],
        Defect::UnreadableDuration => &["unreadable-duration"],
        Defect::TwoTimes => &["two-times"],
        Defect::UnknownType => &["unknown-choice"],
        Defect::RepeatedAppointment => &["repeated-appointment"],
        Defect::SpreadsheetDate => &["spreadsheet-date"],
        Defect::ShortYear => &["short-year"],
        Defect::MissingFile => &["missing-file"],
        Defect::EmptyFile => &["empty-file"],
        Defect::OutsideFile => &["file-outside"],
        Defect::BlankRow => &["blank-row"],
        Defect::RepeatedHeader => &["repeated-header"],
        Defect::TotalsRow => &["totals-row"],
        Defect::PreambleLine => &["preamble-line"],
        kind => {
            assert_eq!(kind.expect(), Expectation::Refused, "{kind:?}");
            &["refused"]
        }
    };
    let severity = match planted.expect {
        Expectation::Refused => Severity::Refused,
        Expectation::Flagged => Severity::Look,
        _ => Severity::Note,
    };
    // A quote concerns the row; the time is told beside a date with another one; a long row has its cells beyond the last column.
    let field = match planted.kind {
        Defect::StrayQuote | Defect::LongRow => None,
        Defect::TwoTimes => Some("time"),
        _ => planted.field.as_deref().map(|column| {
            FIELDS.iter().find(|(known, _)| *known == column).unwrap_or_else(|| panic!("{column}")).1
        }),
    };
    (severity, kinds, field)
}

/// The audit of a clinic in a folder, with every place of every finding, as the command makes it.
fn audited(clinic: &Clinic) -> (tempfile::TempDir, Truth, AuditReport) {
    let folder = tempfile::tempdir().unwrap();
    let truth = clinic.write_to(folder.path()).unwrap();
    let pulse = PulseExport::open(folder.path(), PulseOptions::default()).unwrap();
    let mapper = odoo_mapper(pulse.zone()).unwrap();
    let skipped = ["blank-row", "repeated-header", "totals-row", "preamble-line"];
    let audit = skipped.into_iter().fold(Audit::new(&pulse), Audit::note);
    let report = run(&audit.mapper(&mapper).places(usize::MAX));
    (folder, truth, report)
}

fn run(audit: &Audit<'_>) -> AuditReport {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(audit.run()).unwrap()
}

fn audited_by_command(more: &[&str], export: &Path, status: i32) -> Json {
    let output = pulse_to_odoo().arg("audit").args(more).arg("--export").arg(export).output().unwrap();
    let (ended, said) = ended(&output);
    assert_eq!(ended, Some(status), "{said}");
    json(&output)
}

/// How bad something is, what it is and of which field.
type Said<'a> = (Severity, &'a str, Option<String>);

/// What was found on each line of each file.
fn places(report: &AuditReport) -> BTreeMap<(String, u64), Vec<Said<'_>>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for finding in &report.findings {
        assert_eq!(finding.count, finding.places.len() as u64, "each has a place: {finding}");
        for place in &finding.places {
            let Place::Line { file, line } = place else { panic!("{place}") };
            let field = finding.field.as_ref().map(ToString::to_string);
            all.entry((file.to_string(), *line)).or_default().push((finding.severity, &*finding.kind, field));
        }
    }
    all
}

/// The lines of a clean export on which a column holds something that the test holds for.
fn lines(dir: &Path, file: &str, column: &str, test: impl Fn(&str) -> bool) -> BTreeSet<u64> {
    let mut reader = csv::Reader::from_path(dir.join(file)).unwrap();
    let at = reader.headers().unwrap().iter().position(|cell| cell == column).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.filter(|row| test(&row[at])).map(|row| row.position().unwrap().line()).collect()
}

fn dialects() -> Vec<Dialect> {
    let new = Dialect::new;
    vec![
        new(),
        new().preamble_lines(2).totals_row(true).repeated_header(true),
        guessed(),
        new().encoding(Encoding::Utf16Le).delimiter(Delimiter::Tab).line_end(LineEnd::CrLf).totals_row(true),
        new().encoding(Encoding::Utf8Bom).delimiter(Delimiter::Semicolon).dates(DateOrder::MonthFirst),
        new().apostrophes(true).dates(DateOrder::Iso).preamble_lines(1),
    ]
}

/// The one whose encoding nothing tells.
fn guessed() -> Dialect {
    Dialect::new().encoding(Encoding::Windows1252).line_end(LineEnd::CrLf)
}

fn shipped() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pulse-small")
}

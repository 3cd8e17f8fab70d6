//! What an export holds beside its records: rules and reports, unknown tables, files that nothing names; and its clinics.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::fs;
use std::path::Path;

use futures::StreamExt;
use futures::executor::block_on;
use mapping_core::conformance;
use mapping_core::mapper::RecordMapper;
use mapping_core::reference::{ItemKind, Reference};
use mapping_core::source::{Query, Reading, SourceReader};
use source_pulse::export::PulseExport;
use source_pulse::mapping::{Choices, Clinics, odoo_mapper_of};
use source_pulse::options::PulseOptions;
use source_pulse::unused::UnusedPlace;

const PATIENTS: (&str, &str) = ("Patients.csv", "Patient ID,Patient Name\nP-1,Asha Rao\nP-2,Meera Iyer\n");

fn export(files: &[(&str, &str)]) -> (tempfile::TempDir, PulseExport) {
    export_as(files, PulseOptions::default())
}

fn export_as(files: &[(&str, &str)], options: PulseOptions) -> (tempfile::TempDir, PulseExport) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let export = PulseExport::open(dir.path(), options).unwrap();
    (dir, export)
}

fn reference(files: &[(&str, &str)]) -> Reference {
    export(&[&[PATIENTS], files].concat()).1.reference().unwrap()
}

#[test]
fn an_export_of_records_alone_has_nothing_to_tell() {
    let told = reference(&[
        ("Appointments.csv", "Patient ID,Date\nP-1,31/12/2024\n"),
        ("Staff.csv", "Name\nAsha Rao\n"),
        ("Campaigns.csv", "Patient ID,Date,Channel\nP-1,31/12/2024,SMS\n"),
        ("files/a.pdf", "x"),
        ("truth.json", "{}"),
    ]);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!((told.product.as_str(), told.clinic.as_str()), ("pulse", "main"));
}

#[test]
fn rules_and_reports_are_told_with_when_and_what_and_all_the_rest() {
    let told = reference(&[
        (
            "RULES.csv",
            "Rule Name,Trigger,Action,Enabled,Owner\nBirthday,on the day,send wishes,No,Dr. Rao\n,,,,\n",
        ),
        ("reminder_rules.tsv", "Name\tWhen\tChannel\tStatus\nVisit\t1 day before\tSMS\tin test\n"),
        ("Workflows.csv", "Workflow,Steps\nRecall,call then write\n"),
        ("e-Prescribing Rules.csv", "Name,Message\nRefills,\"three\nat most\"\n"),
        ("Reports.csv", "Report,Metrics\nMonth,\"Revenue; Visits, New patients\"\n"),
        ("Templates.csv", "Total;Body\nWelcome;Dear {name}\n"),
    ]);
    let one = |kind| {
        let mut all = told.of_kind(kind);
        let item = all.next().unwrap();
        (item, all.count())
    };
    let (rule, more) = one(ItemKind::Rule);
    assert_eq!((rule.name.as_str(), rule.active, more), ("Birthday", Some(false), 1));
    assert_eq!(rule.trigger.as_deref(), Some("on the day"));
    assert_eq!(rule.action.as_deref(), Some("send wishes"));
    assert_eq!(rule.detail.iter().collect::<Vec<_>>(), [(&"Owner".to_owned(), &"Dr. Rao".to_owned())]);
    assert_eq!(rule.origin.to_string(), "RULES.csv line 2");
    assert!(rule.hint.contains("base.automation"));
    let (reminder, _) = one(ItemKind::Reminder);
    assert_eq!((reminder.active, reminder.detail["Status"].as_str()), (None, "in test"));
    let prescribing = told.of_kind(ItemKind::Rule).nth(1).unwrap();
    assert_eq!(prescribing.detail["Message"], "three\nat most");
    assert!(prescribing.hint.contains("no e-prescribing"));
    assert_eq!(one(ItemKind::Report).0.metrics, ["Revenue", "Visits", "New patients"]);
    assert_eq!(one(ItemKind::Workflow).0.action.as_deref(), Some("call then write"));
    // A table without a known column still tells its rows, by their first cell.
    assert_eq!(one(ItemKind::Template).0.name, "Welcome");
    assert!(told.not_exported.is_empty() && told.not_moved.is_empty(), "{told:?}");
}

#[test]
fn what_is_in_sheets_is_told_alike() {
    let dir = tempfile::tempdir().unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in [
        ("Patients", [["Patient ID", "Patient Name"], ["P-1", "Asha Rao"]]),
        ("Reminder Rules", [["Name", "When"], ["Visit", "1 day before"]]),
        ("Stock", [["Item", "Count"], ["Gloves", "12"]]),
    ] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (at, row) in (0..).zip(rows) {
            sheet.write_row(at, 0, row).unwrap();
        }
    }
    let path = dir.path().join("clinic.xlsx");
    book.save(&path).unwrap();
    let told = PulseExport::open(&path, PulseOptions::default()).unwrap().reference().unwrap();
    assert_eq!(told.items.len(), 1);
    assert_eq!(told.items[0].origin.to_string(), "clinic.xlsx / Reminder Rules line 2");
    assert_eq!(told.not_moved[0].file.as_ref(), "clinic.xlsx / Stock");
    assert_eq!(told.not_moved[0].rows, Some(1));
}

#[test]
fn no_table_is_silently_missing() {
    let told = reference(&[
        ("Stock.csv", "Item,Count\nGloves,12\nMasks,\n\nTotal,12\n"),
        ("Broken.csv", "A,A\n1,2\n"),
        ("Empty.csv", ""),
        ("Rules.csv", "Name\nOne\n"),
        ("rules.txt", "Name\nTwo\n"),
    ]);
    let of = |file: &str| told.not_moved.iter().find(|table| table.file.as_ref() == file);
    let stock = of("Stock.csv").unwrap();
    assert_eq!(
        (stock.rows, stock.headers.as_slice()),
        (Some(2), &["Item".to_owned(), "Count".to_owned()][..])
    );
    for unreadable in ["broken", "empty", "rules"] {
        let table = of(unreadable).unwrap();
        assert!(table.rows.is_none() && table.why.contains("cannot be read"), "{}", table.why);
    }
    assert_eq!(told.items.len(), 0);
    assert_eq!(told.not_moved.len(), 5);
}

#[test]
fn whatsapp_chats_are_named_wherever_the_clinic_shows_that_it_has_some() {
    for (file, text) in [
        ("Messages/P-1.txt", "hello"),
        ("Campaigns.csv", "Patient ID,Date,Channel\nP-1,31/12/2024,Whats App\n"),
        ("WhatsApp Settings.csv", "Setting,Value\nSender,+91 98765 43210\n"),
        ("Reminders.csv", "Name,When,Channel\nVisit,a day before,WhatsApp\n"),
    ] {
        let told = reference(&[(file, text)]);
        let [chats] = &told.not_exported[..] else { panic!("{file}: {told:?}") };
        assert!(chats.what.contains("WhatsApp") && chats.instead.contains("Messages"), "{file}");
    }
    let told = reference(&[("Reminders.csv", "Name,When,Channel\nVisit,a day before,WhatsApp\n")]);
    assert!(told.items[0].hint.contains("Enterprise alone"));
}

#[test]
fn a_secret_is_not_told() {
    let told = reference(&[
        ("WhatsApp Settings.csv", "Setting,Value,API Key\nAccess Token,EAAB-1,\nSender,98765,EAAB-2\n"),
        ("Settings.csv", "Key,When,Value\nsmtp_password,EAAB-3,EAAB-4\n"),
    ]);
    let json = serde_json::to_string(&told).unwrap();
    assert!(!json.contains("EAAB") && json.contains("98765"), "{json}");
    assert_eq!(told.of_kind(ItemKind::Setting).count(), 3);
}

#[test]
fn files_that_no_table_names_are_found_wherever_they_lie() {
    let (dir, pulse) = export(&[
        PATIENTS,
        (
            "Prescriptions.csv",
            "Patient ID,Date,File Name\nP-1,31/12/2024,A.PDF\nP-1,30/12/2024,scans\\b.pdf\n",
        ),
        (
            "ClinicalNotes.csv",
            "Patient ID,Date,File\nP-2,31/12/2024,../secret.pdf\nP-2,30/12/2024,./Files/c.pdf\n",
        ),
        ("Files/a.pdf", "x"),
        ("Files/c.pdf", "x"),
        ("Files/d.pdf", "x"),
        ("Files/2024/e.csv", "x"),
        ("Scans/b.pdf", "x"),
        ("Scans/f.pdf", "x"),
        ("Messages/P-1.txt", "hello"),
        ("truth.json", "{}"),
    ]);
    let told = |pulse: &PulseExport| {
        let mut all: Vec<_> = pulse.unused_files().unwrap().map(Result::unwrap).collect();
        all.sort_by(|one, other| one.path.cmp(&other.path));
        assert!(!format!("{all:?}").contains("pdf"));
        let path = |path: &Path| path.to_string_lossy().replace('\\', "/");
        all.iter().map(|file| (path(&file.path), file.place)).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&pulse),
        [
            ("Files/2024/e.csv".to_owned(), UnusedPlace::Files),
            ("Files/d.pdf".to_owned(), UnusedPlace::Files),
            ("Scans/f.pdf".to_owned(), UnusedPlace::OtherFolder),
            ("truth.json".to_owned(), UnusedPlace::BesideTables),
        ]
    );
    // Beside a workbook alone anything may lie: only its own folder counts.
    fs::create_dir(dir.path().join("book")).unwrap();
    fs::rename(dir.path().join("Files"), dir.path().join("book/files")).unwrap();
    fs::write(dir.path().join("book/holiday.jpg"), "x").unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Patients").unwrap();
    sheet.write_row(0, 0, ["Patient ID", "Patient Name"]).unwrap();
    sheet.write_row(1, 0, ["P-1", "Asha Rao"]).unwrap();
    book.save(dir.path().join("book/clinic.xlsx")).unwrap();
    let pulse = PulseExport::open(dir.path().join("book/clinic.xlsx"), PulseOptions::default()).unwrap();
    let unused = told(&pulse);
    assert_eq!(unused.len(), 4);
    assert!(unused.iter().all(|(_, place)| *place == UnusedPlace::Files), "{unused:?}");
}

fn with_clinics(files: &[(&str, &str)]) -> (tempfile::TempDir, PulseExport) {
    export_as(files, PulseOptions::default().clinic_records(true))
}

/// A clinic: its id, its name, whether it is flagged.
type Told = (String, String, bool);
/// A patient or an appointment: its id, the clinic as it is written, the clinic's id.
type Linked = (String, Option<String>, Option<String>);

fn clinics(pulse: &PulseExport) -> (Vec<Told>, Vec<Linked>) {
    let records = |entity: &'static str| {
        let all = block_on(pulse.read(&Query::all(entity)).collect::<Vec<_>>());
        all.into_iter().filter_map(|reading| match reading.unwrap() {
            Reading::Record(record) => Some(record),
            _ => None,
        })
    };
    let text = |record: &mapping_core::record::Record, field: &str| record.text(field).map(str::to_owned);
    let clinics = records("clinic").map(|record| {
        let flagged = record.flags().iter().any(|flag| flag.kind == "unknown-clinic");
        (record.key().id().to_string(), text(&record, "name").unwrap(), flagged)
    });
    let links = records("patient").chain(records("appointment"));
    let links = links
        .map(|record| (record.key().id().to_string(), text(&record, "clinic"), text(&record, "clinic_id")));
    (clinics.collect(), links.collect())
}

#[test]
fn each_clinic_that_tables_name_is_one_however_it_is_written() {
    let (_dir, pulse) = with_clinics(&[
        (
            "Patients.csv",
            "Patient ID,Name,Clinic\nP-1,Asha Rao,North Street\nP-2,Meera Iyer,NORTH  street\nP-3,Ravi,-\nP-4,Jo,\n",
        ),
        (
            "Appointments.csv",
            "Appointment ID,Patient ID,Date,Branch\nA-1,P-1,31/12/2024,Lake View\nA-2,P-2,31/12/2024,north-street\n",
        ),
        ("Bills.csv", "Bill No,Patient ID,Date,Clinic\nB-1,P-1,31/12/2024,Hill Top\n"),
    ]);
    let (clinics, links) = clinics(&pulse);
    let known: Vec<_> =
        clinics.iter().map(|(id, name, flagged)| (id.as_str(), name.as_str(), *flagged)).collect();
    assert_eq!(
        known,
        [
            ("north-street", "North Street", false),
            ("lake-view", "Lake View", false),
            ("hill-top", "Hill Top", false)
        ]
    );
    let of = |id: &str| links.iter().find(|(known, ..)| known == id).unwrap().clone();
    assert_eq!(of("P-2"), ("P-2".into(), Some("NORTH  street".into()), Some("north-street".into())));
    assert_eq!(of("A-2").2.as_deref(), Some("north-street"));
    assert_eq!((of("P-3").2, of("P-4").2), (None, None));
}

#[test]
fn a_table_of_clinics_gives_their_details_and_their_codes() {
    let (_dir, pulse) = with_clinics(&[
        (
            "Clinics.csv",
            "Clinic ID,Name,Phone,Address,Email,GST\nC1,North Street,98765 43210,\"4 North Street, Pune\",north@example.org,27A\n\
             C2,Lake View,,,,\nC2,Hill Top,,,,\nC9,lake view,,,,\n,,,x,,\n",
        ),
        (
            "Patients.csv",
            "Patient ID,Name,Clinic\nP-1,Asha Rao,c1\nP-2,Meera Iyer,Lake View\nP-3,Ravi,C2\nP-4,Jo,Far Away\nP-5,Al,C9\n",
        ),
    ]);
    let (clinics, links) = clinics(&pulse);
    let ids: Vec<_> = clinics.iter().map(|(id, _, flagged)| (id.as_str(), *flagged)).collect();
    // Two have the code C2, so it means neither; and C9 is of a row that is not taken.
    let wanted = [
        ("north-street", false),
        ("lake-view", false),
        ("hill-top", false),
        ("c2", true),
        ("far-away", true),
        ("c9", true),
    ];
    assert_eq!(ids, wanted);
    let links: Vec<_> = links.iter().map(|(_, _, clinic)| clinic.as_deref().unwrap()).collect();
    assert_eq!(links, ["north-street", "lake-view", "c2", "far-away", "c9"]);
    let all = block_on(pulse.read(&Query::all("clinic")).collect::<Vec<_>>());
    let Ok(Reading::Record(north)) = &all[0] else { panic!() };
    assert_eq!(north.text("address"), Some("4 North Street, Pune"));
    assert!(!north.value("extra").is_blank());
    let refused = all.iter().filter(|reading| matches!(reading, Ok(Reading::Refused(_)))).count();
    assert_eq!(refused, 2);
    block_on(conformance::source(&pulse));
}

#[test]
fn every_choice_of_what_clinics_become_fits_the_export() {
    let (_dir, text) = export(&[PATIENTS]);
    let (_dir, records) = with_clinics(&[PATIENTS]);
    for (clinics, fits) in [(Clinics::Text, &text), (Clinics::Tag, &records), (Clinics::Company, &records)] {
        let mapper = odoo_mapper_of(Choices::default().clinics(clinics), fits.zone()).unwrap();
        RecordMapper::check(&mapper, fits.entities()).unwrap();
        if clinics != Clinics::Text {
            assert!(RecordMapper::check(&mapper, text.entities()).is_err(), "{clinics:?}");
        }
    }
}

#[test]
fn where_clinics_are_no_records_nothing_is_linked_and_their_table_is_told() {
    let files = [PATIENTS, ("Clinics.csv", "Clinic ID,Name\nC1,North Street\n")];
    let (_dir, pulse) = export(&files);
    assert_eq!(clinics(&pulse).0, []);
    assert!(pulse.entities().iter().all(|entity| entity.name().as_str() != "clinic"));
    assert_eq!(pulse.reference().unwrap().not_moved[0].file.as_ref(), "Clinics.csv");
    let (_dir, pulse) = with_clinics(&files);
    assert_eq!(clinics(&pulse).0.len(), 1);
    assert!(pulse.reference().unwrap().is_empty());
}

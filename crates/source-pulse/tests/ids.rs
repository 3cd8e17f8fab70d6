//! Whose rows are: by id, by number, by name and phone, by decision; and what is left to a person.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

use std::collections::BTreeMap;
use std::fs;

use futures::StreamExt;
use futures::executor::block_on;
use mapping_core::error::Error;
use mapping_core::finding::Refusal;
use mapping_core::record::Record;
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::value::Value;
use proptest::prelude::*;
use source_pulse::decisions::{IdDecisions, RowDecision};
use source_pulse::export::PulseExport;
use source_pulse::fixtures::{Clinic, PatientIdColumns, Shape};
use source_pulse::matches::{Certainty, How, MatchReport};
use source_pulse::options::PulseOptions;
use tempfile::TempDir;

/// A family with one phone; two of one name; twins of name and phone; one with two phones in a cell.
const PATIENTS: &str = "\
Patient ID,Patient Name,Mobile Number,Alternate Number
P-0001,Asha Rao,98765 43210,
P-0002,Mr. Ravi Rao,+91 98765 43210,
P-0003,Meera Rao,098765 43210,
P-0004,Asha Rao,9123456780,
P-0005,Sunil Kumar,9000000001,
P-0006,Sunil Kumar,9000000001,
P-0007,Maria D'Souza,9000000002 / 9000000003,
P-0008,\"O'Brien, Ana Lucía\",(212) 555-0100,9000000004.0
,Om Bose,9000000005,
P-0009,No Phone,,
";

#[test]
fn a_row_without_an_id_is_found_by_name_and_phone_together() {
    for (name, phone, whose) in [
        ("Asha Rao", "9876543210", "P-0001"),
        ("RAO ASHA", "+91-98765-43210", "P-0001"),
        ("Mrs. Asha Rao", "0091 9876543210", "P-0001"),
        ("Ravi Rao", "098765 43210", "P-0002"),
        ("Dr Ravi Rao", "9876543210", "P-0002"),
        ("Kumari Meera Rao", "9876543210.0", "P-0003"),
        ("Asha Rao", "91234 56780", "P-0004"),
        ("Maria DSouza", "9000000003", "P-0007"),
        ("Maria D'Souza", "9000000009 / 9000000002", "P-0007"),
        ("Ana Lucia O'Brien", "+1 212 555 0100", "P-0008"),
        ("ana lucia o’brien", "9000000004", "P-0008"),
    ] {
        let read = touches(&[("", name, phone)]);
        let [record] = &read.records[..] else { panic!("{name} {phone}: {:?}", read.refusals) };
        assert_eq!(record.text("patient_id"), Some(whose), "{name} {phone}");
        assert_eq!(record.text("patient_name"), Some(name));
        assert_eq!(record.text("patient_phone"), Some(phone));
        assert_eq!(flags(record), ["matched-by-name-and-phone"], "{name} {phone}");
    }
}

#[test]
fn too_little_or_too_much_is_refused_and_says_why_without_a_value() {
    for (name, phone, why) in [
        ("Asha Rao", "", "a name without a phone is too little: 2 patients have this name"),
        ("No Phone", "", "one patient has this name"),
        ("Nobody Known", "NA", "no patient has this name"),
        ("Asha Rao", "98765", "a name without a phone"),
        ("Asha Rao", "9.88E+09", "a name without a phone"),
        ("", "9876543210", "a phone without a name is too little: 3 patients have this phone"),
        (" . ", "9000000003", "one patient has this phone"),
        ("Sunil Kumar", "9000000001", "2 patients have this name and phone"),
        // Their phone, and another's name; their name, and another's phone.
        ("Usha Rao", "9876543210", "no patient with an id has this name and phone"),
        ("Asha", "9876543210", "no patient with an id has this name and phone"),
        ("Mrs. Ravi Rao", "9876543210", "no patient with an id has this name and phone"),
        ("Baby Asha Rao", "9876543210", "no patient with an id has this name and phone"),
        ("Asha Rao", "9000000001", "no patient with an id has this name and phone"),
        ("No Phone", "9000000001", "no patient with an id has this name and phone"),
        ("Om Bose", "9000000005", "no patient with an id has this name and phone"),
        ("", "", "names no patient; give one at the source"),
    ] {
        let read = touches(&[("", name, phone)]);
        let [refusal] = &read.refusals[..] else { panic!("{name} {phone}") };
        assert!(refusal.reason.contains(why), "{}", refusal.reason);
        assert_eq!(refusal.field, Some("patient_id".into()));
        for value in [name, phone].into_iter().filter(|value| value.len() > 3) {
            assert!(!refusal.reason.contains(value), "{}", refusal.reason);
        }
        assert!(read.records.is_empty());
    }
}

#[test]
fn an_id_counts_before_name_and_phone_and_is_not_put_right_by_them() {
    for (id, name, phone, whose, told) in [
        ("P-0002", "Asha Rao", "9876543210", "P-0002", ""),
        ("2", "Ravi Rao", "9876543210", "P-0002", "id-normalised"),
        ("0002", "R. Rao", "", "P-0002", "id-normalised"),
        ("p2", "", "", "P-0002", "id-normalised"),
        ("2", "Asha Rao", "9876543210", "2", "id-known-name-other"),
        ("Z-9", "Asha Rao", "9876543210", "Z-9", "id-unknown-name-known"),
        ("Z-9", "Sunil Kumar", "9000000001", "Z-9", ""),
        ("Z-9", "Asha Rao", "", "Z-9", ""),
    ] {
        let read = touches(&[(id, name, phone)]);
        let [record] = &read.records[..] else { panic!("{id} {name}: {:?}", read.refusals) };
        assert_eq!(record.text("patient_id"), Some(whose), "{id} {name}");
        assert_eq!(flags(record).join(" "), told, "{id} {name}");
        let normalised = (whose != id).then_some(id);
        assert_eq!(record.text("patient_id_text"), normalised);
    }
}

#[test]
fn a_phone_that_told_nothing_is_kept_with_the_other_columns() {
    let read = touches(&[("P-0001", "Asha Rao", "9000000009")]);
    let Value::Map(extra) = read.records[0].value("extra") else { panic!("no extra") };
    assert_eq!(extra["Mobile"].as_text(), Some("9000000009"));
    assert_eq!(touches(&[("", "Asha Rao", "9876543210")]).records[0].value("extra"), &Value::Null);
}

#[test]
fn two_patients_with_one_name_and_phone_stay_two_even_if_one_has_no_id() {
    let patients = "Patient ID,Name,Phone\nP-1,Asha Rao,9876543210\n,Asha Rao,9876543210\n";
    let read = read(&[
        ("Patients.csv", patients),
        ("Campaigns.csv", "Name,Phone,Date\nAsha Rao,9876543210,31/12/2024\n"),
    ]);
    assert!(read["campaign-touch"].refusals[0].reason.contains("2 patients have this name and phone"));
    // The same row twice is one patient.
    let patients = "Patient ID,Name,Phone\nP-1,Asha Rao,9876543210\nP-1,Asha Rao,9876543210\n";
    let read = self::read(&[
        ("Patients.csv", patients),
        ("Campaigns.csv", "Name,Phone,Date\nAsha Rao,9876543210,31/12/2024\n"),
    ]);
    assert_eq!(read["campaign-touch"].records[0].text("patient_id"), Some("P-1"));
}

#[test]
fn every_table_may_have_name_and_phone_in_the_place_of_ids() {
    let read = read(&[
        ("Patients.csv", PATIENTS),
        ("Appointments.csv", "Patient Name,Mobile,Date,Time\nMeera Rao,9876543210,31/12/2024,10:00\n"),
        (
            "Prescriptions.csv",
            "Patient Name,Phone,Date,Drug\nAsha Rao,9876543210,31/12/2024,Iron\nRao Asha,+91 9876543210,31/12/2024,Zinc\n\
             Ravi Rao,9876543210,31/12/2024,Salt\n",
        ),
        (
            "ClinicalNotes.csv",
            "Patient Name,Contact Number,Date,Diagnosis\nMeera Rao,9876543210,31/12/2024,Cold\nAsha Rao,,31/12/2024,Flu\n",
        ),
        (
            "Bills.csv",
            "Bill No,Patient Name,Phone Number,Date,Item,Unit Cost\nB-1,Asha Rao,9876543210,31/12/2024,Visit,100\n\
             B-1,,,,Dressing,50\nB-1,Asha Rao,,,Bandage,5\nB-1,Ravi Rao,9876543210,31/12/2024,Visit,70\nB-1,Asha Rao,,,Lotion,5\n",
        ),
        (
            "Payments.csv",
            "Bill No,Patient Name,Phone,Date,Amount\nB-1,Mrs Asha Rao,9876543210,31/12/2024,155\nB-1,Asha Rao,,31/12/2024,1\n",
        ),
    ]);
    let whose = |entity: &str| -> Vec<&str> {
        read[entity].records.iter().map(|record| record.text("patient_id").unwrap()).collect()
    };
    assert_eq!(whose("appointment"), ["P-0003"]);
    assert_eq!(whose("prescription"), ["P-0001", "P-0002"]);
    assert_eq!(read["prescription"].records[0].text("drugs"), Some("Iron\nZinc"));
    assert_eq!(whose("clinical-note"), ["P-0003"]);
    assert_eq!(read["clinical-note"].refusals.len(), 1);
    // Bills of two patients share a number: the second is numbered on, and name and phone tell whose the payment is.
    assert_eq!(whose("bill"), ["P-0001", "P-0002"]);
    let bill = &read["bill"].records[0];
    assert_eq!(bill.value("total"), &Value::Decimal("155.00".parse().unwrap()));
    assert_eq!(bill.value("balance"), &Value::Decimal("0.00".parse().unwrap()));
    // The row that names another patient without a phone, and the payment that does.
    assert_eq!(read["bill"].refusals.len(), 2);
    // The patients' own records have what notes and bills say.
    let patient =
        |id: &str| read["patient"].records.iter().find(|record| &**record.key().id() == id).unwrap();
    assert_eq!(patient("P-0003").text("diagnosis"), Some("Cold"));
    assert_eq!(patient("P-0001").text("diagnosis"), None);
    assert_ne!(patient("P-0001").value("outstanding_balance"), &Value::Null);
}

#[test]
fn decisions_count_before_every_guess() {
    let ids = IdDecisions::default()
        .patient("Z-9", "P-0003")
        .patient("2", "P-0001")
        .row(RowDecision::new("P-0006").name("Sunil Kumar").phone("+91 90000 00001"))
        .row(RowDecision::new("P-0005").table("campaigns").name("Sunil Kumar").phone("9000000001"))
        .row(RowDecision::new("P-0009").name("No Phone"))
        .row(RowDecision::new("P-0004").phone("98765"));
    let rows = [
        ("Z-9", "Asha Rao", "9876543210", Some("P-0003")),
        ("2", "Ravi Rao", "", Some("P-0001")),
        ("", "Mr Sunil Kumar", "9000000001", None),
        ("", "Kumar, Sunil", "9000000001", Some("P-0005")),
        ("", "No Phone", "", Some("P-0009")),
        ("", "No Phone", "9000000008", None),
        ("", "", "98765", Some("P-0004")),
        ("", "", "98766", None),
    ];
    for (id, name, phone, whose) in rows {
        let read = touches_with(&[(id, name, phone)], PulseOptions::default().ids(ids.clone()));
        let found = read.records.first();
        assert_eq!(found.and_then(|record| record.text("patient_id")), whose, "{id} {name}");
        if let Some(record) = found {
            assert_eq!(flags(record), ["id-decided"], "{id} {name}");
            assert_eq!(record.text("patient_id_text"), Some(id).filter(|id| !id.is_empty()));
        }
    }
    // Of another table what was decided for all.
    let dir = folder(&[
        ("Patients.csv", PATIENTS),
        ("Appointments.csv", "Patient Name,Mobile,Date\nSunil Kumar,9000000001,31/12/2024\n"),
    ]);
    let all = readings(&PulseExport::open(dir.path(), PulseOptions::default().ids(ids)).unwrap());
    assert_eq!(all["appointment"].records[0].text("patient_id"), Some("P-0006"));
}

#[test]
fn chats_are_found_by_the_name_of_their_file() {
    let dir = folder(&[("Patients.csv", PATIENTS)]);
    fs::create_dir(dir.path().join("Messages")).unwrap();
    for name in ["P-0001.txt", "0002.txt", "Meera.txt", "Z-9.txt"] {
        fs::write(dir.path().join("Messages").join(name), "Hello").unwrap();
    }
    let options = PulseOptions::default().ids(IdDecisions::default().patient("Meera", "P-0003"));
    let export = PulseExport::open(dir.path(), options).unwrap();
    let all = readings(&export);
    let chats: BTreeMap<&str, (&str, String)> = all["chat"]
        .records
        .iter()
        .map(|chat| (&**chat.key().id(), (chat.text("patient_id").unwrap(), flags(chat).join(" "))))
        .collect();
    assert_eq!(chats["P-0001.txt"], ("P-0001", String::new()));
    assert_eq!(chats["0002.txt"], ("P-0002", "id-normalised".into()));
    assert_eq!(chats["Meera.txt"], ("P-0003", "id-decided".into()));
    assert_eq!(chats["Z-9.txt"], ("Z-9", String::new()));
    let report = export.matches(5).unwrap();
    assert_eq!(counts(&report, "Messages"), [("exact", 1), ("decision", 1), ("number", 1), ("nobody", 1)]);
    assert!(report.to_string().contains("0002.txt"));
}

#[test]
fn the_report_tells_what_matched_how_and_where() {
    let rows = "\
Bill No,Patient ID,Patient Name,Mobile,Date,Total
B-1,P-0001,Asha Rao,,31/12/2024,10
B-1,,,,,
B-2,2,Ravi Rao,,31/12/2024,10
B-3,,Meera Rao,9876543210,31/12/2024,10
B-4,Z-1,,,31/12/2024,10
B-5,,Sunil Kumar,9000000001,31/12/2024,10
B-6,2,Asha Rao,,31/12/2024,10
B-7,Z-9,Asha Rao,9876543210,31/12/2024,10
B-8,,Asha Rao,,31/12/2024,10
B-9,,,9876543210,31/12/2024,10
B-10,,,,31/12/2024,10
B-11,Z-9,,,31/12/2024,10
B-12,Z-9,,,31/12/2024,10

";
    let payments = "Bill No,Patient ID,Date,Amount\nB-1,,31/12/2024,10\nB-2,2,31/12/2024,10\n";
    let dir = folder(&[("Patients.csv", PATIENTS), ("Bills.csv", rows), ("Payments.csv", payments)]);
    let options = PulseOptions::default().ids(IdDecisions::default().patient("Z-1", "P-0004"));
    let export = PulseExport::open(dir.path(), options).unwrap();
    let report = export.matches(2).unwrap();
    assert_eq!(report.tables.len(), 2);
    assert_eq!(
        counts(&report, "Bills.csv"),
        [
            ("exact", 1),
            ("decision", 1),
            ("number", 1),
            ("name and phone", 1),
            ("ambiguous", 1),
            ("ambiguous", 1),
            ("ambiguous", 1),
            ("nobody", 2),
            ("nobody", 1),
            ("nobody", 1),
            ("nobody", 1),
        ]
    );
    assert_eq!(counts(&report, "Payments.csv"), [("number", 1)]);
    let bills = &report.tables[0];
    assert_eq!((bills.rows, bills.found.iter().map(|found| found.count).sum()), (12, 12));
    let lines: Vec<Vec<u64>> =
        bills.found.iter().map(|found| found.places.iter().map(|place| place.line).collect()).collect();
    let expected: [&[u64]; 11] = [&[], &[6], &[4], &[5], &[8], &[7], &[9], &[13, 14], &[10], &[11], &[12]];
    assert_eq!(lines, expected);
    for found in &bills.found {
        let certainty = match found.how {
            How::Exact | How::Decision => Certainty::Certain,
            How::Number | How::NameAndPhone => Certainty::Likely,
            _ => Certainty::Open,
        };
        assert_eq!(found.certainty, certainty);
    }
    let (text, json) = (report.to_string(), serde_json::to_string(&report).unwrap());
    assert!(text.contains("Bills.csv: 12 rows of patients\n"), "{text}");
    assert!(text.contains("number, likely: the number of one patient's id: line 4\n"), "{text}");
    for value in ["Asha", "Rao", "Kumar", "98765", "90000", "Z-9"] {
        assert!(!text.contains(value) && !json.contains(value), "{value} in {text}");
    }
    let few = export.matches(1).unwrap();
    assert_eq!(few.tables[0].found[7].shown(), "13 and 1 more");
}

#[test]
fn a_table_without_ids_and_without_name_and_phone_cannot_be_read() {
    for (header, missing) in [
        ("Date,Time", "none for patient_name and patient_phone"),
        ("Patient Name,Date", "none for patient_phone"),
        ("Mobile,Date", "none for patient_name"),
    ] {
        let error = error(&format!("{header}\n"), PulseOptions::default());
        assert!(error.to_string().contains(missing), "{error}");
        assert_eq!((error.place("file"), error.place("line")), (Some("Campaigns.csv"), Some("1")));
    }
}

#[test]
fn a_decision_that_cannot_be_right_says_where() {
    let of = |text: &str| {
        let ids = IdDecisions::from_toml(text, "ids.toml")?;
        let dir = folder(&[("Patients.csv", PATIENTS)]);
        PulseExport::open(dir.path(), PulseOptions::default().ids(ids)).map(drop)
    };
    for (text, line, says) in [
        ("[patients]\n\"1\" = \"P-0001\"\n\"12\" = \"P-0012\"\n", "3", "is for a patient who is not there"),
        ("[[rows]]\nname = \"Asha Rao\"\npatient = \"P-0012\"\n", "1", "is for a patient who is not there"),
        (
            "\n[[rows]]\ntable = \"Invoices\"\nname = \"Asha Rao\"\npatient = \"P-0001\"\n",
            "2",
            "is about no table",
        ),
        ("[[rows]]\nname = \" . \"\npatient = \"P-0001\"\n", "1", "names no row"),
        (
            "[[rows]]\nname = \"Asha Rao\"\npatient = \"P-0001\"\n[[rows]]\nname = \"Rao Asha\"\npatient = \"P-0002\"\n",
            "4",
            "about the same rows",
        ),
        ("[patients]\n\"Asha Rao\" = 12\n", "2", "do not read"),
        ("[[rows]]\nnames = \"Asha Rao\"\npatient = \"P-0001\"\n", "2", "do not read"),
    ] {
        let error = of(text).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains("Asha"), "{error}");
        assert_eq!((error.place("file"), error.place("line")), (Some("ids.toml"), Some(line)), "{error}");
    }
    assert!(of("[patients]\n\"1\" = \"P-0001\"\n").is_ok());
    let error = IdDecisions::open("/no/such/file").unwrap_err();
    assert!(error.to_string().contains("cannot be read"));
}

#[test]
fn decisions_are_kept() {
    let ids = IdDecisions::default()
        .patient("12", "P-0001")
        .row(RowDecision::new("P-0004").table("Bills").name("Asha \"A\" Rao").phone("9876543210"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ids.toml");
    fs::write(&file, "older").unwrap();
    ids.save(&file).unwrap();
    assert_eq!(IdDecisions::open(&file).unwrap(), ids);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(ids.save(dir.path().join("no").join("folder")).is_err());
    // With the options, too; and neither shows a value.
    let options = PulseOptions::default().ids(ids);
    let text = toml::to_string(&options).unwrap();
    assert_eq!(toml::from_str::<PulseOptions>(&text).unwrap(), options);
    assert!(!format!("{options:?}").contains("Asha") && !format!("{:?}", options.ids.rows).contains("Asha"));
}

#[test]
fn a_made_up_clinic_without_ids_is_read_as_the_one_with_them() {
    let made = |patient_ids| {
        let dir = tempfile::tempdir().unwrap();
        let shape = Shape::new().patient_ids(patient_ids);
        let clinic = Clinic::new(400).appointments_per_patient(2).campaign_touches(200).shape(shape);
        clinic.write_to(dir.path()).unwrap();
        let export = PulseExport::open(dir.path(), PulseOptions::default()).unwrap();
        let whose = |read: &Read| -> BTreeMap<String, Option<String>> {
            let of = |record: &Record| record.text("patient_id").map(str::to_owned);
            read.records.iter().map(|record| (record.key().to_string(), of(record))).collect()
        };
        let all = readings(&export);
        let counted = |table: &str| {
            counts(&export.matches(3).unwrap(), table)
                .into_iter()
                .map(|(how, count)| (how.to_owned(), count))
                .collect::<Vec<_>>()
        };
        let found = [counted("Appointments.csv"), counted("Campaigns.csv")];
        (whose(&all["appointment"]), whose(&all["campaign-touch"]), found)
    };
    let (with, without) = (made(PatientIdColumns::All), made(PatientIdColumns::None));
    assert_eq!((with.0.len(), with.1.len()), (800, 200));
    assert!(without.0 == with.0 && without.1 == with.1);
    let all = |how: &str| [vec![(how.to_owned(), 800)], vec![(how.to_owned(), 200)]];
    assert_eq!((with.2, without.2), (all("exact"), all("name and phone")));
}

proptest! {
    /// Whatever a table says, a row that has not the patient's very id is never given to a patient of another name or phone.
    #[test]
    fn a_row_is_never_given_to_a_patient_whom_it_does_not_fit(
        patients in prop::collection::vec((0..4_usize, 0..4_usize, 0..3_usize), 1..8),
        rows in prop::collection::vec((0..12_u32, 0..5_usize, 0..4_usize, any::<bool>()), 1..12),
    ) {
        const NAMES: [[&str; 2]; 5] =
            [["Asha Rao", "rao, asha"], ["Ravi Rao", "Mr Ravi Rao"], ["Om", "Shri Om"], ["Lee Ann", "ANN LEE"], ["", " . "]];
        const PHONES: [&str; 4] = ["9876543210", "+91 91234 56780", "9000000001 / 9000000002", ""];
        let mut text = "Patient ID,Name,Mobile\n".to_owned();
        for (at, (name, phone, form)) in patients.iter().enumerate() {
            let id = match form { 0 => format!("P-{at:04}"), 1 => format!("{at}"), _ => format!("A{at}B") };
            text += &format!("{id},\"{}\",{}\n", NAMES[*name][0], PHONES[*phone]);
        }
        let listed: Vec<(String, usize, usize)> = text.lines().skip(1).zip(&patients)
            .map(|(line, (name, phone, _))| (line.split(',').next().unwrap().to_owned(), *name, *phone))
            .collect();
        let said: Vec<(String, usize, usize)> = rows.iter()
            .map(|(id, name, phone, has)| (if *has { format!("{id:04}") } else { String::new() }, *name, *phone))
            .collect();
        let cells: Vec<(&str, &str, &str)> =
            said.iter().map(|(id, name, phone)| (id.as_str(), NAMES[*name][1], PHONES[*phone])).collect();
        let read = touches_of(&text, &cells, PulseOptions::default());
        prop_assert_eq!(read.records.len() + read.refusals.len(), cells.len());
        for record in &read.records {
            let (written, name, phone) = &said[record.origin().unwrap().line as usize - 2];
            let own = listed.iter().find(|(id, ..)| Some(id.as_str()) == record.text("patient_id"));
            let Some((id, own_name, own_phone)) = own else {
                prop_assert_eq!(record.text("patient_id"), Some(written.as_str()));
                continue;
            };
            if id == written {
                continue;
            }
            // Without a name only the number of the id counts.
            prop_assert!(name == own_name || (*name == 4 && !written.is_empty()));
            if written.is_empty() {
                prop_assert!(phone == own_phone && *phone != 3);
                let alike = listed.iter().filter(|(_, name, phone)| (name, phone) == (own_name, own_phone));
                prop_assert_eq!(alike.count(), 1);
            }
        }
    }
}

/// All that was read of an entity.
#[derive(Default)]
struct Read {
    records: Vec<Record>,
    refusals: Vec<Refusal>,
}

fn counts<'a>(report: &'a MatchReport, table: &str) -> Vec<(&'a str, u64)> {
    let table = report.tables.iter().find(|found| found.table == table).unwrap();
    table.found.iter().map(|found| (found.how.as_str(), found.count)).collect()
}

fn flags(record: &Record) -> Vec<&str> {
    record
        .flags()
        .iter()
        .map(|flag| flag.kind.as_ref())
        .filter(|kind| !["no-campaign", "placeholder-text"].contains(kind))
        .collect()
}

/// The messages with that id, name and phone.
fn touches(rows: &[(&str, &str, &str)]) -> Read {
    touches_with(rows, PulseOptions::default())
}

fn touches_with(rows: &[(&str, &str, &str)], options: PulseOptions) -> Read {
    touches_of(PATIENTS, rows, options)
}

fn touches_of(patients: &str, rows: &[(&str, &str, &str)], options: PulseOptions) -> Read {
    let mut text = "Patient ID,Patient Name,Mobile,Date\n".to_owned();
    for (id, name, phone) in rows {
        text += &format!("{id},\"{name}\",{phone},31/12/2024\n");
    }
    let dir = folder(&[("Patients.csv", patients), ("Campaigns.csv", &text)]);
    let mut all = readings(&PulseExport::open(dir.path(), options).unwrap());
    all.remove("campaign-touch").unwrap()
}

fn error(campaigns: &str, options: PulseOptions) -> Error {
    let dir = folder(&[("Patients.csv", PATIENTS), ("Campaigns.csv", campaigns)]);
    PulseExport::open(dir.path(), options).unwrap_err()
}

fn read(files: &[(&str, &str)]) -> BTreeMap<String, Read> {
    let dir = folder(files);
    readings(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap())
}

fn readings(export: &PulseExport) -> BTreeMap<String, Read> {
    let mut all = BTreeMap::new();
    for entity in export.entities() {
        let mut read = Read::default();
        for reading in block_on(export.read(&Query::all(entity.name().clone())).collect::<Vec<_>>()) {
            match reading.unwrap() {
                Reading::Record(record) => read.records.push(record),
                Reading::Refused(refusal) => read.refusals.push(refusal),
                Reading::Flag(_) => {}
            }
        }
        all.insert(entity.name().to_string(), read);
    }
    all
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

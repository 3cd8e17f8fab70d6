//! The made-up exports, read back by a CSV library that knows nothing of how they were made.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::civil::Date;
use made::{Export, Row, day, number, shows};
use source_pulse::fixtures::{
    Clinic, DateOrder, Defect, Delimiter, Dialect, Encoding, Expectation, FixtureError, LineEnd, NameColumns,
    PatientIdColumns, Shape, TRUTH_FILE, Truth,
};

const FILES: [&str; 8] = [
    "Patients.csv",
    "Appointments.csv",
    "Campaigns.csv",
    "Prescriptions.csv",
    "ClinicalNotes.csv",
    "Bills.csv",
    "Payments.csv",
    "Staff.csv",
];

#[test]
fn the_same_settings_give_the_same_bytes_and_another_seed_gives_others() {
    let clinic = Clinic::new(80).dirt(0.3).seed(5);
    let (first, second, other) =
        (Export::of(&clinic), Export::of(&clinic), Export::of(&clinic.clone().seed(6)));
    for file in FILES {
        assert_eq!(first.bytes(file), second.bytes(file), "{file}");
    }
    assert_eq!(first.truth, second.truth);
    for file in &FILES[..7] {
        assert_ne!(first.bytes(file), other.bytes(file), "{file}");
    }
}

#[test]
fn clean_data_has_nothing_to_refuse() {
    for names in [NameColumns::Whole, NameColumns::Split] {
        let export = Export::of(&Clinic::new(300).shape(Shape::new().names(names)));
        assert_eq!(export.truth.defects, []);
        let patients = export.rows("Patients.csv");
        let ids: BTreeSet<&str> = patients.iter().map(|row| row["Patient ID"].as_str()).collect();
        assert_eq!((patients.len(), ids.len()), (300, 300));
        for row in &patients {
            let name = row.get("Patient Name").or_else(|| row.get("First Name")).unwrap();
            assert!(!name.is_empty());
            let born = &row["Date of Birth"];
            assert!(born.is_empty() || day(born).is_some(), "{born}");
            assert!(day(&row["Registered On"]).is_some());
        }
        let visits = export.rows("Appointments.csv");
        let visit_ids: BTreeSet<&str> = visits.iter().map(|row| row["Appointment ID"].as_str()).collect();
        assert_eq!((visits.len(), visit_ids.len()), (1_200, 1_200));
        for row in &visits {
            assert!(ids.contains(row["Patient ID"].as_str()));
            let (date, created) = (day(&row["Date"]).unwrap(), day(&row["Created On"][..10]).unwrap());
            assert!(created < date);
            assert!(day(&row["Last Modified"][..10]).is_some());
        }
    }
}

#[test]
fn every_doctor_of_clean_data_is_on_the_staff_and_one_of_them_has_no_email() {
    let export = Export::of(&Clinic::new(200));
    let staff = export.rows("Staff.csv");
    let bare = |name: &str| name.trim_start_matches("Dr").trim_start_matches(['.', ' ']).to_owned();
    let known: BTreeSet<String> = staff.iter().map(|row| bare(&row["Name"])).collect();
    let mut spellings = BTreeSet::new();
    for file in &FILES[..2] {
        for row in export.rows(file) {
            let doctor = &row["Doctor"];
            assert!(doctor.is_empty() || known.contains(&bare(doctor)), "{doctor}");
            spellings.insert(doctor.clone());
        }
    }
    assert!(spellings.len() > 2 * known.iter().filter(|name| spellings.contains(*name)).count());
    assert_eq!(staff.iter().filter(|row| row["Email"].is_empty()).count(), 1);
}

#[test]
fn without_ids_a_patient_has_no_two_appointments_on_one_day() {
    for (patients, each) in [(1, 3_650), (3, 900), (40, 5)] {
        let shape = Shape::new().appointment_ids(false);
        let export = Export::of(&Clinic::new(patients).appointments_per_patient(each).shape(shape));
        let visits = export.rows("Appointments.csv");
        let days: BTreeSet<(&str, &str)> =
            visits.iter().map(|row| (row["Patient ID"].as_str(), row["Date"].as_str())).collect();
        assert_eq!(days.len(), (patients * each) as usize);
    }
}

#[test]
fn each_date_column_can_be_decided_even_in_a_small_export() {
    for seed in 0..30 {
        let export = Export::of(&Clinic::new(1).appointments_per_patient(1).seed(seed));
        let columns = [
            ("Patients.csv", ["Date of Birth", "Registered On", "Last Modified"]),
            ("Appointments.csv", ["Date", "Created On", "Last Modified"]),
            ("Campaigns.csv", ["Date", "Date", "Last Modified"]),
        ];
        for (file, columns) in columns {
            let row = export.rows(file).remove(0);
            for column in columns {
                assert!(
                    row[column][..2].parse::<u8>().unwrap() > 12,
                    "seed {seed}, {column}: {}",
                    row[column]
                );
            }
        }
    }
}

#[test]
fn clean_data_is_as_varied_as_the_module_says() {
    let export = Export::of(&Clinic::new(400));
    let (patients, visits) = (export.rows("Patients.csv"), export.rows("Appointments.csv"));
    let any =
        |rows: &[Row], column: &str, test: &dyn Fn(&str) -> bool| rows.iter().any(|row| test(&row[column]));
    assert!(any(&patients, "Address", &|text| text.contains('\n')));
    assert!(any(&patients, "Patient Name", &|text| !text.contains(' ')));
    assert!(any(&patients, "Patient Name", &|text| !text.is_ascii()));
    assert!(any(&patients, "Allergy Notes", &|text| text.starts_with('[')));
    assert!(any(&patients, "Blood Group", &|text| text == "B +ve"));
    assert!(patients.iter().any(|row| row["Date of Birth"].is_empty() && !row["Age"].is_empty()));
    assert!(any(&visits, "Status", &|text| text == "Rescheduled"));
    assert!(any(&visits, "Type", &|text| text == "Vaccination"));
    assert!(any(&visits, "Time", &|text| text.ends_with("PM")));
    assert!(any(&visits, "Duration", &|text| text.ends_with(" min")));

    let mut by_email: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in patients.iter().filter(|row| !row["Email"].is_empty()) {
        by_email.entry(&row["Email"]).or_default().insert(&row["Patient Name"]);
    }
    assert!(by_email.values().any(|family| family.len() >= 3), "no family shares an address");
    assert!(by_email.keys().all(|email| email.contains("@example.")));
}

#[test]
fn as_many_appointments_are_completed_as_was_asked_for() {
    let completed = |clinic: &Clinic| {
        let visits = Export::of(clinic).rows("Appointments.csv");
        visits.iter().filter(|row| row["Status"] == "Completed").count() as f64 / visits.len() as f64
    };
    let clinic = Clinic::new(500);
    assert_eq!(completed(&clinic.clone().completed(0.0)), 0.0);
    // Nine in ten lie before the day of the export.
    let less_than_half = completed(&clinic.completed(0.45));
    assert!((0.37..0.43).contains(&less_than_half), "{less_than_half}");
}

#[test]
fn american_phones_are_fictional_and_indian_mobiles_begin_from_six() {
    let export = Export::of(&Clinic::new(400));
    for row in export.rows("Patients.csv") {
        for column in ["Mobile Number", "Alternate Number"] {
            let digits: String = row[column].chars().filter(char::is_ascii_digit).collect();
            let american = digits.contains("55501") && row["Clinic"].ends_with("Austin");
            let mobile =
                digits.len() >= 10 && ('6'..='9').contains(&char::from(digits.as_bytes()[digits.len() - 10]));
            assert!(digits.is_empty() || american || mobile, "{}", row[column]);
        }
    }
}

#[test]
fn the_counts_agree_with_an_independent_reading() {
    for (seed, dirt, names, ids) in [
        (1, 0.0, NameColumns::Whole, true),
        (2, 0.05, NameColumns::Whole, true),
        (3, 0.4, NameColumns::Split, true),
        (4, 0.4, NameColumns::Whole, false),
        (5, 1.0, NameColumns::Split, false),
        (6, 1.0, NameColumns::Whole, true),
    ] {
        let shape = Shape::new().names(names).appointment_ids(ids);
        let export = Export::of(&Clinic::new(250).seed(seed).dirt(dirt).shape(shape));
        let counts = |entity: &str| {
            let counts = export.truth.entities[entity];
            (counts.rows, counts.good, counts.refused)
        };

        let (mut good, mut bad, mut known) = (0, 0, BTreeSet::new());
        for row in export.rows("Patients.csv") {
            let name = [row.get("Patient Name"), row.get("First Name"), row.get("Last Name")];
            let named = name.into_iter().flatten().any(|part| !part.is_empty());
            let id = row["Patient ID"].clone();
            let sound = named && !id.is_empty() && known.insert(number(&id));
            *(if sound { &mut good } else { &mut bad }) += 1;
        }
        assert_eq!(counts("patient"), (good + bad, good, bad), "patients, seed {seed}");

        let (mut good, mut bad, mut seen) = (0, 0, BTreeSet::new());
        for row in export.rows("Appointments.csv") {
            let dated = row.get("Date").is_some_and(|date| day(date).is_some());
            let placed = known.contains(&number(&row["Patient ID"]));
            let sound = dated && placed && row.get("Appointment ID").is_none_or(|id| seen.insert(id.clone()));
            *(if sound { &mut good } else { &mut bad }) += 1;
        }
        assert_eq!(counts("appointment"), (good + bad, good, bad), "appointments, seed {seed}");
        assert_eq!(counts("appointment").0, 1_000);
        assert_eq!(counts("staff"), (12, 12, 0));

        for (file, id, entity) in [
            ("Campaigns.csv", "Touch ID", "campaign-touch"),
            ("Prescriptions.csv", "Prescription ID", "prescription"),
            ("ClinicalNotes.csv", "Note ID", "clinical-note"),
            ("Bills.csv", "Bill No", "bill"),
        ] {
            // What takes several rows is counted once.
            let mut records = BTreeMap::new();
            for row in export.rows(file) {
                let dated = row.get("Date").is_some_and(|date| day(date).is_some());
                let sound = dated && known.contains(&number(&row["Patient ID"]));
                *records.entry(row[id].clone()).or_insert(true) &= sound;
            }
            let good = records.values().filter(|sound| **sound).count() as u64;
            let all = records.len() as u64;
            assert_eq!(counts(entity), (all, good, all - good), "{entity}, seed {seed}");
        }

        let refused = export.truth.defects.iter().filter(|planted| planted.expect == Expectation::Refused);
        let entities =
            ["patient", "appointment", "campaign-touch", "prescription", "clinical-note", "bill", "chat"];
        assert_eq!(refused.count() as u64, entities.map(|entity| counts(entity).2).iter().sum::<u64>());
    }
}

#[test]
fn a_bill_comes_to_what_its_rows_and_payments_come_to() {
    let export = Export::of(&Clinic::new(400));
    let hundredths = |cell: &str| -> u64 { cell.replace([',', '.'], "").parse().unwrap_or(0) };
    let of = |amount: u64, percent: u64| (amount * percent + 50) / 100;
    let mut bills: BTreeMap<String, (u64, Row)> = BTreeMap::new();
    for row in export.rows("Bills.csv") {
        let gross = row["Quantity"].parse::<u64>().unwrap() * hundredths(&row["Unit Cost"]);
        let discount = match row["Discount Type"].as_str() {
            "Percent" => of(gross, row["Discount"].parse().unwrap()),
            _ => hundredths(&row["Discount"]),
        };
        let net = gross - discount;
        let sum = net + of(net, row["Tax Percent"].parse().unwrap_or(0));
        bills.entry(row["Bill No"].clone()).or_insert((0, row)).0 += sum;
    }
    let mut paid: BTreeMap<String, u64> = BTreeMap::new();
    for row in export.rows("Payments.csv") {
        *paid.entry(row["Bill No"].clone()).or_default() += hundredths(&row["Amount"]);
    }
    let (mut billed, mut received) = (0, 0);
    for (number, (sum, row)) in &bills {
        let paid = paid.get(number).copied().unwrap_or_default();
        assert_eq!(hundredths(&row["Total"]), *sum, "{number}");
        assert_eq!((hundredths(&row["Paid"]), hundredths(&row["Balance"])), (paid, sum - paid), "{number}");
        if row["Status"] != "Cancelled" {
            billed += sum;
            received += paid;
        }
    }
    let money = export.truth.money.unwrap();
    assert_eq!((money.billed, money.paid), (billed, received));
    assert!(received < billed && received > billed / 2);
}

#[test]
fn every_file_that_a_row_names_is_there_and_no_other() {
    let export = Export::of(&Clinic::new(300));
    let root = export.dir.path();
    let mut named = BTreeSet::new();
    for file in ["Prescriptions.csv", "ClinicalNotes.csv"] {
        named.extend(
            export.rows(file).iter().map(|row| row["File Name"].clone()).filter(|name| !name.is_empty()),
        );
    }
    assert!(named.iter().any(|name| !name.is_ascii()) && named.len() > 200);
    for name in &named {
        assert!(fs::read(root.join("files").join(name)).unwrap().starts_with(b"%PDF-"), "{name}");
    }
    let there = |folder: &str| fs::read_dir(root.join(folder)).unwrap().count();
    assert_eq!(there("files") - 1 + there("files/scans"), named.len());
    assert_eq!(there("Messages") as u64, export.truth.entities["chat"].rows);
}

#[test]
fn every_kind_appears_where_there_is_enough_dirt() {
    let dialect = Dialect::new().preamble_lines(1).totals_row(true);
    let clinic = Clinic::new(600).dirt(0.5).dialect(dialect);
    let planted = |clinic: &Clinic| -> BTreeSet<Defect> {
        Export::of(clinic).truth.defects.iter().map(|planted| planted.kind).collect()
    };
    let common = planted(&clinic);
    assert_eq!(common, Defect::ALL.into_iter().filter(|kind| *kind < Defect::MissingPatient).collect());
    // An appointment can stand there twice only where they have no ids.
    let all = planted(&clinic.all_kinds(true).shape(Shape::new().appointment_ids(false)));
    assert_eq!(all, Defect::ALL.into_iter().collect());
}

#[test]
fn the_lines_of_the_truth_point_at_the_rows() {
    let tidy = Dialect::new();
    let office = Dialect::new()
        .encoding(Encoding::Utf16Le)
        .delimiter(Delimiter::Semicolon)
        .line_end(LineEnd::CrLf)
        .preamble_lines(4)
        .totals_row(true)
        .repeated_header(true);
    let old = Dialect::new().encoding(Encoding::Windows1252).delimiter(Delimiter::Tab).apostrophes(true);
    for (dialect, delimiter, ids) in [(tidy, b',', true), (office, b';', true), (old, b'\t', false)] {
        let shape = Shape::new().appointment_ids(ids);
        let clinic = Clinic::new(300).dirt(0.5).dialect(dialect).shape(shape).all_kinds(true);
        let export = Export::of(&clinic).delimited(delimiter);
        for file in FILES {
            let (text, header) = (export.text(file), export.header(file));
            let starts: Vec<usize> =
                std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            let mut reached = 0;
            for planted in export.truth.defects.iter().filter(|planted| planted.file == file) {
                assert!(planted.line > reached, "{planted:?} does not follow line {reached}");
                reached = planted.line;
                let rest = &text[starts[planted.line as usize - 1]..];
                assert!(
                    shows(planted, rest, &header, &export),
                    "{planted:?}: {}",
                    &rest[..rest.find('\n').unwrap()]
                );
            }
        }
    }
}

#[test]
fn a_dialect_changes_the_bytes_and_not_the_rows() {
    let clinic = Clinic::new(60).seed(9);
    let plain = Export::of(&clinic);
    for (dialect, delimiter) in [
        (Dialect::new().encoding(Encoding::Utf8Bom).line_end(LineEnd::CrLf), b','),
        (Dialect::new().encoding(Encoding::Utf16Le).delimiter(Delimiter::Tab), b'\t'),
        (Dialect::new().delimiter(Delimiter::Semicolon).apostrophes(true), b';'),
    ] {
        let export = Export::of(&clinic.clone().dialect(dialect)).delimited(delimiter);
        for file in FILES {
            assert_ne!(export.bytes(file), plain.bytes(file));
            assert_eq!(export.rows(file), plain.rows(file));
        }
    }
}

#[test]
fn windows_1252_loses_no_character() {
    let export = Export::of(&Clinic::new(400).dialect(Dialect::new().encoding(Encoding::Windows1252)));
    for file in FILES {
        assert!(!export.text(file).contains("&#"), "{file}");
    }
    assert!(export.text("Patients.csv").contains('é'));
}

#[test]
fn dates_keep_the_order_asked_for() {
    let iso = Export::of(&Clinic::new(5).dialect(Dialect::new().dates(DateOrder::Iso)));
    assert!(iso.rows("Appointments.csv").iter().all(|row| row["Date"].parse::<Date>().is_ok()));
    let american = Export::of(&Clinic::new(5).dialect(Dialect::new().dates(DateOrder::MonthFirst)));
    let indian = Export::of(&Clinic::new(5));
    for (a, i) in american.rows("Appointments.csv").iter().zip(indian.rows("Appointments.csv")) {
        assert_eq!((&a["Date"][..2], &a["Date"][3..5]), (&i["Date"][3..5], &i["Date"][..2]));
    }
}

#[test]
fn the_truth_is_saved_without_a_single_value_and_reads_back() {
    let export = Export::of(&Clinic::new(200).dirt(0.5));
    export.truth.save(export.dir.path()).unwrap();
    let text = fs::read_to_string(export.dir.path().join(TRUTH_FILE)).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&text).unwrap(), export.truth);
    assert!(text.contains(r#""kind":"duplicate-id","expect":"refused""#));
    for row in export.rows("Patients.csv") {
        for value in row.iter().filter(|(column, _)| *column != "Patient ID").map(|(_, value)| value) {
            assert!(value.len() < 5 || !text.contains(value.as_str()), "{value}");
        }
    }
}

#[test]
fn a_clinic_without_patients_has_headers_only() {
    let export = Export::of(&Clinic::new(0).dirt(1.0));
    assert_eq!(export.text("Patients.csv").lines().count(), 1);
    assert_eq!(export.text("Appointments.csv").lines().count(), 1);
    assert_eq!(export.truth.entities["patient"].rows, 0);
}

#[test]
fn a_folder_with_files_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "keep me").unwrap();
    let refused = Clinic::new(3).write_to(dir.path());
    assert!(matches!(refused, Err(FixtureError::NotEmpty { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn settings_out_of_range_are_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export");
    for clinic in [
        Clinic::new(3).dirt(1.5),
        Clinic::new(3).dirt(-0.1),
        Clinic::new(3).dirt(f64::NAN),
        Clinic::new(3).appointments_per_patient(3_651),
        Clinic::new(3).dirt(0.1).shape(Shape::new().patient_ids(PatientIdColumns::None)),
    ] {
        assert!(matches!(clinic.write_to(&path), Err(FixtureError::Setting { .. })));
        assert!(!path.exists());
    }
}

//! Exports read: small files for single rules, and any bytes at all.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

mod reading;

use std::collections::BTreeSet;
use std::fs;

use futures::StreamExt;
use futures::executor::block_on;
use mapping_core::conformance;
use mapping_core::error::{Error, ErrorKind};
use mapping_core::key::Origin;
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::value::Value;
use proptest::prelude::*;
use reading::{FILE_NOTES, folder, kinds, read, readings};
use source_pulse::dates::DateOrder;
use source_pulse::export::PulseExport;
use source_pulse::fixtures::Clinic;
use source_pulse::options::PulseOptions;

#[test]
fn the_reader_keeps_the_contract_of_sources() {
    for dirt in [0.0, 0.4] {
        let dir = tempfile::tempdir().unwrap();
        Clinic::new(40).everything().dirt(dirt).write_to(dir.path()).unwrap();
        block_on(conformance::source(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap()));
    }
    let dir = folder(&[("patients.CSV", "Patient ID,Name\nP-1,Asha Rao\n")]);
    block_on(conformance::source(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap()));
}

#[test]
fn a_patient_is_read_with_all_that_is_known() {
    let all = read(&[(
        "Patients.csv",
        "Patient ID,First Name,Last Name,Mobile Number,Email,Date of Birth,Blood Group,Address,Allergy Notes,Doctor,\
         Registered On,Last Modified,Shoe Size\n\
         P-0007,Asha,Rao,98765 43210,asha@example.org,31/12/1990,O Positive,\"1 MG Road\nPune\",nil,Dr. Meera Nair,\
         02/01/2020,15/03/2024 10:30,38\n",
    )]);
    let patient = &all["patient"].records[0];
    assert_eq!(patient.key().to_string(), "patient/P-0007");
    assert_eq!(patient.origin(), Some(&Origin::new("Patients.csv", 2)));
    for (field, text) in [
        ("patient_id", "P-0007"),
        ("name", "Asha Rao"),
        ("first_name", "Asha"),
        ("mobile", "98765 43210"),
        ("blood_group", "O Positive"),
        ("blood_type", "O+"),
        ("address", "1 MG Road\nPune"),
        ("allergy_notes", "nil"),
        ("doctor", "meera-nair"),
        ("doctor_name", "Dr. Meera Nair"),
    ] {
        assert_eq!(patient.text(field), Some(text), "{field}");
    }
    assert_eq!(patient.date("date_of_birth").unwrap().to_string(), "1990-12-31");
    assert_eq!(patient.date("registered_on").unwrap().to_string(), "2020-01-02");
    assert_eq!(patient.instant("last_modified").unwrap().to_string(), "2024-03-15T05:00:00Z");
    let Value::Map(extra) = patient.value("extra") else { panic!("no extra") };
    assert_eq!(extra.get("Shoe Size").and_then(Value::as_text), Some("38"));
    assert_eq!(kinds(&all["patient"]), ["ambiguous-dates", "placeholder-text"]);
    assert_eq!(kinds(&all["staff"]), ["no-file", "unknown-staff"]);
}

#[test]
fn an_appointment_is_read_in_its_zone_and_linked() {
    let visits = |zone: &str, rows: &str| {
        let dir = folder(&[
            ("Patients.csv", "Patient ID,Name\nP-0012,Asha Rao\n"),
            ("APPOINTMENTS.CSV", &format!("Patient No,Date,Time,Duration,DoctorName,Type,Status\n{rows}")),
        ]);
        let mut all = readings(&PulseExport::open(dir.path(), PulseOptions::default().zone(zone)).unwrap());
        (all.remove("appointment").unwrap(), all.remove("appointment-status").unwrap())
    };
    let (read, statuses) = visits(
        "Asia/Kolkata",
        "12,31/12/2024,02:30 PM,30 min,Dr Asha Rao,Consultation,No show\n\
         P-0012,31/12/2024,noon,soon,,,Waitlisted\n\
         P-0012,31/12/2024 09:15,,,,,NO-SHOW\n",
    );
    let visit = &read.records[0];
    assert_eq!(visit.text("patient_id"), Some("P-0012"));
    assert_eq!(visit.text("patient_id_text"), Some("12"));
    assert_eq!(visit.text("time"), Some("14:30"));
    assert_eq!(visit.instant("start").unwrap().to_string(), "2024-12-31T09:00:00Z");
    assert_eq!(visit.integer("duration_minutes"), Some(30));
    assert_eq!((visit.text("status"), visit.text("status_id")), (Some("No show"), Some("no-show")));
    assert_eq!(visit.text("doctor"), Some("asha-rao"));
    let flags =
        |at: usize| read.records[at].flags().iter().map(|flag| flag.kind.to_string()).collect::<Vec<_>>();
    assert_eq!(flags(0), ["id-normalised"]);
    assert_eq!(flags(1), ["unreadable-time", "unreadable-duration"]);
    assert_eq!(
        (read.records[1].text("time"), read.records[1].text("duration_text")),
        (Some("noon"), Some("soon"))
    );
    assert_eq!(read.records[2].instant("start").unwrap().to_string(), "2024-12-31T03:45:00Z");
    let names: Vec<_> = statuses
        .records
        .iter()
        .map(|status| (status.text("name").unwrap(), status.integer("sequence")))
        .collect();
    assert_eq!(names, [("No-Show", Some(40)), ("Waitlisted", Some(50))]);

    // A date's own zone is that of its own time.
    let (read, _) = visits(
        "Asia/Kolkata",
        "P-0012,2024-12-31T10:00:00+00:00,,,,,\nP-0012,2024-12-31T00:00:00+00:00,10:00,,,,\n",
    );
    let starts: Vec<String> =
        read.records.iter().map(|visit| visit.instant("start").unwrap().to_string()).collect();
    assert_eq!(starts, ["2024-12-31T10:00:00Z", "2024-12-31T04:30:00Z"]);
    assert_eq!(kinds(&read), ["repeated-appointment"], "midnight is no time of its own");
    let (read, _) =
        visits("Asia/Kolkata", "P-0012,31/12/2024 09:15,10:00,,,,\nP-0012,31/12/2024 10:00,10:00 AM,,,,\n");
    assert_eq!(kinds(&read), ["two-times", "repeated-appointment"]);

    // In New York clocks were put forward on 10 March 2024 at two, and back on 3 November at two.
    let (read, _) = visits("America/New_York", "P-0012,2024-03-10,02:30,,,,\nP-0012,2024-11-03,01:30,,,,\n");
    let starts: Vec<String> =
        read.records.iter().map(|visit| visit.instant("start").unwrap().to_string()).collect();
    assert_eq!(starts, ["2024-03-10T07:30:00Z", "2024-11-03T05:30:00Z"]);
    assert_eq!(kinds(&read), ["gap-time", "fold-time"]);
}

#[test]
fn appointments_without_an_id_get_one_from_what_they_say() {
    let ids = |rows: &str| {
        let files = [
            ("Patients.csv", "Patient ID,Name\nP-1,Asha Rao\nP-2,Ravi Iyer\n".to_owned()),
            ("Appointments.csv", format!("Patient ID,Date,Time,Status\n{rows}")),
        ];
        let all = read(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        all["appointment"].records.iter().map(|record| record.key().id().to_string()).collect::<Vec<_>>()
    };
    let first = ids(
        "P-1,31/12/2024,10:00,Scheduled\nP-2,31/12/2024,10:00,\nP-1,31/12/2024,10:00 AM,Completed\n1,31/12/2024,1000,\n",
    );
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(first[2], format!("{}-2", first[0]), "the same, written otherwise, is a repetition");
    assert_eq!(first[3], format!("{}-3", first[0]));
    let moved = ids("P-2,2024-12-31,10:00,\nP-1,2024-12-31,10:00,Completed\n");
    assert_eq!(
        moved,
        [first[1].clone(), first[0].clone()],
        "rows may move, and change their status and the form of a date"
    );
}

#[test]
fn ids_that_cannot_be_told_apart_are_never_guessed() {
    let all = read(&[
        ("Patients.csv", "Patient ID,Name\nP-0012,Asha Rao\n12,Ravi Iyer\nP-0012,Om Bose\nP-0013,\n"),
        ("Appointments.csv", "Patient ID,Date\n0012,31/12/2024\nP-0012,31/12/2024\n13,31/12/2024\n"),
    ]);
    let ids: Vec<&str> = all["patient"].records.iter().map(|record| &**record.key().id()).collect();
    assert_eq!(ids, ["P-0012", "12"]);
    assert_eq!(kinds(&all["patient"]), ["similar-id", "similar-id"]);
    let reasons: Vec<_> = all["patient"]
        .refusals
        .iter()
        .map(|refusal| (refusal.key.as_deref(), refusal.reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (Some("P-0012"), "another patient has this id, on line 2; only that one was taken"),
            (Some("P-0013"), "the patient has no name; give one at the source"),
        ]
    );
    let patients: Vec<_> =
        all["appointment"].records.iter().map(|record| record.text("patient_id").unwrap()).collect();
    assert_eq!(patients, ["0012", "P-0012", "13"]);
    assert_eq!(kinds(&all["appointment"]), ["ambiguous-id"]);
}

#[test]
fn columns_may_have_any_name_that_is_told() {
    let dir =
        folder(&[("Patients.csv", "Reg. No,Who,Handphone,Doctor_Name\n7,Asha Rao,98765 43210,Dr Nair\n")]);
    let options =
        PulseOptions::default().column("patient", "patient_id", "reg no").column("patient", "name", "WHO");
    let options = options.column("patient", "mobile", "Handphone").calling_code("91");
    let all = readings(&PulseExport::open(dir.path(), options.clone()).unwrap());
    let patient = &all["patient"].records[0];
    assert_eq!((patient.text("name"), patient.text("mobile")), (Some("Asha Rao"), Some("+91 98765 43210")));
    assert_eq!(patient.text("doctor"), Some("nair"));
    let error = PulseExport::open(dir.path(), options.column("patient", "email", "Mail")).unwrap_err();
    assert_eq!(
        (error.kind(), error.place("field"), error.place("file")),
        (ErrorKind::Config, Some("email"), Some("Patients.csv"))
    );
}

#[test]
fn dates_whose_order_no_value_tells_follow_the_setting_or_are_flagged() {
    let files = [("Patients.csv", "Patient ID,Name,DOB\n1,Asha Rao,05/12/90\n")];
    let day = |options: PulseOptions| {
        let dir = folder(&files);
        let read = readings(&PulseExport::open(dir.path(), options).unwrap()).remove("patient").unwrap();
        (read.records[0].date("date_of_birth").unwrap().to_string(), kinds(&read))
    };
    assert_eq!(
        day(PulseOptions::default()),
        ("1990-12-05".into(), vec!["ambiguous-dates".into(), "short-years".into()])
    );
    let set = PulseOptions::default().date_order(DateOrder::MonthFirst);
    assert_eq!(day(set), ("1990-05-12".into(), vec!["short-years".into()]));
}

#[test]
fn what_does_not_fit_its_column_is_kept_as_text() {
    let all = read(&[(
        "Patients.csv",
        "Patient ID,Name,DOB,Registered On,Mobile,Alternate Number\n\
         1,A,13/01/1990,14/02/2020,9876543210 / 9123456780,\n\
         2,B,01/14/1990,2020,9876543210 / 9123456780,080 4112 0000\n\
         3,C,15/01/1990,,9.88E+09,9876543210.0\n\
         4,D,,0000-00-00,,\n",
    )]);
    let records = &all["patient"].records;
    let text = |at: usize, field: &str| records[at].text(field).unwrap_or("").to_owned();
    assert_eq!(text(1, "date_of_birth_text"), "01/14/1990");
    assert_eq!(records[1].value("date_of_birth"), &Value::Null);
    assert_eq!(
        (text(1, "registered_on_text"), text(3, "registered_on_text")),
        ("2020".into(), "0000-00-00".into())
    );
    assert_eq!((text(0, "mobile"), text(0, "alternate_phone")), ("9876543210".into(), "9123456780".into()));
    assert_eq!(
        (text(1, "mobile"), text(1, "alternate_phone")),
        ("9876543210 / 9123456780".into(), "080 4112 0000".into())
    );
    assert_eq!((text(2, "mobile"), text(2, "alternate_phone")), ("9.88E+09".into(), "9876543210".into()));
    assert_eq!(
        kinds(&all["patient"]),
        [
            "mixed-dates",
            "two-phones",
            "two-phones",
            "unreadable-date",
            "unreadable-date",
            "repaired-number",
            "damaged-number",
            "placeholder-date",
        ]
    );
}

#[test]
fn staff_are_those_of_the_file_and_whoever_is_named_elsewhere() {
    let all = read(&[
        (
            "Patients.csv",
            "Patient ID,Name,Doctor\n1,Asha,DR MEERA NAIR\n2,Ravi,Dr. Kabir Malhotra\n3,Om,Kabir Malhotra\n4,,Dr. Nobody\n",
        ),
        (
            "Staff.csv",
            "Name,Email,Role\nDr. Meera Nair,meera@example.org,Doctor\nMeera Nair,,\n,x@example.org,\n",
        ),
    ]);
    let staff: Vec<_> = all["staff"]
        .records
        .iter()
        .map(|record| (&**record.key().id(), record.text("name").unwrap()))
        .collect();
    assert_eq!(staff, [("meera-nair", "Dr. Meera Nair"), ("kabir-malhotra", "Dr. Kabir Malhotra")]);
    assert_eq!(all["staff"].records[1].origin(), Some(&Origin::new("Patients.csv", 3)));
    assert_eq!(all["staff"].refusals.len(), 2);
    assert_eq!(kinds(&all["patient"]), ["unknown-doctor", "unknown-doctor"]);
}

#[test]
fn an_export_that_cannot_be_read_says_why() {
    let error = |files: &[(&str, &str)], options: PulseOptions| -> Error {
        let dir = folder(files);
        PulseExport::open(dir.path(), options).unwrap_err()
    };
    let plain = PulseOptions::default;
    let patients = ("Patients.csv", "Patient ID,Name\n1,Asha\n");
    for (error, says) in [
        (
            PulseExport::open("/no/such/folder", plain()).unwrap_err(),
            "the export cannot be read; give a folder",
        ),
        (error(&[], plain()), "no Patients.csv"),
        (error(&[("Patients.csv", "")], plain()), "the file is empty"),
        (
            error(&[("Patients.csv", "Patient ID,City\n1,Pune\n")], plain()),
            "no column for the patient's name",
        ),
        (error(&[patients, ("patients.csv", "")], plain()), "twice"),
        (error(&[patients, ("Appointments.csv", "Patient ID,Time\n")], plain()), "there is no column for it"),
        (error(&[patients], plain().zone("Asia/Atlantis")), "no zone of that name"),
        (error(&[patients], plain().clinic("North Street")), "small letters"),
        (error(&[patients], plain().calling_code("+91")), "calling code"),
        (error(&[patients], plain().column("patient", "shoe", "Shoe")), "a field that is none"),
    ] {
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains("Asha"));
    }
}

#[test]
fn debug_shows_no_patient() {
    let dir = folder(&[("Patients.csv", "Patient ID,Name\nP-1,Asha Rao\n")]);
    let export = PulseExport::open(dir.path(), PulseOptions::default()).unwrap();
    assert!(!format!("{export:?}").contains("Asha"));
    assert_eq!(
        export
            .dialects()
            .map(|(file, dialect)| (file, dialect.text.as_ref().map(|text| text.delimiter)))
            .collect::<Vec<_>>(),
        [("Patients.csv", Some(','))]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused_and_every_line_is_told(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut all = b"Patient ID,Name,DOB,Mobile\n".to_vec();
        all.extend_from_slice(&bytes);
        explained(&all);
    }

    #[test]
    fn any_lines_are_read_or_refused_and_every_line_is_told(
        lines in prop::collection::vec("([0-9P\",]|-|[a-z]|/){0,20}", 0..12)
    ) {
        let text = format!("Patient ID,Name,DOB,Mobile\n{}\n", lines.join("\n"));
        let (lines, told) = explained(text.as_bytes()).unwrap();
        // A record may take several lines, and then it says less often than there are lines; without quotes it may not.
        prop_assert!(told == lines || (told < lines && text.contains('"')), "{told} of {lines}");
    }

    #[test]
    fn any_appointments_keep_the_contract(
        rows in prop::collection::vec("(P-1|1|01|x|),(31/12/2024|5/6/24|),(10:00|1000|x|),(A|a|)", 1..12)
    ) {
        let text = format!("Patient ID,Date,Time,Status\n{}\n", rows.join("\n"));
        let dir = folder(&[("Patients.csv", "Patient ID,Name\nP-1,Asha\n"), ("Appointments.csv", &text)]);
        block_on(conformance::source(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap()));
    }
}

/// How many lines follow the header, and of how many something is yielded. Nothing is yielded twice of a line.
fn explained(bytes: &[u8]) -> Option<(usize, usize)> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Patients.csv"), bytes).unwrap();
    let export = PulseExport::open(dir.path(), PulseOptions::default()).ok()?;
    let mut told = BTreeSet::new();
    let mut tell = |origin: Option<&Origin>| assert!(told.insert(origin.unwrap().line), "told twice");
    for reading in block_on(export.read(&Query::all("patient")).collect::<Vec<_>>()) {
        match reading.unwrap() {
            Reading::Record(record) => tell(record.origin()),
            Reading::Refused(refusal) => tell(refusal.origin.as_ref()),
            Reading::Flag(flag) if FILE_NOTES.contains(&flag.kind.as_ref()) => {}
            Reading::Flag(flag) => tell(flag.origin.as_ref()),
        }
    }
    let lines = String::from_utf8_lossy(bytes).lines().count();
    Some((lines - 1, told.len()))
}

#[test]
fn a_campaigns_messages_are_read_with_their_own_time() {
    let all = read(&[
        ("Patients.csv", "Patient ID,Patient Name\nP-0012,Asha Rao\n"),
        (
            "Campaigns.csv",
            "Campaign,Patient ID,Sent On,Time,Channel,Status,Message,Budget\n\
             Flu Shots,12,13/10/2024,10:30,SMS,Delivered,\"Come in.\nWe are open\",low\n\
             Flu Shots,P-0012,13/10/2024,10:30,SMS,Delivered,Again,\n\
             ,P-0012,14/10/2024,soon,,,,\n\
             Flu Shots,,14/10/2024,,,,,\n\
             Flu Shots,P-0012,31/02/2024,,,,,\n",
        ),
    ]);
    let read = &all["campaign-touch"];
    let [first, second, third] = &read.records[..] else { panic!("{} records", read.records.len()) };
    for (field, text) in [
        ("patient_id", "P-0012"),
        ("patient_id_text", "12"),
        ("campaign", "Flu Shots"),
        ("time", "10:30"),
        ("channel", "SMS"),
        ("status", "Delivered"),
        ("message", "Come in.\nWe are open"),
    ] {
        assert_eq!(first.text(field), Some(text), "{field}");
    }
    assert_eq!(first.date("date").unwrap().to_string(), "2024-10-13");
    assert_eq!(first.instant("start").unwrap().to_string(), "2024-10-13T05:00:00Z");
    assert!(matches!(first.value("extra"), Value::Map(extra) if extra.len() == 1));
    assert_eq!(second.key().id().to_string(), format!("{}-2", first.key().id()));
    assert_eq!((third.text("time"), third.instant("start")), (Some("soon"), None));
    assert_eq!(kinds(read), ["id-normalised", "repeated-touch", "unreadable-time", "no-campaign"]);
    let refused: Vec<_> =
        read.refusals.iter().map(|refusal| refusal.field.as_ref().unwrap().as_str()).collect();
    assert_eq!(refused, ["patient_id", "date"]);
}

#[test]
fn of_two_messages_with_one_id_the_first_counts() {
    let all = read(&[
        ("Patients.csv", "Patient ID,Patient Name\nP-1,Asha Rao\n"),
        (
            "Campaigns.csv",
            "Touch ID,Patient ID,Date,Campaign\nC-1,P-1,13/10/2024,Camp\nC-1,P-1,14/10/2024,Camp\n",
        ),
    ]);
    let read = &all["campaign-touch"];
    assert_eq!(read.records[0].key().to_string(), "campaign-touch/C-1");
    let [refusal] = &read.refusals[..] else { panic!("one refusal") };
    assert!(refusal.reason.contains("line 2"), "{refusal}");
}

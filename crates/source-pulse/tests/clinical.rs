//! Prescriptions, clinical notes and chats read: what belongs together, in which order, and with which files.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod reading;

use std::fs;

use mapping_core::value::{FileContent, Value};
use reading::{folder, kinds, read, readings};
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;

const PATIENTS: (&str, &str) =
    ("Patients.csv", "Patient ID,Patient Name\nP-0001,Asha Rao\nP-0002,Ravi Iyer\n");

#[test]
fn notes_are_read_in_the_order_of_their_time_and_the_latest_stand_with_the_patient() {
    let all = read(&[
        PATIENTS,
        (
            "ClinicalNotes.csv",
            "Note ID,Patient ID,Date,Time,Doctor,Chief Complaint,Diagnosis,Treatment Plan,Room\n\
             N-3,P-0001,31/03/2024,10:00,Dr. Asha Rao,Cough,,Rest,4\n\
             N-1,1,31/01/2024,09:30,Asha Rao,Fever,Viral fever,Fluids,\n\
             N-2,P-0001,31/01/2024,17:00,,\"Fever\nstill\",nil,,\n\
             N-4,P-0001,31/02/2024,,,Lost,,,\n\
             N-5,P-0002,31/01/2024,09:30,,Toothache,,,\n",
        ),
    ]);
    let notes = &all["clinical-note"];
    let order: Vec<String> = notes.records.iter().map(|note| note.key().to_string()).collect();
    assert_eq!(order, ["clinical-note/N-1", "clinical-note/N-5", "clinical-note/N-2", "clinical-note/N-3"]);
    assert_eq!(notes.refusals[0].origin.as_ref().unwrap().line, 6);
    let latest = &notes.records[3];
    assert_eq!(latest.instant("start").unwrap().to_string(), "2024-03-31T04:30:00Z");
    assert_eq!(latest.text("doctor"), Some("asha-rao"));
    let Value::Map(extra) = latest.value("extra") else { panic!("an extra column") };
    assert_eq!(extra["Room"], Value::from("4"));

    let [asha, ravi] = &all["patient"].records[..] else { panic!("two patients") };
    assert_eq!(asha.text("chief_complaint"), Some("Cough"));
    // Of each the latest that says something.
    assert_eq!(asha.text("diagnosis"), Some("Viral fever"));
    assert_eq!(asha.text("treatment_plan"), Some("Rest"));
    assert_eq!((ravi.text("chief_complaint"), ravi.text("diagnosis")), (Some("Toothache"), None));
}

#[test]
fn drugs_of_one_prescription_are_one_record() {
    let all = read(&[
        PATIENTS,
        (
            "Prescriptions.csv",
            "Patient ID,Date,Doctor,Drug,Dosage,Duration,Refills,Status,Ward\n\
             P-0001,31/01/2024,Dr. Rao,Paracetamol,500 mg,5 days,0,Issued,A\n\
             P-0002,31/01/2024,Dr. Rao,Cetirizine,10 mg,,1,Issued,\n\
             1,31/01/2024,Rao,Amoxicillin,250 mg,7 days,,Stopped,B\n",
        ),
    ]);
    let read = &all["prescription"];
    let [asha, ravi] = &read.records[..] else { panic!("{} records", read.records.len()) };
    assert_eq!(
        asha.text("drugs"),
        Some("Paracetamol, 500 mg, for 5 days, refills 0\nAmoxicillin, 250 mg, for 7 days")
    );
    assert_eq!(ravi.text("drugs"), Some("Cetirizine, 10 mg, refills 1"));
    // What its rows say otherwise is kept, with the line.
    let Value::Map(extra) = asha.value("extra") else { panic!("what differs") };
    let extra: Vec<String> =
        extra.iter().map(|(name, value)| format!("{name}: {}", value.as_text().unwrap())).collect();
    assert_eq!(extra, ["Doctor (line 4): Rao", "Status (line 4): Stopped", "Ward: A", "Ward (line 4): B"]);
    assert!(asha.key().id().starts_with("derived-"));
    let told = read.flags.iter().find(|flag| flag.kind == "id-normalised").unwrap();
    assert_eq!(told.origin.as_ref().unwrap().line, 4, "a flag is told where it was seen");
}

#[test]
fn a_prescription_of_one_id_and_two_patients_is_never_mixed() {
    let all = read(&[
        PATIENTS,
        (
            "Prescriptions.csv",
            "Prescription ID,Patient ID,Date,Doctor,Drug\n\
             R-1,P-0001,31/01/2024,Dr. Rao,Paracetamol\n\
             R-1,P-0002,31/01/2024,Dr. Rao,Cetirizine\n\
             R-1,P-0001,31/01/2024,Dr. Rao,Amoxicillin\n",
        ),
    ]);
    let read = &all["prescription"];
    assert_eq!(read.records[0].text("drugs"), Some("Paracetamol\nAmoxicillin"));
    assert_eq!(read.refusals[0].origin.as_ref().unwrap().line, 3);
    assert!(read.refusals[0].reason.contains("line 2"));
}

#[test]
fn files_are_found_in_any_script_and_never_outside() {
    let dir = folder(&[
        PATIENTS,
        (
            "Prescriptions.csv",
            "Prescription ID,Patient ID,Date,Drug,File Name\n\
             R-1,P-0001,31/01/2024,,पर्चा 1.pdf\n\
             R-2,P-0001,31/01/2024,,scans\\\\TWO.PDF\n\
             R-3,P-0001,31/01/2024,Paracetamol,lost.pdf\n\
             R-4,P-0001,31/01/2024,,../outside.pdf\n\
             R-5,P-0001,31/01/2024,,empty.pdf\n",
        ),
    ]);
    let root = dir.path();
    fs::create_dir_all(root.join("files/scans")).unwrap();
    fs::write(root.join("files/पर्चा 1.pdf"), "%PDF-1").unwrap();
    fs::write(root.join("files/scans/two.pdf"), "%PDF-22").unwrap();
    fs::write(root.join("files/empty.pdf"), "").unwrap();
    fs::write(root.parent().unwrap().join("outside.pdf"), "%PDF-333").unwrap();
    let all = readings(&PulseExport::open(root, PulseOptions::default()).unwrap());
    fs::remove_file(root.parent().unwrap().join("outside.pdf")).unwrap();

    let read = &all["prescription"];
    let sizes: Vec<Option<u64>> = read
        .records
        .iter()
        .map(|record| match record.value("file") {
            Value::File(file) => {
                assert!(matches!(file.content, FileContent::OnDisk(_)));
                Some(file.size)
            }
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [Some(6), Some(7), None, None, None]);
    assert_eq!(kinds(read), ["missing-file", "file-outside", "empty-file"]);
    assert_eq!(read.records[2].text("file_name"), Some("lost.pdf"));
}

#[test]
fn chats_are_files_named_after_their_patients() {
    let dir = folder(&[PATIENTS]);
    let messages = dir.path().join("messages");
    fs::create_dir(&messages).unwrap();
    for (name, text) in [
        ("P-0001.txt", "[2024-01-31 10:00] Asha Rao: क्या यह ठीक है?\n"),
        ("2.txt", "Ravi Iyer: hello\n"),
        ("Q-9.txt", "who?\n"),
        ("P-0003.txt", ""),
        (".hidden", "no"),
    ] {
        fs::write(messages.join(name), text).unwrap();
    }
    let all = readings(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap());
    let chats = &all["chat"];
    let found: Vec<(&str, &str)> =
        chats.records.iter().map(|chat| (&**chat.key().id(), chat.text("patient_id").unwrap())).collect();
    assert_eq!(found, [("2.txt", "P-0002"), ("P-0001.txt", "P-0001"), ("Q-9.txt", "Q-9")]);
    assert_eq!(kinds(chats), ["id-normalised"]);
    assert_eq!(&**chats.refusals[0].key.as_ref().unwrap(), "P-0003");
}

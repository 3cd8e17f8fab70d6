//! Patients who are there twice: proposed, decided on by a person, joined, and remembered.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Struct, Value as Wire};
use serde_json::Value as Json;
use support::{count, ended, json, pulse_to_odoo};

const PATIENTS: &str = "\
Patient ID,Patient Name,Mobile Number,Email,Gender,Date of Birth,Blood Group,Address,City,Pincode,Allergy Notes
P-1,Asha Rao,9876543212,rao.family@example.org,F,29/02/1984,,\"Flat 12, Ganga Apartments, Karve Road\",Pune,411038,
P-2,Ravi Iyer,9123456781,ravi.iyer@example.org,M,,B+,3 Station Road,Pune,411001,
P-3,RAO ASHA,+91 98765 43212,,F,29/02/1984,O+,12 Ganga Apts,Pune,411038,Penicillin
P-4,Mr. Ravi Iyer,9123456781,,M,,B+,,Pune,,
P-5,Meera Joshi,9988776651,meera@example.org,F,15/08/1990,,,,,
";

const APPOINTMENTS: &str = "\
Appointment ID,Patient ID,Patient Name,Date,Time,Duration,Type,Status,Notes
A-1,P-1,Asha Rao,20/03/2024,10:00,30,Consultation,Completed,first visit
A-2,P-3,RAO ASHA,21/04/2024,11:00,30,Consultation,Completed,second visit
A-3,P-4,Ravi Iyer,22/05/2024,12:00,30,Consultation,Completed,third visit
";

/// What stands in the export of a patient and may be on no terminal.
const VALUES: [&str; 9] =
    ["Asha", "ASHA", "Ravi", "Iyer", "43212", "56781", "example.org", "Ganga", "Penicillin"];

struct Story {
    folder: tempfile::TempDir,
}

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("export");
        fs::create_dir(&export).unwrap();
        fs::write(export.join("Patients.csv"), PATIENTS).unwrap();
        fs::write(export.join("Appointments.csv"), APPOINTMENTS).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program, and sees that it says nothing of a patient.
    fn program(&self, arguments: &[&str]) -> Output {
        let mut command = pulse_to_odoo();
        command.arg("--export").arg(self.path("export")).arg("--journal").arg(self.path("journal"));
        let output = command.args(arguments).output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        for value in VALUES {
            assert!(!said.contains(value), "{value}: {said}");
        }
        output
    }

    fn partners(&self) -> Vec<Struct> {
        rows(&self.path("journal.sandbox"), "res.partner", "pulse:main:patient:")
    }

    /// The partner of each appointment, by its id.
    fn patient_of(&self, appointment: &str) -> Wire {
        let all = rows(
            &self.path("journal.sandbox"),
            "mail.activity",
            &format!("pulse:main:appointment:{appointment}"),
        );
        all[0].get("res_id").unwrap().clone()
    }
}

fn rows(sandbox: &Path, model: &str, key: &str) -> Vec<Struct> {
    let sandbox = Sandbox::open(sandbox, Like::Odoo19).unwrap();
    let is = |row: &Struct| text(row, "x_migration_key").starts_with(key);
    sandbox.rows(model).into_iter().filter(is).collect()
}

fn text<'r>(row: &'r Struct, field: &str) -> &'r str {
    row.get(field).and_then(Wire::as_text).unwrap_or_default()
}

fn of<'r>(partners: &'r [Struct], id: &str) -> Option<&'r Struct> {
    partners.iter().find(|row| text(row, "x_migration_key") == format!("pulse:main:patient:{id}"))
}

/// As a person does it: the marks before the lines of a decision are taken away.
fn decide(file: &Path, decision: &str) {
    let proposals = fs::read_to_string(file).unwrap();
    let marked: String = decision.lines().map(|line| format!("# {line}\n")).collect();
    assert!(proposals.contains(&marked), "{proposals}");
    fs::write(file, proposals.replace(&marked, &format!("{decision}\n"))).unwrap();
}

#[test]
fn what_a_person_decides_is_obeyed_and_nothing_else_is() {
    let story = Story::new();
    let decisions = story.path("decisions.toml");
    let file = decisions.to_str().unwrap();

    // The pairs, to a program and to a person; and a file in which nothing is decided.
    let output = story.program(&["duplicates", "--json", "--out", file]);
    assert_eq!(ended(&output).0, Some(3));
    let report: Json = json(&output);
    let ids = |pair: &Json| [pair["first"]["id"].clone(), pair["second"]["id"].clone()];
    let pairs: Vec<_> = report["pairs"].as_array().unwrap().iter().map(ids).collect();
    assert_eq!(pairs, [["P-1", "P-3"].map(Json::from), ["P-2", "P-4"].map(Json::from)]);
    let said = story.program(&["duplicates"]);
    assert_eq!(ended(&said).0, Some(3));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("patient/P-1 and patient/P-3: high (same phone, same birth date, same name"),
        "{said}"
    );
    assert!(said.contains("Patients.csv line 2, Patients.csv line 4"), "{said}");
    assert!(said.contains("5 people") && said.contains("2 pairs proposed"), "{said}");
    let proposals = fs::read_to_string(&decisions).unwrap();
    assert!(VALUES.iter().all(|value| !proposals.contains(value)), "{proposals}");
    assert!(!story.path("journal").exists(), "looking makes no journal");

    // What a person wrote is not written over.
    let (status, said) = ended(&story.program(&["duplicates", "--out", file]));
    assert_eq!((status, said.contains("may hold some; name another one")), (Some(1), true), "{said}");
    assert_eq!(fs::read_to_string(&decisions).unwrap(), proposals);

    decide(&decisions, "[[same]]\nstays = \"P-1\"\ngoes = [\"P-3\"]");
    decide(&decisions, "[[apart]]\nkeys = [\"P-2\", \"P-4\"]");
    let output = story.program(&["run", "--json", "--decisions", file]);
    let (status, said) = ended(&output);
    assert_eq!(status, Some(0), "{said}");
    let report = json(&output);
    assert_eq!((count(&report, "patient", "written"), count(&report, "patient", "refused")), (4, 0));
    let flags = report["flags"].as_array().unwrap();
    let merged: Vec<_> = flags.iter().filter(|flag| flag["kind"] == "merged").collect();
    assert_eq!(merged.len(), 1);
    assert_eq!((&merged[0]["key"], &merged[0]["line"]), (&"P-3".into(), &4.into()));

    // One partner in the place of two, with what either knew; and the other two as they were.
    let partners = story.partners();
    assert_eq!(partners.len(), 4);
    assert!(
        of(&partners, "P-3").is_none() && of(&partners, "P-2").is_some() && of(&partners, "P-4").is_some()
    );
    let asha = of(&partners, "P-1").unwrap();
    assert_eq!((text(asha, "name"), text(asha, "email")), ("Asha Rao", "rao.family@example.org"));
    let all = format!(
        "{:?}",
        asha.iter().map(|(_, value)| value.as_text().unwrap_or_default()).collect::<Vec<_>>()
    );
    assert!(all.contains("Penicillin"), "{all}");
    let other = text(asha, "x_studio_other_columns");
    for kept in ["P-3: patient_id: P-3", "P-3: name: RAO ASHA", "P-3: address: 12 Ganga Apts"] {
        assert!(other.contains(kept), "{other}");
    }
    let id = asha.get("id").unwrap();
    assert_eq!((&story.patient_of("A-1"), &story.patient_of("A-2")), (id, id));
    assert_eq!(&story.patient_of("A-3"), of(&partners, "P-4").unwrap().get("id").unwrap());

    // Later runs know it without the file, and find no work.
    let before = story.partners();
    let output = story.program(&["run", "--json"]);
    assert_eq!(ended(&output).0, Some(0));
    let report = json(&output);
    for entity in ["patient", "appointment"] {
        assert_eq!(
            (count(&report, entity, "written"), count(&report, entity, "updated")),
            (0, 0),
            "{entity}"
        );
    }
    assert_eq!(count(&report, "patient", "unchanged"), 4);
    assert_eq!(story.partners(), before);
    let output = story.program(&["duplicates"]);
    assert_eq!(ended(&output).0, Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("0 pairs proposed; 2 decided before"));

    // What is in Odoo already is not joined behind a person's back.
    let late = story.path("late.toml");
    fs::write(&late, "[[same]]\nstays = \"P-2\"\ngoes = [\"P-4\"]\n").unwrap();
    let (status, said) = ended(&story.program(&["run", "--json", "--decisions", late.to_str().unwrap()]));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("nothing was written") && said.contains("patient/P-4 for patient/P-2"), "{said}");
    assert_eq!(story.partners(), before);

    // Taken back, the other is a patient again.
    fs::write(&late, "[[undecided]]\nkeys = [\"P-1\", \"P-3\"]\n").unwrap();
    let output = story.program(&["run", "--json", "--decisions", late.to_str().unwrap()]);
    assert_eq!(ended(&output).0, Some(0));
    let partners = story.partners();
    assert_eq!(partners.len(), 5);
    assert_eq!(&story.patient_of("A-2"), of(&partners, "P-3").unwrap().get("id").unwrap());
}

#[test]
fn decisions_that_do_not_read_stop_the_run_before_anything() {
    let story = Story::new();
    let file = story.path("decisions.toml");
    fs::write(&file, "[[same]]\nstays = \"P-1\"\ngoes = [\"P-1\"]\n").unwrap();
    let (status, said) = ended(&story.program(&["run", "--decisions", file.to_str().unwrap()]));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("decisions.toml) (line 3)"), "{said}");
    let (status, said) = ended(&story.program(&["run", "--decisions", "/nowhere/decisions.toml"]));
    assert_eq!((status, said.contains("the decisions cannot be read")), (Some(1), true), "{said}");
    assert!(story.partners().is_empty());
}

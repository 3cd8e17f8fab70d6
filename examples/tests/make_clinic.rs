//! The program `make_clinic`, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use source_pulse::fixtures::{Expectation, Truth};

#[test]
fn an_export_and_its_truth_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("new").join("export");
    let output = run(
        &[
            "--patients",
            "30",
            "--appointments-per-patient",
            "3",
            "--campaign-touches",
            "20",
            "--seed",
            "9",
            "--dirt",
            "0.2",
        ],
        &out,
    );
    assert!(output.status.success(), "{output:?}");

    let truth: Truth = serde_json::from_slice(&fs::read(out.join("truth.json")).unwrap()).unwrap();
    assert_eq!((truth.source.as_ref(), truth.seed), ("pulse", 9));
    assert_eq!((truth.entities["patient"].rows, truth.entities["appointment"].rows), (30, 90));
    assert_eq!(truth.entities["campaign-touch"].rows, 20);
    assert!(truth.defects.iter().any(|planted| planted.expect == Expectation::Refused));
    for file in ["Patients.csv", "Appointments.csv", "Campaigns.csv", "Staff.csv"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 0, "{file}");
    }
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("30 records") && said.contains("90 records"), "{said}");
}

#[test]
fn a_folder_that_holds_files_ends_it_with_one() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Patients.csv"), "mine").unwrap();
    let output = run(&["--patients", "3"], dir.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("already holds files"));
    assert_eq!(fs::read_to_string(dir.path().join("Patients.csv")).unwrap(), "mine");
}

#[test]
fn a_folder_that_cannot_be_made_ends_it_with_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a-file");
    fs::write(&file, "").unwrap();
    let output = run(&["--patients", "3"], &file.join("export"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot write"));
}

#[test]
fn wrong_usage_ends_it_with_two() {
    let dir = tempfile::tempdir().unwrap();
    for wrong in [
        &[][..],
        &["--patients", "many"],
        &["--patients", "3", "--dirt", "1.5"],
        &["--patients", "3", "--appointments-per-patient", "4000"],
    ] {
        assert_eq!(run(wrong, dir.path()).status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_shipped_export_is_what_the_program_makes() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pulse-small");
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("export");
    assert!(run(&["--patients", "40", "--seed", "3", "--dirt", "0.15"], &made).status.success());
    for file in ["Patients.csv", "Appointments.csv", "Staff.csv", "truth.json"] {
        assert!(
            fs::read(shipped.join(file)).unwrap() == fs::read(made.join(file)).unwrap(),
            "{file} differs"
        );
    }
}

fn run(settings: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_make_clinic"))
        .args(["--source", "pulse"])
        .args(settings)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

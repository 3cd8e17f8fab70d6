//! What `pulse_to_odoo` says and leaves when it is given what it cannot use: folders, files, flags, journals, outputs.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use mapping_core::migration::Migration;
use odoo_rpc::client::{Client, Login};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use reconcile::journal::SqliteJournal;
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;
use support::{count, ended, into_sandbox, json, made_up, pulse_to_odoo, there};

#[test]
fn a_file_that_cannot_be_read_as_patients_is_told_with_its_place_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let binary: Vec<u8> =
        (0..4000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (bytes, told) in [
        (&b""[..], &["the file is empty; export it again", "Patients.csv"][..]),
        (&binary, &["the file is not text; export it as CSV", "Patients.csv"]),
        (
            b"Name,Mobile\nAsha Rao,1\n",
            &["'Patient ID', 'Patient Number'", "name the column", "line 1", "Patients.csv"],
        ),
        (b"Patient ID,Mobile\nP-1,1\n", &["no column for the patient's name", "line 1", "Patients.csv"]),
        (
            b"Patient ID,Name,Patient ID\nP-1,Asha Rao,P-2\n",
            &["columns 1 and 3 have the same name; rename", "Patients.csv"],
        ),
    ] {
        fs::write(folder.path().join("Patients.csv"), bytes).unwrap();
        refused(folder.path(), told);
    }
    // Mended, the same line goes through.
    fs::write(folder.path().join("Patients.csv"), "Patient ID,Name\nP-1,Asha Rao\n").unwrap();
    let output = kept(folder.path()).output().unwrap();
    assert_eq!(ended(&output).0, Some(0));
    assert_eq!(count(&json(&output), "patient", "written"), 1);
}

#[test]
fn a_folder_that_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, told) in [
        (
            folder.path().join("nowhere"),
            "the export cannot be read; give a folder, a zip archive or a workbook",
        ),
        (file, "the export cannot be read; give a folder, a zip archive or a workbook"),
        (
            folder.path().to_owned(),
            "the export has no Patients.csv, and no sheet of that name; give the folder",
        ),
    ] {
        refused(&path, &[told, &path.display().to_string()]);
    }
}

#[test]
fn a_column_missing_from_another_file_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Patients.csv"), "Patient ID,Name\nP-1,Asha Rao\n").unwrap();
    fs::write(folder.path().join("Appointments.csv"), "Patient ID,Time\nP-1,10:00\n").unwrap();
    refused(folder.path(), &["'Date', 'Appointment Date'", "Appointments.csv"]);
    fs::write(folder.path().join("Appointments.csv"), "Patient ID,Date\nP-1,31/12/2024\n").unwrap();
    fs::write(folder.path().join("Staff.csv"), "Role\nDoctor\n").unwrap();
    refused(folder.path(), &["'Name', 'Staff Name'", "Staff.csv"]);
    assert!(!folder.path().join("journal.sandbox").exists(), "the sandbox was never begun");
}

#[test]
fn a_flag_that_cannot_be_is_wrong_usage() {
    for (flags, told) in [
        (&["--nonsense"][..], "--nonsense"),
        (&["undo-all"], "undo-all"),
        (&["--zone", "Nowhere/Land"], "use one like Asia/Kolkata"),
        (&["--clinic", "North Street"], "small letters, digits and '-'"),
        (&["--calls-per-second", "-1"], "-1"),
        (&["--calls-per-second=-1"], "expected a number from 0.001 on"),
        (&["--calls-per-second", "1e-300"], "expected a number from 0.001 on"),
        (&["--calls-per-second", "NaN"], "expected a number from 0.001 on"),
        (&["--settle", "18446744073709551615"], "0..=86400"),
        (&["--seconds-per-call", "0"], "1..=60"),
        (&["--odoo", "https://clinic.example.org", "--login", "ops"], "--odoo needs --db NAME"),
        (&["--odoo", "https://clinic.example.org", "--db", "clinic"], "--odoo needs --login LOGIN"),
        (
            &["--odoo", "https://clinic.example.org", "--db", "clinic", "--login", "ops"],
            "set ODOO_API_KEY or ODOO_PASSWORD in the environment",
        ),
        (&["--db", "clinic"], "--db and --login go with --odoo URL"),
        (&["--odoo", "clinic", "--db", "clinic", "--login", "ops"], "a URL such as https://"),
        (
            &["--odoo", "http://clinic.example.org", "--db", "clinic", "--login", "ops"],
            "unencrypted: use https://",
        ),
        (
            &["--odoo", "https://ops:hunter2@clinic.example.org", "--db", "c", "--login", "ops"],
            "must not hold a user",
        ),
    ] {
        let output = pulse_to_odoo().args(flags).output().unwrap();
        let (status, said) = ended(&output);
        assert_eq!(status, Some(2), "{flags:?}: {said}");
        assert!(said.contains(told), "{flags:?}: {said}");
        assert!(!said.contains("hunter2"), "an address that holds a password is not repeated");
        assert!(output.stdout.is_empty(), "{flags:?}");
    }
    // An empty secret is none.
    let mut run = pulse_to_odoo();
    run.env("ODOO_API_KEY", "").args(["--odoo", "https://clinic.example.org", "--db", "c", "--login", "ops"]);
    let (status, said) = ended(&run.output().unwrap());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("Usage: pulse_to_odoo "), "{said}");
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let journal = folder.path().join("journal");
    for report in [file.join("report"), file] {
        let output =
            pulse_to_odoo().arg("--report").arg(&report).arg("--journal").arg(&journal).output().unwrap();
        let (status, said) = ended(&output);
        assert_eq!(status, Some(1), "{said}");
        assert!(
            said.contains(
                "the folder for the report cannot be written to; mend its rights, or name another one"
            ),
            "{said}"
        );
        assert!(said.contains(&report.display().to_string()), "{said}");
        assert!(!journal.exists(), "nothing was begun");
    }
}

#[test]
fn a_journal_that_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "these are notes, and long enough to be looked at\n".repeat(20)).unwrap();
    let held = folder.path().join("held");
    let _holding = SqliteJournal::open(&held).unwrap();
    for (journal, told) in [
        (folder.path().join("no-folder").join("journal"), "its folder does not exist; make it first"),
        (folder.path().to_owned(), "that is a folder; name a file in it"),
        (notes.clone(), "that file is no journal and was left as it is"),
        (held, "another process is at work with it; wait until that has ended"),
    ] {
        let output = pulse_to_odoo().arg("--journal").arg(&journal).output().unwrap();
        let (status, said) = ended(&output);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains(told) && said.contains("(file "), "{said}");
    }
    assert!(fs::read_to_string(notes).unwrap().starts_with("these are notes"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_of_another_migration_is_turned_away_and_stays_good_for_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (export, journal) = (folder.path().join("export"), folder.path().join("journal"));
    made_up(5, 1, 0.0, 1, &export);
    let (sandbox, other) = (Sandbox::new(Like::Odoo19), Sandbox::new(Like::Odoo19));
    let (served, serving) =
        (sandbox.serve("127.0.0.1:0").await.unwrap(), other.serve("127.0.0.1:0").await.unwrap());
    let [url, elsewhere] = [served.addr(), serving.addr()].map(|addr| format!("http://{addr}"));
    let run = |url: &str, clinic: &str| {
        into_sandbox(url, &export, &journal).args(["--clinic", clinic]).output().unwrap()
    };
    assert_eq!(ended(&run(&url, "north")).0, Some(0));
    for output in [run(&url, "south"), run(&elsewhere, "north")] {
        let (status, said) = ended(&output);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains("the journal is of another migration"), "{said}");
        assert!(said.contains("name that migration's own journal, or a new file"), "{said}");
    }
    assert_eq!((there(&sandbox, "south"), there(&other, "north")), ((0, 0), (0, 0)));
    let again = run(&url, "north");
    assert_eq!(ended(&again).0, Some(0));
    assert_eq!(count(&json(&again), "patient", "unchanged"), 5);
    // The same address, written otherwise, is the same migration.
    let again = run(&format!("HTTP://{}/", served.addr()), "north");
    assert_eq!(ended(&again).0, Some(0));
}

#[test]
fn who_reads_the_beginning_alone_gets_it_and_the_run_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    for json in [false, true] {
        let mut run = pulse_to_odoo();
        if json {
            run.arg("--json");
        }
        let mut run =
            run.arg("--journal").arg(&journal).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Nobody reads either of them.
        drop((run.stdout.take(), run.stderr.take()));
        assert_eq!(run.wait().unwrap().code(), Some(3), "some records are refused, and that is all");
    }
    let output = pulse_to_odoo().arg("--json").arg("--journal").arg(&journal).output().unwrap();
    assert_eq!((ended(&output).0, count(&json(&output), "patient", "unchanged")), (Some(3), 39));
}

#[cfg(target_os = "linux")]
#[test]
fn an_account_that_cannot_be_written_is_no_success() {
    let output =
        pulse_to_odoo().arg("--json").stdout(File::options().write(true).open("/dev/full").unwrap()).output();
    let (status, said) = ended(&output.unwrap());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("the migration is done, and its report could not be written"), "{said}");
}

#[tokio::test]
async fn a_mapping_that_fits_neither_source_nor_destination_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    made_up(3, 1, 0.0, 1, folder.path());
    let wrong = |what: &str, field: &str| {
        let options = PulseOptions::default().column("patient", field, what);
        PulseExport::open(folder.path(), options).unwrap_err().to_string()
    };
    let told = wrong("Handphone", "mobile");
    assert!(told.contains("'Handphone'") && told.contains("Patients.csv"), "{told}");
    assert!(wrong("City", "shoe_size").contains("use one of patient_id, name"));

    let pulse = PulseExport::open(folder.path(), PulseOptions::default()).unwrap();
    let sandbox = Sandbox::new(Like::Odoo19);
    let client =
        Client::over(sandbox.clone(), Login::new("sandbox", "admin", "admin")).connect().await.unwrap();
    let odoo = OdooWriter::new(client);
    let before = sandbox.count("res.partner");
    for (line, instead, told) in [
        (
            "x_studio_patient_id = \"patient_id\"",
            "shoe_size = \"patient_id\"",
            &["res.partner", "shoe_size"][..],
        ),
        ("x_studio_patient_id = \"patient_id\"", "x_studio_patient_id = \"shoe_size\"", &["shoe_size"]),
    ] {
        let text = source_pulse::mapping::ODOO_TOML.replacen(line, instead, 1);
        assert_ne!(text, source_pulse::mapping::ODOO_TOML, "the shipped mapping has no {line}");
        let spec = mapping_core::spec::mapping::MappingSpec::from_toml(&text).unwrap();
        let mapper = source_pulse::mapping::with_functions(spec.compiler(), pulse.zone()).compile();
        let journal = mapping_core::memory::journal::MemoryJournal::default();
        let error = match mapper {
            Ok(mapper) => Migration::new(&pulse, &mapper, &odoo, &journal).run().await.unwrap_err(),
            Err(error) => error,
        };
        let said = error.to_string();
        assert!(told.iter().all(|told| said.contains(told)), "{said}");
        assert_eq!(sandbox.count("res.partner"), before, "{said}");
    }
}

/// The program, told to move `export` into a sandbox that is kept in its folder.
fn kept(export: &Path) -> Command {
    let mut command = pulse_to_odoo();
    command.arg("--json").arg("--export").arg(export).arg("--journal").arg(export.join("journal"));
    command
}

/// Sees that the program ends with 1, says all of `told`, and prints nothing else.
fn refused(export: &Path, told: &[&str]) {
    let output = kept(export).output().unwrap();
    let (status, said) = ended(&output);
    assert_eq!(status, Some(1), "{said}");
    for told in told {
        assert!(said.contains(told), "no {told:?} in: {said}");
    }
    assert!(output.stdout.is_empty());
}

//! The program `pulse_to_odoo`, run as a user runs it, into the Odoo inside its process.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use odoo_rpc::sandbox::{Like, Sandbox};
use serde_json::Value as Json;
use source_pulse::fixtures::{
    Clinic, DateOrder, Defect, Delimiter, Dialect, Encoding, LineEnd, NameColumns, Shape, TRUTH_FILE, Truth,
};
use support::{count, ended, holds_to_the_truth, into_sandbox, json, made_up, pulse_to_odoo, there};

#[test]
fn without_any_argument_the_shipped_export_is_moved_and_told_to_a_person() {
    let began = Instant::now();
    let output = pulse_to_odoo().output().unwrap();
    let (status, said) = ended(&output);
    assert_eq!(status, Some(3), "the shipped export holds dirt: {said}");
    let account = String::from_utf8(output.stdout).unwrap();
    let row = |entity: &str| {
        let line = account.lines().find(|line| line.split_whitespace().next() == Some(entity)).unwrap();
        line.split_whitespace().skip(1).map(|number| number.parse().unwrap()).collect::<Vec<u64>>()
    };
    let truth = shipped_truth();
    for (entity, made) in &truth.entities {
        let row = row(entity);
        assert_eq!(row[0], row[1..5].iter().sum::<u64>(), "{entity}: {account}");
        assert_eq!(row[4], made.refused, "{entity}: {account}");
    }
    assert_eq!(row("patient")[1], truth.entities["patient"].good);
    assert_eq!(row("appointment")[1], truth.entities["appointment"].good);
    assert!(account.contains("an Odoo 19 inside this process"), "{account}");
    assert!(account.contains("patient/?: the patient has no id; give it one at the source"), "{account}");
    assert!(account.contains("and 5 more (--report DIR or --json lists all)"), "{account}");
    println!("the default run took {:.2} s", began.elapsed().as_secs_f64());
}

#[test]
fn every_defect_of_the_shipped_export_is_found() {
    let output = pulse_to_odoo().arg("--json").output().unwrap();
    assert_eq!(ended(&output).0, Some(3));
    holds_to_the_truth(&json(&output), &shipped_truth());
}

/// Forty kinds and more, in everything a clinic has: what is to be refused is refused, what is to be flagged arrives, and the counts add up.
#[test]
fn dirt_of_every_kind_is_handled_as_the_truth_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for (seed, shape, dialect) in [
        (1, Shape::new(), Dialect::new().totals_row(true).preamble_lines(2)),
        (2, Shape::new().appointment_ids(false), Dialect::new().repeated_header(true)),
        (
            3,
            Shape::new().names(NameColumns::Split),
            Dialect::new().encoding(Encoding::Utf16Le).delimiter(Delimiter::Tab),
        ),
    ] {
        let export = folder.path().join(format!("{seed}"));
        let clinic =
            Clinic::new(200).everything().dirt(0.3).all_kinds(true).seed(seed).shape(shape).dialect(dialect);
        let truth = clinic.write_to(&export).unwrap();
        let output = pulse_to_odoo().arg("--json").arg("--export").arg(&export).output().unwrap();
        assert_eq!(ended(&output).0, Some(3));
        holds_to_the_truth(&json(&output), &truth);
        kinds.extend(truth.defects.iter().map(|planted| planted.kind));
    }
    assert_eq!(kinds.len(), Defect::ALL.len(), "every kind was among them");
}

#[test]
fn the_doctor_looks_at_the_server_first_and_says_so_in_two_ways() {
    let output = pulse_to_odoo().arg("doctor").output().unwrap();
    assert_eq!(ended(&output).0, Some(0));
    let account = String::from_utf8(output.stdout).unwrap();
    assert!(account.contains("nothing is in the way") && account.contains("nothing written"), "{account}");

    let output = pulse_to_odoo().args(["doctor", "--json"]).output().unwrap();
    let report = json(&output);
    assert_eq!(members(&report), ["facts", "findings"]);
    let models: Vec<_> =
        report["facts"]["models"].as_array().unwrap().iter().map(|model| &model["name"]).collect();
    assert!(
        models.iter().any(|name| *name == "res.partner")
            && models.iter().any(|name| *name == "mail.activity")
    );

    // Nobody listens there.
    let mut away = pulse_to_odoo();
    away.args(["doctor", "--json", "--odoo", "http://127.0.0.1:9", "--db", "clinic", "--login", "ops"]);
    let output = away.env("ODOO_PASSWORD", "canary-7f3a").output().unwrap();
    let (status, said) = ended(&output);
    assert_eq!(status, Some(1), "{said}");
    let report = json(&output);
    assert_eq!((&report["facts"], &report["findings"][0]["severity"]), (&Json::Null, &"problem".into()));
    assert!(!report.to_string().contains("canary"));
}

#[test]
fn json_is_one_document_of_the_agreed_form_and_nothing_else() {
    let output = pulse_to_odoo().args(["--json", "run"]).output().unwrap();
    // Fails where anything stands before or behind it.
    let report = json(&output);
    assert_eq!(
        members(&report),
        ["calls", "entities", "flags", "left_out", "made", "recovered", "refusals", "seconds"]
    );
    assert_eq!(
        members(&report["entities"]),
        [
            "appointment",
            "appointment-status",
            "bill",
            "campaign-touch",
            "chat",
            "clinical-note",
            "patient",
            "prescription",
            "staff"
        ]
    );
    for counts in report["entities"].as_object().unwrap().values() {
        assert_eq!(members(counts), ["flags", "read", "refused", "unchanged", "updated", "written"]);
        assert!(counts.as_object().unwrap().values().all(Json::is_u64));
    }
    let refusals = report["refusals"].as_array().unwrap();
    assert_eq!(
        refusals.len() as u64,
        count(&report, "patient", "refused") + count(&report, "appointment", "refused")
    );
    for refusal in refusals {
        assert_eq!(members(refusal), ["entity", "field", "file", "key", "line", "reason"]);
        assert!(refusal["line"].is_u64() && refusal["reason"].is_string(), "{refusal}");
    }
    for flag in report["flags"].as_array().unwrap() {
        assert_eq!(members(flag), ["entity", "field", "file", "key", "kind", "line", "message"]);
    }
    assert!(report["calls"].as_u64().unwrap() > 10 && report["seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_report_is_four_files_for_their_owner_without_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new").join("report");
    let output = pulse_to_odoo().arg("--report").arg(&dir).output().unwrap();
    assert_eq!(ended(&output).0, Some(3));
    let names: BTreeSet<String> =
        fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(
        names.iter().map(String::as_str).collect::<Vec<_>>(),
        ["flags.csv", "refused.csv", "report.json", "report.txt"]
    );
    let values = values_of(&shipped());
    assert!(values.len() > 150, "{}", values.len());
    for name in names {
        let path = dir.join(&name);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.lines().count() > 1 || text.len() > 1000, "{name}: {text}");
        for value in &values {
            assert!(!text.contains(value), "{name} holds a value of {} letters", value.len());
        }
    }
    let truth = shipped_truth();
    let refused: u64 = truth.entities.values().map(|made| made.refused).sum();
    let lines = fs::read_to_string(dir.join("refused.csv")).unwrap().lines().count() as u64;
    assert_eq!(lines, refused + 1);
    holds_to_the_truth(&serde_json::from_slice(&fs::read(dir.join("report.json")).unwrap()).unwrap(), &truth);
    let (told, kept) =
        (String::from_utf8(output.stdout).unwrap(), fs::read_to_string(dir.join("report.txt")).unwrap());
    assert!(told.ends_with(&kept), "report.txt is what a person was told: {kept}");
}

#[test]
fn a_clean_export_ends_with_0_and_a_second_run_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    made_up(12, 3, 0.0, 4, &export);
    let first = moved(folder.path(), &export, 0);
    assert_eq!((count(&first, "patient", "written"), count(&first, "appointment", "written")), (12, 36));
    let kept = rows(folder.path());
    let second = moved(folder.path(), &export, 0);
    for entity in ["staff", "appointment-status", "patient", "appointment"] {
        assert_eq!(count(&second, entity, "unchanged"), count(&second, entity, "read"), "{entity}");
        assert_eq!(count(&second, entity, "read"), count(&first, entity, "read"), "{entity}");
    }
    assert!(rows(folder.path()) == kept, "the second run changed something");
}

#[test]
fn what_changed_is_updated_and_what_is_new_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    made_up(8, 2, 0.0, 4, &export);
    moved(folder.path(), &export, 0);

    let file = export.join("Patients.csv");
    let text = fs::read_to_string(&file).unwrap();
    let id = text.lines().find_map(|line| line.strip_prefix("P-0003,")).unwrap();
    let name = id.split(',').next().unwrap();
    let text = text.replacen(&format!("P-0003,{name}"), "P-0003,Asha Anew", 1);
    fs::write(&file, &text).unwrap();
    let changed = moved(folder.path(), &export, 0);
    let counts =
        |report: &Json| ["written", "updated", "unchanged"].map(|what| count(report, "patient", what));
    assert_eq!(counts(&changed), [0, 1, 7]);
    assert_eq!(
        (count(&changed, "appointment", "unchanged"), count(&changed, "appointment", "read")),
        (16, 16)
    );

    fs::write(&file, format!("{}\nP-0900,Ravi Extra\n", text.trim_end())).unwrap();
    let added = moved(folder.path(), &export, 0);
    assert_eq!(counts(&added), [1, 0, 8]);
    let names: BTreeSet<String> = partners(folder.path());
    assert!(
        names.contains("Asha Anew") && names.contains("Ravi Extra") && !names.contains(name),
        "{names:?}"
    );
}

#[test]
fn every_shape_is_moved_and_recognised() {
    for (ids, names) in [(true, NameColumns::Split), (false, NameColumns::Whole), (false, NameColumns::Split)]
    {
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("export");
        let shape = Shape::new().appointment_ids(ids).names(names);
        let clinic = Clinic::new(20).appointments_per_patient(3).dirt(0.2).seed(3).shape(shape.clone());
        let truth = clinic.write_to(&export).unwrap();
        let first = moved(folder.path(), &export, 3);
        holds_to_the_truth(&first, &truth);
        let second = moved(folder.path(), &export, 3);
        for entity in ["patient", "appointment"] {
            assert_eq!(
                count(&second, entity, "unchanged"),
                count(&first, entity, "written"),
                "{entity} {shape:?}"
            );
            assert!(count(&first, entity, "written") > 0);
        }
    }
}

#[test]
fn every_dialect_is_moved() {
    let plain = Dialect::new();
    for dialect in [
        plain.clone().encoding(Encoding::Utf16Le).line_end(LineEnd::CrLf).delimiter(Delimiter::Tab),
        plain.clone().encoding(Encoding::Windows1252).delimiter(Delimiter::Semicolon),
        plain.clone().encoding(Encoding::Utf8Bom).apostrophes(true).dates(DateOrder::MonthFirst),
        plain.clone().preamble_lines(2).totals_row(true).repeated_header(true),
        plain.dates(DateOrder::Iso).totals_row(true).delimiter(Delimiter::Semicolon),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let clinic = Clinic::new(24).appointments_per_patient(2).dialect(dialect.clone());
        let truth = clinic.write_to(folder.path()).unwrap();
        let output = pulse_to_odoo().args(["--json", "--export"]).arg(folder.path()).output().unwrap();
        let (status, said) = ended(&output);
        assert_eq!(status, Some(0), "{dialect:?}: {said}");
        let report = json(&output);
        holds_to_the_truth(&report, &truth);
        assert_eq!(count(&report, "patient", "written"), 24, "{dialect:?}");
        assert_eq!(count(&report, "appointment", "written"), 48, "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clinics_with_the_same_ids_share_one_odoo() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odoo");
    let sandbox = Sandbox::open(&file, Like::Odoo19).unwrap();
    let served = sandbox.serve("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", served.addr());
    let clinics = [("north", 9), ("south", 7)];
    for (clinic, patients) in clinics {
        made_up(patients, 2, 0.0, u64::from(patients), &folder.path().join(clinic));
    }
    for what in ["written", "unchanged"] {
        for (clinic, patients) in clinics {
            let (export, journal) =
                (folder.path().join(clinic), folder.path().join(format!("{clinic}.journal")));
            let output = into_sandbox(&url, &export, &journal).args(["--clinic", clinic]).output().unwrap();
            let (status, said) = ended(&output);
            assert_eq!(status, Some(0), "{said}");
            assert_eq!(count(&json(&output), "patient", what), u64::from(patients), "{clinic} {what}");
        }
    }
    served.shutdown().await;
    drop(sandbox);
    let sandbox = Sandbox::open(&file, Like::Odoo19).unwrap();
    // Two appointments of each, and a message for every fourth.
    assert_eq!((there(&sandbox, "north"), there(&sandbox, "south")), ((9, 18 + 3), (7, 14 + 2)));
}

/// Moves `export` into the sandbox that is kept in `folder`.
fn moved(folder: &Path, export: &Path, status: i32) -> Json {
    let mut run = pulse_to_odoo();
    let output =
        run.arg("--json").arg("--export").arg(export).arg("--journal").arg(folder.join("journal")).output();
    let output = output.unwrap();
    let (ended, said) = ended(&output);
    assert_eq!(ended, Some(status), "{said}");
    json(&output)
}

fn kept(folder: &Path) -> Sandbox {
    Sandbox::open(folder.join("journal.sandbox"), Like::Odoo19).unwrap()
}

/// All that the kept sandbox holds of the clinic.
fn rows(folder: &Path) -> Vec<odoo_rpc::wire::Struct> {
    let sandbox = kept(folder);
    ["res.partner", "mail.activity", "mail.message"]
        .into_iter()
        .flat_map(|model| sandbox.rows(model))
        .collect()
}

fn partners(folder: &Path) -> BTreeSet<String> {
    let rows = kept(folder).rows("res.partner");
    rows.iter().filter_map(|row| row.get("name")?.as_text().map(str::to_owned)).collect()
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pulse-small")
}

fn shipped_truth() -> Truth {
    serde_json::from_slice(&fs::read(shipped().join(TRUTH_FILE)).unwrap()).unwrap()
}

fn members(object: &Json) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Names, phones, e-mail addresses, addresses and findings of an export's patients, and notes of its appointments.
fn values_of(export: &Path) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for (file, columns) in [
        (
            "Patients.csv",
            &["Patient Name", "Mobile Number", "Email", "Address", "Allergy Notes", "Medical History"][..],
        ),
        ("Appointments.csv", &["Patient Name", "Notes"]),
    ] {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(export.join(file)).unwrap();
        let places: Vec<usize> = {
            let header = reader.headers().unwrap();
            columns.iter().map(|column| header.iter().position(|cell| cell == *column).unwrap()).collect()
        };
        for row in reader.records() {
            let row = row.unwrap();
            let cells = places.iter().filter_map(|place| row.get(*place));
            values.extend(cells.filter(|cell| cell.len() > 4).map(str::to_owned));
        }
    }
    // The header once more among the rows.
    for column in
        ["Patient Name", "Mobile Number", "Email", "Address", "Allergy Notes", "Medical History", "Notes"]
    {
        values.remove(column);
    }
    values
}

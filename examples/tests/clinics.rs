//! What the account's clinics become in Odoo: a tag, or a company; and what is told beside the records.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use mapping_core::draft::Lookup;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::migration::Migration;
use odoo_rpc::client::{Client, Login};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Like, Sandbox};
use odoo_rpc::wire::{Struct, Value as Wire};
use source_pulse::export::PulseExport;
use source_pulse::mapping::{Choices, Clinics, odoo_mapper_of};
use source_pulse::options::PulseOptions;
use support::{ended, json, pulse_to_odoo};

fn clinic(dir: &Path) -> PulseExport {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    write(
        "Patients.csv",
        "Patient ID,Name,Email,Clinic\nP-1,Asha Rao,asha@example.org,North Street\nP-2,Meera Iyer,,NORTH street\nP-3,Ravi Nair,,Lake View\nP-4,Jo Day,,\n",
    );
    write(
        "Appointments.csv",
        "Appointment ID,Patient ID,Date,Type,Clinic\nA-1,P-1,31/12/2024,Consultation,Lake View\n",
    );
    write("Clinics.csv", "Clinic ID,Name,Phone,Email\nC1,North Street,98765 43210,north@example.org\n");
    PulseExport::open(dir, PulseOptions::default().clinic_records(true)).unwrap()
}

async fn migrate(pulse: &PulseExport, clinics: Clinics, sandbox: &Sandbox, journal: &MemoryJournal) -> u64 {
    let mapper = odoo_mapper_of(Choices::default().clinics(clinics), pulse.zone()).unwrap();
    let client = Client::over(sandbox.clone(), Login::new(DATABASE, LOGIN, API_KEY)).connect().await.unwrap();
    let odoo = OdooWriter::new(client).settle(Duration::ZERO);
    let migration = Migration::new(pulse, &mapper, &odoo, journal);
    let report = migration.fallback(Lookup::new("res.users", "login", LOGIN)).run().await.unwrap();
    assert_eq!(report.refused(), 0, "{report}");
    report.phases.iter().map(|(_, counts)| counts.written + counts.updated).sum()
}

fn id(row: &Struct) -> i64 {
    row.get("id").and_then(Wire::as_int).unwrap()
}

fn row<'a>(rows: &'a [Struct], field: &str, text: &str) -> &'a Struct {
    rows.iter().find(|row| row.get(field).and_then(Wire::as_text) == Some(text)).unwrap()
}

/// The tags of a patient.
fn tags(rows: &[Struct], patient: &str) -> BTreeSet<i64> {
    let tags = row(rows, "x_studio_patient_id", patient).get("category_id").and_then(Wire::as_array);
    tags.unwrap_or_default().iter().filter_map(Wire::as_int).collect()
}

#[tokio::test]
async fn a_clinic_is_a_tag_that_its_patients_share_and_one_that_is_there_is_used() {
    let dir = tempfile::tempdir().unwrap();
    let (pulse, sandbox, journal) =
        (clinic(dir.path()), Sandbox::new(Like::Odoo19), MemoryJournal::default());
    let client = Client::over(sandbox.clone(), Login::new(DATABASE, LOGIN, API_KEY)).connect().await.unwrap();
    let there =
        client.create("res.partner.category", vec![Struct::new().with("name", "lake view")]).await.unwrap();
    let before = sandbox.count("res.partner.category");
    assert!(migrate(&pulse, Clinics::Tag, &sandbox, &journal).await > 0);
    assert_eq!(sandbox.count("res.partner.category"), before + 1);
    let partners = sandbox.rows("res.partner");
    let north = id(row(&sandbox.rows("res.partner.category"), "name", "North Street"));
    assert_eq!(tags(&partners, "P-1"), BTreeSet::from([north]));
    assert_eq!(tags(&partners, "P-2"), BTreeSet::from([north]));
    assert_eq!(tags(&partners, "P-3"), there.into_iter().collect());
    assert_eq!(tags(&partners, "P-4"), BTreeSet::new());
    // As it was written it stays too.
    let written = row(&partners, "x_studio_patient_id", "P-2").get("x_studio_clinic");
    assert_eq!(written.and_then(Wire::as_text), Some("NORTH street"));
    assert_eq!(migrate(&pulse, Clinics::Tag, &sandbox, &journal).await, 0, "a second run has nothing to do");
}

#[tokio::test]
async fn a_clinic_is_a_company_that_patients_and_appointments_are_linked_to_and_not_their_parent() {
    let dir = tempfile::tempdir().unwrap();
    let (pulse, sandbox, journal) =
        (clinic(dir.path()), Sandbox::new(Like::Odoo19), MemoryJournal::default());
    assert!(migrate(&pulse, Clinics::Company, &sandbox, &journal).await > 0);
    let partners = sandbox.rows("res.partner");
    let (north, lake) = (row(&partners, "name", "North Street"), row(&partners, "name", "Lake View"));
    for company in [north, lake] {
        assert_eq!(company.get("is_company").and_then(Wire::as_bool), Some(true));
    }
    assert_eq!(north.get("phone").and_then(Wire::as_text), Some("98765 43210"));
    let linked = |patient: &str| {
        let row = row(&partners, "x_studio_patient_id", patient);
        assert!(row.get("parent_id").is_none_or(Wire::is_unset), "{patient}");
        row.get("x_studio_clinic_id").and_then(Wire::as_int)
    };
    assert_eq!((linked("P-1"), linked("P-2")), (Some(id(north)), Some(id(north))));
    assert_eq!((linked("P-3"), linked("P-4")), (Some(id(lake)), None));
    // What the clinic has is not the patient's.
    assert_eq!(
        row(&partners, "x_studio_patient_id", "P-1").get("email").and_then(Wire::as_text),
        Some("asha@example.org")
    );
    assert!(row(&partners, "x_studio_patient_id", "P-2").get("email").is_none_or(Wire::is_unset));
    let activities = sandbox.rows("mail.activity");
    let visit = row(&activities, "x_studio_appointment_id", "A-1");
    assert_eq!(visit.get("x_studio_clinic_id").and_then(Wire::as_int), Some(id(lake)));
    assert_eq!(
        migrate(&pulse, Clinics::Company, &sandbox, &journal).await,
        0,
        "a second run has nothing to do"
    );
}

#[test]
fn the_command_tells_what_to_rebuild_in_files_of_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(clinic(dir.path()));
    fs::write(dir.path().join("Rules.csv"), "Name,When,Then\n<script>x</script>,[a](b),wait\n").unwrap();
    fs::write(dir.path().join("Stock.csv"), "Item,Count\nGloves,12\n").unwrap();
    let out = dir.path().join("out");
    let output = pulse_to_odoo()
        .args(["reference", "--out"])
        .arg(&out)
        .arg("--export")
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(ended(&output), (Some(0), String::new()));
    let text = fs::read_to_string(out.join("reference.md")).unwrap();
    assert!(text.contains("- [ ] **&lt;script&gt;x&lt;/script&gt;** (Rules.csv line 2)"), "{text}");
    assert!(text.contains("- [ ] **Stock.csv**, 1 rows") && text.contains(r"when: \[a\](b)"), "{text}");
    let saved: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("reference.json")).unwrap()).unwrap();
    #[cfg(unix)]
    for file in ["reference.md", "reference.json"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(out.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let printed = pulse_to_odoo().args(["reference", "--export"]).arg(dir.path()).output().unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), text);
    let printed = pulse_to_odoo().args(["reference", "--json", "--export"]).arg(dir.path()).output().unwrap();
    assert_eq!(json(&printed), saved);
    assert_eq!(saved["items"][0]["trigger"], "[a](b)", "JSON holds what is written");
}

#[test]
fn the_audit_counts_files_that_nothing_names_and_names_them_where_asked_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(clinic(dir.path()));
    fs::create_dir(dir.path().join("files")).unwrap();
    fs::write(dir.path().join("files/Asha Rao.pdf"), "x").unwrap();
    fs::write(dir.path().join("note.md"), "x").unwrap();
    let audit = |more: &[&str]| {
        let mut command = pulse_to_odoo();
        command.args(["audit", "--json", "--export"]).arg(dir.path()).args(more);
        command.output().unwrap()
    };
    let report = json(&audit(&[]));
    let unused: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["kind"] == "unused-file")
        .map(|finding| (finding["severity"].as_str().unwrap(), finding["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(unused, [("look", 1), ("note", 1)]);
    assert!(!report.to_string().contains("Asha"), "{report}");
    assert_eq!(audit(&["--file-names"]).status.code(), Some(2), "names go to a file alone");
    let out = dir.path().join("found.json");
    let output = audit(&["--file-names", "--out", out.to_str().unwrap()]);
    assert!(output.stdout.is_empty());
    let found = fs::read_to_string(&out).unwrap();
    assert!(found.contains("Asha Rao.pdf") && found.contains("note.md"), "{found}");
}

//! The calls between the start of a migration and its first row: at one a second each of them is a second.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::draft::{Draft, Link, Lookup, Missing};
use mapping_core::error::Error;
use mapping_core::mapper::{RecordMapper, mapper_fn};
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::migration::report::RunReport;
use mapping_core::record::Record;
use mapping_core::schema::{Choice, FieldKind, FieldNeed, ModelNeed, Needs};
use mapping_core::source::Entity;
use mapping_core::value::ValueKind;
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use sandboxed::{BOTH, is_json2, source, writer_over};

/// As the shipped mapping: a model of one's own, fields on contacts with a page, fields on activities.
fn needs() -> Needs {
    let groups = ["A+", "O-"].map(|text| Choice { value: text.into(), label: text.into() });
    let personal =
        |name, kind| FieldNeed::new("res.partner", name, kind, name).on_page("Personal Information");
    let activity = |name, kind| FieldNeed::new("mail.activity", name, kind, name);
    Needs::new()
        .model(ModelNeed::new("x_appointment_stage", "Appointment Stage"))
        .field(FieldNeed::new("x_appointment_stage", "x_name", FieldKind::Line, "Name"))
        .field(FieldNeed::new("x_appointment_stage", "x_sequence", FieldKind::Integer, "Sequence"))
        .uses("res.partner", "name")
        .field(personal("x_patient_id", FieldKind::Line))
        .field(personal("x_date_of_birth", FieldKind::Date))
        .field(personal("x_registered_on", FieldKind::Instant))
        .field(personal("x_history", FieldKind::Text))
        .field(personal("x_blood_group", FieldKind::Choice(groups.to_vec())))
        .uses("mail.activity", "res_model_id")
        .field(activity("x_duration", FieldKind::Integer))
        .field(activity("x_stage_id", FieldKind::Link("x_appointment_stage".into())))
}

fn mapper() -> impl RecordMapper {
    mapper_fn(needs(), |record: &Record| {
        let key = record.key().clone();
        Ok(match record.key().entity().as_str() {
            "staff" => {
                let user = Lookup::new("res.users", "email", record.value("email").clone());
                Draft::matching(user.folded().or(Missing::Fallback), key).into()
            }
            "stage" => {
                Draft::new("x_appointment_stage", key).with("x_name", record.value("name").clone()).into()
            }
            "patient" => {
                let patient = Draft::new("res.partner", key).with("x_blood_group", "O-");
                patient
                    .with("name", record.value("name").clone())
                    .with("x_patient_id", &*record.key().id().clone())
                    .into()
            }
            "visit" => Draft::new("mail.activity", key)
                .with("res_model_id", Lookup::new("ir.model", "model", "res.partner"))
                .with("res_id", Link::to("patient", "P-1"))
                .with("x_stage_id", Link::to("stage", "S-1"))
                .into(),
            other => return Err(Error::refused(format!("no {other}"))),
        })
    })
}

fn clinic() -> MemorySource {
    MemorySource::new(source())
        .entity(Entity::new("staff").field("email", ValueKind::Text))
        .entity(Entity::new("stage").field("name", ValueKind::Text))
        .entity(Entity::new("patient").field("name", ValueKind::Text))
        .entity(Entity::new("visit").link("patient", "patient").link("stage", "stage"))
        .record(Record::new("staff", "D-1").with("email", "dr.rao@example.org"))
        .record(Record::new("stage", "S-1").with("name", "Booked"))
        .record(Record::new("patient", "P-1").with("name", "Asha Rao"))
        .record(Record::new("visit", "V-1").with("patient", "P-1").with("stage", "S-1"))
}

async fn run(writer: &OdooWriter, journal: &MemoryJournal) -> RunReport {
    let (clinic, mapper) = (clinic(), mapper());
    let fallback = Lookup::new("res.users", "login", "admin").folded();
    Migration::new(&clinic, &mapper, writer, journal).fallback(fallback).run().await.unwrap()
}

/// The calls since the log had `since` lines.
fn made(sandbox: &Sandbox, since: usize) -> Vec<String> {
    let call = |seen: &odoo_rpc::sandbox::Seen| format!("{} {}", seen.model, seen.method);
    sandbox.log()[since..].iter().map(call).collect()
}

/// The calls of logging in, and those that follow.
fn after_login(calls: &[&'static str]) -> Vec<&'static str> {
    let login = match is_json2() {
        true => &["common version", "res.users context_get", "res.users read"][..],
        false => &["common version", "common authenticate"],
    };
    [login, calls].concat()
}

/// From the first line of `calls` up to the first `create` of a stage: the probe is a contact that is refused.
fn before_rows(calls: &[String]) -> Vec<&str> {
    let first = calls.iter().position(|call| call == "x_appointment_stage create").unwrap_or(calls.len());
    calls[..first].iter().map(String::as_str).collect()
}

#[tokio::test(start_paused = true)]
async fn a_fresh_odoo_is_asked_no_more_than_it_takes() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let journal = MemoryJournal::default();
        let report = run(&writer, &journal).await;
        assert_eq!(report.refused(), 0, "{report}");
        let calls = made(&sandbox, 0);
        let expected = after_login(&[
            // The plan.
            "x_appointment_stage fields_get",
            "res.partner fields_get",
            "mail.activity fields_get",
            "ir.ui.view search_read",
            // The fallback, and the staff.
            "res.users search_read",
            "res.users search_read",
            // What is made.
            "ir.model.data search_read",
            "ir.model create",
            "ir.model search_read",
            "ir.model.fields create",
            "ir.model.fields search_read",
            "ir.ui.view create",
            "ir.ui.view search_read",
            "res.partner create",
        ]);
        assert_eq!(before_rows(&calls), expected, "{like:?}");
        let rows = ["x_appointment_stage create", "res.partner create", "mail.activity create"];
        assert_eq!(calls[expected.len()..], rows, "a model's id is known: {like:?}");

        let since = sandbox.log().len();
        let again = run(&writer_over(sandbox.clone()).await, &journal).await;
        assert_eq!(again.counts("patient").unchanged, 1);
        let calls = made(&sandbox, since);
        let expected = after_login(&[
            "x_appointment_stage fields_get",
            "res.partner fields_get",
            "mail.activity fields_get",
            "ir.ui.view search_read",
            "res.users search_read",
            "res.users search_read",
        ]);
        assert_eq!(calls[..expected.len()], expected, "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_made_fields_is_what_the_server_says_of_them() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let (writer, other) = (writer_over(sandbox.clone()).await, writer_over(sandbox.clone()).await);
        let plan = writer.plan(&needs()).await.unwrap();
        writer.apply(&plan).await.unwrap();
        for model in ["x_appointment_stage", "res.partner", "mail.activity"] {
            let since = sandbox.log().len();
            let known = writer.describe(&model.into()).await.unwrap();
            assert_eq!(sandbox.log().len(), since, "{model} is known");
            let said = other.describe(&model.into()).await.unwrap();
            assert!(known.is_some());
            assert_eq!(known, said, "{model} on {like:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_planned_long_ago_is_asked_for_again() {
    let sandbox = Sandbox::new(Like::Odoo19);
    let (writer, other) = (writer_over(sandbox.clone()).await, writer_over(sandbox.clone()).await);
    let plan = writer.plan(&needs()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    other.apply(&plan).await.unwrap();
    let since = sandbox.log().len();
    assert_eq!(writer.apply(&plan).await.unwrap(), [], "another program made it");
    assert!(made(&sandbox, since).iter().all(|call| !call.ends_with(" create")));
}

//! The calls between the start of a migration and its first row: at one a second each of them is a second.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::draft::{Draft, DraftValue, Lookup, Missing};
use mapping_core::error::Error;
use mapping_core::key::DraftKey;
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
use sandboxed::{BOTH, source, writer_over};

/// As the shipped mapping: a model of one's own, fields on contacts with a page, fields on activities.
fn needs() -> Needs {
    let groups = ["A+", "O-"].map(|text| Choice { value: text.into(), label: text.into() });
    let personal = |name, kind| FieldNeed::new("res.partner", name, kind, name).on_page("Personal Information");
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
        Ok(match record.entity().as_str() {
            "staff" => {
                let user = Lookup::new("res.users", "email", record.value("email").clone());
                Draft::matching(user.folded().or(Missing::Fallback), key).into()
            }
            "stage" => {
                Draft::new("x_appointment_stage", key).with("x_name", record.value("name").clone()).into()
            }
            "patient" => {
                let patient = Draft::new("res.partner", key.clone()).with("x_blood_group", "O-");
                patient.with("name", record.value("name").clone()).with("x_patient_id", key.id()).into()
            }
            "visit" => {
                let link = |entity: &str, id: &str| DraftValue::link(DraftKey::from((entity, id)));
                Draft::new("mail.activity", key)
                    .with("res_model_id", Lookup::new("ir.model", "model", "res.partner"))
                    .with("res_id", link("patient", "P-1"))
                    .with("x_stage_id", link("stage", "S-1"))
                    .into()
            }
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

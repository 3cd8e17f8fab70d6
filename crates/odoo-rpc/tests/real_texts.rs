//! Texts as files, by a mapping wholly in data, on real servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use std::fs;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use mapping_core::destination::DestinationWriter;
use mapping_core::identity::SourceId;
use mapping_core::journal::{Entry, Journal};
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::receipt::{Receipt, SchemaReceipt};
use mapping_core::record::Record;
use mapping_core::source::Entity;
use mapping_core::spec::mapping::MappingSpec;
use mapping_core::value::{FileHandle, ValueKind};
use odoo_rpc::client::{Domain, SearchOptions};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::wire::{Struct, Value};
use servers::{Server, fresh, quietly};
use sha1::{Digest, Sha1};

#[tokio::test]
async fn a_text_is_a_file_on_its_patient_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, texts(&server)).await;
    }
}

#[tokio::test]
async fn a_text_is_a_file_on_its_patient_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, texts(&server)).await;
    }
}

const MAPPING: &str = r#"
version = 1

[[draft]]
entity = "patient"
model = "res.partner"

[draft.fields]
name = "name"

[[draft]]
entity = "document"
model = "ir.attachment"

[draft.fields]
res_model = { constant = "res.partner" }
res_id = { link = "patient", from = "patient_id", required = true }

[draft.fields.datas]
file = { first_of = ["scan", { lines = [{ label = "Physician", value = "physician" }, "text"] }] }
name = { template = "{kind}[ {physician}]" }
required = true
"#;

const PATIENTS: usize = 3;
const CHAT: &str = "Asha: क्या यह टूटा है?\nDr. Rao: <b>No</b> fracture & no \u{1F9B4}\0.";

fn clinic(run: &str, scan: &FileHandle, chat: &str) -> MemorySource {
    let mut clinic = MemorySource::new(SourceId::new("texts", run).unwrap())
        .entity(Entity::new("patient").field("name", ValueKind::Text))
        .entity(
            Entity::new("document")
                .link("patient_id", "patient")
                .field("kind", ValueKind::Text)
                .field("physician", ValueKind::Text)
                .field("text", ValueKind::Text)
                .field("scan", ValueKind::File),
        );
    for n in 0..PATIENTS {
        let patient = format!("P-{n}");
        let document = |id: &str, kind: &str| {
            Record::new("document", format!("{id}-{n}"))
                .with("patient_id", patient.as_str())
                .with("kind", kind)
        };
        let text = if n == 1 { chat } else { CHAT };
        clinic = clinic
            .record(Record::new("patient", patient.as_str()).with("name", format!("Asha {n} {run}")))
            .record(document("C", "बातचीत: 04/03").with("text", text))
            .record(document("R", "Rx").with("physician", "Dr. राव").with("text", format!("Amoxicillin {n}")))
            .record(document("S", "Scan").with("scan", scan.clone()).with("text", "not this"));
    }
    clinic
}

async fn texts(server: &Server) {
    let client = server.client().await;
    let writer = &OdooWriter::new(client.clone()).settle(Duration::from_secs(5));
    let (before, run, journal) = (server.trace(), fresh("run"), MemoryJournal::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("17.pdf");
    fs::write(&path, b"%PDF-1.4\n%\xff\n").unwrap();
    let scan = FileHandle::look(path, "17.pdf").unwrap();
    let mapper = MappingSpec::from_toml(MAPPING).unwrap().compile().unwrap();
    let migrate = async |chat: &str| {
        let began = client.calls();
        let clinic = clinic(&run, &scan, chat);
        let report = Migration::new(&clinic, &mapper, writer, &journal).run().await.unwrap();
        assert_eq!(report.refused(), 0, "{report}");
        (report.counts("document"), client.calls() - began)
    };
    let (first, calls) = migrate(CHAT).await;
    assert_eq!(first.written, 3 * PATIENTS as u64);
    let patients = Domain::field("name").ilike(&run);
    let patients = client.search("res.partner", patients, SearchOptions::new().order("id")).await.unwrap();
    assert_eq!(patients.len(), PATIENTS);
    let stored = async || {
        let of =
            Domain::field("res_id").is_in(patients.clone()).and(Domain::field("res_model").eq("res.partner"));
        let ids = client.search("ir.attachment", of, SearchOptions::new().order("id")).await.unwrap();
        let fields = ["name", "checksum", "file_size", "datas", "mimetype", "res_id"];
        client.read("ir.attachment", &ids, &fields).await.unwrap()
    };
    let all = stored().await;
    assert_eq!(all.len(), 3 * PATIENTS);
    for (n, patient) in patients.iter().enumerate() {
        let rx = format!("Physician: Dr. राव\nAmoxicillin {n}");
        let pdf: &[u8] = b"%PDF-1.4\n%\xff\n";
        is_there(&all, *patient, "बातचीत_ 04_03.txt", "text/plain", CHAT.as_bytes());
        is_there(&all, *patient, "Rx Dr. राव.txt", "text/plain", rx.as_bytes());
        is_there(&all, *patient, "Scan.pdf", "application/pdf", pdf);
    }

    let (second, idle) = migrate(CHAT).await;
    assert_eq!((second.unchanged, second.updated), (3 * PATIENTS as u64, 0), "a second run changes nothing");
    assert!(stored().await == all, "a second run changes nothing");

    let changed = format!("{CHAT}\nAsha: Thank you!");
    let (third, one) = migrate(&changed).await;
    assert_eq!((third.updated, third.unchanged), (1, 3 * PATIENTS as u64 - 1));
    let now = stored().await;
    is_there(&now, patients[1], "बातचीत_ 04_03.txt", "text/plain", changed.as_bytes());
    let same = all.iter().filter(|record| now.contains(record)).count();
    assert_eq!((now.len(), same), (all.len(), all.len() - 1), "an update changes its record alone");
    assert_eq!(ids(&now), ids(&all));
    assert_eq!(migrate(&changed).await.0.updated, 0);
    println!(
        "Odoo {}, {}: {calls} calls for {} files, {idle} for none, {one} for one that changed",
        server.version,
        server.protocol,
        all.len()
    );

    let entries: Vec<Entry> = journal.entries().try_collect().await.unwrap();
    let receipts: Vec<Receipt> = entries
        .iter()
        .rev()
        .filter_map(|entry| match entry {
            Entry::Receipt(receipt) => Some(receipt.clone()),
            _ => None,
        })
        .collect();
    for answer in writer.revert(&receipts).await {
        answer.unwrap();
    }
    assert_eq!(stored().await, [], "undo takes them away");
    let schema: Vec<SchemaReceipt> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Schema(receipt) => Some(receipt),
            _ => None,
        })
        .collect();
    writer.revert_schema(&schema).await.unwrap();
    assert_eq!(server.trace(), before, "nothing is left");
}

#[track_caller]
fn is_there(all: &[Struct], patient: i64, name: &str, mimetype: &str, content: &[u8]) {
    let text = |record: &Struct, field: &str| {
        record.get(field).and_then(Value::as_text).unwrap_or_default().to_owned()
    };
    let of = |record: &&Struct| {
        record.get("res_id").and_then(Value::as_int) == Some(patient) && text(record, "name") == name
    };
    let [record] = all.iter().filter(of).collect::<Vec<_>>()[..] else { panic!("{name} is there not once") };
    assert!(STANDARD.decode(text(record, "datas")).unwrap() == content, "{name}");
    let sha1: String = Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((text(record, "checksum"), text(record, "mimetype")), (sha1, mimetype.to_owned()), "{name}");
    assert_eq!(record.get("file_size").and_then(Value::as_int), Some(content.len() as i64), "{name}");
}

fn ids(records: &[Struct]) -> Vec<Option<i64>> {
    records.iter().map(|record| record.get("id").and_then(Value::as_int)).collect()
}

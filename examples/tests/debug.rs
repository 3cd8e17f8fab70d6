//! `{:?}` of everything that holds a patient's values or a secret shows kinds and sizes, and none of them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::fmt::Debug;

use futures::TryStreamExt;
use jiff::Timestamp;
use mapping_core::destination::Prepared;
use mapping_core::digest::Digest;
use mapping_core::draft::{Draft, DraftValue, Link, Lookup};
use mapping_core::error::Error;
use mapping_core::journal::{Entry, Journal, MigrationId, State};
use mapping_core::key::RecordKey;
use mapping_core::mapper::RecordMapper;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::receipt::{Action, How, Intent, Outcome, Receipt, Row};
use mapping_core::record::{Fields, Record};
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::table::{Column, Table, TableOptions};
use mapping_core::value::Value;
use odoo_rpc::client::{Call, Client, Context, Domain, Login, Secret};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::transport::{Request, Response};
use odoo_rpc::wire::{self, Fault, Struct};
use reconcile::journal::SqliteJournal;
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;
use support::canary::{found, write};

const CANARY: &str = "CANARY-1";

/// Sees that both forms of `{:?}` show something, and no canary.
#[track_caller]
fn is_silent(thing: &impl Debug) {
    for shown in [format!("{thing:?}"), format!("{thing:#?}")] {
        assert!(!shown.is_empty());
        assert_eq!(found(shown.as_bytes()), None);
    }
}

#[tokio::test]
async fn what_is_read_of_an_export_and_what_becomes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let column = Column::new("patient_id", ["Patient ID"]);
    let table = Table::open(folder.path().join("Patients.csv"), &TableOptions::default(), &[column]).unwrap();
    is_silent(&table);
    is_silent(&table.rows().unwrap());
    let rows: Vec<_> = table.rows().unwrap().map(Result::unwrap).collect();
    assert!(rows.iter().any(|row| row.cells.iter().any(|cell| found(cell.as_bytes()).is_some())));
    is_silent(&rows);

    let pulse = PulseExport::open(folder.path(), PulseOptions::default()).unwrap();
    is_silent(&pulse);
    let mapper = source_pulse::mapping::odoo_mapper(pulse.zone()).unwrap();
    is_silent(&mapper);
    let mut records = 0;
    for entity in ["patient", "appointment"] {
        let readings: Vec<Reading> = pulse.read(&Query::all(entity)).try_collect().await.unwrap();
        is_silent(&readings);
        for reading in readings {
            let Reading::Record(record) = reading else { continue };
            let held = serde_json::to_vec(record.fields()).unwrap();
            assert!(found(&held).is_some(), "{} holds none", record.key());
            is_silent(&record);
            is_silent(record.fields());
            is_silent(&mapper.map(&record));
            records += 1;
        }
    }
    assert_eq!(records, 6 + 7, "two of the appointments are refused later, for their patients");
}

#[test]
fn values_records_drafts_and_rows() {
    let list = Value::List(vec![CANARY.into(), Value::List(vec![CANARY.into()])]);
    let map = Value::Map([("note".to_owned(), Value::from(CANARY))].into());
    let lookup = Lookup::new("res.partner.category", "name", CANARY).within("parent_id.name", CANARY);
    let fields = Fields::default().with("name", CANARY).with("list", list.clone()).with("map", map.clone());
    let record = Record::new("patient", "P-1").with_fields(fields.clone());
    let several = DraftValue::Several(vec![list.clone().into(), lookup.clone().into()]);
    let draft = Draft::new("res.partner", RecordKey::new("patient", "P-1"))
        .with("name", CANARY)
        .with("parent_id", Link::to("patient", "P-2"))
        .with("category_id", several);
    let source = mapping_core::identity::SourceId::new("pulse", "main").unwrap();
    let row = Row {
        key: draft.key().clone(),
        model: "res.partner".into(),
        identity: source.identity(draft.key()),
        action: Action::Create,
        fields: fields.clone(),
    };
    for value in [Value::from(CANARY), list, map] {
        is_silent(&value);
    }
    is_silent(&Draft::matching(lookup.clone(), RecordKey::new("staff", "asha")));
    is_silent(&lookup);
    is_silent(&fields);
    is_silent(&record);
    is_silent(&draft);
    is_silent(&row);
    is_silent(&Prepared::new(vec![row]));
    is_silent(&MemorySource::new(source).record(record));
    is_silent(&Outcome::Refused(Error::refused("no").at("field", "name")));
}

#[tokio::test]
async fn what_a_journal_holds_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let source = mapping_core::identity::SourceId::new("pulse", "main").unwrap();
    let key: mapping_core::key::DraftKey = RecordKey::new("patient", "P-1").into();
    let (digest, at) = (Digest::builder().text(CANARY).finish(), Timestamp::UNIX_EPOCH);
    let before = Some(Fields::default().with("name", CANARY));
    let intent = Intent {
        key: key.clone(),
        model: "res.partner".into(),
        identity: source.identity(&key),
        action: Action::Update(7.into()),
        digest,
        before: before.clone(),
        at,
    };
    let receipt = Receipt {
        key: key.clone(),
        model: "res.partner".into(),
        id: 7.into(),
        how: How::Updated,
        digest,
        before,
        at,
    };
    let entries = vec![Entry::Intent(intent.clone()), Entry::Receipt(receipt)];
    is_silent(&entries);
    is_silent(&intent);
    is_silent(&State { known: None, doubt: Some(intent) });
    let file = SqliteJournal::open(folder.path().join("journal")).unwrap();
    let memory = MemoryJournal::default();
    let migration = MigrationId { source, destination: "here".to_owned() };
    for journal in [&file as &dyn Journal, &memory] {
        journal.bind(&migration).await.unwrap();
        journal.append(&entries).await.unwrap();
        is_silent(&journal);
        let kept: Vec<Entry> = journal.entries().try_collect().await.unwrap();
        let held = |entry: &Entry| found(&serde_json::to_vec(entry).unwrap()).is_some();
        assert!(kept.iter().any(held), "the journal keeps what was there before");
        is_silent(&kept);
    }
}

#[tokio::test]
async fn what_is_sent_and_answered() {
    let sandbox = Sandbox::new(Like::Odoo19);
    let password = Struct::new().with("password", CANARY);
    let args = vec![wire::Value::from(vec![wire::Value::from(2)]), password.into()];
    sandbox.execute("sandbox", 2, "admin", "res.users", "write", args, Struct::new()).unwrap();
    let login = Login::new("sandbox", "admin", CANARY);
    is_silent(&Secret::from(CANARY));
    is_silent(&login);
    is_silent(&Client::builder("https://clinic.example.org", "clinic", "ops", CANARY));
    let connector = Client::over(sandbox.clone(), login);
    is_silent(&connector);
    let client = connector.connect().await.unwrap().with_context(Context::new().with("note", CANARY));
    is_silent(&client);
    is_silent(&OdooWriter::new(client.clone()));

    let values = Struct::new().with("name", CANARY).with("list", vec![wire::Value::from(CANARY)]);
    is_silent(&wire::Value::from(values.clone()));
    is_silent(&values);
    let call = Call::new("res.partner", "create").arg("vals_list", values.clone());
    is_silent(&call);
    is_silent(&client.encode(call).unwrap());
    let body = wire::encode_call("execute_kw", &[CANARY.into(), values.clone().into()]).unwrap();
    assert!(found(&body).is_some());
    is_silent(&wire::decode_call(&body, &wire::Limits::default()).unwrap());
    is_silent(&Request::xml("/xmlrpc/2/object", body.clone()));
    is_silent(&Response::new(200, "text/xml", body));
    is_silent(&Fault::new(2, CANARY));
    is_silent(&Trouble::refuse(Fault::new(2, CANARY)));
    is_silent(&Domain::field("name").ilike(CANARY));

    client.create("res.partner", vec![Struct::new().with("name", CANARY)]).await.unwrap();
    is_silent(&sandbox);
    is_silent(&sandbox.log());
    let error = client.create("res.partner", vec![values]).await.unwrap_err();
    is_silent(&error);
    assert_eq!(found(error.to_string().as_bytes()), None);
    let unsendable = Struct::new().with("name", format!("{CANARY}\u{1}"));
    let error = client.create("res.partner", vec![unsendable]).await.unwrap_err();
    is_silent(&error);
    assert_eq!(found(error.to_string().as_bytes()), None);
}

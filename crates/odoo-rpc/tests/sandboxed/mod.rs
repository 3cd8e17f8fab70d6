//! A writer into a sandbox, and rows for it.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::time::Duration;

use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::identity::{Identity, SourceId};
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::receipt::{Action, DestinationId, Outcome, Row};
use mapping_core::record::Fields;
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use odoo_rpc::client::{Client, Login, Protocol};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Like, Sandbox, Seen, Trouble};
use odoo_rpc::transport::Transport;
use odoo_rpc::wire::{Fault, Struct, Value};

/// Whether the suites of this program go over JSON-2: they do where they are part of `json2_suites`.
pub(crate) fn is_json2() -> bool {
    env!("CARGO_CRATE_NAME") == "json2_suites"
}

/// The versions that a suite goes through: Odoo 14 and 19, over JSON-2 those that have it.
#[derive(Clone, Copy)]
pub(crate) struct Versions;

pub(crate) const BOTH: Versions = Versions;

impl IntoIterator for Versions {
    type Item = Like;
    type IntoIter = std::iter::Copied<std::slice::Iter<'static, Like>>;

    fn into_iter(self) -> Self::IntoIter {
        let all: &[Like] = if is_json2() { &[Like::Odoo19] } else { &[Like::Odoo14, Like::Odoo19] };
        all.iter().copied()
    }
}

/// What the tests' calls without an answer are waited for.
pub(crate) const SETTLE: Duration = Duration::from_secs(180);

pub(crate) fn needs() -> Needs {
    let notes = FieldNeed::new("res.partner", "x_notes", FieldKind::Text, "Notes").on_page("Notes");
    let note = FieldNeed::new("mail.activity", "x_note", FieldKind::Line, "Note");
    Needs::new().uses("res.partner", "name").field(notes).uses("mail.activity", "res_id").field(note)
}

pub(crate) async fn client_over(transport: impl Transport + 'static) -> Client {
    // With a key the client takes JSON-2 by itself, where the server has it.
    let secret = if is_json2() { API_KEY } else { LOGIN };
    let client = Client::over(transport, Login::new(DATABASE, LOGIN, secret)).connect().await.unwrap();
    let json2 = is_json2() && client.version().major >= 19;
    assert_eq!(client.protocol() == Protocol::Json2, json2);
    client
}

pub(crate) async fn writer_over(transport: impl Transport + 'static) -> OdooWriter {
    OdooWriter::new(client_over(transport).await)
}

pub(crate) async fn apply(writer: &OdooWriter) {
    let plan = writer.plan(&needs()).await.unwrap();
    writer.apply(&plan).await.unwrap();
    for model in ["res.partner", "mail.activity"] {
        writer.describe(&model.into()).await.unwrap();
    }
}

/// A sandbox with what the rows need, and a writer that knows it.
pub(crate) async fn ready(like: Like) -> (Sandbox, OdooWriter) {
    let sandbox = Sandbox::new(like);
    let writer = writer_over(sandbox.clone()).await;
    apply(&writer).await;
    (sandbox, writer)
}

pub(crate) fn source() -> SourceId {
    SourceId::new("paper", "main").unwrap()
}

pub(crate) fn identity(number: usize) -> Identity {
    source().identity(&key(number))
}

fn key(number: usize) -> DraftKey {
    RecordKey::new("patient", format!("P-{number}")).into()
}

pub(crate) fn row(number: usize) -> Row {
    let fields = Fields::default().with("name", format!("Patient {number}")).with("x_notes", "well & good");
    let model = "res.partner".into();
    Row { key: key(number), model, identity: identity(number), action: Action::Create, fields }
}

pub(crate) fn rows(count: usize) -> Vec<Row> {
    (0..count).map(row).collect()
}

pub(crate) async fn write(writer: &OdooWriter, rows: &[Row]) -> Vec<Outcome> {
    writer.write(writer.prepare(rows.to_vec())).await
}

/// The ids of rows that must all be written.
#[track_caller]
pub(crate) fn ids(outcomes: &[Outcome]) -> Vec<DestinationId> {
    let id = |outcome: &Outcome| match outcome {
        Outcome::Written(id) => id.clone(),
        other => panic!("not written: {other:?}"),
    };
    outcomes.iter().map(id).collect()
}

/// How many were written, refused, not written, and in doubt.
pub(crate) fn sorts(outcomes: &[Outcome]) -> [usize; 4] {
    let mut sorts = [0; 4];
    for outcome in outcomes {
        let sort = match outcome {
            Outcome::Written(_) => 0,
            Outcome::Refused(_) => 1,
            Outcome::Unwritten(_) => 2,
            Outcome::Unknown(_) => 3,
        };
        sorts[sort] += 1;
    }
    sorts
}

/// The server refuses contacts of these numbers.
pub(crate) fn refusing(numbers: impl Fn(usize) -> bool + Send + Sync + 'static) -> Trouble {
    Trouble::refuse_rows("res.partner", move |row| {
        let name = row.get("name").and_then(Value::as_text)?;
        let number = name.rsplit(' ').next()?.parse().ok()?;
        numbers(number).then(|| Fault::new(2, "Patient Asha Rao is not welcome"))
    })
}

/// Each of the outcomes' records is there once, and no other of this source.
#[track_caller]
pub(crate) fn once_each(sandbox: &Sandbox, rows: &[Row], outcomes: &[Outcome]) {
    let mut there: Vec<(String, i64)> = migrated(sandbox, "res.partner")
        .iter()
        .map(|row| (text(row, "x_migration_key"), row.get("id").and_then(Value::as_int).unwrap()))
        .collect();
    let mut wanted: Vec<(String, i64)> = Vec::new();
    for (row, outcome) in rows.iter().zip(outcomes) {
        if let Outcome::Written(id) = outcome {
            wanted.push((row.identity.as_str().to_owned(), id.number().unwrap()));
        }
    }
    there.sort();
    wanted.sort();
    assert_eq!(there, wanted);
}

/// The rows of a model that carry an identity.
pub(crate) fn migrated(sandbox: &Sandbox, model: &str) -> Vec<Struct> {
    let mut rows = sandbox.rows(model);
    rows.retain(|row| row.get("x_migration_key").is_some());
    rows
}

pub(crate) fn text(row: &Struct, field: &str) -> String {
    row.get(field).and_then(Value::as_text).unwrap_or_default().to_owned()
}

/// The calls of that method since the log had `since` lines.
pub(crate) fn calls(sandbox: &Sandbox, method: &str, since: usize) -> Vec<Seen> {
    sandbox.log().split_off(since).into_iter().filter(|seen| seen.method == method).collect()
}

pub(crate) fn execute(sandbox: &Sandbox, model: &str, method: &str, args: Vec<Value>) -> Value {
    sandbox.execute(DATABASE, 2, LOGIN, model, method, args, Struct::new()).unwrap()
}

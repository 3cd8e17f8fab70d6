//! The checks before a call: how many rows a second they pass, and how many they refuse.
//!
//! Rows that pass are encoded too; rows that are refused have been looked at up to their last field, and cost no call.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks to the terminal")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use jiff::civil::date;
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::identity::SourceId;
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::receipt::{Action, Outcome, Row};
use mapping_core::record::Fields;
use mapping_core::schema::{Choice, FieldKind, FieldNeed, Needs};
use mapping_core::value::Value;
use odoo_rpc::client::{Client, Login};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use tokio::runtime::Builder;

const ROWS: usize = 1000;

/// A field of each kind, in the order in which they are looked at, with a value that passes.
fn fields() -> Vec<(&'static str, FieldKind, Value)> {
    let choice = |value: &str| Choice { value: value.into(), label: value.into() };
    let choices = ["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"].map(choice);
    vec![
        ("x_born", FieldKind::Date, date(1984, 2, 29).into()),
        ("x_consent", FieldKind::Boolean, true.into()),
        ("x_group", FieldKind::Choice(choices.into()), "O-".into()),
        ("x_history", FieldKind::Text, "No known allergies. Second line & more: <5 mg.\n".repeat(10).into()),
        ("x_letter", FieldKind::Html, "Dear Dr. Rao,\nthank you for seeing this patient.".into()),
        ("x_registered", FieldKind::Instant, Timestamp::UNIX_EPOCH.into()),
        ("x_visits", FieldKind::Integer, 12.into()),
        ("x_z_last", FieldKind::Integer, 1.into()),
    ]
}

async fn writer() -> OdooWriter {
    let client = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin"));
    let writer = OdooWriter::new(client.connect().await.unwrap());
    let need = |needs: Needs, (name, kind, _)| needs.field(FieldNeed::new("res.partner", name, kind, name));
    let needs = fields().into_iter().fold(Needs::new().uses("res.partner", "name"), need);
    let plan = writer.plan(&needs).await.unwrap();
    writer.apply(&plan).await.unwrap();
    writer.describe(&"res.partner".into()).await.unwrap();
    writer
}

/// Rows whose last field has that value.
fn rows(last: &Value) -> Vec<Row> {
    let source = SourceId::new("bench", "main").unwrap();
    let row = |number: usize| {
        let key = DraftKey::from(RecordKey::new("patient", format!("P-{number:06}")));
        let mut all: Fields = fields().into_iter().map(|(name, _, value)| (name, value)).collect();
        all.set("name", format!("Patient number {number}"));
        all.set("x_z_last", last.clone());
        let identity = source.identity(&key);
        Row { key, model: "res.partner".into(), identity, action: Action::Create, fields: all }
    };
    (0..ROWS).map(row).collect()
}

fn checks(c: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let writer = runtime.block_on(writer());
    let mut group = c.benchmark_group("checks");
    group.throughput(Throughput::Elements(ROWS as u64));
    let last = [
        ("passed, and encoded", Value::from(1)),
        ("refused: a text for a number", "twelve".into()),
        ("refused: a number out of range", i64::MAX.into()),
    ];
    for (name, last) in last {
        let rows = rows(&last);
        if name.starts_with("refused") {
            let before = writer.client().calls();
            let outcomes = runtime.block_on(writer.write(writer.prepare(rows.clone())));
            let refused = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Refused(_))).count();
            println!("{name}: {refused} of {ROWS} rows in {} calls", writer.client().calls() - before);
            assert_eq!((refused, writer.client().calls()), (ROWS, before), "{name}");
        }
        group.bench_with_input(BenchmarkId::from_parameter(name), &rows, |b, rows| {
            b.iter_batched(|| rows.clone(), |rows| writer.prepare(rows), BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, checks);
criterion_main!(benches);

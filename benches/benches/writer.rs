//! The batching writer: how fast rows become calls, and how many calls they become.
//!
//! A call is a second of a migration, so calls come first; they are printed before the times.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks to the terminal")]

use std::time::Duration;

use async_trait::async_trait;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::identity::SourceId;
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::receipt::{Action, Outcome, Row};
use mapping_core::record::Fields;
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use odoo_rpc::client::{Client, Login};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use tokio::runtime::{Builder, Runtime};

const TEXTS: [&str; 9] = ["name", "email", "phone", "street", "street2", "city", "zip", "ref", "x_notes"];

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An Odoo inside this process that takes a while for each call, as one behind a network does.
#[derive(Debug)]
struct Far(Sandbox, Duration);

#[async_trait]
impl Transport for Far {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if !self.1.is_zero() {
            tokio::time::sleep(self.1).await;
        }
        self.0.send(request).await
    }
}

/// A writer into such an Odoo that has what the rows need. Its first call has that many rows, and no other has more.
async fn writer(rows_per_call: usize, latency: Duration) -> OdooWriter {
    let odoo = Far(Sandbox::new(Like::Odoo19), latency);
    let client = Client::over(odoo, Login::new("sandbox", "admin", "admin"));
    let writer = OdooWriter::new(client.connect().await.unwrap());
    let writer = writer.rows_per_call(rows_per_call).rows_at_first(rows_per_call);
    let needs = TEXTS[..8].iter().fold(Needs::new(), |needs, field| needs.uses("res.partner", *field));
    let needs = needs.field(FieldNeed::new("res.partner", "x_notes", FieldKind::Text, "Notes"));
    let plan = writer.plan(&needs).await.unwrap();
    writer.apply(&plan).await.unwrap();
    writer.describe(&"res.partner".into()).await.unwrap();
    writer
}

/// Rows like a patient's; every `bad`th has a name that no contact may have.
fn rows(count: usize, bad: Option<usize>) -> Vec<Row> {
    let source = SourceId::new("bench", "main").unwrap();
    let row = |number: usize| {
        let key = DraftKey::from(RecordKey::new("patient", format!("P-{number:06}")));
        let text = |field: &&'static str| (*field, format!("{field} of number {number} & more"));
        let mut fields: Fields = TEXTS.iter().map(text).collect();
        if bad.is_some_and(|bad| number.is_multiple_of(bad)) {
            fields.set("country_id", 999_999);
        }
        let identity = source.identity(&key);
        Row { key, model: "res.partner".into(), identity, action: Action::Create, fields }
    };
    (0..count).map(row).collect()
}

fn preparing(c: &mut Criterion) {
    let runtime = runtime();
    let mut group = c.benchmark_group("writer/prepare");
    for per_call in [100, 500, 1000] {
        let writer = runtime.block_on(writer(per_call, Duration::ZERO));
        let rows = rows(1000, None);
        group.throughput(Throughput::Elements(1000));
        group.bench_with_input(BenchmarkId::from_parameter(per_call), &rows, |b, rows| {
            b.iter_batched(|| rows.clone(), |rows| writer.prepare(rows), BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn writing(c: &mut Criterion) {
    let runtime = runtime();
    let mut group = c.benchmark_group("writer/write");
    group.sample_size(10);
    let sizes = [100, 500, 1000].map(|per_call| (per_call, 0, None));
    let far = [100, 1000].map(|per_call| (per_call, 30, None));
    let refused = [(1000, 0, Some(500)), (500, 0, Some(50)), (1000, 30, Some(100))];
    for (per_call, latency, bad) in sizes.into_iter().chain(far).chain(refused) {
        let mut name = format!("{per_call} a call");
        if latency > 0 {
            name.push_str(&format!(", {latency} ms away"));
        }
        if let Some(bad) = bad {
            name.push_str(&format!(", one in {bad} refused"));
        }
        let latency = Duration::from_millis(latency);
        group.throughput(Throughput::Elements(1000));
        let mut told = false;
        group.bench_function(BenchmarkId::from_parameter(&name), |b| {
            b.iter_batched(
                || (runtime.block_on(writer(per_call, latency)), rows(1000, bad)),
                |(writer, rows)| {
                    let before = writer.client().calls();
                    let outcomes = runtime.block_on(writer.write(writer.prepare(rows)));
                    let written =
                        outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Written(_))).count();
                    if !std::mem::replace(&mut told, true) {
                        println!(
                            "{name}: {written} of 1000 rows in {} calls",
                            writer.client().calls() - before
                        );
                    }
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, preparing, writing);
criterion_main!(benches);

//! While a call is under way, the next chunk is read, mapped and encoded.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mapping_core::destination::{DestinationReader, DestinationWriter, LookupQuery, Prepared};
use mapping_core::draft::Draft;
use mapping_core::error::Result;
use mapping_core::identity::{Identity, SourceId};
use mapping_core::mapper::mapper_fn;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::{DestinationId, Intent, Outcome, Receipt, Row, SchemaIntent, SchemaReceipt};
use mapping_core::record::{Fields, Record};
use mapping_core::schema::{ModelSchema, Needs, SchemaPlan};
use mapping_core::source::Entity;
use mapping_core::value::{Value, ValueKind};
use odoo_rpc::client::{Client, Login};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{DATABASE, LOGIN, Latency, Like, Sandbox};
use odoo_rpc::transport::{Request, Response, Throttle, Transport, TransportError};
use tokio::time::Instant;

const CHUNK: usize = 10;

/// What happens, in its order.
type Told = Arc<Mutex<Vec<String>>>;

fn tell(told: &Told, what: String) {
    told.lock().unwrap().push(what);
}

/// The server's side: tells when a `create` of contacts comes, and when it is answered.
#[derive(Debug)]
struct Server(Sandbox, Told);

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let text = String::from_utf8_lossy(request.body.in_memory().unwrap()).into_owned();
        let first = text.contains(">create<").then(|| text.split("Patient ").nth(1)).flatten();
        let number: Option<usize> =
            first.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
        if let Some(number) = number {
            tell(&self.1, format!("call {} begins", number / CHUNK));
        }
        let answer = self.0.send(request).await;
        if let Some(number) = number {
            tell(&self.1, format!("call {} ends", number / CHUNK));
        }
        answer
    }
}

/// A writer that tells when rows are encoded.
#[derive(Debug)]
struct Writer(OdooWriter, Told);

#[async_trait]
impl DestinationReader for Writer {
    fn address(&self) -> String {
        self.0.address()
    }
    async fn describe(&self, model: &ModelName) -> Result<Option<ModelSchema>> {
        self.0.describe(model).await
    }
    async fn count(&self, model: &ModelName, source: &SourceId) -> Result<u64> {
        self.0.count(model, source).await
    }
    async fn find(&self, model: &ModelName, identities: &[Identity]) -> Result<Vec<Option<DestinationId>>> {
        self.0.find(model, identities).await
    }
    async fn look_up(&self, query: &LookupQuery, values: &[Value]) -> Result<Vec<Vec<DestinationId>>> {
        self.0.look_up(query, values).await
    }
    async fn read(
        &self,
        model: &ModelName,
        ids: &[DestinationId],
        fields: &[FieldName],
    ) -> Result<Vec<Option<Fields>>> {
        self.0.read(model, ids, fields).await
    }
}

#[async_trait]
impl DestinationWriter for Writer {
    async fn plan(&self, needs: &Needs) -> Result<SchemaPlan> {
        self.0.plan(needs).await
    }
    async fn apply(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        self.0.apply(plan).await
    }
    async fn recover_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>> {
        self.0.recover_schema(intent).await
    }
    async fn revert_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        self.0.revert_schema(receipts).await
    }
    fn prepare(&self, rows: Vec<Row>) -> Prepared {
        let first =
            rows.first().and_then(|row| row.fields.value("name").as_text()?.rsplit(' ').next()?.parse().ok());
        let prepared = self.0.prepare(rows);
        if let Some(number) = first {
            let number: usize = number;
            tell(&self.1, format!("chunk {} encoded", number / CHUNK));
        }
        prepared
    }
    async fn write(&self, rows: Prepared) -> Vec<Outcome> {
        self.0.write(rows).await
    }
    async fn recover(&self, intents: &[Intent]) -> Result<Vec<Option<DestinationId>>> {
        self.0.recover(intents).await
    }
    async fn revert(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        self.0.revert(receipts).await
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_chunk_is_ready_when_the_server_is() {
    let mut clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("patient").field("name", ValueKind::Text));
    for number in 0..4 * CHUNK {
        clinic = clinic
            .record(Record::new("patient", format!("P-{number}")).with("name", format!("Patient {number}")));
    }
    let told = Told::default();
    let mapped = Arc::clone(&told);
    let mapper = mapper_fn(Needs::new().uses("res.partner", "name"), move |record: &Record| {
        let name = record.text("name").unwrap_or_default();
        let number: usize = name.rsplit(' ').next().unwrap_or_default().parse().unwrap();
        if number % CHUNK == CHUNK - 1 {
            tell(&mapped, format!("chunk {} mapped", number / CHUNK));
        }
        Ok(Draft::new("res.partner", record.key().clone()).with("name", name).into())
    });
    let sandbox = Sandbox::new(Like::Odoo19);
    sandbox.latency(Latency::new(Duration::from_secs(2), Duration::ZERO));
    let transport = Throttle::new(Server(sandbox.clone(), Arc::clone(&told)), Duration::from_secs(1));
    let client = Client::over(transport, Login::new(DATABASE, LOGIN, LOGIN)).connect().await.unwrap();
    let (odoo, journal) = (Writer(OdooWriter::new(client), Arc::clone(&told)), MemoryJournal::default());

    let began = Instant::now();
    Migration::new(&clinic, &mapper, &odoo, &journal).chunk(CHUNK).run().await.unwrap();
    let order: Vec<String> = told.lock().unwrap().clone();
    let at = |what: String| {
        order.iter().position(|told| *told == what).unwrap_or_else(|| panic!("{what}: {order:?}"))
    };
    for chunk in 0..4 {
        assert!(at(format!("chunk {chunk} mapped")) < at(format!("chunk {chunk} encoded")), "{order:?}");
        assert!(at(format!("chunk {chunk} encoded")) < at(format!("call {chunk} begins")), "{order:?}");
        if chunk > 0 {
            let call = at(format!("call {} begins", chunk - 1))..at(format!("call {} ends", chunk - 1));
            assert!(call.contains(&at(format!("chunk {chunk} mapped"))), "{order:?}");
            assert!(call.contains(&at(format!("chunk {chunk} encoded"))), "{order:?}");
        }
    }
    // Nothing but calls takes time, each two seconds.
    assert_eq!(began.elapsed(), Duration::from_secs(2 * (sandbox.log().len() as u64 - 2)));
}

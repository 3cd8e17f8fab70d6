//! The program inside the test: it can be killed at any call, and what it made can be held against what it should have made.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mapping_core::draft::Lookup;
use mapping_core::journal::Journal;
use mapping_core::mapper::RecordMapper;
use mapping_core::migration::Migration;
use mapping_core::migration::report::RunReport;
use odoo_rpc::Retry;
use odoo_rpc::client::{Client, Login, Protocol};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Sandbox, Trouble};
use odoo_rpc::transport::{Address, PaceLock, Request, Response, Throttle, Transport, TransportError};
use odoo_rpc::wire::{Struct, Value};
use source_pulse::export::PulseExport;
use source_pulse::fixtures;
use source_pulse::options::PulseOptions;
use tokio::sync::Notify;

/// A made-up clinic's export, read by whoever wants to.
pub(crate) struct Clinic {
    _folder: tempfile::TempDir,
    pub(crate) pulse: PulseExport,
    pub(crate) mapper: Box<dyn RecordMapper>,
    /// How many of its records must be refused.
    pub(crate) refused: u64,
}

impl Clinic {
    pub(crate) fn of(patients: u32, appointments: u32) -> Self {
        Self::named("main", patients, appointments)
    }

    /// One row in fifty has a defect.
    pub(crate) fn named(name: &str, patients: u32, appointments: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clinic =
            fixtures::Clinic::new(patients).appointments_per_patient(appointments).dirt(0.02).seed(11);
        let truth = clinic.campaign_touches(patients / 4).write_to(folder.path()).unwrap();
        let pulse = PulseExport::open(folder.path(), PulseOptions::default().clinic(name)).unwrap();
        let mapper = Box::new(source_pulse::mapping::odoo_mapper(pulse.zone()).unwrap());
        let refused = truth.entities.values().map(|made| made.refused).sum();
        Self { _folder: folder, pulse, mapper, refused }
    }
}

/// How a program dies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Death {
    BeforeItArrives,
    WhileItIsCarriedOut,
    AMinuteBeforeItIsCarriedOut,
}

/// How a program ends.
pub(crate) enum End {
    Done(RunReport),
    Died,
}

/// One run of the program.
pub(crate) struct Program<'a> {
    pub(crate) clinic: &'a Clinic,
    pub(crate) sandbox: &'a Sandbox,
    journal: &'a dyn Journal,
    death: Option<(Death, usize)>,
    lock: Option<PaceLock>,
    chunk: usize,
    protocol: Protocol,
}

impl<'a> Program<'a> {
    pub(crate) fn new(clinic: &'a Clinic, sandbox: &'a Sandbox, journal: &'a dyn Journal) -> Self {
        Self { clinic, sandbox, journal, death: None, lock: None, chunk: 40, protocol: Protocol::XmlRpc }
    }

    pub(crate) fn chunk(self, chunk: usize) -> Self {
        Self { chunk, ..self }
    }

    pub(crate) fn over(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    /// The same, killed while its n-th call is under way.
    pub(crate) fn dying(self, death: Death, call: usize) -> Self {
        Self { death: Some((death, call)), ..self }
    }

    /// The same, keeping its pace together with others.
    pub(crate) fn sharing(self, folder: &Path) -> Self {
        let address = Address::parse("https://clinic.example.org", false).unwrap();
        Self { lock: Some(PaceLock::new(folder, &address, DATABASE)), ..self }
    }

    pub(crate) async fn run(self) -> End {
        let died = Arc::new(Notify::new());
        let mortal = Mortal {
            sandbox: self.sandbox.clone(),
            death: self.death,
            calls: AtomicUsize::new(0),
            shared: self.lock.is_some(),
            died: Arc::clone(&died),
        };
        tokio::select! {
            biased;
            () = died.notified() => End::Died,
            report = self.live(mortal) => End::Done(report),
        }
    }

    async fn live(&self, mortal: Mortal) -> RunReport {
        let mut throttle = Throttle::new(mortal, Duration::from_secs(1));
        if let Some(lock) = &self.lock {
            throttle = throttle.shared(lock.clone());
        }
        let throttle = Arc::new(throttle);
        let client = loop {
            // A key serves over both.
            let connector = Client::over(Arc::clone(&throttle), Login::new(DATABASE, LOGIN, API_KEY));
            match connector.protocol(self.protocol).connect().await {
                Err(error) if error.retry() != Retry::Never => {
                    tokio::time::sleep(Duration::from_secs(1)).await
                }
                client => break client.unwrap(),
            }
        };
        let odoo = OdooWriter::new(client);
        let migration =
            Migration::new(&self.clinic.pulse, &self.clinic.mapper, &odoo, &self.journal).chunk(self.chunk);
        migration.fallback(Lookup::new("res.users", "login", LOGIN)).run().await.unwrap()
    }
}

/// A way to the sandbox that ends with a death.
struct Mortal {
    sandbox: Sandbox,
    death: Option<(Death, usize)>,
    calls: AtomicUsize,
    shared: bool,
    died: Arc<Notify>,
}

impl fmt::Debug for Mortal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mortal({:?})", self.death)
    }
}

#[async_trait]
impl Transport for Mortal {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        // The lock file tells programs apart by the wall's clock, which does not pass while tokio's is paused.
        std::thread::sleep(Duration::from_millis(u64::from(self.shared) * 2));
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let Some((death, _)) = self.death.filter(|(_, at)| *at == call) else {
            return self.sandbox.send(request).await;
        };
        match death {
            Death::BeforeItArrives => {}
            Death::WhileItIsCarriedOut => drop(self.sandbox.send(request).await),
            Death::AMinuteBeforeItIsCarriedOut => {
                self.sandbox.trouble(Trouble::commit_later(Duration::from_secs(60)));
                drop(self.sandbox.send(request).await);
            }
        }
        self.died.notify_one();
        std::future::pending().await
    }
}

/// Everything that a migration leaves behind in a database.
pub(crate) struct Snapshot {
    /// Of each model and identity: the fields. A link to a record that has an identity is that.
    records: BTreeMap<(&'static str, String), BTreeMap<String, Told>>,
    /// How many rows there are of each model that a migration touches.
    counts: BTreeMap<&'static str, usize>,
}

/// A value, or the identity of the record that it leads to.
#[derive(Clone, PartialEq)]
enum Told {
    Value(Value),
    Identity(String),
}

const MIGRATED: [&str; 3] = ["x_appointment_stage", "res.partner", "mail.activity"];
const TOUCHED: [&str; 8] = [
    "ir.model",
    "ir.model.fields",
    "ir.model.access",
    "ir.ui.view",
    "res.users",
    "mail.message",
    "mail.mail",
    "mail.followers",
];

/// Fields that hold ids of migrated records, and the times of writing, which differ from run to run.
const LINKS: [(&str, &str); 3] = [
    ("res_id", "res.partner"),
    ("x_studio_appointment_stage_id", "x_appointment_stage"),
    ("commercial_partner_id", "res.partner"),
];
const TIMES: [&str; 3] = ["id", "create_date", "write_date"];

pub(crate) fn snapshot(sandbox: &Sandbox) -> Snapshot {
    let mut identities: BTreeMap<(&str, i64), String> = BTreeMap::new();
    let mut records = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for model in MIGRATED {
        let rows = sandbox.rows(model);
        counts.insert(model, rows.len());
        for row in rows {
            let text = |field: &str| row.get(field).and_then(Value::as_text).map(str::to_owned);
            let Some(identity) = text("x_migration_key") else { continue };
            let id = row.get("id").and_then(Value::as_int).unwrap();
            identities.insert((model, id), identity.clone());
            let twin = records.insert((model, identity.clone()), row);
            assert!(twin.is_none(), "{model} {identity} is there twice");
        }
    }
    counts.extend(TOUCHED.map(|model| (model, sandbox.count(model))));
    let told = |(name, value): (&str, &Value)| {
        let link = LINKS.iter().find(|(field, _)| *field == name);
        let identity = link.and_then(|(_, model)| identities.get(&(*model, value.as_int()?)));
        (
            name.to_owned(),
            identity.map_or_else(|| Told::Value(value.clone()), |identity| Told::Identity(identity.clone())),
        )
    };
    let fields = |row: Struct| row.iter().filter(|(name, _)| !TIMES.contains(name)).map(told).collect();
    let records = records.into_iter().map(|(key, row)| (key, fields(row))).collect();
    Snapshot { records, counts }
}

impl Snapshot {
    pub(crate) fn records(&self) -> usize {
        self.records.len()
    }

    /// Tells the first difference.
    #[track_caller]
    pub(crate) fn is(&self, wanted: &Self, what: &str) {
        for (key, fields) in &wanted.records {
            let found = self.records.get(key).unwrap_or_else(|| panic!("{what}: {key:?} is missing"));
            let names: Vec<_> = fields
                .keys()
                .chain(found.keys())
                .filter(|name| fields.get(*name) != found.get(*name))
                .collect();
            assert!(names.is_empty(), "{what}: {key:?} differs in {names:?}");
        }
        assert_eq!(self.records.len(), wanted.records.len(), "{what}: too many records");
        assert_eq!(self.counts, wanted.counts, "{what}");
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: usize = self.records.values().map(BTreeMap::len).sum();
        write!(f, "{} records, {fields} fields", self.records.len())
    }
}

//! How much memory a migration takes: 200,000 patients, and 400,000, read, mapped, journaled and encoded into a destination that
//! only counts. Fails where either takes 120 MB, or the second more than the first by a tenth and 160 bytes a patient.
//!
//! Each runs in a process of its own, whose peak the operating system tells.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks to the terminal")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use mapping_core::draft::Lookup;
use mapping_core::migration::Migration;
use odoo_rpc::client::{Client, Login};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Limits, Value, decode_call, encode_response};
use reconcile::journal::SqliteJournal;
use source_pulse::export::PulseExport;
use source_pulse::fixtures::Clinic;
use source_pulse::options::PulseOptions;

const LIMIT_KB: u64 = 120_000;
/// What may be added for each patient: the reader keeps fingerprints of ids, names and phones, so that it knows whose a row is.
const ID_BYTES: u64 = 160;
const EXPORT: &str = "MIGRATION_BENCH_EXPORT";
/// Other numbers of patients, with commas between them.
const PATIENTS: &str = "MIGRATION_BENCH_PATIENTS";

fn main() {
    if let Ok(export) = std::env::var(EXPORT) {
        return tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
            .block_on(migrate(&export));
    }
    let sizes = std::env::var(PATIENTS).unwrap_or_else(|_| "200000,400000".into());
    let sizes: Vec<u32> = sizes.split(',').map(|size| size.parse().unwrap()).collect();
    let peaks: Vec<u64> = sizes.iter().map(|size| peak(*size)).collect();
    for (peaks, sizes) in peaks.windows(2).zip(sizes.windows(2)) {
        let more = peaks[1].saturating_sub(peaks[0]);
        let ids = u64::from(sizes[1] - sizes[0]) * ID_BYTES / 1000;
        assert!(more < peaks[0] / 10 + ids, "memory grows with the number of patients: {more} kB");
    }
    assert!(peaks.iter().all(|peak| *peak < LIMIT_KB), "more than {LIMIT_KB} kB");
}

/// The peak of a process that migrates so many patients, in kB.
fn peak(patients: u32) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    Clinic::new(patients).appointments_per_patient(0).write_to(&export).unwrap();
    let began = Instant::now();
    let output = Command::new(std::env::current_exe().unwrap()).env(EXPORT, &export).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let peak: u64 = text.lines().find_map(|line| line.strip_prefix("peak ")?.parse().ok()).unwrap();
    println!("{patients} patients: {peak} kB at the peak, {:.1} s", began.elapsed().as_secs_f64());
    peak
}

async fn migrate(export: &str) {
    let pulse = PulseExport::open(export, PulseOptions::default()).unwrap();
    let mapper = source_pulse::mapping::odoo_mapper(pulse.zone()).unwrap();
    let journal = SqliteJournal::open(Path::new(export).join("journal")).unwrap();
    let counting = Arc::new(Counting { sandbox: Sandbox::new(Like::Odoo19), next: AtomicI64::new(1000) });
    let client =
        Client::over(Arc::clone(&counting), Login::new("sandbox", "admin", "admin")).connect().await.unwrap();
    let odoo = OdooWriter::new(client);
    let migration = Migration::new(&pulse, &mapper, &odoo, &journal);
    let report = migration.fallback(Lookup::new("res.users", "login", "admin")).run().await.unwrap();
    let patients = report.counts("patient");
    assert_eq!((patients.written, patients.refused), (patients.read, 0));
    let written = patients.written + report.counts("appointment").written;
    assert_eq!(i64::try_from(written).unwrap(), counting.next.load(Ordering::Relaxed) - 1000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak {}", peak.trim().trim_end_matches(" kB"));
}

/// An Odoo that keeps no contacts and no activities: it counts them.
#[derive(Debug)]
struct Counting {
    sandbox: Sandbox,
    next: AtomicI64,
}

#[async_trait::async_trait]
impl Transport for Counting {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let body = request.body.in_memory().unwrap();
        let head = String::from_utf8_lossy(&body[..body.len().min(2000)]);
        // What stands before the method is the model: views of contacts are made, and contacts counted.
        let counted = |before: &str| before.contains(">res.partner<") || before.contains(">mail.activity<");
        // But for the one by which the writer sees that the server still takes contacts: it is to be refused.
        let is_probe = head.contains("migration probe");
        if is_probe || !head.split_once(">create<").is_some_and(|(before, _)| counted(before)) {
            return self.sandbox.send(request).await;
        }
        let call = decode_call(body, &Limits::default()).unwrap();
        let rows = call.params[5].as_array().unwrap()[0].as_array().unwrap().len();
        let count = i64::try_from(rows).unwrap();
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        let ids: Vec<Value> = (first..first + count).map(Value::from).collect();
        Ok(Response::new(200, "text/xml", encode_response(&ids.into()).unwrap()))
    }
}

//! How fast an export is read, and in how much memory: a fifth of a million rows, and a million, of patients and appointments; and the
//! tables whose rows are put in order. Fails where the million takes more than twice the memory, or 200 MB.
//!
//! "Opened" is the first look through every table: for the order of its dates, ids, and what belongs together. "Read" is all records
//! after that, on one core. Each size runs in a process of its own, whose peak the operating system tells.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks to the terminal")]

use std::process::Command;
use std::time::{Duration, Instant};

use futures::{StreamExt, executor::block_on};
use mapping_core::source::{Query, Reading, SourceReader};
use source_pulse::export::PulseExport;
use source_pulse::fixtures::Clinic;
use source_pulse::options::PulseOptions;

const EXPORT: &str = "MIGRATION_BENCH_READ";
/// Another number of rows than a million.
const ROWS: &str = "MIGRATION_BENCH_ROWS";
const LIMIT_KB: u64 = 200_000;

fn main() {
    if let Ok(export) = std::env::var(EXPORT) {
        return read(&export);
    }
    let rows: u32 = std::env::var(ROWS).map_or(1_000_000, |rows| rows.parse().unwrap());
    let peaks = [rows / 5, rows].map(|rows| peak(&format!("{rows} rows"), &Clinic::new(rows / 5)));
    let [small, large] = peaks;
    assert!(large < LIMIT_KB && large < 2 * small.max(20_000), "{small} kB, then {large} kB");
    let parts = rows / 10;
    let clinic = Clinic::new(parts / 5).appointments_per_patient(0);
    peak("in order", &clinic.prescriptions(parts).clinical_notes(parts).bills(parts));
}

/// The peak of a process that reads the export, in kB.
fn peak(name: &str, clinic: &Clinic) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    clinic.write_to(&export).unwrap();
    let output = Command::new(std::env::current_exe().unwrap()).env(EXPORT, &export).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let peak: u64 = text.lines().find_map(|line| line.strip_prefix("peak ")?.parse().ok()).unwrap();
    for line in text.lines().filter(|line| !line.starts_with("peak ")) {
        println!("{name}: {line}");
    }
    println!("{name}: {peak} kB at the peak");
    peak
}

fn read(export: &str) {
    let began = Instant::now();
    let pulse = PulseExport::open(export, PulseOptions::default()).unwrap();
    println!("opened in {:.2} s", began.elapsed().as_secs_f64());
    let (mut records, mut took) = (0, Duration::ZERO);
    for entity in pulse.entities() {
        let began = Instant::now();
        let mut of_entity = 0_u32;
        block_on(pulse.read(&Query::all(entity.name().clone())).for_each(|reading| {
            of_entity += u32::from(matches!(reading.unwrap(), Reading::Record(_)));
            std::future::ready(())
        }));
        let spent = began.elapsed();
        (records, took) = (records + of_entity, took + spent);
        if of_entity > 1000 {
            let speed = f64::from(of_entity) / spent.as_secs_f64();
            println!(
                "{of_entity} records {} read in {:.2} s, {speed:.0} a second",
                entity.name(),
                spent.as_secs_f64()
            );
        }
    }
    println!("{records} records in all, {:.0} a second", f64::from(records) / took.as_secs_f64());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak {}", peak.trim().trim_end_matches(" kB"));
}

//! How long it takes to look for duplicates among 100,000 patients (`MIGRATION_BENCH_PEOPLE` says otherwise), and how much memory. The made-up
//! clinic has some fifty given names and twenty-four family names only, so far more people of one name than a real one has.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench speaks to the terminal, and what cannot run cannot be measured"
)]
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::TryStreamExt as _;
use mapping_core::record::Record;
use mapping_core::source::{Query, Reading, SourceReader as _};
use reconcile::duplicates::{Decisions, Duplicates, PersonFields};
use source_pulse::export::PulseExport;
use source_pulse::fixtures::Clinic;
use source_pulse::options::PulseOptions;

fn duplicates(criterion: &mut Criterion) {
    let patients =
        std::env::var("MIGRATION_BENCH_PEOPLE").map_or(100_000, |count| count.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("export");
    Clinic::new(patients).appointments_per_patient(0).write_to(&export).expect("written");
    let pulse = PulseExport::open(&export, PulseOptions::default()).expect("an export");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (fields, none) = (PersonFields::default(), Decisions::default());

    // As a program does it: no record is kept.
    let before = peak();
    let all = runtime.block_on(Duplicates::read(&pulse, &fields)).expect("read");
    let report = all.find(&none);
    println!("peak of memory: {before} kB before, {} kB after", peak());
    print!("{report}");
    println!("{} pairs compared", report.summary.compared);
    drop((all, report));

    let records: Vec<Record> = runtime.block_on(async {
        let readings = pulse.read(&Query::all(fields.entity.clone()));
        let records = readings.try_filter_map(|reading| async {
            Ok(match reading {
                Reading::Record(record) => Some(record),
                _ => None,
            })
        });
        records.try_collect().await.expect("read")
    });
    let mut group = criterion.benchmark_group("duplicates");
    group.throughput(Throughput::Elements(records.len() as u64));
    group.sample_size(10);
    group.bench_function("patients", |bencher| {
        bencher.iter(|| {
            let mut all = Duplicates::new();
            records.iter().for_each(|record| all.add(fields.person(record)));
            all.find(&none)
        });
    });
    group.finish();
}

/// The most memory this process had so far, in kB, where the system tells it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

criterion_group!(benches, duplicates);
criterion_main!(benches);

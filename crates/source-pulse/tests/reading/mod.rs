//! Exports read whole, for tests.
#![allow(dead_code, reason = "each suite uses a part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use futures::StreamExt;
use futures::executor::block_on;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::record::Record;
use mapping_core::source::{Query, Reading, SourceReader};
use source_pulse::export::PulseExport;
use source_pulse::fixtures::{Clinic, Truth};
use source_pulse::options::PulseOptions;
use tempfile::TempDir;

pub(crate) const ENTITIES: [&str; 9] = [
    "staff",
    "appointment-status",
    "patient",
    "appointment",
    "campaign-touch",
    "prescription",
    "clinical-note",
    "bill",
    "chat",
];

/// Flags about a file as a whole.
pub(crate) const FILE_NOTES: [&str; 6] =
    ["guessed-encoding", "ambiguous-dates", "mixed-dates", "short-years", "spreadsheet-dates", "no-file"];

/// All that was read of an entity; the flags of its records are among its flags.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) records: Vec<Record>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) flags: Vec<Flag>,
}

pub(crate) fn kinds(read: &Read) -> Vec<String> {
    read.flags.iter().map(|flag| flag.kind.to_string()).collect()
}

pub(crate) fn readings(export: &PulseExport) -> BTreeMap<&'static str, Read> {
    let mut all = BTreeMap::new();
    for entity in ENTITIES {
        let mut read = Read::default();
        for reading in block_on(export.read(&Query::all(entity)).collect::<Vec<_>>()) {
            match reading.unwrap() {
                Reading::Record(record) => {
                    read.flags.extend_from_slice(record.flags());
                    read.records.push(record);
                }
                Reading::Refused(refusal) => read.refusals.push(refusal),
                Reading::Flag(flag) => read.flags.push(flag),
            }
        }
        all.insert(entity, read);
    }
    all
}

pub(crate) fn made(clinic: &Clinic) -> (TempDir, Truth, BTreeMap<&'static str, Read>) {
    let dir = tempfile::tempdir().unwrap();
    let truth = clinic.write_to(dir.path()).unwrap();
    let all = readings(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap());
    (dir, truth, all)
}

pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(Path::new(dir.path()).join(name), text).unwrap();
    }
    dir
}

pub(crate) fn read(files: &[(&str, &str)]) -> BTreeMap<&'static str, Read> {
    let dir = folder(files);
    readings(&PulseExport::open(dir.path(), PulseOptions::default()).unwrap())
}

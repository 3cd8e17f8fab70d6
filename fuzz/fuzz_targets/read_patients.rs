//! Any cells in a clinic's tables: dates, amounts, phones, ids, names of files. Each row is a record, a refusal or a flag, and the mapping takes
//! what is a record.
#![no_main]

use std::fmt::Write;
use std::fs;

use futures::StreamExt;
use futures::executor::block_on;
use mapping_core::mapper::RecordMapper;
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::spec::mapper::Mapper;
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;

thread_local! {
    static MAPPER: Mapper =
        source_pulse::mapping::odoo_mapper(&jiff::tz::TimeZone::UTC).expect("the shipped mapping compiles");
}

/// The tables, with the columns whose cells are anything.
const TABLES: [(&str, &str); 3] = [
    ("Patients", "Patient ID,Patient Name,Date of Birth,Registered On,Last Modified,Mobile Number,Allergy Notes,Address,Blood Group"),
    ("ClinicalNotes", "Patient ID,Note ID,Date,Time,Doctor,Diagnosis,File Name"),
    ("Bills", "Patient ID,Bill No,Date,Item,Quantity,Unit Cost,Discount,Tax Percent,Total,Paid,Due"),
];

libfuzzer_sys::fuzz_target!(|text: &str| {
    let dir = tempfile::tempdir().expect("a folder");
    let mut cells = text.split('\u{1f}');
    for (name, header) in TABLES {
        let mut table = format!("{header}\n");
        for row in 1..4 {
            let _ = write!(table, "P-{row}");
            for _ in 1..header.split(',').count() {
                let cell = cells.next().unwrap_or("31/01/1990").replace('"', "\"\"");
                let _ = write!(table, ",\"{cell}\"");
            }
            table.push('\n');
        }
        fs::write(dir.path().join(format!("{name}.csv")), table).expect("a file");
    }
    let Ok(export) = PulseExport::open(dir.path(), PulseOptions::default()) else { return };
    for entity in export.entities() {
        for reading in block_on(export.read(&Query::all(entity.name().clone())).collect::<Vec<_>>()) {
            if let Ok(Reading::Record(record)) = reading {
                let _ = MAPPER.with(|mapper| mapper.map(&record));
            }
        }
    }
});

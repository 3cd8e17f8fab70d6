//! Looks through an export, and tells what to clean before anything is written.

use std::io::{self, Write};
use std::path::Path;

use mapping_core::error::{Error, Result};
use mapping_core::table::TextDialect;
use reconcile::audit::Audit;
use reconcile::audit::report::{AuditReport, Table};
use source_pulse::export::PulseExport;

use crate::args::Args;
use crate::report::private;
use crate::run::{export, heard};
use crate::unused;

/// Flags that ask nothing of anybody: lines that are no record.
const NOTES: [&str; 5] = ["blank-row", "repeated-header", "totals-row", "preamble-line", "skipped-row"];

/// Audits the export, says what was found, and gives the exit status.
pub(crate) async fn look(args: &Args, places: usize, out: Option<&Path>, file_names: bool) -> Result<u8> {
    let (_, pulse) = export(args)?;
    let mapper = source_pulse::mapping::odoo_mapper_of(args.choices(), pulse.zone())?;
    let audit = NOTES.into_iter().fold(Audit::new(&pulse), Audit::note);
    let mut report = audit.mapper(&mapper).places(places).run().await?;
    report.tables.push(files(&pulse));
    let ids = ids(&pulse, places)?;
    report.tables.extend((!ids.rows.is_empty()).then_some(ids));
    unused::add(&mut report, &pulse, file_names)?;
    let text = match args.json {
        true => serde_json::to_string_pretty(&document(&report))
            .map_err(|error| Error::config("the audit cannot be written").because(error))?,
        false => report.to_string(),
    };
    match out {
        Some(file) => private(file).and_then(|mut file| writeln!(file, "{text}").and_then(|()| file.flush())).map_err(
            |error| {
                let message = "the file for the findings cannot be written; mend its folder's rights, or name another one";
                Error::config(message).at("file", file.display()).because(error)
            },
        )?,
        None => heard(writeln!(io::stdout(), "{text}"))
            .map_err(|error| Error::config("cannot write to standard output").because(error))?,
    }
    Ok(if report.refused() == 0 { 0 } else { 3 })
}

/// The report with its sums.
fn document(report: &AuditReport) -> serde_json::Value {
    serde_json::json!({
        "records": report.records(), "refused": report.refused(),
        "entities": report.entities, "findings": report.findings, "tables": report.tables,
    })
}

/// How each file is written, as it was found out, so that a wrong guess is seen.
fn files(pulse: &PulseExport) -> Table {
    let table = Table::new("files", ["file", "encoding", "between cells", "header on line"]);
    pulse.dialects().fold(table, |table, (file, dialect)| {
        let (encoding, between) = match &dialect.text {
            Some(TextDialect { encoding, delimiter: '\t', .. }) => (*encoding, "tab".to_owned()),
            Some(TextDialect { encoding, delimiter, .. }) => (*encoding, delimiter.to_string()),
            None => ("a workbook's sheet", String::new()),
        };
        table.row([file.to_owned(), encoding.to_owned(), between, dialect.header_line.to_string()])
    })
}

/// How the rows of each file found their patients, and where those are that need a person.
fn ids(pulse: &PulseExport, places: usize) -> Result<Table> {
    let mut table =
        Table::new("patients of rows", ["file", "rows", "found by", "certainty", "what", "lines"]);
    for of_file in pulse.matches(places)?.tables {
        for found in &of_file.found {
            table = table.row([
                of_file.table.clone(),
                found.count.to_string(),
                found.how.as_str().to_owned(),
                found.certainty.as_str().to_owned(),
                found.what.to_owned(),
                found.shown(),
            ]);
        }
    }
    Ok(table)
}

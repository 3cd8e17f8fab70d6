//! The files of an export that no table names, as findings of the audit. Their names may be patients': they are told where asked for.

use mapping_core::error::Result;
use reconcile::audit::report::{AuditReport, Finding, Severity, Table};
use source_pulse::export::PulseExport;
use source_pulse::unused::UnusedPlace;

/// Adds them to a report; with their names too, where `named`.
pub(crate) fn add(report: &mut AuditReport, pulse: &PulseExport, named: bool) -> Result<()> {
    let (mut in_files, mut in_folders, mut beside) = (0, 0, 0);
    let mut names = Vec::new();
    for file in pulse.unused_files()? {
        let file = file?;
        match file.place {
            UnusedPlace::Files => in_files += 1,
            UnusedPlace::BesideTables => beside += 1,
            _ => in_folders += 1,
        }
        if named {
            let path = file.path.to_string_lossy();
            names.push(path.replace(char::is_control, "\u{FFFD}"));
        }
    }
    let see =
        "name it in a row, or leave it out of the export (--file-names lists all, in the file of --out)";
    for (severity, count, place) in [
        (Severity::Look, in_files, "in the folder files"),
        (Severity::Look, in_folders, "in another folder of the export"),
        // A list of contents, or a note of whoever made the export.
        (Severity::Note, beside, "beside the tables"),
    ] {
        let message = format!("lies {place}, and no table names it, so it is not moved; {see}");
        report.add(Finding::new(severity, "unused-file", "file", count, message));
    }
    if named {
        names.sort();
        let table = Table::new("unused files", ["file"]);
        report.tables.push(names.into_iter().fold(table, |table, name| table.row([name])));
    }
    Ok(())
}

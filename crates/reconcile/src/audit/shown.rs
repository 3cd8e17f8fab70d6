//! A report as text.

use std::fmt;

use crate::audit::report::{AuditReport, EntityAudit, Finding, Place, Severity, Table};

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = Table::new("records", ["", "there", "refused"]);
        let count = |table: Table, entity: &EntityAudit| {
            table.row([entity.entity.to_string(), entity.records.to_string(), entity.refused.to_string()])
        };
        writeln!(f, "{}", self.entities.iter().fold(counts, count))?;
        for entity in self.entities.iter().filter(|entity| entity.records > 0) {
            write!(f, "{}", completeness(entity))?;
            let empty = entity.fields.iter().filter(|field| field.filled == 0);
            let empty: Vec<&str> = empty.map(|field| field.field.as_str()).collect();
            match empty.is_empty() {
                true => writeln!(f)?,
                false => writeln!(f, "  none has {}\n", empty.join(", "))?,
            }
        }
        for table in &self.tables {
            writeln!(f, "{table}")?;
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if !self.findings.is_empty() {
            writeln!(f)?;
        }
        let verdict = match (self.refused(), self.count(Severity::Look)) {
            (0, 0) => "nothing to clean",
            (0, _) => "all would arrive; look at the findings first",
            _ => "mend what would be refused first",
        };
        write!(
            f,
            "{} records, {} would be refused, {} findings to look at, {} notes: {verdict} (nothing written)",
            self.records(),
            self.refused(),
            self.count(Severity::Look),
            self.count(Severity::Note)
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Look => "LOOK",
            Severity::Refused => "REFUSED",
        };
        let Self { kind, entity, count, message, .. } = self;
        write!(f, "{severity:7} {count:>7}  {entity}")?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        write!(f, "  {kind}\n{:17}-> {message}", "")?;
        // The file once for all lines of it that follow each other.
        let mut last = None;
        for place in &self.places {
            match (place, last) {
                (Place::Line { file, line }, Some(known)) if file == known => write!(f, ", {line}")?,
                (Place::Line { file, line }, _) => write!(f, "\n{:17}   {file} line {line}", "")?,
                (other, _) => write!(f, "\n{:17}   {other}", "")?,
            }
            last = match place {
                Place::Line { file, .. } => Some(file),
                Place::Record { .. } => None,
            };
        }
        match self.count.saturating_sub(self.places.len() as u64) {
            more if more > 0 && !self.places.is_empty() => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Table {
    /// The title, then the columns, as wide as their widest cell; each line ends in a line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = || std::iter::once(&self.columns).chain(&self.rows);
        let wide = |at: usize| all().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..self.columns.len()).map(|at| wide(at).unwrap_or(0)).collect();
        writeln!(f, "{}", self.title)?;
        for row in all() {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// The fields of an entity that at least one record has.
fn completeness(entity: &EntityAudit) -> Table {
    let table = Table::new(format!("fields of {}", entity.entity), ["", "have it", "of", "%"]);
    entity.fields.iter().filter(|field| field.filled > 0).fold(table, |table, field| {
        let share = field.filled.saturating_mul(100).checked_div(field.of).unwrap_or(0);
        table.row([
            field.field.to_string(),
            field.filled.to_string(),
            field.of.to_string(),
            share.to_string(),
        ])
    })
}

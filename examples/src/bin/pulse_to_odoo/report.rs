//! What is said at the end: to a person, to a program, and in files. No values of patients in any of it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Error, Result, Write};
use std::path::Path;
use std::time::Duration;

use mapping_core::finding::{Flag, Refusal};
use mapping_core::migration::report::RunReport;
use serde_json::{Map, Value, json};

use crate::spool::Spool;

/// All there is to say.
pub(crate) struct Report {
    pub(crate) run: RunReport,
    pub(crate) refused: Spool,
    pub(crate) flags: Spool,
    pub(crate) calls: u64,
    pub(crate) took: Duration,
}

/// How many refusals and kinds of flags a person is told at once.
const SHOWN: usize = 10;

impl Report {
    /// For a person.
    pub(crate) fn print(&mut self, out: &mut impl Write) -> Result<()> {
        writeln!(out, "{}", self.run)?;
        if self.run.recovered > 0 {
            writeln!(
                out,
                "{} rows that an earlier run had left in doubt were there already",
                self.run.recovered
            )?;
        }
        let mut kinds = std::collections::BTreeMap::<String, u64>::new();
        for flag in self.flags.values::<Flag>()? {
            *kinds.entry(flag?.kind.into_owned()).or_default() += 1;
        }
        if !kinds.is_empty() {
            let all: Vec<_> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            writeln!(out, "to look at: {}", all.join(", "))?;
        }
        let refused = self.run.refused();
        if refused > 0 {
            writeln!(out, "refused:")?;
            for refusal in self.refused.values::<Refusal>()?.take(SHOWN) {
                writeln!(out, "  {}", refusal?)?;
            }
            if refused > SHOWN as u64 {
                writeln!(out, "  and {} more (--report DIR or --json lists all)", refused - SHOWN as u64)?;
            }
        }
        writeln!(out, "{} calls, {:.1} s", self.calls, self.took.as_secs_f64())
    }

    /// For a program: one JSON document, written piece by piece.
    pub(crate) fn json(&mut self, out: &mut impl Write) -> Result<()> {
        let entities: Map<String, Value> =
            self.run.phases.iter().map(|(entity, counts)| (entity.to_string(), json!(counts))).collect();
        write!(out, "{{\"entities\": {}, \"refusals\": [", Value::Object(entities))?;
        for (number, refusal) in self.refused.values::<Refusal>()?.enumerate() {
            let Refusal { entity, key, origin, field, reason } = refusal?;
            let (file, line) = origin.map(|origin| (origin.file, origin.line)).unzip();
            let comma = if number > 0 { ", " } else { "" };
            let row = json!({"entity": entity, "key": key, "file": file, "line": line, "field": field, "reason": reason});
            write!(out, "{comma}{row}")?;
        }
        write!(out, "], \"flags\": [")?;
        for (number, flag) in self.flags.values::<Flag>()?.enumerate() {
            let Flag { kind, entity, key, origin, field, message } = flag?;
            let (file, line) = origin.map(|origin| (origin.file, origin.line)).unzip();
            let comma = if number > 0 { ", " } else { "" };
            let row = json!({
                "kind": kind, "entity": entity, "key": key, "file": file, "line": line, "field": field, "message": message,
            });
            write!(out, "{comma}{row}")?;
        }
        let left_out = self.run.dropped.iter().map(|used| json!({"model": used.model, "field": used.field}));
        let left_out = Value::Array(left_out.collect());
        let RunReport { recovered, made, .. } = self.run;
        write!(out, "], \"left_out\": {left_out}, \"recovered\": {recovered}, \"made\": {made}")?;
        writeln!(out, ", \"calls\": {}, \"seconds\": {:.3}}}", self.calls, self.took.as_secs_f64())
    }

    /// In files, for their owner alone, in a folder that was [made](make_folder) before.
    pub(crate) fn save(&mut self, dir: &Path) -> Result<()> {
        let mut text = private(&dir.join("report.txt"))?;
        self.print(&mut text)?;
        text.flush()?;
        let mut json = private(&dir.join("report.json"))?;
        self.json(&mut json)?;
        json.flush()?;
        let mut refused = csv::Writer::from_writer(private(&dir.join("refused.csv"))?);
        refused.write_record(["entity", "key", "file", "line", "field", "reason"])?;
        for refusal in self.refused.values::<Refusal>()? {
            let Refusal { entity, key, origin, field, reason } = refusal?;
            let (file, line) = place(origin);
            let field = field.map(|field| field.to_string()).unwrap_or_default();
            refused.write_record(cells([
                entity.as_str(),
                key.as_deref().unwrap_or_default(),
                &file,
                &line,
                &field,
                &reason,
            ]))?;
        }
        refused.flush()?;
        let mut flags = csv::Writer::from_writer(private(&dir.join("flags.csv"))?);
        flags.write_record(["kind", "entity", "key", "file", "line", "field", "message"])?;
        for flag in self.flags.values::<Flag>()? {
            let Flag { kind, entity, key, origin, field, message } = flag?;
            let (file, line) = place(origin);
            let entity = entity.map(|entity| entity.to_string()).unwrap_or_default();
            let field = field.map(|field| field.to_string()).unwrap_or_default();
            let key = key.as_deref().unwrap_or_default();
            flags.write_record(cells([&kind, &entity, key, &file, &line, &field, &message]))?;
        }
        flags.flush()
    }
}

/// Makes the folder of a report where there is none, for its owner alone, and sees that files can be made in it.
pub(crate) fn make_folder(dir: &Path) -> Result<()> {
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(dir)?;
    tempfile::tempfile_in(dir).map(drop)
}

fn place(origin: Option<mapping_core::key::Origin>) -> (String, String) {
    origin.map(|origin| (origin.file.to_string(), origin.line.to_string())).unwrap_or_default()
}

/// Cells that a spreadsheet takes for text: ids come from foreign files and may look like formulas.
fn cells<const N: usize>(cells: [&str; N]) -> [String; N] {
    cells.map(|cell| {
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
    })
}

/// A file for its owner alone, emptied.
pub(crate) fn private(path: &Path) -> Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    Ok(BufWriter::new(file))
}

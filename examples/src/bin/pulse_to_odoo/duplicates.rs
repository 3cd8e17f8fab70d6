//! Looks for patients who may be one person, and takes in what was decided about them.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use jiff::Timestamp;
use mapping_core::destination::DestinationReader as _;
use mapping_core::error::{Error, Result};
use mapping_core::journal::{Journal as _, MigrationId};
use mapping_core::source::SourceReader as _;
use odoo_rpc::destination::OdooWriter;
use reconcile::duplicates::{Decisions, Duplicates, Merged, PersonFields, Report};
use reconcile::journal::SqliteJournal;
use source_pulse::export::PulseExport;

use crate::args::Args;
use crate::odoo::journal;
use crate::run::{export, heard};

/// Looks through the patients, says which pairs nobody has decided on, and gives the exit status.
pub(crate) async fn look(args: &Args, out: Option<&Path>) -> Result<u8> {
    let (_, pulse) = export(args)?;
    let known = match journal(args).filter(|file| file.exists()) {
        Some(file) => Decisions::journaled(&SqliteJournal::open(file)?).await?,
        None => Decisions::default(),
    };
    let fields = PersonFields::default();
    let report = Duplicates::read(&pulse, &fields).await?.find(&known);
    if let Some(file) = out {
        propose(file, &report.proposals(&fields.entity)).map_err(|error| {
            let message = match error.kind() {
                ErrorKind::AlreadyExists => "the file for the decisions is there, and may hold some; name another one",
                _ => "the file for the decisions cannot be written; mend its folder's rights, or name another one",
            };
            Error::config(message).at("file", file.display()).because(error)
        })?;
    }
    let text = match args.json {
        true => serde_json::to_string_pretty(&report)
            .map_err(|error| Error::config("the pairs cannot be written").because(error))?,
        false => told(&report),
    };
    heard(writeln!(io::stdout(), "{}", text.trim_end()))
        .map_err(|error| Error::config("cannot write to standard output").because(error))?;
    Ok(if report.pairs.is_empty() { 0 } else { 3 })
}

/// For a person: each pair with its places, then the counts.
fn told(report: &Report) -> String {
    let place = |origin: &Option<_>| origin.as_ref().map(|origin| format!(", {origin}")).unwrap_or_default();
    let mut text = String::new();
    for pair in &report.pairs {
        text += &format!("{pair}{}{}\n", place(&pair.first_origin), place(&pair.second_origin));
    }
    text + &report.to_string()
}

/// A new file for its owner alone: what is there may hold decisions, and is left.
fn propose(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The export as it is when all decisions are obeyed: those of `file`, which are journaled, and those of earlier runs.
pub(crate) async fn obeyed<'p>(
    pulse: &'p PulseExport,
    file: Option<&Path>,
    journal: &SqliteJournal,
    odoo: &OdooWriter,
) -> Result<Merged<&'p PulseExport>> {
    // Before anything is read from it or added to it: it may be another clinic's.
    journal.bind(&MigrationId { source: pulse.source().clone(), destination: odoo.address() }).await?;
    let known = Decisions::journaled(journal).await?;
    let newer = match file {
        Some(file) => read(file)?,
        None => Decisions::default(),
    };
    let merged = Merged::new(pulse, &known.and(&newer)?).await?;
    merged.unwritten(journal, odoo).await?;
    journal.append(&known.news(&newer, Timestamp::now())).await?;
    Ok(merged)
}

fn read(file: &Path) -> Result<Decisions> {
    let text = fs::read_to_string(file).map_err(|error| {
        Error::config("the decisions cannot be read; see whether the file is there and its rights allow it")
            .at("file", file.display())
            .because(error)
    })?;
    Decisions::from_toml(&text, &file.display().to_string())
}

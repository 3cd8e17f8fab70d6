//! The migration itself.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use mapping_core::draft::Lookup;
use mapping_core::error::{Error, Result};
use mapping_core::migration::Migration;
use reconcile::journal::SqliteJournal;
use source_pulse::decisions::IdDecisions;
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;

use crate::args::{Args, ClinicsAs};
use crate::duplicates::obeyed;
use crate::events::Watch;
use crate::odoo::{connect, journal};
use crate::report::{Report, make_folder};

/// The small export that is shipped with this program.
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/pulse-small");

/// Takes decisions in, runs, reports, and tells how many records were refused.
pub(crate) async fn run(args: &Args, decisions: Option<&Path>) -> Result<u64> {
    let began = Instant::now();
    // Now, and not when hours of work are done.
    if let Some(dir) = &args.report {
        make_folder(dir).map_err(|error| {
            Error::config(
                "the folder for the report cannot be written to; mend its rights, or name another one",
            )
            .at("folder", dir.display())
            .because(error)
        })?;
    }
    // The four parts: where from, what becomes what, where to, and what is remembered.
    let (folder, pulse) = export(args)?;
    let mapper = source_pulse::mapping::odoo_mapper_of(args.choices(), pulse.zone())?;
    let scratch = tempfile::tempdir()
        .map_err(|error| Error::config("cannot make a temporary folder").because(error))?;
    let journal_file = journal(args).unwrap_or_else(|| scratch.path().join("journal"));
    let journal = SqliteJournal::open(&journal_file)?;
    let odoo = connect(args).await?;
    if args.bills.is_none() && pulse.has_bills() && odoo.has_accounting().await? {
        let message = "Odoo's Accounting is active and the export has bills; say what they are to become: --bills accounting posts \
                       them as invoices with their payments, --bills summary keeps sums on the contacts; nothing was written";
        return Err(Error::config(message));
    }
    let patients = obeyed(&pulse, decisions, &journal, &odoo).await?;

    let mut migration = Migration::new(&patients, &mapper, &odoo, &journal);
    // In the sandbox nobody's patients are at stake: its only user stands in.
    let fallback = args.fallback_user.as_deref().or(args.odoo.is_none().then_some("admin"));
    if let Some(login) = fallback {
        migration = migration.fallback(Lookup::new("res.users", "login", login).folded());
    }
    let mut out = io::stdout();
    if !args.json {
        let into =
            args.odoo.as_deref().unwrap_or("an Odoo 19 inside this process (--odoo URL names a real one)");
        let mut text = format!("from  {}\ninto  {into}\n", folder.display());
        if args.odoo.is_some() || args.journal.is_some() {
            text += &format!("journal  {}\n", journal_file.display());
        }
        heard(out.write_all(text.as_bytes())).map_err(unsaid)?;
    }
    let watch = Watch::new().map_err(scratch_full)?;
    let outcome = migration.run_observed(&watch).await;
    let (refused, flags) = watch.finish().map_err(scratch_full)?;
    let run = outcome?;

    let count = run.refused();
    let mut report = Report { run, refused, flags, calls: odoo.client().calls(), took: began.elapsed() };
    let done =
        |error| Error::config("the migration is done, and its report could not be written").because(error);
    if let Some(dir) = &args.report {
        report.save(dir).map_err(done)?;
    }
    let said = if args.json { report.json(&mut out) } else { report.print(&mut out) };
    heard(said.and_then(|()| out.flush())).map_err(done)?;
    Ok(count)
}

/// The export to be read, and where it lies.
pub(crate) fn export(args: &Args) -> Result<(PathBuf, PulseExport)> {
    let folder = args.export.clone().unwrap_or_else(|| PathBuf::from(SHIPPED));
    let options = PulseOptions::default().zone(&args.zone).clinic(&args.clinic);
    let options = options.clinic_records(args.clinics != ClinicsAs::Text);
    let options = match &args.ids {
        Some(file) => options.ids(IdDecisions::open(file)?),
        None => options,
    };
    let pulse = PulseExport::open(&folder, options)?;
    Ok((folder, pulse))
}

/// Whoever reads the beginning alone, as `head` does, has read enough.
pub(crate) fn heard(said: io::Result<()>) -> io::Result<()> {
    said.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

fn unsaid(error: io::Error) -> Error {
    Error::config("cannot write to standard output").because(error)
}

fn scratch_full(error: std::io::Error) -> Error {
    Error::config("cannot write to the folder for temporary files: make room there, or set TMPDIR")
        .because(error)
}

//! Moves the export of a Pulse clinic into Odoo.
//!
//! ```text
//! pulse_to_odoo                                        # a small shipped export, into an Odoo inside this process
//! ODOO_API_KEY=... pulse_to_odoo --export exports/north --odoo https://clinic.example.org --db clinic --login ops@clinic.example
//! ```
//!
//! Stopped halfway, the same line goes on where it was. Ends with 0 when all is well, 1 when it could not go on, 2 when it was
//! called wrongly, 3 when it finished and some records were refused.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to the terminal")]

mod args;
mod events;
mod odoo;
mod report;
mod run;
mod spool;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = args.check() {
        error.exit();
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run::run(&args).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(3),
        Err(error) => {
            eprintln!("pulse_to_odoo: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

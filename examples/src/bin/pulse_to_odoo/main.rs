//! Moves the export of a Pulse clinic into Odoo.
//!
//! ```text
//! pulse_to_odoo                                        # a small shipped export, into an Odoo inside this process
//! ODOO_API_KEY=... pulse_to_odoo --export exports/north --odoo https://clinic.example.org --db clinic --login ops@clinic.example
//! ```
//!
//! Stopped halfway, the same line goes on where it was. Ends with 0 when all is well, 1 when it could not go on, 2 when it was
//! called wrongly, 3 when it finished and some records were refused.

mod args;
mod events;
mod odoo;
mod report;
mod run;
mod spool;
mod stop;

use std::error::Error;
use std::io::Write;
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
    let outcome = tokio::select! {
        outcome = run::run(&args) => outcome,
        () = stop::asked() => {
            say(&format!("stopped; {}", stop::how_to_go_on(&args)));
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(3),
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                text += &format!("\n  because: {error}");
                cause = error.source();
            }
            say(&text);
            ExitCode::FAILURE
        }
    }
}

/// On standard error, whether or not anybody reads it.
fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "pulse_to_odoo: {text}"));
}

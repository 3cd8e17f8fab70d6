//! Moves the export of a Pulse clinic into Odoo.
//!
//! ```text
//! pulse_to_odoo                                        # a small shipped export, into an Odoo inside this process
//! ODOO_API_KEY=... pulse_to_odoo --export exports/north --odoo https://clinic.example.org --db clinic --login ops@clinic.example
//! ```
//!
//! Stopped halfway, the same line goes on where it was. Ends with 0 when all is well, 1 when it could not go on, 2 when it was
//! called wrongly, 3 when it finished and some records were refused.
//! `pulse_to_odoo doctor` looks at the server, writes nothing, and ends with 0, with 3 for warnings, with 1 for problems.
//! `pulse_to_odoo audit` looks through the export, writes nothing, and ends with 0 where every record would be taken, else with 3.
//! `pulse_to_odoo duplicates` looks for patients who may be one person, and ends with 0 where there is nothing to decide, else with 3.
//! `pulse_to_odoo run --decisions FILE` takes in what a person decided.
//! `pulse_to_odoo reference` tells what is not moved and is rebuilt by hand.

mod args;
mod audit;
mod doctor;
mod duplicates;
mod events;
mod odoo;
mod reference;
mod report;
mod run;
mod spool;
mod stop;
mod unused;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

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
    let work = async {
        match &args.command {
            Some(Command::Doctor) => doctor::examine(&args).await,
            Some(Command::Audit { places, out, file_names }) => {
                audit::look(&args, *places, out.as_deref(), *file_names).await
            }
            Some(Command::Duplicates { out }) => duplicates::look(&args, out.as_deref()).await,
            Some(Command::Reference { out }) => reference::write(&args, out.as_deref()),
            Some(Command::Run { decisions }) => moved(&args, decisions.as_deref()).await,
            None => moved(&args, None).await,
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = stop::asked() => {
            say(&format!("stopped; {}", stop::how_to_go_on(&args)));
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
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

async fn moved(args: &Args, decisions: Option<&Path>) -> mapping_core::error::Result<u8> {
    run::run(args, decisions).await.map(|refused| if refused == 0 { 0 } else { 3 })
}

/// On standard error, whether or not anybody reads it.
fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "pulse_to_odoo: {text}"));
}

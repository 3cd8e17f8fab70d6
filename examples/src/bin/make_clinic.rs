//! Makes up a clinic's export, with planted dirt and the truth about it.
//!
//! ```text
//! make_clinic --source pulse --patients 1000 --appointments-per-patient 4 --seed 7 --dirt 0.05 --out my-export
//! ```
//!
//! Ends with 0 when all is written, 1 when it could not go on (the folder is not writable, or already holds
//! files), 2 when it was called wrongly.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to the terminal")]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use source_pulse::fixtures::{Clinic, Expectation, FixtureError, Truth};

/// Makes up a clinic's export, with planted dirt and the truth about it.
///
/// The same settings give the same bytes. What was planted is in truth.json beside the export: files, lines,
/// ids and kinds, no values.
#[derive(Debug, Parser)]
struct Settings {
    /// The product whose export it is.
    #[arg(long, value_enum)]
    source: Source,
    /// How many patients.
    #[arg(long, value_name = "N")]
    patients: u32,
    /// How many appointments each of them has.
    #[arg(long, value_name = "K", default_value_t = 4, value_parser = clap::value_parser!(u32).range(..=3650))]
    appointments_per_patient: u32,
    /// How many messages of campaigns there are, over all patients.
    #[arg(long, value_name = "N")]
    campaign_touches: Option<u32>,
    /// Something of everything else: prescriptions, clinical notes, bills with payments, messages of campaigns, chats, in the measure of
    /// the patients. Numbers that are given count before it.
    #[arg(long)]
    everything: bool,
    /// How many prescriptions there are, over all patients.
    #[arg(long, value_name = "N")]
    prescriptions: Option<u32>,
    /// How many clinical notes there are, over all patients.
    #[arg(long, value_name = "N")]
    clinical_notes: Option<u32>,
    /// How many bills there are, over all patients.
    #[arg(long, value_name = "N")]
    bills: Option<u32>,
    /// How many patients have a chat.
    #[arg(long, value_name = "N")]
    chats: Option<u32>,
    /// What all values follow from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The share of rows with one defect each, from 0 to 1.
    #[arg(long, value_name = "FRACTION", default_value_t = 0.0, value_parser = fraction)]
    dirt: f64,
    /// Plant the rarer kinds of defects too.
    #[arg(long)]
    all_kinds: bool,
    /// The share of the appointments before the day of the export that are completed; about three in four where unset.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    completed: Option<f64>,
    /// The folder to write to: an empty one, or one that does not exist yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Source {
    /// Pulse Digital Clinic: Patients.csv, Appointments.csv, Staff.csv, and what else is asked for.
    Pulse,
}

fn main() -> ExitCode {
    let settings = Settings::parse();
    match make(&settings) {
        Ok(truth) => {
            report(&settings, &truth);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("make_clinic: {error}");
            if let Some(cause) = error.source() {
                eprint!(" ({cause})");
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

fn make(settings: &Settings) -> Result<Truth, FixtureError> {
    let truth = match settings.source {
        Source::Pulse => {
            let clinic = Clinic::new(settings.patients)
                .appointments_per_patient(settings.appointments_per_patient)
                .seed(settings.seed)
                .dirt(settings.dirt)
                .all_kinds(settings.all_kinds);
            let clinic = if settings.everything { clinic.everything() } else { clinic };
            let clinic = settings.campaign_touches.into_iter().fold(clinic, Clinic::campaign_touches);
            let clinic = settings.prescriptions.into_iter().fold(clinic, Clinic::prescriptions);
            let clinic = settings.clinical_notes.into_iter().fold(clinic, Clinic::clinical_notes);
            let clinic = settings.bills.into_iter().fold(clinic, Clinic::bills);
            let clinic = settings.chats.into_iter().fold(clinic, Clinic::chats);
            let clinic = settings.completed.into_iter().fold(clinic, Clinic::completed);
            clinic.write_to(&settings.out)?
        }
    };
    truth.save(&settings.out)?;
    Ok(truth)
}

fn report(settings: &Settings, truth: &Truth) {
    println!("{}", settings.out.display());
    for (entity, counts) in &truth.entities {
        println!("  {entity:<14} {:>9} records, {} of them to be refused", counts.rows, counts.refused);
    }
    let of = |expect| truth.defects.iter().filter(|planted| planted.expect == expect).count();
    println!(
        "  {} to be flagged, {} lines to be skipped",
        of(Expectation::Flagged),
        of(Expectation::Skipped)
    );
}

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("expected a number from 0 to 1, such as 0.05".to_owned()),
    }
}

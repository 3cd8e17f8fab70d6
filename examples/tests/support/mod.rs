//! What the tests of the programs share.
#![allow(dead_code, clippy::print_stdout, reason = "each test uses a part of it, and may speak")]

pub(crate) mod breaker;
pub(crate) mod canary;
pub(crate) mod proxy;
pub(crate) mod readback;

use std::path::Path;
use std::process::{Command, Output};

use odoo_rpc::sandbox::Sandbox;
use odoo_rpc::wire::{Struct, Value as Wire};
use serde_json::Value as Json;
use source_pulse::fixtures::{Clinic, Expectation, Truth};

/// A real server that the environment names: `ODOO19_URL` and `ODOO19_DB`, or the same for 14. Login and password are admin.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) version: u32,
    pub(crate) url: String,
    pub(crate) database: String,
}

pub(crate) fn server(version: u32) -> Option<Server> {
    let variable = |what| std::env::var(format!("ODOO{version}_{what}")).ok();
    let server = variable("URL").zip(variable("DB"));
    if server.is_none() {
        println!("no Odoo {version}: set ODOO{version}_URL and ODOO{version}_DB");
    }
    server.map(|(url, database)| Server { version, url, database })
}

/// The program, without anything from the environment that tells it what to do.
pub(crate) fn pulse_to_odoo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pulse_to_odoo"));
    command.env_remove("ODOO_API_KEY").env_remove("ODOO_PASSWORD").env_remove("RUST_LOG");
    command
}

/// The program, told to move `export` into `server` at `url`.
pub(crate) fn migration(server: &Server, url: &str, export: &Path, clinic: &str) -> Command {
    let mut command = pulse_to_odoo();
    command.env("ODOO_PASSWORD", "admin").arg("--export").arg(export);
    command.args(["--odoo", url, "--db", &server.database, "--login", "admin"]);
    command.args(["--fallback-user", "admin", "--clinic", clinic, "--json"]);
    command
}

/// The one JSON document on standard output.
pub(crate) fn json(output: &Output) -> Json {
    let said = || {
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said()))
}

/// A clinic's name of its own: a server may have seen other runs.
pub(crate) fn fresh_clinic(what: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{what}-{}", now.as_micros())
}

pub(crate) fn made_up(patients: u32, appointments: u32, dirt: f64, seed: u64, dir: &Path) -> Truth {
    let clinic = Clinic::new(patients).appointments_per_patient(appointments).dirt(dirt).seed(seed);
    clinic.write_to(dir).unwrap()
}

/// Every planted defect is found where it was planted, as it was to be found; and the counts add up to what was made.
pub(crate) fn holds_to_the_truth(report: &Json, truth: &Truth) {
    let at = |list: &str| -> Vec<(String, u64)> {
        let place = |row: &Json| Some((row["file"].as_str()?.to_owned(), row["line"].as_u64()?));
        report[list].as_array().unwrap().iter().filter_map(place).collect()
    };
    let (refused, flagged) = (at("refusals"), at("flags"));
    for planted in &truth.defects {
        let place = (planted.file.to_string(), planted.line);
        let found = match planted.expect {
            Expectation::Refused => refused.contains(&place),
            _ => flagged.contains(&place),
        };
        assert!(found, "{planted:?} was not found");
    }
    for (entity, made) in &truth.entities {
        let counts = &report["entities"][entity.to_string()];
        let count = |what: &str| counts[what].as_u64().unwrap();
        assert_eq!(count("refused"), made.refused, "{entity} refused");
        let sum = count("written") + count("updated") + count("unchanged") + count("refused");
        assert_eq!(count("read"), sum, "{entity}: read = written + updated + unchanged + refused");
        if entity != "staff" {
            assert_eq!(count("read"), made.rows, "{entity} read");
        }
    }
}

/// The program, told to move `export` into a sandbox that is served at `url`.
pub(crate) fn into_sandbox(url: &str, export: &Path, journal: &Path) -> Command {
    let mut command = pulse_to_odoo();
    command.env("ODOO_PASSWORD", "admin").arg("--export").arg(export);
    command.args(["--odoo", url, "--db", "sandbox", "--login", "admin", "--fallback-user", "admin"]);
    command.args(["--calls-per-second", "0", "--settle", "1", "--json", "--journal"]).arg(journal);
    command
}

/// What it ended with and wrote on standard error, after a look that it did not panic.
pub(crate) fn ended(output: &Output) -> (Option<i32>, String) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), said)
}

/// A count of an entity in a report.
pub(crate) fn count(report: &Json, entity: &str, what: &str) -> u64 {
    report["entities"][entity][what].as_u64().unwrap_or_else(|| panic!("no {what} of {entity}: {report}"))
}

/// How many contacts and activities of a clinic are there, the closed ones too.
pub(crate) fn there(sandbox: &Sandbox, clinic: &str) -> (usize, usize) {
    let beginning = format!("pulse:{clinic}:");
    let of = |model: &str| {
        let key = |row: &Struct| {
            row.get("x_migration_key").and_then(Wire::as_text).is_some_and(|key| key.starts_with(&beginning))
        };
        sandbox.rows(model).iter().filter(|row| key(row)).count()
    };
    (of("res.partner"), of("mail.activity"))
}

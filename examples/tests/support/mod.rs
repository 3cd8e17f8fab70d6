//! What the tests of the programs share.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod breaker;
pub(crate) mod canary;
pub(crate) mod proxy;
pub(crate) mod readback;
#[path = "../../../crates/odoo-rpc/tests/servers/mod.rs"]
pub(crate) mod servers;

use std::path::Path;
use std::process::{Command, Output};

use odoo_rpc::client::Protocol;
use odoo_rpc::sandbox::Sandbox;
use odoo_rpc::wire::{Struct, Value as Wire};
use serde_json::Value as Json;
use servers::Server;
use source_pulse::fixtures::{Clinic, Expectation, Truth};

/// What goes wrong is tried over both.
pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::XmlRpc, Protocol::Json2];

/// The program, without anything from the environment that tells it what to do.
pub(crate) fn pulse_to_odoo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pulse_to_odoo"));
    command.env_remove("ODOO_API_KEY").env_remove("ODOO_PASSWORD").env_remove("RUST_LOG");
    command
}

/// Over that protocol, with that password or key.
pub(crate) fn over(command: &mut Command, protocol: Protocol, secret: &str) {
    let (variable, name) = match protocol {
        Protocol::XmlRpc => ("ODOO_PASSWORD", "xml-rpc"),
        Protocol::Json2 => ("ODOO_API_KEY", "json-2"),
    };
    command.env(variable, secret).args(["--protocol", name]);
}

/// The program, told to move `export` into `server` at `url`, over the protocol of this run.
pub(crate) fn migration(server: &Server, url: &str, export: &Path, clinic: &str) -> Command {
    let mut command = pulse_to_odoo();
    over(&mut command, server.protocol, &server.secret);
    command.arg("--export").arg(export);
    command.args(["--odoo", url, "--db", &server.database, "--login", &server.login]);
    command.args(["--fallback-user", &server.login, "--clinic", clinic, "--json"]);
    command
}

/// The one JSON document on standard output.
pub(crate) fn json(output: &Output) -> Json {
    let said = || {
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said()))
}

pub(crate) fn made_up(patients: u32, appointments: u32, dirt: f64, seed: u64, dir: &Path) -> Truth {
    let clinic = Clinic::new(patients).appointments_per_patient(appointments).dirt(dirt).seed(seed);
    clinic.everything().write_to(dir).unwrap()
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

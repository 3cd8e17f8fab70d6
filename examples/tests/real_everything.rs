//! A clinic with everything in it into real servers, with Accounting and without: every object's row of the mapping checked by reading Odoo and
//! the files alone. `ODOO_PATIENTS` says how many patients; 400 unless set.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod everything;
mod support;

use std::time::Instant;

use everything::Everything;
use source_pulse::fixtures::Clinic;
use support::servers::{Server, fresh, quietly};
use support::{json, migration};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, arrives(&server, false)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, arrives(&server, false)).await;
    }
}

async fn arrives(server: &Server, accounting: bool) {
    let folder = tempfile::tempdir().unwrap();
    let (export, journal) = (folder.path().join("export"), folder.path().join("journal"));
    let patients = std::env::var("ODOO_PATIENTS").map_or(400, |count| count.parse().unwrap());
    let truth = Clinic::new(patients).everything().seed(11).write_to(&export).unwrap();
    let clinic = fresh("everything");
    let mut command = migration(server, &server.url, &export, &clinic);
    command.args(["--calls-per-second", "0", "--journal"]).arg(&journal);
    let began = Instant::now();
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let took = began.elapsed().as_secs_f64();
    let report = json(&output);
    let (mut rows, calls) = (0, report["calls"].as_u64().unwrap());
    for (entity, made) in truth.entities.iter().filter(|(entity, _)| *entity != "staff") {
        assert_eq!(report["entities"][entity.to_string()]["written"].as_u64(), Some(made.rows), "{entity}");
        rows += made.rows;
    }

    let client = server.client().await;
    let mut all = Everything::of(&export, &client, &clinic, server.version >= 19).await;
    all.patients().await;
    all.appointments().await;
    all.touches().await;
    all.notes().await;
    all.prescriptions().await;
    all.chats().await;
    let money = truth.money.unwrap();
    let mut said = String::new();
    if accounting {
        let (total, left) = all.invoices().await;
        assert_eq!((total as u64, (total - left) as u64), (money.billed, money.paid), "to the hundredth");
        said = format!(
            ", {}.{:02} billed, {}.{:02} to be paid",
            total / 100,
            total % 100,
            left / 100,
            left % 100
        );
    } else {
        all.sums().await;
        assert!(calls <= rows / 500 + 150, "{calls} calls for {rows} rows");
    }
    let seen = all.seen();
    println!(
        "Odoo {}, {}{}: {rows} records in {calls} calls and {took:.0} s; {} facts of {} records held against the files{said}",
        server.version,
        server.protocol,
        if accounting { " with Accounting" } else { "" },
        seen.facts,
        seen.records,
    );
}

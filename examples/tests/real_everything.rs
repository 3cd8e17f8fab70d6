//! A clinic with everything in it into real servers: every object's row of the mapping checked by reading Odoo and the files alone.
//! `ODOO_PATIENTS` says how many patients; 200 unless set.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod everything;
mod support;

use everything::arrives;
use support::servers::{Server, quietly};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, arrives(&server, false, 200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, arrives(&server, false, 200)).await;
    }
}

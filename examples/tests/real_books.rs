//! The same clinic into real servers whose Accounting keeps the books: bills are invoices with their payments. `ODOO_PATIENTS` says how many
//! patients; 40 unless set.
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
async fn everything_arrives_in_odoo_19_with_accounting() {
    if let Some(server) = Server::with_accounting(19).await {
        quietly(&server.client().await, arrives(&server, true, 40)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_in_odoo_14_with_accounting() {
    if let Some(server) = Server::with_accounting(14).await {
        quietly(&server.client().await, arrives(&server, true, 40)).await;
    }
}

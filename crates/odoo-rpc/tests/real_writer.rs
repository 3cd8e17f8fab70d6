//! The writer against real servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod ground;
mod servers;

use std::time::Duration;

use mapping_core::conformance;
use mapping_core::destination::DestinationWriter;
use odoo_rpc::client::Protocol;
use odoo_rpc::destination::OdooWriter;
use servers::{Server, fresh, key, quietly};

#[tokio::test]
async fn the_writer_keeps_its_contract_on_odoo_19() {
    if let Some(server) = Server::named(19).await {
        the_writer_keeps_its_contract(&server).await;
    }
}

#[tokio::test]
async fn the_writer_keeps_its_contract_over_json_2_on_odoo_19() {
    // Where the whole run goes over JSON-2 the test before this one is it.
    let Some(server) = Server::named(19).await.filter(|server| server.protocol == Protocol::XmlRpc) else {
        return;
    };
    let client = server.client().await;
    let secret = key::new(&client, client.uid()).await;
    the_writer_keeps_its_contract(&Server { protocol: Protocol::Json2, secret, ..server }).await;
}

#[tokio::test]
async fn the_writer_keeps_its_contract_on_odoo_14() {
    if let Some(server) = Server::named(14).await {
        the_writer_keeps_its_contract(&server).await;
    }
}

/// The schema is one for the whole server: one at a time.
static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn the_writer_keeps_its_contract(server: &Server) {
    let _one = ONE.lock().await;
    let client = server.client().await;
    assert_eq!(client.protocol(), server.protocol);
    quietly(&client, the_suite(server, OdooWriter::new(client.clone()).settle(Duration::from_secs(5)))).await;
}

async fn the_suite(server: &Server, writer: OdooWriter) {
    // Every run has identities of its own.
    let clinic = fresh("run");
    let ground = ground::contacts(&clinic);
    let plan = writer.plan(&ground.needs).await.unwrap();
    let made = writer.apply(&plan).await.unwrap();
    assert_eq!(made.len(), plan.models.len() + plan.fields.len() + usize::from(!plan.pages.is_empty()));
    conformance::destination(&writer, &ground).await;
    conformance::destination(&writer, &ground::own_model(&clinic)).await;
    let calls = writer.client().calls();
    println!("Odoo {}, {}: the suite took {calls} calls", server.version, server.protocol);

    writer.revert_schema(&made).await.unwrap();
    let again = writer.plan(&ground.needs).await.unwrap();
    assert_eq!((again.models.len(), again.fields.len()), (plan.models.len(), plan.fields.len()));
}

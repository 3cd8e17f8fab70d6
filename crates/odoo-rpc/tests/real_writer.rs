//! The writer against real servers, where `ODOO19_URL` and `ODOO19_DB`, or the same for 14, name one.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod ground;
mod key;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mapping_core::conformance;
use mapping_core::destination::DestinationWriter;
use odoo_rpc::client::{Client, Protocol};
use odoo_rpc::destination::OdooWriter;

#[tokio::test]
async fn the_writer_keeps_its_contract_on_odoo_19() {
    the_writer_keeps_its_contract(19, Protocol::XmlRpc).await;
}

#[tokio::test]
async fn the_writer_keeps_its_contract_over_json_2_on_odoo_19() {
    the_writer_keeps_its_contract(19, Protocol::Json2).await;
}

#[tokio::test]
async fn the_writer_keeps_its_contract_on_odoo_14() {
    the_writer_keeps_its_contract(14, Protocol::XmlRpc).await;
}

/// The schema is one for the whole server: one at a time.
static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn the_writer_keeps_its_contract(version: u32, protocol: Protocol) {
    let variable = |what| std::env::var(format!("ODOO{version}_{what}")).ok();
    let Some((url, database)) = variable("URL").zip(variable("DB")) else {
        println!("no Odoo {version}: set ODOO{version}_URL and ODOO{version}_DB");
        return;
    };
    let _one = ONE.lock().await;
    let connect =
        |secret: String| Client::builder(&url, &database, "admin", secret).gap(Duration::ZERO).connect();
    let mut client = connect("admin".to_owned()).await.unwrap();
    if protocol == Protocol::Json2 {
        client = connect(key::new(&client).await).await.unwrap();
    }
    assert_eq!(client.protocol(), protocol);
    let writer = OdooWriter::new(client).settle(Duration::from_secs(5));
    // Every run has identities of its own, on a server that may have seen others.
    let clinic = format!("run-{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros());

    let ground = ground::contacts(&clinic);
    let plan = writer.plan(&ground.needs).await.unwrap();
    let made = writer.apply(&plan).await.unwrap();
    assert_eq!(made.len(), plan.models.len() + plan.fields.len() + usize::from(!plan.pages.is_empty()));
    conformance::destination(&writer, &ground).await;
    conformance::destination(&writer, &ground::own_model(&clinic)).await;
    println!("Odoo {version}, {protocol}: the suite took {} calls", writer.client().calls());

    writer.revert_schema(&made).await.unwrap();
    let again = writer.plan(&ground.needs).await.unwrap();
    assert_eq!((again.models.len(), again.fields.len()), (plan.models.len(), plan.fields.len()));
}

//! A migration on one page: the export of a Pulse clinic into Odoo.
#![allow(clippy::print_stdout, reason = "a program speaks to the terminal")]

use std::env;
use std::error::Error;

use mapping_core::draft::Lookup;
use mapping_core::migration::Migration;
use mapping_core::migration::observer::Event;
use odoo_rpc::client::{Client, Login, Secret};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use reconcile::journal::SqliteJournal;
use source_pulse::export::PulseExport;
use source_pulse::mapping::odoo_mapper;
use source_pulse::options::PulseOptions;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Where from, and what becomes what.
    let folder = env::args().nth(1).ok_or("usage: migrate EXPORT")?;
    let pulse = PulseExport::open(folder, PulseOptions::default().zone("Asia/Kolkata"))?;
    let mapper = odoo_mapper(pulse.zone())?;

    // Where to: the server that ODOO_URL names, or an Odoo in a file of this folder.
    let login = env::var("ODOO_LOGIN").unwrap_or_else(|_| "admin".into());
    let client = match env::var("ODOO_URL") {
        Ok(url) => {
            let key = Secret::from_env("ODOO_API_KEY")?;
            Client::builder(url, env::var("ODOO_DB")?, &login, key).connect().await?
        }
        Err(_) => {
            let sandbox = Sandbox::open("migrate.sandbox", Like::Odoo19)?;
            Client::over(sandbox, Login::new("sandbox", &login, "admin")).connect().await?
        }
    };
    let odoo = OdooWriter::new(client);

    // What is remembered. Stopped at any moment and started again, this program goes on where it was.
    let journal = SqliteJournal::open("migrate.journal")?;

    // Staff whom Odoo does not know are stood in for by the user of the migration.
    let migration =
        Migration::new(&pulse, &mapper, &odoo, &journal).fallback(Lookup::new("res.users", "login", login));
    let watch = |event: &Event<'_>| {
        if let Event::Refused(refusal) = event {
            println!("refused: {refusal}");
        }
    };
    println!("{}", migration.run_observed(&watch).await?);
    Ok(())
}

//! Undoing.
//!
//! Everything that was written can be taken back, as long as you keep the receipts: which record, what was done, and for a change what was there
//! before. In a migration the journal of `mapping-core`'s pipeline keeps them, on disk and before each call. By hand:
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mapping_core::destination::{DestinationReader, DestinationWriter};
//! use mapping_core::identity::SourceId;
//! use mapping_core::key::RecordKey;
//! use mapping_core::receipt::{Outcome, Row};
//! use mapping_core::record::Fields;
//! use mapping_core::schema::Needs;
//! use odoo_rpc::client::{Client, Domain, Login};
//! use odoo_rpc::destination::OdooWriter;
//! use odoo_rpc::sandbox::{Like, Sandbox};
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let writer = OdooWriter::new(odoo.clone());
//! let schema = writer.apply(&writer.plan(&Needs::new().uses("res.partner", "city")).await?).await?;
//!
//! let clinic = SourceId::new("paper", "north")?;
//! let row = |city: &str| {
//!     let fields = Fields::default().with("name", "Asha Rao").with("city", city);
//!     Row::create(&clinic, RecordKey::new("patient", "P-1"), "res.partner", fields)
//! };
//!
//! // Made in Pune.
//! let create = row("Pune");
//! let Outcome::Written(id) = &writer.write(writer.prepare(vec![create.clone()])).await[0] else { panic!("not written") };
//! let made = create.intent(None).receipt(id.clone());
//!
//! // Moved to Chennai: what was there is read before.
//! let names = ["name".into(), "city".into()];
//! let before = writer.read(&"res.partner".into(), &[id.clone()], &names).await?.remove(0);
//! let update = row("Chennai").updating(id.clone());
//! assert!(matches!(writer.write(writer.prepare(vec![update.clone()])).await[0], Outcome::Written(_)));
//! let changed = update.intent(before).receipt(id.clone());
//!
//! // Back, the last thing first: the change, the contact, then the field for identities.
//! assert!(writer.revert(&[changed]).await[0].is_ok());
//! let city = writer.read(&"res.partner".into(), &[id.clone()], &names).await?.remove(0);
//! assert_eq!(city.ok_or("it is gone")?.value("city"), &"Pune".into());
//!
//! assert!(writer.revert(&[made]).await[0].is_ok());
//! assert_eq!(odoo.search_count("res.partner", Domain::field("x_migration_key").is_set()).await?, 0);
//! writer.revert_schema(&schema).await?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! - What is gone already is no error: undoing twice is safe.
//! - Records that were there and only matched are left alone.
//! - Thousands are deleted with a few calls. With the client alone it is [`Client::unlink`](crate::Client::unlink), which deletes all of a list or nothing.
//! - Bills go with [`Ledger::revert`](crate::accounting::Ledger::revert), see [invoices](crate::guide::invoices): posted ones must be set back first, and it does that.
//! - Some traces Odoo keeps whatever one does: used-up ids, and the numbers of deleted records.
//!
//! Last: [testing](crate::guide::testing).

//! Creating many records.
//!
//! # With the client
//!
//! [`Client::create`](crate::Client::create) takes a list. Odoo creates all of it or nothing, and gives the ids in the order of the rows. For a few hundred
//! rows that you can check yourself this is enough:
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::sandbox::{Like, Sandbox};
//! use odoo_rpc::wire::Struct;
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let rows = (1..=500).map(|number| Struct::new().with("name", format!("Patient {number}"))).collect();
//! let before = odoo.calls();
//! let ids = odoo.create("res.partner", rows).await?;
//! assert_eq!((ids.len(), odoo.calls() - before), (500, 1));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! # With the writer
//!
//! [`OdooWriter`](crate::destination::OdooWriter) is for data that must arrive whole. Its contract stands in the trait `DestinationWriter` of `mapping-core`,
//! whose rows it takes. For each row it gives one outcome, and these outcomes are certain:
//!
//! - `Written`, with the id.
//! - `Refused`, with the reason. One bad row takes no other with it: what can be seen from here is not sent at all; of the rest Odoo is
//!   asked which rows are bad, and the good ones are written.
//! - `Unwritten`: the server could not be reached. Hand the row in again.
//! - `Unknown`: no answer came, and none could be found. `recover` must settle it before anything is written again.
//!
//! Each row has an identity, which is stored in the field `x_migration_key` in the same call as the record. By it a record is found again after
//! a lost answer, and nothing is made twice.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mapping_core::destination::DestinationWriter;
//! use mapping_core::identity::SourceId;
//! use mapping_core::key::RecordKey;
//! use mapping_core::receipt::{Outcome, Row};
//! use mapping_core::record::Fields;
//! use mapping_core::schema::Needs;
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::destination::OdooWriter;
//! use odoo_rpc::sandbox::{Like, Sandbox};
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let writer = OdooWriter::new(odoo);
//!
//! // What is going to be written. The plan adds the field for identities where it is missing.
//! let plan = writer.plan(&Needs::new().uses("res.partner", "name").uses("res.partner", "lang")).await?;
//! writer.apply(&plan).await?;
//!
//! let clinic = SourceId::new("paper", "north")?;
//! let patient = |number: usize, lang: &str| {
//!     let fields = Fields::default().with("name", format!("Patient {number}")).with("lang", lang);
//!     Row::create(&clinic, RecordKey::new("patient", format!("P-{number}")), "res.partner", fields)
//! };
//! // One of them speaks a language that this server does not have.
//! let rows = (0..300).map(|number| patient(number, if number == 7 { "xx_XX" } else { "en_US" })).collect();
//! let outcomes = writer.write(writer.prepare(rows)).await;
//!
//! assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Written(_))).count(), 299);
//! let Outcome::Refused(reason) = &outcomes[7] else { panic!("it is not refused") };
//! assert!(reason.to_string().contains("lang"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! How many rows go in a call is worked out while it runs, from how quick the server is.
//! [`target_time`](crate::destination::OdooWriter::target_time) sets how long a call is to take, [`rows_per_call`](crate::destination::OdooWriter::rows_per_call)
//! and [`bytes_per_call`](crate::destination::OdooWriter::bytes_per_call) the most it may hold. On a server of your own with several workers
//! [`parallel`](crate::destination::OdooWriter::parallel) lets calls overlap, never two on the same contact.
//!
//! Nothing is mailed, and nobody is notified. Rows that would change other people's records are made harmless or refused: see
//! [`OdooWriter`](crate::destination::OdooWriter).
//!
//! Next: [fields of your own](crate::guide::fields).

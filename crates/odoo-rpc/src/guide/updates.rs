//! Changing many records.
//!
//! The same values for many records are one call of [`Client::write`](crate::Client::write). Other values for each record are one call of
//! [`Client::web_save_multi`](crate::Client::web_save_multi) from Odoo 19 on:
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
//! let name = |name: &str| Struct::new().with("name", name);
//! let ids = odoo.create("res.partner", vec![name("Asha"), name("Ravi")]).await?;
//!
//! odoo.write("res.partner", &ids, Struct::new().with("city", "Pune")).await?;
//! odoo.web_save_multi("res.partner", vec![(ids[0], name("Asha Rao")), (ids[1], name("Ravi Iyer"))]).await?;
//! let now = odoo.read("res.partner", &ids, &["name"]).await?;
//! assert_eq!(now[1].get("name").and_then(|name| name.as_text()), Some("Ravi Iyer"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! [`OdooWriter`](crate::destination::OdooWriter) chooses for you: `web_save_multi` where there is one, `load` by the records' ids before Odoo 19, and `write`
//! where the values are equal. A thousand different changes are one or two calls, four at most on Odoo 14.
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
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::destination::OdooWriter;
//! use odoo_rpc::sandbox::{Like, Sandbox};
//!
//! let odoo = Client::over(Sandbox::new(Like::Odoo14), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let writer = OdooWriter::new(odoo.clone());
//! writer.apply(&writer.plan(&Needs::new().uses("res.partner", "city")).await?).await?;
//!
//! let clinic = SourceId::new("paper", "north")?;
//! let patient = |number: usize, city: String| {
//!     let fields = Fields::default().with("name", format!("Patient {number}")).with("city", city);
//!     Row::create(&clinic, RecordKey::new("patient", format!("P-{number}")), "res.partner", fields)
//! };
//! let rows = (0..200).map(|number| patient(number, "Pune".into())).collect();
//! let written = writer.write(writer.prepare(rows)).await;
//!
//! let changes = written.into_iter().enumerate().filter_map(|(number, outcome)| match outcome {
//!     Outcome::Written(id) => Some(patient(number, format!("City {number}")).updating(id)),
//!     _ => None,
//! });
//! let changes: Vec<Row> = changes.collect();
//! let (count, before) = (changes.len(), odoo.calls());
//! let changed = writer.write(writer.prepare(changes)).await;
//! assert_eq!(count, 200);
//! assert!(changed.iter().all(|outcome| matches!(outcome, Outcome::Written(_))));
//! assert!(odoo.calls() - before <= 4, "{} calls", odoo.calls() - before);
//! # let ward = writer.look_up(&mapping_core::destination::LookupQuery { model: "res.partner".into(), by: "city".into(), within: vec![], fold: false }, &["City 17".into()]).await?;
//! # assert_eq!(ward[0].len(), 1);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! What the fields held before is not kept by the writer. Whoever wants to [undo](crate::guide::undo) a change reads it first (`DestinationReader::read`);
//! the pipeline of `mapping-core` does so, and keeps it in its journal.
//!
//! Next: [files](crate::guide::files).

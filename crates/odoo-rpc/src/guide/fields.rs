//! Fields and models of your own.
//!
//! Say what you need; the plan says what is there, what is missing, and what is in the way. Nothing is changed before
//! `apply`. A field of the same name and another kind is a conflict, and conflicts are yours to settle: nothing is ever overwritten.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mapping_core::destination::DestinationWriter;
//! use mapping_core::schema::{Choice, FieldKind, FieldNeed, ModelNeed, Needs};
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::destination::OdooWriter;
//! use odoo_rpc::sandbox::{Like, Sandbox};
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let writer = OdooWriter::new(odoo);
//! let group = |value: &str| Choice { value: value.into(), label: value.into() };
//! let groups = FieldKind::Choice(vec![group("A+"), group("O-")]);
//! let needs = Needs::new()
//!     .model(ModelNeed::new("x_ward", "Ward"))
//!     .field(FieldNeed::new("x_ward", "x_name", FieldKind::Line, "Name"))
//!     .field(FieldNeed::new("res.partner", "x_blood_group", groups, "Blood group").on_page("Clinic"))
//!     .field(FieldNeed::new("res.partner", "x_ward_id", FieldKind::Link("x_ward".into()), "Ward").on_page("Clinic"))
//!     .field(FieldNeed::new("res.partner", "x_fee", FieldKind::Money, "Fee").on_page("Clinic"))
//!     // What shows other records: the ward lists its patients, and a patient shows the name of its ward.
//!     .field(FieldNeed::new("x_ward", "x_patient_ids", FieldKind::linked_from("res.partner", "x_ward_id"), "Patients"))
//!     .field(FieldNeed::new("res.partner", "x_ward_name", FieldKind::related("x_ward_id.x_name", FieldKind::Line), "Name of the ward"));
//!
//! let plan = writer.plan(&needs).await?;
//! println!("{plan}"); // for the person whose Odoo it is
//! assert!(plan.conflicts.is_empty());
//! let made = writer.apply(&plan).await?;
//!
//! // Everything was read back, and a second plan is empty.
//! assert!(writer.plan(&needs).await?.is_empty());
//!
//! // A field that is there, and is of another kind.
//! let other = FieldNeed::new("res.partner", "x_blood_group", FieldKind::Integer, "Blood group");
//! assert_eq!(writer.plan(&Needs::new().field(other)).await?.conflicts.len(), 1);
//!
//! // All of it goes again: pages, fields, models, in the order that works.
//! writer.revert_schema(&made).await?;
//! assert!(!writer.plan(&needs).await?.is_empty());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! - Names of what is made begin with `x_`; Odoo refuses others.
//! - A field that shows other records holds nothing: Odoo's `one2many` lists those whose link leads here, its `related` shows what a field of a
//!   linked record holds. A mapping that sets one is a conflict, and `revert_schema` takes such fields before those that they show.
//! - An amount of money needs a currency beside it: one is made (`x_currency_id`) where the model has none.
//! - `on_page` shows a field on a page of the model's form. The pages are one view, which inherits the form and can be taken away.
//! - Odoo loads its models anew after each change, and other calls may fail meanwhile. So do it while nobody works, and before the first record.
//! - The user needs the right to it: the group Settings.
//!
//! Next: [changing what is there](crate::guide::updates).

//! Files, as attachments of records.
//!
//! [`Attachments`](crate::files::Attachments) sends files from disk. They are read while the call leaves, so memory stays small whatever the files are. What is there
//! already, with the same record, name and content, is not sent again. A text that is no file yet goes the same way, as
//! [`Attachment::in_memory`](crate::files::Attachment::in_memory).
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::files::{Attachment, Attachments, Outcome};
//! use odoo_rpc::sandbox::{Like, Sandbox};
//! use odoo_rpc::wire::Struct;
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let asha = odoo.create("res.partner", vec![Struct::new().with("name", "Asha Rao")]).await?[0];
//! std::fs::write(folder.join("17.txt"), "No signs of a fracture.")?;
//!
//! let files = [
//!     Attachment::new(folder.join("17.txt"), "X-ray 2021-03-04.txt", "res.partner", asha),
//!     Attachment::new(folder.join("18.txt"), "Consent.txt", "res.partner", asha),
//! ];
//! let attachments = Attachments::new(odoo);
//! let outcomes = attachments.send(&files).await;
//! let Outcome::Stored(stored) = &outcomes[0] else { panic!("it is not stored") };
//! assert_eq!((stored.size, stored.new), (23, true));
//!
//! // The second was never exported: that is told, and takes nothing with it.
//! let refusal = outcomes[1].refusal().map(ToString::to_string).unwrap_or_default();
//! assert!(refusal.contains("cannot be read"));
//!
//! // Once more: it is there, with the size and checksum of the file.
//! let again = attachments.send(&files[..1]).await;
//! assert!(again[0].stored().is_some_and(|stored| !stored.new));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! - A file of more than [`largest_file`](crate::files::Attachments::largest_file) is refused before anything is sent: Odoo takes no call of more than 128 MiB, and
//!   a file becomes a third longer on its way.
//! - A file that changes while it is sent breaks its call off. Nothing of it is stored.
//! - After [`Unsent`](crate::files::Outcome::Unsent), send the same files again. After [`Unknown`](crate::files::Outcome::Unknown), or when
//!   the process ended in the middle, do so too, three minutes later: until then the server may carry the call out still, unless
//!   [`settle`](crate::files::Attachments::settle) says another time.
//!
//! Next: [invoices](crate::guide::invoices).

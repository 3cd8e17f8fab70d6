//! Testing your own program, without an Odoo.
//!
//! With the feature `sandbox` this crate has an Odoo inside the process: [`Sandbox`](crate::sandbox::Sandbox). It behaves like version 14, 16, 17 or 19 as far as this
//! crate and `crm` go; 14 and 19 are held to answers recorded from real servers. It starts in no time, and each test gets its own.
//!
//! ```toml
//! [dev-dependencies]
//! odoo-rpc = { version = "0.1", features = ["sandbox"] }
//! ```
//!
//! What makes it worth more than a server is trouble on demand:
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::Retry;
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
//! use odoo_rpc::wire::{Struct, Value};
//!
//! let server = Sandbox::new(Like::Odoo14);
//! let odoo = Client::over(server.clone(), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let patients = || vec![Struct::new().with("name", "Asha Rao"), Struct::new().with("name", "Ravi Iyer")];
//!
//! // A proxy gives up in the middle of the second call.
//! server.trouble(Trouble::bad_gateway().on("res.partner", "create").at_call(2));
//! let ids = odoo.create("res.partner", patients()).await?;
//! let lost = odoo.create("res.partner", patients()).await.unwrap_err();
//! assert_eq!(lost.retry(), Retry::AfterLookup);
//! server.calm();
//!
//! // What the server saw, and what it holds.
//! let seen = server.log();
//! assert_eq!(seen.iter().filter(|call| call.method == "create").map(|call| call.rows).collect::<Vec<_>>(), [2, 2]);
//! let names = server.rows("res.partner").into_iter().filter(|row| row.get("name").and_then(Value::as_text) == Some("Asha Rao"));
//! assert_eq!((ids.len(), names.count()), (2, 1));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! - [`Sandbox::serve`](crate::sandbox::Sandbox::serve) puts it on a port, for programs of any language. The program `odoo_sandbox` does just that.
//! - [`Sandbox::open`](crate::sandbox::Sandbox::open) keeps it in a file.
//! - [`Sandbox::latency`](crate::sandbox::Sandbox::latency) makes it slow. Its time is tokio's, so a test with a paused clock does not wait.
//! - [`Sandbox::with_accounting`](crate::sandbox::Sandbox::with_accounting) has bills and payments.

//! Calling, and what can go wrong.
//!
//! Each method of [`Client`](crate::Client) is one call to the server. The common ones have types of their own; every other method of a model
//! goes through [`Client::call`](crate::Client::call).
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::client::{Call, Client, Domain, Login, SearchOptions};
//! use odoo_rpc::sandbox::{Like, Sandbox};
//! use odoo_rpc::wire::Struct;
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let asha = Struct::new().with("name", "Asha Rao").with("city", "Pune");
//! let ids = odoo.create("res.partner", vec![asha]).await?;
//!
//! // Words of a domain read as Odoo's own operators.
//! let in_pune = Domain::field("city").eq("Pune").and(Domain::field("name").ilike("asha"));
//! assert_eq!(odoo.search("res.partner", in_pune, SearchOptions::new()).await?, ids);
//!
//! // A field that is empty is `false`, of whatever type it is: that is how Odoo says it.
//! let found = odoo.read("res.partner", &ids, &["name", "email"]).await?;
//! assert_eq!(found[0].get("email").and_then(|email| email.as_bool()), Some(false));
//!
//! // Any other method of a model.
//! odoo.call(Call::new("res.partner", "action_archive").on(ids.clone())).await?;
//! assert_eq!(odoo.search_count("res.partner", Domain::field("id").is_in(ids)).await?, 0, "archived ones are not found");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! Many records are read in [`pages`](crate::Client::pages), so that memory holds one page at a time.
//!
//! # After an error
//!
//! The client repeats nothing by itself. [`Error::retry`](crate::Error::retry) says what you may do, and has three answers:
//!
//! - [`Never`](crate::Retry::Never): the same call would fail again. Mend it first.
//! - [`Safe`](crate::Retry::Safe): nothing was applied. Send it again.
//! - [`AfterLookup`](crate::Retry::AfterLookup): no answer came. The server may have done it all the same, so look first.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::Retry;
//! use odoo_rpc::client::{Client, Domain, Login};
//! use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
//! use odoo_rpc::wire::Struct;
//!
//! let server = Sandbox::new(Like::Odoo19);
//! let odoo = Client::over(server.clone(), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let patient = || Struct::new().with("name", "Ravi Iyer").with("ref", "P-2");
//!
//! // The server does the work, and its answer gets lost.
//! server.trouble(Trouble::lose_reply().on("res.partner", "create"));
//! let error = odoo.create("res.partner", vec![patient()]).await.unwrap_err();
//! assert_eq!(error.retry(), Retry::AfterLookup);
//!
//! // So look first, and find that there is nothing left to do.
//! assert_eq!(odoo.search_count("res.partner", Domain::field("ref").eq("P-2")).await?, 1);
//!
//! // A refusal names model and field, and never what the record holds.
//! let error = odoo.create("res.partner", vec![patient().with("type", "patient")]).await.unwrap_err();
//! assert_eq!(error.retry(), Retry::Never);
//! assert!(error.to_string().contains("type") && !error.to_string().contains("Ravi"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! A server can still be at work on a call after the connection broke, for as long as it lets a call run. A look-up right after the break may
//! come too early. The writer of the [next chapter](crate::guide::bulk) knows that, and waits.

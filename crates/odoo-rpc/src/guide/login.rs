//! Logging in: address, secret, protocol, pace.
//!
//! A client needs four things: the server's address, the name of the database, the user's login, and a secret. The secret is a password or an
//! API key; Odoo takes a key wherever it takes a password. A key is better: it can be taken away without changing the password, and the
//! newer protocol takes nothing else. It is made in Odoo, under Preferences, Account Security.
//!
//! ```no_run
//! # #[cfg(feature = "http")]
//! # async fn run() -> odoo_rpc::Result<()> {
//! use odoo_rpc::client::{Client, Secret};
//!
//! let key = Secret::from_env("ODOO_API_KEY")?;
//! let odoo = Client::builder("https://clinic.example.org", "clinic", "ops@example.org", key).connect().await?;
//! println!("Odoo {}, over {}", odoo.version(), odoo.protocol());
//! # Ok(())
//! # }
//! ```
//!
//! The examples from here on run against a `Sandbox`: an Odoo inside the process. It takes the place of the address, and nothing else changes.
//!
//! # Protocol
//!
//! XML-RPC works on every version and will end with Odoo 22. JSON-2 came with Odoo 19. The client takes JSON-2 where server and secret allow it, and XML-RPC
//! elsewhere; [`protocol`](crate::client::Connector::protocol) decides it by hand. Calls, results and errors are the same.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::client::{Client, Login, Protocol};
//! use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Like, Sandbox};
//!
//! let server = Sandbox::new(Like::Odoo19);
//! let by_key = Client::over(server.clone(), Login::new(DATABASE, LOGIN, API_KEY)).connect().await?;
//! assert_eq!(by_key.protocol(), Protocol::Json2);
//!
//! let by_password = Client::over(server.clone(), Login::new(DATABASE, LOGIN, "admin")).connect().await?;
//! assert_eq!(by_password.protocol(), Protocol::XmlRpc);
//! assert!(by_password.version().at_least(19, 0));
//!
//! // A wrong secret is told as such, and never printed.
//! let wrong = Client::over(server, Login::new(DATABASE, LOGIN, "no such password")).connect().await;
//! assert!(matches!(wrong, Err(odoo_rpc::Error::Login { .. })));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! # Pace
//!
//! Hosted Odoo asks for one call at a time and about one a second. [`ClientBuilder`](crate::client::ClientBuilder) keeps that, also together with
//! other programs of the same machine that call the same database: they share a lock file.
//!
//! | setting | unless set | when to change it |
//! |---|---|---|
//! | [`gap`](crate::client::ClientBuilder::gap) | 1 s | zero for a server of your own |
//! | [`parallel`](crate::client::ClientBuilder::parallel) | 1 | more for a server of your own that runs several workers |
//! | [`timeout`](crate::client::ClientBuilder::timeout) | 180 s | longer than the server lets a call run |
//! | [`lock_dir`](crate::client::ClientBuilder::lock_dir) | `odoo-rpc-pace` among the temporary files | the same for all programs that share a server |
//!
//! `http://` to another machine is refused unless [`allow_plain_http`](crate::client::ClientBuilder::allow_plain_http) is called: everybody on the
//! way could read the secret and the data.
//!
//! Next: [calling, and what can go wrong](crate::guide::calls).

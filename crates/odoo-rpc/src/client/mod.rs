//! Calls to Odoo, with the types Odoo gives them.

mod answer;
#[cfg(feature = "http")]
mod builder;
mod call;
pub(crate) mod calls;
mod connector;
mod context;
mod domain;
mod encoded;
mod fault;
mod json2;
mod line;
mod pages;
mod places;
mod protocol;
pub(crate) mod record;
pub(crate) mod refusal;
mod secret;
mod traceback;
mod version;
mod xml_rpc;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "http")]
pub use builder::ClientBuilder;
pub use call::Call;
pub use calls::SearchOptions;
pub use connector::Connector;
pub use context::Context;
pub use domain::{Domain, FieldCondition};
pub use encoded::EncodedCall;
use jiff::SignedDuration;
pub use pages::Pages;
pub use protocol::Protocol;
pub use secret::Secret;
pub use version::ServerVersion;

use crate::client::line::Line;
use crate::error::Result;
use crate::wire::{Struct, Value};

/// Who asks, and which database.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The database's name.
    pub database: String,
    /// The user's login.
    pub login: String,
    /// The user's password or an API key.
    pub secret: Secret,
}

impl Login {
    /// All three.
    #[must_use]
    pub fn new(database: impl Into<String>, login: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { database: database.into(), login: login.into(), secret: secret.into() }
    }
}

/// A logged-in user of an Odoo server, over [XML-RPC or JSON-2](Protocol). Clones are cheap and share connection, pace and counter.
///
/// Each method that is `async` is one call to the server, unless it says otherwise; none repeats a call. Made by
/// [`builder`](Self::builder) for a server, or [`over`](Self::over) any transport.
///
/// # Example
///
/// ```no_run
/// # #[cfg(feature = "http")]
/// # async fn run() -> odoo_rpc::Result<()> {
/// use odoo_rpc::client::{Client, Context, Domain, SearchOptions, Secret};
/// use odoo_rpc::wire::Struct;
///
/// let secret = Secret::from_env("ODOO_SECRET")?;
/// let client = Client::builder("https://clinic.example.org", "clinic", "ops@example.org", secret).connect().await?;
///
/// let quiet = client.with_context(Context::new().with("tracking_disable", true));
/// let ids = quiet.create("res.partner", vec![Struct::new().with("name", "Asha Rao")]).await?;
/// let found = client.search("res.partner", Domain::field("id").is_in(ids), SearchOptions::new()).await?;
/// assert_eq!(client.calls(), 4); // two to connect with a password, three with a key of Odoo 19
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    session: Arc<Session>,
    context: Context,
}

struct Session {
    line: Line,
    login: Login,
    uid: i64,
    version: ServerVersion,
    protocol: Protocol,
    origin: Option<String>,
}

impl Client {
    /// The server's version, as it was told when connecting. No call.
    #[must_use]
    pub fn version(&self) -> &ServerVersion {
        &self.session.version
    }

    /// How its calls travel. No call.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.session.protocol
    }

    /// Which server it is, as scheme, host and port: `https://clinic.odoo.com`. Unknown over a transport of one's own that does not
    /// [say so](Connector::origin). No call.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.session.origin.as_deref()
    }

    /// The id of the logged-in user. No call.
    #[must_use]
    pub fn uid(&self) -> i64 {
        self.session.uid
    }

    /// The database's name. No call.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.session.login.database
    }

    /// How many calls were made by this client and its clones, those for connecting and the failed ones among them. No call.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.session.line.calls()
    }

    /// How far the server's clock was ahead of this machine's when it answered last, where it tells the time (`Date`); less than
    /// nothing where it is behind. It tells whole seconds and the answer took its time, so a second or two says nothing. No call.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        self.session.line.clock_ahead()
    }

    /// The same client with `context` added to every call. No call.
    #[must_use]
    pub fn with_context(&self, context: Context) -> Self {
        Self { session: Arc::clone(&self.session), context: self.context.clone().and(&context) }
    }

    /// Calls a method of a model: one call.
    ///
    /// A method without a result (`None`), and one whose result cannot be written as XML-RPC, gives [`Value::Nil`]: the server
    /// carries such calls out, and then complains in a fault. A `context` among the call's options takes precedence over the client's own.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); [`Error::retry`](crate::Error::retry) says whether the call may be made again.
    pub async fn call(&self, call: Call) -> Result<Value> {
        self.send(&self.encode(call)?).await
    }

    /// Calls a method of a model with arguments by their place: one call. See [`call`](Self::call).
    ///
    /// Over JSON-2 the places of the methods that every model has get their names. Other methods take arguments by name
    /// alone there: use [`call`](Self::call).
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn execute_kw(
        &self,
        model: &str,
        method: &str,
        args: Vec<Value>,
        kwargs: Struct,
    ) -> Result<Value> {
        let call = args.into_iter().fold(Call::new(model, method), |call, arg| call.arg("", arg));
        self.call(Call { options: kwargs, ..call }).await
    }

    fn with_kwargs(&self, mut kwargs: Struct) -> Struct {
        if !self.context.is_empty() && kwargs.get("context").is_none() {
            kwargs.push("context".into(), Value::from(&self.context));
        }
        kwargs
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Session { line, uid, version, protocol, .. } = &*self.session;
        write!(f, "Client({line:?}, {protocol}, Odoo {version}, user {uid}, {:?})", self.context)
    }
}

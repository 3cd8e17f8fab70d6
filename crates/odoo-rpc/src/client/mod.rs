//! Calls to Odoo, with the types Odoo gives them.

mod answer;
#[cfg(feature = "http")]
mod builder;
mod calls;
mod context;
mod domain;
mod encoded;
mod fault;
mod line;
mod pages;
pub(crate) mod refusal;
mod secret;
mod traceback;
mod version;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "http")]
pub use builder::ClientBuilder;
pub use calls::SearchOptions;
pub use context::Context;
pub use domain::{Domain, FieldCondition};
pub use encoded::EncodedCall;
pub use pages::Pages;
pub use secret::Secret;
pub use version::ServerVersion;

use crate::client::fault::{Site, login};
use crate::client::line::Line;
use crate::error::{Error, Result};
use crate::transport::Transport;
use crate::wire::{Limits, Struct, Value};

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

/// A logged-in user of an Odoo server, over XML-RPC. Clones are cheap and share connection, pace and counter.
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
/// assert_eq!(client.calls(), 4); // two to connect
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
}

impl Client {
    /// A client over any transport, as it is: without a [`Throttle`](crate::transport::Throttle) nothing keeps a pace.
    #[must_use]
    pub fn over(transport: impl Transport + 'static, login: Login) -> Connector {
        Connector { line: Line::new(Arc::new(transport)), login }
    }

    /// The server's version, as it was told when connecting. No call.
    #[must_use]
    pub fn version(&self) -> &ServerVersion {
        &self.session.version
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

    /// How many calls were made by this client and its clones, the two for connecting and the failed ones among them. No call.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.session.line.calls()
    }

    /// The same client with `context` added to every call. No call.
    #[must_use]
    pub fn with_context(&self, context: Context) -> Self {
        Self { session: Arc::clone(&self.session), context: self.context.clone().and(&context) }
    }

    /// Calls a method of a model: one call.
    ///
    /// A method without a result (`None`), and one whose result cannot be written as XML-RPC, gives [`Value::Nil`]: the server
    /// carries such calls out, and then complains in a fault. A `context` among `kwargs` takes precedence over the client's own.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::retry`] says whether the call may be made again.
    pub async fn execute_kw(
        &self,
        model: &str,
        method: &str,
        args: Vec<Value>,
        kwargs: Struct,
    ) -> Result<Value> {
        let (rows, fields) = (line::rows(&args), line::fields(&args));
        let site = Site { model, method, fields: &fields };
        let body = line::encode(self.params(model, method, args, kwargs), site)?;
        self.session.line.encoded(body, site, rows).await
    }

    fn params(&self, model: &str, method: &str, args: Vec<Value>, kwargs: Struct) -> Vec<Value> {
        let Session { login, uid, .. } = &*self.session;
        vec![
            login.database.as_str().into(),
            (*uid).into(),
            login.secret.expose().into(),
            model.into(),
            method.into(),
            args.into(),
            self.with_kwargs(kwargs).into(),
        ]
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
        let Session { line, uid, version, .. } = &*self.session;
        write!(f, "Client({line:?}, Odoo {version}, user {uid}, {:?})", self.context)
    }
}

/// A client that is not logged in yet. Made by [`Client::over`].
#[derive(Debug)]
pub struct Connector {
    line: Line,
    login: Login,
}

impl Connector {
    /// Reads answers within these limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.line.limit(limits);
        self
    }

    /// Asks for the version and logs in: two calls.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or is no Odoo, or it refuses database, login or secret. The text says which, and what to check.
    pub async fn connect(self) -> Result<Client> {
        let Self { line, login: who } = self;
        let answer = line.common("version", vec![]).await?;
        let version = answer.as_struct().and_then(ServerVersion::parse).ok_or_else(|| {
            Error::protocol("common.version", "it answers, but not with a version of Odoo: check the address")
        })?;
        let params = vec![
            who.database.as_str().into(),
            who.login.as_str().into(),
            who.secret.expose().into(),
            Struct::new().into(),
        ];
        let uid = match line.common("authenticate", params).await? {
            Value::Int(uid) => uid,
            // Measured on 14 to 19: a wrong login or secret is no fault.
            Value::Bool(false) => return Err(login()),
            other => {
                let reason = format!("a user's id was expected, not a value of kind {}", other.kind());
                return Err(Error::protocol("common.authenticate", reason));
            }
        };
        tracing::debug!(target: "odoo_rpc", %version, uid, "connected");
        let session = Session { line, login: who, uid, version };
        Ok(Client { session: Arc::new(session), context: Context::new() })
    }
}

//! From an address to a client, over HTTP.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::client::protocol::Protocol;
use crate::client::secret::Secret;
use crate::client::{Client, Login};
use crate::error::{Error, Result};
use crate::transport::{Address, Http, HttpOptions, PaceLock, Throttle};
use crate::wire::Limits;

/// What can be set about a client before it connects. Made by [`Client::builder`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    url: String,
    login: Login,
    protocol: Option<Protocol>,
    gap: Duration,
    parallel: usize,
    lock_dir: PathBuf,
    allow_plain_http: bool,
    http: HttpOptions,
}

impl Client {
    /// A client for the server at `url`, such as `https://clinic.odoo.com`.
    pub fn builder(
        url: impl Into<String>,
        database: impl Into<String>,
        login: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> ClientBuilder {
        ClientBuilder {
            url: url.into(),
            login: Login::new(database, login, secret),
            protocol: None,
            gap: Duration::from_secs(1),
            parallel: 1,
            lock_dir: PaceLock::default_dir(),
            allow_plain_http: false,
            http: HttpOptions::new(),
        }
    }
}

impl ClientBuilder {
    /// Calls over this protocol and no other. See [`Protocol`] for what is taken unless it is set.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// The least time between the starts of two calls: one second unless set. With zero, calls still go one by one.
    pub fn gap(mut self, gap: Duration) -> Self {
        self.gap = gap;
        self
    }

    /// How many calls may be under way at a time: one unless set. More is for a server of one's own that runs several workers; a
    /// hosted one allows one.
    pub fn parallel(mut self, calls: usize) -> Self {
        self.parallel = calls;
        self
    }

    /// How long a call may take: 180 seconds unless set. See [`HttpOptions::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self
    }

    /// The folder of the lock files through which programs share the pace, the same for all of them:
    /// [`PaceLock::default_dir`] unless set.
    pub fn lock_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.lock_dir = dir.into();
        self
    }

    /// Allows `http://` for another machine than this one. Everybody on the way can then read the secret and the patients' data.
    pub fn allow_plain_http(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// All that can be set about HTTP, the timeout included.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Connects: two or three calls, each waiting for its turn. See [`Connector::connect`](crate::client::Connector::connect).
    ///
    /// # Errors
    ///
    /// The address or the folder for lock files cannot be used, the server cannot be reached or is no Odoo, or it refuses
    /// database, login or secret. The text says which, and what to check.
    pub async fn connect(self) -> Result<Client> {
        let address = Address::parse(&self.url, self.allow_plain_http)?;
        let lock = PaceLock::new(self.lock_dir, &address, &self.login.database);
        lock.check().map_err(|error| Error::config(error.to_string()))?;
        let limits = Limits::default().with_bytes(self.http.max_response);
        let origin = address.origin().to_owned();
        let http = Http::new(address, self.http).map_err(|error| Error::config(error.reason))?;
        let throttle = Throttle::new(http, self.gap).parallel(self.parallel).shared(lock);
        let mut connector = Client::over(throttle, self.login).limits(limits).origin(origin);
        if let Some(protocol) = self.protocol {
            connector = connector.protocol(protocol);
        }
        connector.connect().await
    }
}

/// Without the address where it cannot be used: it may hold a password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Address::parse(&self.url, true).ok().map(|address| address.origin().to_owned());
        f.debug_struct("ClientBuilder")
            .field("address", &address)
            .field("login", &self.login)
            .field("protocol", &self.protocol)
            .field("gap", &self.gap)
            .field("parallel", &self.parallel)
            .field("lock_dir", &self.lock_dir)
            .field("allow_plain_http", &self.allow_plain_http)
            .field("http", &self.http)
            .finish()
    }
}

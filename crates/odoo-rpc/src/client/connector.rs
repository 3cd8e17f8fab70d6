//! From a way to a server to a logged-in client.

use std::sync::Arc;

use crate::client::call::Call;
use crate::client::context::Context;
use crate::client::fault::{self, Site};
use crate::client::line::Line;
use crate::client::protocol::Protocol;
use crate::client::version::ServerVersion;
use crate::client::{Client, Login, Session, json2, xml_rpc};
use crate::error::{Error, Result};
use crate::transport::{Request, Transport};
use crate::wire::{Limits, Value};

/// A client that is not logged in yet. Made by [`Client::over`].
#[derive(Debug)]
#[must_use]
pub struct Connector {
    line: Line,
    login: Login,
    protocol: Option<Protocol>,
    origin: Option<String>,
}

impl Client {
    /// A client over any transport, as it is: without a [`Throttle`](crate::transport::Throttle) nothing keeps a pace.
    pub fn over(transport: impl Transport + 'static, login: Login) -> Connector {
        Connector { line: Line::new(Arc::new(transport)), login, protocol: None, origin: None }
    }
}

impl Connector {
    /// Reads answers within these limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.line.limit(limits);
        self
    }

    /// Says which server the transport leads to: see [`Client::origin`].
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Calls over this protocol and no other. See [`Protocol`] for what is taken unless it is set.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Asks for the version and logs in: two calls over XML-RPC; three over JSON-2, where the third asks for the login of the
    /// key's user. One more where the version is not told over XML-RPC any more, or where what looked like a key is none.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or is no Odoo, or it refuses database, login or secret, or the key is another user's. The text
    /// says which, and what to check.
    pub async fn connect(self) -> Result<Client> {
        let Self { line, login, protocol, origin } = self;
        let (version, told_over) = version(&line, protocol).await?;
        let (protocol, uid) = match protocol {
            Some(Protocol::XmlRpc) => (Protocol::XmlRpc, authenticate(&line, &login).await?),
            Some(Protocol::Json2) => (Protocol::Json2, by_key(&line, &login, &version).await?),
            // A password is no bearer.
            None if told_over == Protocol::Json2 && !json2::is_key(login.secret.expose()) => {
                let reason = "XML-RPC is not let through here, and JSON-2 takes an API key alone: give an API key, have /xmlrpc/2/ let through, or set the protocol";
                return Err(Error::Login { reason: reason.to_owned() });
            }
            None if told_over == Protocol::Json2 => (Protocol::Json2, by_key(&line, &login, &version).await?),
            None if version.at_least(19, 0) && json2::is_key(login.secret.expose()) => {
                match by_key(&line, &login, &version).await {
                    Ok(uid) => (Protocol::Json2, uid),
                    // A password of that form, or a proxy that lets XML-RPC pass alone.
                    Err(
                        Error::Login { .. } | Error::Config { .. } | Error::NotOdoo { status: 400..500, .. },
                    ) => (Protocol::XmlRpc, authenticate(&line, &login).await?),
                    Err(error) => return Err(error),
                }
            }
            None => (Protocol::XmlRpc, authenticate(&line, &login).await?),
        };
        if protocol == Protocol::Json2 {
            check_user(&line, &login, uid).await?;
        }
        tracing::debug!(target: "odoo_rpc", %protocol, %version, uid, "connected");
        let session = Session { line, login, uid, version, protocol, origin };
        Ok(Client { session: Arc::new(session), context: Context::new() })
    }
}

/// The server's version, and the protocol over which it was told.
async fn version(line: &Line, protocol: Option<Protocol>) -> Result<(ServerVersion, Protocol)> {
    if protocol == Some(Protocol::Json2) {
        return Ok((web_version(line).await?, Protocol::Json2));
    }
    match common(line, "version", &[]).await {
        // That interface is gone, or is not let through.
        Err(gone @ Error::NotOdoo { status: 403..=405 | 410, .. }) if protocol.is_none() => {
            web_version(line).await.map(|version| (version, Protocol::Json2)).map_err(|_| gone)
        }
        answer => parsed(&answer?, "common.version").map(|version| (version, Protocol::XmlRpc)),
    }
}

/// The version as 19 tells it without logging in; 14, 16 and 17 do not (measured).
async fn web_version(line: &Line) -> Result<ServerVersion> {
    let site = Site { model: "web", method: "version", fields: &[] };
    parsed(&line.send(Protocol::Json2, Request::get("/web/version"), site, 0).await?, "web.version")
}

fn parsed(answer: &Value, call: &str) -> Result<ServerVersion> {
    answer
        .as_struct()
        .and_then(ServerVersion::parse)
        .ok_or_else(|| Error::protocol(call, "it answers, but not with a version of Odoo: check the address"))
}

/// The user's id, by login and secret.
async fn authenticate(line: &Line, login: &Login) -> Result<i64> {
    match common(line, "authenticate", &xml_rpc::credentials(login)).await? {
        Value::Int(uid) => Ok(uid),
        // Measured on 14 to 19: a wrong login or secret is no fault.
        Value::Bool(false) => Err(fault::login()),
        other => {
            let reason = format!("a user's id was expected, not a value of kind {}", other.kind());
            Err(Error::protocol("common.authenticate", reason))
        }
    }
}

/// The id of the key's user. JSON-2 has no call for logging in.
async fn by_key(line: &Line, login: &Login, version: &ServerVersion) -> Result<i64> {
    if !version.at_least(19, 0) {
        return Err(Error::config(format!(
            "JSON-2 exists from Odoo 19 on, the server is {version}: use XML-RPC"
        )));
    }
    if !json2::fits_header(login.secret.expose()) || !json2::fits_header(&login.database) {
        let reason = "over JSON-2 API key and database travel in headers, which take letters, digits and signs of ASCII without spaces: check for a space or line end copied along, or use XML-RPC";
        return Err(Error::config(reason));
    }
    let context = by_name(line, login, Call::new("res.users", "context_get")).await?;
    let uid = context.as_struct().and_then(|context| context.get("uid")).and_then(Value::as_int);
    uid.ok_or_else(|| Error::protocol("res.users.context_get", "the answer does not tell the user's id"))
}

/// Whether the key is that of the user who is named: over XML-RPC the server checks it.
async fn check_user(line: &Line, login: &Login, uid: i64) -> Result<()> {
    let fields = vec![Value::from("login")];
    let users = by_name(line, login, Call::new("res.users", "read").on([uid]).arg("fields", fields)).await?;
    let user = users.as_array().and_then(|users| users.first()).and_then(Value::as_struct);
    let told = user.and_then(|user| user.get("login")).and_then(Value::as_text);
    if told == Some(login.login.as_str()) {
        return Ok(());
    }
    let reason =
        "the API key is one of another user's: give that user's login, or a key of the user who is named";
    Err(Error::Login { reason: reason.to_owned() })
}

async fn common(line: &Line, method: &'static str, params: &[Value]) -> Result<Value> {
    let site = Site { model: "common", method, fields: &[] };
    let body = xml_rpc::common(method, params, site)?;
    line.send(Protocol::XmlRpc, Request::xml("/xmlrpc/2/common", body), site, 0).await
}

async fn by_name(line: &Line, login: &Login, call: Call) -> Result<Value> {
    let (model, method) = (call.model.clone(), call.method.clone());
    let site = Site { model: &model, method: &method, fields: &[] };
    let body = json2::body(call, site)?;
    line.send(Protocol::Json2, json2::request(body.into(), login, site), site, 0).await
}

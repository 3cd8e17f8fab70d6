//! One call: written, sent, counted, traced, and its answer read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use crate::client::answer;
use crate::client::fault::{Outcome, Site, classify};
use crate::error::{Error, Result};
use crate::reason::Reason;
use crate::transport::{Body, Request, Transport};
use crate::wire::{Document, EncodeError, EncodeErrorKind, Limits, Value, encode_call, encode_call_document};

/// The way to a server.
pub(crate) struct Line {
    transport: Arc<dyn Transport>,
    limits: Limits,
    calls: AtomicU64,
}

impl Line {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, limits: Limits::default(), calls: AtomicU64::new(0) }
    }

    pub(crate) fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// A call to `/xmlrpc/2/common`.
    pub(crate) async fn common(&self, method: &'static str, params: Vec<Value>) -> Result<Value> {
        let site = Site { model: "common", method, fields: &[] };
        let body = encode_call(method, &params).map_err(|error| unsendable(&error, site))?;
        self.send(Request::xml("/xmlrpc/2/common", body), site, 0).await
    }

    /// A call of `execute_kw` on `/xmlrpc/2/object` that is encoded already and writes `rows` rows.
    pub(crate) async fn encoded(&self, body: Body, site: Site<'_>, rows: usize) -> Result<Value> {
        self.send(Request::xml("/xmlrpc/2/object", body), site, rows).await
    }

    async fn send(&self, request: Request, site: Site<'_>, rows: usize) -> Result<Value> {
        let call = site.call();
        let sent = request.body.len();
        let (departure, asked) = (request.departure.clone(), Instant::now());
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = self.transport.send(request).await;
        // Without the wait for the turn, where the transport tells when it ended.
        let millis = departure.at().unwrap_or(asked).elapsed().as_millis();
        let (status, received) = answer.as_ref().map_or((0, 0), |answer| (answer.status, answer.body.len()));

        let result = answer
            .map_err(|error| Error::unanswered(&call, error))
            .and_then(|answer| answer::read(&call, sent, &answer, &self.limits))
            .and_then(|result| match result.map_err(|fault| classify(&fault, site)) {
                Ok(value) => Ok(value),
                Err(Outcome::Done) => Ok(Value::Nil),
                Err(Outcome::Failed(error)) => Err(error),
            });
        match &result {
            Ok(_) => tracing::debug!(target: "odoo_rpc", %call, rows, sent, received, status, millis, "done"),
            Err(error) => {
                tracing::debug!(target: "odoo_rpc", %call, rows, sent, received, status, millis, %error, "failed");
            }
        }
        result
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.transport.fmt(f)
    }
}

/// The body of a call of `execute_kw`.
pub(crate) fn encode(params: Vec<Value>, site: Site<'_>) -> Result<Document> {
    encode_call_document("execute_kw", &params).map_err(|error| unsendable(&error, site))
}

fn unsendable(error: &EncodeError, site: Site<'_>) -> Error {
    let path = error.path().replacen("params[5]", "args", 1).replacen("params[6]", "kwargs", 1);
    let reason = match error.kind() {
        EncodeErrorKind::Character => Reason::Text,
        _ => Reason::Value,
    };
    Error::Unsendable { call: site.call(), path, reason }
}

//! One call: written, sent, counted, traced, and its answer read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::client::answer;
use crate::client::fault::{Outcome, Site, classify};
use crate::error::{Error, Result};
use crate::reason::Reason;
use crate::transport::{Request, Transport};
use crate::wire::{EncodeError, EncodeErrorKind, Limits, Value, encode_call};

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
        self.send(Request::xml("/xmlrpc/2/common", body), site, 0).await.0
    }

    /// A call of `execute_kw` on `/xmlrpc/2/object` that is encoded already and writes `rows` rows.
    pub(crate) async fn encoded(&self, body: Vec<u8>, site: Site<'_>, rows: usize) -> Result<Value> {
        self.timed(body, site, rows).await.0
    }

    /// The same, with the time it took.
    pub(crate) async fn timed(
        &self,
        body: Vec<u8>,
        site: Site<'_>,
        rows: usize,
    ) -> (Result<Value>, Duration) {
        self.send(Request::xml("/xmlrpc/2/object", body), site, rows).await
    }

    async fn send(&self, request: Request, site: Site<'_>, rows: usize) -> (Result<Value>, Duration) {
        let call = site.call();
        let sent = request.body.len();
        let (departure, asked) = (request.departure.clone(), Instant::now());
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = self.transport.send(request).await;
        // Without the wait for the turn, where the transport tells when it ended.
        let time = departure.at().unwrap_or(asked).elapsed();
        let millis = time.as_millis();
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
        (result, time)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.transport.fmt(f)
    }
}

/// The body of a call of `execute_kw`.
pub(crate) fn encode(params: Vec<Value>, site: Site<'_>) -> Result<Vec<u8>> {
    encode_call("execute_kw", &params).map_err(|error| unsendable(&error, site))
}

/// How many rows a call writes or reads: the length of its first argument, if that is a list.
pub(crate) fn rows(args: &[Value]) -> usize {
    args.first().and_then(Value::as_array).map_or(0, <[_]>::len)
}

/// The names of the fields that a call sends: those of its first row, which stands for all of them.
pub(crate) fn fields(args: &[Value]) -> Vec<String> {
    let row = args.iter().find_map(|arg| match arg {
        Value::Struct(row) => Some(row),
        Value::Array(values) => values.first().and_then(Value::as_struct),
        _ => None,
    });
    row.map(|row| row.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
}

fn unsendable(error: &EncodeError, site: Site<'_>) -> Error {
    let path = error.path().replacen("params[5]", "args", 1).replacen("params[6]", "kwargs", 1);
    let reason = match error.kind() {
        EncodeErrorKind::Character => Reason::Text,
        _ => Reason::Value,
    };
    Error::Unsendable { call: site.call(), path, reason }
}

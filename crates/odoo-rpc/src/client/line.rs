//! One call: sent, counted, traced, and its answer read.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::client::answer;
use crate::client::fault::Site;
use crate::client::protocol::Protocol;
use crate::error::{Error, Result};
use crate::transport::{Request, Transport};
use crate::wire::{Limits, Value};

/// The way to a server.
pub(crate) struct Line {
    transport: Arc<dyn Transport>,
    limits: Limits,
    calls: AtomicU64,
    /// How far the server's clock was ahead of ours when it answered last.
    ahead: Mutex<Option<SignedDuration>>,
}

impl Line {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, limits: Limits::default(), calls: AtomicU64::new(0), ahead: Mutex::default() }
    }

    pub(crate) fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn clock_ahead(&self) -> Option<SignedDuration> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request of that protocol which writes or reads `rows` rows.
    pub(crate) async fn send(
        &self,
        protocol: Protocol,
        request: Request,
        site: Site<'_>,
        rows: usize,
    ) -> Result<Value> {
        self.timed(protocol, request, site, rows).await.0
    }

    /// The same, with the time it took.
    pub(crate) async fn timed(
        &self,
        protocol: Protocol,
        request: Request,
        site: Site<'_>,
        rows: usize,
    ) -> (Result<Value>, Duration) {
        let call = site.call();
        let sent = request.body.len();
        let (departure, asked) = (request.departure.clone(), Instant::now());
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = self.transport.send(request).await;
        if let Ok(Some(date)) = answer.as_ref().map(|answer| answer.date) {
            let ahead = date.duration_since(Timestamp::now());
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        // Without the wait for the turn, where the transport tells when it ended.
        let time = departure.at().unwrap_or(asked).elapsed();
        let millis = time.as_millis();
        let (status, received) = answer.as_ref().map_or((0, 0), |answer| (answer.status, answer.body.len()));

        let result = answer
            .map_err(|error| Error::unanswered(&call, error))
            .and_then(|answer| answer::read(protocol, site, sent, &answer, &self.limits));
        match &result {
            Ok(_) => {
                tracing::debug!(target: "odoo_rpc", %protocol, %call, rows, sent, received, status, millis, "done");
            }
            Err(error) => {
                tracing::debug!(target: "odoo_rpc", %protocol, %call, rows, sent, received, status, millis, %error, "failed");
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

//! Keeps the pace a server asks for: one call at a time, and a gap between their starts.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::transport::departure::Departure;
use crate::transport::pace_lock::{Held, PaceLock};
use crate::transport::{Request, Response, Transport, TransportError};

/// Lets one call through at a time, and starts none sooner than `gap` after the start of the one before.
///
/// Calls of one program are served in the order in which they came. With a [`PaceLock`] all programs of the machine that
/// talk to the same database keep the pace together. The body of a request is complete before `send` is called, so waiting
/// costs nobody's work.
///
/// What the server sees is what counts: requests take differently long to arrive, so the gap is counted from the moment
/// at which the last one left (see [`Departure`]), and [`MARGIN`](Self::MARGIN) is added to it. A `gap` of zero asks for no pause
/// at all; calls still go one by one.
///
/// Dropping the future of a call that waits gives its place up. Dropping one that is under way frees the
/// place as well, though the server may still be at work on it.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use odoo_rpc::transport::{Throttle, Transport};
///
/// fn paced<T: Transport>(transport: T) -> Throttle<T> {
///     Throttle::new(transport, Duration::from_secs(1))
/// }
/// ```
#[derive(Debug)]
pub struct Throttle<T> {
    inner: T,
    gap: Duration,
    lock: Option<PaceLock>,
    last: Mutex<Option<Start>>,
}

impl<T> Throttle<T> {
    /// What is added to the gap, since two requests do not take equally long to arrive.
    pub const MARGIN: Duration = Duration::from_millis(15);

    /// Paces the calls that go through this value.
    #[must_use]
    pub fn new(inner: T, gap: Duration) -> Self {
        Self { inner, gap, lock: None, last: Mutex::new(None) }
    }

    /// The same, together with every other program that uses `lock`.
    #[must_use]
    pub fn shared(self, lock: PaceLock) -> Self {
        Self { lock: Some(lock), ..self }
    }

    fn pause(&self) -> Duration {
        if self.gap.is_zero() { Duration::ZERO } else { self.gap + Self::MARGIN }
    }

    /// How long to wait yet. `noted` is what the lock's file says of the last start.
    fn rest(&self, last: Option<&Start>, noted: Option<SystemTime>) -> Duration {
        let pause = self.pause();
        let own = last.map_or(Duration::ZERO, |last| pause.saturating_sub(last.moment().0.elapsed()));
        let foreign = match noted {
            // A time yet to come means that the clock was set back: then a whole pause, and no more.
            Some(noted) if !last.is_some_and(|last| last.has_noted(noted)) => {
                pause.saturating_sub(SystemTime::now().duration_since(noted).unwrap_or_default())
            }
            // Nobody else has called since: the steady clock is the better one.
            _ => Duration::ZERO,
        };
        own.max(foreign)
    }
}

#[async_trait]
impl<T: Transport> Transport for Throttle<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        // Both are held until the answer is here; the mutex serves in the order of asking.
        let mut last = self.last.lock().await;
        let mut held = match &self.lock {
            Some(lock) => Some(lock.acquire().await.map_err(|e| TransportError::not_sent(e.to_string()))?),
            None => None,
        };
        let rest = self.rest(last.as_ref(), held.as_ref().and_then(Held::last_start));
        if !rest.is_zero() {
            sleep(rest).await;
        }

        let start = last.insert(Start::now(request.departure.clone()));
        if let Some(held) = &mut held {
            held.set_last_start(start.wall).map_err(|e| TransportError::not_sent(e.to_string()))?;
        }
        let answer = self.inner.send(request).await;
        if let Some(held) = &mut held {
            // The call is made: failing now would hide its answer. The earlier time stays in the file then.
            let _ = held.set_last_start(start.moment().1);
        }
        answer
    }
}

/// The start of a call, on two clocks. The request's departure, once it is known, puts it later.
#[derive(Debug)]
struct Start {
    at: Instant,
    wall: SystemTime,
    departure: Departure,
}

impl Start {
    fn now(departure: Departure) -> Self {
        Self { at: Instant::now(), wall: PaceLock::now(), departure }
    }

    fn moment(&self) -> (Instant, SystemTime) {
        match self.departure.at() {
            Some(left) if left > self.at => (left, PaceLock::rounded(self.wall + (left - self.at))),
            _ => (self.at, self.wall),
        }
    }

    fn has_noted(&self, time: SystemTime) -> bool {
        time == self.wall || time == self.moment().1
    }
}

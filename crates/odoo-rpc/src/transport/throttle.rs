//! Keeps the pace a server asks for: one call at a time, and a gap between their starts.

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep};

use crate::transport::contract::{Request, Response, Transport, TransportError};
use crate::transport::departure::Departure;
use crate::transport::pace_lock::{Held, PaceLock};

/// Lets one call through at a time (or as many as it is [told](Self::parallel)), and starts none sooner than `gap` after the start of the one before.
///
/// Calls of one program are served in the order in which they came. With a [`PaceLock`] all programs of the machine that
/// talk to the same database keep the pace together. But for files, the body of a request is complete before `send` is called, so waiting
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
    state: Mutex<State>,
    places: Semaphore,
}

/// What is known of the calls so far.
#[derive(Debug, Default)]
struct State {
    last: Option<Start>,
    /// The place among other programs, which all calls that are under way hold together.
    held: Weak<Mutex<Held>>,
}

impl<T> Throttle<T> {
    /// What is added to the gap, since two requests do not take equally long to arrive.
    pub const MARGIN: Duration = Duration::from_millis(15);

    /// Paces the calls that go through this value.
    #[must_use]
    pub fn new(inner: T, gap: Duration) -> Self {
        Self { inner, gap, lock: None, state: Mutex::default(), places: Semaphore::new(1) }
    }

    /// The same, with up to so many calls under way at a time; one where unset. Only for a server of one's own that runs several
    /// workers. They still start no sooner than `gap` after each other; other programs wait until none is under way.
    #[must_use]
    pub fn parallel(self, calls: usize) -> Self {
        Self { places: Semaphore::new(calls.clamp(1, Semaphore::MAX_PERMITS)), ..self }
    }

    /// The same, together with every other program that uses `lock`.
    #[must_use]
    pub fn shared(self, lock: PaceLock) -> Self {
        Self { lock: Some(lock), ..self }
    }

    fn pause(&self) -> Duration {
        if self.gap.is_zero() { Duration::ZERO } else { self.gap.saturating_add(Self::MARGIN) }
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
        // The place is held until the answer is here; both serve in the order of asking.
        let closed = |_| TransportError::not_sent("no more calls are taken");
        let _place = self.places.acquire().await.map_err(closed)?;
        let mut state = self.state.lock().await;
        let held = match (&self.lock, state.held.upgrade()) {
            (Some(lock), None) => {
                let held = lock.acquire().await.map_err(|e| TransportError::not_sent(e.to_string()))?;
                Some(Arc::new(Mutex::new(held)))
            }
            (_, held) => held,
        };
        state.held = held.as_ref().map(Arc::downgrade).unwrap_or_default();
        let noted = match &held {
            Some(held) => held.lock().await.last_start(),
            None => None,
        };
        let rest = self.rest(state.last.as_ref(), noted);
        if !rest.is_zero() {
            sleep(rest).await;
        }

        let departure = request.departure.clone();
        let start = state.last.insert(Start::now(departure));
        if let Some(held) = &held {
            let noted = held.lock().await.set_last_start(start.wall);
            noted.map_err(|e| TransportError::not_sent(e.to_string()))?;
        }
        drop(state);
        let answer = self.inner.send(request).await;
        // Where another call is about to start, it notes its own.
        if let Some(held) = &held
            && let Ok(state) = self.state.try_lock()
            && let Some(last) = &state.last
        {
            // The call is made: failing now would hide its answer. The earlier time stays in the file then.
            let _ = held.lock().await.set_last_start(last.moment().1);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;

    use super::*;
    use crate::transport::address::Address;

    const GAP: Duration = Duration::from_secs(1);

    /// A server that takes a while, and notes who comes when.
    #[derive(Debug, Default)]
    struct Server {
        takes: Duration,
        arrives_after: Duration,
        allows: usize,
        at_once: AtomicUsize,
        most: AtomicUsize,
        seen: std::sync::Mutex<Vec<(Instant, Vec<u8>)>>,
    }

    impl Server {
        fn taking(millis: u64) -> Arc<Self> {
            Arc::new(Self { takes: Duration::from_millis(millis), ..Self::default() })
        }

        fn order(&self) -> Vec<u8> {
            self.seen.lock().unwrap().iter().map(|(_, body)| body[0]).collect()
        }

        #[track_caller]
        fn assert_paced(&self, calls: usize) {
            let seen = self.seen.lock().unwrap();
            assert_eq!(seen.len(), calls);
            for pair in seen.windows(2) {
                let gap = pair[1].0 - pair[0].0;
                assert!(gap >= GAP && gap <= GAP + 2 * Throttle::<Self>::MARGIN + self.takes, "{gap:?}");
            }
        }
    }

    #[async_trait]
    impl Transport for Server {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            sleep(self.arrives_after).await;
            request.departure.mark();
            let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            assert!(at_once <= self.allows.max(1), "{at_once} at once");
            self.most.fetch_max(at_once, Ordering::SeqCst);
            let left = Leaving(&self.at_once);
            self.seen.lock().unwrap().push((Instant::now(), request.body.in_memory().unwrap().to_vec()));
            sleep(self.takes).await;
            drop(left);
            Ok(Response::new(200, "text/xml", Vec::new()))
        }
    }

    struct Leaving<'a>(&'a AtomicUsize);

    impl Drop for Leaving<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn request(number: u8) -> Request {
        Request::xml("/", vec![number])
    }

    fn lock(dir: &tempfile::TempDir) -> PaceLock {
        PaceLock::new(dir.path(), &Address::parse("https://clinic.example.org", false).unwrap(), "clinic")
    }

    #[tokio::test(start_paused = true)]
    async fn calls_go_one_by_one_with_a_gap_in_the_order_of_asking() {
        let server = Server::taking(300);
        let throttle = Throttle::new(Arc::clone(&server), GAP);
        join_all((0..5).map(|n| throttle.send(request(n)))).await;
        server.assert_paced(5);
        assert_eq!(server.order(), [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_longer_than_the_gap_is_followed_at_once() {
        let server = Server::taking(1_500);
        let throttle = Throttle::new(Arc::clone(&server), GAP);
        let begun = Instant::now();
        for n in 0..3 {
            throttle.send(request(n)).await.unwrap();
        }
        assert_eq!(begun.elapsed(), Duration::from_millis(4_500));
    }

    #[tokio::test(start_paused = true)]
    async fn the_gap_counts_from_the_departure() {
        // The first call needs 400 ms to connect, the second none.
        let slow = Arc::new(Server { arrives_after: Duration::from_millis(400), ..Server::default() });
        let throttle = Throttle::new(Arc::clone(&slow), GAP);
        throttle.send(request(0)).await.unwrap();
        let arrived = slow.seen.lock().unwrap()[0].0;
        throttle.send(request(1)).await.unwrap();
        let started = Instant::now() - Duration::from_millis(400);
        assert!(started - arrived >= GAP, "{:?}", started - arrived);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_gap_calls_still_go_one_by_one() {
        let server = Server::taking(10);
        let throttle = Throttle::new(Arc::clone(&server), Duration::ZERO);
        let begun = Instant::now();
        join_all((0..5).map(|n| throttle.send(request(n)))).await;
        assert_eq!(begun.elapsed(), Duration::from_millis(50));
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_are_under_way_as_are_allowed_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let takes = Duration::from_millis(100);
        let server = Arc::new(Server { takes, allows: 3, ..Server::default() });
        let throttle = Throttle::new(Arc::clone(&server), Duration::ZERO).parallel(3).shared(lock(&dir));
        let begun = Instant::now();
        join_all((0..9).map(|n| throttle.send(request(n)))).await;
        assert_eq!(begun.elapsed(), takes * 3);
        assert_eq!(server.most.load(Ordering::SeqCst), 3);
        // All of them are over: another program may call.
        let other = Throttle::new(Server::taking(0), Duration::ZERO).shared(lock(&dir));
        assert!(other.send(request(9)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_dropped_frees_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::taking(5_000);
        let throttle = Throttle::new(Arc::clone(&server), GAP).shared(lock(&dir));
        let short = Duration::from_millis(100);
        // The first is under way when it is given up, the second waits for the gap, the third for the lock.
        assert!(tokio::time::timeout(short, throttle.send(request(0))).await.is_err());
        assert!(tokio::time::timeout(short, throttle.send(request(1))).await.is_err());
        let other = Throttle::new(Arc::clone(&server), GAP).shared(lock(&dir));
        let (fourth, third) = tokio::join!(throttle.send(request(3)), async {
            tokio::time::timeout(short, other.send(request(2))).await
        });
        assert!(fourth.is_ok() && third.is_err());
        assert_eq!(server.order(), [0, 3]);
        let seen = server.seen.lock().unwrap();
        assert!(seen[1].0 - seen[0].0 >= GAP);
    }

    #[tokio::test(start_paused = true)]
    async fn two_programs_keep_one_pace_and_neither_is_shut_out() {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::taking(1_200);
        let program = |first: u8| {
            let throttle = Throttle::new(Arc::clone(&server), GAP).shared(lock(&dir));
            async move {
                for n in first..first + 5 {
                    throttle.send(request(n)).await.unwrap();
                }
            }
        };
        tokio::join!(program(0), program(100));
        server.assert_paced(10);
        // Both get on: after six calls nobody has had all five.
        let early = server.order().iter().take(6).filter(|n| **n < 100).count();
        assert!((2..=4).contains(&early), "{:?}", server.order());
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_in_the_future_is_waited_for_no_longer_than_a_gap() {
        let dir = tempfile::tempdir().unwrap();
        let lock = lock(&dir);
        let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
        lock.acquire().await.unwrap().set_last_start(tomorrow).unwrap();
        let begun = Instant::now();
        Throttle::new(Server::taking(0), GAP).shared(lock).send(request(0)).await.unwrap();
        assert!(begun.elapsed() >= GAP && begun.elapsed() <= GAP + 2 * Throttle::<Server>::MARGIN);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unusable_lock_sends_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let lock = lock(&dir);
        std::fs::write(lock.path(), "a letter").unwrap();
        let server = Server::taking(0);
        let error = Throttle::new(Arc::clone(&server), GAP).shared(lock).send(request(0)).await.unwrap_err();
        assert_eq!(error.delivery, crate::transport::contract::Delivery::NotSent);
        assert!(error.reason.contains("another folder") && server.order().is_empty(), "{error}");
    }
}

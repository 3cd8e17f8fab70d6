//! How long, and how often: how calls that go wrong are borne.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::error::{Error, Result, Retry};

/// How trouble is borne.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// After so long a call that got no answer cannot be carried out any more.
    pub(crate) settle: Duration,
    /// How often something that may be sent again is sent at most.
    pub(crate) attempts: u32,
}

/// What was intended so long ago is over, however often it was repeated.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(12);
/// Nothing is waited for any longer: a year. More than the clock can count to would be a panic.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether what was intended then can no longer be under way. An intent's age says little of when its call was made last: before
/// that may have come others, pauses and repetitions.
pub(crate) fn is_long_ago(at: Timestamp) -> bool {
    Timestamp::now().duration_since(at) >= LONG_AGO
}

/// Makes a call that changes nothing, or nothing more when made twice, until it is answered; as often as is usual.
///
/// # Errors
///
/// The call's last error.
pub(crate) async fn repeat<T, F>(call: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    Patience::default().repeat(call).await
}

impl Default for Patience {
    /// Odoo ends a call after 120 s where its limit is not changed, and looks at it only once in a while.
    fn default() -> Self {
        Self { settle: Duration::from_secs(180), attempts: 6 }
    }
}

impl Patience {
    /// The usual one, but for how long a call that got no answer may still be carried out.
    pub(crate) fn settling(settle: Duration) -> Self {
        Self { settle: settle.min(LONGEST), ..Self::default() }
    }

    /// Waits before attempt number `attempt` (the first is 0), longer each time; as long as the server asks for, where it does.
    pub(crate) async fn pause(&self, attempt: u32, error: &Error) {
        sleep(error.retry_after().max(Duration::from_secs(1 << attempt.min(5)))).await;
    }

    /// Makes a call that changes nothing, or nothing more when made twice, until it is answered.
    ///
    /// # Errors
    ///
    /// The call's last error.
    pub(crate) async fn repeat<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut attempt = 0;
        loop {
            match call().await {
                Err(error) if error.retry() != Retry::Never && attempt + 1 < self.attempts => {
                    tracing::debug!(target: "odoo_rpc", attempt, %error, "again");
                    self.pause(attempt, &error).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }
}

/// Whether an answer leaves nothing to be asked again: all is there, or the question cannot be answered.
pub(crate) fn is_clear<T>(answer: &Result<T>, all_is_there: impl FnOnce(&T) -> bool) -> bool {
    answer.as_ref().map_or_else(|error| error.retry() == Retry::Never, all_is_there)
}

/// A wait for something that may be under way still: a server may work on long after the connection is gone. What it does comes as a
/// whole, and mostly soon, so it is asked for often at first.
///
/// Who waits asks, and goes on asking as long as [`again`](Self::again) says so.
#[derive(Debug)]
pub(crate) struct Waiting {
    end: Instant,
    pause: Duration,
    /// Whether the time was over before it was asked last.
    last: bool,
}

impl Waiting {
    /// For at most so long; no time at all means to ask once.
    pub(crate) fn new(time: Duration) -> Self {
        let end = Instant::now() + time.min(LONGEST);
        Self { end, pause: Duration::from_secs(1), last: time.is_zero() }
    }

    /// Waits until it is to be asked again. False, at once, where what was asked last was asked when the time was over: an answer from
    /// before that proves nothing.
    pub(crate) async fn again(&mut self) -> bool {
        if self.last {
            return false;
        }
        sleep(self.pause.min(self.end.saturating_duration_since(Instant::now()))).await;
        self.pause = (self.pause * 2).min(Duration::from_secs(30));
        self.last = Instant::now() >= self.end;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds after which it is asked for, where it never comes.
    async fn asked_for(time: Duration) -> Vec<u64> {
        let (began, mut waiting) = (Instant::now(), Waiting::new(time));
        let mut asked = vec![0];
        while waiting.again().await {
            asked.push(began.elapsed().as_secs());
        }
        asked
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_come_is_asked_for_until_its_time_is_over_and_once_after() {
        let seconds = [0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 180];
        assert_eq!(asked_for(Duration::from_secs(180)).await, seconds);
        assert_eq!(asked_for(Duration::from_secs(2)).await, [0, 1, 2]);
        assert_eq!(asked_for(Duration::ZERO).await, [0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_without_end_is_no_panic() {
        assert!(Waiting::new(Duration::MAX).again().await);
        assert!(Waiting::new(Patience::settling(Duration::MAX).settle).again().await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_be_sent_again_is_sent_six_times_and_what_may_not_once() {
        let busy = || Error::Busy { call: "m.f".into() };
        for (error, most) in [(busy(), 6), (Error::config("no"), 1)] {
            let mut times = 0;
            let call = || {
                times += 1;
                std::future::ready(Err::<(), _>(error.clone()))
            };
            let began = Instant::now();
            assert_eq!(repeat(call).await, Err(error.clone()));
            assert_eq!(times, most);
            assert_eq!(began.elapsed().as_secs(), if most == 1 { 0 } else { 1 + 2 + 4 + 8 + 16 });
        }
    }
}

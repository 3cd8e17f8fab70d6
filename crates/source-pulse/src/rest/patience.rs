//! How often, and after which pauses, a request is repeated.

use std::time::Duration;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use tokio::time::sleep;

/// No bridge is waited for longer without asking it again.
const LONGEST: Duration = Duration::from_secs(3600);
/// Pauses grow up to this many times the first.
const MOST_DOUBLINGS: u32 = 5;

/// How trouble is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// How often a request is sent at most.
    pub(super) attempts: u32,
    /// How long the first pause is; each one after it is twice as long, up to 32 times.
    pub(super) first_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 6, first_wait: Duration::from_secs(1) }
    }
}

impl Patience {
    /// The attempts at one request.
    pub(super) fn attempts(self) -> Attempts {
        Attempts { patience: self, failed: 0 }
    }
}

/// The attempts at one request.
#[derive(Debug)]
pub(super) struct Attempts {
    patience: Patience,
    failed: u32,
}

impl Attempts {
    /// Waits before the next attempt: longer each time, and as long as the bridge asks for, where it does.
    ///
    /// # Errors
    ///
    /// The one given, where there is no attempt left.
    pub(super) async fn again(&mut self, error: Error, asked: Option<Duration>) -> Result<()> {
        self.failed += 1;
        if self.failed >= self.patience.attempts {
            return Err(error.at("attempts", self.failed));
        }
        let doublings = (self.failed - 1).min(MOST_DOUBLINGS);
        let pause = self.patience.first_wait.saturating_mul(1 << doublings);
        sleep(pause.max(asked.unwrap_or_default()).min(LONGEST)).await;
        Ok(())
    }
}

/// What `Retry-After` asks for: seconds, or a date, which is held against the server's own clock.
pub(super) fn retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    let text = text.trim();
    let parsed = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let now = date.and_then(parsed).unwrap_or_else(Timestamp::now);
            Some(parsed(text)?.duration_since(now).try_into().unwrap_or(Duration::ZERO))
        }
    }
}

#[cfg(test)]
mod tests {
    use mapping_core::error::Retry;
    use tokio::time::Instant;

    use super::*;

    /// The seconds of each pause, and what is said at the end.
    async fn pauses(patience: Patience, asked: Option<u64>) -> (Vec<u64>, Error) {
        let (mut attempts, mut pauses) = (patience.attempts(), Vec::new());
        loop {
            let began = Instant::now();
            let error = Error::unavailable("busy", Retry::Safe);
            match attempts.again(error, asked.map(Duration::from_secs)).await {
                Ok(()) => pauses.push(began.elapsed().as_secs()),
                Err(error) => return (pauses, error),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end() {
        let (seconds, error) = pauses(Patience::default(), None).await;
        assert_eq!((seconds, error.place("attempts")), (vec![1, 2, 4, 8, 16], Some("6")));
        let many = Patience { attempts: 9, ..Patience::default() };
        assert_eq!(pauses(many, None).await.0, [1, 2, 4, 8, 16, 32, 32, 32]);
        let none = Patience { attempts: 1, ..Patience::default() };
        assert!(pauses(none, None).await.0.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn as_long_as_the_bridge_asks_for_is_waited_but_no_longer_than_an_hour() {
        let three = Patience { attempts: 4, ..Patience::default() };
        assert_eq!(pauses(three, Some(3)).await.0, [3, 3, 4]);
        assert_eq!(pauses(three, Some(u64::MAX)).await.0, [3600, 3600, 3600]);
        let slow = Patience { attempts: 2, first_wait: Duration::MAX };
        assert_eq!(pauses(slow, None).await.0, [3600]);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Wed, 10 Jan 2024 10:34:45 GMT");
        assert_eq!(retry_after(" 7 ", date), Some(Duration::from_secs(7)));
        assert_eq!((retry_after("soon", date), retry_after("-7", date)), (None, None));
        assert_eq!(retry_after("Wed, 10 Jan 2024 10:36:25 GMT", date), Some(Duration::from_secs(100)));
        assert_eq!(retry_after("Wed, 10 Jan 2024 10:34:00 GMT", date), Some(Duration::ZERO));
    }
}

//! How long, and how often.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use crate::error::{Error, Result, Retry};

/// How the writer bears trouble.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// After so long a call that got no answer cannot be carried out any more.
    pub(crate) settle: Duration,
    /// How often something that may be sent again is sent at most.
    pub(crate) attempts: u32,
}

/// What was intended so long ago is over, however often it was repeated.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(12);

/// Whether what was intended then can no longer be under way. An intent's age says little of when its call was made last: before
/// that may have come others, pauses and repetitions.
pub(crate) fn is_long_ago(at: Timestamp) -> bool {
    Timestamp::now().duration_since(at) >= LONG_AGO
}

impl Default for Patience {
    /// Odoo ends a call after 120 s where its limit is not changed, and looks at it only once in a while.
    fn default() -> Self {
        Self { settle: Duration::from_secs(180), attempts: 6 }
    }
}

impl Patience {
    /// Waits before attempt number `attempt` (the first is 0), longer each time; as long as the server asks for, where it does.
    pub(crate) async fn pause(&self, attempt: u32, error: &Error) {
        let asked = match error {
            Error::TooMany { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        sleep(asked.max(Duration::from_secs(1 << attempt.min(5)))).await;
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

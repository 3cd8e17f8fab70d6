//! What an earlier run may have left under way: a call that nobody waits for any more, and that the server may carry out still.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::accounting::error::LedgerError;
use crate::error::Retry;

/// What is known of the calls of earlier runs. As long as one may be under way, that something is not there proves nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier {
    /// Until then calls were made of which it is not known whether they will be carried out.
    called: Option<Instant>,
    /// A run began, and did not end. Seen when the next one begins, it was dropped in the middle.
    is_running: bool,
}

impl Earlier {
    /// Of another ledger, most often of another process: where there can have been one, it may have called until now.
    pub(crate) fn new(can_be: bool) -> Self {
        Self { called: can_be.then(Instant::now), is_running: false }
    }

    /// A run begins.
    pub(crate) fn begin(&mut self) {
        if self.is_running {
            self.called = Some(Instant::now());
        }
        self.is_running = true;
    }

    /// It ended, with that error if it did not succeed.
    pub(crate) fn end(&mut self, error: Option<&LedgerError>) {
        if error.is_some_and(|error| error.retry() == Retry::AfterLookup) {
            self.called = Some(Instant::now());
        }
        self.is_running = false;
    }

    /// Waits until nothing of an earlier run can be carried out any more. True where something could: what was read before is to be
    /// read again.
    pub(crate) async fn wait(&mut self, settle: Duration) -> bool {
        let Some(called) = self.called else { return false };
        let end = called + settle;
        let seconds = end.saturating_duration_since(Instant::now()).as_secs();
        if seconds > 0 {
            tracing::info!(target: "odoo_rpc", seconds, "waiting: an earlier run may have a call under way");
        }
        sleep_until(end).await;
        self.called = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const SETTLE: Duration = Duration::from_secs(180);

    /// For how many seconds it waits; `None` where there is nothing to wait for.
    async fn waits(earlier: &mut Earlier) -> Option<u64> {
        let began = Instant::now();
        earlier.wait(SETTLE).await.then(|| began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn another_ledger_s_calls_are_waited_for_once_and_from_the_beginning_on() {
        assert_eq!(waits(&mut Earlier::new(false)).await, None);
        let mut earlier = Earlier::new(true);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(waits(&mut earlier).await, Some(80));
        assert_eq!(waits(&mut earlier).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_ended_is_waited_for_where_it_does_not_know_what_became_of_its_calls() {
        let call = || "account.move.create".to_owned();
        let lost = Error::Lost { call: call(), reason: "no answer".to_owned() };
        for (error, wanted) in
            [(None, None), (Some(Error::Busy { call: call() }), None), (Some(lost), Some(180))]
        {
            let mut earlier = Earlier::new(false);
            earlier.begin();
            earlier.end(error.clone().map(LedgerError::from).as_ref());
            assert_eq!(waits(&mut earlier).await, wanted, "{error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_was_dropped_is_waited_for() {
        let mut earlier = Earlier::new(false);
        earlier.begin();
        assert_eq!(waits(&mut earlier).await, None, "it is its own");
        earlier.begin();
        assert_eq!(waits(&mut earlier).await, Some(180));
    }
}

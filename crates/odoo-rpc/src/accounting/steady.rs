//! Steps that are carried out once, whatever happens to their calls.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::{Error, Result, Retry};
use crate::patience::{Patience, Waiting, is_clear};

/// A call that must not be made twice, and the question whether it was carried out.
#[async_trait]
pub(crate) trait Step: Send {
    /// Sends what is left.
    async fn send(&mut self) -> Result<()>;

    /// Asks the server what is left, and whether that is nothing.
    async fn is_done(&mut self) -> Result<bool>;
}

/// Carries a step out. After a call without an answer the server is asked, as long as that may still be carried out, whether it was
/// done; only then is what is missing sent again.
///
/// # Errors
///
/// The last call's. [`Retry::AfterLookup`] where it is not known whether that was carried out, whatever kept it from being asked.
pub(crate) async fn carry_out(step: &mut dyn Step, patience: Patience) -> Result<()> {
    let mut attempt = 0;
    loop {
        let Err(error) = step.send().await else { return Ok(()) };
        match error.retry() {
            Retry::Never => return Err(error),
            Retry::Safe => {}
            Retry::AfterLookup => match appears(step, patience.settle).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(asked) => return Err(unknown(error, &asked)),
            },
        }
        attempt += 1;
        if attempt >= patience.attempts {
            // One that got no answer was looked for until it could not come any more.
            return Err(error);
        }
        patience.pause(attempt - 1, &error).await;
    }
}

/// Whether the step turns out to be done.
async fn appears(step: &mut dyn Step, settle: Duration) -> Result<bool> {
    let mut waiting = Waiting::new(settle);
    loop {
        let answer = step.is_done().await;
        if is_clear(&answer, |done| *done) || !waiting.again().await {
            return answer;
        }
    }
}

/// The error of a call that may have been carried out, where the question whether it was failed too: with the first one's meaning,
/// since that nobody could ask does not make it safe to send the call again.
fn unknown(error: Error, asked: &Error) -> Error {
    match error {
        Error::Lost { call, reason }
        | Error::Protocol { call, reason }
        | Error::NotOdoo { call, reason, .. } => {
            let reason = format!("{reason}; whether it was carried out could not be asked: {asked}");
            Error::Lost { call, reason }
        }
        error => error,
    }
}

/// How many rows the next call takes: fewer after a slow one, more again after a quick one.
#[derive(Debug)]
pub(crate) struct Portion {
    rows: usize,
    most: usize,
}

/// A call should not take longer, so that it stays far from the limits of servers and proxies (often 60 s).
const SLOW: Duration = Duration::from_secs(20);
const QUICK: Duration = Duration::from_secs(8);
const LEAST: usize = 20;

impl Portion {
    /// At most so many, and never less than one.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { rows: most, most }
    }

    /// Takes a call's rows from the front of what is left.
    pub(crate) fn take<T>(&self, left: &mut Vec<T>) -> Vec<T> {
        let rest = left.split_off(self.rows.min(left.len()));
        std::mem::replace(left, rest)
    }

    pub(crate) fn took(&mut self, time: Duration) {
        self.rows = match time {
            time if time > SLOW => (self.rows / 2).max(LEAST.min(self.most)),
            time if time < QUICK => self.rows.saturating_mul(2).min(self.most),
            _ => self.rows,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTEMPTS: usize = 6;

    fn lost() -> Error {
        Error::Lost { call: "account.move.create".to_owned(), reason: "no answer".to_owned() }
    }

    /// A step whose calls are all lost, and what is answered when it is asked whether it was done after so many of them.
    struct Lost<F> {
        sent: usize,
        answer: F,
    }

    #[async_trait]
    impl<F: FnMut(usize) -> Result<bool> + Send> Step for Lost<F> {
        async fn send(&mut self) -> Result<()> {
            self.sent += 1;
            Err(lost())
        }

        async fn is_done(&mut self) -> Result<bool> {
            (self.answer)(self.sent)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_lost_call_is_looked_for_like_the_first() {
        let mut step = Lost { sent: 0, answer: |sent: usize| Ok(sent == ATTEMPTS) };
        assert_eq!(carry_out(&mut step, Patience::default()).await, Ok(()));
        let mut never = Lost { sent: 0, answer: |_: usize| Ok(false) };
        assert_eq!(carry_out(&mut never, Patience::default()).await, Err(lost()));
        assert_eq!((step.sent, never.sent), (ATTEMPTS, ATTEMPTS));
    }

    #[tokio::test(start_paused = true)]
    async fn that_nobody_could_ask_does_not_say_that_nothing_was_done() {
        let call = || "account.move.search_read".to_owned();
        for asked in [
            Error::NotSent { call: call(), reason: "no way".to_owned() },
            Error::Busy { call: call() },
            Error::Login { reason: "the password was changed".to_owned() },
        ] {
            let mut step = Lost { sent: 0, answer: |_: usize| Err(asked.clone()) };
            let error = carry_out(&mut step, Patience::default()).await.unwrap_err();
            assert_eq!((error.retry(), step.sent), (Retry::AfterLookup, 1), "{error}");
            let shown = error.to_string();
            assert!(
                shown.starts_with("account.move.create: no answer") && shown.contains(&asked.to_string())
            );
        }
    }

    #[test]
    fn a_slow_server_gets_fewer_rows_and_a_quick_one_all_of_them() {
        let mut portion = Portion::new(200);
        let mut left: Vec<u32> = (0..500).collect();
        assert_eq!(portion.take(&mut left).len(), 200);
        portion.took(Duration::from_secs(50));
        assert_eq!((portion.take(&mut left), left.len()), ((200..300).collect(), 200));
        for _ in 0..9 {
            portion.took(Duration::from_secs(50));
        }
        assert_eq!(portion.take(&mut left).len(), LEAST);
        for _ in 0..9 {
            portion.took(Duration::from_secs(1));
        }
        assert_eq!((portion.take(&mut left).len(), left.len()), (180, 0));
        assert_eq!(Portion::new(3).take(&mut vec![1, 2, 3, 4]), [1, 2, 3]);
    }

    #[test]
    fn any_number_of_rows_is_borne() {
        let mut left = vec![1, 2];
        assert_eq!((Portion::new(0).take(&mut left), left), (vec![1], vec![2]));
        let mut portion = Portion::new(usize::MAX);
        portion.took(Duration::from_secs(1));
        assert_eq!(portion.take(&mut vec![1, 2]), [1, 2]);
    }
}

//! Steps that are carried out once, whatever happens to their calls.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::{Result, Retry};
use crate::patience::{Patience, Waiting};

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
pub(crate) async fn carry_out(step: &mut dyn Step, patience: Patience) -> Result<()> {
    let mut attempt = 0;
    loop {
        let Err(error) = step.send().await else { return Ok(()) };
        match error.retry() {
            Retry::Never => return Err(error),
            _ if attempt + 1 >= patience.attempts => return Err(error),
            Retry::Safe => patience.pause(attempt, &error).await,
            Retry::AfterLookup => {
                if appears(step, patience.settle).await? {
                    return Ok(());
                }
            }
        }
        attempt += 1;
    }
}

/// Whether the step turns out to be done.
async fn appears(step: &mut dyn Step, settle: Duration) -> Result<bool> {
    let mut waiting = Waiting::new(settle);
    loop {
        let answer = step.is_done().await;
        let is_clear = match &answer {
            Ok(done) => *done,
            Err(error) => error.retry() == Retry::Never,
        };
        if is_clear || !waiting.again().await {
            return answer;
        }
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
    pub(crate) fn new(most: usize) -> Self {
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
            time if time < QUICK => (self.rows * 2).min(self.most),
            _ => self.rows,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

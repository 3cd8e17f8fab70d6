//! How fast requests follow each other.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A gap between the starts of requests.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn new(gap: Duration) -> Self {
        Self { gap, next: None }
    }

    /// Waits until the next request may start.
    pub(super) async fn wait(&mut self) {
        if let Some(next) = self.next {
            sleep_until(next).await;
        }
        self.next = Instant::now().checked_add(self.gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_start_no_sooner_than_the_gap_after_each_other() {
        let mut pace = Pace::new(Duration::from_millis(400));
        let began = Instant::now();
        let mut starts = Vec::new();
        for takes in [100, 900, 0, 0] {
            pace.wait().await;
            starts.push(began.elapsed().as_millis());
            tokio::time::sleep(Duration::from_millis(takes)).await;
        }
        assert_eq!(starts, [0, 400, 1300, 1700]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_gap_nothing_is_waited_for() {
        let (mut pace, began) = (Pace::new(Duration::ZERO), Instant::now());
        for _ in 0..5 {
            pace.wait().await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}

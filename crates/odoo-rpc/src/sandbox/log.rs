//! What was asked, when, and how long it is made to take.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::sandbox::lock;

/// A request the sandbox received. Holds no value of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// When it was received.
    pub started: Instant,
    /// When its work ended, whether or not anybody got the answer. `None` while it is at work.
    pub ended: Option<Instant>,
    /// The model, or `common`.
    pub model: String,
    /// The method.
    pub method: String,
    /// How many records it brought (`create`) or named (`write`, `read`, `unlink`, `web_save_multi`).
    pub rows: usize,
    /// How many bytes its body had.
    pub bytes: usize,
}

impl Seen {
    /// Whether both were at work at the same moment.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| one.ended.is_some_and(|ended| ended <= other.started);
        !before(self, other) && !before(other, self)
    }
}

/// How long a call takes, in tokio's time. The default is no time at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// What every call takes.
    pub base: Duration,
    /// What every record adds.
    pub per_row: Duration,
}

impl Latency {
    /// Every call takes `base`, and each of its records `per_row` more.
    #[must_use]
    pub fn new(base: Duration, per_row: Duration) -> Self {
        Self { base, per_row }
    }

    fn of(self, rows: usize) -> Duration {
        self.base + self.per_row.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX))
    }
}

/// The record of requests.
#[derive(Debug, Default)]
pub(super) struct Log {
    seen: Mutex<Vec<Seen>>,
    latency: Mutex<Latency>,
}

impl Log {
    pub(super) fn set_latency(&self, latency: Latency) {
        *lock(&self.latency) = latency;
    }

    pub(super) fn delay(&self, rows: usize) -> Duration {
        lock(&self.latency).of(rows)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    /// Notes that a request came, and tells where.
    pub(super) fn begin(&self, model: &str, method: &str, rows: usize, bytes: usize) -> usize {
        let mut seen = lock(&self.seen);
        let (model, method) = (model.to_owned(), method.to_owned());
        seen.push(Seen { started: Instant::now(), ended: None, model, method, rows, bytes });
        seen.len() - 1
    }

    pub(super) fn end(&self, place: usize) {
        if let Some(seen) = lock(&self.seen).get_mut(place) {
            seen.ended = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_overlap_unless_one_ended_before_the_other_began() {
        let start = Instant::now();
        let call = |from: u64, to: Option<u64>| Seen {
            started: start + Duration::from_secs(from),
            ended: to.map(|to| start + Duration::from_secs(to)),
            model: String::new(),
            method: String::new(),
            rows: 0,
            bytes: 0,
        };
        assert!(!call(0, Some(1)).overlaps(&call(1, Some(2))));
        assert!(call(0, Some(2)).overlaps(&call(1, Some(3))));
        assert!(call(0, None).overlaps(&call(5, Some(6))));
    }
}

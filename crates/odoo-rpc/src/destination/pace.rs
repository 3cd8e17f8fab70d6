//! How many rows go into a call: more while calls are quick, fewer at once when they are slow or fail.

use std::time::Duration;

/// How much more than the last call a call may have.
const GROWTH: f64 = 4.0;
/// A call that takes longer than its target so many times over is slow: the next one is smaller at once.
const SLOW: f64 = 1.5;
/// Sizes that differ less are the same: measured times vary by about as much.
const ALIKE: f64 = 0.15;

/// What a call is to take: at a call a second a shorter one wastes the rest of its second.
pub(crate) const TARGET: Duration = Duration::from_millis(1500);
/// The same before Odoo 16, where the number of calls decides. An activity takes Odoo 14 nineteen milliseconds, however many there are in a
/// call (measured). A hundred thousand rows in two hundred calls are, with the calls at the start, six hundred a call: twelve seconds. Four times
/// slower that is still below the minute after which many a server or proxy cuts a call off.
pub(crate) const OLD_TARGET: Duration = Duration::from_secs(12);

/// The size of the calls of one kind to one model.
///
/// It aims at a time, not at a number of rows: a contact takes Odoo 19 one millisecond, an activity takes Odoo 14 nineteen, and
/// a hosted server may slow down at any moment.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    rows: usize,
    most: usize,
    target: Duration,
    /// The server's time for a row, as far as it is known.
    row: Option<f64>,
}

impl Pace {
    pub(crate) fn new(first: usize, most: usize, target: Duration) -> Self {
        Self { rows: first.clamp(1, most.max(1)), most: most.max(1), target, row: None }
    }

    /// How many of `left` rows go into the next call. What is no more than a few calls is shared out evenly, each a fifth longer than it
    /// should be at most, so that no small one is left over; and never longer than it may be.
    pub(crate) fn next(&self, left: usize) -> usize {
        let long = self.long();
        match left {
            left if left <= long => left,
            left if left <= self.rows.saturating_mul(4) => left.div_ceil(left.div_ceil(long)).min(long),
            _ => self.rows,
        }
    }

    /// A little more rows than the next call should have.
    fn long(&self) -> usize {
        self.rows.saturating_add(self.rows / 5).min(self.most)
    }

    /// Whether a call of so many rows, of `left` there are, is about what the next one should be.
    pub(crate) fn suits(&self, rows: usize, left: usize) -> bool {
        let next = self.next(left);
        rows <= self.long() && rows <= left && rows.saturating_mul(3) >= next.saturating_mul(2)
    }

    /// Notes that a call of so many rows took the server so long.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of rows"
    )]
    pub(crate) fn took(&mut self, rows: usize, time: Duration) {
        let (rows, time, target) = (rows as f64, time.as_secs_f64().max(0.001), self.target.as_secs_f64());
        self.row = (rows > 0.0).then(|| time / rows);
        let (now, fit) = (self.rows as f64, rows * target / time);
        // What was left over at the end says little of what a full call would take, unless it was slow.
        if time <= SLOW * target && 2.0 * rows < now {
            return;
        }
        let wanted = fit.min(GROWTH * rows).min(self.most as f64);
        let wanted = if time > SLOW * target { wanted.min(now) } else { wanted };
        if (wanted - now).abs() > ALIKE * now {
            self.rows = (wanted as usize).max(1);
        }
    }

    /// Notes that a call of so many rows was too much: it was cut off, or refused for its size.
    pub(crate) fn was_too_much(&mut self, rows: usize) {
        self.rows = self.rows.min(rows / 2).max(1);
    }

    /// About how long the server takes for a row, once a call was answered.
    pub(crate) fn row(&self) -> Option<Duration> {
        self.row.map(Duration::from_secs_f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// At one call a second a shorter call leaves the rest of its second unused.
    const BEAT: f64 = 1.0;
    const MOST: usize = 2000;

    /// A server: what a call costs by itself, each row, and how much a row costs more for each other row of its call. Odoo 19 takes
    /// 0.02 to 0.04 s a call; a contact 0.85 ms, and in a call of 2,000 a fifth more than in one of 1,000 (measured).
    #[derive(Clone, Copy, Debug)]
    struct Server {
        call: f64,
        row: f64,
        more: f64,
    }

    impl Server {
        fn time(self, rows: usize, slow: f64) -> f64 {
            let rows = rows as f64;
            slow * (self.call + self.row * rows + self.more * rows * rows)
        }

        fn rate(self, rows: usize, slow: f64) -> f64 {
            rows as f64 / self.time(rows, slow).max(BEAT)
        }

        fn best(self, slow: f64) -> f64 {
            (1..=MOST).map(|rows| self.rate(rows, slow)).fold(0.0, f64::max)
        }
    }

    fn measured() -> impl Strategy<Value = Server> {
        let parts = (0.015..0.03, 0.0004..0.02, 0.0..0.000_22);
        parts.prop_map(|(call, row, more)| Server { call, row, more: row * more })
    }

    proptest! {
        #[test]
        fn it_comes_close_to_the_best_size_and_does_so_again_when_the_server_slows_down(
            server in measured(),
            noise in proptest::collection::vec(0.95..1.05, 60),
        ) {
            let mut pace = Pace::new(100, MOST, Duration::from_millis(1500));
            for (at, noise) in noise.into_iter().enumerate() {
                let slow = if at < 30 { 1.0 } else { 4.0 };
                let rows = pace.next(1_000_000);
                let time = server.time(rows, slow) * noise;
                prop_assert!(time <= 60.0);
                if (10..30).contains(&at) || at >= 35 {
                    let share = server.rate(rows, slow) / server.best(slow);
                    prop_assert!(share >= 0.9, "call {at}: {rows} rows, {share:.2} of the best");
                }
                pace.took(rows, Duration::from_secs_f64(time));
            }
        }

        #[test]
        fn a_share_is_never_empty_nor_much_more_than_the_size_nor_more_than_the_most(
            size in 1..5000_usize,
            more in 0..2000_usize,
            left in 1..100_000_usize,
        ) {
            let pace = Pace::new(size, size + more, Duration::from_secs(2));
            let next = pace.next(left);
            prop_assert!(next >= 1 && next <= left && next * 5 <= size * 6 && next <= size + more, "{next}");
        }
    }

    #[test]
    fn eighty_thousand_activities_take_odoo_14_few_calls_and_none_too_long() {
        // 19 ms each, or a little less or more (measured); the ground hands out 2,000 at a time.
        for row in [0.018, 0.019, 0.02, 0.021] {
            let mut pace = Pace::new(100, MOST, OLD_TARGET);
            let mut call = |left: &mut usize, slow: f64| {
                let rows = pace.next(*left);
                let time = 0.03 + slow * row * rows as f64;
                assert!(time < 60.0, "{rows} rows take {time} s");
                pace.took(rows, Duration::from_secs_f64(time));
                *left -= rows;
            };
            let mut calls = 0;
            for _ in 0..40 {
                let mut left = 2000;
                while left > 0 {
                    call(&mut left, 1.0);
                    calls += 1;
                }
            }
            assert!(calls <= 130, "{calls} calls at {row} s a row");
            let mut left = 2000;
            while left > 0 {
                call(&mut left, 4.0);
            }
        }
    }

    #[test]
    fn what_fails_is_halved_and_grows_again() {
        let mut pace = Pace::new(1000, 2000, Duration::from_secs(2));
        pace.was_too_much(1000);
        assert_eq!(pace.next(10_000), 500);
        pace.took(500, Duration::from_millis(500));
        assert_eq!(pace.next(10_000), 2000);
        pace.took(2000, Duration::from_secs(8));
        assert_eq!(pace.next(10_000), 500);
    }

    #[test]
    fn what_is_left_over_does_not_make_the_next_call_small() {
        let mut pace = Pace::new(1000, 2000, Duration::from_secs(2));
        pace.took(1000, Duration::from_secs(2));
        pace.took(3, Duration::from_millis(200));
        assert_eq!(pace.next(10_000), 1000);
    }

    #[test]
    fn no_call_has_more_rows_than_it_may_however_few_are_left_over() {
        let pace = Pace::new(500, 500, Duration::from_secs(2));
        assert_eq!([501, 600, 1300, 9000].map(|left| pace.next(left)), [251, 300, 434, 500]);
        assert!(!pace.suits(600, 600));
        let endless = Pace::new(usize::MAX, usize::MAX, Duration::MAX);
        assert_eq!(endless.next(7), 7);
        assert!(endless.suits(usize::MAX, usize::MAX));
    }

    #[test]
    fn the_rest_is_shared_out_evenly() {
        let pace = Pace::new(500, 1000, Duration::from_secs(2));
        assert_eq!([1300, 1000, 800, 600, 90].map(|left| pace.next(left)), [434, 500, 400, 600, 90]);
        assert!(
            pace.suits(500, 1000) && pace.suits(600, 600) && !pace.suits(700, 700) && !pace.suits(300, 1000)
        );
    }
}

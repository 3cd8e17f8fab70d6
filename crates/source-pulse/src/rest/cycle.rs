//! Cursors that come round again.

/// Notices cursors that lead back to an earlier one, after a few rounds at most. It remembers one of them, however many there are
/// (Brent's way of finding a cycle).
#[derive(Debug, Default)]
pub(super) struct Cycle {
    kept: Option<String>,
    steps: u64,
    until: u64,
}

impl Cycle {
    /// Goes on behind that cursor.
    pub(super) fn after(cursor: Option<&str>) -> Self {
        Self { kept: cursor.map(str::to_owned), steps: 0, until: 1 }
    }

    /// Takes the next cursor; whether it is known to have been there before.
    pub(super) fn comes_round(&mut self, cursor: &str) -> bool {
        if self.kept.as_deref() == Some(cursor) {
            return true;
        }
        self.steps += 1;
        if self.steps >= self.until {
            self.kept = Some(cursor.to_owned());
            self.until = self.until.saturating_mul(2);
            self.steps = 0;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_is_noticed_soon_and_nothing_else() {
        for (before, round) in [(0, 1), (0, 2), (3, 1), (5, 7), (100, 13)] {
            let mut cycle = Cycle::after(Some("begin"));
            let cursor = |step: usize| {
                let step = if step < before { step } else { before + (step - before) % round };
                step.to_string()
            };
            let noticed = (0..).find(|step| cycle.comes_round(&cursor(*step))).unwrap();
            assert!(noticed >= before + round && noticed <= 3 * (before + round), "{before} {round}");
        }
        let mut cycle = Cycle::after(None);
        assert!((0..10_000).all(|step| !cycle.comes_round(&step.to_string())));
        assert!(Cycle::after(Some("again")).comes_round("again"));
    }
}

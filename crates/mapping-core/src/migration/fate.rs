//! What became of a record, in one pass or in two.

use crate::journal::Counts;

/// What became of a record: of several drafts, and of two passes, the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Unchanged,
    Updated,
    Written,
    Refused,
}

impl Fate {
    /// Counts a record.
    pub(super) fn count(self, counts: &mut Counts) {
        *self.column(counts) += 1;
    }

    /// Counts a record of which a second pass tells more. It has been counted as this.
    pub(super) fn count_again(self, later: Self, counts: &mut Counts) {
        *self.column(counts) -= 1;
        self.max(later).count(counts);
    }

    fn column(self, counts: &mut Counts) -> &mut u64 {
        match self {
            Self::Unchanged => &mut counts.unchanged,
            Self::Updated => &mut counts.updated,
            Self::Written => &mut counts.written,
            Self::Refused => &mut counts.refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_pass_moves_a_record_to_what_weighs_more() {
        let after = |first: Fate, second| {
            let mut counts = Counts::default();
            first.count(&mut counts);
            first.count_again(second, &mut counts);
            let Counts { written, updated, unchanged, refused, .. } = counts;
            [unchanged, updated, written, refused]
        };
        assert_eq!(after(Fate::Unchanged, Fate::Updated), [0, 1, 0, 0]);
        assert_eq!(after(Fate::Written, Fate::Updated), [0, 0, 1, 0]);
        assert_eq!(after(Fate::Updated, Fate::Unchanged), [0, 1, 0, 0]);
        assert_eq!(after(Fate::Written, Fate::Refused), [0, 0, 0, 1]);
    }
}

//! Watching a run.

use crate::finding::{Flag, Refusal};
use crate::journal::Counts;
use crate::name::EntityName;

/// Is told what happens while it happens. Slow observers slow the run.
pub trait Observer: Sync {
    /// Something happened.
    fn notice(&self, event: &Event<'_>);
}

/// What happens in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Rows that an earlier run left in doubt are being looked for.
    Recovering {
        /// How many.
        rows: usize,
    },
    /// Models, fields or pages were made.
    SchemaApplied {
        /// How many things.
        made: usize,
    },
    /// An entity has its turn.
    PhaseStarted {
        /// Which.
        entity: &'a EntityName,
    },
    /// Something a person should look at.
    Flagged(&'a Flag),
    /// A record was not taken.
    Refused(&'a Refusal),
    /// More of an entity is done.
    Progress {
        /// Which.
        entity: &'a EntityName,
        /// So far.
        counts: Counts,
    },
    /// An entity is done.
    PhaseEnded {
        /// Which.
        entity: &'a EntityName,
        /// In all.
        counts: Counts,
    },
}

/// Nobody watches.
impl Observer for () {
    fn notice(&self, _: &Event<'_>) {}
}

impl<F: Fn(&Event<'_>) + Sync> Observer for F {
    fn notice(&self, event: &Event<'_>) {
        self(event);
    }
}

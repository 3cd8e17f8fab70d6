//! The moment at which a request left this machine.

use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

/// Notes when the first byte of a request's body was handed to an open connection.
///
/// Looking a name up, connecting and agreeing on keys take a time that varies from call to call; a pace counted from
/// the moment before all that would let two requests reach the server closer together than they were started. A transport that
/// knows better notes it here; one that does not leaves it empty. Clones share the note.
#[derive(Clone, Debug, Default)]
pub struct Departure(Arc<OnceLock<Instant>>);

impl Departure {
    /// Notes that the body is leaving now. The first note stays.
    pub fn mark(&self) {
        self.0.get_or_init(Instant::now);
    }

    /// When it left; `None` as long as it has not, or where the transport does not say.
    #[must_use]
    pub fn at(&self) -> Option<Instant> {
        self.0.get().copied()
    }
}

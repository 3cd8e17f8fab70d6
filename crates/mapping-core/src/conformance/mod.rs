//! One suite a trait: what an implementation must show to be believed.
//!
//! Each suite checks the clauses of its trait's contract one after another and panics at the first that does not hold, with the
//! clause's name. They are for third parties as much as for the implementations here.

mod destination;
mod files;
mod journal;
mod mapper;
mod source;

pub use destination::{FileGround, Ground, destination};
pub use journal::journal;
pub use mapper::mapper;
pub use source::source;

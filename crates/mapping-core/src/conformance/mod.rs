//! One suite a trait: whoever writes an implementation proves with it that the contract is kept.
//!
//! A suite panics with the name of the first clause that does not hold.

mod journal;

pub use journal::journal;

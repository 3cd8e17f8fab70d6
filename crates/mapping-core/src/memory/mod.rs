//! Implementations in memory: the specification in code, and what tests are made of.

pub mod destination;
pub mod journal;
pub mod source;

mod schema;
mod shown;

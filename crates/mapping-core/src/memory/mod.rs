//! The traits kept in memory: the specification in code, and what tests run against.

pub mod journal;

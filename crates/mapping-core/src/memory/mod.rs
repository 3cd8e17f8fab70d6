//! Implementations that live in memory: the specification of each trait, in code.

pub mod source;

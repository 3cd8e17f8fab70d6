//! The suites that prove an implementation of one of the traits. Each panics with the name of the clause that is broken.

pub mod source;

pub use source::source;

//! The suites that prove an implementation of one of the traits. Each panics with the name of the clause that is broken.

mod source;

pub use source::source;

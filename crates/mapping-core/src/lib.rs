#![doc = include_str!("../README.md")]

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod destination;
pub mod digest;
pub mod draft;
pub mod error;
#[cfg(all(feature = "sheets", feature = "zip"))]
pub mod export;
pub mod finding;
pub mod identity;
pub mod journal;
pub mod key;
pub mod mapper;
pub mod memory;
pub mod migration;
pub mod name;
pub mod receipt;
pub mod record;
pub mod schema;
pub mod source;
pub mod spec;
#[cfg(feature = "csv")]
pub mod table;
#[cfg(feature = "zip")]
pub mod unpack;
pub mod value;

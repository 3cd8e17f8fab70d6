#![doc = include_str!("../README.md")]

pub mod destination;
pub mod digest;
pub mod draft;
pub mod error;
pub mod finding;
pub mod identity;
pub mod journal;
pub mod key;
pub mod mapper;
pub mod name;
pub mod receipt;
pub mod record;
pub mod schema;
pub mod source;
pub mod value;

#![doc = include_str!("../README.md")]

pub mod accounting;
pub mod client;
mod content;
pub mod destination;
pub mod doctor;
mod error;
pub mod files;
pub mod guide;
mod mirrors;
mod patience;
mod reason;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod transport;
pub mod wire;

pub use client::Client;
pub use error::{Error, Result, Retry};
pub use reason::Reason;

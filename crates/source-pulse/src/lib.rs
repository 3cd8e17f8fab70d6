#![doc = include_str!("../README.md")]

#[cfg(feature = "fixtures")]
pub mod fixtures;

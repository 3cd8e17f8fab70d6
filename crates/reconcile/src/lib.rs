#![doc = include_str!("../README.md")]

pub mod duplicates;
pub mod journal;

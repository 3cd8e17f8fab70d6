#![doc = include_str!("../README.md")]

pub mod audit;
pub mod duplicates;
pub mod journal;
pub mod reference;

#![doc = include_str!("../README.md")]

mod appointments;
mod campaigns;
mod cells;
mod columns;
mod dated;
pub mod dates;
pub mod entities;
pub mod export;
#[cfg(feature = "fixtures")]
pub mod fixtures;
mod ids;
pub mod mapping;
pub mod options;
mod patients;
mod phones;
mod practice;
mod readings;
#[cfg(feature = "rest")]
pub mod rest;
mod sheet;
mod staff;
mod statuses;
mod text;
mod times;

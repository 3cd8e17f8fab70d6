#![doc = include_str!("../README.md")]

mod appointments;
mod attached;
mod bills;
mod campaigns;
mod cells;
mod chats;
mod clinics;
mod columns;
mod dated;
pub mod dates;
pub mod decisions;
pub mod entities;
pub mod export;
#[cfg(feature = "fixtures")]
pub mod fixtures;
mod ids;
pub mod mapping;
pub mod matches;
mod money;
mod notes;
pub mod options;
mod patients;
mod phones;
mod practice;
mod prescriptions;
mod readings;
mod reference;
#[cfg(feature = "rest")]
pub mod rest;
mod sheet;
mod staff;
mod statuses;
mod survey;
mod tables;
mod text;
mod times;
pub mod unused;

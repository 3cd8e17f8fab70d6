//! Odoo as a destination of migrations: the only part of this crate that knows `mapping_core`.

mod attached;
mod bills;
mod call;
mod care;
mod cells;
mod create;
mod diagnose;
mod error;
mod isolate;
mod known;
mod lanes;
mod learn;
mod look;
mod made;
mod making;
mod model;
mod pace;
mod pages;
mod probe;
mod quiet;
mod reader;
mod revert;
mod schema;
mod shapes;
mod states;
mod undo;
mod values;
mod weight;
mod writer;
mod writing;

pub use writer::OdooWriter;

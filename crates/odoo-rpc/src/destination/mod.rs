//! Odoo as a destination of migrations: the only part of this crate that knows `mapping_core`.

mod call;
mod create;
mod error;
mod isolate;
mod look;
mod made;
mod making;
mod model;
mod pages;
mod patience;
mod probe;
mod quiet;
mod reader;
mod revert;
mod schema;
mod shapes;
mod values;
mod writer;
mod writing;

pub use writer::OdooWriter;

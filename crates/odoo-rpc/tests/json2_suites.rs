//! The writer's suites again, over JSON-2 where the server has it.
#![allow(missing_docs, reason = "these are tests")]

#[path = "recover.rs"]
mod recover;
#[path = "schema.rs"]
mod schema;
#[path = "writer.rs"]
mod writer;

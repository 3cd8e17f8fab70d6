//! The writer's suites again, over JSON-2 where the server has it.
#![allow(missing_docs, clippy::duplicate_mod, reason = "each suite brings what it needs")]

#[path = "recover.rs"]
mod recover;
#[path = "schema.rs"]
mod schema;
#[path = "writer.rs"]
mod writer;

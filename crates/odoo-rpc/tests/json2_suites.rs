//! The suites against the sandbox again, over JSON-2. Not those of the codecs and of the client's own reading, which are about one
//! protocol or the other, nor `files`, whose server knows XML-RPC alone: `real_files` sends them over both.
#![allow(missing_docs, clippy::duplicate_mod, reason = "each suite brings what it needs")]

#[path = "accounting.rs"]
mod accounting;
#[path = "accounting_again.rs"]
mod accounting_again;
#[path = "batches.rs"]
mod batches;
#[path = "care.rs"]
mod care;
#[path = "changes.rs"]
mod changes;
#[path = "doctor.rs"]
mod doctor;
#[path = "kinds.rs"]
mod kinds;
#[path = "recover.rs"]
mod recover;
#[path = "schema.rs"]
mod schema;
#[path = "start.rs"]
mod start;
#[path = "writer.rs"]
mod writer;

//! The manual: each chapter is a task, with an example that runs.
//!
//! Read [`login`] and [`calls`] first; the others stand for themselves.
//!
//! | chapter | what for |
//! |---|---|
//! | [`login`] | address, secret, protocol, pace |
//! | [`calls`] | calling, and what to do after an error |
//! | [`bulk`] | creating many records, none twice |
//! | [`fields`] | custom fields, models and pages of forms |
//! | [`updates`] | changing many records in few calls |
//! | [`files`] | attachments from disk |
//! | [`invoices`] | bills, payments, what is still owed |
//! | [`doctor`] | looking before writing |
//! | [`undo`] | taking it all back |
//! | `testing` | an Odoo inside the process (with the feature `sandbox`) |
//!
//! The examples run against that Odoo inside the process, as tests of this crate; against a server only the line that connects differs.

pub mod bulk;
pub mod calls;
pub mod doctor;
pub mod fields;
pub mod files;
pub mod invoices;
pub mod login;
#[cfg(feature = "sandbox")]
pub mod testing;
pub mod undo;
pub mod updates;

//! A clinic's data over HTTP: fetched page by page into a folder, which is then read like any export.
//!
//! No interface of Pulse's own is published. The shape spoken here is ours: `docs/pulse-rest.md` of this project describes it, so that
//! somebody who can read a clinic's data can serve it (a bridge).
//!
//! [`RestSource::fetch`] writes the tables and files it is given into a folder, and
//! [`PulseExport`](crate::export::PulseExport) reads that folder. So the records are those of a folder, an archive or a workbook with the
//! same cells. A fetch that was cut goes on where it was.
//!
//! ```no_run
//! use source_pulse::export::PulseExport;
//! use source_pulse::options::PulseOptions;
//! use source_pulse::rest::{RestSource, Token};
//!
//! # async fn run() -> mapping_core::error::Result<()> {
//! let source = RestSource::new("https://bridge.example.org/pulse/v1")?.token(Token::from_env("PULSE_TOKEN")?);
//! let fetched = source.fetch("north-street").await?;
//! for table in &fetched.tables {
//!     println!("{}: {} rows", table.name, table.rows);
//! }
//! let export = PulseExport::open(&fetched.folder, PulseOptions::default().clinic("north-street"))?;
//! # drop(export);
//! # Ok(())
//! # }
//! ```

mod address;
mod answer;
mod caller;
mod cells;
mod cycle;
mod disk;
mod fetched;
mod files;
mod pace;
mod patience;
mod source;
mod state;
mod store;
mod table;
mod token;

pub use fetched::{Fetched, FetchedTable};
pub use source::RestSource;
pub use token::Token;

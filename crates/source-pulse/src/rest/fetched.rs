//! What a fetch brought.

use std::path::PathBuf;

use jiff::Timestamp;

/// What is in the folder after a fetch. All of it is there: a fetch that lacks something is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fetched {
    /// The folder, to be read like any export.
    pub folder: PathBuf,
    /// The bridge's clock when the fetch began; where it was cut and went on, when it began first. What is changed from then on is not
    /// surely in the folder: it is what the next fetch may take for its
    /// [`modified_since`](crate::rest::RestSource::modified_since).
    pub as_of: Timestamp,
    /// The tables, in the order in which the bridge told of them.
    pub tables: Vec<FetchedTable>,
    /// How many files beside the tables.
    pub files: u64,
    /// How many bytes all of it is.
    pub bytes: u64,
    /// How many requests this fetch took, repeated ones among them.
    pub requests: u64,
}

/// A table in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchedTable {
    /// Its name; its file is that and `.csv`.
    pub name: String,
    /// How many rows it has; as many as the bridge told of, or more where some came while it was fetched.
    pub rows: u64,
}

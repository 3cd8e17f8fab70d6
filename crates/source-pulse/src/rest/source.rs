//! A bridge, and how it is asked.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use mapping_core::unpack::UnpackLimits;

use crate::rest::address::Address;
use crate::rest::caller::Caller;
use crate::rest::disk::apart;
use crate::rest::fetched::{Fetched, FetchedTable};
use crate::rest::patience::Patience;
use crate::rest::state::{Bound, State};
use crate::rest::store::Store;
use crate::rest::token::Token;
use crate::rest::{files, table};

/// The tables that are always asked for whole: rows of others refer to their rows, or many of their rows make one thing. A part of them
/// would be read as rows that refer to nobody, and as bills that lack lines.
const ALWAYS_WHOLE: [&str; 4] = ["Patients", "Staff", "Bills", "Payments"];

/// A bridge that serves a clinic's data, and how it is asked. `Debug` does not show the token.
///
/// Requests only read, so those that fail on the way are repeated, after growing pauses, or after the one the bridge asks for. They go
/// one by one. No redirect is followed.
///
/// # Example
///
/// ```
/// use source_pulse::rest::RestSource;
///
/// let source = RestSource::new("https://bridge.example.org/pulse/v1")?.token("correct horse").page_size(500);
/// assert!(!format!("{source:?}").contains("horse"));
/// assert!(RestSource::new("http://bridge.example.org/pulse/v1").is_err());
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone)]
pub struct RestSource {
    address: Address,
    token: Option<Token>,
    page_size: u32,
    modified_since: Option<Timestamp>,
    gap: Duration,
    patience: Patience,
    limits: UnpackLimits,
}

impl RestSource {
    /// A bridge at an address such as `https://bridge.example.org/pulse/v1`, up to what stands before `/tables`.
    ///
    /// # Errors
    ///
    /// It is no such URL; it holds a user, a password, a query or a fragment; or it lacks TLS and is not this machine itself. No part of
    /// it is repeated but host and port.
    pub fn new(address: impl AsRef<str>) -> Result<Self> {
        Address::parse(address.as_ref(), false).map(Self::at)
    }

    /// The same, with `http://` to other machines too: where the network itself is trusted.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), but for the lack of TLS.
    pub fn over_plain_http(address: impl AsRef<str>) -> Result<Self> {
        Address::parse(address.as_ref(), true).map(Self::at)
    }

    fn at(address: Address) -> Self {
        Self {
            address,
            token: None,
            page_size: 1000,
            modified_since: None,
            gap: Duration::ZERO,
            patience: Patience::default(),
            limits: UnpackLimits::default(),
        }
    }

    /// The same, with that token in each request; none is sent where it is not set.
    #[must_use]
    pub fn token(mut self, token: impl Into<Token>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The same, with up to so many rows, or files of the list, a page; 1,000 where it is not set. A page may hold 32 MiB.
    #[must_use]
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = rows.max(1);
        self
    }

    /// The same, with rows changed at that time or later alone: what came before is taken for migrated.
    ///
    /// `Patients`, `Staff`, `Bills`, `Payments` and all files are fetched whole nevertheless, since others refer to them. Only for tables
    /// whose rows have ids of their own: what is derived from the other rows of a table needs all of them.
    #[must_use]
    pub fn modified_since(mut self, time: Timestamp) -> Self {
        self.modified_since = Some(time);
        self
    }

    /// The same, with up to so many requests a second; as fast as answers come where it is not set.
    ///
    /// # Errors
    ///
    /// That is no number above zero.
    pub fn calls_per_second(mut self, calls: f64) -> Result<Self> {
        let gap = Some(calls).filter(|calls| *calls > 0.0).map(f64::recip).map(Duration::try_from_secs_f64);
        self.gap = gap.and_then(Result::ok).ok_or_else(|| {
            Error::config("the calls a second must be a number above zero, such as 5 or 0.5")
        })?;
        Ok(self)
    }

    /// The same, with each request sent so many times at most; 6 where it is not set.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.patience.attempts = attempts.max(1);
        self
    }

    /// The same, with the first pause before a request is sent again; a second where it is not set. Each further one is twice as long, up
    /// to 32 times.
    #[must_use]
    pub fn first_wait(mut self, pause: Duration) -> Self {
        self.patience.first_wait = pause;
        self
    }

    /// The same, with other limits for what is fetched: files, and bytes of files and tables together.
    #[must_use]
    pub fn limits(mut self, limits: UnpackLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Fetches every table and file into a folder, which is then an export like any other.
    ///
    /// The folder is made where it is not there, and is its owner's alone. Each table is a file `Name.csv` from when it is whole. Memory is
    /// bounded by the page. A fetch that was cut, or failed, goes on where it was when it is called once more for the same folder; what is
    /// whole is not fetched again, so a fetch into a folder that has everything already brings nothing new: its
    /// [`as_of`](Fetched::as_of) says when that was.
    ///
    /// # Errors
    ///
    /// The folder holds something else, or another fetch is at work in it; the bridge cannot be reached or does not take the token; an
    /// answer is not of the shape, too long, or for another place than the export; rows or files that were told of are missing. Each says
    /// where, and what to do. Never what an answer held.
    pub async fn fetch(&self, into: impl AsRef<Path>) -> Result<Fetched> {
        let folder = into.as_ref().to_owned();
        let of = Bound { address: self.address.as_str().to_owned(), modified_since: self.modified_since };
        let mut caller =
            Caller::new(self.address.clone(), self.token.as_ref(), self.page_size, self.patience, self.gap)?;
        let (store, earlier, of) = {
            let folder = folder.clone();
            apart(move || Store::claim(&folder, &of).map(|(store, earlier)| (store, earlier, of))).await?
        };
        let mut told = caller.tables(None).await?;
        if let Some(since) = self.modified_since {
            let changed = caller.tables(Some(since)).await?;
            told.tables.retain(|table| is_always_whole(&table.name));
            told.tables.extend(changed.tables.into_iter().filter(|table| !is_always_whole(&table.name)));
        }
        let mut state = State::merged(earlier, of, told)?;
        store.save(&state)?;
        for at in 0..state.tables.len() {
            let whole = state.tables.get(at).is_some_and(|table| is_always_whole(&table.name));
            let since = self.modified_since.filter(|_| !whole);
            table::fetch(&mut caller, &store, &mut state, at, since, self.limits.bytes).await?;
        }
        files::fetch(&mut caller, &store, &mut state, &self.limits).await?;
        let (bytes, files) = (state.bytes(), state.files.count);
        let tables =
            state.tables.into_iter().map(|table| FetchedTable { name: table.name, rows: table.rows });
        let tables = tables.collect();
        Ok(Fetched { folder, as_of: state.as_of, tables, files, bytes, requests: caller.requests })
    }
}

impl fmt::Debug for RestSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestSource")
            .field("address", &self.address.as_str())
            .field("token", &self.token)
            .field("page_size", &self.page_size)
            .field("modified_since", &self.modified_since)
            .field("gap", &self.gap)
            .field("patience", &self.patience)
            .field("limits", &self.limits)
            .finish()
    }
}

fn is_always_whole(table: &str) -> bool {
    ALWAYS_WHOLE.iter().any(|name| name.eq_ignore_ascii_case(table))
}

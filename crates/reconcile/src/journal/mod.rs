//! The journal in one SQLite file.

mod append;
mod failure;
mod file;
mod names;
mod read;
mod row;
mod schema;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::ready;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use mapping_core::error::{Error, Result};
use mapping_core::journal::{Binding, Decided, Entry, Journal, MigrationId, State};
use mapping_core::key::DraftKey;
use mapping_core::receipt::{Intent, SchemaIntent};
use rusqlite::Connection;

use crate::journal::failure::{Failed, Place};
use crate::journal::file::Lock;
use crate::journal::names::Names;

/// A [`Journal`] in one SQLite file, written through to the disk with every append.
///
/// - An append is one transaction in WAL mode with `synchronous=FULL`: when it has answered, the entries outlive a crash of the
///   machine. That took 0.4 to 2.4 ms where it was measured, on the thread that asks: no other thread takes part, so the journal
///   works on any runtime, one with a paused clock too.
/// - The file holds what fields held before they were changed. It is for its owner only, whatever the umask; so is what SQLite
///   keeps beside it (`FILE-wal`).
/// - One process at a time holds it, by a lock on `FILE.lock`. The system frees the lock when the process ends, however it ends;
///   the empty file stays and means nothing. Move the journal only together with its `FILE-wal`, or after the run.
/// - When nothing holds it, SQLite's own tools can read it: the schema says what each column is.
///
/// # Example
///
/// ```
/// use mapping_core::identity::SourceId;
/// use mapping_core::journal::{Binding, Journal, MigrationId};
/// use reconcile::journal::SqliteJournal;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("north-street.journal");
/// let journal = SqliteJournal::open(&path)?;
/// let migration = MigrationId {
///     source: SourceId::new("pulse", "north-street")?,
///     destination: "https://clinic.example.org".into(),
/// };
/// assert_eq!(journal.bind(&migration).await?, Binding::New);
///
/// let second = SqliteJournal::open(&path).unwrap_err();
/// assert!(second.to_string().contains("another process"));
/// # Ok::<(), mapping_core::error::Error>(())
/// # }).unwrap();
/// ```
pub struct SqliteJournal {
    place: Place,
    store: Mutex<Store>,
    /// Let go last, when the connection is closed.
    _lock: Lock,
}

/// The open database, and what is known of it by heart.
struct Store {
    connection: Connection,
    names: Names,
    migration: Option<MigrationId>,
}

impl SqliteJournal {
    /// Opens a journal, or begins one where there is no file yet. A journal that was there is checked for damage.
    ///
    /// # Errors
    ///
    /// Another process holds it; it is no journal, or damaged, or a newer version's; or the system does not let it be created,
    /// read or written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let place = Place::new(path.as_ref());
        let lock = Lock::take(&place)?;
        file::create(&place)?;
        let store =
            Store::open(&place).map_err(|failed| place.error("the journal cannot be opened", failed))?;
        Ok(Self { place, store: Mutex::new(store), _lock: lock })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Whoever panicked left nothing half done: what was not committed was rolled back.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unreadable(&self, failed: Failed) -> Error {
        self.place.error("the journal cannot be read", failed)
    }

    /// All that `page` yields, a page at a time; it is asked for what comes after a place in the history.
    fn pages<T: Send + 'static>(&self, page: Page<T>) -> BoxStream<'_, Result<T>> {
        let next = move |after: i64| match page(&self.store(), after) {
            Ok(page) => {
                let last = page.last()?.0;
                Some((page.into_iter().map(|(_, one)| Ok(one)).collect(), Some(last)))
            }
            Err(failed) => Some((vec![Err(self.unreadable(failed))], None)),
        };
        stream::unfold(Some(0), move |after| ready(after.and_then(next))).flat_map(stream::iter).boxed()
    }
}

type Page<T> = fn(&Store, i64) -> Result<Vec<(i64, T)>, Failed>;

impl Store {
    fn open(place: &Place) -> Result<Self, Failed> {
        let connection = file::connect(place)?;
        let names = Names::load(&connection)?;
        let migration = read::migration(&connection)?;
        Ok(Self { connection, names, migration })
    }
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal").field("file", &self.place.path()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn bind(&self, migration: &MigrationId) -> Result<Binding> {
        let mut store = self.store();
        match &store.migration {
            Some(known) if known != migration => {
                return Err(Error::config(format!(
                    "the journal is of another migration ({known}), and not of {migration}: name that migration's own \
                     journal, or a new file"
                ))
                .at("file", self.place.path().display()));
            }
            Some(_) => {}
            None => {
                append::migration(&store.connection, migration)
                    .map_err(|failed| self.place.error("the journal cannot be begun", failed))?;
                store.migration = Some(migration.clone());
            }
        }
        let empty = read::is_empty(&store.connection).map_err(|failed| self.unreadable(failed))?;
        Ok(if empty { Binding::New } else { Binding::Known })
    }

    async fn append(&self, entries: &[Entry]) -> Result<()> {
        append::entries(&mut self.store(), entries)
            .map_err(|failed| self.place.error("the entries were not journaled, none of them", failed))
    }

    async fn states(&self, keys: &[DraftKey]) -> Result<Vec<State>> {
        read::states(&self.store(), keys).map_err(|failed| self.unreadable(failed))
    }

    fn doubts(&self) -> BoxStream<'_, Result<Intent>> {
        self.pages(read::doubts)
    }

    async fn schema_doubts(&self) -> Result<Option<SchemaIntent>> {
        read::schema_doubts(&self.store()).map_err(|failed| self.unreadable(failed))
    }

    fn entries(&self) -> BoxStream<'_, Result<Entry>> {
        self.pages(read::entries)
    }

    fn decisions(&self) -> BoxStream<'_, Result<Decided>> {
        self.pages(read::decisions)
    }
}

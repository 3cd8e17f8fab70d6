//! The file: its lock, its mode, and its opening.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use mapping_core::error::Result;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::journal::failure::{Failed, Place};
use crate::journal::schema::{self, Found};

/// The right to be the only process at work with a journal; given back when dropped or when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Taken before anything else is done with the journal: where SQLite has a file open, opening and closing it once more in
    /// the same process would take SQLite's own locks away (POSIX).
    pub(super) fn take(place: &Place) -> Result<Self> {
        let take = || {
            if place.path().is_dir() {
                return Err(Failed::Io(ErrorKind::IsADirectory.into()));
            }
            let path = place.beside(".lock");
            create_private(&path)?;
            let file = OpenOptions::new().write(true).open(path)?;
            match file.try_lock() {
                Ok(()) => Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => Err(Failed::InUse),
                Err(TryLockError::Error(error)) => Err(error.into()),
            }
        };
        take().map_err(|failed| place.error("the journal cannot be opened", failed))
    }
}

/// The most memory the journal takes for what it has read, in KiB.
const CACHE_KIB: u32 = 16 * 1024;

/// Makes the file, empty and for its owner only, where there is none.
pub(super) fn create(place: &Place) -> Result<()> {
    create_private(place.path()).map_err(|error| place.error("the journal cannot be created", error.into()))
}

/// Opens the file that is there, durable, and with the schema in it.
pub(super) fn connect(place: &Place) -> Result<Connection, Failed> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(place.path(), flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    // Plans without a look at the values asked for. With it, a statement on a table with a partial index is compiled anew for
    // each, which took ten times as long.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Says no to programs that do not know of the lock file, and needs no shared memory (`FILE-shm`).
    connection.execute_batch("PRAGMA locking_mode=EXCLUSIVE")?;
    let found = schema::recognise(&connection)?;
    if connection.is_readonly("main")? {
        return Err(Failed::ReadOnly);
    }
    // Only now, when it is known to be a journal. SQLite gives `FILE-wal` the mode of `FILE`.
    for ending in ["", "-wal", "-shm"] {
        keep_private(&place.beside(ending))?;
    }
    let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Failed::NoWal);
    }
    // SQLite's usual 2 MB make appending take twice as long at 400,000 drafts. With a bound, memory does
    // not grow with the clinic.
    connection.execute_batch(&format!("PRAGMA cache_size=-{CACHE_KIB}"))?;
    // The last two are heeded by macOS alone, where a plain sync does not reach the disk.
    connection
        .execute_batch("PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON")?;
    match found {
        Found::Nothing => schema::create(&connection)?,
        Found::Journal => schema::check(&connection)?,
    }
    Ok(connection)
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    match options.open(path) {
        Ok(file) => {
            // The umask can have taken the owner's own rights away.
            #[cfg(unix)]
            file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(OWNER_ONLY))?;
            file.sync_all()
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// Takes everybody else's rights away, by name: the file is not opened.
#[cfg(unix)]
fn keep_private(path: &Path) -> io::Result<()> {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    match fs::metadata(path) {
        Ok(about) if about.permissions().mode() & 0o077 != 0 => {
            fs::set_permissions(path, PermissionsExt::from_mode(OWNER_ONLY))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}

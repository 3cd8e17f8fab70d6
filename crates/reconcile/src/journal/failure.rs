//! What can go wrong with the file, in words that say what to do.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use mapping_core::error::{Error, Retry};
use mapping_core::key::DraftKey;
use rusqlite::ErrorCode;

/// Where the journal lies.
#[derive(Debug)]
pub(super) struct Place(PathBuf);

impl Place {
    /// Absolute, so that SQLite takes it for a file whatever its name is, and through links, so that one file has one lock.
    pub(super) fn new(path: &Path) -> Self {
        let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
        Self(absolute.unwrap_or_else(|_| path.to_path_buf()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// `FILE` and what is added to its name.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// The error that `failed` is, while `doing` was tried.
    pub(super) fn error(&self, doing: &str, failed: Failed) -> Error {
        let at = |error: Error| error.at("file", self.0.display());
        let config = |why: &str| at(Error::config(format!("{doing}: {why}")));
        let unavailable = |why: &str| at(Error::unavailable(format!("{doing}: {why}"), Retry::Safe));
        match failed {
            Failed::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => unavailable(FULL).because(error),
                Some(ErrorCode::SystemIoFailure) => {
                    unavailable("the disk fails; look after it, then start again").because(error)
                }
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => config(IN_USE).because(error),
                Some(ErrorCode::NotADatabase) => config(NO_JOURNAL).because(error),
                Some(ErrorCode::DatabaseCorrupt) => config(DAMAGED).because(error),
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    config(NO_RIGHT).because(error)
                }
                Some(_) => config("SQLite does not allow it").because(error),
                // A column that is not of its kind. Its text may hold what it found, and is left out.
                None => config(DAMAGED),
            },
            Failed::Io(error) => match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => unavailable(FULL),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => config(NO_RIGHT),
                ErrorKind::NotFound | ErrorKind::NotADirectory => {
                    config("its folder does not exist; make it first, or name another one")
                }
                ErrorKind::IsADirectory => config("that is a folder; name a file in it"),
                ErrorKind::Unsupported => {
                    config("its file system knows no locks; put the journal on a local disk")
                }
                _ => config("the system does not allow it"),
            }
            .because(error),
            Failed::InUse => config(IN_USE),
            Failed::NoJournal => config(NO_JOURNAL),
            Failed::ReadOnly => config(NO_RIGHT),
            Failed::NoWal => {
                config("its file system does not allow a write-ahead log; put it on a local disk")
            }
            Failed::Format { found, known } => config(&format!(
                "it is of format {found}, and this version knows format {known}; use the version that wrote it, or a newer one"
            )),
            Failed::Damaged => config(DAMAGED),
            Failed::DamagedEntry(seq) => config(DAMAGED).at("entry", seq),
            Failed::Unfit(key, why) => at(Error::invalid(format!("{doing}: {why}")).at("draft", key)),
            Failed::Unencodable => at(Error::invalid(format!("{doing}: an entry has no form in JSON"))),
        }
    }
}

const FULL: &str = "the disk is full; make room, then start again";
const IN_USE: &str = "another process is at work with it; wait until that has ended, or end it";
const NO_JOURNAL: &str = "that file is no journal and was left as it is; name another one";
const NO_RIGHT: &str = "the system gives no right to write there; mend the rights, or name another file";
const DAMAGED: &str = "it is damaged; keep it as it is, and put a copy from before the damage in its place";

/// What went wrong, before it is known what it stood in the way of.
#[derive(Debug)]
pub(super) enum Failed {
    Sqlite(rusqlite::Error),
    Io(io::Error),
    InUse,
    NoJournal,
    ReadOnly,
    NoWal,
    Format { found: i64, known: i64 },
    Damaged,
    DamagedEntry(i64),
    Unfit(Box<DraftKey>, &'static str),
    Unencodable,
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

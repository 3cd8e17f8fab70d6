//! The folder a fetch writes into.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mapping_core::error::{Error, Result};

use crate::rest::disk::{self, no_room};
use crate::rest::state::{Bound, State};

/// The folder in the folder where what is not whole yet lies. Readers of exports do not look into it.
pub(super) const OWN: &str = ".fetch";

/// The folder a fetch writes into, held against other fetches as long as this is there.
pub(super) struct Store {
    folder: PathBuf,
    pub(super) lock: Arc<File>,
}

impl Store {
    /// Takes a folder that is empty, or in which this very fetch was begun; then how far it came.
    pub(super) fn claim(folder: &Path, of: &Bound) -> Result<(Self, Option<State>)> {
        let told = |error: Error| error.at("folder", folder.display());
        Self::open(folder, of).map_err(told)
    }

    fn open(folder: &Path, of: &Bound) -> Result<(Self, Option<State>)> {
        disk::make_folder(folder).map_err(no_room)?;
        let own = folder.join(OWN);
        let is_ours = own.is_dir();
        if !is_ours && fs::read_dir(folder).map_err(no_room)?.next().is_some() {
            let message = "there is something else in the folder; give an empty one, or one in which the same fetch was begun";
            return Err(Error::config(message));
        }
        disk::make_folder(&own).map_err(no_room)?;
        disk::close_folder(folder).map_err(no_room)?;
        let lock = disk::create(&own.join("lock")).map_err(no_room)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::config("another fetch is at work in the folder; wait for it"));
            }
            Err(TryLockError::Error(cause)) => return Err(no_room(cause)),
        }
        let store = Self { folder: folder.to_owned(), lock: Arc::new(lock) };
        let state = store.load()?;
        if state.as_ref().is_some_and(|state| state.of != *of) {
            let message = "a fetch from another address, or with another modified-since, was begun in the folder; give an empty one";
            return Err(Error::config(message));
        }
        Ok((store, state))
    }

    /// Where something of the export lies.
    pub(super) fn place(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// Where something lies that is not whole yet.
    pub(super) fn part(&self, name: &str) -> PathBuf {
        self.folder.join(OWN).join(format!("{name}.part"))
    }

    /// Keeps how far the fetch has come.
    pub(super) fn save(&self, state: &State) -> Result<()> {
        let bytes = serde_json::to_vec(state).map_err(|error| no_room(error.into()))?;
        let (new, at) = (self.place(OWN).join("state.new"), self.state());
        let write = || {
            disk::create(&new)?.write_all(&bytes)?;
            fs::rename(&new, &at)
        };
        write().map_err(no_room)
    }

    fn state(&self) -> PathBuf {
        self.place(OWN).join("state.json")
    }

    fn load(&self) -> Result<Option<State>> {
        let bytes = match fs::read(self.state()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(no_room)?,
        };
        let message = "what was noted of the fetch so far cannot be read; empty the folder and begin again";
        serde_json::from_slice(&bytes).map(Some).map_err(|_| Error::config(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound() -> Bound {
        Bound { address: "https://a.example.org/v1".into(), modified_since: None }
    }

    fn refused(folder: &Path, of: &Bound) -> String {
        Store::claim(folder, of).err().unwrap().to_string()
    }

    #[test]
    fn only_an_empty_folder_or_ones_own_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        let (store, state) = Store::claim(&folder, &bound()).unwrap();
        assert!(state.is_none());
        assert!(refused(&folder, &bound()).contains("another fetch is at work"));
        let tables = crate::rest::answer::Tables { now: jiff::Timestamp::now(), tables: vec![], files: 3 };
        let state = State::merged(None, bound(), tables).unwrap();
        store.save(&state).unwrap();
        drop(store);
        assert!(Store::claim(&folder, &bound()).unwrap().1 == Some(state));

        let other = Bound { modified_since: Some(jiff::Timestamp::UNIX_EPOCH), ..bound() };
        assert!(refused(&folder, &other).contains("modified-since"));
        fs::write(folder.join(OWN).join("state.json"), "{").unwrap();
        assert!(refused(&folder, &bound()).contains("begin again"));
        assert!(refused(dir.path(), &bound()).contains("something else"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_looks_into_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (store, _) = Store::claim(dir.path(), &bound()).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(store.place("")), mode(store.place(OWN))), (0o700, 0o700));
        assert_eq!(mode(store.place(OWN).join("lock")), 0o600);
    }
}

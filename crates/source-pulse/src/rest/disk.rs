//! Files and folders for their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mapping_core::error::{Error, Result, Retry};

/// A file that grows by whole pieces, and gets its name only when it is whole. While it is there nobody else fetches into its folder.
pub(super) struct Part {
    file: File,
    path: PathBuf,
    pub(super) bytes: u64,
    _lock: Arc<File>,
}

impl Part {
    /// An empty one.
    pub(super) fn begin(path: PathBuf, lock: Arc<File>) -> Result<Self> {
        let file = create(&path).map_err(no_room)?;
        Ok(Self { file, path, bytes: 0, _lock: lock })
    }

    /// The one that is there, up to what is known to be in it; none where it is gone or shorter.
    pub(super) fn go_on(path: PathBuf, bytes: u64, lock: Arc<File>) -> Result<Option<Self>> {
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(no_room)?,
        };
        if file.metadata().map_err(no_room)?.len() < bytes {
            return Ok(None);
        }
        file.set_len(bytes).map_err(no_room)?;
        file.seek(SeekFrom::Start(bytes)).map_err(no_room)?;
        Ok(Some(Self { file, path, bytes, _lock: lock }))
    }

    /// Adds bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(no_room)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Sees to it that what was added is on the disk.
    pub(super) fn keep(&self) -> Result<()> {
        self.file.sync_data().map_err(no_room)
    }

    /// Takes everything back.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0))).map_err(no_room)?;
        self.bytes = 0;
        Ok(())
    }

    /// Gives the file its name.
    pub(super) fn finish(self, to: &Path) -> Result<()> {
        self.keep()?;
        fs::rename(&self.path, to).map_err(no_room)
    }
}

/// Does what waits for the disk where it holds nobody else up.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let ended =
        |_| Error::unavailable("the program ends: the fetch goes on when it is started again", Retry::Safe);
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

/// Makes a folder and those above it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a folder that is there its owner's alone.
pub(super) fn close_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes a file, or empties the one that is there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(super) fn no_room(cause: io::Error) -> Error {
    let message =
        "what was fetched cannot be written; see that there is room in the folder and that it is yours";
    Error::unavailable(message, Retry::Safe).because(cause)
}

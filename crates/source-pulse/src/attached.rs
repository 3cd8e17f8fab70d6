//! The files that rows name: scans, prescriptions.

use std::path::{Path, PathBuf};

use mapping_core::error::{ErrorKind, Result};
use mapping_core::export::Export;
use mapping_core::value::FileHandle;

use crate::cells::Cells;

/// The folder that files lie in, unless their path says another.
pub(crate) const FOLDER: &str = "files";

/// Sets `file` to the file that the row names, and `file_name` to what is written. A file that is not there is flagged: the rest of the
/// row is moved without it.
pub(crate) fn put_file(files: &Export, cells: &mut Cells<'_>) {
    let Some(written) = cells.text("file") else { return };
    match find(files, &written) {
        Ok(Some(path)) => match look(&path) {
            Some(file) if file.size == 0 => {
                cells.flag("empty-file", "the file holds nothing; ask for it", "file");
            }
            Some(file) => cells.put("file", file),
            None => cells.flag("unreadable-file", "the file cannot be read; see its rights", "file"),
        },
        Ok(None) => cells.flag("missing-file", "there is no such file beside the tables; ask for it", "file"),
        Err(error) if error.kind() == ErrorKind::Unavailable => {
            cells.flag("unreadable-file", "the file cannot be looked for; see the folder's rights", "file");
        }
        Err(_) => {
            cells.flag("file-outside", "the file's path leads out of the export; not looked at", "file")
        }
    }
    cells.put("file_name", written);
}

/// The file that is written so, where it is there.
pub(crate) fn find(files: &Export, written: &str) -> Result<Option<PathBuf>> {
    match files.file(written) {
        Ok(None) => files.file(&format!("{FOLDER}/{written}")),
        other => other,
    }
}

fn look(path: &Path) -> Option<FileHandle> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    FileHandle::look(path, name).ok()
}

//! Every file below a folder, one at a time.

use std::collections::HashSet;
use std::fs::{self, ReadDir};
use std::path::PathBuf;

use crate::error::{Error, Result, Retry};

/// The files below a folder but for some, in no order. Hidden ones and links are left out, so that it ends, and stays inside.
pub(super) struct Walk<'a> {
    /// Folders still to be read, and those in the midst of it.
    ahead: Vec<PathBuf>,
    open: Option<ReadDir>,
    but: &'a HashSet<PathBuf>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(folder: Option<PathBuf>, but: &'a HashSet<PathBuf>) -> Self {
        Self { ahead: folder.into_iter().collect(), open: None, but }
    }

    fn step(&mut self) -> std::io::Result<Option<PathBuf>> {
        loop {
            let Some(entry) = self.open.as_mut().and_then(Iterator::next) else {
                let Some(folder) = self.ahead.pop() else { return Ok(None) };
                self.open = Some(fs::read_dir(folder)?);
                continue;
            };
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if entry.file_name().to_string_lossy().starts_with(['.', '~']) {
                continue;
            }
            if kind.is_dir() {
                self.ahead.push(path);
            } else if kind.is_file() && !self.but.contains(&path) {
                return Ok(Some(path));
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<PathBuf>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step()
            .map_err(|cause| {
                // A walk that failed has not seen all, and must not go on as if it had.
                (self.ahead, self.open) = (Vec::new(), None);
                Error::unavailable(
                    "a folder of the export cannot be read; see the rights of all in it",
                    Retry::Safe,
                )
                .because(cause)
            })
            .transpose()
    }
}

//! Files of an export that no table names.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use mapping_core::error::Result;
use mapping_core::export::Export;
use mapping_core::table::RowKind;

use crate::attached::{self, FOLDER};
use crate::ids::fingerprint::Fingerprint;
use crate::survey::Survey;

/// A file that no table names, and that is no chat either. `Debug` does not show its name, which may be a patient's.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusedFile {
    /// Its path inside the export.
    pub path: PathBuf,
    /// Where it lies.
    pub place: UnusedPlace,
}

/// Where a file lies that no table names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UnusedPlace {
    /// In `files`, where what tables name should lie.
    Files,
    /// In another folder.
    OtherFolder,
    /// Beside the tables.
    BesideTables,
}

impl std::fmt::Debug for UnusedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnusedFile({:?})", self.place)
    }
}

/// The files that are not used. A fingerprint is held of each that is.
pub(crate) fn of<'a>(
    files: &'a Export,
    found: &Survey,
) -> Result<impl Iterator<Item = Result<UnusedFile>> + use<'a>> {
    let mut used: HashSet<Fingerprint> = found.chats.iter().filter_map(|chat| mark(chat)).collect();
    for sheet in found.sheets().filter(|sheet| sheet.has("file")) {
        for row in sheet.rows()? {
            let row = row?;
            let Some(written) = sheet.said(&row, "file").filter(|_| row.kind == RowKind::Data) else {
                continue;
            };
            // What leads out of the export, or cannot be read, is flagged where its row is read.
            used.extend(attached::find(files, written).ok().flatten().and_then(|path| mark(&path)));
        }
    }
    let unused = files.files(FOLDER)?.filter_map(move |path| {
        let path = match path {
            Ok(path) => path,
            Err(error) => return Some(Err(error)),
        };
        if mark(&path).is_some_and(|mark| used.contains(&mark)) {
            return None;
        }
        let path = path.strip_prefix(files.root()).map(Path::to_owned).unwrap_or(path);
        Some(Ok(UnusedFile { place: place(&path), path }))
    });
    Ok(unused)
}

/// The same for every path that leads to a file.
fn mark(path: &Path) -> Option<Fingerprint> {
    let real = path.canonicalize().ok()?;
    Some(Fingerprint::of_bytes(real.as_os_str().as_encoded_bytes()))
}

fn place(path: &Path) -> UnusedPlace {
    let mut parts = path.components();
    let first = parts.next().map(|part| part.as_os_str().to_string_lossy().to_lowercase());
    match (first, parts.next()) {
        (_, None) => UnusedPlace::BesideTables,
        (Some(first), _) if first == FOLDER => UnusedPlace::Files,
        _ => UnusedPlace::OtherFolder,
    }
}

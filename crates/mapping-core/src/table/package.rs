//! Whether the texts in a workbook that is a zip archive fit into memory.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use crate::error::{Error, Result, Retry};

/// How many bytes of text may be held at once.
const LARGEST_TEXT: u64 = 512 << 20;

/// Looks whether what a reader of workbooks holds in memory is of a size that a workbook has. Sheets of `.xlsx` are streamed, so they may
/// be of any. What is no zip archive, or a damaged one, is left to the reader.
///
/// # Errors
///
/// A text in it is too large: a bomb, or a workbook that nobody can open.
pub(super) fn check(path: &Path) -> Result<()> {
    check_within(path, LARGEST_TEXT)
}

fn check_within(path: &Path, largest: u64) -> Result<()> {
    let file = File::open(path)
        .map_err(|cause| Error::unavailable("the workbook cannot be opened", Retry::Safe).because(cause))?;
    let Ok(mut zip) = ZipArchive::new(BufReader::new(file)) else { return Ok(()) };
    let is_held = |at: &usize| matches!(zip.name_for_index(*at), Some(Ok(name)) if is_held(&name));
    let held: Vec<usize> = (0..zip.len()).filter(is_held).collect();
    for at in held {
        let Ok(entry) = zip.by_index(at) else { continue };
        // Its own word on its size may be wrong.
        let size = io::copy(&mut entry.take(largest + 1), &mut io::sink());
        if size.is_ok_and(|size| size > largest) {
            return Err(Error::invalid(
                "the workbook comes to more text than can be held; save it as CSV files",
            ));
        }
    }
    Ok(())
}

fn is_held(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('\\', "/");
    (name.ends_with(".xml") || name.ends_with(".rels")) && !name.contains("worksheets/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_texts_have_a_limit_and_sheets_have_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("export.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for row in 0..2000 {
            sheet.write(row, 0, row).unwrap();
        }
        sheet.write(0, 1, "x".repeat(30_000)).unwrap();
        book.save(&path).unwrap();
        assert!(check(&path).is_ok());
        assert!(check_within(&path, 32_000).is_ok(), "the sheet is larger");
        let error = check_within(&path, 20_000).unwrap_err();
        assert!(error.message().contains("more text"), "{error}");
        std::fs::write(&path, "no archive").unwrap();
        assert!(check(&path).is_ok(), "its reader tells");
    }
}

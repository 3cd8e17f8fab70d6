//! Rows set aside in a file that is nobody else's and goes with its value.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use tempfile::NamedTempFile;

use super::arranged::{gone, no_room};
use crate::error::{Error, Result};

/// Rows with their numbers, written once and read as often as wanted. The file is the owner's alone, and is deleted with this.
#[derive(Debug)]
pub(super) struct Spool {
    file: NamedTempFile,
}

impl Spool {
    /// Writes rows.
    ///
    /// # Errors
    ///
    /// `fill` failed, or there is no room.
    pub(super) fn of(fill: impl FnOnce(&mut SpoolWriter<'_>) -> Result<()>) -> Result<Self> {
        let mut file = tempfile::Builder::new().prefix("rows-").tempfile().map_err(no_room)?;
        let mut writer = SpoolWriter { file: BufWriter::with_capacity(1 << 16, file.as_file_mut()) };
        fill(&mut writer)?;
        writer.file.flush().map_err(no_room)?;
        drop(writer);
        Ok(Self { file })
    }

    /// The rows, from the first.
    ///
    /// # Errors
    ///
    /// The file is gone.
    pub(super) fn rows(&self) -> Result<SpoolRows> {
        let file = self.file.reopen().map_err(gone)?;
        Ok(SpoolRows { file: BufReader::with_capacity(1 << 16, file) })
    }
}

/// Takes rows in.
pub(super) struct SpoolWriter<'a> {
    file: BufWriter<&'a mut File>,
}

impl SpoolWriter<'_> {
    /// Sets a row aside: its number, how many cells it has, and of each its length and its text.
    ///
    /// # Errors
    ///
    /// There is no room, or the row is too long.
    pub(super) fn row(&mut self, line: u64, cells: &[String]) -> Result<()> {
        let too_long = || Error::invalid("the row is too long").at("line", line);
        let short = |length: usize| u32::try_from(length).map_err(|_| too_long());
        let mut write = |bytes: &[u8]| self.file.write_all(bytes).map_err(no_room);
        write(&line.to_le_bytes())?;
        write(&short(cells.len())?.to_le_bytes())?;
        for cell in cells {
            write(&short(cell.len())?.to_le_bytes())?;
            write(cell.as_bytes())?;
        }
        Ok(())
    }
}

/// Reads rows again.
#[derive(Debug)]
pub(super) struct SpoolRows {
    file: BufReader<File>,
}

impl SpoolRows {
    /// The next row and its number.
    ///
    /// # Errors
    ///
    /// The file cannot be read any more.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<String>)>> {
        if self.is_at_end()? {
            return Ok(None);
        }
        self.read().map(Some).map_err(gone)
    }

    /// Whether there is no other row.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub(super) fn is_at_end(&mut self) -> Result<bool> {
        self.file.fill_buf().map(<[u8]>::is_empty).map_err(gone)
    }

    fn read(&mut self) -> io::Result<(u64, Vec<String>)> {
        let mut line = [0; 8];
        self.file.read_exact(&mut line)?;
        let cells = self.length()?;
        let mut all = Vec::with_capacity(cells.min(1 << 14));
        for _ in 0..cells {
            let mut text = vec![0; self.length()?];
            self.file.read_exact(&mut text)?;
            all.push(String::from_utf8(text).map_err(io::Error::other)?);
        }
        Ok((u64::from_le_bytes(line), all))
    }

    fn length(&mut self) -> io::Result<usize> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        Ok(u32::from_le_bytes(length) as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(spool: &Spool) -> Vec<(u64, Vec<String>)> {
        let mut rows = spool.rows().unwrap();
        std::iter::from_fn(|| rows.next().unwrap()).collect()
    }

    #[test]
    fn nothing_is_nothing() {
        let spool = Spool::of(|_| Ok(())).unwrap();
        assert!(read(&spool).is_empty() && spool.rows().unwrap().is_at_end().unwrap());
    }

    #[test]
    fn the_file_goes_with_its_value_and_is_its_owners_alone() {
        let spool = Spool::of(|rows| rows.row(1, &["Asha Rao".to_owned()])).unwrap();
        let path = spool.file.path().to_owned();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(spool);
        assert!(!path.exists());
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were_as_often_as_wanted(rows: Vec<(u64, Vec<String>)>) {
            let spool = Spool::of(|spool| rows.iter().try_for_each(|(line, cells)| spool.row(*line, cells))).unwrap();
            prop_assert_eq!(&read(&spool), &rows);
            prop_assert_eq!(&read(&spool), &rows);
        }
    }
}

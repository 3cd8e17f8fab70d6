//! Rows in another order than their file's, set aside in a file that is nobody else's and goes with its value.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::rows::{Problem, Row, RowKind};
use crate::error::{Error, Result, Retry};

/// Takes rows in, each with a key; [`finish`](Self::finish) puts them in the order of their keys.
///
/// For what belongs together and stands apart in a file: the lines of a bill, the notes of all patients in the order of their days.
/// The rows wait in a temporary file of their owner's alone; in memory is a key and a number for each.
///
/// # Example
///
/// ```
/// use mapping_core::table::{Arranging, Column, Table, TableOptions};
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("Notes.csv");
/// std::fs::write(&path, "Day,Note\n2,better\n1,fever\n2,well\n")?;
/// let table = Table::open(&path, &TableOptions::default(), &[Column::new("day", ["Day"])])?;
///
/// let mut arranging = Arranging::new()?;
/// for row in table.rows()? {
///     let row = row?;
///     arranging.add(row.cell(0).parse::<u32>()?, &row)?;
/// }
/// let notes = arranging.finish()?;
/// let told = notes.rows().map(|row| Ok(row?.1.cell(1).to_owned())).collect::<Result<Vec<_>, mapping_core::error::Error>>()?;
/// assert_eq!(told, ["fever", "better", "well"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Arranging<K> {
    file: BufWriter<NamedTempFile>,
    places: Vec<(K, u64)>,
    end: u64,
}

impl<K: Ord + Copy> Arranging<K> {
    /// No rows yet.
    ///
    /// # Errors
    ///
    /// There is no room in the system's temporary folder.
    pub fn new() -> Result<Self> {
        let file = tempfile::Builder::new().prefix("rows-").tempfile().map_err(no_room)?;
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), places: Vec::new(), end: 0 })
    }

    /// Sets a row aside. Rows of one key keep the order in which they are added.
    ///
    /// # Errors
    ///
    /// There is no room, or the row is too long.
    pub fn add(&mut self, key: K, row: &Row) -> Result<()> {
        let bytes = written(row)?;
        self.file.write_all(&bytes).map_err(no_room)?;
        self.places.push((key, self.end));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// All rows, in the order of their keys.
    ///
    /// # Errors
    ///
    /// There is no room.
    pub fn finish(mut self) -> Result<Arranged<K>> {
        self.places.sort();
        let file = self.file.into_inner().map_err(|error| no_room(error.into_error()))?;
        let reading = file.reopen().map_err(gone)?;
        Ok(Arranged { _file: file, reading: Mutex::new(reading), places: self.places })
    }
}

/// Rows in the order of their keys. See [`Arranging`].
pub struct Arranged<K> {
    /// The file is there as long as this is.
    _file: NamedTempFile,
    reading: Mutex<File>,
    places: Vec<(K, u64)>,
}

impl<K: Copy> Arranged<K> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The key of the row at a place, counted from 0.
    #[must_use]
    pub fn key(&self, place: usize) -> Option<K> {
        self.places.get(place).map(|(key, _)| *key)
    }

    /// The row at a place, counted from 0; none beyond the last.
    ///
    /// # Errors
    ///
    /// The file in which the rows wait is gone.
    pub fn row(&self, place: usize) -> Result<Option<Row>> {
        let Some((_, at)) = self.places.get(place) else { return Ok(None) };
        let mut file = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = bytes_at(&mut file, *at).map_err(gone)?;
        row(&mut bytes.as_slice()).map(Some).map_err(gone)
    }

    /// All rows with their keys.
    ///
    /// After an error it goes on with the next row; whoever reads stops there.
    pub fn rows(&self) -> impl Iterator<Item = Result<(K, Row)>> + Send + '_
    where
        K: Send + Sync,
    {
        (0..self.len()).filter_map(|place| {
            let key = self.key(place)?;
            self.row(place).transpose().map(|row| row.map(|row| (key, row)))
        })
    }
}

impl<K> fmt::Debug for Arranging<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arranging({} rows)", self.places.len())
    }
}

impl<K> fmt::Debug for Arranged<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arranged({} rows)", self.places.len())
    }
}

/// The row's length, where it stood, its kind, cells and problems.
fn written(row: &Row) -> Result<Vec<u8>> {
    let too_long = || Error::invalid("the row is too long").at("line", row.line);
    let short = |length: usize| u32::try_from(length).map(u32::to_le_bytes).map_err(|_| too_long());
    let mut bytes = vec![0; 4];
    bytes.extend(row.line.to_le_bytes());
    bytes.extend(row.lines.to_le_bytes());
    bytes.push(match row.kind {
        RowKind::Data => 0,
        RowKind::Blank => 1,
        RowKind::RepeatedHeader => 2,
        RowKind::Totals => 3,
        RowKind::Preamble => 4,
    });
    bytes.extend(short(row.cells.len())?);
    for cell in &row.cells {
        bytes.extend(short(cell.len())?);
        bytes.extend(cell.as_bytes());
    }
    for problem in &row.problems {
        let (kind, number) = match problem {
            Problem::Short { expected } => (0, *expected),
            Problem::Long { expected } => (1, *expected),
            Problem::StrayQuote => (2, 0),
            Problem::SuspectedJoin => (3, 0),
            Problem::Control { column } => (4, *column),
            Problem::FailedFormula { column } => (5, *column),
            Problem::Undecodable { column } => (6, *column),
        };
        bytes.push(kind);
        bytes.extend(short(number)?);
    }
    let length = short(bytes.len() - 4)?;
    bytes.splice(..4, length);
    Ok(bytes)
}

fn bytes_at(file: &mut File, place: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(place))?;
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn row(bytes: &mut &[u8]) -> io::Result<Row> {
    let line = u64::from_le_bytes(take(bytes)?);
    let lines = u64::from_le_bytes(take(bytes)?);
    let kind = match take::<1>(bytes)? {
        [0] => RowKind::Data,
        [1] => RowKind::Blank,
        [2] => RowKind::RepeatedHeader,
        [3] => RowKind::Totals,
        _ => RowKind::Preamble,
    };
    let count = number(bytes)?;
    let mut cells = Vec::with_capacity(count.min(1 << 10));
    for _ in 0..count {
        let mut text = vec![0; number(bytes)?];
        bytes.read_exact(&mut text)?;
        cells.push(String::from_utf8(text).map_err(io::Error::other)?);
    }
    let mut problems = Vec::new();
    while !bytes.is_empty() {
        let [kind] = take(bytes)?;
        let number = number(bytes)?;
        problems.push(match kind {
            0 => Problem::Short { expected: number },
            1 => Problem::Long { expected: number },
            2 => Problem::StrayQuote,
            3 => Problem::SuspectedJoin,
            4 => Problem::Control { column: number },
            5 => Problem::FailedFormula { column: number },
            _ => Problem::Undecodable { column: number },
        });
    }
    Ok(Row { line, lines, kind, cells, problems })
}

fn number(bytes: &mut &[u8]) -> io::Result<usize> {
    take(bytes).map(|number| u32::from_le_bytes(number) as usize)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> io::Result<[u8; N]> {
    let mut taken = [0; N];
    bytes.read_exact(&mut taken)?;
    Ok(taken)
}

/// Nothing more can be set aside.
pub(super) fn no_room(cause: io::Error) -> Error {
    let message = "rows cannot be set aside; see that the system's temporary folder has room";
    Error::unavailable(message, Retry::Safe).because(cause)
}

/// What was set aside cannot be read.
pub(super) fn gone(cause: io::Error) -> Error {
    let message = "rows that were set aside cannot be read again; start again";
    Error::unavailable(message, Retry::Safe).because(cause)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem() -> impl Strategy<Value = Problem> {
        prop_oneof![
            (0_usize..99).prop_map(|expected| Problem::Short { expected }),
            (0_usize..99).prop_map(|expected| Problem::Long { expected }),
            Just(Problem::StrayQuote),
            Just(Problem::SuspectedJoin),
            (0_usize..99).prop_map(|column| Problem::Control { column }),
            (0_usize..99).prop_map(|column| Problem::FailedFormula { column }),
            (0_usize..99).prop_map(|column| Problem::Undecodable { column }),
        ]
    }

    fn kind() -> impl Strategy<Value = RowKind> {
        use RowKind::{Blank, Data, Preamble, RepeatedHeader, Totals};
        prop::sample::select(vec![Data, Blank, RepeatedHeader, Totals, Preamble])
    }

    fn any_row() -> impl Strategy<Value = Row> {
        let cells = prop::collection::vec(".*", 0..5);
        let problems = prop::collection::vec(problem(), 0..3);
        let row = |(line, lines, kind, cells, problems)| Row { line, lines, kind, cells, problems };
        (any::<u64>(), any::<u64>(), kind(), cells, problems).prop_map(row)
    }

    #[test]
    fn the_file_goes_with_its_value_and_is_its_owners_alone() {
        let arranged = Arranging::<u8>::new().unwrap().finish().unwrap();
        assert!(arranged.is_empty() && arranged.row(0).unwrap().is_none());
        let path = arranged._file.path().to_owned();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(arranged);
        assert!(!path.exists());
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were_in_the_order_of_their_keys(rows in prop::collection::vec((0_u8..4, any_row()), 0..9)) {
            let mut arranging = Arranging::new().unwrap();
            for (key, row) in &rows {
                arranging.add(*key, row).unwrap();
            }
            let arranged = arranging.finish().unwrap();
            let mut expected = rows.clone();
            expected.sort_by_key(|(key, _)| *key);
            for _ in 0..2 {
                let found: Vec<_> = arranged.rows().map(Result::unwrap).collect();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}

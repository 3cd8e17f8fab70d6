//! The rows of a table as readings.

use mapping_core::error::Result;
use mapping_core::source::Reading;
use mapping_core::table::{Arranged, Row, RowKind};

use crate::cells::Cells;
use crate::sheet::Sheet;

/// What every row is, in the order of the table: a record as `record` makes it, or a flag about a row that is none.
pub(crate) fn readings<'a>(
    sheet: &'a Sheet,
    record: impl FnMut(Cells<'a>) -> Result<Reading> + Send + 'a,
) -> impl Iterator<Item = Result<Reading>> + Send + 'a {
    let (rows, error) = match sheet.rows() {
        Ok(rows) => (Some(rows), None),
        Err(error) => (None, Some(Err(error))),
    };
    notes(sheet).chain(error).chain(of_rows(sheet, rows.into_iter().flatten(), record))
}

/// The same of rows that stand in another order.
pub(crate) fn of_rows<'a>(
    sheet: &'a Sheet,
    rows: impl Iterator<Item = Result<Row>> + Send + 'a,
    mut record: impl FnMut(Cells<'a>) -> Result<Reading> + Send + 'a,
) -> impl Iterator<Item = Result<Reading>> + Send + 'a {
    rows.map(move |row| {
        let row = row?;
        match row.kind {
            RowKind::Data => record(Cells::new(sheet, row)),
            kind => Ok(Reading::Flag(sheet.skipped(kind, row.line))),
        }
    })
}

/// What is to be said of the table as a whole.
pub(crate) fn notes(sheet: &Sheet) -> impl Iterator<Item = Result<Reading>> + Send + '_ {
    sheet.notes().iter().map(|note| Ok(Reading::Flag(note.clone())))
}

/// Rows of one key, which stand one after the other.
pub(crate) fn groups(rows: &Arranged<u32>) -> impl Iterator<Item = Result<(u32, Vec<Row>)>> + Send + '_ {
    let mut place = 0;
    std::iter::from_fn(move || {
        let key = rows.key(place)?;
        let mut group = Vec::new();
        while rows.key(place) == Some(key) {
            match rows.row(place) {
                Ok(row) => group.extend(row),
                Err(error) => {
                    place = rows.len();
                    return Some(Err(error));
                }
            }
            place += 1;
        }
        Some(Ok((key, group)))
    })
}

//! The rows of a file as readings.

use mapping_core::error::Result;
use mapping_core::source::Reading;
use mapping_core::table::RowKind;

use crate::cells::Cells;
use crate::sheet::Sheet;

/// What every row is: a record as `record` makes it, or a flag about a row that is none.
pub(crate) fn readings<'a>(
    sheet: &'a Sheet,
    mut record: impl FnMut(Cells<'a>) -> Reading + Send + 'a,
) -> impl Iterator<Item = Result<Reading>> + Send + 'a {
    let (rows, error) = match sheet.rows() {
        Ok(rows) => (Some(rows), None),
        Err(error) => (None, Some(Err(error))),
    };
    let rows = rows.into_iter().flatten().map(move |row| {
        row.map(|row| match row.kind {
            RowKind::Data => record(Cells::new(sheet, row)),
            kind => Reading::Flag(sheet.skipped(kind, row.line)),
        })
    });
    let notes = sheet.notes().iter().map(|note| Ok(Reading::Flag(note.clone())));
    notes.chain(error).chain(rows)
}

//! CSV files of any encoding and dialect, and sheets of workbooks, as rows with line numbers.
//!
//! A [`Table`] is opened with the columns its caller knows. It finds out how the file is written (the [`Dialect`], which it
//! reports and every part of which can be set), finds the header, and then streams [`Row`]s. Memory is bounded by one record.
//!
//! # Nothing is lost in silence
//!
//! Every physical line of the file belongs to the header or to exactly one row: `line` and `lines` of the rows add up to the
//! file. What is no record (a blank row, the header once more, a row of totals, lines above the header) is a row too and has
//! its own [`RowKind`]; what is wrong with a row is listed in its [`Problem`]s.
//!
//! # Quotes
//!
//! A stray quote at the start of a cell makes a plain CSV reader swallow all rows up to the next quote, and say nothing (so 83
//! of the 2,290 files of the Pollock collection are misread by the `csv` crate). Here a quoted cell that does not end on its line
//! is read on only while that makes sense. The quote is taken as text, and the line as a row of its own, where
//!
//! - the line is a full row as it stands, and one of the lines it would swallow is one too;
//! - a quote opens another cell inside the swallowed text, or the file or [`TableOptions::max_cell_lines`] ends first;
//! - a swallowed line is a full row, and the joined row does not fit the header.
//!
//! The row then has [`Problem::StrayQuote`]. Where a swallowed line looks like a row and the joined row still fits the header,
//! the rows stay joined, with [`Problem::SuspectedJoin`]. A text of several lines can only be torn apart wrongly when a line of
//! it has exactly as many delimiters as a row has, and even then each piece is reported.
//!
//! # Example
//!
//! ```
//! use mapping_core::table::{Column, RowKind, Table, TableOptions};
//!
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("Patients.csv");
//! std::fs::write(&path, "Sunrise Clinic\nPatient ID;Name;City\nP-1;Asha Rao;Pune\n\nTotal;1;\n")?;
//!
//! let columns = [Column::new("id", ["Patient ID"]).required(), Column::new("name", ["Patient Name", "Name"])];
//! let table = Table::open(&path, &TableOptions::default(), &columns)?;
//! assert_eq!(table.dialect().text.as_ref().map(|text| text.delimiter), Some(';'));
//! assert_eq!(table.dialect().header_line, 2);
//! assert_eq!(table.extra().collect::<Vec<_>>(), [(2, "City")]);
//!
//! let name = table.position("name").unwrap_or_default();
//! let rows = table.rows()?.collect::<Result<Vec<_>, _>>()?;
//! let kinds: Vec<RowKind> = rows.iter().map(|row| row.kind).collect();
//! assert_eq!(kinds, [RowKind::Preamble, RowKind::Data, RowKind::Blank, RowKind::Totals]);
//! assert_eq!((rows[1].line, rows[1].cell(name)), (3, "Asha Rao"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arranged;
#[cfg(feature = "sheets")]
mod cell;
mod dialect;
mod encoding;
mod file;
mod header;
mod lines;
#[cfg(feature = "sheets")]
mod package;
mod records;
mod rows;
mod split;
#[cfg(feature = "sheets")]
mod spool;
#[cfg(feature = "sheets")]
mod workbook;

pub use arranged::{Arranged, Arranging};
pub use dialect::{Apostrophes, Dialect, EncodingFrom, LineEnd, TextDialect};
pub use file::{Table, TableOptions};
pub use header::{Column, fold};
pub use rows::{Problem, Row, RowKind, Rows};
#[cfg(feature = "sheets")]
pub use workbook::Workbook;

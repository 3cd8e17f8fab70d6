//! The rows of a table: where a record ends, what kind of row it is, and what is wrong with it.

use std::fmt;
use std::fs::File;
use std::iter;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::dialect::{Apostrophes, unwrapped};
use super::header::Header;
use super::lines::Lines;
use super::records::TextRecords;
#[cfg(feature = "sheets")]
use super::spool::SpoolRows;
use crate::error::Result;

/// Below this many columns, a line of text may look like a row by chance.
pub(super) const TELLING_WIDTH: usize = 3;
/// What spreadsheets show where a formula failed.
const FAILED: [&str; 8] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"];

/// A row of a table. `Debug` shows no cell.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// How many lines it takes.
    pub lines: u64,
    /// What it is.
    pub kind: RowKind,
    /// Its cells, as many as it has: in Unicode's composed form, without control characters and wrapping apostrophes. A line
    /// break in a cell is LF. Blank cells beyond the last column are left off.
    pub cells: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Row {
    /// A cell; empty where the row has none.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} row, line {}, {} cells, {:?}", self.kind, self.line, self.cells.len(), self.problems)
    }
}

/// What a row is. Only [`Data`](Self::Data) is a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowKind {
    /// A record.
    Data,
    /// Nothing but blank cells.
    Blank,
    /// The header once more.
    RepeatedHeader,
    /// A sum: `Total` or the like in its first cell that is not blank, and numbers; or, as the last row of the file, a few short
    /// numbers behind a blank first cell.
    Totals,
    /// A line above the header.
    Preamble,
}

/// Something wrong with a row. Columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// It has fewer cells than the header.
    Short {
        /// How many the header has.
        expected: usize,
    },
    /// It has more cells than the header; the cells are kept.
    Long {
        /// How many the header has.
        expected: usize,
    },
    /// A quote stands where none may stand. It was kept as text.
    StrayQuote,
    /// Lines inside a quoted cell look like rows: a quote may be missing.
    SuspectedJoin,
    /// Control characters were taken out of a cell.
    Control {
        /// Which.
        column: usize,
    },
    /// A spreadsheet's formula failed, and a cell holds what is shown in its place, such as `#REF!`. It was kept.
    FailedFormula {
        /// Which.
        column: usize,
    },
    /// A cell holds bytes that are no text in this encoding; each became U+FFFD.
    Undecodable {
        /// Which.
        column: usize,
    },
}

/// What is known of a table when its rows are read.
#[derive(Clone)]
pub(super) struct Layout {
    pub(super) file: Arc<str>,
    pub(super) header: Header,
    pub(super) header_line: u64,
    pub(super) delimiter: u8,
    pub(super) apostrophes: Apostrophes,
    pub(super) max_cell_lines: usize,
    pub(super) max_cell_bytes: usize,
}

/// The rows of a [`Table`](super::Table), top to bottom. After an error it yields nothing more.
pub struct Rows {
    records: Records,
    layout: Arc<Layout>,
    failed: bool,
}

/// Where the rows come from.
enum Records {
    Text(TextRecords),
    #[cfg(feature = "sheets")]
    Sheet(SpoolRows),
}

impl Rows {
    pub(super) fn of_text(lines: Lines<File>, layout: Arc<Layout>) -> Self {
        Self { records: Records::Text(TextRecords::new(lines, layout.clone())), layout, failed: false }
    }

    #[cfg(feature = "sheets")]
    pub(super) fn of_sheet(rows: SpoolRows, layout: Arc<Layout>) -> Self {
        Self { records: Records::Sheet(rows), layout, failed: false }
    }

    fn row(&mut self) -> Result<Option<Row>> {
        match &mut self.records {
            Records::Text(text) => text.row(),
            #[cfg(feature = "sheets")]
            Records::Sheet(rows) => loop {
                let Some((line, mut cells)) = rows.next()? else { return Ok(None) };
                if line != self.layout.header_line {
                    // A sheet has no cell where nothing was typed.
                    cells.resize(cells.len().max(self.layout.header.names.len()), String::new());
                    return Ok(Some(self.layout.row(line, 1, cells, None)));
                }
            },
        }
    }

    fn is_at_end(&mut self) -> Result<bool> {
        match &mut self.records {
            Records::Text(text) => text.is_at_end(),
            #[cfg(feature = "sheets")]
            Records::Sheet(rows) => rows.is_at_end(),
        }
    }

    /// The last row of a file may be a sum without a word.
    fn summed(&mut self, mut row: Row) -> Result<Row> {
        if row.kind == RowKind::Data && self.layout.is_bare_sum(&row.cells) && self.is_at_end()? {
            row.kind = RowKind::Totals;
            row.problems.retain(|problem| !matches!(problem, Problem::Short { .. }));
        }
        Ok(row)
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.row().and_then(|row| row.map(|row| self.summed(row)).transpose()).transpose();
        self.failed = matches!(row, Some(Err(_)));
        row.map(|row| row.map_err(|error| error.at("file", &self.layout.file)))
    }
}

impl iter::FusedIterator for Rows {}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("file", &self.layout.file).finish_non_exhaustive()
    }
}

impl Layout {
    pub(super) fn row(&self, line: u64, lines: u64, mut cells: Vec<String>, problem: Option<Problem>) -> Row {
        let mut problems: Vec<Problem> = problem.into_iter().collect();
        for (column, cell) in cells.iter_mut().enumerate() {
            self.clean(column, cell, &mut problems);
        }
        let width = self.header.names.len();
        while cells.len() > width && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        let kind = self.kind(line, &cells);
        if kind == RowKind::Data {
            if cells.len() < width {
                problems.push(Problem::Short { expected: width });
            }
            if cells.len() > width {
                problems.push(Problem::Long { expected: width });
            }
        }
        Row { line, lines, kind, cells, problems }
    }

    fn clean(&self, column: usize, cell: &mut String, problems: &mut Vec<Problem>) {
        if self.apostrophes.has(column)
            && let Some(inside) = unwrapped(cell)
        {
            *cell = inside.to_owned();
        }
        if cell.starts_with('#') && FAILED.contains(&cell.trim()) {
            problems.push(Problem::FailedFormula { column });
        }
        let plain = |byte: u8| matches!(byte, b'\n' | b'\t' | 0x20..0x7F);
        if cell.bytes().all(plain) {
            return;
        }
        let control = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || c == '\u{FEFF}';
        if cell.contains(control) {
            cell.retain(|c| !control(c));
            problems.push(Problem::Control { column });
        }
        if cell.contains('\u{FFFD}') {
            problems.push(Problem::Undecodable { column });
        }
        if !unicode_normalization::is_nfc(cell) {
            *cell = cell.nfc().collect();
        }
    }

    fn kind(&self, line: u64, cells: &[String]) -> RowKind {
        if line < self.header_line {
            return RowKind::Preamble;
        }
        let filled: Vec<&str> =
            cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        let Some((first, rest)) = filled.split_first() else { return RowKind::Blank };
        if self.header.is(cells) {
            return RowKind::RepeatedHeader;
        }
        let total =
            self.is_sparse(filled.len()) && says_total(first) && rest.iter().all(|cell| is_number(cell));
        if total { RowKind::Totals } else { RowKind::Data }
    }

    /// Whether a row holds a few short numbers and nothing else, behind a blank first cell.
    fn is_bare_sum(&self, cells: &[String]) -> bool {
        let (width, blank) = (self.header.names.len(), |cell: &String| cell.trim().is_empty());
        let filled = cells.iter().filter(|cell| !blank(cell)).count();
        width >= TELLING_WIDTH
            && self.is_sparse(filled)
            && cells.first().is_some_and(blank)
            && cells.iter().all(|cell| blank(cell) || is_sum(cell))
    }

    fn is_sparse(&self, filled: usize) -> bool {
        filled <= (self.header.names.len() / 3).max(2)
    }
}

fn says_total(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    match words.next() {
        Some("total" | "totals" | "subtotal") => true,
        Some("grand" | "sub") => words.next() == Some("total"),
        _ => false,
    }
}

fn is_number(cell: &str) -> bool {
    cell.bytes().any(|byte| byte.is_ascii_digit())
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | ' ' | '%' | '$' | '₹' | '€' | '£'))
}

/// A number too short for a phone's.
fn is_sum(cell: &str) -> bool {
    is_number(cell) && cell.bytes().filter(u8::is_ascii_digit).count() < 10
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::table::{Column, Table, TableOptions};

    fn columns() -> [Column; 2] {
        [Column::new("id", ["ID"]).required(), Column::new("name", ["Name"])]
    }

    fn read_with(bytes: &[u8], options: &TableOptions) -> Result<(Table, Vec<Row>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("People.csv");
        fs::write(&path, bytes).unwrap();
        let table = Table::open(&path, options, &columns())?;
        let rows = table.rows()?.collect::<Result<Vec<_>>>()?;
        Ok((table, rows))
    }

    fn read(text: &str) -> Vec<Row> {
        read_with(text.as_bytes(), &TableOptions::default()).unwrap().1
    }

    fn cells(rows: &[Row]) -> Vec<Vec<&str>> {
        rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
    }

    #[test]
    fn a_row_says_the_line_where_it_begins() {
        let rows = read("ID,Name,City\n1,\"Asha\nRao\",Pune\n2,Ravi,\"Pune\n\nCamp\"\n3,Om,Pune\n");
        let lines: Vec<(u64, u64)> = rows.iter().map(|row| (row.line, row.lines)).collect();
        assert_eq!(lines, [(2, 2), (4, 3), (7, 1)]);
        assert!(rows.iter().all(|row| row.problems.is_empty()));
    }

    #[test]
    fn a_stray_quote_joins_no_rows() {
        let head = "ID,Name,City,Notes\n";
        for (text, first) in [
            ("1,\"Asha,Pune,x\n2,Ravi,Pune,y\n3,Om,Goa,z\n", ["1", "\"Asha", "Pune", "x"]),
            ("1,\"Asha,Pune,x\n2,Ravi\",Pune,y\n3,Om,Goa,z\n", ["1", "\"Asha", "Pune", "x"]),
            ("1,\"Asha,Pune,x\n2,\"Rao, Ravi\",Pune,y\n3,Om,Goa,z\n", ["1", "\"Asha", "Pune", "x"]),
            ("1,Asha,Pune,\"x\n2,Ravi,Pune,y\n3,Om,Goa,z\n", ["1", "Asha", "Pune", "\"x"]),
            ("1,\"5\" tall,Pune,x\n2,Ravi,Pune,y\n3,Om,Goa,\"z\"\n", ["1", "\"5\" tall", "Pune", "x"]),
        ] {
            let rows = read(&format!("{head}{text}"));
            assert_eq!(rows.len(), 3, "{text}");
            assert_eq!(cells(&rows)[0], first);
            assert_eq!(rows[0].problems, [Problem::StrayQuote]);
            assert_eq!(rows[2].line, 4);
        }
    }

    #[test]
    fn in_two_columns_a_stray_quote_ends_where_another_cell_opens() {
        let rows = read("ID,Name\n1,\"Asha\n2,\"Ravi\"\n");
        assert_eq!(cells(&rows), [["1", "\"Asha"], ["2", "Ravi"]]);
    }

    #[test]
    fn of_two_readings_of_a_line_the_one_that_fits_is_taken() {
        let rows = read("ID,Name,City,Notes\n1,\"5\" tall,\"Pune, Camp\",x\n1,\"Asha \"Asu\" Rao\",Pune,x\n");
        assert_eq!(
            cells(&rows),
            [["1", "\"5\" tall", "Pune, Camp", "x"], ["1", "Asha \"Asu\" Rao", "Pune", "x"]]
        );
        assert!(rows.iter().all(|row| row.problems == [Problem::StrayQuote]));
    }

    #[test]
    fn a_text_of_many_lines_stays_whole() {
        let rows = read(
            "ID,Name,City,Notes\n1,Asha,Pune,\"Came, late\nsaid \"\"no\"\", went\n\nback\"\n2,Ravi,Goa,\n",
        );
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].cells[3], "Came, late\nsaid \"no\", went\n\nback");
        assert!(rows.iter().all(|row| row.problems.is_empty()));
        let rows = read("ID,Name,City\n\"1\n1\",Asha,Pune\n");
        assert_eq!((rows.len(), rows[0].problems.len()), (1, 0), "the rest of a row is no row of its own");
    }

    #[test]
    fn joined_rows_that_fit_are_suspected() {
        let rows = read("ID,Name,City\n1,\"Flat\n2,Ravi,Pune\n3\",Goa\n");
        assert_eq!((rows.len(), rows[0].lines), (1, 3));
        assert_eq!(rows[0].problems, [Problem::SuspectedJoin]);
    }

    #[test]
    fn quotes_that_never_end_are_followed_less_and_less() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("People.csv");
        let lines: String = (0..300).map(|n| format!("{n},\"\"\"Asha\n")).collect();
        fs::write(&path, format!("ID,Name\n{lines}")).unwrap();
        let table = Table::open(&path, &TableOptions::default(), &columns()).unwrap();
        let mut rows = table.rows().unwrap();
        let all = rows.by_ref().collect::<Result<Vec<_>>>().unwrap();
        let Records::Text(text) = &rows.records else { panic!("a text") };
        assert_eq!((all.len(), text.patience), (300, 16));
        assert!(all.iter().all(|row| row.problems == [Problem::StrayQuote]));
    }

    #[test]
    fn a_cell_of_more_lines_than_allowed_is_torn_and_said() {
        let text = b"ID,Name\n1,\"a\nb\nc\nd\"\n";
        let (_, rows) = read_with(text, &TableOptions::default().max_cell_lines(2)).unwrap();
        assert_eq!((rows.len(), &rows[0].problems[..]), (4, &[Problem::StrayQuote][..]));
        let (_, rows) = read_with(text, &TableOptions::default().max_cell_lines(3)).unwrap();
        assert_eq!((rows.len(), rows[0].problems.len()), (1, 0));
    }

    #[test]
    fn lines_may_end_with_cr_alone() {
        let rows = read("ID,Name\r1,\"Asha\rRao\"\r2,Ravi\r");
        assert_eq!(cells(&rows), [["1", "Asha\nRao"], ["2", "Ravi"]]);
        assert_eq!(rows[1].line, 4);
    }

    #[test]
    fn a_very_long_note_is_read_whole() {
        for note in ["a".repeat(1 << 20), "a line\n".repeat(1 << 16)] {
            let rows = read(&format!("ID,Name,Notes\n1,Asha,\"{note}\"\n2,Ravi,\n"));
            assert_eq!((rows.len(), rows[0].cell(2).len(), rows[0].problems.len()), (2, note.len(), 0));
        }
    }

    #[test]
    fn what_is_no_record_is_told_apart() {
        use RowKind::{Blank, Data, Preamble, RepeatedHeader, Totals};
        let rows = read(
            "Sunrise Clinic\n\nID,Name,City,A,B,C\n1,Asha,Pune,,,\n\n,,,,,\nid,name,CITY,a,b,c\nTotal,1,,,,\n,,,12,3.50,\nGrand Total,2\n,,,12,3.50\n",
        );
        let kinds: Vec<RowKind> = rows.iter().map(|row| row.kind).collect();
        assert_eq!(
            kinds,
            [Preamble, Preamble, Data, Blank, Blank, RepeatedHeader, Totals, Data, Totals, Totals]
        );
    }

    #[test]
    fn a_number_as_long_as_a_phones_is_no_sum() {
        let kinds = |text: &str| read(&format!("ID,Name,City\n{text}")).last().map(|row| row.kind);
        assert_eq!(kinds(",,12"), Some(RowKind::Totals));
        assert_eq!(kinds(",,9876543210"), Some(RowKind::Data));
        assert_eq!(kinds("1,,12"), Some(RowKind::Data));
    }

    #[test]
    fn short_and_long_rows_are_said_and_blank_cells_at_the_end_are_not() {
        let rows = read("ID,Name,City\n1,Asha\n2,Ravi,Pune,see file\n3,Om,Goa,,\n");
        assert_eq!(rows[0].problems, [Problem::Short { expected: 3 }]);
        assert_eq!(rows[1].problems, [Problem::Long { expected: 3 }]);
        assert_eq!((rows[1].cell(3), rows[1].cell(9)), ("see file", ""));
        assert!(rows[2].problems.is_empty());
    }

    #[test]
    fn control_characters_are_taken_out_and_text_is_composed() {
        let rows = read("ID,Name\n1,Pu\0ne\n2,Rene\u{301}e\n3,Ren\u{FFFD}e\n");
        assert_eq!(cells(&rows), [["1", "Pune"], ["2", "Ren\u{e9}e"], ["3", "Ren\u{FFFD}e"]]);
        assert_eq!(rows[0].problems, [Problem::Control { column: 1 }]);
        assert!(rows[1].problems.is_empty());
        assert_eq!(rows[2].problems, [Problem::Undecodable { column: 1 }]);
    }

    #[test]
    fn failed_formulas_are_told_and_kept() {
        let rows = read("ID,Name\n1,#REF!\n2,#1\n");
        assert_eq!(
            (rows[0].cell(1), &rows[0].problems[..]),
            ("#REF!", &[Problem::FailedFormula { column: 1 }][..])
        );
        assert!(rows[1].problems.is_empty());
    }

    #[test]
    fn apostrophes_around_values_are_taken_off() {
        let text = b"ID,Name,City\n'1','Asha O''Brien',\n'2','D'Souza','Pune'\n";
        let (table, rows) = read_with(text, &TableOptions::default()).unwrap();
        assert_eq!(table.dialect().apostrophes, Apostrophes::All);
        assert_eq!(cells(&rows), [["1", "Asha O''Brien", ""], ["2", "D'Souza", "Pune"]]);
        let (_, rows) = read_with(text, &TableOptions::default().apostrophes(false)).unwrap();
        assert_eq!(rows[0].cell(0), "'1'");
    }

    #[test]
    fn settings_win_over_guesses() {
        let options = TableOptions::default().encoding("windows-1252").delimiter('|');
        let (table, rows) = read_with("ID|Name\n1|Zoë, x\n".as_bytes(), &options).unwrap();
        let text = table.dialect().text.as_ref().unwrap();
        assert_eq!((text.encoding, text.delimiter), ("windows-1252", '|'));
        assert_eq!(cells(&rows), [["1", "ZoÃ«, x"]]);
    }

    #[test]
    fn what_cannot_be_read_says_where_and_what_to_do() {
        let error = |bytes: &[u8], options: &TableOptions| read_with(bytes, options).unwrap_err().to_string();
        let plain = TableOptions::default();
        for (text, says) in [
            (error(b"", &plain), "the file is empty; export it again (file People.csv)"),
            (error(b"\n \n", &plain), "nothing but blank lines"),
            (error(b"a,b\n1,2\n", &plain), "no header was found"),
            (error(b"x\nName,City\n1,2\n", &plain), "(field id) (line 2) (file People.csv)"),
            (error(b"ID,Name,name\n", &plain), "columns 2 and 3 have the same name"),
            (error(b"ID\n", &plain.clone().encoding("klingon")), "no encoding has that name"),
            (error(b"ID\n", &plain.clone().delimiter('"')), "cannot stand between cells"),
        ] {
            assert!(text.contains(says), "{text}");
        }
    }

    #[test]
    fn a_file_that_changed_is_not_read_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("People.csv");
        fs::write(&path, "ID\n1\n").unwrap();
        let table = Table::open(&path, &TableOptions::default(), &columns()).unwrap();
        fs::write(&path, "ID\n1\n2\n").unwrap();
        assert!(table.rows().unwrap_err().message().contains("has changed"));
    }

    fn line_of_csv() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{1,2},[A-Z]{1,3},[a-z]{0,3}",
            "[0-9]{1,2},\"[A-Z]{1,3},[a-z]{0,3}",
            "[0-9]{1,2},\"[A-Z,]{0,3}\",\"[a-z]{0,3}\"",
            "[a-z\", ]{0,8}",
        ]
    }

    proptest! {
        #[test]
        fn every_line_belongs_to_one_row(lines in prop::collection::vec(line_of_csv(), 0..20)) {
            let text = format!("ID,Name,City\n{}", lines.join("\n"));
            let rows = read(&text);
            let mut next = 2;
            for row in &rows {
                prop_assert_eq!(row.line, next);
                next += row.lines;
            }
            prop_assert_eq!(next, text.lines().count() as u64 + 1);
        }

        #[test]
        fn no_letter_or_digit_is_lost(lines in prop::collection::vec(line_of_csv(), 0..20)) {
            let text = lines.join("\n");
            let rows = read(&format!("ID,Name,City\n{text}"));
            let visible = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let read: String = rows.iter().flat_map(|row| &row.cells).map(|cell| visible(cell)).collect();
            prop_assert_eq!(read, visible(&text));
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_every_line_is_told(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut all = b"ID,Name,City\n".to_vec();
            all.extend_from_slice(&bytes);
            if let Ok((table, rows)) = read_with(&all, &TableOptions::default()) {
                let mut next = if table.dialect().header_line == 1 { 2 } else { 1 };
                for row in rows {
                    prop_assert_eq!(row.line, next);
                    next += row.lines;
                    next += u64::from(next == table.dialect().header_line);
                }
            }
        }
    }
}

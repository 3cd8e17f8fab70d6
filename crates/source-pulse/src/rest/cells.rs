//! A page's cells as lines of CSV.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use mapping_core::error::{Error, Result};
use serde_json::value::RawValue;

/// Lines of CSV that can be read in one way alone: every cell is quoted, and a record is one line.
///
/// A line break in a cell is written as CR alone, which the reader of tables takes for a line break in a cell and never for the end of a
/// line. So it has nothing to guess, whatever a note looks like.
pub(super) struct Lines(Writer<Vec<u8>>);

impl Lines {
    pub(super) fn new() -> Self {
        let mut builder = WriterBuilder::new();
        builder.quote_style(QuoteStyle::Always).terminator(Terminator::Any(b'\n')).flexible(true);
        Self(builder.from_writer(Vec::new()))
    }

    /// The first line of a file: its columns, behind a mark that says UTF-8.
    pub(super) fn header(columns: &[String]) -> Result<Vec<u8>> {
        let mut lines = Self::new();
        for column in columns {
            lines.0.write_field(one_line(column).as_bytes()).map_err(unwritten)?;
        }
        lines.end()?;
        let mut bytes = b"\xEF\xBB\xBF".to_vec();
        bytes.extend(lines.into_bytes()?);
        Ok(bytes)
    }

    /// A row as it stands in an answer: a list of texts, numbers, truths and nulls.
    pub(super) fn row(&mut self, row: &RawValue) -> Result<()> {
        let cells: Vec<&RawValue> = serde_json::from_str(row.get())
            .map_err(|_| Error::invalid("a row is no list of cells; the bridge must be mended"))?;
        for cell in cells {
            let text = text(cell).ok_or_else(|| {
                Error::invalid("a cell is no text, number, truth or null; the bridge must be mended")
            })?;
            self.0.write_field(one_line(&text).as_bytes()).map_err(unwritten)?;
        }
        self.end()
    }

    pub(super) fn into_bytes(self) -> Result<Vec<u8>> {
        self.0.into_inner().map_err(|error| unwritten(error.into_error().into()))
    }

    fn end(&mut self) -> Result<()> {
        self.0.write_record(None::<&[u8]>).map_err(unwritten)
    }
}

/// A cell's text: a number with the very digits of the answer; truths as spreadsheets show them.
fn text(cell: &RawValue) -> Option<Cow<'_, str>> {
    let raw = cell.get();
    match raw.as_bytes() {
        [b'"', .., b'"'] if !raw.contains('\\') => raw.get(1..raw.len() - 1).map(Cow::Borrowed),
        [b'"', ..] => serde_json::from_str(raw).ok().map(Cow::Owned),
        [b'-' | b'0'..=b'9', ..] => Some(Cow::Borrowed(raw)),
        b"null" => Some(Cow::Borrowed("")),
        b"true" => Some(Cow::Borrowed("TRUE")),
        b"false" => Some(Cow::Borrowed("FALSE")),
        _ => None,
    }
}

fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(text.replace("\r\n", "\r").replace('\n', "\r"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Into memory everything can be written.
fn unwritten(cause: csv::Error) -> Error {
    Error::invalid("a row cannot be written as CSV").because(cause)
}

#[cfg(test)]
mod tests {
    use mapping_core::table::{Column, Table, TableOptions};
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    const HEADERS: [&str; 4] = ["Patient ID", "Name", "", "Notes; or others"];

    /// What a table makes of those rows, which were an answer before.
    fn through(headers: &[String], rows: &[Vec<serde_json::Value>]) -> Vec<(u64, Vec<String>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Patients.csv");
        let mut lines = Lines::new();
        for row in rows {
            let raw = serde_json::value::to_raw_value(row).unwrap();
            lines.row(&raw).unwrap();
        }
        let bytes = [Lines::header(headers).unwrap(), lines.into_bytes().unwrap()].concat();
        std::fs::write(&path, bytes).unwrap();
        let columns = [
            Column::new("id", ["Patient ID"]).required(),
            Column::new("name", ["Name"]),
            Column::new("notes", ["Notes; or others"]),
        ];
        let table = Table::open(&path, &TableOptions::default().apostrophes(false), &columns).unwrap();
        let row = |row: Result<mapping_core::table::Row>| {
            let row = row.unwrap();
            let gone = |problem: &mapping_core::table::Problem| {
                use mapping_core::table::Problem::{Control, FailedFormula, Long, Short, Undecodable};
                !matches!(
                    problem,
                    Control { .. } | FailedFormula { .. } | Undecodable { .. } | Long { .. } | Short { .. }
                )
            };
            assert!(!row.problems.iter().any(gone), "{:?}", row.problems);
            (row.line, row.cells)
        };
        table.rows().unwrap().map(row).collect()
    }

    /// A cell as tables have it: composed, without control characters, with plain line breaks.
    fn kept(text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let plain = |c: &char| (!c.is_control() || matches!(c, '\n' | '\t')) && *c != '\u{FEFF}';
        text.chars().filter(plain).nfc().collect()
    }

    fn headers() -> Vec<String> {
        HEADERS.map(str::to_owned).to_vec()
    }

    #[test]
    fn a_note_that_looks_like_rows_stays_one_cell() {
        let note =
            "seen again\nP-2,Ravi,x,y\n\"P-3\",\"Om\",\"\",\"\"\r\nPatient ID,Name,,Notes; or others\n";
        let rows = vec![vec!["P-1".into(), "Asha".into(), "".into(), note.into()]; 3];
        let expected = ["P-1", "Asha", "", &note.replace("\r\n", "\n")].map(str::to_owned).to_vec();
        let lines: Vec<_> = (2..5).map(|line| (line, expected.clone())).collect();
        assert_eq!(through(&headers(), &rows), lines);
    }

    #[test]
    fn numbers_keep_their_digits_and_nothing_is_nothing() {
        let row = r#"[12.50, 98765432109876543210, 1e3, -0.0, true, false, null, "", " 007 ", "\u0905"]"#;
        let mut lines = Lines::new();
        lines.row(&RawValue::from_string(row.to_owned()).unwrap()).unwrap();
        assert_eq!(
            String::from_utf8(lines.into_bytes().unwrap()).unwrap(),
            "\"12.50\",\"98765432109876543210\",\"1e3\",\"-0.0\",\"TRUE\",\"FALSE\",\"\",\"\",\" 007 \",\"\u{905}\"\n"
        );
    }

    #[test]
    fn what_is_no_cell_is_refused_and_not_repeated() {
        for row in [r#""canary""#, "{}", r#"["x", {"canary": 1}]"#, r#"[["canary"]]"#, r#"["canary \ud800"]"#]
        {
            let row = RawValue::from_string(row.to_owned()).unwrap();
            let error = Lines::new().row(&row).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error}");
        }
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-c\"',;|\t\r\n =+@-]{0,12}",
            "\\PC{0,6}",
            any::<String>(),
            proptest::sample::select(vec![
                "Patient ID",
                "Name",
                "",
                " ",
                "  lead",
                "=1+1",
                "'4000'",
                "\"",
                "\"\"",
                "Total",
                "#REF!",
                "\u{FEFF}x",
                "e\u{301}",
                "P-1\nP-2,b,c,d",
                "a\r\nb",
                "\r",
                "\0",
                "0012",
                ",",
                "\\",
            ])
            .prop_map(str::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn any_rows_come_back_as_the_same_cells(rows in prop::collection::vec(prop::collection::vec(cell(), 4), 0..8)) {
            let json: Vec<Vec<serde_json::Value>> =
                rows.iter().map(|row| row.iter().map(|cell| cell.clone().into()).collect()).collect();
            let found = through(&headers(), &json);
            let expected: Vec<(u64, Vec<String>)> =
                (2..).zip(rows.iter().map(|row| row.iter().map(|cell| kept(cell)).collect())).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn rows_of_any_length_stay_rows(rows in prop::collection::vec(prop::collection::vec("[a\"\n]{1,3}", 0..7), 0..6)) {
            let json: Vec<Vec<serde_json::Value>> =
                rows.iter().map(|row| row.iter().map(|cell| cell.clone().into()).collect()).collect();
            let found: Vec<_> = through(&headers(), &json).into_iter().map(|(_, cells)| cells).collect();
            let expected: Vec<Vec<String>> = rows
                .iter()
                .map(|row| if row.is_empty() { vec![String::new()] } else { row.clone() })
                .collect();
            // Blank cells beyond the last column are left off.
            let cut = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
                rows.into_iter().map(|mut row| {
                    while row.len() > 4 && row.last().is_some_and(|cell| cell.trim().is_empty()) { row.pop(); }
                    row
                }).collect()
            };
            prop_assert_eq!(cut(found), cut(expected));
        }
    }
}

//! The columns a caller knows, and the line that names them.

use unicode_normalization::char::is_combining_mark;

use super::split::split_line;
use crate::error::{Error, Result};

/// How far down a header is looked for.
pub(super) const SEARCHED: usize = 50;

/// A column a caller knows: its own name for it, and the headers under which files have it.
///
/// Headers are compared [folded](fold); the first one of the list that a file has is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    headers: Vec<String>,
    required: bool,
}

impl Column {
    /// A column that may be absent.
    pub fn new<H: Into<String>>(name: impl Into<String>, headers: impl IntoIterator<Item = H>) -> Self {
        Self { name: name.into(), headers: headers.into_iter().map(Into::into).collect(), required: false }
    }

    /// The same, as one without which the file is of no use.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The caller's name for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn position(&self, folded: &[String]) -> Option<usize> {
        self.headers
            .iter()
            .map(|header| fold(header))
            .find_map(|header| folded.iter().position(|cell| *cell == header))
    }
}

/// A header as it is compared: small letters and digits, without spaces, underscores or other signs.
///
/// ```
/// use mapping_core::table::fold;
///
/// assert_eq!(fold("Doctor Name"), fold("doctor_name"));
/// assert_eq!(fold("'DoctorName'"), "doctorname");
/// ```
#[must_use]
pub fn fold(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric() || is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The header of a file.
#[derive(Clone)]
pub(super) struct Header {
    /// Names as written; `column 7` where nothing is written.
    pub(super) names: Vec<String>,
    pub(super) folded: Vec<String>,
    /// The place of each column that the caller knows.
    pub(super) known: Vec<(String, Option<usize>)>,
}

impl Header {
    /// The header in those cells, checked.
    pub(super) fn of(cells: &[String], columns: &[Column]) -> Result<Self> {
        let folded: Vec<String> = cells.iter().map(|cell| fold(cell)).collect();
        let name = |(at, name): (usize, &String)| match name.trim() {
            "" => format!("column {}", at + 1),
            name => name.to_owned(),
        };
        let names: Vec<String> = cells.iter().enumerate().map(name).collect();
        // A name of signs alone is compared as it is.
        let compared = names
            .iter()
            .map(|name| Some(fold(name)).filter(|fold| !fold.is_empty()).unwrap_or_else(|| name.clone()));
        let compared: Vec<String> = compared.collect();
        for (at, name) in compared.iter().enumerate() {
            if let Some(first) = compared.iter().take(at).position(|other| other == name) {
                return Err(Error::invalid(format!(
                    "columns {} and {} have the same name; rename one of them, or delete it if it is the same twice",
                    first + 1,
                    at + 1
                )));
            }
        }
        let mut known = Vec::with_capacity(columns.len());
        for column in columns {
            let place = column.position(&folded);
            if place.is_none() && column.required {
                let headers = column.headers.join("', '");
                return Err(Error::config(format!(
                    "there is no column for it: looked for '{headers}'; name the column in the settings, or export again"
                ))
                .at("field", &column.name));
            }
            known.push((column.name.clone(), place));
        }
        Ok(Self { names, folded, known })
    }

    /// Whether a row is the header once more.
    pub(super) fn is(&self, cells: &[String]) -> bool {
        let last = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |at| at + 1);
        let own = self.folded.iter().rposition(|name| !name.is_empty()).map_or(0, |at| at + 1);
        last == own && cells.iter().zip(&self.folded).all(|(cell, name)| fold(cell) == *name)
    }
}

/// Where the header of a sheet is: the index of its row.
#[cfg(feature = "sheets")]
pub(super) fn find_row(rows: &[Vec<String>], columns: &[Column]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (at, cells) in rows.iter().take(SEARCHED).enumerate() {
        let found = known(cells, columns);
        if found > best.map_or(0, |(found, _)| found) {
            best = Some((found, at));
        }
    }
    best.map(|(_, at)| at)
}

/// How many known columns a row names; one where the caller knows none.
fn known(cells: &[String], columns: &[Column]) -> usize {
    let folded: Vec<String> = cells.iter().map(|cell| fold(cell)).collect();
    let found = columns.iter().filter(|column| column.position(&folded).is_some()).count();
    if columns.is_empty() { 1 } else { found }
}

/// Where the header is: the index of its line, and the delimiter under which it is one.
///
/// The line in which most of the known columns are found; of equals the uppermost, under the delimiter that comes first. A
/// caller who knows no column gets the first line that is not blank.
pub(super) fn find(lines: &[String], delimiters: &[u8], columns: &[Column]) -> Option<(usize, u8)> {
    let mut best: Option<(usize, usize, u8)> = None;
    for (at, line) in lines.iter().take(SEARCHED).enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        for &delimiter in delimiters {
            let found = known(&split_line(line, delimiter).0, columns);
            if found > best.map_or(0, |(found, ..)| found) {
                best = Some((found, at, delimiter));
            }
        }
    }
    best.map(|(_, at, delimiter)| (at, delimiter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str) -> Vec<String> {
        split_line(line, b',').0
    }

    fn columns() -> [Column; 2] {
        [Column::new("id", ["Patient ID", "Patient Number"]).required(), Column::new("doctor", ["Doctor"])]
    }

    #[test]
    fn the_header_is_the_line_with_most_known_columns() {
        let lines = ["Clinic; Doctor", "", "patient_number\tDOCTOR", "7\tRao"].map(String::from);
        assert_eq!(find(&lines, b",;\t", &columns()), Some((2, b'\t')));
        assert_eq!(find(&lines[3..], b",;\t", &columns()), None);
    }

    #[test]
    fn a_missing_column_names_its_field_and_what_was_looked_for() {
        let error = Header::of(&cells("Doctor,City"), &columns()).err().unwrap();
        assert_eq!(error.place("field"), Some("id"));
        assert!(error.message().contains("'Patient ID', 'Patient Number'"), "{error}");
    }

    #[test]
    fn a_name_twice_is_refused_and_a_blank_one_is_not() {
        let error = Header::of(&cells("Patient ID,City,patient_id"), &columns()).err().unwrap();
        assert!(error.message().contains("columns 1 and 3"), "{error}");
        for twice in ["Patient ID,#,#", "Patient ID,,Column 2"] {
            assert!(Header::of(&cells(twice), &columns()).is_err(), "{twice}");
        }
        assert_eq!(
            Header::of(&cells("Patient ID,,"), &columns()).unwrap().names,
            ["Patient ID", "column 2", "column 3"]
        );
    }

    #[test]
    fn the_header_once_more_is_known_by_all_its_cells() {
        let header = Header::of(&cells("Patient ID,Doctor,"), &columns()).unwrap();
        assert!(header.is(&cells("PATIENT_ID,Doctor")));
        assert!(header.is(&cells("Patient ID,Doctor,,")));
        assert!(!header.is(&cells("Patient ID,Doctor,x")));
        assert!(!header.is(&cells("Patient ID")));
    }
}

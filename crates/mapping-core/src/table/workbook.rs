//! Workbooks of spreadsheet programs: each sheet is a table.

use std::fmt;
use std::fs::{self, File};
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calamine::{Data, Ods, OdsError, Range, Reader, Xls, XlsError, Xlsx, XlsxError};

use super::cell::{borrowed, text_of};
use super::file::{Table, TableOptions};
use super::header::Column;
use super::package;
use super::spool::{Spool, SpoolWriter};
use crate::error::{Error, Result};

/// How many columns a sheet can have: the limit of Excel.
const WIDEST: usize = 16_384;
/// A workbook of the kinds that are read whole may have so many bytes. `.xls` ends at 65,536 rows anyway.
const LARGEST_WHOLE: u64 = 64 << 20;

/// A workbook: `.xlsx` (and `.xlsm`), `.xls` or `.ods`.
///
/// A sheet becomes a [`Table`] with the same rows that a CSV file of it would give, but for rows without any text: those are no
/// rows here. Line numbers are those of the sheet. Cells become text:
///
/// - whole numbers without a point, so that a phone number or an id that was typed as a number is one again; others with the 15 digits
///   that a spreadsheet shows, so that a sum of 0.1 and 0.2 is 0.3;
/// - dates as `2024-05-31`, dates with a time as `2024-05-31 09:30:00`, times alone as `09:30:00`, by the workbook's own calendar (1900 or
///   1904); durations as `30:15:00`;
/// - a line break in a cell is LF;
/// - `TRUE` and `FALSE`; of a formula its last result; of one that failed its sign, such as `#REF!`, with a
///   [`Problem`](super::Problem).
///
/// Of an `.xlsx` file the texts that cells share are held in memory while a sheet is read, up to 512 MiB, and nothing else; `.xls` and
/// `.ods` are read whole, up to 64 MiB of file.
///
/// # Example
///
/// ```no_run
/// use mapping_core::table::{Column, TableOptions, Workbook};
///
/// let workbook = Workbook::open("export.xlsx")?;
/// for sheet in workbook.sheets() {
///     println!("{sheet}");
/// }
/// let columns = [Column::new("id", ["Patient ID"]).required()];
/// let patients = workbook.table("Patients", &TableOptions::default(), &columns)?;
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
pub struct Workbook {
    path: PathBuf,
    name: Arc<str>,
    kind: Kind,
    sheets: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Xlsx,
    Xls,
    Ods,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "xls" => Some(Self::Xls),
            "ods" => Some(Self::Ods),
            _ => None,
        }
    }
}

impl Workbook {
    /// Whether a file is one, by its name.
    #[must_use]
    pub fn is_named(path: impl AsRef<Path>) -> bool {
        Kind::of(path.as_ref()).is_some()
    }

    /// Opens a workbook.
    ///
    /// # Errors
    ///
    /// There is no such file; it is no workbook, a damaged one, or one with a password; it is too large for its kind.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name: Arc<str> = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into();
        let told = |error: Error| error.at("file", &name);
        let kind = Kind::of(path).ok_or_else(|| {
            told(Error::config("that is no workbook by its name; give one of .xlsx, .xls or .ods"))
        })?;
        let known = fs::metadata(path).map_err(|cause| {
            told(Error::config("the workbook cannot be opened; see that it is there").because(cause))
        })?;
        if kind != Kind::Xlsx && known.len() > LARGEST_WHOLE {
            return Err(told(Error::config("the workbook is too large for its kind; save it as .xlsx")));
        }
        let sheets = guarded(|| {
            package::check(path)?;
            Ok(match kind {
                Kind::Xlsx => xlsx(path)?.sheet_names(),
                Kind::Xls => xls(path)?.sheet_names(),
                Kind::Ods => ods(path)?.sheet_names(),
            })
        });
        Ok(Self { path: path.to_owned(), kind, sheets: sheets.map_err(told)?, name })
    }

    /// The names of its sheets, in their order.
    pub fn sheets(&self) -> impl Iterator<Item = &str> {
        self.sheets.iter().map(String::as_str)
    }

    /// A sheet as a table. It is read once now, into a file among the system's temporary ones that goes with the table.
    ///
    /// # Errors
    ///
    /// There is no such sheet, it is damaged, or it has no header with the columns it must have.
    pub fn table(&self, sheet: &str, options: &TableOptions, columns: &[Column]) -> Result<Table> {
        let told = |error: Error| error.at("sheet", sheet).at("file", &self.name);
        if !self.sheets.iter().any(|known| known == sheet) {
            return Err(told(Error::config("the workbook has no such sheet")));
        }
        let spool = Spool::of(|rows| {
            guarded(|| match self.kind {
                Kind::Xlsx => stream(&mut xlsx(&self.path)?, sheet, rows),
                Kind::Xls => whole(&xls(&self.path)?.worksheet_range(sheet).map_err(told_xls)?, rows),
                Kind::Ods => whole(&ods(&self.path)?.worksheet_range(sheet).map_err(told_ods)?, rows),
            })
        });
        let name: Arc<str> = format!("{} / {sheet}", self.name).into();
        Table::of_sheet(spool.map_err(told)?, &name, options, columns).map_err(told)
    }
}

impl fmt::Debug for Workbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workbook")
            .field("file", &self.name)
            .field("sheets", &self.sheets)
            .finish_non_exhaustive()
    }
}

/// No foreign bytes are to take the program down, whatever the library makes of them.
fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(damaged()))
}

type Input = BufReader<File>;

fn xlsx(path: &Path) -> Result<Xlsx<Input>> {
    calamine::open_workbook(path).map_err(told_xlsx)
}

fn xls(path: &Path) -> Result<Xls<Input>> {
    calamine::open_workbook(path).map_err(told_xls)
}

fn ods(path: &Path) -> Result<Ods<Input>> {
    calamine::open_workbook(path).map_err(told_ods)
}

fn told_xlsx(error: XlsxError) -> Error {
    if matches!(error, XlsxError::Password) { locked() } else { damaged() }
}

fn told_xls(error: XlsError) -> Error {
    if matches!(error, XlsError::Password) { locked() } else { damaged() }
}

fn told_ods(error: OdsError) -> Error {
    if matches!(error, OdsError::Password) { locked() } else { damaged() }
}

fn locked() -> Error {
    Error::config("the workbook is protected by a password; save it without one")
}

/// The library's own text can quote a cell.
fn damaged() -> Error {
    Error::invalid("the file is no workbook of the kind its name says, or a damaged one; export it again")
}

/// Reads a sheet cell by cell.
fn stream(workbook: &mut Xlsx<Input>, sheet: &str, rows: &mut SpoolWriter<'_>) -> Result<()> {
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(told_xlsx)?;
    let (mut row, mut texts) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(told_xlsx)? {
        let (at, column) = cell.get_position();
        if at != row {
            flush(row, &mut texts, rows)?;
            row = at;
        }
        put(column as usize, text_of(cell.get_value()), &mut texts)
            .map_err(|error| error.at("line", at + 1))?;
    }
    flush(row, &mut texts, rows)
}

fn whole(range: &Range<Data>, rows: &mut SpoolWriter<'_>) -> Result<()> {
    let Some((first, left)) = range.start() else { return Ok(()) };
    let mut texts = Vec::new();
    for (row, cells) in (first..).zip(range.rows()) {
        for (column, cell) in (left as usize..).zip(cells) {
            put(column, text_of(&borrowed(cell)), &mut texts).map_err(|error| error.at("line", row + 1))?;
        }
        flush(row, &mut texts, rows)?;
    }
    Ok(())
}

/// A cell's text at its place.
fn put(column: usize, text: String, texts: &mut Vec<String>) -> Result<()> {
    if column >= WIDEST {
        return Err(damaged());
    }
    if text.is_empty() {
        return Ok(());
    }
    if texts.len() <= column {
        texts.resize(column + 1, String::new());
    }
    if let Some(place) = texts.get_mut(column) {
        *place = text;
    }
    Ok(())
}

/// A row that holds something. Sheets count from 0, people from 1.
fn flush(row: u32, texts: &mut Vec<String>, rows: &mut SpoolWriter<'_>) -> Result<()> {
    if texts.iter().any(|text| !text.trim().is_empty()) {
        rows.row(u64::from(row) + 1, texts)?;
    }
    texts.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::{ExcelDateTime as Moment, Format, Formula};
    use tempfile::TempDir;

    use super::*;
    use crate::table::{Problem, Row, RowKind};

    fn rows(table: &Table) -> Vec<Row> {
        table.rows().unwrap().collect::<Result<_>>().unwrap()
    }

    fn columns() -> [Column; 2] {
        [Column::new("id", ["Patient ID"]).required(), Column::new("born", ["Date of Birth"])]
    }

    /// A workbook of what a clinic's spreadsheets hold: numbers that were phones, dates, times, a formula that failed.
    fn clinic() -> (TempDir, PathBuf) {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("export.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("Patients").unwrap();
        sheet.write(0, 0, "Sunrise Clinic").unwrap();
        for (at, header) in
            ["Patient ID", "Name", "Mobile", "Date of Birth", "Seen", "At", "Due"].iter().enumerate()
        {
            sheet.write(2, at as u16, *header).unwrap();
        }
        let date = Format::new().set_num_format("dd/mm/yyyy");
        let moment = Format::new().set_num_format("dd/mm/yyyy hh:mm");
        let clock = Format::new().set_num_format("hh:mm");
        sheet.write(3, 0, 12).unwrap();
        sheet.write(3, 1, "Asha \u{930}\u{93e}\u{935}").unwrap();
        sheet.write(3, 2, 9_876_543_210_f64).unwrap();
        sheet.write_with_format(3, 3, Moment::from_ymd(1990, 12, 31).unwrap(), &date).unwrap();
        let seen = Moment::from_ymd(2024, 5, 31).unwrap().and_hms(9, 30, 0).unwrap();
        sheet.write_with_format(3, 4, seen, &moment).unwrap();
        sheet.write_with_format(3, 5, Moment::from_hms(17, 5, 0).unwrap(), &clock).unwrap();
        sheet.write(3, 6, Formula::new("1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(6, 0, "P-0013").unwrap();
        sheet.write(6, 5, 1234.5).unwrap();
        sheet.write(6, 1, true).unwrap();
        sheet.write_blank(9, 3, &date).unwrap();
        book.add_worksheet().set_name("Empty").unwrap();
        book.save(&path).unwrap();
        (dir, path)
    }

    #[test]
    fn a_sheet_is_a_table_with_the_sheets_own_line_numbers() {
        let (_dir, path) = clinic();
        let workbook = Workbook::open(&path).unwrap();
        assert_eq!(workbook.sheets().collect::<Vec<_>>(), ["Patients", "Empty"]);
        let table = workbook.table("Patients", &TableOptions::default(), &columns()).unwrap();
        assert_eq!((table.dialect().header_line, &table.dialect().text), (3, &None));
        assert_eq!((&**table.file(), table.position("born")), ("export.xlsx / Patients", Some(3)));
        let all = rows(&table);
        let kinds: Vec<_> = all.iter().map(|row| (row.line, row.kind)).collect();
        assert_eq!(kinds, [(1, RowKind::Preamble), (4, RowKind::Data), (7, RowKind::Data)]);
        assert_eq!(
            all[1].cells,
            [
                "12",
                "Asha \u{930}\u{93e}\u{935}",
                "9876543210",
                "1990-12-31",
                "2024-05-31 09:30:00",
                "17:05:00",
                "#DIV/0!"
            ]
        );
        assert_eq!(all[1].problems, [Problem::FailedFormula { column: 6 }]);
        assert_eq!((all[2].cell(0), all[2].cell(1), all[2].cell(5)), ("P-0013", "TRUE", "1234.5"));
        assert_eq!(all[2].problems, [], "no cell is missing where nothing was typed");
        assert_eq!(rows(&table), all, "as often as wanted");
    }

    #[test]
    fn an_open_document_is_read_too() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("export.ods");
        let content = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content
            xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
            xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet><table:table table:name="Patients">
            <table:table-row><table:table-cell office:value-type="string"><text:p>Patient ID</text:p></table:table-cell>
            <table:table-cell office:value-type="string"><text:p>Date of Birth</text:p></table:table-cell></table:table-row>
            <table:table-row><table:table-cell office:value-type="float" office:value="12"><text:p>12</text:p></table:table-cell>
            <table:table-cell office:value-type="date" office:date-value="1990-12-31"><text:p>31/12/90</text:p></table:table-cell></table:table-row>
            </table:table></office:spreadsheet></office:body></office:document-content>"#;
        // Spreadsheet programs put no blanks between the elements.
        let content: String =
            content.lines().map(str::trim).collect::<Vec<_>>().join(" ").replace("> <", "><");
        let kind = "application/vnd.oasis.opendocument.spreadsheet";
        let manifest = format!(
            r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>"#
        );
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, text) in
            [("mimetype", kind), ("content.xml", &content), ("META-INF/manifest.xml", &manifest)]
        {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let table =
            Workbook::open(&path).unwrap().table("Patients", &TableOptions::default(), &columns()).unwrap();
        let all = rows(&table);
        assert_eq!(
            (all.len(), all[0].line, &all[0].cells[..]),
            (1, 2, &["12".to_owned(), "1990-12-31".to_owned()][..])
        );
    }

    #[test]
    fn what_cannot_be_read_says_where_and_what_to_do() {
        let (dir, path) = clinic();
        let workbook = Workbook::open(&path).unwrap();
        let error =
            |sheet| workbook.table(sheet, &TableOptions::default(), &columns()).unwrap_err().to_string();
        assert_eq!(error("Empty"), "the sheet is empty; export it again (sheet Empty) (file export.xlsx)");
        assert!(error("Staff").contains("no such sheet"));
        let other = [Column::new("id", ["Staff ID"]).required()];
        let error = workbook.table("Patients", &TableOptions::default(), &other).unwrap_err();
        assert!(error.message().contains("no header"), "{error}");

        assert!(
            Workbook::open(dir.path().join("gone.xlsx")).unwrap_err().message().contains("cannot be opened")
        );
        for name in ["notes.txt", "export.csv"] {
            assert!(!Workbook::is_named(name));
            assert!(Workbook::open(dir.path().join(name)).is_err());
        }
        for name in ["broken.xlsx", "broken.xls", "broken.ods"] {
            let broken = dir.path().join(name);
            fs::write(&broken, b"Patient ID\nP-1\n").unwrap();
            let error = Workbook::open(&broken).unwrap_err();
            assert!(error.message().contains("damaged"), "{error}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]

        #[test]
        fn no_damage_makes_it_panic(at: usize, byte: u8, cut: usize) {
            let (_dir, path) = clinic();
            let mut bytes = fs::read(&path).unwrap();
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len() - cut % (bytes.len() / 4));
            fs::write(&path, &bytes).unwrap();
            if let Ok(workbook) = Workbook::open(&path) {
                drop(workbook.table("Patients", &TableOptions::default(), &columns()));
            }
        }
    }
}

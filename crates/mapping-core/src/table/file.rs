//! A file, opened: its dialect and its columns.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::dialect::{Apostrophes, Dialect, LineEnd, TextDialect, by_consistency};
use super::encoding;
use super::header::{self, Column, Header, SEARCHED};
use super::lines::Lines;
use super::rows::{Layout, RowKind, Rows};
use super::split::split_line;
#[cfg(feature = "sheets")]
use super::spool::Spool;
use crate::error::{Error, Result};

/// How much of a file is looked at for its delimiter, line ends and header.
const SAMPLE: u64 = 1 << 18;
/// How many rows are looked at for apostrophes.
const SAMPLE_ROWS: usize = 200;

/// What a person knows better than a guess. Everything may be left out.
///
/// ```
/// use mapping_core::table::TableOptions;
///
/// let options: TableOptions = toml::from_str("encoding = 'windows-1252'\ndelimiter = ';'")?;
/// assert_eq!(options, TableOptions::default().encoding("windows-1252").delimiter(';'));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TableOptions {
    /// The encoding's name on the web: `utf-8`, `windows-1252`. Found out where it is not set.
    pub encoding: Option<String>,
    /// What stands between two cells. Found out where it is not set.
    pub delimiter: Option<char>,
    /// Whether all values are wrapped in apostrophes. Found out where it is not set.
    pub apostrophes: Option<bool>,
    /// Over how many lines a quoted cell may go before its quote is taken for text. 200,000 where it is not set.
    pub max_cell_lines: usize,
    /// How many bytes of text a line or a quoted cell may hold. 64 MiB where it is not set.
    pub max_cell_bytes: usize,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            delimiter: None,
            apostrophes: None,
            max_cell_lines: 200_000,
            max_cell_bytes: 64 << 20,
        }
    }
}

impl TableOptions {
    /// The same, in that encoding.
    #[must_use]
    pub fn encoding(mut self, name: impl Into<String>) -> Self {
        self.encoding = Some(name.into());
        self
    }

    /// The same, with that delimiter.
    #[must_use]
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// The same, with all values wrapped in apostrophes, or none.
    #[must_use]
    pub fn apostrophes(mut self, apostrophes: bool) -> Self {
        self.apostrophes = Some(apostrophes);
        self
    }

    /// The same, with that many lines in a quoted cell at most.
    #[must_use]
    pub fn max_cell_lines(mut self, lines: usize) -> Self {
        self.max_cell_lines = lines;
        self
    }

    /// The same, with that many bytes in a line or a quoted cell at most.
    #[must_use]
    pub fn max_cell_bytes(mut self, bytes: usize) -> Self {
        self.max_cell_bytes = bytes;
        self
    }
}

/// A CSV file, or a workbook's sheet, whose dialect and columns are known. The [module](super) has an example.
pub struct Table {
    source: Source,
    dialect: Dialect,
    layout: Arc<Layout>,
}

/// Where the rows are.
enum Source {
    Text {
        path: PathBuf,
        encoding: &'static Encoding,
        ends_with_cr: bool,
        stamp: (u64, Option<SystemTime>),
    },
    #[cfg(feature = "sheets")]
    Sheet(Spool),
}

impl Table {
    /// Opens a file, finds out how it is written and where its columns are.
    ///
    /// The file is read through once for its encoding, unless that is set or marked.
    ///
    /// # Errors
    ///
    /// There is no such file or it cannot be read; it is empty or no text; an option is none; it has no header, a column twice
    /// or not the columns it must have. The file's name and the line are told.
    pub fn open(path: impl AsRef<Path>, options: &TableOptions, columns: &[Column]) -> Result<Self> {
        let path = path.as_ref();
        let name: Arc<str> = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into();
        Self::judge(path, &name, options, columns).map_err(|error| error.at("file", &name))
    }

    /// How the file is written.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &Arc<str> {
        &self.layout.file
    }

    /// The names of all columns as written; `column 7` where the header has none.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.layout.header.names
    }

    /// Where a column is that the caller knows, if the file has it.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.layout.header.known.iter().find(|(known, _)| known == column)?.1
    }

    /// The columns that the caller does not know: their places and names.
    pub fn extra(&self) -> impl Iterator<Item = (usize, &str)> {
        let header = &self.layout.header;
        let known = |at: usize| header.known.iter().any(|(_, place)| *place == Some(at));
        header.names.iter().map(String::as_str).enumerate().filter(move |(at, _)| !known(*at))
    }

    /// The rows, from the first.
    ///
    /// # Errors
    ///
    /// The file is gone, or is another than it was when it was opened.
    pub fn rows(&self) -> Result<Rows> {
        let told = |error: Error| error.at("file", &self.layout.file);
        let layout = self.layout.clone();
        match &self.source {
            Source::Text { path, encoding, ends_with_cr, stamp: known } => {
                let file = File::open(path).map_err(|cause| told(encoding::unreadable(cause)))?;
                if stamp(&file).map_err(told)? != *known {
                    return Err(told(Error::config("the file has changed since it was opened; start again")));
                }
                let lines = Lines::new(file, encoding, *ends_with_cr, layout.max_cell_bytes);
                Ok(Rows::of_text(lines, layout))
            }
            #[cfg(feature = "sheets")]
            Source::Sheet(spool) => Ok(Rows::of_sheet(spool.rows().map_err(told)?, layout)),
        }
    }

    /// A sheet whose rows were set aside.
    #[cfg(feature = "sheets")]
    pub(super) fn of_sheet(
        spool: Spool,
        name: &Arc<str>,
        options: &TableOptions,
        columns: &[Column],
    ) -> Result<Self> {
        let mut first = Vec::new();
        let mut rows = spool.rows()?;
        while first.len() < SEARCHED
            && let Some(row) = rows.next()?
        {
            first.push(row);
        }
        let (numbers, cells): (Vec<u64>, Vec<Vec<String>>) = first.into_iter().unzip();
        if cells.is_empty() {
            return Err(Error::invalid("the sheet is empty; export it again"));
        }
        let at = header::find_row(&cells, columns).ok_or_else(no_known_column)?;
        let header_line = numbers.get(at).copied().unwrap_or_default();
        let header = Header::of(cells.get(at).map(Vec::as_slice).unwrap_or_default(), columns)
            .map_err(|error| error.at("line", header_line))?;
        let table = Self {
            source: Source::Sheet(spool),
            dialect: Dialect { text: None, header_line, apostrophes: Apostrophes::None },
            layout: Arc::new(Layout {
                file: name.clone(),
                header,
                header_line,
                delimiter: b',',
                apostrophes: Apostrophes::None,
                max_cell_lines: options.max_cell_lines,
                max_cell_bytes: options.max_cell_bytes,
            }),
        };
        table.with_apostrophes(options.apostrophes)
    }

    fn judge(path: &Path, name: &Arc<str>, options: &TableOptions, columns: &[Column]) -> Result<Self> {
        let set = options.encoding.as_deref().map(encoding::by_name).transpose()?;
        let delimiter = options.delimiter.map(delimiter).transpose()?;
        let mut file = File::open(path).map_err(|cause| {
            Error::config("the file cannot be opened; see that it is there").because(cause)
        })?;
        let stamp = stamp(&file)?;
        let (encoding, encoding_from) = encoding::find(&mut file, set)?;
        let (line_end, lines) = sample(&mut file, encoding)?;

        let delimiters = delimiter.map_or_else(|| by_consistency(&lines), |delimiter| vec![delimiter]);
        let (at, delimiter) = header::find(&lines, &delimiters, columns).ok_or_else(|| no_header(&lines))?;
        let (cells, _) = lines.get(at).map(|line| split_line(line, delimiter)).unwrap_or_default();
        let header_line = at as u64 + 1;
        let header = Header::of(&cells, columns).map_err(|error| error.at("line", header_line))?;
        let layout = Layout {
            file: name.clone(),
            header,
            header_line,
            delimiter,
            apostrophes: Apostrophes::None,
            max_cell_lines: options.max_cell_lines,
            max_cell_bytes: options.max_cell_bytes,
        };
        let text =
            TextDialect { encoding: encoding.name(), encoding_from, delimiter: delimiter.into(), line_end };
        let dialect = Dialect { text: Some(text), header_line, apostrophes: Apostrophes::None };
        let ends_with_cr = line_end == LineEnd::Cr;
        let source = Source::Text { path: path.to_owned(), encoding, ends_with_cr, stamp };
        Self { source, dialect, layout: Arc::new(layout) }.with_apostrophes(options.apostrophes)
    }

    /// The same, with the apostrophes that a person named, or that its first rows show.
    fn with_apostrophes(mut self, set: Option<bool>) -> Result<Self> {
        let apostrophes = match set {
            Some(true) => Apostrophes::All,
            Some(false) => Apostrophes::None,
            None => self.find_apostrophes()?,
        };
        self.layout = Arc::new(Layout { apostrophes: apostrophes.clone(), ..Layout::clone(&self.layout) });
        self.dialect.apostrophes = apostrophes;
        Ok(self)
    }

    fn find_apostrophes(&self) -> Result<Apostrophes> {
        let mut rows = Vec::new();
        for row in self.rows()?.take(SAMPLE_ROWS) {
            let row = row?;
            if row.kind == RowKind::Data {
                rows.push(row.cells);
            }
        }
        Ok(Apostrophes::find(rows.iter().map(Vec::as_slice)))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("file", &self.layout.file)
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

fn delimiter(delimiter: char) -> Result<u8> {
    u8::try_from(delimiter)
        .ok()
        .filter(|byte| {
            byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r' | b' ')
        })
        .ok_or_else(|| Error::config("that cannot stand between cells; use one like , ; | or a tab"))
}

fn stamp(file: &File) -> Result<(u64, Option<SystemTime>)> {
    let known = file.metadata().map_err(encoding::unreadable)?;
    if known.is_dir() {
        return Err(Error::config("that is a folder, not a file"));
    }
    Ok((known.len(), known.modified().ok()))
}

/// What ends a line, and the first lines. Never the last one if it may be cut short.
fn sample(file: &mut File, encoding: &'static Encoding) -> Result<(LineEnd, Vec<String>)> {
    let mut bytes = Vec::new();
    file.take(SAMPLE).read_to_end(&mut bytes).map_err(encoding::unreadable)?;
    let line_end = LineEnd::find(&encoding.decode(&bytes).0);
    let mut lines = Lines::new(&bytes[..], encoding, line_end == LineEnd::Cr, usize::MAX);
    let mut all = Vec::new();
    while let Some((_, line)) = lines.next()? {
        all.push(line);
    }
    if bytes.len() as u64 == SAMPLE && all.len() > 1 {
        all.pop();
    }
    Ok((line_end, all))
}

fn no_header(lines: &[String]) -> Error {
    if lines.iter().all(|line| line.trim().is_empty()) {
        return Error::invalid("the file holds nothing but blank lines; export it again");
    }
    no_known_column()
}

fn no_known_column() -> Error {
    Error::config(format!(
        "no header was found: none of the first {SEARCHED} lines holds a known column; name the columns in the settings"
    ))
}

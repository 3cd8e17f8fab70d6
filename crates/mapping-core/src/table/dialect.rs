//! How a file is written, as far as its beginning tells.

use std::collections::BTreeMap;

use super::split::split_line;

/// What stands between two cells, the likeliest first.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";

/// How a file is written. For people: it belongs in the report, so that a wrong guess is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dialect {
    /// How its text is written; none where it is no text but a workbook's sheet.
    pub text: Option<TextDialect>,
    /// The header's line, counted from 1. What stands above is no data.
    pub header_line: u64,
    /// Whether values are wrapped in apostrophes, which are taken off.
    pub apostrophes: Apostrophes,
}

/// How a text file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextDialect {
    /// The encoding's name on the web: `UTF-8`, `windows-1252`.
    pub encoding: &'static str,
    /// How the encoding was found.
    pub encoding_from: EncodingFrom,
    /// What stands between two cells.
    pub delimiter: char,
    /// What ends a line.
    pub line_end: LineEnd,
}

/// How an encoding was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodingFrom {
    /// The caller set it.
    Set,
    /// The file begins with a byte order mark.
    Mark,
    /// Every other byte is zero.
    Pattern,
    /// All of the file is valid UTF-8.
    Valid,
    /// Nearly all of it is; single bytes are damaged, and flagged where they stand.
    Damaged,
    /// A guess from the frequency of its bytes.
    Guessed,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineEnd {
    /// LF.
    Lf,
    /// CR LF, at least mostly: line breaks inside cells are often LF alone.
    CrLf,
    /// CR alone.
    Cr,
}

/// Which values are wrapped in apostrophes, as in `'4000'`. Seen in the exports of a peer product.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Apostrophes {
    /// None.
    None,
    /// Those of these columns, counted from 0.
    Columns(Vec<usize>),
    /// All.
    All,
}

impl Apostrophes {
    /// Judges by the cells of the first rows: more than half of all that are not blank, or of a column's.
    pub(super) fn find<'a>(rows: impl Iterator<Item = &'a [String]>) -> Self {
        let mut columns: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
        for (at, cell) in rows.flat_map(|cells| cells.iter().enumerate()) {
            if !cell.trim().is_empty() {
                let (wrapped, all) = columns.entry(at).or_default();
                *wrapped += u32::from(unwrapped(cell).is_some());
                *all += 1;
            }
        }
        let (wrapped, all) =
            columns.values().fold((0, 0), |sum, column| (sum.0 + column.0, sum.1 + column.1));
        if wrapped * 2 > all {
            return Self::All;
        }
        let columns = columns.into_iter().filter(|(_, (wrapped, all))| *wrapped >= 3 && wrapped * 2 > *all);
        match columns.map(|(at, _)| at).collect::<Vec<_>>() {
            columns if columns.is_empty() => Self::None,
            columns => Self::Columns(columns),
        }
    }

    pub(super) fn has(&self, column: usize) -> bool {
        match self {
            Self::None => false,
            Self::Columns(columns) => columns.contains(&column),
            Self::All => true,
        }
    }
}

/// What stands between two apostrophes.
pub(super) fn unwrapped(cell: &str) -> Option<&str> {
    cell.trim().strip_prefix('\'')?.strip_suffix('\'')
}

impl LineEnd {
    pub(super) fn find(sample: &str) -> Self {
        let lf = sample.bytes().filter(|byte| *byte == b'\n').count();
        if lf == 0 && sample.contains('\r') {
            return Self::Cr;
        }
        let crlf = sample.as_bytes().windows(2).filter(|pair| pair == b"\r\n").count();
        if crlf > 0 && crlf * 2 >= lf { Self::CrLf } else { Self::Lf }
    }
}

/// The delimiters, with the one under which most lines have the same number of cells, and more than one, in front.
pub(super) fn by_consistency(lines: &[String]) -> Vec<u8> {
    let agreeing = |delimiter: u8| {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for line in lines.iter().take(100) {
            let cells = split_line(line, delimiter).0.len();
            if cells > 1 {
                *counts.entry(cells).or_default() += 1;
            }
        }
        counts.into_values().max().unwrap_or(0)
    };
    let mut delimiters = DELIMITERS.to_vec();
    delimiters.sort_by_key(|delimiter| std::cmp::Reverse(agreeing(*delimiter)));
    delimiters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    #[test]
    fn the_delimiter_is_the_one_lines_agree_on_outside_of_quotes() {
        assert_eq!(by_consistency(&lines("a;b\n\"1;2;3\";2,5\n1;2,5"))[0], b';');
        assert_eq!(by_consistency(&lines("a\tb,c\n1\t2\n3\t4"))[0], b'\t');
        assert_eq!(by_consistency(&lines("a|b\n1|2"))[0], b'|');
        assert_eq!(by_consistency(&lines("a\nb"))[0], b',');
    }

    #[test]
    fn apostrophes_are_wrappers_only_where_most_values_have_them() {
        let rows =
            |text: &str| -> Vec<Vec<String>> { text.lines().map(|line| split_line(line, b',').0).collect() };
        let found = |text: &str| Apostrophes::find(rows(text).iter().map(Vec::as_slice));
        assert_eq!(found("'1','Asha'\n'2',\nTotal,2"), Apostrophes::All);
        assert_eq!(found("1,'Asha',x\n2,'Ravi',x\n3,'Om',x"), Apostrophes::Columns(vec![1]));
        assert_eq!(found("1,'Asha',x\n2,O'Brien,x\n3,D'Souza',x"), Apostrophes::None);
        assert_eq!(found(""), Apostrophes::None);
    }

    #[test]
    fn line_ends_are_told_apart() {
        assert_eq!(LineEnd::find("a\nb"), LineEnd::Lf);
        assert_eq!(LineEnd::find("a\r\nb \n c\r\n"), LineEnd::CrLf);
        assert_eq!(LineEnd::find("a\rb"), LineEnd::Cr);
        assert_eq!(LineEnd::find("a"), LineEnd::Lf);
    }
}

//! A record's cells, and what its quotes mean.

/// The cells of a record as they are read, line by line.
///
/// Lenient: a quote inside a quoted cell that is neither doubled nor at the cell's end is text, as in `"Asha "Asu" Rao"`.
pub(super) struct Splitter {
    delimiter: u8,
    pub(super) cells: Vec<String>,
    cell: String,
    open: bool,
    /// Whether a quote stood where none may stand.
    pub(super) stray: bool,
    /// Whether a quote inside a quoted cell stood where another cell would open.
    pub(super) opens_another: bool,
}

impl Splitter {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            cells: Vec::new(),
            cell: String::new(),
            open: false,
            stray: false,
            opens_another: false,
        }
    }

    /// Reads a line; the second and later ones go on in the open cell. Whether the record ends with it.
    pub(super) fn feed(&mut self, line: &str) -> bool {
        let delimiter = char::from(self.delimiter);
        if self.open {
            self.cell.push('\n');
        }
        let mut rest = line;
        loop {
            if !self.open {
                if let Some(inside) = rest.trim_start_matches(' ').strip_prefix('"') {
                    self.open = true;
                    rest = inside;
                    continue;
                }
                let (cell, after) = cut(rest, delimiter);
                self.stray |= cell.contains('"');
                self.cells.push(cell.to_owned());
                match after {
                    Some(after) => rest = after,
                    None => return true,
                }
                continue;
            }
            let Some((inside, after)) = rest.split_once('"') else {
                self.cell.push_str(rest);
                return false;
            };
            self.cell.push_str(inside);
            if let Some(after) = after.strip_prefix('"') {
                self.cell.push('"');
                rest = after;
            } else if let Some(next) = closes(after, delimiter) {
                self.cells.push(std::mem::take(&mut self.cell));
                self.open = false;
                match next {
                    Some(next) => rest = next,
                    None => return true,
                }
            } else {
                let at = line.len() - after.len() - 1;
                let before = line.as_bytes().get(..at).unwrap_or_default().last();
                self.opens_another |= before.is_none_or(|byte| *byte == self.delimiter);
                self.stray = true;
                self.cell.push('"');
                rest = after;
            }
        }
    }
}

/// A line as a record of its own. Strict: a quote opens a cell only if the cell ends, properly, at its very next quote; all
/// others are text. The second part says whether there were others.
pub(super) fn split_line(line: &str, delimiter: u8) -> (Vec<String>, bool) {
    let delimiter = char::from(delimiter);
    let (mut cells, mut stray, mut rest) = (Vec::new(), false, line);
    loop {
        let quoted =
            rest.trim_start_matches(' ').strip_prefix('"').and_then(|inside| whole(inside, delimiter));
        let after = match quoted {
            Some((cell, after)) => {
                cells.push(cell);
                after
            }
            None => {
                let (cell, after) = cut(rest, delimiter);
                stray |= cell.contains('"');
                cells.push(cell.to_owned());
                after
            }
        };
        match after {
            Some(after) => rest = after,
            None => return (cells, stray),
        }
    }
}

/// A quoted cell that ends properly on its line, and what follows its delimiter.
fn whole(inside: &str, delimiter: char) -> Option<(String, Option<&str>)> {
    let (mut cell, mut rest) = (String::new(), inside);
    loop {
        let (text, after) = rest.split_once('"')?;
        cell.push_str(text);
        match after.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => return Some((cell, closes(after, delimiter)?)),
        }
    }
}

/// What follows the delimiter after a closing quote; `None` where the quote closes nothing.
fn closes(after: &str, delimiter: char) -> Option<Option<&str>> {
    let after = after.trim_start_matches(' ');
    if after.is_empty() { Some(None) } else { after.strip_prefix(delimiter).map(Some) }
}

fn cut(rest: &str, delimiter: char) -> (&str, Option<&str>) {
    match rest.split_once(delimiter) {
        Some((cell, after)) => (cell, Some(after)),
        None => (rest, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lenient(lines: &[&str]) -> (Vec<String>, bool) {
        let mut splitter = Splitter::new(b',');
        for (n, line) in lines.iter().enumerate() {
            assert_eq!(splitter.feed(line), n + 1 == lines.len(), "{line}");
        }
        (splitter.cells, splitter.stray)
    }

    #[test]
    fn cells_end_where_they_should() {
        assert_eq!(lenient(&["a,,\"b, c\",\"d \"\"e\"\"\","]).0, ["a", "", "b, c", "d \"e\"", ""]);
        assert_eq!(lenient(&["a,\"b", "", "c\",d"]).0, ["a", "b\n\nc", "d"]);
        assert_eq!(lenient(&["a, \"b, c\" ,d"]), (vec!["a".into(), "b, c".into(), "d".into()], false));
        assert_eq!(lenient(&[""]).0, [""]);
    }

    #[test]
    fn quotes_in_the_wrong_place_stay_and_are_noticed() {
        assert_eq!(lenient(&["a,Pune \"Camp,c"]), (vec!["a".into(), "Pune \"Camp".into(), "c".into()], true));
        assert_eq!(lenient(&["\"Asha \"Asu\" Rao\",b"]), (vec!["Asha \"Asu\" Rao".into(), "b".into()], true));
        let (cells, stray) = split_line("a,\"5\" tall,\"Rao, A\",\"open", b',');
        assert_eq!(cells, ["a", "\"5\" tall", "Rao, A", "\"open"]);
        assert!(stray);
    }

    proptest! {
        #[test]
        fn well_formed_records_are_read_as_the_csv_crate_reads_them(
            records in prop::collection::vec(prop::collection::vec("[ab,\"\n;é]{0,6}", 1..5), 1..5)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let mut read = Vec::new();
            let mut splitter = Splitter::new(b',');
            for line in text.lines() {
                if splitter.feed(line) {
                    prop_assert!(!splitter.stray);
                    read.push(std::mem::replace(&mut splitter, Splitter::new(b',')).cells);
                }
            }
            prop_assert_eq!(read, records);
        }

        #[test]
        fn no_visible_character_of_a_line_is_lost(line in "[a,\" b]{0,30}") {
            let text = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            let (cells, _) = split_line(&line, b',');
            prop_assert_eq!(text(&cells.concat()), text(&line));
        }
    }
}

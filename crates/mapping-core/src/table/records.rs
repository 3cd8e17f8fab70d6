//! The records of a text: which lines belong together. The [module](super) tells how quotes are judged.

use std::collections::VecDeque;
use std::fs::File;
use std::sync::Arc;

use super::lines::Lines;
use super::rows::{Layout, Problem, Row, TELLING_WIDTH};
use super::split::{Splitter, split_line};
use crate::error::Result;

/// The records of a text file.
pub(super) struct TextRecords {
    lines: Lines<File>,
    /// Lines that were looked at and not taken.
    ahead: VecDeque<(u64, String)>,
    layout: Arc<Layout>,
    /// How many lines an open quote is followed. Halved each time it led nowhere, so that a file full of them is not read
    /// over and over.
    pub(super) patience: usize,
}

impl TextRecords {
    pub(super) fn new(lines: Lines<File>, layout: Arc<Layout>) -> Self {
        let patience = layout.max_cell_lines;
        Self { lines, ahead: VecDeque::new(), layout, patience }
    }

    /// Whether there is no other line.
    pub(super) fn is_at_end(&mut self) -> Result<bool> {
        let next = self.line()?;
        let is_at_end = next.is_none();
        next.into_iter().for_each(|line| self.ahead.push_front(line));
        Ok(is_at_end)
    }

    /// The next record.
    pub(super) fn row(&mut self) -> Result<Option<Row>> {
        let Some((mut line, mut text)) = self.line()? else { return Ok(None) };
        if line == self.layout.header_line {
            match self.line()? {
                Some(next) => (line, text) = next,
                None => return Ok(None),
            }
        }
        if line < self.layout.header_line || !text.contains('"') {
            let (cells, stray) = split_line(&text, self.layout.delimiter);
            return Ok(Some(self.layout.row(line, 1, cells, stray.then_some(Problem::StrayQuote))));
        }
        self.quoted(line, text).map(Some)
    }

    /// Reads a record with quotes. The module says how strays are told.
    fn quoted(&mut self, line: u64, text: String) -> Result<Row> {
        let layout = self.layout.clone();
        let width = layout.header.names.len();
        let mut record = Splitter::new(layout.delimiter);
        let closed = record.feed(&text);
        if closed && !record.stray {
            return Ok(layout.row(line, 1, record.cells, None));
        }
        let (alone, alone_stray) = split_line(&text, layout.delimiter);
        if closed {
            let cells =
                if record.cells.len() != width && alone.len() == width { alone } else { record.cells };
            return Ok(layout.row(line, 1, cells, Some(Problem::StrayQuote)));
        }

        let full_alone = alone.len() >= width;
        let (mut taken, mut bytes, mut rows_inside) = (Vec::new(), text.len(), 0);
        let found = loop {
            if taken.len() >= self.patience || bytes > layout.max_cell_bytes {
                self.patience = (self.patience / 2).max(16);
                break None;
            }
            let Some((number, next)) = self.line()? else {
                self.patience = (self.patience / 2).max(16);
                break None;
            };
            let closed = record.feed(&next);
            let is_row = width >= TELLING_WIDTH && split_line(&next, layout.delimiter).0.len() == width;
            bytes += next.len();
            taken.push((number, next));
            // The line on which the cell closes may hold the rest of the row, which is a full row only by chance.
            rows_inside += usize::from(is_row && (full_alone || !closed));
            let doubtful = rows_inside > 0 && (full_alone || (closed && record.cells.len() != width));
            if doubtful || record.opens_another {
                break None;
            }
            if closed {
                break Some(());
            }
        };
        if found.is_none() {
            taken.into_iter().rev().for_each(|line| self.ahead.push_front(line));
            return Ok(layout.row(line, 1, alone, alone_stray.then_some(Problem::StrayQuote)));
        }
        let problem = match (rows_inside, record.stray) {
            (1.., _) => Some(Problem::SuspectedJoin),
            (0, true) => Some(Problem::StrayQuote),
            (0, false) => None,
        };
        Ok(layout.row(line, 1 + taken.len() as u64, record.cells, problem))
    }

    fn line(&mut self) -> Result<Option<(u64, String)>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }
}

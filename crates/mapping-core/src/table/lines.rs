//! The physical lines of a file, decoded.

use std::io::{BufReader, Read};

use encoding_rs::{Decoder, Encoding};

use super::encoding::unreadable;
use crate::error::{Error, Result};

const CHUNK: usize = 1 << 16;

/// Lines without their ends, numbered from 1.
///
/// A line ends with LF or CR LF; with CR alone only where the file has no LF. A CR that stands elsewhere is a line break
/// inside a cell and becomes LF.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    decoder: Decoder,
    /// What is decoded and not yet given out starts at `at`; up to `searched` it holds no end of a line.
    text: String,
    at: usize,
    searched: usize,
    ended: bool,
    cr_ends: bool,
    max_bytes: usize,
    line: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R, encoding: &'static Encoding, cr_ends: bool, max_bytes: usize) -> Self {
        Self {
            input: BufReader::with_capacity(CHUNK, input),
            decoder: encoding.new_decoder_with_bom_removal(),
            text: String::new(),
            at: 0,
            searched: 0,
            ended: false,
            cr_ends,
            max_bytes,
            line: 0,
        }
    }

    /// The next line and its number.
    pub(super) fn next(&mut self) -> Result<Option<(u64, String)>> {
        loop {
            if let Some((end, next)) = self.find_end() {
                let line = self.take(end);
                self.at = next;
                self.searched = next;
                return Ok(Some((self.line, line)));
            }
            if self.ended {
                if self.at == self.text.len() {
                    return Ok(None);
                }
                let line = self.take(self.text.len());
                self.at = self.text.len();
                return Ok(Some((self.line, line)));
            }
            self.read_on()?;
        }
    }

    /// Where the line ends, and where the next begins.
    fn find_end(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let is_end = |byte: &u8| *byte == b'\n' || (self.cr_ends && *byte == b'\r');
        let Some(found) = bytes.get(self.searched..)?.iter().position(is_end) else {
            self.searched = bytes.len();
            return None;
        };
        let end = self.searched + found;
        if bytes.get(end) == Some(&b'\n') {
            let before = end.checked_sub(1).filter(|at| *at >= self.at && bytes.get(*at) == Some(&b'\r'));
            return Some((before.unwrap_or(end), end + 1));
        }
        match bytes.get(end + 1) {
            Some(b'\n') => Some((end, end + 2)),
            Some(_) => Some((end, end + 1)),
            None if self.ended => Some((end, end + 1)),
            None => {
                self.searched = end;
                None
            }
        }
    }

    fn take(&mut self, end: usize) -> String {
        self.line += 1;
        let line = self.text.get(self.at..end).unwrap_or_default();
        if line.contains('\r') { line.replace('\r', "\n") } else { line.to_owned() }
    }

    fn read_on(&mut self) -> Result<()> {
        self.text.drain(..self.at);
        self.searched -= self.at;
        self.at = 0;
        if self.text.len() > self.max_bytes {
            return Err(Error::invalid(
                "a line is longer than the limit; see that the file is CSV, or raise the limit of bytes in a cell",
            )
            .at("line", self.line + 1));
        }
        let mut bytes = Vec::with_capacity(CHUNK);
        self.input.by_ref().take(CHUNK as u64).read_to_end(&mut bytes).map_err(unreadable)?;
        self.ended = bytes.is_empty();
        // No length means more than the address space can hold; then the next reservation would fail anyway.
        self.text.reserve(self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(3 * CHUNK));
        let mut rest = &bytes[..];
        loop {
            let (result, read, _) = self.decoder.decode_to_string(rest, &mut self.text, self.ended);
            rest = rest.get(read..).unwrap_or_default();
            match result {
                encoding_rs::CoderResult::InputEmpty => return Ok(()),
                encoding_rs::CoderResult::OutputFull => self.text.reserve(CHUNK),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, UTF_16LE, WINDOWS_1252};
    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8], encoding: &'static Encoding, cr_ends: bool) -> Vec<String> {
        let mut lines = Lines::new(bytes, encoding, cr_ends, 1 << 20);
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            all.push(line);
            assert_eq!(number, all.len() as u64);
        }
        all
    }

    #[test]
    fn every_kind_of_end_is_one() {
        assert_eq!(lines(b"a\nb\r\nc", UTF_8, false), ["a", "b", "c"]);
        assert_eq!(lines(b"a\rb\r\nc\r", UTF_8, true), ["a", "b", "c"]);
        assert_eq!(lines(b"a\rb\nc\n\n", UTF_8, false), ["a\nb", "c", ""]);
        assert!(lines(b"", UTF_8, false).is_empty());
    }

    #[test]
    fn a_mark_is_no_text_and_bytes_are_decoded() {
        assert_eq!(lines(b"\xEF\xBB\xBFa\n", UTF_8, false), ["a"]);
        assert_eq!(lines(b"\xFF\xFEa\0\n\0b\0", UTF_16LE, false), ["a", "b"]);
        assert_eq!(lines(b"Ren\xE9e", WINDOWS_1252, false), ["Renée"]);
        assert_eq!(lines(b"Ren\xE9e", UTF_8, false), ["Ren\u{FFFD}e"]);
    }

    #[test]
    fn an_end_on_the_border_of_two_chunks_is_one() {
        for before in [CHUNK - 2, CHUNK - 1, CHUNK] {
            let mut bytes = vec![b'a'; before];
            bytes.extend_from_slice(b"\r\nb");
            for cr_ends in [false, true] {
                let lines = lines(&bytes, UTF_8, cr_ends);
                assert_eq!((lines.len(), lines[0].len(), lines[1].as_str()), (2, before, "b"));
            }
        }
    }

    #[test]
    fn a_line_without_end_stops_at_the_limit() {
        let bytes = vec![b'a'; 4 << 20];
        let error = Lines::new(&bytes[..], UTF_8, false, 1 << 20).next().unwrap_err();
        assert_eq!(error.place("line"), Some("1"));
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_standard_library(text in "[a\u{e9}\n]{0,200}") {
            prop_assert_eq!(lines(text.as_bytes(), UTF_8, false), text.lines().collect::<Vec<_>>());
        }
    }
}

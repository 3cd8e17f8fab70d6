//! Which encoding a file is in, and whether it is text at all.

use std::io::{Read, Seek, SeekFrom};
use std::str;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::dialect::EncodingFrom;
use crate::error::{Error, Result, Retry};

const CHUNK: usize = 1 << 16;

/// How much of a file that is not UTF-8 is looked at for a guess. Lines of plain ASCII say nothing and are not counted.
const GUESS_FROM: usize = 1 << 22;

/// Names of the encodings are those of the web: `utf-8`, `utf-16le`, `windows-1252`.
pub(super) fn by_name(name: &str) -> Result<&'static Encoding> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        Error::config("no encoding has that name; use one like utf-8, utf-16le or windows-1252")
    })
}

/// Looks at a file from its start and leaves it there.
pub(super) fn find(
    file: &mut (impl Read + Seek),
    set: Option<&'static Encoding>,
) -> Result<(&'static Encoding, EncodingFrom)> {
    let mut head = Vec::new();
    file.by_ref().take(CHUNK as u64).read_to_end(&mut head).map_err(unreadable)?;
    let found = judge(&head, file, set);
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    found
}

pub(super) fn unreadable(cause: std::io::Error) -> Error {
    Error::unavailable("the file cannot be read; see that its disk is there", Retry::Safe).because(cause)
}

fn judge(
    head: &[u8],
    file: &mut (impl Read + Seek),
    set: Option<&'static Encoding>,
) -> Result<(&'static Encoding, EncodingFrom)> {
    if head.is_empty() {
        return Err(Error::invalid("the file is empty; export it again"));
    }
    let wide = wide(head);
    if set.or(wide.map(|(encoding, _)| encoding)).is_none_or(|encoding| encoding.is_ascii_compatible()) {
        refuse_binary(head)?;
    }
    if let Some(set) = set {
        return Ok((set, EncodingFrom::Set));
    }
    if let Some(found) = wide {
        return Ok(found);
    }
    if head.starts_with(b"\xEF\xBB\xBF") {
        return Ok((UTF_8, EncodingFrom::Mark));
    }
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let count = Utf8Count::of(file)?;
    if count.bad == 0 {
        return Ok((UTF_8, EncodingFrom::Valid));
    }
    // A few broken bytes in a file that is plainly UTF-8 are damage in these places, not another encoding.
    if count.good >= 10 * count.bad {
        return Ok((UTF_8, EncodingFrom::Damaged));
    }
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    Ok((guess(file)?, EncodingFrom::Guessed))
}

/// UTF-16, by its mark or by every other byte being zero, as it is in any text that is mostly Latin.
fn wide(head: &[u8]) -> Option<(&'static Encoding, EncodingFrom)> {
    if head.starts_with(b"\xFF\xFE") {
        return Some((UTF_16LE, EncodingFrom::Mark));
    }
    if head.starts_with(b"\xFE\xFF") {
        return Some((UTF_16BE, EncodingFrom::Mark));
    }
    let head = head.get(..4096).unwrap_or(head);
    let pairs = head.len() / 2;
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let (many, few) = (pairs * 2 / 5, pairs / 20);
    match () {
        () if pairs < 2 => None,
        () if odd > many && even <= few => Some((UTF_16LE, EncodingFrom::Pattern)),
        () if even > many && odd <= few => Some((UTF_16BE, EncodingFrom::Pattern)),
        () => None,
    }
}

fn refuse_binary(head: &[u8]) -> Result<()> {
    let known = [
        (&b"PK\x03\x04"[..], "an Excel workbook or a zip, not CSV; save it as CSV, or unpack it"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook, not CSV; save it as CSV"),
        (b"%PDF", "a PDF, not CSV; export it as CSV"),
        (b"\x1F\x8B", "compressed; unpack it"),
        (b"SQLite format 3\0", "a database, not CSV; export it as CSV"),
    ];
    if let Some((_, what)) = known.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Error::config(format!("the file is {what}")));
    }
    let control =
        head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C));
    if control.count() * 10 > head.len() {
        return Err(Error::config("the file is not text; export it as CSV"));
    }
    Ok(())
}

/// How many characters beyond ASCII are good UTF-8, and how many bytes are none.
#[derive(Default)]
struct Utf8Count {
    good: u64,
    bad: u64,
}

impl Utf8Count {
    fn of(file: &mut impl Read) -> Result<Self> {
        let mut count = Self::default();
        let mut bytes = Vec::with_capacity(CHUNK + 4);
        loop {
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut bytes).map_err(unreadable)?;
            let cut = count.add(&bytes);
            bytes.drain(..bytes.len() - cut);
            if read == 0 {
                count.bad += bytes.len() as u64;
                return Ok(count);
            }
        }
    }

    /// Counts, and answers how many bytes at the end are a character cut short.
    fn add(&mut self, mut bytes: &[u8]) -> usize {
        while !bytes.is_ascii() {
            let error = match str::from_utf8(bytes) {
                Ok(_) => {
                    self.good += leads(bytes);
                    return 0;
                }
                Err(error) => error,
            };
            let (good, rest) = bytes.split_at(error.valid_up_to());
            self.good += leads(good);
            let Some(bad) = error.error_len() else { return rest.len() };
            self.bad += 1;
            bytes = rest.get(bad..).unwrap_or_default();
        }
        0
    }
}

fn leads(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte >= 0xC0).count() as u64
}

fn guess(file: &mut impl Read) -> Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut bytes = Vec::with_capacity(CHUNK);
    let mut fed = 0;
    while fed < GUESS_FROM
        && file.by_ref().take(CHUNK as u64).read_to_end(&mut bytes).map_err(unreadable)? > 0
    {
        if !bytes.is_ascii() {
            detector.feed(&bytes, false);
            fed += bytes.len();
        }
        bytes.clear();
    }
    detector.feed(b"", true);
    Ok(detector.guess(None, Utf8Detection::Deny))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn found(bytes: &[u8]) -> (&'static str, EncodingFrom) {
        let (encoding, from) = find(&mut Cursor::new(bytes.to_vec()), None).unwrap();
        (encoding.name(), from)
    }

    fn utf16(text: &str, low_first: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if low_first { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn marks_patterns_and_validity_are_told_apart() {
        assert_eq!(found(b"\xEF\xBB\xBFid,name\n"), ("UTF-8", EncodingFrom::Mark));
        assert_eq!(found("id,name\n1,Zoë\n".as_bytes()), ("UTF-8", EncodingFrom::Valid));
        assert_eq!(found(b"id,name\n1,Asha\n"), ("UTF-8", EncodingFrom::Valid));
        assert_eq!(found(&utf16("\u{FEFF}id,name\n", true)), ("UTF-16LE", EncodingFrom::Mark));
        assert_eq!(found(&utf16("id,name\n1,Asha\n", true)), ("UTF-16LE", EncodingFrom::Pattern));
        assert_eq!(found(&utf16("id,name\n1,Asha\n", false)), ("UTF-16BE", EncodingFrom::Pattern));
        assert_eq!(
            found(b"id,name\n1,Ren\xE9e Mu\xF1oz\n2,Jos\xE9\n"),
            ("windows-1252", EncodingFrom::Guessed)
        );
    }

    #[test]
    fn a_foreign_byte_far_down_is_found_too() {
        let mut bytes = b"id,name\n".to_vec();
        (0..20_000).for_each(|_| bytes.extend_from_slice(b"12,Asha Rao of Pune\n"));
        bytes.extend_from_slice(b"13,Ren\xE9e\n");
        assert_eq!(found(&bytes), ("windows-1252", EncodingFrom::Guessed));
    }

    #[test]
    fn one_broken_byte_does_not_make_another_encoding() {
        let mut bytes = "id,name\n1,आशा राव\n2,रवि अय्यर\n".as_bytes().to_vec();
        bytes.extend_from_slice(b"3,Ren\xE9e\n");
        assert_eq!(found(&bytes), ("UTF-8", EncodingFrom::Damaged));
    }

    #[test]
    fn a_character_over_the_border_of_two_chunks_is_good() {
        let mut bytes = vec![b'a'; CHUNK - 1];
        bytes.extend_from_slice("ëë".as_bytes());
        assert_eq!(found(&bytes), ("UTF-8", EncodingFrom::Valid));
    }

    #[test]
    fn what_is_no_text_is_refused_with_what_to_do() {
        for (bytes, says) in [
            (&b""[..], "empty"),
            (b"PK\x03\x04rest", "save it as CSV"),
            (b"\xD0\xCF\x11\xE0rest", "old Excel"),
            (b"\x01\x02\x00\x03\x04id,name", "not text"),
        ] {
            let error = find(&mut Cursor::new(bytes), None).unwrap_err();
            assert!(error.message().contains(says), "{error}");
        }
    }
}

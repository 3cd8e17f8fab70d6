//! The characters XML 1.0 allows, and how the special ones are written.

use crate::wire::words::{self, below, equal};

/// A text holds a character that XML cannot carry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Forbidden;

/// Which characters beyond those of XML a document may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Characters {
    /// None.
    Strict,
    /// U+FFFE and U+FFFF, which Odoo sends as they are stored (measured on Odoo 19).
    Noncharacters,
}

/// Whether XML 1.0 allows the character (production 2, `Char`). Surrogates are no `char` to begin with.
pub(crate) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes a text as the content of an element.
///
/// A carriage return becomes `&#13;`, since every reader turns a literal one into a line feed.
pub(crate) fn escape(text: &str, out: &mut Vec<u8>) -> Result<(), Forbidden> {
    const CHUNK: usize = 32;
    let bytes = text.as_bytes();
    if bytes.len() < SHORT && is_plain(bytes) {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    let mut written = 0;
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes.len().min(at + CHUNK);
        if !needs_care(&bytes[at..end]) {
            at = end;
            continue;
        }
        while at < end {
            let replacement: &[u8] = match bytes[at] {
                b'&' => b"&amp;",
                b'<' => b"&lt;",
                b'>' => b"&gt;",
                b'\r' => b"&#13;",
                byte if is_forbidden(byte, &bytes[at..]) => return Err(Forbidden),
                _ => {
                    at += 1;
                    continue;
                }
            };
            out.extend_from_slice(&bytes[written..at]);
            out.extend_from_slice(replacement);
            at += 1;
            written = at;
        }
    }
    out.extend_from_slice(&bytes[written..]);
    Ok(())
}

/// The same, with U+FFFD for what XML cannot carry.
pub(crate) fn escape_lossy(text: &str, out: &mut Vec<u8>) {
    for character in text.chars() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '\r' => out.extend_from_slice(b"&#13;"),
            _ => {
                let allowed = if is_allowed(character) { character } else { char::REPLACEMENT_CHARACTER };
                out.extend_from_slice(allowed.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

/// Writes an integer in decimal.
pub(crate) fn push_int(number: i64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        first -= 1;
        digits[first] = b'-';
    }
    out.extend_from_slice(&digits[first..]);
}

/// What is known of a document's literal characters before it is parsed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Whether any carriage return stands in it.
    pub(crate) carriage_returns: bool,
    /// Where the first control character stands that XML does not allow.
    pub(crate) control: Option<usize>,
    /// Where U+FFFE or U+FFFF stands first.
    pub(crate) noncharacter: Option<usize>,
}

/// Looks through a whole document once, at the speed of memory.
pub(crate) fn scan(text: &str) -> Scan {
    const CHUNK: usize = 256;
    let bytes = text.as_bytes();
    let mut found = Scan::default();
    for start in (0..bytes.len()).step_by(CHUNK) {
        let chunk = &bytes[start..bytes.len().min(start + CHUNK)];
        let unusual = chunk.iter().fold(false, |any, &byte| any | is_control(byte) | (byte == 0xef));
        if !unusual {
            continue;
        }
        for (offset, &byte) in chunk.iter().enumerate() {
            let at = start + offset;
            match byte {
                b'\r' => found.carriage_returns = true,
                0xef if is_forbidden(byte, &bytes[at..]) => {
                    found.noncharacter = found.noncharacter.or(Some(at))
                }
                byte if is_control(byte) => found.control = found.control.or(Some(at)),
                _ => {}
            }
        }
    }
    found
}

/// Names and most values are shorter than this, and need no care.
pub(crate) const SHORT: usize = 64;

/// Whether no byte [needs care](needs_care), nor is a tab or line feed: where most are short.
fn is_plain(bytes: &[u8]) -> bool {
    !words::any(bytes, |word| {
        below(word, 0x20) | equal(word, b'&') | equal(word, b'<') | equal(word, b'>') | equal(word, 0xef)
    })
}

/// Whether any of the bytes has to be looked at one by one.
fn needs_care(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |any, &byte| {
        any | is_control(byte) | (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == 0xef)
    })
}

/// Whether the byte is a control character other than tab and line feed.
const fn is_control(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\n') & (byte != b'\t')
}

/// Whether a character that XML does not allow starts at that byte of a text.
pub(crate) fn is_forbidden_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.first().is_some_and(|&byte| is_forbidden(byte, rest)))
}

/// Whether a character that XML does not allow starts at the byte, which is the first of `rest`.
fn is_forbidden(byte: u8, rest: &[u8]) -> bool {
    (is_control(byte) && byte != b'\r') || matches!(rest, [0xef, 0xbf, 0xbe | 0xbf, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> Result<String, Forbidden> {
        let mut out = Vec::new();
        escape(text, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn markup_and_carriage_returns_become_references() {
        assert_eq!(escaped("a<b>&c\r\n\td]]>").unwrap(), "a&lt;b&gt;&amp;c&#13;\n\td]]&gt;");
    }

    #[test]
    fn special_characters_are_found_at_every_place_of_a_long_text() {
        for length in [1, 31, 32, 33, 63, 64, 65, 100] {
            for place in 0..length {
                let with = |special: &str| {
                    let mut text = "x".repeat(length);
                    text.replace_range(place..=place, special);
                    text
                };
                let expected = with("&lt;");
                assert_eq!(escaped(&with("<")).unwrap(), expected);
                assert_eq!(escaped(&with("\u{1f}")), Err(Forbidden));
                assert_eq!(escaped(&with("\u{fffe}")), Err(Forbidden));
                assert_eq!(escaped(&with("\u{feff}")).unwrap(), with("\u{feff}"));
            }
        }
    }

    #[test]
    fn what_escapes_is_what_is_allowed() {
        for character in ('\0'..='\u{2ff}').chain('\u{ef00}'..='\u{10100}') {
            assert_eq!(escaped(&character.to_string()).is_ok(), is_allowed(character), "{character:?}");
        }
    }

    #[test]
    fn the_lossy_way_differs_in_forbidden_characters_alone() {
        let mut out = Vec::new();
        escape_lossy("a<\r\u{0}é\u{ffff}", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a&lt;&#13;\u{fffd}é\u{fffd}");
    }

    #[test]
    fn a_scan_finds_the_first_of_each() {
        let text = format!("{}\r\u{fffe}\u{2}\u{ffff}\u{3}", "é".repeat(300));
        let expected = Scan { carriage_returns: true, noncharacter: Some(601), control: Some(604) };
        assert_eq!(scan(&text), expected);
        assert_eq!(scan("plain\n\ttext \u{feff}"), Scan::default());
    }
}

//! The three numbers Python writes although JSON has none such.

use memchr::memchr2;

/// Each as Python writes it, and a text of the same length that can stand in its place.
const NUMBERS: [(&str, &str, f64); 3] = [
    ("NaN", "\"N\"", f64::NAN),
    ("Infinity", "\"Infini\"", f64::INFINITY),
    ("-Infinity", "\"-Infini\"", f64::NEG_INFINITY),
];

/// A document in which texts stand for these numbers, so that a strict parser reads it. Every place is where it was.
pub(crate) struct Rewritten {
    pub(crate) document: String,
    /// Where the texts begin.
    places: Vec<usize>,
}

impl Rewritten {
    /// Nothing where no such number stands in the document.
    pub(crate) fn of(document: &str) -> Option<Self> {
        let bytes = document.as_bytes();
        let mut rewritten = Self { document: String::with_capacity(bytes.len()), places: Vec::new() };
        let (mut copied, mut at) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            at += match byte {
                b'"' => string(bytes, at),
                b'N' | b'I' | b'-' => {
                    match NUMBERS.iter().find(|(name, ..)| bytes[at..].starts_with(name.as_bytes())) {
                        Some((name, text, _)) => {
                            rewritten.document.push_str(document.get(copied..at)?);
                            rewritten.document.push_str(text);
                            rewritten.places.push(at);
                            copied = at + name.len();
                            name.len()
                        }
                        None => 1,
                    }
                }
                _ => 1,
            };
        }
        rewritten.document.push_str(document.get(copied..)?);
        (!rewritten.places.is_empty()).then_some(rewritten)
    }

    /// The number for which a text stands that is a part of this document.
    pub(crate) fn number(&self, text: &str) -> Option<f64> {
        let quote = text.as_ptr().addr().checked_sub(self.document.as_ptr().addr() + 1)?;
        self.places.binary_search(&quote).ok()?;
        NUMBERS.iter().find(|(_, known, _)| known.trim_matches('"') == text).map(|(.., number)| *number)
    }
}

/// How long the string is that begins there; up to the document's end if it does not end.
fn string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1 - start;
        }
        // The byte behind a backslash ends nothing.
        at += 2;
    }
    bytes.len() - start
}

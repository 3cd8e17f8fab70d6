//! JSON into values.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::wire::error::{DecodeError, DecodeErrorKind};
use crate::wire::json::constants::Rewritten;
use crate::wire::limits::Limits;
use crate::wire::value::{Name, Names, Struct, Value};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Below the depth at which the parser itself gives up.
const DEEPEST: usize = 120;

/// The value a JSON document holds.
///
/// A number without point and exponent that fits into 64 bits is an [`Value::Int`], any other a [`Value::Double`]. The members
/// of an object keep their order; a name that comes twice is kept twice. Bare `NaN`, `Infinity` and `-Infinity`, which Odoo 19
/// sends for such a number in its database against the rules of JSON (measured), are read as the doubles they are.
///
/// # Errors
///
/// The document is not JSON in UTF-8, or goes beyond a limit (a depth above 120 is never read). What is something else altogether
/// (an empty body, a page of HTML) is [`DecodeErrorKind::NotJson`], a document that was cut [`DecodeErrorKind::Truncated`].
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{Limits, Value, decode_json};
///
/// let value = decode_json(br#"[{"id": 7, "credit": NaN}]"#, &Limits::default())?;
/// let record = value.as_array().and_then(|records| records[0].as_struct()).unwrap();
/// assert_eq!(record.get("id"), Some(&Value::Int(7)));
/// assert!(matches!(record.get("credit"), Some(Value::Double(credit)) if credit.is_nan()));
/// # Ok::<(), odoo_rpc::wire::DecodeError>(())
/// ```
pub fn decode_json(document: &[u8], limits: &Limits) -> Result<Value, DecodeError> {
    if document.len() > limits.bytes {
        return Err(DecodeError::new(DecodeErrorKind::TooLarge, limits.bytes));
    }
    let content = document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document);
    let skipped = document.len() - content.len();
    let error = |kind, at: usize| DecodeError::new(kind, skipped + at);
    let start = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(content.len());
    if !content.get(start).is_some_and(|first| is_first(*first)) {
        return Err(error(DecodeErrorKind::NotJson, start));
    }
    let text = std::str::from_utf8(content).map_err(|wrong| {
        let cut = wrong.error_len().is_none();
        error(if cut { DecodeErrorKind::Truncated } else { DecodeErrorKind::Encoding }, wrong.valid_up_to())
    })?;
    let mut result = read(text, None, limits);
    if let Err((DecodeErrorKind::MalformedJson, _)) = result
        && let Some(rewritten) = Rewritten::of(text)
    {
        result = read(&rewritten.document, Some(&rewritten), limits);
    }
    result.map_err(|(kind, at)| error(kind, at))
}

/// Whether a document of JSON may begin with the byte, white space aside.
fn is_first(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I')
}

/// The document's value, or what is wrong with it, and where.
fn read(text: &str, numbers: Option<&Rewritten>, limits: &Limits) -> Result<Value, (DecodeErrorKind, usize)> {
    let mut reader = Reader {
        names: Names::default(),
        numbers,
        depth: limits.depth.min(DEEPEST),
        elements: limits.elements,
        members: 0,
        exceeded: None,
    };
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Seed { reader: &mut reader }.deserialize(&mut parser);
    let result = value.and_then(|value| parser.end().map(|()| value));
    result.map_err(|error| {
        let kind = match (reader.exceeded, error.classify()) {
            (Some(kind), _) => kind,
            (None, Category::Eof) => return (DecodeErrorKind::Truncated, text.len()),
            (None, _) => DecodeErrorKind::MalformedJson,
        };
        (kind, place(text, error.line(), error.column()))
    })
}

/// The byte at a line and column, both counted from 1.
fn place(text: &str, line: usize, column: usize) -> usize {
    let ends = memchr::memchr_iter(b'\n', text.as_bytes());
    let start = match line.checked_sub(2) {
        Some(ended) => ends.map(|end| end + 1).nth(ended).unwrap_or(0),
        None => 0,
    };
    text.len().min(start + column.saturating_sub(1))
}

/// What is kept while a document is read.
struct Reader<'a> {
    names: Names,
    numbers: Option<&'a Rewritten>,
    /// How many more arrays and objects may open inside of the present one.
    depth: usize,
    elements: usize,
    /// How many members the last object had: the next one mostly has as many.
    members: usize,
    /// The limit that was met.
    exceeded: Option<DecodeErrorKind>,
}

impl Reader<'_> {
    fn exceed<E: serde::de::Error>(&mut self, kind: DecodeErrorKind) -> E {
        self.exceeded = Some(kind);
        E::custom(kind)
    }

    fn begin<E: serde::de::Error>(&mut self) -> Result<(), E> {
        match self.depth.checked_sub(1) {
            Some(depth) => {
                self.depth = depth;
                Ok(())
            }
            None => Err(self.exceed(DecodeErrorKind::TooDeep)),
        }
    }

    fn end(&mut self) {
        self.depth += 1;
    }

    /// The number for which a part of the document stands.
    fn number(&self, text: &str) -> Option<f64> {
        self.numbers.and_then(|numbers| numbers.number(text))
    }
}

/// Reads one value.
struct Seed<'r, 'a> {
    reader: &'r mut Reader<'a>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        let Some(elements) = self.reader.elements.checked_sub(1) else {
            return Err(self.reader.exceed(DecodeErrorKind::TooManyElements));
        };
        self.reader.elements = elements;
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Double(number as f64), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Double(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value, E> {
        Ok(self.reader.number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Double))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        self.reader.begin()?;
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Seed { reader: &mut *self.reader })? {
            values.push(value);
        }
        self.reader.end();
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        self.reader.begin()?;
        let mut members = Struct::with_capacity(self.reader.members);
        while let Some(name) = pairs.next_key_seed(Key { reader: &mut *self.reader })? {
            let value = pairs.next_value_seed(Seed { reader: &mut *self.reader })?;
            members.push(name, value);
        }
        self.reader.end();
        members.fit();
        // No more than a foreign document may have reserved at every level.
        self.reader.members = members.len().min(256);
        Ok(Value::Struct(members))
    }
}

/// Reads the name of a member.
struct Key<'r, 'a> {
    reader: &'r mut Reader<'a>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Name, D::Error> {
        parser.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, '_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<Name, E> {
        match self.reader.number(name) {
            // A number where a name has to stand.
            Some(_) => Err(self.reader.exceed(DecodeErrorKind::MalformedJson)),
            None => self.visit_str(name),
        }
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(self.reader.names.intern(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(document: &str) -> Result<Value, DecodeErrorKind> {
        decode_json(document.as_bytes(), &Limits::default()).map_err(|error| error.kind())
    }

    #[test]
    fn every_kind_is_read() {
        for (document, value) in [
            ("null", Value::Nil),
            (" true\n", true.into()),
            ("-9223372036854775808", i64::MIN.into()),
            ("7", 7.into()),
            ("7.0", 7.0.into()),
            ("1e300", 1e300.into()),
            ("9223372036854775808", 9_223_372_036_854_775_808.0.into()),
            (r#""a\u0001\"\n\ud83d\ude42é""#, "a\u{1}\"\n🙂é".into()),
            ("[]", Vec::<Value>::new().into()),
            (
                r#"{"b": 1, "a": {}, "b": 2}"#,
                Struct::new().with("b", 1).with("a", Struct::new()).with("b", 2).into(),
            ),
            ("\u{feff}[1, [2]]", vec![1.into(), vec![Value::from(2)].into()].into()),
        ] {
            assert_eq!(text(document).as_ref(), Ok(&value), "{document}");
        }
    }

    #[test]
    fn the_numbers_python_writes_are_read_where_values_stand_and_nowhere_else() {
        let document = r#"{"NaN": "NaN, \"Infinity", "a": NaN, "b": [Infinity, -Infinity], "n": "N"}"#;
        let value = text(document).unwrap();
        let members = value.as_struct().unwrap();
        assert_eq!(members.get("NaN").and_then(Value::as_text), Some("NaN, \"Infinity"));
        assert!(matches!(members.get("a"), Some(Value::Double(a)) if a.is_nan()));
        assert_eq!(members.get("b"), Some(&vec![f64::INFINITY.into(), f64::NEG_INFINITY.into()].into()));
        assert_eq!(members.get("n").and_then(Value::as_text), Some("N"));
        assert_eq!(text("-Infinity"), Ok(f64::NEG_INFINITY.into()));
        for wrong in ["{NaN: 1}", "[NaNs]", "[nan]", "[-NaN]", "[1Infinity]", "[NaN", "[NaN]]", "\"NaN"] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_json_is_told() {
        for (document, kind) in [
            ("", DecodeErrorKind::NotJson),
            ("  \n", DecodeErrorKind::NotJson),
            ("<!doctype html>", DecodeErrorKind::NotJson),
            ("Gateway", DecodeErrorKind::NotJson),
            ("[1, 2", DecodeErrorKind::Truncated),
            (r#"{"a": "As"#, DecodeErrorKind::Truncated),
            ("nul", DecodeErrorKind::Truncated),
            ("[1 2]", DecodeErrorKind::MalformedJson),
            ("[1] x", DecodeErrorKind::MalformedJson),
            ("[01]", DecodeErrorKind::MalformedJson),
            ("\"a\nb\"", DecodeErrorKind::MalformedJson),
        ] {
            assert_eq!(text(document), Err(kind), "{document}");
        }
        let wrong = decode_json(b"[\"\xff\"]", &Limits::default()).unwrap_err();
        assert_eq!((wrong.kind(), wrong.position()), (DecodeErrorKind::Encoding, 2));
    }

    #[test]
    fn the_byte_is_told_even_behind_numbers_that_were_rewritten() {
        for (document, at) in
            [("[1,\n 2 x]", 7), ("[NaN,\nInfinity x]", 15), ("\u{feff}[1 x]", 6), ("[NaN", 4)]
        {
            let error = decode_json(document.as_bytes(), &Limits::default()).unwrap_err();
            assert_eq!(error.position(), at, "{document} {error}");
        }
    }

    #[test]
    fn limits_are_kept() {
        let limits = Limits::default().with_depth(2).with_elements(4).with_bytes(30);
        let read = |document: &str| decode_json(document.as_bytes(), &limits).map_err(|error| error.kind());
        assert!(read(r#"[{"a": 1}, 2]"#).is_ok());
        assert_eq!(read(r#"[{"a": []}]"#), Err(DecodeErrorKind::TooDeep));
        assert_eq!(read("[1, 2, 3, 4]"), Err(DecodeErrorKind::TooManyElements));
        assert_eq!(read(&" ".repeat(31)), Err(DecodeErrorKind::TooLarge));
        let deep = "[".repeat(100_000);
        assert_eq!(
            decode_json(deep.as_bytes(), &Limits::default().with_depth(1000)).unwrap_err().kind(),
            DecodeErrorKind::TooDeep
        );
    }
}

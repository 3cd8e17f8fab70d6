//! Values into JSON.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wire::chars::{Forbidden, SHORT, is_forbidden_at, push_int};
use crate::wire::document::Document;
use crate::wire::error::{EncodeError, EncodeErrorKind};
use crate::wire::json::time;
use crate::wire::path::{Open, path};
use crate::wire::spelled::Spelled;
use crate::wire::value::{Name, Value};
use crate::wire::words::{self, below, equal};

/// A value as a JSON document, such as the named arguments of a call over JSON-2.
///
/// What JSON has no kind for goes as Odoo's fields want it: [`Value::DateTime`] as `2024-01-31 10:20:30`,
/// [`Value::Base64`] as a text of base64.
///
/// # Errors
///
/// The same values that XML-RPC cannot carry, so that a call can be sent either way: a text with a control character, U+FFFE or
/// U+FFFF (over JSON Odoo 19 would store most of them), a double that is no number, or a file: those leave in an
/// [`encode_json_document`]. And a `DateTime` that is none. The error
/// names the value by its path.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{Limits, Struct, Value, decode_json, encode_json};
///
/// let arguments = Value::from(Struct::new().with("ids", vec![Value::from(7)]).with("load", ""));
/// let document = encode_json(&arguments)?;
/// assert_eq!(document, br#"{"ids":[7],"load":""}"#);
/// assert_eq!(decode_json(&document, &Limits::default())?, arguments);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode_json(value: &Value) -> Result<Vec<u8>, EncodeError> {
    Ok(written(value, None)?.out)
}

/// A value as a document in pieces, in which files are still to be read; in one piece, as [`encode_json`] writes it, where
/// there is none.
///
/// # Errors
///
/// As [`encode_json`], but for files.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{File, Value, encode_json_document};
///
/// let document = encode_json_document(&Value::from(File::new("scan.pdf", 3_000_000)))?;
/// assert_eq!(document.len(), 4_000_002);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode_json_document(value: &Value) -> Result<Document, EncodeError> {
    let Writer { out, document, .. } = written(value, Some(Document::default()))?;
    Ok(document.unwrap_or_default().finish(out))
}

fn written(value: &Value, document: Option<Document>) -> Result<Writer<'_>, EncodeError> {
    let mut writer =
        Writer { out: Vec::with_capacity(1024), document, open: Vec::new(), names: Spelled::default() };
    match writer.value(value) {
        Ok(()) => Ok(writer),
        Err(kind) => Err(EncodeError::new(kind, path("", &writer.open))),
    }
}

/// Writes values one after another; what is open lies on a stack of its own, so no value is too deep to be written.
struct Writer<'a> {
    out: Vec<u8>,
    /// What is before `out`, where files may be.
    document: Option<Document>,
    open: Vec<Open<'a>>,
    names: Spelled<'a>,
}

impl<'a> Writer<'a> {
    fn value(&mut self, root: &'a Value) -> Result<(), EncodeErrorKind> {
        let mut value = root;
        loop {
            self.start(value)?;
            value = loop {
                match self.open.last_mut() {
                    None => return Ok(()),
                    Some(Open::Array(values, next)) => {
                        if let Some(value) = values.get(*next) {
                            if *next > 0 {
                                self.out.push(b',');
                            }
                            *next += 1;
                            break value;
                        }
                        self.out.push(b']');
                    }
                    Some(Open::Struct(members, next)) => {
                        if let Some((name, value)) = members.get(*next) {
                            if *next > 0 {
                                self.out.push(b',');
                            }
                            *next += 1;
                            let place = *next - 1;
                            self.name(place, name)?;
                            break value;
                        }
                        self.out.push(b'}');
                    }
                }
                self.open.pop();
            };
        }
    }

    fn name(&mut self, place: usize, name: &'a Name) -> Result<(), EncodeErrorKind> {
        if let Some(written) = self.names.get(place, name) {
            self.out.extend_from_slice(written);
            return Ok(());
        }
        let start = self.out.len();
        self.text(name.as_str())?;
        self.out.push(b':');
        self.names.keep(place, name, &self.out[start..]);
        Ok(())
    }

    /// Writes a whole value, or the beginning of one that holds others.
    fn start(&mut self, value: &'a Value) -> Result<(), EncodeErrorKind> {
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Int(number) => push_int(*number, &mut self.out),
            // The shortest text that reads back as the same number. Writing into memory does not fail.
            Value::Double(number) if number.is_finite() => {
                write!(self.out, "{number:?}").map_err(|_| EncodeErrorKind::Double)?;
            }
            Value::Double(_) => return Err(EncodeErrorKind::Double),
            Value::Text(text) => self.text(text)?,
            Value::DateTime(text) => {
                let text = time::for_odoo(text).ok_or(EncodeErrorKind::DateTime)?;
                self.text(&text)?;
            }
            Value::Base64(bytes) => {
                self.out.push(b'"');
                self.out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
                self.out.push(b'"');
            }
            Value::File(file) => {
                self.out.push(b'"');
                let document = self.document.as_mut().ok_or(EncodeErrorKind::File)?;
                document.push_file(&mut self.out, file);
                self.out.push(b'"');
            }
            Value::Array(values) => {
                self.out.push(b'[');
                self.open.push(Open::Array(values, 0));
            }
            Value::Struct(members) => {
                self.out.push(b'{');
                self.open.push(Open::Struct(members.members(), 0));
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), EncodeErrorKind> {
        self.out.push(b'"');
        escape(text, &mut self.out).map_err(|Forbidden| EncodeErrorKind::Character)?;
        self.out.push(b'"');
        Ok(())
    }
}

/// Writes a text as the content of a string, in UTF-8.
fn escape(text: &str, out: &mut Vec<u8>) -> Result<(), Forbidden> {
    let bytes = text.as_bytes();
    if bytes.len() < SHORT && is_plain(bytes) {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    let mut written = 0;
    for (number, piece) in bytes.chunks(PIECE).enumerate() {
        if !needs_care(piece) {
            continue;
        }
        for (at, &byte) in (number * PIECE..).zip(piece) {
            let replacement: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                b'\n' => b"\\n",
                b'\r' => b"\\r",
                b'\t' => b"\\t",
                _ if is_forbidden_at(bytes, at) => return Err(Forbidden),
                _ => continue,
            };
            out.extend_from_slice(&bytes[written..at]);
            out.extend_from_slice(replacement);
            written = at + 1;
        }
    }
    out.extend_from_slice(&bytes[written..]);
    Ok(())
}

/// Whether no byte [needs care](needs_care), where most are short.
fn is_plain(bytes: &[u8]) -> bool {
    !words::any(bytes, |word| below(word, 0x20) | equal(word, b'"') | equal(word, b'\\') | equal(word, 0xef))
}

/// How many bytes are looked at in one go: without a branch for each, a processor takes them together.
const PIECE: usize = 32;

/// Whether any byte is one that JSON escapes, or that a character begins with that cannot be sent.
fn needs_care(piece: &[u8]) -> bool {
    piece
        .iter()
        .fold(false, |any, &byte| any | (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0xef))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::chars::is_allowed;
    use crate::wire::value::Struct;

    fn text(value: impl Into<Value>) -> String {
        String::from_utf8(encode_json(&value.into()).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_is_written_as_odoo_reads_it() {
        let values = vec![
            Value::Nil,
            true.into(),
            i64::MIN.into(),
            (-3.0).into(),
            1e300.into(),
            "a\"\\\r\n\té\u{7f}🙂/".into(),
            Value::DateTime("20240131T10:20:30".into()),
            Value::Base64(b"Asha".to_vec()),
            Vec::<Value>::new().into(),
            Struct::new().into(),
            Struct::new().with("b\"", 1).with("a", false).into(),
        ];
        assert_eq!(
            text(values),
            "[null,true,-9223372036854775808,-3.0,1e300,\"a\\\"\\\\\\r\\n\\té\u{7f}🙂/\",\"2024-01-31 10:20:30\",\"QXNoYQ==\",[],{},{\"b\\\"\":1,\"a\":false}]"
        );
    }

    #[test]
    fn special_characters_are_found_at_every_place_of_a_text() {
        for length in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100] {
            for place in 0..length {
                let with = |special: &str| {
                    let mut text = "x".repeat(length);
                    text.replace_range(place..=place, special);
                    text
                };
                assert_eq!(text(with("\"")), format!("\"{}\"", with("\\\"")));
                assert_eq!(text(with("\u{feff}")), format!("\"{}\"", with("\u{feff}")));
                assert!(encode_json(&with("\u{1f}").into()).is_err());
                assert!(encode_json(&with("\u{fffe}").into()).is_err());
            }
        }
    }

    #[test]
    fn eight_bytes_at_once_need_care_where_one_of_them_does() {
        for byte in 0..=255u8 {
            for place in 0..8 {
                for around in [b'a', 0x21, 0x23, 0x80, 0xff, 0xee, 0xf0, 0x5b, 0x5d, 0x1f, 0x20] {
                    let mut word = [around; 8];
                    word[place] = byte;
                    assert_eq!(!is_plain(&word), needs_care(&word), "{word:?}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_sent_is_what_xml_cannot_carry() {
        for character in ('\0'..='\u{2ff}').chain('\u{ef00}'..='\u{10100}') {
            let written = encode_json(&character.to_string().as_str().into());
            assert_eq!(written.is_ok(), is_allowed(character), "{character:?}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_told_by_its_path() {
        let row = |value: Value| Struct::new().with("name", "Asha").with("x_age", value);
        let call =
            |value: Value| Struct::new().with("vals_list", vec![row(Value::Nil).into(), row(value).into()]);
        for (value, kind) in [
            (f64::NAN.into(), EncodeErrorKind::Double),
            (Value::DateTime("yesterday".into()), EncodeErrorKind::DateTime),
            ("As\u{1}ha".into(), EncodeErrorKind::Character),
        ] {
            let error = encode_json(&call(value).into()).unwrap_err();
            assert_eq!((error.kind(), error.path()), (kind, "vals_list[1].x_age"));
        }
        let spoken = Value::from(Struct::new().with("Asha Rao", f64::INFINITY));
        assert_eq!(encode_json(&spoken).unwrap_err().path(), "#0");
    }

    #[test]
    fn a_value_may_be_deeper_than_any_stack() {
        let mut value = Value::Nil;
        for _ in 0..200_000 {
            value = Value::from(vec![value]);
        }
        assert!(encode_json(&value).is_ok());
        // Taken apart by hand: dropping it whole would recurse.
        while let Value::Array(mut values) = value {
            value = values.pop().unwrap_or_default();
        }
    }
}

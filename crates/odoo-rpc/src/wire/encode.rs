//! Values into documents.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wire::chars::{self, Forbidden};
use crate::wire::document::Document;
use crate::wire::error::{EncodeError, EncodeErrorKind};
use crate::wire::fault::Fault;
use crate::wire::file::File;
use crate::wire::path::{Open, path};
use crate::wire::spelled::Spelled;
use crate::wire::value::{Name, Value};

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A call as a document.
///
/// Carriage returns are written so that they arrive; integers beyond 32 bits are written as `<i8>`, which Odoo accepts
/// (measured on Odoo 19).
///
/// # Errors
///
/// A text XML 1.0 cannot carry (Odoo would refuse the whole call), a double that is no number, or a file: those leave in an
/// [`encode_call_document`]. The error names the value by its path.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{Limits, Value, decode_call, encode_call};
///
/// let bytes = encode_call("search_count", &[Value::from("res.partner")])?;
/// let call = decode_call(&bytes, &Limits::default())?;
/// assert_eq!(call.method, "search_count");
/// assert_eq!(call.params, [Value::from("res.partner")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode_call(method: &str, params: &[Value]) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new();
    encoder.call(method, params)?;
    Ok(encoder.out)
}

/// A call as a document in pieces, in which files are still to be read; in one piece, as [`encode_call`] writes it, where
/// there is none.
///
/// # Errors
///
/// As [`encode_call`], but for files.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{File, Value, encode_call_document};
///
/// let document = encode_call_document("f", &[Value::from(File::new("scan.pdf", 3_000_000))])?;
/// assert_eq!(document.pieces().len(), 3);
/// assert!(document.len() > 4_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode_call_document(method: &str, params: &[Value]) -> Result<Document, EncodeError> {
    let mut encoder = Encoder { document: Some(Document::default()), ..Encoder::new() };
    encoder.call(method, params)?;
    Ok(encoder.document.unwrap_or_default().finish(encoder.out))
}

/// A result as a document: what a server answers.
///
/// # Errors
///
/// As [`encode_call`]; the path starts with `params[0]`, which is where the result stands in the document.
pub fn encode_response(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new();
    encoder.raw(b"<methodResponse><params>");
    encoder.param(0, value)?;
    encoder.raw(b"</params></methodResponse>");
    Ok(encoder.out)
}

/// A fault as a document. Characters of its text that XML cannot carry become U+FFFD: a fault always arrives.
#[must_use]
pub fn encode_fault(fault: &Fault) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.raw(b"<methodResponse><fault><value><struct><member><name>faultCode</name>");
    encoder.int(fault.code);
    encoder.raw(b"</member><member><name>faultString</name><value><string>");
    chars::escape_lossy(&fault.text, &mut encoder.out);
    encoder.raw(b"</string></value></member></struct></value></fault></methodResponse>");
    encoder.out
}

/// Writes values one after another; what is open lies on a stack of its own, so no value is too deep to be written.
struct Encoder<'a> {
    out: Vec<u8>,
    /// What is before `out`, where files may be.
    document: Option<Document>,
    open: Vec<Open<'a>>,
    names: Spelled<'a>,
}

impl<'a> Encoder<'a> {
    fn new() -> Self {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(DECLARATION);
        Self { out, document: None, open: Vec::new(), names: Spelled::default() }
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn call(&mut self, method: &str, params: &'a [Value]) -> Result<(), EncodeError> {
        self.raw(b"<methodCall><methodName>");
        chars::escape(method, &mut self.out)
            .map_err(|Forbidden| EncodeError::new(EncodeErrorKind::Character, "methodName".into()))?;
        self.raw(b"</methodName><params>");
        for (index, param) in params.iter().enumerate() {
            self.param(index, param)?;
        }
        self.raw(b"</params></methodCall>");
        Ok(())
    }

    fn param(&mut self, index: usize, value: &'a Value) -> Result<(), EncodeError> {
        self.raw(b"<param>");
        self.value(value)
            .map_err(|kind| EncodeError::new(kind, path(&format!("params[{index}]"), &self.open)))?;
        self.raw(b"</param>");
        Ok(())
    }

    fn value(&mut self, root: &'a Value) -> Result<(), EncodeErrorKind> {
        let mut value = root;
        loop {
            self.start(value)?;
            value = loop {
                match self.open.last_mut() {
                    None => return Ok(()),
                    Some(Open::Array(values, next)) => {
                        if let Some(value) = values.get(*next) {
                            *next += 1;
                            break value;
                        }
                        self.raw(b"</data></array></value>");
                    }
                    Some(Open::Struct(members, next)) => {
                        if *next > 0 {
                            self.out.extend_from_slice(b"</member>");
                        }
                        if let Some((name, value)) = members.get(*next) {
                            *next += 1;
                            let place = *next - 1;
                            self.name(place, name)?;
                            break value;
                        }
                        self.raw(b"</struct></value>");
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
        self.raw(b"<member><name>");
        self.text(name.as_str())?;
        self.raw(b"</name>");
        self.names.keep(place, name, &self.out[start..]);
        Ok(())
    }

    /// Writes a whole value, or the beginning of one that holds others.
    fn start(&mut self, value: &'a Value) -> Result<(), EncodeErrorKind> {
        match value {
            Value::Nil => self.raw(b"<value><nil/></value>"),
            Value::Bool(false) => self.raw(b"<value><boolean>0</boolean></value>"),
            Value::Bool(true) => self.raw(b"<value><boolean>1</boolean></value>"),
            Value::Int(number) => self.int(*number),
            Value::Double(number) => self.double(*number)?,
            Value::Text(text) => {
                self.raw(b"<value><string>");
                self.text(text)?;
                self.raw(b"</string></value>");
            }
            Value::DateTime(text) => {
                self.raw(b"<value><dateTime.iso8601>");
                self.text(text)?;
                self.raw(b"</dateTime.iso8601></value>");
            }
            Value::Base64(bytes) => {
                self.raw(b"<value><base64>");
                self.raw(STANDARD.encode(bytes).as_bytes());
                self.raw(b"</base64></value>");
            }
            Value::Array(values) => {
                self.raw(b"<value><array><data>");
                self.open.push(Open::Array(values, 0));
            }
            Value::Struct(members) => {
                self.raw(b"<value><struct>");
                self.open.push(Open::Struct(members.members(), 0));
            }
            Value::File(file) => self.file(file)?,
        }
        Ok(())
    }

    fn file(&mut self, file: &File) -> Result<(), EncodeErrorKind> {
        let document = self.document.as_mut().ok_or(EncodeErrorKind::File)?;
        self.out.extend_from_slice(b"<value><string>");
        document.push_file(&mut self.out, file);
        self.raw(b"</string></value>");
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), EncodeErrorKind> {
        chars::escape(text, &mut self.out).map_err(|Forbidden| EncodeErrorKind::Character)
    }

    fn int(&mut self, number: i64) {
        let (start, end): (&[u8], &[u8]) = if i32::try_from(number).is_ok() {
            (b"<value><int>", b"</int></value>")
        } else {
            (b"<value><i8>", b"</i8></value>")
        };
        self.raw(start);
        chars::push_int(number, &mut self.out);
        self.raw(end);
    }

    /// The shortest text that reads back as the same number, with an exponent where Python would write one too.
    fn double(&mut self, number: f64) -> Result<(), EncodeErrorKind> {
        if !number.is_finite() {
            return Err(EncodeErrorKind::Double);
        }
        self.raw(b"<value><double>");
        // Writing into memory does not fail.
        write!(self.out, "{number:?}").map_err(|_| EncodeErrorKind::Double)?;
        self.raw(b"</double></value>");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::document::Piece;
    use crate::wire::value::Struct;

    fn body(value: impl Into<Value>) -> String {
        let text = String::from_utf8(encode_response(&value.into()).unwrap()).unwrap();
        let start = text.find("<value>").unwrap();
        text[start..text.rfind("</param>").unwrap()].to_owned()
    }

    #[test]
    fn a_call_is_written_whole() {
        let bytes = encode_call("f", &[Value::Nil, Value::Bool(true)]).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodCall><methodName>f</methodName><params>\
             <param><value><nil/></value></param><param><value><boolean>1</boolean></value></param></params></methodCall>"
        );
    }

    #[test]
    fn a_file_is_a_piece_of_its_own_and_nothing_of_it_is_written() {
        let file = File::new("/nowhere/Canary-Rao.pdf", 10);
        let params = [Value::from(Struct::new().with("datas", file.clone()).with("name", "a"))];
        let document = encode_call_document("f", &params).unwrap();
        let [Piece::Bytes(before), Piece::File(there), Piece::Bytes(after)] = document.pieces() else {
            panic!("{document:?}")
        };
        assert!(before.ends_with(b"<name>datas</name><value><string>"));
        assert_eq!(*there, file);
        assert!(after.starts_with(b"</string></value></member><member><name>name</name>"));
        assert_eq!(document.len(), before.len() + 16 + after.len());
        assert!(!format!("{document:?} {:?} {params:?}", document.pieces()).contains("Canary"));

        let error = encode_call("f", &params).unwrap_err();
        assert_eq!((error.kind(), error.path()), (EncodeErrorKind::File, "params[0].datas"));
    }

    #[test]
    fn without_files_both_write_the_same() {
        let params = [Value::from("a"), Value::from(7)];
        let document = encode_call_document("f", &params).unwrap();
        let [Piece::Bytes(bytes)] = document.pieces() else { panic!("{document:?}") };
        assert_eq!(*bytes, encode_call("f", &params).unwrap());
    }

    #[test]
    fn integers_beyond_32_bits_are_written_as_i8() {
        assert_eq!(body(0), "<value><int>0</int></value>");
        assert_eq!(body(-2_147_483_648), "<value><int>-2147483648</int></value>");
        assert_eq!(body(2_147_483_648_i64), "<value><i8>2147483648</i8></value>");
        assert_eq!(body(i64::MIN), "<value><i8>-9223372036854775808</i8></value>");
    }

    #[test]
    fn doubles_are_written_short_and_exact() {
        assert_eq!(body(0.1), "<value><double>0.1</double></value>");
        assert_eq!(body(-3.0), "<value><double>-3.0</double></value>");
        assert_eq!(body(1e300), "<value><double>1e300</double></value>");
    }

    #[test]
    fn nested_values_close_in_order() {
        let value = Value::from(vec![
            Value::from(Struct::new().with("a", Vec::<Value>::new()).with("b<", "x")),
            Value::from(Struct::new()),
        ]);
        assert_eq!(
            body(value),
            "<value><array><data><value><struct><member><name>a</name><value><array><data></data></array></value></member>\
             <member><name>b&lt;</name><value><string>x</string></value></member></struct></value>\
             <value><struct></struct></value></data></array></value>"
        );
    }

    #[test]
    fn a_forbidden_character_is_told_by_its_path() {
        let record = Struct::new().with("id", 1).with("name", "As\u{1}ha");
        let rows = Value::from(vec![Value::Nil, Value::from(record)]);
        let error = encode_call("create", &[Value::Nil, Value::from(vec![rows])]).unwrap_err();
        assert_eq!((error.kind(), error.path()), (EncodeErrorKind::Character, "params[1][0][1].name"));
        assert!(!error.to_string().contains('\u{1}'), "{error}");
    }

    #[test]
    fn an_unusual_name_is_told_by_its_number() {
        let bad_name = Value::from(Struct::new().with("a", 1).with("b\u{ffff}", 2));
        assert_eq!(encode_response(&bad_name).unwrap_err().path(), "params[0].#1");
        let spoken_name = Value::from(Struct::new().with("Asha Rao", f64::NAN));
        let error = encode_response(&spoken_name).unwrap_err();
        assert_eq!((error.kind(), error.path()), (EncodeErrorKind::Double, "params[0].#0"));
        assert_eq!(encode_call("a\0", &[]).unwrap_err().path(), "methodName");
    }

    #[test]
    fn after_a_closed_array_the_path_goes_on_behind_it() {
        let value = Value::from(vec![Value::from(vec![Value::from("a")]), Value::from(f64::INFINITY)]);
        assert_eq!(encode_response(&value).unwrap_err().path(), "params[0][1]");
    }

    #[test]
    fn a_value_may_be_deeper_than_any_stack() {
        let mut value = Value::Nil;
        for _ in 0..200_000 {
            value = Value::from(vec![value]);
        }
        assert!(encode_response(&value).is_ok());
        // Taken apart by hand: dropping it whole would recurse.
        while let Value::Array(mut values) = value {
            value = values.pop().unwrap_or_default();
        }
    }

    #[test]
    fn a_fault_arrives_whatever_its_text_holds() {
        let text = String::from_utf8(encode_fault(&Fault::new(2, "a\u{0}<b>"))).unwrap();
        assert!(text.contains("<name>faultCode</name><value><int>2</int></value>"));
        assert!(text.contains("<string>a\u{fffd}&lt;b&gt;</string>"));
    }
}

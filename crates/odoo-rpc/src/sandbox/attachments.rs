//! What `ir.attachment` does: base64 in and out, a checksum, a size, a kind guessed from the name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, traceback};
use crate::sandbox::orm::Vals;
use crate::sandbox::store::Row;
use crate::wire::{Fault, Value};

const ATTACHMENT: &str = "ir.attachment";

/// The kinds of files, by the ending of their names.
const KINDS: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("xml", "application/xml"),
    ("json", "application/json"),
    ("zip", "application/zip"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

impl Env<'_> {
    /// Works out what follows from the content.
    pub(super) fn attachment_vals(&self, mut vals: Vals, new: bool) -> Outcome<Vals> {
        let content = match vals.get("datas") {
            Some(Value::Text(text)) => Some(decode(text)?),
            Some(value) if value.is_unset() => Some(Vec::new()),
            Some(value) => {
                let kind = crate::sandbox::values::type_name(value);
                return Err(traceback(
                    "TypeError",
                    &format!("argument should be a bytes-like object or ASCII string, not '{kind}'"),
                ));
            }
            None => None,
        };
        let content = match (content, vals.remove("raw")) {
            (None, Some(Value::Text(text))) => Some(text.into_bytes()),
            (content, _) => content,
        };
        // With a content that is written over another one too, and by what is written with it alone.
        if (new || content.is_some()) && !vals.contains_key("mimetype") {
            let kind = self.kind_of(&vals, content.as_deref());
            vals.insert("mimetype".to_owned(), Value::Text(kind));
        }
        let Some(content) = content else { return Ok(vals) };
        let empty = content.is_empty();
        let checksum = match empty && self.is_19() {
            true => Value::Bool(false),
            false => Value::Text(hex(&Sha1::digest(&content))),
        };
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        let datas = if empty { Value::Bool(false) } else { Value::Text(STANDARD.encode(&content)) };
        vals.extend([
            ("datas".to_owned(), datas),
            ("checksum".to_owned(), checksum),
            ("file_size".to_owned(), Value::Int(size)),
        ]);
        Ok(vals)
    }

    fn kind_of(&self, vals: &Vals, content: Option<&[u8]>) -> String {
        let name = ["name", "url"].iter().find_map(|field| vals.get(*field).and_then(Value::as_text));
        let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_lowercase());
        let known = ending.and_then(|ending| KINDS.iter().find(|(known, _)| *known == ending));
        if let Some((_, kind)) = known {
            return (*kind).to_owned();
        }
        match content {
            Some(content) if content.starts_with(b"%PDF") => "application/pdf",
            Some(content) if content.starts_with(b"\x89PNG\r\n\x1a\n") => "image/png",
            Some(content) if content.starts_with(b"\xff\xd8\xff") => "image/jpeg",
            Some(content) if self.is_19() && std::str::from_utf8(content).is_ok() => "text/plain",
            _ => "application/octet-stream",
        }
        .to_owned()
    }

    /// On 19 nobody may attach to what is not there.
    pub(super) fn check_attachment(&self, row: &Row) -> Outcome<()> {
        let target = row.get("res_model").and_then(Value::as_text);
        let id = row.get("res_id").and_then(Value::as_int).filter(|&id| id != 0);
        let (true, Some(target), Some(id)) = (self.is_19(), target, id) else { return Ok(()) };
        if self.db.store.contains(target, id) {
            return Ok(());
        }
        Err(Fault::new(4, "Sorry, you are not allowed to access this document."))
    }

    /// What `bin_size` shows instead of the content.
    pub(super) fn content_size(&self, id: i64) -> Option<Value> {
        let size = self.int(ATTACHMENT, id, "file_size").filter(|&size| size > 0)?;
        Some(Value::Text(human_size(size)))
    }
}

/// Reads base64 as Python does: what is no letter of it is passed over.
fn decode(text: &str) -> Outcome<Vec<u8>> {
    let is_letter = |letter: &u8| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/');
    let letters: Vec<u8> = text.bytes().take_while(|letter| *letter != b'=').filter(is_letter).collect();
    let padded = letters.len().is_multiple_of(4) || text.trim_end().ends_with('=');
    let wrong = || traceback("binascii.Error", "Incorrect padding");
    if !padded || letters.len() % 4 == 1 {
        return Err(wrong());
    }
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(&letters).map_err(|_| wrong())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::cast_precision_loss, reason = "two digits of it are shown")]
fn human_size(size: i64) -> String {
    let (mut size, mut units) = (size as f64, ["bytes", "Kb", "Mb", "Gb"].into_iter());
    let mut unit = units.next().unwrap_or_default();
    while size >= 1024.0 {
        let Some(next) = units.next() else { break };
        size /= 1024.0;
        unit = next;
    }
    format!("{size:.2} {unit}")
}

#[cfg(test)]
mod tests {
    use super::{decode, human_size};

    #[test]
    fn base64_is_read_as_python_reads_it() {
        assert_eq!(decode("aGVs\nbG8=").unwrap(), b"hello");
        assert_eq!(decode("!!!!").unwrap(), b"");
        assert!(decode("abc").is_err());
    }

    #[test]
    fn sizes_are_told_as_people_read_them() {
        assert_eq!(human_size(5), "5.00 bytes");
        assert_eq!(human_size(5_000), "4.88 Kb");
    }
}

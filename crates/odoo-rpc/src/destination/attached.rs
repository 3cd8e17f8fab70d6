//! Files of records that are there.
//!
//! What is there is not read back, since it would lie in memory and in the journal; what is read is which file it is: its name, size and
//! checksum. So it could not be put back, and a file from disk stays as it was: a row that brings the same file again says nothing new
//! of it, and one that brings another is refused. Which it is tell the size and the checksum that `ir.attachment` has of its content:
//! one call for a list of rows.
//!
//! A text that the mapping made is another matter: it is written anew with the record it tells of, so a changed one is a change like that
//! of any field. It takes the place of a text alone. Undoing the change says that the text from before was not kept; undoing what made
//! the record takes all of it away.

use std::collections::{BTreeMap, BTreeSet};

use mapping_core::error::{Error, Result};
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::{Action, How, Receipt, Row};
use mapping_core::value::{FileContent, FileHandle, Value};

use crate::content::Content;
use crate::destination::care::stored::{read, updated};
use crate::destination::model::{Field, Ttype};
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

const MODEL: &str = "ir.attachment";
/// The fields that give an attachment its content.
const CONTENT: [&str; 2] = ["datas", "raw"];

const CHANGED: &str =
    "the file of a record that is there is not changed: let a changed file be a record of its own";
const NO_TEXT: &str =
    "a text does not take the place of a file that is no text: let it be a record of its own";
const UNTOLD: &str = "whether it is the file that is there cannot be told of this field, and the file of a record that is there is not \
                      changed: leave it out of changes, or let it be an attachment of its own";
const NOT_KEPT: &str = "the text from before is not kept, so the text that is there was left as it is and all else put back: undo what \
                        made the record, or run the migration with what the source said before";

/// Whether a field of a row is not sent, since the file that is there stays: the row brings none, or one from disk that is to be
/// [compared](OdooWriter::changed_files) with it.
///
/// # Errors
///
/// It brings one that cannot be compared.
pub(crate) fn stays(row: &Row, name: &FieldName, field: &Field, value: &Value) -> Result<bool> {
    if field.ttype != Ttype::Binary || row.action == Action::Create {
        return Ok(false);
    }
    match value {
        Value::File(_) if is_content(&row.model, name) => Ok(!leaves(row, value)),
        Value::File(_) => Err(Error::refused(UNTOLD).at("field", name)),
        value => Ok(value.is_blank()),
    }
}

/// Whether the file of a row leaves with it: any with a new record, a text with a change too.
pub(crate) fn leaves(row: &Row, value: &Value) -> bool {
    match value {
        Value::File(file) => row.action == Action::Create || is_text(file),
        _ => false,
    }
}

/// An attachment without a name has that of its file, which Odoo wants. A text is said to be one: 14 tells the media type by the name that
/// is written with the content, and takes any other text for unknown bytes (measured).
pub(crate) fn complete(row: &Row, values: &mut Struct) {
    let Some(file) = content(&row.model, row.fields.iter()) else { return };
    if values.get("name").is_none() {
        values.push("name".into(), file.name.as_str().into());
    }
    if values.get("mimetype").is_none() && is_text(file) && file.name.ends_with(".txt") {
        values.push("mimetype".into(), "text/plain".into());
    }
}

/// What is read of an attachment's file: which one it is.
pub(crate) const ABOUT: [&str; 3] = ["name", "checksum", "file_size"];

/// Which file an attachment has, as far as its record tells.
pub(crate) fn about(record: &Struct) -> Option<FileHandle> {
    let name = record.get("name").and_then(Wire::as_text).unwrap_or_default();
    let size = record.get("file_size").and_then(Wire::as_int).unwrap_or_default();
    let size = u64::try_from(size).ok()?;
    if size == 0 {
        return Some(FileHandle::text(name, "").not_kept());
    }
    let sha1 = bytes(record.get("checksum")?.as_text()?)?;
    Some(FileHandle { content: FileContent::NotKept, name: name.to_owned(), size, sha1 })
}

/// The name from before of an attachment whose mapping gives it no other than its file's.
pub(crate) fn name_before(receipt: &Receipt) -> Option<&str> {
    let before = receipt.before.as_ref().filter(|before| before.find("name").is_none())?;
    content(&receipt.model, before.iter()).map(|file| file.name.as_str())
}

impl OdooWriter {
    /// The rows that bring another file than the one that is there, and may not: one call, none where no row brings one to a record that
    /// is there.
    pub(crate) async fn changed_files(&self, rows: &[Row]) -> Result<Vec<(usize, Error)>> {
        let mut brought = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let Some(id) = updated(row) else { continue };
            let files = row.fields.iter().filter(|(name, _)| is_content(&row.model, name));
            brought.extend(files.filter_map(|(name, value)| match value {
                Value::File(file) => Some((at, id, name, file)),
                _ => None,
            }));
        }
        let ids: BTreeSet<i64> = brought.iter().map(|(_, id, ..)| *id).collect();
        let [checksum, size] = Content::FIELDS;
        let there = read(self, MODEL, ids, &[checksum, size, "mimetype"]).await?;
        let mut refused = Vec::new();
        for (at, id, name, file) in brought {
            // One that is not there any more is for the server to refuse.
            let Some(there) = there.get(&id) else { continue };
            if Content::of(there) == Content::of_file(file.size, &file.sha1) {
                continue;
            }
            let reason = match is_text(file) {
                false => CHANGED,
                true if is_text_there(there) => continue,
                true => NO_TEXT,
            };
            refused.push((at, Error::refused(reason).at("model", MODEL).at("field", name)));
        }
        Ok(refused)
    }

    /// The receipts of changes whose files are not as they were before, and will not be: of each record the last one tells, but for those
    /// that go altogether.
    pub(crate) async fn files_not_kept(
        &self,
        receipts: &[Receipt],
        goes: &BTreeSet<i64>,
    ) -> Vec<(usize, Error)> {
        let mut before = BTreeMap::new();
        for (at, receipt) in receipts.iter().enumerate() {
            let fields = receipt.before.iter().flat_map(|before| before.iter());
            if let (Some(id), Some(file)) = (receipt.id.number(), content(&receipt.model, fields))
                && !goes.contains(&id)
            {
                before.insert(id, (at, Content::of_file(file.size, &file.sha1)));
            }
        }
        let now = match read(self, MODEL, before.keys().copied().collect(), &Content::FIELDS).await {
            Ok(now) => now,
            Err(error) => return before.into_values().map(|(at, _)| (at, error.clone())).collect(),
        };
        let is_other =
            |id: &i64, before: &Content| now.get(id).is_some_and(|now| Content::of(now) != *before);
        let others = before.into_iter().filter(|(id, (_, content))| is_other(id, content));
        others.map(|(_, (at, _))| (at, Error::refused(NOT_KEPT).at("model", MODEL))).collect()
    }
}

/// The attachments that are to go altogether.
pub(crate) fn going(receipts: &[Receipt]) -> BTreeSet<i64> {
    let made = receipts.iter().filter(|one| one.how == How::Created && one.model.as_str() == MODEL);
    made.filter_map(|receipt| receipt.id.number()).collect()
}

/// Whether the field is what gives an attachment its content.
pub(crate) fn is_content(model: &ModelName, name: &FieldName) -> bool {
    model.as_str() == MODEL && CONTENT.contains(&name.as_str())
}

/// The file among an attachment's fields.
fn content<'a>(
    model: &ModelName,
    mut fields: impl Iterator<Item = (&'a FieldName, &'a Value)>,
) -> Option<&'a FileHandle> {
    fields.find_map(|(name, value)| match value {
        Value::File(file) if is_content(model, name) => Some(file),
        _ => None,
    })
}

fn is_text(file: &FileHandle) -> bool {
    matches!(file.content, FileContent::InMemory(_))
}

/// Whether what is there is a text, or nothing.
fn is_text_there(record: &Struct) -> bool {
    let kind = record.get("mimetype").and_then(Wire::as_text).unwrap_or_default();
    let empty = record.get("file_size").and_then(Wire::as_int).unwrap_or_default() == 0;
    empty || kind.starts_with("text/")
}

/// The bytes of a checksum in hexadecimal digits.
fn bytes(checksum: &str) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    if checksum.len() != 40 {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..40).step_by(2)) {
        *byte = u8::from_str_radix(checksum.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::checksum;

    #[test]
    fn which_file_is_there_is_told_by_its_marks() {
        let file = FileHandle::text("Chat.txt", "Fever");
        let record = Struct::new().with("name", "Chat.txt").with("file_size", 5_i64);
        let record = record.with("checksum", checksum(&file.sha1));
        assert_eq!(about(&record), Some(file));
        let empty =
            Struct::new().with("name", "a").with("file_size", 0_i64).with("checksum", Wire::Bool(false));
        assert_eq!(about(&empty), Some(FileHandle::text("a", "")));
        let odd = |checksum: &str| Struct::new().with("file_size", 5_i64).with("checksum", checksum);
        for checksum in ["", "zz", "é", &"é".repeat(20), &"+f".repeat(20)[..39]] {
            assert_eq!(about(&odd(checksum)), None, "{checksum}");
        }
    }
}

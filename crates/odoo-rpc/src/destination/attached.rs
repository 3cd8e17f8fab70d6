//! Files of records that are there: they stay as they are.
//!
//! What is there is not read back, since it would lie in memory and in the journal; so it could not be put back. A row that brings the
//! same file again says nothing new of it, and one that brings another is refused. Which it is tell the size and the checksum that
//! `ir.attachment` has of its content: one call for a list of rows.

use std::collections::BTreeSet;

use mapping_core::error::{Error, Result};
use mapping_core::name::FieldName;
use mapping_core::receipt::{Action, Row};
use mapping_core::value::{FileHandle, Value};

use crate::content::Content;
use crate::destination::care::stored::{read, updated};
use crate::destination::model::{Field, Ttype};
use crate::destination::writer::OdooWriter;

const MODEL: &str = "ir.attachment";
/// The fields that give an attachment its content.
const CONTENT: [&str; 2] = ["datas", "raw"];

const CHANGED: &str =
    "the file of a record that is there is not changed: let a changed file be a record of its own";
const UNTOLD: &str = "whether it is the file that is there cannot be told of this field, and the file of a record that is there is not \
                      changed: leave it out of changes, or let it be an attachment of its own";

/// Whether a field of a row is not sent, since the file that is there stays: the row brings none, or one that is to be
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
        Value::File(_) if is_content(row, name) => Ok(true),
        Value::File(_) => Err(Error::refused(UNTOLD).at("field", name)),
        value => Ok(value.is_blank()),
    }
}

impl OdooWriter {
    /// The rows that bring another file than the one that is there: one call, none where no row brings one to a record that is there.
    pub(crate) async fn changed_files(&self, rows: &[Row]) -> Result<Vec<(usize, Error)>> {
        let mut brought = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let Some(id) = updated(row) else { continue };
            let files = row.fields.iter().filter(|(name, _)| is_content(row, name));
            brought.extend(files.filter_map(|(name, value)| match value {
                Value::File(file) => Some((at, id, name, file)),
                _ => None,
            }));
        }
        let ids: BTreeSet<i64> = brought.iter().map(|(_, id, ..)| *id).collect();
        let there = read(self, MODEL, ids, &Content::FIELDS).await?;
        // One that is not there any more is for the server to refuse.
        let is_changed = |id: &i64, file: &FileHandle| {
            there.get(id).is_some_and(|there| Content::of(there) != Content::of_file(file.size, &file.sha1))
        };
        let changed = brought.into_iter().filter(|(_, id, _, file)| is_changed(id, file));
        Ok(changed
            .map(|(at, _, name, _)| (at, Error::refused(CHANGED).at("model", MODEL).at("field", name)))
            .collect())
    }
}

fn is_content(row: &Row, name: &FieldName) -> bool {
    row.model.as_str() == MODEL && CONTENT.contains(&name.as_str())
}

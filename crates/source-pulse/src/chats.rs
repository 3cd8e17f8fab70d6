//! The files of `Messages/` as records: what the clinic and a patient wrote each other, a file a patient.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use mapping_core::error::{Error, Result, Retry};
use mapping_core::export::Export;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::key::Origin;
use mapping_core::record::Record;
use mapping_core::source::Reading;
use mapping_core::value::FileHandle;

use crate::entities::CHAT;
use crate::ids::whose::Said;
use crate::ids::{PatientIds, Seen};
use crate::practice::told;

/// What chats are called where tables are named.
pub(crate) const TABLE: &str = "Messages";
/// What the folder may be called.
const FOLDERS: [&str; 3] = ["Messages", "Chats", "Chat"];

/// The files with chats, by name.
pub(crate) fn find(files: &Export) -> Result<Vec<PathBuf>> {
    for folder in FOLDERS {
        let found = files.folder(folder)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The name of a chat's file without its ending, and the file.
pub(crate) fn named(path: &Path) -> (String, Origin) {
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    (part(path.file_stem()), Origin::new(part(path.file_name()), 1))
}

/// What the name of a chat's file, without its ending, says of whose it is.
pub(crate) fn said(name: &str) -> Said<'_> {
    Said { table: TABLE, id: Some(name), name: None, phone: None }
}

/// A chat: its file as it is, on the patient whose id is the file's name.
pub(crate) fn read(patients: &PatientIds, seen: &mut Seen, path: &Path) -> Result<Reading> {
    let (written, origin) = named(path);
    let name = origin.file.to_string();
    let refuse = |reason: &str| {
        Ok(Reading::Refused(
            Refusal::new(CHAT, reason).key(written.as_str()).at(origin.clone()).field("file"),
        ))
    };
    let file = FileHandle::look(path, name.clone()).map_err(|cause| {
        Error::unavailable("a chat of the export cannot be read; see its rights", Retry::Safe).because(cause)
    })?;
    if file.size == 0 {
        return refuse("the file of the chat holds nothing; ask for it");
    }
    let whose = patients.whose(said(&written));
    let id = whose.patient.as_deref().unwrap_or(&written);
    if seen.insert(&name, 1).is_err() {
        return refuse("another chat has this name");
    }
    let mut record = Record::new(CHAT, name.as_str())
        .at(origin)
        .with("patient_id", id)
        .with("file_name", name.as_str())
        .with("file", file);
    if id != written {
        record.set("patient_id_text", written.as_str());
    }
    if let Some((kind, message, field)) = told(whose.found) {
        record.flag(Flag::new(kind, message).field(field));
    }
    Ok(record.into())
}

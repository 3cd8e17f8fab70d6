//! The files of `Messages/` as records: what the clinic and a patient wrote each other, a file a patient.

use std::path::{Path, PathBuf};

use mapping_core::error::{Error, Result, Retry};
use mapping_core::export::Export;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::key::Origin;
use mapping_core::record::Record;
use mapping_core::source::Reading;
use mapping_core::value::FileHandle;

use crate::entities::CHAT;
use crate::ids::{Meant, PatientIds, Seen};

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

/// A chat: its file as it is, on the patient whose id is the file's name.
pub(crate) fn read(patients: &PatientIds, seen: &mut Seen, path: &Path) -> Result<Reading> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let written = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let origin = Origin::new(name.clone(), 1);
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
    let meant = patients.find(&written);
    let id = match &meant {
        Meant::ByNumber(id) => id.as_str(),
        _ => written.as_str(),
    };
    if seen.insert(&name, 1).is_err() {
        return refuse("another chat has this name");
    }
    let mut record = Record::new(CHAT, name.as_str())
        .at(origin)
        .with("patient_id", id)
        .with("file_name", name.as_str())
        .with("file", file);
    match &meant {
        Meant::ByNumber(_) => {
            record.set("patient_id_text", written.as_str());
            record.flag(
                Flag::new("id-normalised", "found by the number of the patient's id").field("patient_id"),
            );
        }
        Meant::Ambiguous => {
            let message = "several patients' ids have this number; name the file after one of them";
            record.flag(Flag::new("ambiguous-id", message).field("patient_id"));
        }
        Meant::Exact | Meant::Nobody => {}
    }
    Ok(record.into())
}

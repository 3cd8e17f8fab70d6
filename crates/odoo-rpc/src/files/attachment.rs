//! A file that is to hang on a record.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::wire::file::Place;

/// A file that is to become an attachment of a record: one on disk, or bytes in memory, such as a text.
///
/// `Debug` shows the record alone: names of files name patients.
///
/// # Example
///
/// ```
/// use odoo_rpc::files::Attachment;
///
/// let scan = Attachment::new("/exports/scans/17.pdf", "X-ray 2021-03-04.pdf", "res.partner", 42).key("apms:pune:document:17");
/// assert_eq!(format!("{scan:?}"), "Attachment(of res.partner 42)");
///
/// let chat = "Asha: Is it broken?\nDr. Rao: No fracture.";
/// let chat = Attachment::in_memory(chat.as_bytes(), "Chat 2021-03.txt", "res.partner", 42);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) model: String,
    pub(crate) record: i64,
    pub(crate) key: Option<String>,
    pub(crate) mimetype: Option<String>,
}

impl Attachment {
    /// The file at `path`, under the name `name`, on the record `id` of `model`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>, model: impl Into<String>, id: i64) -> Self {
        Self::at(Place::Disk(path.into()), name.into(), model.into(), id)
    }

    /// Bytes in memory, under the name `name`, on the record `id` of `model`. Of a text those of its UTF-8.
    #[must_use]
    pub fn in_memory(
        bytes: impl Into<Arc<[u8]>>,
        name: impl Into<String>,
        model: impl Into<String>,
        id: i64,
    ) -> Self {
        Self::at(Place::Memory(bytes.into()), name.into(), model.into(), id)
    }

    fn at(place: Place, name: String, model: String, record: i64) -> Self {
        Self { place, name, model, record, key: None, mimetype: None }
    }

    /// The same, with a key of the caller's own: what it is called in refusals, and what it is found again by where
    /// [`Attachments::keys_in`](crate::files::Attachments::keys_in) says in which field keys stand.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same, of that media type; where unset, Odoo tells it by the ending of the name, then by the content.
    #[must_use]
    pub fn mimetype(mut self, mimetype: impl Into<String>) -> Self {
        self.mimetype = Some(mimetype.into());
        self
    }

    /// What it is called in refusals.
    pub(crate) fn place(&self) -> String {
        match &self.key {
            Some(key) => format!("attachment {key} of {} {}", self.model, self.record),
            None => format!("attachment of {} {}", self.model, self.record),
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment(of {} {})", self.model, self.record)
    }
}

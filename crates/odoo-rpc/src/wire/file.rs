//! A file as a value: where its bytes are, and what it was when it was looked at.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that a call is to carry as a text of base64, which is how Odoo's fields take bytes (measured on 14 to 19): one on disk, or
/// bytes in memory.
///
/// One on disk is opened only while the call leaves, and never lies in memory; of one in memory a block at a time is encoded then. What
/// leaves is what was looked at: a file whose length is another one by then, or whose content does not have the
/// [`sha1`](Self::with_sha1) that was given, breaks the request off before it is complete, so that the server can make nothing of it.
///
/// `Debug` tells the kind and the size alone: names and paths of files name patients.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::File;
///
/// let scan = File::new("/exports/scans/17.pdf", 5_000);
/// assert_eq!(scan.encoded_len(), 6_668);
/// assert_eq!(format!("{scan:?}"), "File(on disk, 5000 bytes)");
///
/// let text = File::in_memory(*b"No fracture.");
/// assert_eq!(text.encoded_len(), 16);
/// assert_eq!(format!("{text:?}"), "File(in memory, 12 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct File(Arc<Looked>);

/// Behind a pointer: every other value would be as large as this.
#[derive(Clone, PartialEq, Eq)]
struct Looked {
    place: Place,
    size: u64,
    sha1: Option<[u8; 20]>,
}

/// Where the bytes of a file are. Clones share those in memory.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

impl File {
    /// The file at `path`, which was `size` bytes long when it was looked at.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, size: u64) -> Self {
        Self::at(Place::Disk(path.into()), size)
    }

    /// Bytes in memory.
    #[must_use]
    pub fn in_memory(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        Self::at(Place::Memory(bytes), size)
    }

    pub(crate) fn at(place: Place, size: u64) -> Self {
        Self(Arc::new(Looked { place, size, sha1: None }))
    }

    /// The same, whose content had that SHA-1. It is Odoo's own checksum of attachments.
    #[must_use]
    pub fn with_sha1(mut self, sha1: [u8; 20]) -> Self {
        Arc::make_mut(&mut self.0).sha1 = Some(sha1);
        self
    }

    /// Where it lies, if it is on disk.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0.place {
            Place::Disk(path) => Some(path),
            Place::Memory(_) => None,
        }
    }

    /// Its bytes, if they are in memory.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.0.place {
            Place::Disk(_) => None,
            Place::Memory(bytes) => Some(bytes),
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.0.place
    }

    /// Its size in bytes, when it was looked at.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// The SHA-1 of its content, where it was given.
    #[must_use]
    pub fn sha1(&self) -> Option<&[u8; 20]> {
        self.0.sha1.as_ref()
    }

    /// How many bytes its base64 has.
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        self.size().div_ceil(3).saturating_mul(4)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path().is_some() { "on disk" } else { "in memory" };
        write!(f, "File({place}, {} bytes)", self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_four_for_each_three_begun() {
        for (size, encoded) in [(0, 0), (1, 4), (3, 4), (4, 8), (u64::MAX, u64::MAX)] {
            assert_eq!(File::new("x", size).encoded_len(), encoded, "{size}");
        }
    }
}

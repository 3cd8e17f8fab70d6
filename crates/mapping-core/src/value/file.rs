//! A file as a value: on disk, or as bytes in memory, and what it was when it was looked at.

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

/// A file that a record speaks of: one on disk, as it was when it was [looked at](Self::look), or a [text](Self::text) that becomes one.
///
/// What it is by is its name and its content, told by size and SHA-1: one that lies elsewhere, or in memory, is the same, one whose
/// bytes changed is another, however long it is and whenever it was written. `Debug` does not show its name: names of files name
/// patients.
///
/// Written down (serialised) it is its name, its size and its SHA-1, and the path of one on disk. Bytes in memory are not written down,
/// so a journal stays small and holds no text of a patient's: what is read again is a handle whose content was
/// [not kept](FileContent::NotKept), equal to the one that was written down.
///
/// # Example
///
/// ```
/// use mapping_core::value::FileHandle;
///
/// # let folder = tempfile::tempdir()?;
/// # let scans = folder.path();
/// std::fs::write(scans.join("17.txt"), "No fracture.")?;
/// let scan = FileHandle::look(scans.join("17.txt"), "X-ray 2021-03-04.txt")?;
/// assert_eq!(scan.size, 12);
/// assert_eq!(format!("{scan:?}"), "File(on disk, 12 bytes)");
///
/// let text = FileHandle::text("X-ray 2021-03-04.txt", "No fracture.");
/// assert_eq!(text, scan);
/// assert_eq!(format!("{text:?}"), "File(in memory, 12 bytes)");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct FileHandle {
    /// Where its bytes are.
    pub content: FileContent,
    /// The name it is to have.
    pub name: String,
    /// Its size in bytes, when it was looked at.
    pub size: u64,
    /// The SHA-1 of its content, when it was looked at. Destinations tell files by it too.
    pub sha1: [u8; 20],
}

/// Where the bytes of a file are. `Debug` tells the kind alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileContent {
    /// On disk, at this path.
    OnDisk(PathBuf),
    /// In memory. Clones share them.
    InMemory(Arc<[u8]>),
    /// Nowhere at hand: it is only known what they were, as of a file that lies at a destination.
    NotKept,
}

/// How much of a file is read at a time.
const BLOCK: usize = 256 << 10;

impl FileHandle {
    /// Looks at a file: reads it once from end to end, a block at a time, on the thread it is called on.
    ///
    /// # Errors
    ///
    /// It is not there, is no file, or cannot be read.
    pub fn look(path: impl Into<PathBuf>, name: impl Into<String>) -> io::Result<Self> {
        let (path, name) = (path.into(), name.into());
        // Before it is opened: to open a pipe would wait for its other end.
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        let mut file = fs::File::open(&path)?;
        let (mut sha1, mut size, mut block) = (Sha1::new(), 0, vec![0; BLOCK]);
        loop {
            let read = match file.read(&mut block) {
                Ok(count) => block.get(..count).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if read.is_empty() {
                let content = FileContent::OnDisk(path);
                return Ok(Self { content, name, size, sha1: sha1.finalize().into() });
            }
            sha1.update(read);
            size += read.len() as u64;
        }
    }

    /// A text as a file: its bytes are its UTF-8, without a mark of order before it.
    #[must_use]
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::in_memory(name, text.into().into_bytes())
    }

    /// Bytes in memory as a file.
    #[must_use]
    pub fn in_memory(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let (size, sha1) = (bytes.len() as u64, Sha1::digest(&bytes).into());
        Self { content: FileContent::InMemory(bytes), name: name.into(), size, sha1 }
    }

    /// The same without its bytes: what is kept of it where they must not be.
    #[must_use]
    pub fn not_kept(&self) -> Self {
        Self { content: FileContent::NotKept, name: self.name.clone(), ..*self }
    }

    /// How many bytes of memory it holds: none where it lies on disk.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.content {
            FileContent::InMemory(bytes) => bytes.len(),
            FileContent::OnDisk(_) | FileContent::NotKept => 0,
        }
    }
}

impl PartialEq for FileHandle {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.size, self.sha1) == (&other.name, other.size, other.sha1)
    }
}

impl fmt::Debug for FileHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({:?}, {} bytes)", self.content, self.size)
    }
}

impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OnDisk(_) => "on disk",
            Self::InMemory(_) => "in memory",
            Self::NotKept => "not kept",
        })
    }
}

/// A handle as it is written down: of one on disk just as before there were others.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<PathBuf>,
    name: String,
    size: u64,
    sha1: [u8; 20],
}

impl From<Written> for FileHandle {
    fn from(Written { path, name, size, sha1 }: Written) -> Self {
        Self { content: path.map_or(FileContent::NotKept, FileContent::OnDisk), name, size, sha1 }
    }
}

impl From<FileHandle> for Written {
    fn from(FileHandle { content, name, size, sha1 }: FileHandle) -> Self {
        let path = match content {
            FileContent::OnDisk(path) => Some(path),
            FileContent::InMemory(_) | FileContent::NotKept => None,
        };
        Self { path, name, size, sha1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_down_without_its_bytes_and_read_again_as_equal() {
        let text = FileHandle::text("Chat.txt", "Canary: fever since Monday");
        let written = serde_json::to_string(&text).unwrap();
        assert!(!written.contains("fever") && !written.contains("path"), "{written}");
        let read: FileHandle = serde_json::from_str(&written).unwrap();
        assert_eq!((&read, &read.content), (&text, &FileContent::NotKept));
        assert_eq!(text.not_kept(), text);
        assert_ne!(FileHandle::text("Chat.txt", "other"), text);
        assert_ne!(FileHandle::text("Other.txt", "Canary: fever since Monday"), text);
    }

    #[test]
    fn a_handle_written_down_before_there_were_texts_reads_and_is_written_as_it_was() {
        let sha1: Vec<String> = (0..20).map(|number: u8| number.to_string()).collect();
        let written =
            format!(r#"{{"path":"scans/17.pdf","name":"Scan.pdf","size":5,"sha1":[{}]}}"#, sha1.join(","));
        let read: FileHandle = serde_json::from_str(&written).unwrap();
        assert_eq!(read.content, FileContent::OnDisk("scans/17.pdf".into()));
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
    }

    #[test]
    fn bytes_in_memory_are_held_and_those_on_disk_are_not() {
        let text = FileHandle::text("a.txt", "é");
        assert_eq!((text.size, text.held(), text.not_kept().held()), (2, 2, 0));
        assert_eq!(FileHandle::text("a.txt", "").sha1[..3], [0xda, 0x39, 0xa3]);
    }
}

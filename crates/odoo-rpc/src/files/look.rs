//! Looking at files before anything is sent: are they there, how long are they, and what is their checksum.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use sha1::{Digest, Sha1};
use tokio::runtime::Handle;

use crate::content::{Content, checksum};
use crate::error::{Error, Result};
use crate::files::outcome::Refusal;
use crate::wire::file::Place;

/// How much of a file is read at a time.
const BLOCK: u64 = 256 << 10;

/// What a file was when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Looked {
    pub(crate) size: u64,
    pub(crate) sha1: [u8; 20],
}

impl Looked {
    /// The checksum as Odoo writes it.
    pub(crate) fn checksum(&self) -> String {
        checksum(&self.sha1)
    }

    /// What Odoo is to tell of it.
    pub(crate) fn content(&self) -> Content {
        Content::of_file(self.size, &self.sha1)
    }
}

/// Looks at files of `most` bytes at most, one after another, away from the threads that wait for the server.
///
/// # Errors
///
/// There is no runtime to do it on.
pub(crate) async fn look(places: Vec<Place>, most: u64) -> Result<Vec<Result<Looked, Refusal>>> {
    let runtime = Handle::try_current().map_err(|_| Error::config("files are read on a Tokio runtime"))?;
    let look = move || places.iter().map(|place| look_at(place, most)).collect();
    runtime.spawn_blocking(look).await.map_err(|_| Error::config("the runtime ends: no file was looked at"))
}

fn look_at(place: &Place, most: u64) -> Result<Looked, Refusal> {
    match place {
        Place::Disk(path) => on_disk(path, most),
        Place::Memory(bytes) if bytes.len() as u64 > most => {
            Err(Refusal::TooLarge { size: bytes.len() as u64, most })
        }
        Place::Memory(bytes) => Ok(Looked { size: bytes.len() as u64, sha1: Sha1::digest(bytes).into() }),
    }
}

fn on_disk(path: &Path, most: u64) -> Result<Looked, Refusal> {
    let unreadable = |error: io::Error| Refusal::Unreadable(error.kind());
    // Before it is opened: to open a pipe would wait for its other end.
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(Refusal::NoFile);
    }
    if about.len() > most {
        return Err(Refusal::TooLarge { size: about.len(), most });
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let (mut sha1, mut size, mut block) = (Sha1::new(), 0, Vec::new());
    loop {
        block.clear();
        let count = (&file).take(BLOCK).read_to_end(&mut block).map_err(unreadable)?;
        if count == 0 {
            break;
        }
        sha1.update(&block);
        size += count as u64;
        // It grows while it is read.
        if size > most {
            return Err(Refusal::TooLarge { size, most });
        }
    }
    Ok(Looked { size, sha1: sha1.finalize().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_looked_at_or_refused_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan");
        assert_eq!(on_disk(&path, 9), Err(Refusal::Unreadable(io::ErrorKind::NotFound)));
        assert_eq!(on_disk(folder.path(), 9), Err(Refusal::NoFile));
        fs::write(&path, b"abc").unwrap();
        assert_eq!(on_disk(&path, 2), Err(Refusal::TooLarge { size: 3, most: 2 }));
        let looked = on_disk(&path, 3).unwrap();
        assert_eq!(
            (looked.size, looked.checksum().as_str()),
            (3, "a9993e364706816aba3e25717850c26c9cd0d89d")
        );
        fs::write(&path, b"").unwrap();
        assert_eq!(on_disk(&path, 0).unwrap().checksum(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    #[test]
    fn bytes_in_memory_are_looked_at_like_those_of_a_file() {
        let bytes = Place::Memory(b"abc"[..].into());
        assert_eq!(look_at(&bytes, 2), Err(Refusal::TooLarge { size: 3, most: 2 }));
        let looked = look_at(&bytes, 3).unwrap();
        assert_eq!(
            (looked.size, looked.checksum().as_str()),
            (3, "a9993e364706816aba3e25717850c26c9cd0d89d")
        );
    }
}

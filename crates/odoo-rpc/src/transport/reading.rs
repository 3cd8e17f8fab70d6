//! A file as base64, block by block, held to what it was when it was looked at.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha1::{Digest, Sha1};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::wire::File;

/// How much of a file is read at a time: a multiple of 3, so that the base64 of the blocks is that of the file.
const BLOCK: usize = 768 << 10;

/// Why a file of a request's body could not leave. Tells neither its name nor its path.
#[derive(Clone, Debug)]
pub struct FileError {
    file: usize,
    reason: String,
}

impl FileError {
    /// Which file of the body it is, counted from 0.
    #[must_use]
    pub fn file(&self) -> usize {
        self.file
    }

    /// The error of that kind behind an error of reading a [`Body`](crate::transport::Body), if it is one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl Error for FileError {}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "file {} of the call: {}", self.file + 1, self.reason)
    }
}

/// The base64 of a file on its way: while one block leaves the next is read.
///
/// The last block is given only once the whole file has turned out to be what it was when it was looked at.
#[derive(Debug)]
pub(crate) struct Reading {
    number: usize,
    next: JoinHandle<Result<Step, String>>,
}

/// A block, and what reads the one after it; `None` behind the last one.
type Step = Option<(Bytes, Reader)>;

impl Reading {
    /// Begins to read the file, which is the body's file number `number`.
    pub(crate) fn start(file: File, number: usize) -> io::Result<Self> {
        let runtime =
            Handle::try_current().map_err(|_| io::Error::other("files are read on a Tokio runtime"))?;
        Ok(Self { number, next: runtime.spawn_blocking(move || Reader::open(&file)?.step()) })
    }

    /// The next block; `None` after the last one.
    pub(crate) async fn next(self) -> io::Result<Option<(Bytes, Self)>> {
        let number = self.number;
        let broken = |reason| io::Error::other(FileError { file: number, reason });
        let step = self.next.await.map_err(io::Error::other)?.map_err(broken)?;
        Ok(step.map(|(block, reader)| {
            let next = tokio::task::spawn_blocking(move || reader.step());
            (block, Self { number, next })
        }))
    }
}

#[derive(Debug)]
struct Reader {
    from: std::fs::File,
    /// How many bytes are to come yet.
    left: u64,
    sha1: Option<([u8; 20], Sha1)>,
    block: Vec<u8>,
}

impl Reader {
    fn open(file: &File) -> Result<Self, String> {
        let unreadable = |error: io::Error| format!("it cannot be read ({})", error.kind());
        // Before it is opened: to open a pipe would wait for its other end.
        if !std::fs::metadata(file.path()).map_err(unreadable)?.is_file() {
            return Err("it is no file".to_owned());
        }
        let from = std::fs::File::open(file.path()).map_err(unreadable)?;
        let size = from.metadata().map_err(unreadable)?.len();
        if size != file.size() {
            return Err(format!("it had {} bytes when it was looked at and has {size} now", file.size()));
        }
        Ok(Self { from, left: size, sha1: file.sha1().map(|sha1| (*sha1, Sha1::new())), block: Vec::new() })
    }

    fn step(mut self) -> Result<Step, String> {
        let unreadable = |error: io::Error| format!("it cannot be read to its end ({})", error.kind());
        self.block.clear();
        let wanted = self.left.min(BLOCK as u64);
        (&self.from).take(wanted).read_to_end(&mut self.block).map_err(unreadable)?;
        if self.block.len() as u64 != wanted {
            return Err("it has become shorter while it was read".to_owned());
        }
        self.left -= wanted;
        if let Some((_, sha1)) = &mut self.sha1 {
            sha1.update(&self.block);
        }
        if self.left == 0 {
            if (&self.from).take(1).read_to_end(&mut Vec::new()).map_err(unreadable)? > 0 {
                return Err("it has become longer while it was read".to_owned());
            }
            if self.sha1.take().is_some_and(|(wanted, sha1)| sha1.finalize() != wanted) {
                return Err("its content is not what it was when it was looked at".to_owned());
            }
        }
        if self.block.is_empty() {
            return Ok(None);
        }
        let encoded = STANDARD.encode(&self.block);
        Ok(Some((encoded.into(), self)))
    }
}

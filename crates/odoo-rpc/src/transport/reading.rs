//! A file as base64, block by block, held to what it was when it was looked at.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha1::{Digest, Sha1};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::wire::file::{File, Place};

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

/// The base64 of a file on its way. Of one on disk the next block is read while one leaves.
///
/// The last block is given only once the whole file has turned out to be what it was when it was looked at.
#[derive(Debug)]
pub(crate) struct Reading {
    number: usize,
    next: Next,
}

/// What gives the next block.
#[derive(Debug)]
enum Next {
    /// A thread that may wait for a disk.
    Thread(JoinHandle<Result<Step, String>>),
    /// Nothing but memory, for which nobody waits.
    Memory(Reader),
}

/// A block, and what reads the one after it; `None` behind the last one.
type Step = Option<(Bytes, Reader)>;

impl Reading {
    /// Begins to read the file, which is the body's file number `number`.
    pub(crate) fn start(file: File, number: usize) -> io::Result<Self> {
        if let Place::Memory(bytes) = file.place() {
            return Ok(Self {
                number,
                next: Next::Memory(Reader::over(Source::Memory(Arc::clone(bytes)), &file)),
            });
        }
        let runtime =
            Handle::try_current().map_err(|_| io::Error::other("files are read on a Tokio runtime"))?;
        let next = Next::Thread(runtime.spawn_blocking(move || Reader::open(&file)?.step()));
        Ok(Self { number, next })
    }

    /// The next block; `None` after the last one.
    pub(crate) async fn next(self) -> io::Result<Option<(Bytes, Self)>> {
        let number = self.number;
        let broken = |reason| io::Error::other(FileError { file: number, reason });
        let step = match self.next {
            Next::Thread(thread) => thread.await.map_err(io::Error::other)?,
            Next::Memory(reader) => reader.step(),
        };
        Ok(step.map_err(broken)?.map(|(block, reader)| {
            let next = match reader.from {
                Source::Memory(_) => Next::Memory(reader),
                Source::Disk(_) => Next::Thread(tokio::task::spawn_blocking(move || reader.step())),
            };
            (block, Self { number, next })
        }))
    }
}

#[derive(Debug)]
struct Reader {
    from: Source,
    /// How many bytes are to come yet.
    left: u64,
    sha1: Option<([u8; 20], Sha1)>,
    block: Vec<u8>,
}

/// What is read.
enum Source {
    Disk(std::fs::File),
    Memory(Arc<[u8]>),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disk(_) => "a file",
            Self::Memory(_) => "memory",
        })
    }
}

impl Reader {
    fn open(file: &File) -> Result<Self, String> {
        let unreadable = |error: io::Error| format!("it cannot be read ({})", error.kind());
        let path = file.path().ok_or("it is not on disk")?;
        // Before it is opened: to open a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err("it is no file".to_owned());
        }
        let from = std::fs::File::open(path).map_err(unreadable)?;
        let size = from.metadata().map_err(unreadable)?.len();
        if size != file.size() {
            return Err(format!("it had {} bytes when it was looked at and has {size} now", file.size()));
        }
        Ok(Self::over(Source::Disk(from), file))
    }

    fn over(from: Source, file: &File) -> Self {
        let sha1 = file.sha1().map(|sha1| (*sha1, Sha1::new()));
        Self { from, left: file.size(), sha1, block: Vec::new() }
    }

    fn step(mut self) -> Result<Step, String> {
        let wanted = self.left.min(BLOCK as u64);
        let block = match &self.from {
            Source::Disk(from) => {
                self.block.clear();
                read(from, wanted, &mut self.block)?;
                self.block.as_slice()
            }
            Source::Memory(bytes) => {
                block(bytes, self.left, wanted).ok_or("it is not as long as was said")?
            }
        };
        self.left -= wanted;
        if let Some((_, sha1)) = &mut self.sha1 {
            sha1.update(block);
        }
        if self.left == 0 {
            if let Source::Disk(from) = &self.from {
                is_at_end(from)?;
            }
            if self.sha1.take().is_some_and(|(wanted, sha1)| sha1.finalize() != wanted) {
                return Err("its content is not what it was when it was looked at".to_owned());
            }
        }
        if block.is_empty() {
            return Ok(None);
        }
        let encoded = STANDARD.encode(block);
        Ok(Some((encoded.into(), self)))
    }
}

/// The next `wanted` of the `left` bytes that are to come yet.
fn block(bytes: &[u8], left: u64, wanted: u64) -> Option<&[u8]> {
    let start = bytes.len().checked_sub(usize::try_from(left).ok()?)?;
    bytes.get(start..start + usize::try_from(wanted).ok()?)
}

fn read(from: &std::fs::File, wanted: u64, block: &mut Vec<u8>) -> Result<(), String> {
    from.take(wanted).read_to_end(block).map_err(|error| unread(&error))?;
    if block.len() as u64 == wanted {
        Ok(())
    } else {
        Err("it has become shorter while it was read".to_owned())
    }
}

fn is_at_end(from: &std::fs::File) -> Result<(), String> {
    match from.take(1).read_to_end(&mut Vec::new()).map_err(|error| unread(&error))? {
        0 => Ok(()),
        _ => Err("it has become longer while it was read".to_owned()),
    }
}

fn unread(error: &io::Error) -> String {
    format!("it cannot be read to its end ({})", error.kind())
}

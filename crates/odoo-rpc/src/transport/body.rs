//! What a request carries, in pieces, so that it need not lie in memory in one.

use std::fmt;
use std::io;
use std::vec;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};

use crate::transport::reading::Reading;
use crate::wire::{Document, Piece};

/// The body of a request. Clones are cheap; `Debug` tells the size alone.
///
/// Files in it are read while it leaves, a block or two at a time, however long they are.
///
/// # Example
///
/// ```
/// use odoo_rpc::transport::Body;
///
/// let body = Body::from(b"<methodCall/>".to_vec());
/// assert_eq!(body.len(), 13);
/// assert_eq!(body.in_memory(), Some(&b"<methodCall/>"[..]));
/// ```
#[derive(Clone, Default)]
pub struct Body {
    document: Document,
}

impl Body {
    /// Its length in bytes, known before it is sent.
    #[must_use]
    pub fn len(&self) -> usize {
        self.document.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, where it lies in memory in one piece.
    #[must_use]
    pub fn in_memory(&self) -> Option<&[u8]> {
        match self.document.pieces() {
            [] => Some(&[]),
            [Piece::Bytes(piece)] => Some(piece),
            _ => None,
        }
    }

    /// Its pieces, one after another; files need a Tokio runtime to be read on.
    ///
    /// After an error nothing more comes. Where a file is not what it was when it was looked at, that error comes before the last
    /// block of the file, so what was given is shorter than [`len`](Self::len): see [`FileError::of`](crate::transport::FileError::of).
    #[must_use]
    pub fn stream(self) -> BoxStream<'static, io::Result<Bytes>> {
        let leaving = Leaving { pieces: self.document.into_pieces().into_iter(), reading: None, files: 0 };
        stream::try_unfold(leaving, Leaving::next).boxed()
    }

    /// All of it, in memory.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or is not what it was when it was looked at.
    pub async fn read(self) -> io::Result<Vec<u8>> {
        // The length of a file is no more than what somebody said it was.
        let mut bytes = Vec::with_capacity(self.in_memory().map_or(0, <[u8]>::len));
        let mut pieces = self.stream();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes)
    }
}

/// What is left of a body.
struct Leaving {
    pieces: vec::IntoIter<Piece>,
    reading: Option<Reading>,
    /// How many files were begun.
    files: usize,
}

impl Leaving {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        loop {
            if let Some(reading) = self.reading.take()
                && let Some((block, rest)) = reading.next().await?
            {
                self.reading = Some(rest);
                return Ok(Some((block, self)));
            }
            match self.pieces.next() {
                None => return Ok(None),
                Some(Piece::Bytes(bytes)) => return Ok(Some((bytes, self))),
                Some(Piece::File(file)) => {
                    self.reading = Some(Reading::start(file, self.files)?);
                    self.files += 1;
                }
            }
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Document::from(bytes).into()
    }
}

impl From<Document> for Body {
    fn from(document: Document) -> Self {
        Self { document }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use futures::FutureExt as _;
    use sha1::{Digest, Sha1};

    use super::*;
    use crate::transport::reading::FileError;
    use crate::wire::{File, Value, encode_call_document};

    fn noise(size: usize) -> Vec<u8> {
        (0..size as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u8).collect()
    }

    fn written(content: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        file
    }

    fn body(files: impl IntoIterator<Item = File>) -> Body {
        let files: Vec<Value> = files.into_iter().map(Value::from).collect();
        encode_call_document("f", &files).unwrap().into()
    }

    fn looked_at(file: &tempfile::NamedTempFile, content: &[u8]) -> File {
        File::new(file.path(), content.len() as u64).with_sha1(Sha1::digest(content).into())
    }

    /// How much left before the error, and the error.
    async fn broken(body: Body) -> (usize, FileError) {
        let mut pieces = body.stream();
        let mut left = 0;
        loop {
            match pieces.next().await.unwrap() {
                Ok(piece) => left += piece.len(),
                Err(error) => {
                    assert!(pieces.next().await.is_none(), "something came after the error");
                    return (left, FileError::of(&error).unwrap().clone());
                }
            }
        }
    }

    #[tokio::test]
    async fn files_leave_as_the_base64_of_the_whole() {
        for size in [0, 1, 2, 3, 4, (768 << 10) - 1, 768 << 10, (768 << 10) + 1, 2_000_000] {
            let content = noise(size);
            let file = written(&content);
            let text = File::in_memory(content.clone()).with_sha1(Sha1::digest(&content).into());
            let body = body([looked_at(&file, &content), text, File::in_memory(content.clone())]);
            assert_eq!(body.in_memory(), None);
            let length = body.len();
            let bytes = body.read().await.unwrap();
            assert_eq!(bytes.len(), length, "{size}");
            let text = String::from_utf8(bytes).unwrap();
            let element = format!("<value><string>{}</string></value>", STANDARD.encode(&content));
            assert_eq!(text.matches(&element).count(), 3, "{size}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_another_one_by_now_breaks_off_before_its_end() {
        let content = noise(2_000_000);
        let sound = written(&content);
        let mut changed = content.clone();
        changed[0] ^= 1;
        for (now, word) in [(&content[1..], "1999999 now"), (&changed, "not what it was"), (&[], "0 now")] {
            let file = written(now);
            let body = body([looked_at(&sound, &content), looked_at(&file, &content)]);
            let length = body.len();
            let (left, error) = broken(body).await;
            assert!(left < length - 1_000, "{left} of {length}");
            assert_eq!(error.file(), 1);
            let told = format!("{error} {error:?}");
            assert!(told.contains(word) && !told.contains("tmp"), "{told}");
        }
    }

    #[tokio::test]
    async fn bytes_that_are_not_what_was_said_break_off_before_their_end() {
        let body = body([File::in_memory(noise(2_000_000)).with_sha1([7; 20])]);
        let length = body.len();
        let (left, error) = broken(body).await;
        assert!(left < length - 1_000 && error.to_string().contains("not what it was"), "{left}: {error}");
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let (_, error) = broken(body([File::new(folder.path(), 0)])).await;
        assert!(error.to_string().ends_with("it is no file"), "{error}");
        let (_, error) = broken(body([File::new(folder.path().join("gone"), 0)])).await;
        assert!(error.to_string().contains("cannot be read"), "{error}");
    }

    #[test]
    fn without_a_runtime_there_is_an_error_and_no_panic() {
        let file = written(b"x");
        let read = body([File::new(file.path(), 1)]).read();
        assert!(read.now_or_never().unwrap().is_err());
        // What lies in memory needs none.
        let read = body([File::in_memory(*b"x")]).read();
        assert!(read.now_or_never().unwrap().is_ok());
    }
}

//! What a request carries, in pieces, so that it need not lie in memory in one.

use std::fmt;
use std::io;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};

/// The body of a request. Clones are cheap; `Debug` tells the size alone.
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
    pieces: Vec<Bytes>,
}

impl Body {
    /// Its length in bytes, known before it is sent.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, where it lies in memory in one piece.
    #[must_use]
    pub fn in_memory(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(&[]),
            [piece] => Some(piece),
            _ => None,
        }
    }

    /// Its pieces, one after another.
    #[must_use]
    pub fn stream(self) -> BoxStream<'static, io::Result<Bytes>> {
        stream::iter(self.pieces.into_iter().map(Ok)).boxed()
    }

    /// All of it, in memory.
    ///
    /// # Errors
    ///
    /// A piece cannot be read.
    pub async fn read(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.len());
        let mut pieces = self.stream();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { pieces: vec![bytes.into()] }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

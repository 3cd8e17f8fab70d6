//! A document in pieces, some of which are files.

use std::fmt;
use std::mem;

use bytes::Bytes;

use crate::wire::file::File;

/// A document that is written already, but for the files in it: they are read while it leaves.
///
/// `Debug` tells sizes alone.
#[derive(Clone, Default)]
pub struct Document {
    pieces: Vec<Piece>,
}

/// A piece of a [`Document`].
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a third kind would change every reader")]
pub enum Piece {
    /// These bytes.
    Bytes(Bytes),
    /// The base64 of this file.
    File(File),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::File(file) => usize::try_from(file.encoded_len()).unwrap_or(usize::MAX),
        }
    }
}

impl Document {
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.iter().map(Piece::len).fold(0, usize::saturating_add)
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Its pieces, in order.
    #[must_use]
    pub fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }

    /// Goes on with what was written so far, and then a file.
    pub(crate) fn push_file(&mut self, written: &mut Vec<u8>, file: &File) {
        self.pieces.push(Piece::Bytes(mem::take(written).into()));
        self.pieces.push(Piece::File(file.clone()));
    }

    /// Ends with what was written since.
    pub(crate) fn finish(mut self, written: Vec<u8>) -> Self {
        self.pieces.push(Piece::Bytes(written.into()));
        self
    }
}

impl From<Vec<u8>> for Document {
    fn from(bytes: Vec<u8>) -> Self {
        Self::default().finish(bytes)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes)", self.len())
    }
}

//! What became of a file.

use crate::error::Error;

/// What became of an attachment that was to be sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is there, and its checksum and size are those of the file.
    Stored(Stored),
    /// It was not taken, or is there with another content; the text says why, and what to do.
    Refused {
        /// Which attachment: its key, if it has one, and its record.
        place: String,
        /// Why.
        refusal: Refusal,
    },
    /// It is certain that it was not sent, or that nothing of the call was applied: it may be sent again.
    Unsent(Error),
    /// It may be there, or may come until [`settle`](crate::files::Attachments::settle) after its call is over. From then on sending it
    /// again is safe, since what is there already is looked for first.
    Unknown(Error),
}

impl Outcome {
    /// The stored attachment, if it is one.
    #[must_use]
    pub fn stored(&self) -> Option<&Stored> {
        match self {
            Self::Stored(stored) => Some(stored),
            _ => None,
        }
    }

    /// Why it was refused, if it was.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

/// An attachment that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Its id.
    pub id: i64,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-1 of its content, in hexadecimal digits, as Odoo writes it.
    pub checksum: String,
    /// Whether it was made now; `false` where it was there before.
    pub new: bool,
}

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no file at its path, or it cannot be read.
    #[error("the file cannot be read ({0}): check that it was exported, and its rights")]
    Unreadable(std::io::ErrorKind),
    /// What lies at its path is a folder, or something else that is no file.
    #[error("what lies at the path is no file")]
    NoFile,
    /// It has more bytes than a call can carry.
    #[error(
        "the file has {size} bytes, and one call carries a file of {most} bytes at most: put it on the record by hand, or make it \
         smaller"
    )]
    TooLarge {
        /// How many it has.
        size: u64,
        /// How many it may have.
        most: u64,
    },
    /// It changed between being looked at and being sent. Nothing of it was stored.
    #[error("{0}: send it again when nobody writes to it any more")]
    Changed(String),
    /// Odoo wants a name.
    #[error("it has no name")]
    NoName,
    /// The record that it is to hang on does not exist, or the user may not see it.
    #[error("its record does not exist, or is hidden from the user")]
    NoRecord,
    /// Another attachment of the same call has its key, and another file, name or record.
    #[error("another attachment has the same key: keys are told apart by nothing else")]
    SameKey,
    /// There is an attachment where this one should be, whose content is another one. It was left as it is.
    #[error(
        "the server holds another content under its key or id ({id}): compare the two, and delete the wrong one"
    )]
    Different {
        /// The id of that attachment.
        id: i64,
    },
    /// The server does not take it.
    #[error("{0}")]
    Server(Error),
}

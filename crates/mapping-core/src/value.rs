//! What a field holds.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

/// One value of a record or of a row.
///
/// `Debug` tells the kind and the size and never the content. There is no `Display`: a value is shown only by code that means to.
///
/// # Example
///
/// ```
/// use mapping_core::value::Value;
///
/// let name = Value::from("Asha Rao");
/// assert_eq!(format!("{name:?}"), "Text(8 chars)");
/// assert_eq!(name.as_text(), Some("Asha Rao"));
/// ```
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Value {
    /// Nothing: an empty cell, an absent field.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, exactly as written: money, measurements.
    Decimal(Decimal),
    /// Text, in Unicode's composed form where it comes from a file.
    Text(String),
    /// A calendar day.
    Date(Date),
    /// A day and a time of day somewhere, without a zone: not yet a point in time.
    DateTime(DateTime),
    /// A point in time.
    Instant(Timestamp),
    /// Several values.
    List(Vec<Value>),
    /// Named values, such as JSON found in a cell.
    Map(BTreeMap<String, Value>),
    /// A file, by handle: its bytes never lie in a record.
    File(FileHandle),
}

impl Value {
    /// Whether there is nothing: null, or text without a visible character.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(values) => values.is_empty(),
            _ => false,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// What kind of value it is.
    #[must_use]
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Bool(_) => ValueKind::Bool,
            Self::Integer(_) => ValueKind::Integer,
            Self::Decimal(_) => ValueKind::Decimal,
            Self::Text(_) => ValueKind::Text,
            Self::Date(_) => ValueKind::Date,
            Self::DateTime(_) => ValueKind::DateTime,
            Self::Instant(_) => ValueKind::Instant,
            Self::List(_) => ValueKind::List,
            Self::Map(_) => ValueKind::Map,
            Self::File(_) => ValueKind::File,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} chars)", text.chars().count()),
            Self::List(values) => f.debug_list().entries(values).finish(),
            Self::Map(values) => write!(f, "Map({} values)", values.len()),
            Self::File(file) => file.fmt(f),
            other => write!(f, "{:?}", other.kind()),
        }
    }
}

/// The kinds of [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the Value of the same name")]
pub enum ValueKind {
    Null,
    Bool,
    Integer,
    Decimal,
    Text,
    Date,
    DateTime,
    Instant,
    List,
    Map,
    File,
}

/// A file on disk that a record speaks of, as it was when it was [looked at](Self::look).
///
/// What it is by is its name and its content: one that lies elsewhere is the same, one whose bytes changed is another, however
/// long it is and whenever it was written. `Debug` does not show its name: names of files name patients.
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
/// assert_eq!(format!("{scan:?}"), "File(12 bytes)");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHandle {
    /// Where it lies.
    pub path: PathBuf,
    /// The name it is to have.
    pub name: String,
    /// Its size in bytes, when it was looked at.
    pub size: u64,
    /// The SHA-1 of its content, when it was looked at. Destinations tell files by it too.
    pub sha1: [u8; 20],
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
                return Ok(Self { path, name, size, sha1: sha1.finalize().into() });
            }
            sha1.update(read);
            size += read.len() as u64;
        }
    }
}

impl fmt::Debug for FileHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} bytes)", self.size)
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool, i32 => Integer, u32 => Integer, i64 => Integer, Decimal => Decimal, &str => Text, String => Text,
    Date => Date, DateTime => DateTime, Timestamp => Instant, Vec<Value> => List, FileHandle => File,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

//! A short mark by which two states of the same thing are told apart.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::value::Value;

/// 128 bits of BLAKE3 over a canonical form: equal for equal content, on every machine and in every run.
///
/// # Example
///
/// ```
/// use mapping_core::digest::Digest;
/// use mapping_core::value::Value;
///
/// let one = Digest::builder().text("name").value(&Value::from("Asha")).finish();
/// let two = Digest::builder().text("name").value(&Value::from("Ravi")).finish();
/// assert_ne!(one, two);
/// assert_eq!(one.to_string().parse::<Digest>().unwrap(), one);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 16]);

impl Digest {
    /// Begins a digest.
    #[must_use]
    pub fn builder() -> DigestBuilder {
        DigestBuilder(blake3::Hasher::new())
    }

    /// Its bytes, for a store to which 32 hexadecimal digits are too long.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for Digest {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let broken = || Error::invalid("a digest is 32 hexadecimal digits");
        if text.len() != 32 || !text.is_ascii() {
            return Err(broken());
        }
        let mut bytes = [0; 16];
        for (byte, at) in bytes.iter_mut().zip((0..32).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| broken())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// Takes in what a [`Digest`] is to cover. Every part is marked with its kind and length, so parts never run together.
#[derive(Debug, Clone)]
pub struct DigestBuilder(blake3::Hasher);

impl DigestBuilder {
    /// Takes in a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.bytes(b't', text.as_bytes());
        self
    }

    /// Takes in a value.
    #[must_use]
    pub fn value(mut self, value: &Value) -> Self {
        self.feed(value);
        self
    }

    /// The digest of all that was taken in.
    #[must_use]
    pub fn finish(&self) -> Digest {
        let mut short = [0; 16];
        short.copy_from_slice(&self.0.finalize().as_bytes()[..16]);
        Digest(short)
    }

    fn feed(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b'n', b""),
            Value::Bool(value) => self.bytes(b'b', &[u8::from(*value)]),
            Value::Integer(number) => self.bytes(b'i', &number.to_le_bytes()),
            Value::Decimal(number) => self.bytes(b'd', number.normalize().to_string().as_bytes()),
            Value::Text(text) => self.bytes(b't', text.as_bytes()),
            Value::Date(date) => self.bytes(b'D', date.to_string().as_bytes()),
            Value::DateTime(time) => self.bytes(b'L', time.to_string().as_bytes()),
            Value::Instant(instant) => self.bytes(b'I', &instant.as_nanosecond().to_le_bytes()),
            Value::List(values) => {
                self.bytes(b'l', &values.len().to_le_bytes());
                values.iter().for_each(|value| self.feed(value));
            }
            Value::Map(values) => {
                self.bytes(b'm', &values.len().to_le_bytes());
                for (name, value) in values {
                    self.bytes(b't', name.as_bytes());
                    self.feed(value);
                }
            }
            // Where it lies is no matter: an export may be unpacked elsewhere the next time.
            Value::File(file) => {
                self.bytes(b'f', file.name.as_bytes());
                self.bytes(b'c', &file.sha1);
            }
        }
    }

    fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update(&[kind]);
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::FileHandle;

    #[test]
    fn parts_do_not_run_together() {
        let split = Digest::builder().text("ab").text("c").finish();
        assert_ne!(split, Digest::builder().text("a").text("bc").finish());
    }

    #[test]
    fn a_file_is_told_by_its_name_and_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let looked = |place: &str, content: &[u8]| {
            let path = folder.path().join(place);
            std::fs::write(&path, content).unwrap();
            FileHandle::look(path, "X-ray.pdf").unwrap()
        };
        let digest = |file: FileHandle| Digest::builder().value(&file.into()).finish();
        let first = looked("17.pdf", b"left");
        assert_eq!(digest(looked("18.pdf", b"left")), digest(first.clone()), "where it lies is no matter");
        // As long as before, and perhaps written in the same second.
        assert_ne!(digest(looked("17.pdf", b"both")), digest(first.clone()));
        assert_ne!(digest(FileHandle { name: "Y-ray.pdf".into(), ..first.clone() }), digest(first));
    }

    #[test]
    fn money_is_equal_however_many_zeros_it_was_written_with() {
        let digest = |text: &str| Digest::builder().value(&Value::Decimal(text.parse().unwrap())).finish();
        assert_eq!(digest("12.5"), digest("12.50"));
    }
}

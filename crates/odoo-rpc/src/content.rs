//! What Odoo tells of an attachment's content: how long it is, and its SHA-1.

use std::fmt::Write as _;

use crate::wire::{Struct, Value};

/// A content, as Odoo tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Content {
    size: i64,
    /// `None` where there are no bytes: 14 has a checksum of nothing then, 19 has none (measured).
    checksum: Option<String>,
}

impl Content {
    /// What must be read of an attachment for this.
    pub(crate) const FIELDS: [&str; 2] = ["checksum", "file_size"];

    /// Of an attachment that was read.
    pub(crate) fn of(record: &Struct) -> Self {
        let size = record.get("file_size").and_then(Value::as_int).unwrap_or_default();
        let checksum = record.get("checksum").and_then(Value::as_text).filter(|_| size != 0);
        Self { size, checksum: checksum.map(str::to_owned) }
    }

    /// Of a file that was looked at.
    pub(crate) fn of_file(size: u64, sha1: &[u8; 20]) -> Self {
        let checksum = (size != 0).then(|| checksum(sha1));
        Self { size: i64::try_from(size).unwrap_or(i64::MAX), checksum }
    }
}

/// A SHA-1 as Odoo writes it.
pub(crate) fn checksum(sha1: &[u8; 20]) -> String {
    sha1.iter().fold(String::with_capacity(40), |mut text, byte| {
        // Writing into memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_the_same_where_size_and_checksum_are() {
        let file = |size| Content::of_file(size, &[0xA5; 20]);
        let there = |size: i64, checksum: Value| {
            Content::of(&Struct::new().with("file_size", size).with("checksum", checksum))
        };
        let same = || Value::from("a5".repeat(20));
        assert_eq!(file(3), there(3, same()));
        assert_ne!(file(3), there(4, same()));
        assert_ne!(file(3), there(3, "00".repeat(20).into()));
        assert_ne!(file(3), there(3, Value::Bool(false)), "a link has no content");
        for checksum in [Value::Bool(false), same()] {
            assert_eq!(file(0), there(0, checksum), "of no bytes");
        }
    }
}

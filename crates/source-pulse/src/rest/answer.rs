//! What a bridge answers.

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The answer to `GET /tables`.
#[derive(Deserialize)]
pub(super) struct Tables {
    /// The bridge's clock before it counted.
    pub(super) now: Timestamp,
    pub(super) tables: Vec<TableTold>,
    /// How many files there are beside the tables.
    pub(super) files: u64,
}

/// A table, as the bridge tells of it.
#[derive(Deserialize)]
pub(super) struct TableTold {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: u64,
}

/// The answer to `GET /tables/{name}`.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    pub(super) columns: Vec<String>,
    /// Each a list of cells.
    #[serde(borrow)]
    pub(super) rows: Vec<&'a RawValue>,
    #[serde(deserialize_with = "stated")]
    pub(super) next: Option<String>,
}

/// The answer to `GET /files`.
#[derive(Deserialize)]
pub(super) struct FilesPage {
    pub(super) files: Vec<FileTold>,
    #[serde(deserialize_with = "stated")]
    pub(super) next: Option<String>,
}

/// A file, as the bridge tells of it.
#[derive(Deserialize)]
pub(super) struct FileTold {
    pub(super) path: String,
    pub(super) size: u64,
    #[serde(default)]
    pub(super) sha1: Option<String>,
}

/// Reads an answer. The parser's own message may quote what stands there.
pub(super) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let message = "the answer is not of the shape that docs/pulse-rest.md describes; see that the address is a bridge's, and mend \
                       the bridge";
        Error::invalid(message).at("line", error.line()).at("column", error.column())
    })
}

/// Null, but not left out: an answer that lost its end must not look like the last one.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_must_say_so() {
        let page = |text: &'static str| read::<Page<'_>>(text.as_bytes());
        let last = page(r#"{"columns": ["ID"], "rows": [["1"], [2]], "next": null, "more": 1}"#).unwrap();
        assert_eq!((last.rows.len(), last.next), (2, None));
        assert!(page(r#"{"columns": ["ID"], "rows": []}"#).is_err());
        assert_eq!(page(r#"{"columns": [], "rows": [], "next": "a"}"#).unwrap().next.as_deref(), Some("a"));
    }

    #[test]
    fn an_answer_that_is_none_says_where_and_not_what() {
        for body in [
            "",
            "<html>canary",
            "\"canary\"",
            "{\"canary\": 1}",
            "{\"now\": \"canary\", \"tables\": [], \"files\": 0}",
            "{\"now\": \"2024-05-31T00:00:00Z\", \"tables\": [\"canary\"], \"files\": 0}",
        ] {
            let error = read::<Tables>(body.as_bytes()).err().unwrap();
            assert!(!format!("{error:?}").contains("canary"), "{error}");
            assert!(error.place("column").is_some());
        }
    }
}

//! Documents that are no XML at all, told before anything is parsed.

use crate::wire::error::{DecodeError, DecodeErrorKind};

/// Refuses what is no XML at all, before its encoding is looked at: a proxy's page may be in any.
pub(crate) fn refuse_foreign(content: &[u8], skipped: usize) -> Result<(), DecodeError> {
    let start = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(content.len());
    let kind = match content.get(start..).unwrap_or_default() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => DecodeErrorKind::Encoding,
        rest if !rest.starts_with(b"<") || is_html(rest, b"<!doctype html") || is_html(rest, b"<html") => {
            DecodeErrorKind::NotXml
        }
        _ => return Ok(()),
    };
    Err(DecodeError::new(kind, skipped + start))
}

/// Whether the text starts with the word, in capitals or not, and a longer word does not follow.
pub(crate) fn is_html(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        && text.get(word.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
}

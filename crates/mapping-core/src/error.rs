//! What went wrong, where, and what a caller may do next.

use std::fmt;
use std::sync::Arc;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure: its kind, a sentence, the places it belongs to, and whether trying again makes sense.
///
/// `Display` is one level: the sentence and the places. The cause is `source()`'s. Texts name fields, keys and lines, and never
/// a value: an error may be logged, a patient may not.
///
/// # Example
///
/// ```
/// use mapping_core::error::{Error, ErrorKind};
///
/// let error = Error::invalid("not a date").at("file", "Patients.csv").at("line", 17);
/// assert_eq!(error.to_string(), "not a date (file Patients.csv) (line 17)");
/// assert_eq!(error.kind(), ErrorKind::Invalid);
/// ```
#[derive(Clone)]
pub struct Error(Box<Parts>);

#[derive(Clone)]
struct Parts {
    kind: ErrorKind,
    retry: Retry,
    message: String,
    places: Vec<(&'static str, String)>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Whose turn it is to mend an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The person who set it up: a setting, a file, a mapping, a right.
    Config,
    /// The source: something that breaks its own form.
    Invalid,
    /// The destination said no to a row.
    Refused,
    /// Nobody but time: the destination, the disk or the network did not answer.
    Unavailable,
}

/// What a caller may do after an [`Error`].
///
/// Three answers and not two, because creating a record is not idempotent: a lost answer is neither failure nor success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a fourth answer would change every caller")]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// Nothing was applied: send it again.
    Safe,
    /// It may have been applied: look the identities up, then send what is missing.
    AfterLookup,
}

impl Error {
    /// A setting, a file, a mapping or a right that a person must mend. Trying again does not help.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, Retry::Never, message.into())
    }

    /// Something at the source that breaks its form. Trying again does not help.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, Retry::Never, message.into())
    }

    /// The destination, or a check before it, said no. Trying again does not help.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, Retry::Never, message.into())
    }

    /// No answer, or none that helps. `retry` says what is known of the request.
    pub fn unavailable(message: impl Into<String>, retry: Retry) -> Self {
        Self::new(ErrorKind::Unavailable, retry, message.into())
    }

    /// The same, at a place: `("line", 17)`. Places are told in the order they were added.
    #[must_use]
    pub fn at(mut self, what: &'static str, place: impl fmt::Display) -> Self {
        self.0.places.push((what, place.to_string()));
        self
    }

    /// The same, with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// Whose turn it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What a caller may do next.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The sentence, without the places.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place of that kind, if one was given: `place("field")`.
    #[must_use]
    pub fn place(&self, what: &str) -> Option<&str> {
        self.0.places.iter().find(|(known, _)| *known == what).map(|(_, place)| place.as_str())
    }

    fn new(kind: ErrorKind, retry: Retry, message: String) -> Self {
        Self(Box::new(Parts { kind, retry, message, places: Vec::new(), cause: None }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (what, place) in &self.0.places {
            write!(f, " ({what} {place})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        if let Some(cause) = &self.0.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn the_cause_is_told_once() {
        let error = Error::config("cannot read the export").because(std::io::Error::other("gone"));
        assert_eq!(error.to_string(), "cannot read the export");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("gone"));
    }
}

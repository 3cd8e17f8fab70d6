//! What can go wrong with a call, and what its caller may do next.

use std::time::Duration;

use crate::reason::Reason;
use crate::transport::{AddressError, Delivery, TransportError};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A call that did not succeed.
///
/// The texts name models, methods, fields and constraints. They never hold a value, a secret, or what the server wrote, since a
/// server's message can quote the record it refuses.
///
/// # Example
///
/// ```
/// use odoo_rpc::{Error, Reason, Retry};
///
/// let error = Error::Refused { model: "res.partner".into(), field: Some("lang".into()), reason: Reason::Selection };
/// assert_eq!(error.to_string(), "res.partner: the value is not among the choices (field lang)");
/// assert_eq!(error.retry(), Retry::Never);
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client is set up wrongly.
    #[error("{reason}")]
    Config {
        /// What, and how to mend it.
        reason: String,
    },
    /// The server does not know this database, login or secret.
    #[error("{reason}")]
    Login {
        /// What, and what to check.
        reason: String,
    },
    /// The user may not do this.
    #[error(
        "{model}: the user may not {operation} such records: give the user the group that may, in Odoo's settings"
    )]
    Rights {
        /// The model.
        model: String,
        /// `create`, `read`, `write`, `unlink`, or the method.
        operation: String,
    },
    /// The data or the call is not acceptable. Nothing of the call was applied.
    #[error("{model}: {reason}{}", in_field(field.as_deref()))]
    Refused {
        /// The model.
        model: String,
        /// The field, where the server names one.
        field: Option<String>,
        /// Why.
        reason: Reason,
    },
    /// An argument cannot be sent. Nothing was.
    #[error("{call}: {path}: {reason}: mend it first")]
    Unsendable {
        /// Model and method.
        call: String,
        /// Which argument: `args[0][3].name`, or over JSON-2 `vals_list[3].name`, is the field `name` of the fourth row.
        path: String,
        /// Why.
        reason: Reason,
    },
    /// Others were writing the same records, after several attempts of the server itself, or it is changing its models. Nothing
    /// of the call was applied.
    #[error(
        "{call}: the server is busy with the same records or with its own set-up: nothing was applied, try again"
    )]
    Busy {
        /// Model and method.
        call: String,
    },
    /// No answer, or none that tells. The call may have been applied.
    #[error("{call}: {reason}")]
    Lost {
        /// Model and method.
        call: String,
        /// What happened.
        reason: String,
    },
    /// A file that the call was to carry is not what it was when it was looked at, or cannot be read. Nothing of the call was applied.
    #[error("{call}: {reason}")]
    File {
        /// Model and method.
        call: String,
        /// Which file of the call, counted from 0.
        file: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The request did not leave, or not whole. Nothing of the call was applied.
    #[error("{call}: {reason}")]
    NotSent {
        /// Model and method.
        call: String,
        /// What happened.
        reason: String,
    },
    /// The server takes no request of this size (HTTP 413; Odoo's own limit is 128 MiB, a proxy's is often lower).
    #[error("{call}: a request of {bytes} bytes is too large for the server: send fewer rows at once")]
    TooLarge {
        /// Model and method.
        call: String,
        /// The size of the request's body.
        bytes: usize,
    },
    /// The server asks to be left alone for a while (HTTP 429). Nothing of the call was applied.
    #[error("{call}: the server counts too many calls{}: make the gap between calls longer", wait(*retry_after))]
    TooMany {
        /// Model and method.
        call: String,
        /// For how long, where it says so.
        retry_after: Option<Duration>,
    },
    /// Something else than Odoo answered: a proxy, another web server, a page for a browser.
    #[error("{call}: {reason}")]
    NotOdoo {
        /// Model and method.
        call: String,
        /// The HTTP status.
        status: u16,
        /// What it may be.
        reason: String,
    },
    /// The answer cannot be understood. The call may have been applied.
    #[error("{call}: {reason}")]
    Protocol {
        /// Model and method.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The call failed inside the server. Nothing of it was applied.
    #[error("{call}: failed inside the server with {class}: its log has the details")]
    Server {
        /// Model and method.
        call: String,
        /// The class of the exception.
        class: String,
    },
}

impl Error {
    /// What a caller may do after it.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Config { .. }
            | Self::Login { .. }
            | Self::Rights { .. }
            | Self::Refused { .. }
            | Self::Unsendable { .. }
            | Self::TooLarge { .. }
            | Self::File { .. }
            | Self::Server { .. } => Retry::Never,
            Self::Busy { .. } | Self::NotSent { .. } | Self::TooMany { .. } => Retry::Safe,
            Self::Lost { .. } | Self::Protocol { .. } => Retry::AfterLookup,
            // A proxy that gave up waiting (502, 504) says nothing of the server, which works on; a redirect or a refusal was not passed on.
            Self::NotOdoo { status: 300..500, .. } => Retry::Never,
            Self::NotOdoo { .. } => Retry::AfterLookup,
        }
    }

    /// For how long the server asks to be left alone; no time at all where it says nothing of it.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use odoo_rpc::Error;
    ///
    /// let error = Error::TooMany { call: "res.partner.create".into(), retry_after: Some(Duration::from_secs(9)) };
    /// assert_eq!(error.retry_after(), Duration::from_secs(9));
    /// assert_eq!(Error::config("no").retry_after(), Duration::ZERO);
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::TooMany { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }

    /// A mistake in the client's own settings.
    #[must_use]
    pub fn config(reason: impl Into<String>) -> Self {
        Self::Config { reason: reason.into() }
    }

    /// The server does not know the database.
    pub(crate) fn no_such_database() -> Self {
        let reason = "the server has no database of that name: check the database's name (for a hosted Odoo the first part of its address)";
        Self::Login { reason: reason.to_owned() }
    }

    /// No complete answer came to `call` (model and method).
    pub(crate) fn unanswered(call: &str, error: TransportError) -> Self {
        let (call, reason) = (call.to_owned(), error.reason);
        match error.delivery {
            Delivery::NotSent => Self::NotSent { call, reason },
            Delivery::Unreadable { file } => Self::File { call, file, reason },
            Delivery::Unknown => Self::Lost { call, reason },
        }
    }

    /// The answer to `call` is not what it should be.
    pub(crate) fn protocol(call: &str, reason: impl Into<String>) -> Self {
        Self::Protocol { call: call.to_owned(), reason: reason.into() }
    }
}

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        Self::config(error.to_string())
    }
}

/// What a caller may do after an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a fourth answer would change every caller")]
pub enum Retry {
    /// The same call will fail again.
    Never,
    /// Nothing was applied: send it again.
    Safe,
    /// It may have been applied: look for its records, then send what is missing.
    AfterLookup,
}

fn in_field(field: Option<&str>) -> String {
    field.map(|field| format!(" (field {field})")).unwrap_or_default()
}

fn wait(time: Option<Duration>) -> String {
    time.map(|time| format!(" and asks for a pause of {} s", time.as_secs())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_answers_decides_whether_the_call_may_have_run() {
        let retry = |status| Error::NotOdoo { call: "m.f".into(), status, reason: String::new() }.retry();
        for status in [200, 500, 502, 503, 504, 524] {
            assert_eq!(retry(status), Retry::AfterLookup, "{status}");
        }
        for status in [301, 308, 401, 403, 404, 405] {
            assert_eq!(retry(status), Retry::Never, "{status}");
        }
    }

    #[test]
    fn a_pause_that_is_asked_for_is_told() {
        let error = Error::TooMany { call: "m.f".into(), retry_after: Some(Duration::from_secs(9)) };
        assert!(error.to_string().contains("pause of 9 s"), "{error}");
        assert_eq!(error.retry(), Retry::Safe);
    }
}

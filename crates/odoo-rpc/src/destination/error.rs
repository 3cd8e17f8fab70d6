//! From this crate's errors to the ground's.

use mapping_core::error::{Error as CoreError, Retry as CoreRetry};

use crate::error::{Error, Retry};
use crate::reason::Reason;

/// What a failed call means for a migration: whose turn it is, and what may be done next.
pub(crate) fn core(error: Error) -> CoreError {
    let retry = match error.retry() {
        Retry::Never => CoreRetry::Never,
        Retry::Safe => CoreRetry::Safe,
        Retry::AfterLookup => CoreRetry::AfterLookup,
    };
    match &error {
        Error::Refused { model, field, reason } if !about_the_call(reason) => {
            let refused = CoreError::refused(reason.to_string()).at("model", model);
            field.iter().fold(refused, |refused, field| refused.at("field", field))
        }
        Error::Config { .. } | Error::Login { .. } | Error::Rights { .. } | Error::Refused { .. } => {
            CoreError::config(error.to_string())
        }
        Error::NotOdoo { .. } if retry == CoreRetry::Never => CoreError::config(error.to_string()),
        Error::TooLarge { .. } | Error::Unsendable { .. } | Error::File { .. } | Error::Server { .. } => {
            CoreError::refused(error.to_string())
        }
        _ => CoreError::unavailable(error.to_string(), retry),
    }
}

/// Whether a failed call is the fault of one or more of its rows, so that others may be written without them.
pub(crate) fn is_about_rows(error: &Error) -> bool {
    match error {
        Error::Refused { reason, .. } => !about_the_call(reason),
        Error::TooLarge { .. } | Error::Unsendable { .. } | Error::File { .. } | Error::Server { .. } => true,
        _ => false,
    }
}

/// Reasons that hold for every row of a call alike.
fn about_the_call(reason: &Reason) -> bool {
    matches!(reason, Reason::UnknownField | Reason::UnknownModel | Reason::UnknownMethod | Reason::Arguments)
}

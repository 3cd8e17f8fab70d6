//! Why a server refused data.

use std::fmt;

/// Why a server refused a call, as far as it can be told without repeating its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A required field has no value.
    Required,
    /// The value is not among the choices of a selection.
    Selection,
    /// The model has no such field.
    UnknownField,
    /// The server has no such model.
    UnknownModel,
    /// The model has no such method, or not for callers from outside.
    UnknownMethod,
    /// The method does not take these arguments.
    Arguments,
    /// Another record has this value already.
    Unique {
        /// The constraint or index, where the server names it.
        constraint: Option<String>,
    },
    /// A rule of the database table does not hold.
    Check {
        /// The constraint, where the server names it.
        constraint: Option<String>,
    },
    /// It links to a record that is not there, or removes one that others link to.
    Link {
        /// The constraint, where the server names it.
        constraint: Option<String>,
    },
    /// A record of the call does not exist (any more).
    Missing,
    /// A record of the call, or one it hangs on, does not exist or is hidden from the user: the server does not say which.
    OutOfReach,
    /// A value has the wrong form or size: a date, a number out of range, a language that is not installed.
    Value,
    /// A text holds characters that XML or the database cannot carry.
    Text,
    /// A rule of the server's own, with a text that is kept back because it can quote the record.
    Rule,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, constraint) = match self {
            Self::Required => ("a required field has no value", &None),
            Self::Selection => ("the value is not among the choices", &None),
            Self::UnknownField => ("there is no such field", &None),
            Self::UnknownModel => ("there is no such model: is its app installed?", &None),
            Self::UnknownMethod => ("there is no such method for callers from outside", &None),
            Self::Arguments => ("the method does not take these arguments", &None),
            Self::Unique { constraint } => ("another record has this value already", constraint),
            Self::Check { constraint } => ("a rule of the table does not hold", constraint),
            Self::Link { constraint } => {
                ("a linked record does not exist, or others link to the removed one", constraint)
            }
            Self::Missing => ("a record does not exist or has been deleted", &None),
            Self::OutOfReach => ("a record does not exist, or is hidden from the user", &None),
            Self::Value => ("a value has the wrong form or size", &None),
            Self::Text => ("a text holds a character that cannot be sent or stored", &None),
            Self::Rule => (
                "a rule of the server refuses it (its text is kept back, since it can quote the record)",
                &None,
            ),
        };
        f.write_str(text)?;
        match constraint {
            Some(name) => write!(f, " (constraint {name})"),
            None => Ok(()),
        }
    }
}

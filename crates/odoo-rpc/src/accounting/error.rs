//! What can go wrong with bills.

use crate::accounting::check::Obstacle;
use crate::accounting::verify::Difference;
use crate::error::{Error, Retry};

/// A step that did not succeed.
///
/// The texts name keys and fields, and never an amount or a word of a bill.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] Error),
    /// Something stands in the way. Nothing was written.
    #[error("{} in the way of the bills, nothing was written: {}", counted(.0.len(), "thing stands", "things stand"), listed(.0))]
    Obstacles(Vec<Obstacle>),
    /// The bills and payments are posted, and some cannot be matched: none of these was, of others some may be. Mend what is told, and
    /// call again.
    #[error(
        "{} in the way of matching; the bills and payments are posted: {}",
        counted(.0.len(), "thing stands", "things stand"),
        listed(.0)
    )]
    Unmatched(Vec<Obstacle>),
    /// The bills are there, and some are not as their source has them.
    #[error("{} not as the source has it: {}", counted(.0.len(), "field is", "fields are"), listed(.0))]
    Differs(Vec<Difference>),
}

impl LedgerError {
    /// What a caller may do after it. [`Retry::AfterLookup`] is done by calling again: what is there already is not written twice, and
    /// what may be on its way is waited for first.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Call(error) => error.retry(),
            _ => Retry::Never,
        }
    }
}

/// How many are told in a text; all of them are in the value.
const TOLD: usize = 5;

fn listed<T: std::fmt::Display>(things: &[T]) -> String {
    let mut text = things.iter().take(TOLD).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if things.len() > TOLD {
        text += &format!("; and {} more", things.len() - TOLD);
    }
    text
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

//! How a record is found again at the destination.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::key::DraftKey;

/// The system and the clinic that records are of: `pulse`, `main`.
///
/// Both stand in every identity, so that two clinics moved into one destination never collide.
///
/// # Example
///
/// ```
/// use mapping_core::identity::SourceId;
/// use mapping_core::key::{DraftKey, RecordKey};
///
/// let source = SourceId::new("pulse", "north-street")?;
/// let key = DraftKey::from(RecordKey::new("patient", "P-1"));
/// assert_eq!(source.identity(&key).as_str(), "pulse:north-street:patient:P-1");
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceId {
    system: Arc<str>,
    clinic: Arc<str>,
}

impl SourceId {
    /// A clinic of a system.
    ///
    /// # Errors
    ///
    /// One of them is empty or holds anything but small letters, digits and `-`: they become part of names and of search patterns.
    pub fn new(system: &str, clinic: &str) -> Result<Self> {
        for (what, text) in [("system", system), ("clinic", clinic)] {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if text.is_empty() || !text.chars().all(fits) {
                return Err(Error::config(format!(
                    "the {what}'s name must be of small letters, digits and '-'"
                )));
            }
        }
        Ok(Self { system: system.into(), clinic: clinic.into() })
    }

    /// The system.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The clinic.
    #[must_use]
    pub fn clinic(&self) -> &str {
        &self.clinic
    }

    /// What every identity of this source begins with, and no other source's does.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}:{}:", self.system, self.clinic)
    }

    /// The identity of a draft: `system:clinic:entity:id`, and `#part` where the draft has one.
    ///
    /// Deterministic, and different for different keys: `:`, `#` and `%` inside a part are written as percent codes.
    #[must_use]
    pub fn identity(&self, key: &DraftKey) -> Identity {
        let mut text = self.prefix();
        escape(key.record().entity().as_str(), &mut text);
        text.push(':');
        escape(key.record().id(), &mut text);
        if !key.part_name().is_empty() {
            text.push('#');
            escape(key.part_name(), &mut text);
        }
        Identity(text.into())
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.clinic, self.system)
    }
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            ':' => into.push_str("%3A"),
            '#' => into.push_str("%23"),
            '%' => into.push_str("%25"),
            other => into.push(other),
        }
    }
}

/// The name under which a destination finds a record again. Written with the record itself, in the same call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(Arc<str>);

impl Identity {
    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Identity {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::RecordKey;

    #[test]
    fn different_keys_have_different_identities() {
        let source = SourceId::new("pulse", "main").unwrap();
        let with_part = DraftKey::from(RecordKey::new("note", "7")).part("a");
        let in_the_id = DraftKey::from(RecordKey::new("note", "7#a"));
        assert_ne!(source.identity(&with_part), source.identity(&in_the_id));
    }
}

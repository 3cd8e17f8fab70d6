//! Records given by hand, as a source.

use std::collections::HashSet;

use futures::StreamExt;
use futures::stream;

use crate::error::Result;
use crate::finding::{Flag, Refusal};
use crate::identity::SourceId;
use crate::record::Record;
use crate::source::{Entity, Query, Reading, ReadingStream, SourceReader};

/// A source of records that its user gives it.
///
/// What it yields obeys the contract, whatever it was given: the second record of a key, a record of an entity that was not
/// declared and one with a field that was not declared are refused, in their place.
///
/// # Example
///
/// ```
/// use futures::StreamExt;
/// use mapping_core::identity::SourceId;
/// use mapping_core::memory::source::MemorySource;
/// use mapping_core::record::Record;
/// use mapping_core::source::{Entity, Query, Reading, SourceReader};
/// use mapping_core::value::ValueKind;
///
/// let source = MemorySource::new(SourceId::new("pulse", "main")?)
///     .entity(Entity::new("patient").field("name", ValueKind::Text))
///     .record(Record::new("patient", "P-1").with("name", "Asha Rao"))
///     .record(Record::new("patient", "P-1").with("name", "Ravi Iyer"));
/// let read: Vec<_> = futures::executor::block_on(source.read(&Query::all("patient")).collect());
/// assert!(matches!(read[..], [Ok(Reading::Record(_)), Ok(Reading::Refused(_))]));
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemorySource {
    source: SourceId,
    entities: Vec<Entity>,
    readings: Vec<Reading>,
}

impl MemorySource {
    /// A source without entities.
    #[must_use]
    pub fn new(source: SourceId) -> Self {
        Self { source, entities: Vec::new(), readings: Vec::new() }
    }

    /// The same, with an entity; in place of one of the same name.
    #[must_use]
    pub fn entity(mut self, entity: Entity) -> Self {
        match self.entities.iter_mut().find(|known| known.name() == entity.name()) {
            Some(known) => *known = entity,
            None => self.entities.push(entity),
        }
        self
    }

    /// The same, with a record after those it has.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.readings.push(record.into());
        self
    }

    /// The same, with a refusal after what it has.
    #[must_use]
    pub fn refusal(mut self, refusal: Refusal) -> Self {
        self.readings.push(Reading::Refused(refusal));
        self
    }

    /// The same, with a flag after what it has. A flag that names no entity is yielded with the first entity.
    #[must_use]
    pub fn flag(mut self, flag: Flag) -> Self {
        self.readings.push(Reading::Flag(flag));
        self
    }

    fn belongs(&self, reading: &Reading, entity: &Entity) -> bool {
        let of = match reading {
            Reading::Record(record) => Some(record.key().entity()),
            Reading::Refused(refusal) => Some(&refusal.entity),
            Reading::Flag(flag) => flag.entity.as_ref(),
        };
        // What belongs to no entity of this source must not be lost: it comes with the first.
        match of.filter(|name| self.entities.iter().any(|known| known.name() == *name)) {
            Some(name) => name == entity.name(),
            None => self.entities.first().is_some_and(|first| first.name() == entity.name()),
        }
    }
}

impl SourceReader for MemorySource {
    fn source(&self) -> &SourceId {
        &self.source
    }

    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn read(&self, query: &Query) -> ReadingStream<'_> {
        let Some(entity) = self.entities.iter().find(|known| *known.name() == query.entity) else {
            return stream::empty().boxed();
        };
        let mut seen = HashSet::new();
        let readings = self.readings.iter().filter(move |reading| self.belongs(reading, entity));
        stream::iter(readings.map(move |reading| -> Result<Reading> {
            let Reading::Record(record) = reading else { return Ok(reading.clone()) };
            let refused = |reason: &str| {
                let mut refusal =
                    Refusal::new(record.key().entity().clone(), reason).key(record.key().id().clone());
                refusal.origin = record.origin().cloned();
                refusal
            };
            if record.key().entity() != entity.name() {
                return Ok(Reading::Refused(refused("the source declares no such entity; declare it")));
            }
            if !seen.insert(record.key().id()) {
                return Ok(Reading::Refused(refused(
                    "a record before it has the same key; give it another id",
                )));
            }
            match record.fields().iter().find(|(field, _)| !entity.has(field.as_str())) {
                Some((field, _)) => {
                    let refusal =
                        refused("the entity declares no such field; declare it").field(field.clone());
                    Ok(Reading::Refused(refusal))
                }
                None => Ok(reading.clone()),
            }
        }))
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::value::ValueKind;

    fn source() -> MemorySource {
        MemorySource::new(SourceId::new("pulse", "main").unwrap())
            .entity(Entity::new("patient").field("name", ValueKind::Text))
            .entity(Entity::new("visit").link("patient", "patient"))
    }

    fn kinds(source: &MemorySource, entity: &str) -> Vec<&'static str> {
        let all: Vec<_> = block_on(source.read(&Query::all(entity)).collect());
        all.into_iter()
            .map(|reading| match reading.unwrap() {
                Reading::Record(_) => "record",
                Reading::Refused(_) => "refused",
                Reading::Flag(_) => "flag",
            })
            .collect()
    }

    #[test]
    fn everything_given_is_yielded_once_and_in_order() {
        let source = source()
            .record(Record::new("visit", "1").with("patient", "P-1"))
            .flag(Flag::new("no-staff", "there is no staff file"))
            .record(Record::new("patient", "P-1").with("name", "Asha"))
            .refusal(Refusal::new("visit", "no date"))
            .record(Record::new("bill", "1"));
        assert_eq!(kinds(&source, "patient"), ["flag", "record", "refused"]);
        assert_eq!(kinds(&source, "visit"), ["record", "refused"]);
        assert!(kinds(&source, "bill").is_empty());
    }

    #[test]
    fn a_key_twice_and_a_field_nobody_declared_are_refused() {
        let source = source()
            .record(Record::new("patient", "P-1").with("name", "Asha"))
            .record(Record::new("patient", "P-1").with("name", "Ravi"))
            .record(Record::new("patient", "P-2").with("age", 7));
        assert_eq!(kinds(&source, "patient"), ["record", "refused", "refused"]);
    }
}

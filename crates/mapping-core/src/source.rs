//! Where records come from: the reader trait and its queries.

use std::fmt::Debug;

use futures::stream::BoxStream;

use crate::error::Result;
use crate::finding::{Flag, Refusal};
use crate::identity::SourceId;
use crate::name::{EntityName, FieldName};
use crate::record::Record;
use crate::value::ValueKind;

/// A product's export, read as records.
///
/// # Contract
///
/// - Reading changes nothing at the source.
/// - `entities` and `source` answer the same each time.
/// - `read` yields each key of an entity at most once, in the same order each time. A second record of the same key is a
///   [`Reading::Refused`], whatever it holds.
/// - Nothing is left out in silence: whatever stands where a record could stand is yielded as a record, a refusal or a flag.
/// - A record holds only fields its [`Entity`] declares.
/// - An `Err` ends the stream: the source itself cannot be read on. It is never about a single record.
/// - A query for an entity the source does not have yields nothing.
/// - Memory does not grow with the number of records, but for a fixed few bytes a key.
///
/// The suite in [`conformance::source`](crate::conformance::source()) checks what can be checked of this.
pub trait SourceReader: Debug + Send + Sync {
    /// The system and the clinic the records are of. Part of every record's identity at the destination.
    fn source(&self) -> &SourceId;

    /// The entities this source holds, with their fields.
    fn entities(&self) -> &[Entity];

    /// Streams what the query asks for.
    fn read(&self, query: &Query) -> ReadingStream<'_>;
}

const _: fn(&dyn SourceReader) = |_| {};

/// What a reader yields.
pub type ReadingStream<'a> = BoxStream<'a, Result<Reading>>;

/// One thing a reader found.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "whoever counts readings must count all of them")]
pub enum Reading {
    /// A record.
    Record(Record),
    /// Something that should have been a record and cannot be one.
    Refused(Refusal),
    /// Something that is no record, or concerns the file as a whole.
    Flag(Flag),
}

impl From<Record> for Reading {
    fn from(record: Record) -> Self {
        Self::Record(record)
    }
}

/// What is asked of a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// The entity whose records are wanted.
    pub entity: EntityName,
}

impl Query {
    /// Every record of an entity.
    pub fn all(entity: impl Into<EntityName>) -> Self {
        Self { entity: entity.into() }
    }
}

/// A kind of record, as its source describes it.
///
/// # Example
///
/// ```
/// use mapping_core::source::Entity;
/// use mapping_core::value::ValueKind;
///
/// let visit = Entity::new("appointment").field("notes", ValueKind::Text).link("patient_id", "patient");
/// assert_eq!(visit.links().map(|(_, to)| to.as_str()).collect::<Vec<_>>(), ["patient"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    name: EntityName,
    fields: Vec<EntityField>,
}

/// A field of an [`Entity`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntityField {
    /// Its name.
    pub name: FieldName,
    /// What it holds where it holds what it should.
    pub kind: ValueKind,
    /// The entity whose ids it holds, if it refers to one.
    pub link: Option<EntityName>,
}

impl Entity {
    /// An entity without fields.
    pub fn new(name: impl Into<EntityName>) -> Self {
        Self { name: name.into(), fields: Vec::new() }
    }

    /// The same, with a field.
    #[must_use]
    pub fn field(mut self, name: impl Into<FieldName>, kind: ValueKind) -> Self {
        self.fields.push(EntityField { name: name.into(), kind, link: None });
        self
    }

    /// The same, with a field that holds ids of another entity. Phases are ordered from these.
    #[must_use]
    pub fn link(mut self, name: impl Into<FieldName>, to: impl Into<EntityName>) -> Self {
        self.fields.push(EntityField { name: name.into(), kind: ValueKind::Text, link: Some(to.into()) });
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &EntityName {
        &self.name
    }

    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> &[EntityField] {
        &self.fields
    }

    /// The fields that refer to other entities, and which.
    pub fn links(&self) -> impl Iterator<Item = (&FieldName, &EntityName)> {
        self.fields.iter().filter_map(|field| Some((&field.name, field.link.as_ref()?)))
    }

    /// Whether it has a field of that name.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|known| known.name.as_str() == field)
    }
}

/// Every entity after those it refers to, otherwise as they are listed; and apart from these the ones that refer to each other in a
/// circle, or to one that does. An entity that refers to itself is no circle.
///
/// ```
/// use mapping_core::source::{Entity, in_order};
///
/// let entities = [Entity::new("visit").link("patient", "patient"), Entity::new("patient").link("referred_by", "patient")];
/// let (ordered, circle) = in_order(&entities);
/// assert_eq!(ordered.iter().map(|entity| entity.name().as_str()).collect::<Vec<_>>(), ["patient", "visit"]);
/// assert!(circle.is_empty());
/// ```
#[must_use]
pub fn in_order(entities: &[Entity]) -> (Vec<&Entity>, Vec<&Entity>) {
    let mut left: Vec<&Entity> = entities.iter().collect();
    let mut ordered = Vec::with_capacity(left.len());
    let waits = |entity: &Entity, left: &[&Entity]| {
        let mut to = entity.links().map(|(_, to)| to).filter(|to| *to != entity.name());
        to.any(|to| left.iter().any(|other| other.name() == to))
    };
    while let Some(next) = left.iter().position(|entity| !waits(entity, &left)) {
        ordered.push(left.remove(next));
    }
    (ordered, left)
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<S: SourceReader + ?Sized> SourceReader for $type {
            fn source(&self) -> &SourceId {
                (**self).source()
            }
            fn entities(&self) -> &[Entity] {
                (**self).entities()
            }
            fn read(&self, query: &Query) -> ReadingStream<'_> {
                (**self).read(query)
            }
        }
    )*};
}

forward!(&S, Box<S>, std::sync::Arc<S>);

//! What a clinic should clean before anything is written: one look through a whole source.

pub mod report;

mod collect;
mod complete;
mod ids;
mod shown;
mod walk;

use std::borrow::Cow;
use std::collections::BTreeSet;

use mapping_core::error::Result;
use mapping_core::mapper::RecordMapper;
use mapping_core::name::FieldName;
use mapping_core::source::SourceReader;

use crate::audit::report::AuditReport;
use crate::audit::walk::Walk;

/// How many places of a finding are told where nothing else is said.
const PLACES: usize = 10;

/// A look through every record of a source, which writes nothing.
///
/// It counts records and refusals, how complete each field is, every kind of flag with its first places, and links to records that
/// are not there. With a [mapper](Audit::mapper) it also tells what the mapping says of each record: values outside its lists, and
/// records that would be refused.
///
/// It needs no destination. What only a destination can tell, such as which users it has, is not part of it; nor are two
/// records of one patient. Memory is bounded: counts, the first places of each finding, and some forty bytes for each record that
/// others may refer to.
///
/// # Example
///
/// ```
/// # futures::executor::block_on(async {
/// use mapping_core::identity::SourceId;
/// use mapping_core::key::Origin;
/// use mapping_core::memory::source::MemorySource;
/// use mapping_core::record::Record;
/// use mapping_core::source::Entity;
/// use reconcile::audit::Audit;
///
/// let clinic = MemorySource::new(SourceId::new("paper", "main")?)
///     .entity(Entity::new("patient"))
///     .entity(Entity::new("visit").link("patient", "patient"))
///     .record(Record::new("visit", "V-1").at(Origin::new("Visits.csv", 2)).with("patient", "P-9"));
/// let report = Audit::new(&clinic).run().await?;
/// let orphan = &report.findings[0];
/// assert_eq!((&*orphan.kind, orphan.count), ("orphan", 1));
/// assert_eq!(orphan.places[0].to_string(), "Visits.csv line 2");
/// # Ok::<(), mapping_core::error::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Audit<'a> {
    source: &'a dyn SourceReader,
    mapper: Option<&'a dyn RecordMapper>,
    places: usize,
    wanted: BTreeSet<FieldName>,
    notes: BTreeSet<Cow<'static, str>>,
}

impl<'a> Audit<'a> {
    /// An audit of that source. A record whose entity has an `email` and that holds none is noted.
    #[must_use]
    pub fn new(source: &'a dyn SourceReader) -> Self {
        let wanted = BTreeSet::from([FieldName::from("email")]);
        Self { source, mapper: None, places: PLACES, wanted, notes: BTreeSet::new() }
    }

    /// The same, with what a mapping says of each record. A link that the mapping needs and that leads nowhere then counts as a
    /// refusal, as it is in a run.
    #[must_use]
    pub fn mapper(mut self, mapper: &'a dyn RecordMapper) -> Self {
        self.mapper = Some(mapper);
        self
    }

    /// The same, with so many places of each finding; 10 where nothing is said. All are counted, whatever is told.
    #[must_use]
    pub fn places(mut self, places: usize) -> Self {
        self.places = places;
        self
    }

    /// The same, with a note on each record that does not have that field, of entities that do.
    #[must_use]
    pub fn wanted(mut self, field: impl Into<FieldName>) -> Self {
        self.wanted.insert(field.into());
        self
    }

    /// The same, with flags of that kind as mere notes: a blank row that was skipped asks nothing of anybody.
    #[must_use]
    pub fn note(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.notes.insert(kind.into());
        self
    }

    /// Looks through the source.
    ///
    /// # Errors
    ///
    /// The source cannot be read on, or the mapping reads a field or an entity that the source does not have. What is wrong with
    /// a record is a finding and no error.
    pub async fn run(&self) -> Result<AuditReport> {
        if let Some(mapper) = self.mapper {
            mapper.check(self.source.entities())?;
        }
        Walk::new(self).complete().await
    }
}

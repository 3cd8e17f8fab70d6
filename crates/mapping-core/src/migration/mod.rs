//! The pipeline: from a source through a mapping into a destination, remembered by a journal.

pub mod observer;
pub mod report;

mod chunk;
mod fate;
mod intents;
mod lookups;
mod making;
mod phases;
mod resolve;
mod run;
mod settle;

use std::collections::BTreeMap;

use crate::destination::DestinationWriter;
use crate::draft::Lookup;
use crate::error::Result;
use crate::journal::Journal;
use crate::mapper::RecordMapper;
use crate::migration::observer::Observer;
use crate::migration::report::RunReport;
use crate::name::{EntityName, ModelName};
use crate::source::SourceReader;

/// No call is longer than a chunk. A server that makes 1,500 rows in a second is kept waiting by shorter ones, at a call a second.
const CHUNK: usize = 2000;

/// A migration: its four parts, and how it is to run.
///
/// `run` may be called at any time and any number of times. It does what is left to do: records that are at the destination as
/// they should be are passed over, changed ones are brought up to date, and what an earlier run left in doubt is looked for
/// before anything is sent.
///
/// # Example
///
/// ```
/// # futures::executor::block_on(async {
/// use mapping_core::draft::Draft;
/// use mapping_core::identity::SourceId;
/// use mapping_core::mapper::mapper_fn;
/// use mapping_core::memory::{destination::MemoryDestination, journal::MemoryJournal, source::MemorySource};
/// use mapping_core::migration::Migration;
/// use mapping_core::record::Record;
/// use mapping_core::schema::{FieldKind, Needs};
/// use mapping_core::source::Entity;
/// use mapping_core::value::ValueKind;
///
/// let clinic = MemorySource::new(SourceId::new("paper", "main")?)
///     .entity(Entity::new("patient").field("name", ValueKind::Text))
///     .record(Record::new("patient", "P-1").with("name", "Asha Rao"));
/// let mapper = mapper_fn(Needs::new().uses("res.partner", "name"), |patient: &Record| {
///     Ok(Draft::new("res.partner", patient.key().clone()).with("name", patient.value("name").clone()).into())
/// });
/// let crm = MemoryDestination::new().model("res.partner", [("name", FieldKind::Line)]);
/// let journal = MemoryJournal::default();
///
/// let migration = Migration::new(&clinic, &mapper, &crm, &journal);
/// let first = migration.run().await?;
/// let second = migration.run().await?;
/// assert_eq!(first.counts("patient").written, 1);
/// assert_eq!(second.counts("patient").unchanged, 1);
/// assert_eq!(crm.rows("res.partner").len(), 1);
/// # Ok::<(), mapping_core::error::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Migration<'a> {
    source: &'a dyn SourceReader,
    mapper: &'a dyn RecordMapper,
    destination: &'a dyn DestinationWriter,
    journal: &'a dyn Journal,
    phases: Option<Vec<EntityName>>,
    fallbacks: BTreeMap<ModelName, Lookup>,
    chunk: usize,
}

impl<'a> Migration<'a> {
    /// Joins the four parts.
    #[must_use]
    pub fn new(
        source: &'a dyn SourceReader,
        mapper: &'a dyn RecordMapper,
        destination: &'a dyn DestinationWriter,
        journal: &'a dyn Journal,
    ) -> Self {
        Self { source, mapper, destination, journal, phases: None, fallbacks: BTreeMap::new(), chunk: CHUNK }
    }

    /// The same, with those entities alone, in that order. Otherwise every entity has its turn, after those it refers to.
    #[must_use]
    pub fn phases(mut self, entities: impl IntoIterator<Item = impl Into<EntityName>>) -> Self {
        self.phases = Some(entities.into_iter().map(Into::into).collect());
        self
    }

    /// The same, with what stands in where a look-up in `lookup`'s model finds nothing and the mapping asks for a fallback.
    #[must_use]
    pub fn fallback(mut self, lookup: Lookup) -> Self {
        self.fallbacks.insert(lookup.model.clone(), lookup);
        self
    }

    /// The same, with that many records read, mapped and journaled at a time; 2,000 where unset, and never less than 1. Memory
    /// is bounded by about three times this, and no call of a destination holds more rows.
    #[must_use]
    pub fn chunk(mut self, records: usize) -> Self {
        self.chunk = records.max(1);
        self
    }

    /// Runs, unobserved.
    ///
    /// # Errors
    ///
    /// As [`run_observed`](Self::run_observed).
    pub async fn run(&self) -> Result<RunReport> {
        self.run_observed(&()).await
    }

    /// Runs, and tells `observer` what happens as it happens.
    ///
    /// # Errors
    ///
    /// The run could not go on: the mapping does not fit source or destination, something that was to be looked up is not
    /// there and has no fallback, the journal is another migration's, or source, destination or journal failed. Whatever had
    /// been written is in the journal; the next run goes on from there. A record that is refused is no error.
    pub async fn run_observed(&self, observer: &dyn Observer) -> Result<RunReport> {
        run::Run::new(self, observer).complete().await
    }
}

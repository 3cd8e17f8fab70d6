//! One run, from the first check to the last receipt.

use std::collections::{BTreeSet, HashMap};

use futures::TryStreamExt;
use futures::future::{join, ready};
use jiff::Timestamp;

use crate::destination::Prepared;
use crate::draft::Missing;
use crate::error::{Error, Result};
use crate::finding::Refusal;
use crate::journal::{Binding, Counts, Entry, MigrationId, PhaseEnd, Refused, RunEnd, RunStart, Withdrawn};
use crate::key::RecordKey;
use crate::migration::Migration;
use crate::migration::chunk::{Chunk, Gathered, gather};
use crate::migration::fate::Fate;
use crate::migration::lookups::Lookups;
use crate::migration::making;
use crate::migration::observer::{Event, Observer};
use crate::migration::phases;
use crate::migration::report::RunReport;
use crate::migration::resolve::{Decided, Ground, Resolved, lookups_of, resolve, wanted};
use crate::migration::settle::{closed, settle, settle_schema};
use crate::name::{EntityName, FieldName, ModelName};
use crate::receipt::{Action, Intent, Outcome, SchemaIntent};
use crate::schema::SchemaPlan;
use crate::source::{Query, ReadingStream};

/// How many records without a match an error names.
const NAMED: usize = 20;

pub(super) struct Run<'a> {
    migration: &'a Migration<'a>,
    observer: &'a dyn Observer,
    lookups: Lookups,
    looked_for: BTreeSet<ModelName>,
    dropped: BTreeSet<(ModelName, FieldName)>,
    /// What is to be made before the first row is prepared.
    schema: Option<SchemaPlan>,
    unmatched: Vec<(RecordKey, ModelName)>,
    /// The phase's records with links that are set in a second pass, and how each was counted. Of these alone memory grows with the
    /// data.
    waiting: HashMap<RecordKey, Fate>,
    report: RunReport,
}

/// A chunk that waits for its turn to be written.
struct Ready {
    entries: Vec<Entry>,
    counts: Counts,
    records: Vec<Decided>,
    /// Of each row in `prepared`: the number of its record, and its intent.
    rows: Vec<(usize, Intent)>,
    prepared: Prepared,
}

impl<'a> Run<'a> {
    pub(super) fn new(migration: &'a Migration<'a>, observer: &'a dyn Observer) -> Self {
        Self {
            migration,
            observer,
            lookups: Lookups::default(),
            looked_for: BTreeSet::new(),
            dropped: BTreeSet::new(),
            schema: None,
            unmatched: Vec::new(),
            waiting: HashMap::new(),
            report: RunReport::default(),
        }
    }

    pub(super) async fn complete(mut self) -> Result<RunReport> {
        let Migration { source, mapper, destination, journal, fallbacks, .. } = self.migration;
        mapper.check(source.entities())?;
        let entities = match &self.migration.phases {
            Some(wanted) => phases::named(wanted, source.entities())?,
            None => phases::order(source.entities())?,
        };
        let id = MigrationId { source: source.source().clone(), destination: destination.address() };
        let binding = journal.bind(&id).await?;
        settle_schema(*journal, *destination).await?;
        self.plan().await?;
        self.report.recovered = settle(*journal, *destination, self.observer).await?;
        self.start(binding).await?;
        self.lookups.ask_fallbacks(*destination, fallbacks.values()).await?;
        for entity in entities {
            self.observer.notice(&Event::PhaseStarted { entity: &entity });
            let counts = self.phase(&entity).await?;
            self.observer.notice(&Event::PhaseEnded { entity: &entity, counts });
            self.report.phases.push((entity, counts));
        }
        journal.append(&[Entry::Finished(RunEnd { at: Timestamp::now() })]).await?;
        Ok(self.report)
    }

    /// Holds the mapping against the destination. What is missing is made later, when the first row needs it.
    async fn plan(&mut self) -> Result<()> {
        let plan = self.migration.destination.plan(self.migration.mapper.needs()).await?;
        if !plan.conflicts.is_empty() {
            let all: Vec<_> = plan.conflicts.iter().map(ToString::to_string).collect();
            return Err(Error::config(format!(
                "the mapping does not fit the destination: {}",
                all.join("; ")
            )));
        }
        let left_out = plan.dropped.iter().map(|used| (used.model.clone(), used.field.clone()));
        self.dropped = left_out.collect();
        self.report.dropped.clone_from(&plan.dropped);
        self.schema = Some(plan);
        Ok(())
    }

    /// Journals the beginning. A new journal first finds out where records of this source are already.
    async fn start(&mut self, binding: Binding) -> Result<()> {
        let Migration { source, mapper, destination, journal, .. } = self.migration;
        let first = match binding {
            // What was decided before the first run is no beginning.
            Binding::Known => {
                let is_decided = |entry: &Entry| ready(Ok(matches!(entry, Entry::Decided(_))));
                journal.entries().try_skip_while(is_decided).try_next().await?
            }
            Binding::New => None,
        };
        // A journal that was bound and then lost its process has no beginning yet.
        let looked_for = if let Some(Entry::Started(start)) = first {
            start.looked_for
        } else {
            let mut there = Vec::new();
            for model in mapper.needs().models_written() {
                if destination.count(model, source.source()).await? > 0 {
                    there.push(model.clone());
                }
            }
            there
        };
        self.looked_for = looked_for.iter().cloned().collect();
        journal.append(&[Entry::Started(RunStart { at: Timestamp::now(), looked_for })]).await
    }

    async fn phase(&mut self, entity: &EntityName) -> Result<Counts> {
        let mut counts = Counts::default();
        self.waiting.clear();
        self.pass(entity, true, &mut counts).await?;
        if !self.waiting.is_empty() {
            // Every record is there now: links among them can be set. News is only what such a link leads to.
            self.pass(entity, false, &mut counts).await?;
        }
        if !counts.add_up() {
            let message = format!("{} records were read and {counts:?} do not add up to that", counts.read);
            return Err(Error::config(message).at("entity", entity));
        }
        let end = PhaseEnd { entity: entity.clone(), counts, at: Timestamp::now() };
        self.migration.journal.append(&[Entry::Phase(end)]).await?;
        Ok(counts)
    }

    /// Takes an entity's records through, chunk by chunk: while one is written, the next is read, mapped and encoded.
    async fn pass(&mut self, entity: &EntityName, first: bool, counts: &mut Counts) -> Result<()> {
        let (destination, journal) = (self.migration.destination, self.migration.journal);
        let mut readings = self.migration.source.read(&Query::all(entity.clone()));
        let mut next = self.ready(&mut readings, entity, first).await?;
        while let Some(mut ready) = next {
            // They were made while the chunk before this one was on its way.
            let now = Timestamp::now();
            ready.rows.iter_mut().for_each(|(_, intent)| intent.at = now);
            let mut entries = std::mem::take(&mut ready.entries);
            entries.extend(ready.rows.iter().map(|(_, intent)| Entry::Intent(intent.clone())));
            if !entries.is_empty() {
                journal.append(&entries).await?;
            }
            drop(entries);
            let prepared = std::mem::replace(&mut ready.prepared, Prepared::new(Vec::new()));
            let writing = async {
                if prepared.rows.is_empty() { Vec::new() } else { destination.write(prepared).await }
            };
            let (outcomes, following) = join(writing, self.ready(&mut readings, entity, first)).await;
            self.settle(ready, outcomes, first, counts).await?;
            if first {
                self.observer.notice(&Event::Progress { entity, counts: *counts });
            }
            next = following?;
        }
        Ok(())
    }

    /// The next chunk, up to the point where it can be sent.
    async fn ready(
        &mut self,
        readings: &mut ReadingStream<'_>,
        entity: &EntityName,
        first: bool,
    ) -> Result<Option<Ready>> {
        let migration = self.migration;
        let only = (!first).then_some(&self.waiting);
        let gathered =
            gather(readings, entity, migration.mapper, migration.chunk, only, self.observer).await?;
        let Some(mut chunk) = gathered else {
            return if self.unmatched.is_empty() { Ok(None) } else { Err(self.no_fallback()) };
        };
        self.make_missing(&chunk.records).await?;
        let ground = Ground {
            source: migration.source.source(),
            journal: migration.journal,
            destination: migration.destination,
            observer: self.observer,
            looked_for: &self.looked_for,
            dropped: &self.dropped,
            first_pass: first,
        };
        let Resolved { rows, intents, records, unmatched } =
            resolve(&mut chunk, &mut self.lookups, &ground).await?;
        self.unmatched.extend(unmatched);
        if !rows.is_empty() {
            if !self.unmatched.is_empty() {
                return Err(self.no_fallback());
            }
            self.make_schema().await?;
        }
        let (numbers, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let prepared = migration.destination.prepare(rows);
        let Chunk { entries, counts, .. } = chunk;
        let rows = numbers.into_iter().zip(intents).collect();
        Ok(Some(Ready { entries, counts, records, rows, prepared }))
    }

    /// Makes what look-ups are to make where they find nothing.
    async fn make_missing(&mut self, records: &[Gathered]) -> Result<()> {
        let Migration { source, destination, journal, .. } = self.migration;
        let wanted = wanted(records, &self.dropped);
        if !wanted.iter().any(|lookup| lookup.missing == Missing::Make) {
            return Ok(());
        }
        self.lookups.ask(*destination, &wanted).await?;
        let absent = making::absent(&self.lookups, &wanted);
        if absent.is_empty() {
            return Ok(());
        }
        // This is a write, and a run to which a fallback is missing stops before its first.
        for record in records {
            let lookups = record.drafts.iter().flat_map(|draft| lookups_of(draft, &self.dropped));
            let lost = lookups.filter(|lookup| self.lookups.is_lost(lookup));
            self.unmatched.extend(lost.map(|lookup| (record.key.clone(), lookup.model.clone())));
        }
        if !self.unmatched.is_empty() {
            return Err(self.no_fallback());
        }
        self.make_schema().await?;
        let made = making::make(&mut self.lookups, &absent, source.source(), *destination, *journal).await?;
        self.report.made += made;
        Ok(())
    }

    /// Makes what the destination lacks. The intent is journaled before, so that whatever becomes of this program, what it made is
    /// known to be its own; and closed after, so that what others make later is not.
    async fn make_schema(&mut self) -> Result<()> {
        let Some(plan) = self.schema.take().filter(|plan| !plan.is_empty()) else { return Ok(()) };
        let Migration { destination, journal, .. } = self.migration;
        let intent = SchemaIntent { parts: plan.parts(), at: Timestamp::now() };
        journal.append(&[Entry::SchemaIntent(intent)]).await?;
        let made = destination.apply(&plan).await?;
        self.observer.notice(&Event::SchemaApplied { made: made.len() });
        journal.append(&closed(made)).await
    }

    /// Journals what became of a chunk's rows, and counts its records.
    ///
    /// # Errors
    ///
    /// The journal failed, or a row's outcome says that the run cannot go on.
    async fn settle(
        &mut self,
        ready: Ready,
        outcomes: Vec<Outcome>,
        first: bool,
        counts: &mut Counts,
    ) -> Result<()> {
        let Ready { counts: told, records, rows, .. } = ready;
        let fate = |record: &Decided| if record.refused { Fate::Refused } else { Fate::Unchanged };
        let mut fates: Vec<_> = records.iter().map(fate).collect();
        let mut entries = Vec::with_capacity(rows.len());
        let mut stop = None;
        if outcomes.len() != rows.len() {
            let message = format!("the destination answered {} of {} rows", outcomes.len(), rows.len());
            return Err(Error::config(message));
        }
        for ((number, intent), outcome) in rows.into_iter().zip(outcomes) {
            let fate = match outcome {
                Outcome::Written(id) => {
                    let fate = match intent.action {
                        Action::Create => Fate::Written,
                        Action::Update(_) => Fate::Updated,
                    };
                    entries.push(Entry::Receipt(intent.receipt(id)));
                    fate
                }
                Outcome::Refused(error) => {
                    let Decided { key, origin, .. } = &records[number];
                    let refusal = Refusal::of(key, origin.as_ref(), &error);
                    self.observer.notice(&Event::Refused(&refusal));
                    entries.push(Entry::Refused(Refused { draft: Some(intent.key), refusal }));
                    Fate::Refused
                }
                Outcome::Unwritten(error) => {
                    entries.push(Entry::Withdrawn(Withdrawn { draft: intent.key }));
                    stop.get_or_insert(error);
                    continue;
                }
                // The intent stays open: the next run looks for it.
                Outcome::Unknown(error) => {
                    stop.get_or_insert(error);
                    continue;
                }
            };
            fates[number] = fates[number].max(fate);
        }
        if !entries.is_empty() {
            self.migration.journal.append(&entries).await?;
        }
        if let Some(error) = stop {
            return Err(error);
        }
        add(counts, told);
        for (record, fate) in records.into_iter().zip(fates) {
            if first {
                fate.count(counts);
                if record.waits && fate != Fate::Refused {
                    self.waiting.insert(record.key, fate);
                }
            } else if let Some(before) = self.waiting.get(&record.key) {
                before.count_again(fate, counts);
            }
        }
        Ok(())
    }

    fn no_fallback(&self) -> Error {
        let models: BTreeSet<_> = self.unmatched.iter().map(|(_, model)| model.as_str()).collect();
        let keys: BTreeSet<_> = self.unmatched.iter().map(|(key, _)| key.to_string()).collect();
        let named: Vec<_> = keys.iter().take(NAMED).map(String::as_str).collect();
        let more =
            if keys.len() > NAMED { format!(" and {} more", keys.len() - NAMED) } else { String::new() };
        Error::config(format!(
            "{} records have no match in {}: {}{more}; create what is missing there, or name a fallback",
            keys.len(),
            models.into_iter().collect::<Vec<_>>().join(", "),
            named.join(", "),
        ))
    }
}

fn add(all: &mut Counts, some: Counts) {
    all.read += some.read;
    all.refused += some.refused;
    all.flags += some.flags;
}

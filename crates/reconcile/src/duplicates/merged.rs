//! A source as it is when what was decided is obeyed: of records that are one person, one is read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use mapping_core::destination::DestinationReader;
use mapping_core::error::{Error, Result};
use mapping_core::finding::Flag;
use mapping_core::identity::{Identity, SourceId};
use mapping_core::journal::{Entry, Journal};
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::name::{EntityName, ModelName};
use mapping_core::receipt::DestinationId;
use mapping_core::source::{Entity, Query, Reading, ReadingStream, SourceReader};
use mapping_core::value::ValueKind;

use crate::duplicates::decisions::{Decisions, unknown};
use crate::duplicates::join::{EXTRA, Goers, join, relink};

/// A source whose records that were decided to be one are read as one.
///
/// - The record that stays gets, in each field that is blank in it, what the one that goes has. Where both say something, what the
///   one that goes says is kept too: in the map `extra`, under a name such as `P-3: mobile`.
/// - The record that goes is read as no record, but as a flag `merged` with its place.
/// - A link to it, in any record, leads to the one that stays. The id that was written is kept: in the text field that is called like
///   the link with `_text` behind it, or else in `extra`.
/// - A decision about a record that is not there as a record is not obeyed, and is a flag `unknown-decision`: nobody goes for nobody.
///
/// Records that go are held in memory, and no others. All else is as the source has it.
///
/// # Example
///
/// ```
/// use futures::TryStreamExt as _;
/// use mapping_core::identity::{Identity, SourceId};
/// use mapping_core::memory::source::MemorySource;
/// use mapping_core::record::Record;
/// use mapping_core::source::{Entity, Query, Reading, SourceReader as _};
/// use mapping_core::value::ValueKind;
/// use reconcile::duplicates::{Decisions, Merged};
///
/// # futures::executor::block_on(async {
/// let patient = Entity::new("patient").field("name", ValueKind::Text).field("mobile", ValueKind::Text);
/// let visit = Entity::new("visit").link("patient_id", "patient").field("patient_id_text", ValueKind::Text);
/// let source = MemorySource::new(SourceId::new("pulse", "main")?)
///     .entity(patient.field("extra", ValueKind::Map))
///     .entity(visit)
///     .record(Record::new("patient", "P-1").with("name", "Asha Rao"))
///     .record(Record::new("patient", "P-3").with("name", "RAO ASHA").with("mobile", "98765 43212"))
///     .record(Record::new("visit", "V-1").with("patient_id", "P-3"));
///
/// let decisions = Decisions::from_toml("[[same]]\nstays = \"P-1\"\ngoes = [\"P-3\"]", "decisions.toml")?;
/// let merged = Merged::new(&source, &decisions).await?;
/// let patients: Vec<Reading> = merged.read(&Query::all("patient")).try_collect().await?;
/// let [Reading::Record(asha), Reading::Flag(flag)] = &patients[..] else { panic!() };
/// assert_eq!((asha.text("mobile"), &*flag.kind), (Some("98765 43212"), "merged"));
///
/// let visits: Vec<Reading> = merged.read(&Query::all("visit")).try_collect().await?;
/// let [Reading::Record(visit)] = &visits[..] else { panic!() };
/// assert_eq!((visit.text("patient_id"), visit.text("patient_id_text")), (Some("P-1"), Some("P-3")));
/// # Ok::<(), mapping_core::error::Error>(())
/// # }).unwrap();
/// ```
pub struct Merged<S> {
    source: S,
    /// The one that stays, for each that goes.
    gone: HashMap<RecordKey, RecordKey>,
    /// For each that stays, those that go for it.
    goers: Goers,
    /// What is said of an entity before its records.
    flags: BTreeMap<EntityName, Vec<Flag>>,
}

impl<S: SourceReader> Merged<S> {
    /// Looks through the entities of which records go, once each.
    ///
    /// # Errors
    ///
    /// The source cannot be read; or records of an entity are to be joined that has no map `extra` for what differs.
    pub async fn new(source: S, decisions: &Decisions) -> Result<Self> {
        let mut wanted: BTreeMap<EntityName, Vec<(&RecordKey, &RecordKey)>> = BTreeMap::new();
        for (goes, stays) in decisions.gone() {
            wanted.entry(goes.entity().clone()).or_default().push((goes, stays));
        }
        let mut merged = Self { source, gone: HashMap::new(), goers: Goers::new(), flags: BTreeMap::new() };
        for (entity, pairs) in wanted {
            merged.gather(&entity, &pairs).await?;
        }
        Ok(merged)
    }

    /// Finds the records of an entity that go, and sees whether those that stay are there.
    async fn gather(&mut self, name: &EntityName, pairs: &[(&RecordKey, &RecordKey)]) -> Result<()> {
        let stays: HashMap<&RecordKey, &RecordKey> = pairs.iter().copied().collect();
        let ends: HashSet<&RecordKey> = stays.values().copied().collect();
        let (mut there, mut held) = (HashSet::new(), HashMap::new());
        let mut readings = self.source.read(&Query::all(name.clone()));
        while let Some(reading) = readings.try_next().await? {
            let Reading::Record(record) = reading else { continue };
            if ends.contains(record.key()) {
                there.insert(record.key().clone());
            }
            if stays.contains_key(record.key()) {
                held.insert(record.key().clone(), record);
            }
        }
        drop(readings);

        let mut missing = HashSet::new();
        let mut flags = Vec::new();
        for (goes, stays) in pairs {
            for key in [*stays, *goes] {
                if !there.contains(key) && !held.contains_key(key) && missing.insert(key) {
                    flags.push(unknown(key, None));
                }
            }
            if !there.contains(*stays) {
                continue;
            }
            if let Some(record) = held.remove(*goes) {
                self.gone.insert((*goes).clone(), (*stays).clone());
                self.goers.entry((*stays).clone()).or_default().push(record);
            }
        }
        if !flags.is_empty() {
            self.flags.insert(name.clone(), flags);
        }
        let goes = self.gone.keys().find(|key| key.entity() == name);
        let keeps = |entity: &Entity| {
            entity.fields().iter().any(|field| field.name.as_str() == EXTRA && field.kind == ValueKind::Map)
        };
        match goes {
            Some(goes) if !self.entity(name).is_some_and(keeps) => {
                let message = format!(
                    "{goes} cannot be joined to another record: {name} has no field {EXTRA} for a map of what differs; \
                     give it one, or take the decision back"
                );
                Err(Error::config(message).at("entity", name))
            }
            _ => Ok(()),
        }
    }

    fn entity(&self, name: &EntityName) -> Option<&Entity> {
        self.source.entities().iter().find(|entity| entity.name() == name)
    }

    /// Whether nothing of what goes is at the destination already. To be asked before anything is written: what was written for a
    /// record that goes now would be left behind, and nobody's.
    ///
    /// The whole history is looked through for it, where any record goes.
    ///
    /// # Errors
    ///
    /// An earlier run wrote one of them, or may have, and it is still there: the error names them and what to do. The journal cannot be
    /// read, or the destination does not answer.
    pub async fn unwritten(&self, journal: &dyn Journal, destination: &dyn DestinationReader) -> Result<()> {
        if self.gone.is_empty() {
            return Ok(());
        }
        let mut drafts: HashSet<DraftKey> = HashSet::new();
        let mut entries = journal.entries();
        while let Some(entry) = entries.try_next().await? {
            let key = match entry {
                Entry::Intent(intent) => intent.key,
                Entry::Receipt(receipt) => receipt.key,
                _ => continue,
            };
            if self.gone.contains_key(key.record()) {
                drafts.insert(key);
            }
        }
        drop(entries);

        let mut drafts: Vec<DraftKey> = drafts.into_iter().collect();
        drafts.sort_unstable();
        let mut there: BTreeSet<&RecordKey> = BTreeSet::new();
        let mut known: BTreeMap<ModelName, Vec<(&DraftKey, DestinationId)>> = BTreeMap::new();
        for (draft, state) in drafts.iter().zip(journal.states(&drafts).await?) {
            if state.doubt.is_some() {
                there.insert(draft.record());
            }
            if let Some(at) = state.known {
                known.entry(at.model).or_default().push((draft, at.id));
            }
        }
        for (model, drafts) in &known {
            let identity = |(draft, _): &(&DraftKey, _)| self.source.source().identity(draft);
            let identities: Vec<Identity> = drafts.iter().map(identity).collect();
            let ids: Vec<DestinationId> = drafts.iter().map(|(_, id)| id.clone()).collect();
            let found = destination.find(model, &identities).await?;
            // What was matched need not carry the identity.
            let read = destination.read(model, &ids, &[]).await?;
            let is_there =
                found.into_iter().map(|id| id.is_some()).zip(read.into_iter().map(|read| read.is_some()));
            let left = drafts.iter().zip(is_there).filter(|(_, (found, read))| *found || *read);
            there.extend(left.map(|((draft, _), _)| draft.record()));
        }
        if there.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = there
            .iter()
            .take(NAMED)
            .filter_map(|goes| Some(format!("{goes} for {}", self.gone.get(*goes)?)))
            .collect();
        let more = there.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Err(Error::config(format!(
            "nothing was written: records are to go that an earlier run wrote or may have written ({}{more}); undo each at the \
             destination, by hand, or take the decision back under [[undecided]]",
            named.join(", ")
        )))
    }
}

/// How many records an error names.
const NAMED: usize = 20;

#[deny(clippy::missing_trait_methods)]
impl<S: SourceReader> SourceReader for Merged<S> {
    fn source(&self) -> &SourceId {
        self.source.source()
    }

    fn entities(&self) -> &[Entity] {
        self.source.entities()
    }

    fn read(&self, query: &Query) -> ReadingStream<'_> {
        let entity = self.entity(&query.entity).filter(|_| !(self.gone.is_empty() && self.flags.is_empty()));
        let Some(entity) = entity else { return self.source.read(query) };
        let flags = self.flags.get(&query.entity).into_iter().flatten();
        let flags = stream::iter(flags.map(|flag| Ok(Reading::Flag(flag.clone()))));
        let readings = self.source.read(query).map_ok(move |reading| self.merged(entity, reading));
        flags.chain(readings).boxed()
    }
}

impl<S> Merged<S> {
    fn merged(&self, entity: &Entity, reading: Reading) -> Reading {
        let Reading::Record(mut record) = reading else { return reading };
        if let Some(stays) = self.gone.get(record.key()) {
            let message = format!("a decision says that it is {stays}; it was joined to that");
            return Reading::Flag(Flag::new("merged", message).of(record.key(), record.origin()));
        }
        if let Some(goers) = self.goers.get(record.key()) {
            goers.iter().for_each(|goer| join(&mut record, goer));
        }
        relink(&mut record, entity, &self.gone);
        Reading::Record(record)
    }
}

impl<S: fmt::Debug> fmt::Debug for Merged<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merged")
            .field("source", &self.source)
            .field("gone", &self.gone.len())
            .finish_non_exhaustive()
    }
}

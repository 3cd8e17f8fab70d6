//! From drafts to rows: links become ids, look-ups become ids, and what needs no writing is set aside.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::destination::DestinationWriter;
use crate::digest::Digest;
use crate::draft::{Draft, DraftValue, Link, Lookup, Missing, Purpose};
use crate::error::{Error, Result};
use crate::finding::{Flag, Refusal};
use crate::identity::SourceId;
use crate::journal::{Entry, Journal, Known, State};
use crate::key::{DraftKey, Origin, RecordKey};
use crate::migration::chunk::{Chunk, Gathered};
use crate::migration::intents::intents;
use crate::migration::lookups::{Found, Lookups};
use crate::migration::observer::Observer;
use crate::name::{FieldName, ModelName};
use crate::receipt::{Action, DestinationId, How, Intent, Receipt, Row};
use crate::record::Fields;
use crate::value::Value;

/// What the resolving needs to know of the run.
pub(super) struct Ground<'a> {
    pub(super) source: &'a SourceId,
    pub(super) journal: &'a dyn Journal,
    pub(super) destination: &'a dyn DestinationWriter,
    pub(super) observer: &'a dyn Observer,
    /// Models in which a record may be without the journal knowing it.
    pub(super) looked_for: &'a BTreeSet<ModelName>,
    /// Fields that this destination does not have.
    pub(super) dropped: &'a BTreeSet<(ModelName, FieldName)>,
    /// Whether a link to the draft's own entity that leads nowhere yet is left for a second pass.
    pub(super) first_pass: bool,
}

/// A chunk whose every draft is decided upon.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// What is to be written, with the number of the record each row is of.
    pub(super) rows: Vec<(usize, Row)>,
    /// The intents of those rows, in their order.
    pub(super) intents: Vec<Intent>,
    /// The records, in their order.
    pub(super) records: Vec<Decided>,
    /// Look-ups without an answer that asked for a fallback the run does not have: which record, in which model.
    pub(super) unmatched: Vec<(RecordKey, ModelName)>,
}

/// A record that was decided upon.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) key: RecordKey,
    pub(super) origin: Option<Origin>,
    /// Whether it was refused as a whole, and told.
    pub(super) refused: bool,
    /// Whether a link of it was left for the second pass.
    pub(super) waits: bool,
}

/// Decides upon every draft of a chunk; refusals, flags and receipts of matched records are added to the chunk's entries.
///
/// # Errors
///
/// The journal or the destination does not answer.
pub(super) async fn resolve(
    chunk: &mut Chunk,
    lookups: &mut Lookups,
    ground: &Ground<'_>,
) -> Result<Resolved> {
    let records = std::mem::take(&mut chunk.records);
    let states = states(&records, ground.journal).await?;
    lookups.ask(ground.destination, &wanted(&records, ground.dropped)).await?;

    let mut resolver = Resolver {
        chunk,
        lookups,
        ground,
        states: &states,
        late: Vec::new(),
        waits: false,
        done: Resolved::default(),
    };
    for record in records {
        resolver.waits = false;
        let refused = !resolver.record(&record, resolver.done.records.len());
        let Gathered { key, origin, .. } = record;
        resolver.done.records.push(Decided { key, origin, refused, waits: resolver.waits });
    }
    let mut done = resolver.done;
    adopt(&mut done, ground).await?;
    done.intents = intents(&done.rows, ground.destination).await?;
    Ok(done)
}

/// Every look-up of the records that has something to look up.
pub(super) fn wanted<'a>(
    records: &'a [Gathered],
    dropped: &BTreeSet<(ModelName, FieldName)>,
) -> Vec<&'a Lookup> {
    let drafts = records.iter().flat_map(|record| &record.drafts);
    let mut wanted: Vec<_> = drafts.flat_map(|draft| lookups_of(draft, dropped)).collect();
    // A blank value is equal to nothing: it is not asked for.
    wanted.retain(|lookup| !lookup.value.is_blank());
    wanted
}

struct Resolver<'a> {
    chunk: &'a mut Chunk,
    lookups: &'a Lookups,
    ground: &'a Ground<'a>,
    states: &'a HashMap<DraftKey, State>,
    /// What only a second pass can tell of a record.
    late: Vec<Flag>,
    /// Whether a link of the record was left for the second pass.
    waits: bool,
    done: Resolved,
}

impl Resolver<'_> {
    /// Decides upon a record; false where it is refused as a whole.
    fn record(&mut self, record: &Gathered, number: usize) -> bool {
        let mut rows = Vec::new();
        let mut entries = Vec::new();
        let mut flags = Vec::new();
        for draft in &record.drafts {
            let decided = match draft.purpose() {
                Purpose::Match(lookup) => {
                    self.matched(draft, lookup, &mut flags).map(|entry| entries.extend(entry))
                }
                Purpose::Write => {
                    self.row(draft, &mut flags).map(|row| rows.extend(row.map(|row| (number, row))))
                }
            };
            if let Err(error) = decided {
                self.late.clear();
                let refusal = Refusal::of(&record.key, record.origin.as_ref(), &error);
                self.chunk.refuse(refusal, self.ground.observer);
                return false;
            }
        }
        let late = std::mem::take(&mut self.late);
        for flag in if self.ground.first_pass { flags } else { late } {
            self.chunk.flag(flag.of(&record.key, record.origin.as_ref()), self.ground.observer);
        }
        self.chunk.entries.extend(entries);
        self.done.rows.extend(rows);
        true
    }

    /// The receipt of a matched draft, unless the journal has it already.
    fn matched(&mut self, draft: &Draft, lookup: &Lookup, flags: &mut Vec<Flag>) -> Result<Option<Entry>> {
        let Some(id) = self.look_up(draft, lookup, None, flags)? else { return Ok(None) };
        let known = self.known(draft.key());
        if known.is_some_and(|known| known.how == How::Matched && known.id == id) {
            return Ok(None);
        }
        Ok(Some(Entry::Receipt(Receipt {
            key: draft.key().clone(),
            model: draft.model().clone(),
            digest: Digest::builder().value(&Value::from(&id)).finish(),
            id,
            how: How::Matched,
            before: None,
            at: Timestamp::now(),
        })))
    }

    /// The row of a draft, unless it has been written as it now is.
    fn row(&mut self, draft: &Draft, flags: &mut Vec<Flag>) -> Result<Option<Row>> {
        let mut fields = Fields::default();
        let mut waiting = Vec::new();
        for (field, value) in draft.fields() {
            if self.ground.dropped.contains(&(draft.model().clone(), field.clone())) {
                continue;
            }
            let value = self.value(draft, field, value, flags)?;
            if value.is_none() {
                waiting.push(field);
            }
            fields.set(field.clone(), value.unwrap_or_default());
        }
        let known = self.known(draft.key());
        let mut row = Row::create(self.ground.source, draft.key().clone(), draft.model().clone(), fields);
        if let Some(known) = known {
            row = row.updating(known.id.clone());
        }
        let is_written = |row: &Row| known.is_some_and(|known| known.digest == row.digest());
        // A link that led nowhere when the second pass of an earlier run set it may do so still.
        if is_written(&row) || waiting.is_empty() {
            return Ok((!is_written(&row)).then_some(row));
        }
        let now = row.fields.iter().filter(|(field, _)| !waiting.contains(field));
        row.fields =
            now.fold(Fields::default(), |all, (field, value)| all.with(field.clone(), value.clone()));
        Ok((!is_written(&row)).then_some(row))
    }

    /// The value with its links and look-ups resolved; `None` where that has to wait for the second pass.
    fn value(
        &mut self,
        draft: &Draft,
        field: &FieldName,
        value: &DraftValue,
        flags: &mut Vec<Flag>,
    ) -> Result<Option<Value>> {
        Ok(Some(match value {
            DraftValue::Value(value) => value.clone(),
            DraftValue::Link(link) => match self.link(draft, link, field, flags)? {
                Pointed::To(id) => Value::from(&id),
                Pointed::Nowhere => Value::Null,
                Pointed::NotYet => return Ok(None),
            },
            DraftValue::Lookup(lookup) => {
                self.look_up(draft, lookup, Some(field), flags)?.as_ref().map(Value::from).unwrap_or_default()
            }
            DraftValue::Several(values) => {
                let mut all = Vec::with_capacity(values.len());
                for value in values {
                    all.extend(self.value(draft, field, value, flags)?.filter(|value| !value.is_blank()));
                }
                Value::List(all)
            }
        }))
    }

    fn link(
        &mut self,
        draft: &Draft,
        link: &Link,
        field: &FieldName,
        flags: &mut Vec<Flag>,
    ) -> Result<Pointed> {
        if let Some(known) = self.known(&link.target) {
            return Ok(Pointed::To(known.id.clone()));
        }
        let own = link.target.record().entity() == draft.key().record().entity();
        if own && self.ground.first_pass {
            self.waits = true;
            return Ok(Pointed::NotYet);
        }
        match link.missing {
            Missing::Refuse | Missing::Make if !own => Err(Error::refused(format!(
                "the {} it belongs to is not at the destination",
                link.target.record().entity()
            ))
            .at("field", field)),
            // The record itself stands since the first pass.
            Missing::Refuse | Missing::Leave | Missing::Fallback | Missing::Make => {
                let entity = link.target.record().entity();
                let message = format!("the {entity} it points to is not at the destination; left empty");
                let flag = Flag::new("link-leads-nowhere", message).field(field.clone());
                if own {
                    self.late.push(flag)
                } else {
                    flags.push(flag)
                }
                Ok(Pointed::Nowhere)
            }
        }
    }

    fn look_up(
        &mut self,
        draft: &Draft,
        lookup: &Lookup,
        field: Option<&FieldName>,
        flags: &mut Vec<Flag>,
    ) -> Result<Option<DestinationId>> {
        let why = match self.lookups.answer(lookup) {
            Found::One(id) => return Ok(Some(id)),
            Found::None if lookup.value.is_blank() => "there is nothing to look up",
            Found::None => "there is none",
            Found::Several(first) if lookup.missing == Missing::Make => {
                let message =
                    format!("there are several {} with this {}; the first is taken", lookup.model, lookup.by);
                flags.push(Flag::new("several-found", message).field(field.unwrap_or(&lookup.by).clone()));
                return Ok(Some(first));
            }
            Found::Several(_) => "there are several",
            Found::NotMade(why) => {
                let message = format!(
                    "there is no {} with this {}, and it could not be made: {why}",
                    lookup.model, lookup.by
                );
                return Err(Error::refused(message).at("field", field.unwrap_or(&lookup.by)));
            }
        };
        let field = field.unwrap_or(&lookup.by);
        let said = |end: &str| format!("no single {} with this {}: {why}{end}", lookup.model, lookup.by);
        match (lookup.missing, self.lookups.fallback(&lookup.model)) {
            (Missing::Refuse, _) => Err(Error::refused(said("")).at("field", field)),
            (Missing::Make, _) => Err(Error::refused(said(", and it was not to be made")).at("field", field)),
            (Missing::Leave, _) => {
                flags.push(Flag::new("not-found", said("; left empty")).field(field.clone()));
                Ok(None)
            }
            (Missing::Fallback, Some(id)) => {
                flags.push(Flag::new("fallback-used", said("; the fallback stands in")).field(field.clone()));
                Ok(Some(id.clone()))
            }
            (Missing::Fallback, None) => {
                self.done.unmatched.push((draft.key().record().clone(), lookup.model.clone()));
                Ok(None)
            }
        }
    }

    fn known(&self, key: &DraftKey) -> Option<&Known> {
        self.states.get(key).and_then(|state| state.known.as_ref())
    }
}

enum Pointed {
    To(DestinationId),
    Nowhere,
    NotYet,
}

/// What the journal knows of every draft and every link's target.
async fn states(records: &[Gathered], journal: &dyn Journal) -> Result<HashMap<DraftKey, State>> {
    let mut keys = BTreeSet::new();
    for draft in records.iter().flat_map(|record| &record.drafts) {
        keys.insert(draft.key().clone());
        for (_, value) in draft.fields() {
            value.visit(&mut |value| {
                if let DraftValue::Link(link) = value {
                    keys.insert(link.target.clone());
                }
            });
        }
    }
    let keys: Vec<_> = keys.into_iter().collect();
    let states = journal.states(&keys).await?;
    Ok(keys.into_iter().zip(states).collect())
}

/// The look-ups of a draft, but for fields that are left out.
pub(super) fn lookups_of<'a>(
    draft: &'a Draft,
    dropped: &BTreeSet<(ModelName, FieldName)>,
) -> Vec<&'a Lookup> {
    let mut lookups = Vec::new();
    if let Purpose::Match(lookup) = draft.purpose() {
        lookups.push(lookup);
    }
    for (field, value) in draft.fields() {
        if !dropped.is_empty() && dropped.contains(&(draft.model().clone(), field.clone())) {
            continue;
        }
        value.visit(&mut |value| {
            if let DraftValue::Lookup(lookup) = value {
                lookups.push(lookup);
            }
        });
    }
    lookups
}

/// Rows that the journal does not know and the destination may have are looked for, and brought up to date instead of made.
async fn adopt(done: &mut Resolved, ground: &Ground<'_>) -> Result<()> {
    let mut asked: BTreeMap<&ModelName, Vec<usize>> = BTreeMap::new();
    for (at, (_, row)) in done.rows.iter().enumerate() {
        if row.action == Action::Create && ground.looked_for.contains(&row.model) {
            asked.entry(&row.model).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for (model, rows) in asked {
        let identities: Vec<_> = rows.iter().map(|at| done.rows[*at].1.identity.clone()).collect();
        let ids = ground.destination.find(model, &identities).await?;
        found.extend(rows.into_iter().zip(ids).filter_map(|(at, id)| Some((at, id?))));
    }
    for (at, id) in found {
        done.rows[at].1.action = Action::Update(id);
    }
    Ok(())
}

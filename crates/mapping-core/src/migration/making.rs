//! Making what look-ups do not find and are to make: each once, with an identity and an intent of its own.

use std::collections::{BTreeMap, HashMap};

use crate::destination::{DestinationWriter, LookupQuery};
use crate::digest::Digest;
use crate::draft::{Lookup, Missing};
use crate::error::{Error, Result};
use crate::identity::SourceId;
use crate::journal::{Entry, Journal, Withdrawn};
use crate::key::{DraftKey, RecordKey};
use crate::migration::lookups::{Found, Lookups};
use crate::name::ModelName;
use crate::receipt::{DestinationId, Outcome, Receipt, Row};
use crate::record::Fields;
use crate::value::Value;

/// The entity in the keys of what look-ups made. No source has one of that name.
const ENTITY: &str = "@made";

/// The look-ups that found nothing and are to make it.
pub(super) fn absent<'a>(lookups: &Lookups, wanted: &[&'a Lookup]) -> Vec<&'a Lookup> {
    let mut absent = lookups.unanswered(wanted);
    absent.retain(|lookup| lookup.missing == Missing::Make && lookup.value.as_text().is_some());
    absent
}

/// What is to be made for look-ups that want the same.
struct Group<'a> {
    row: Row,
    lookups: Vec<&'a Lookup>,
}

/// Makes what these look-ups want, and notes what they find now. Tells how many records were made.
///
/// Nothing may be in doubt, and the destination must be ready for the rows.
///
/// # Errors
///
/// The journal or the destination does not answer. What was sent stands in the journal as an intent.
pub(super) async fn make(
    lookups: &mut Lookups,
    absent: &[&Lookup],
    source: &SourceId,
    destination: &dyn DestinationWriter,
    journal: &dyn Journal,
) -> Result<u64> {
    let mut groups = groups(absent, source);
    // Made by an earlier run, and named otherwise since.
    let known = known(&groups, destination).await?;
    groups.retain(|group| match known.get(&group.row.key) {
        Some(id) => {
            group.lookups.iter().for_each(|lookup| lookups.note(lookup, Found::One(id.clone())));
            false
        }
        None => true,
    });
    if groups.is_empty() {
        return Ok(0);
    }
    let intents: Vec<Entry> = groups.iter().map(|group| Entry::Intent(group.row.intent(None))).collect();
    journal.append(&intents).await?;
    let rows = groups.iter().map(|group| group.row.clone()).collect();
    let outcomes = destination.write(destination.prepare(rows)).await;
    if outcomes.len() != groups.len() {
        let message = format!("the destination answered {} of {} rows", outcomes.len(), groups.len());
        return Err(Error::config(message));
    }
    let mut entries = Vec::with_capacity(groups.len());
    let mut made: Vec<Result<Receipt>> = Vec::with_capacity(groups.len());
    let mut stop = None;
    for (group, outcome) in groups.iter().zip(outcomes) {
        let withdrawn = || Entry::Withdrawn(Withdrawn { draft: group.row.key.clone() });
        match outcome {
            Outcome::Written(id) => {
                let receipt = group.row.intent(None).receipt(id);
                entries.push(Entry::Receipt(receipt.clone()));
                made.push(Ok(receipt));
            }
            Outcome::Refused(error) => {
                entries.push(withdrawn());
                made.push(Err(error));
            }
            Outcome::Unwritten(error) => {
                entries.push(withdrawn());
                stop.get_or_insert(error);
            }
            // The intent stays open: the next run looks for it.
            Outcome::Unknown(error) => {
                stop.get_or_insert(error);
            }
        }
    }
    journal.append(&entries).await?;
    match stop {
        Some(error) => Err(error),
        None => check(lookups, &groups, made, destination).await,
    }
}

/// Looks once more: another program may have made the same at the same time, and Odoo then gives the later one another name. What
/// was made and is not what a look-up finds goes again.
async fn check(
    lookups: &mut Lookups,
    groups: &[Group<'_>],
    made: Vec<Result<Receipt>>,
    destination: &dyn DestinationWriter,
) -> Result<u64> {
    let all: Vec<&Lookup> = groups.iter().flat_map(|group| group.lookups.iter().copied()).collect();
    lookups.forget(&all);
    lookups.ask(destination, &all).await?;
    let mut superfluous = Vec::new();
    let mut count = 0;
    for (group, made) in groups.iter().zip(made) {
        for lookup in &group.lookups {
            let found = match (lookups.answer(lookup), &made) {
                (Found::None, Ok(receipt)) => Found::One(receipt.id.clone()),
                (Found::None, Err(error)) => Found::NotMade(error.to_string()),
                (Found::Several(first), Ok(_)) => Found::One(first),
                (found, _) => found,
            };
            lookups.note(lookup, found);
        }
        if let Ok(receipt) = made {
            let ours = Found::One(receipt.id.clone());
            if group.lookups.iter().all(|lookup| lookups.answer(lookup) != ours) {
                superfluous.push(receipt);
            } else {
                count += 1;
            }
        }
    }
    for answer in destination.revert(&superfluous).await {
        answer?;
    }
    Ok(count)
}

/// One for each thing that is wanted, however it is written.
fn groups<'a>(absent: &[&'a Lookup], source: &SourceId) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: HashMap<DraftKey, usize> = HashMap::new();
    for lookup in absent {
        let key = key(lookup);
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.lookups.push(lookup),
            None => groups.push(Group { row: row(lookup, key, source), lookups: vec![lookup] }),
        }
    }
    groups
}

/// A key that tells nothing of the value: it may be about a patient.
fn key(lookup: &Lookup) -> DraftKey {
    let start = Digest::builder().text(lookup.model.as_str()).text(lookup.by.as_str());
    let within =
        lookup.within.iter().fold(start, |digest, (field, value)| digest.text(field.as_str()).value(value));
    let value = lookup.value.as_text().unwrap_or_default();
    let value = if lookup.fold { LookupQuery::folded(value) } else { value.to_owned() };
    RecordKey::new(ENTITY, within.text(&value).finish().to_string()).into()
}

fn row(lookup: &Lookup, key: DraftKey, source: &SourceId) -> Row {
    let value = match lookup.value.as_text() {
        Some(text) if lookup.fold => Value::from(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => lookup.value.clone(),
    };
    let fields = lookup.within.iter().cloned().chain([(lookup.by.clone(), value)]);
    let mut all = Fields::default();
    fields.for_each(|(field, value)| all.set(field, value));
    Row::create(source, key, lookup.model.clone(), all)
}

/// Those that are there already, by their identities.
async fn known(
    groups: &[Group<'_>],
    destination: &dyn DestinationWriter,
) -> Result<HashMap<DraftKey, DestinationId>> {
    let mut models: BTreeMap<&ModelName, Vec<&Row>> = BTreeMap::new();
    for group in groups {
        models.entry(&group.row.model).or_default().push(&group.row);
    }
    let mut known = HashMap::new();
    for (model, rows) in models {
        let identities: Vec<_> = rows.iter().map(|row| row.identity.clone()).collect();
        let ids = destination.find(model, &identities).await?;
        known.extend(rows.into_iter().zip(ids).filter_map(|(row, id)| Some((row.key.clone(), id?))));
    }
    Ok(known)
}

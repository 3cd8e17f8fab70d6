//! Looking up what the destination has already: each value once, many in one question.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::destination::{DestinationReader, LookupQuery};
use crate::digest::Digest;
use crate::draft::{Lookup, Missing};
use crate::error::{Error, Result};
use crate::name::ModelName;
use crate::receipt::DestinationId;

/// How many answers are kept before all are forgotten: what repeats is kept at hand, what does not cannot fill the memory.
const KEPT: usize = 50_000;

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    One(DestinationId),
    None,
    /// The first of them.
    Several(DestinationId),
    /// Nothing, and it could not be made, for that reason.
    NotMade(String),
}

/// The answers so far.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    answers: HashMap<Digest, Found>,
    fallbacks: BTreeMap<ModelName, DestinationId>,
}

impl Lookups {
    /// Asks for all of these that are not known yet.
    ///
    /// # Errors
    ///
    /// The destination does not answer.
    pub(super) async fn ask(
        &mut self,
        destination: &dyn DestinationReader,
        wanted: &[&Lookup],
    ) -> Result<()> {
        if self.answers.len() > KEPT {
            self.answers.clear();
        }
        let mut groups: BTreeMap<Digest, Vec<(Digest, &Lookup)>> = BTreeMap::new();
        let mut asked = HashSet::new();
        for lookup in wanted {
            let mark = mark(lookup);
            if !self.answers.contains_key(&mark) && asked.insert(mark) {
                groups.entry(group(lookup)).or_default().push((mark, lookup));
            }
        }
        for group in groups.into_values() {
            let first = group[0].1;
            let query = LookupQuery {
                model: first.model.clone(),
                by: first.by.clone(),
                within: first.within.clone(),
                fold: first.fold,
            };
            let values: Vec<_> = group.iter().map(|(_, lookup)| lookup.value.clone()).collect();
            let found = destination.look_up(&query, &values).await?;
            for ((mark, _), ids) in group.into_iter().zip(found) {
                let several = ids.len() > 1;
                let found = match ids.into_iter().min() {
                    Some(first) if several => Found::Several(first),
                    Some(id) => Found::One(id),
                    None => Found::None,
                };
                self.answers.insert(mark, found);
            }
        }
        Ok(())
    }

    /// Those of the look-ups that found nothing.
    pub(super) fn unanswered<'a>(&self, wanted: &[&'a Lookup]) -> Vec<&'a Lookup> {
        wanted.iter().filter(|lookup| self.answer(lookup) == Found::None).copied().collect()
    }

    /// Whether a fallback is asked for, and the run has none.
    pub(super) fn is_lost(&self, lookup: &Lookup) -> bool {
        lookup.missing == Missing::Fallback
            && !matches!(self.answer(lookup), Found::One(_))
            && self.fallback(&lookup.model).is_none()
    }

    /// Forgets what was found, so that it is asked for again.
    pub(super) fn forget(&mut self, lookups: &[&Lookup]) {
        for lookup in lookups {
            self.answers.remove(&mark(lookup));
        }
    }

    /// Notes what a look-up is to find.
    pub(super) fn note(&mut self, lookup: &Lookup, found: Found) {
        self.answers.insert(mark(lookup), found);
    }

    /// The answer to a look-up that was asked for.
    pub(super) fn answer(&self, lookup: &Lookup) -> Found {
        self.answers.get(&mark(lookup)).cloned().unwrap_or(Found::None)
    }

    /// Looks the fallbacks up.
    ///
    /// # Errors
    ///
    /// The destination does not answer, or has not just one such record.
    pub(super) async fn ask_fallbacks<'a>(
        &mut self,
        destination: &dyn DestinationReader,
        fallbacks: impl Iterator<Item = &'a Lookup>,
    ) -> Result<()> {
        for fallback in fallbacks {
            self.ask(destination, &[fallback]).await?;
            let Found::One(id) = self.answer(fallback) else {
                let message = "the fallback is not there, or not just once; name another";
                return Err(Error::config(message).at("model", &fallback.model).at("field", &fallback.by));
            };
            self.fallbacks.insert(fallback.model.clone(), id);
        }
        Ok(())
    }

    /// The fallback for a model, if the run has one.
    pub(super) fn fallback(&self, model: &ModelName) -> Option<&DestinationId> {
        self.fallbacks.get(model)
    }
}

/// Look-ups of one group go into one question.
fn group(lookup: &Lookup) -> Digest {
    let start = Digest::builder().text(lookup.model.as_str()).text(lookup.by.as_str());
    let within =
        lookup.within.iter().fold(start, |digest, (field, value)| digest.text(field.as_str()).value(value));
    within.value(&lookup.fold.into()).finish()
}

fn mark(lookup: &Lookup) -> Digest {
    Digest::builder().text(&group(lookup).to_string()).value(&lookup.value).finish()
}

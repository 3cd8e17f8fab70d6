//! Undoing writes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mapping_core::error::{Error, Result};
use mapping_core::name::ModelName;
use mapping_core::receipt::{Action, How, Receipt, Row};
use mapping_core::value::Value;

use crate::client::Domain;
use crate::destination::attached;
use crate::destination::bills;
use crate::destination::call::{Kind, call, columns, kept};
use crate::destination::care;
use crate::destination::care::stored::{content, read};
use crate::destination::error::{core, is_about_rows};
use crate::destination::isolate::{Answer, Fate, Isolation, Step};
use crate::destination::look::id;
use crate::destination::model::Model;
use crate::destination::values::{Markup, encode};
use crate::destination::writer::OdooWriter;
use crate::error::{Error as CallError, Result as CallResult, Retry};
use crate::reason::Reason;
use crate::wire::{Struct, Value as Wire};

/// How many ids are looked for in one call: one question with 10,000 takes 0.3 s (measured on 19).
const IDS: usize = 10_000;
/// How many records are deleted in one call: 2,000 contacts take 19 about a second and 14 five (measured).
const RECORDS: usize = 2000;
/// How many records get their values back in one call.
const CHANGES: usize = 500;

/// Values that come back: the number of their receipt, and the record's id.
type Change = (usize, i64, Struct);
/// Values that do not come back, since that would do harm: by record and field, with the number of their receipt.
type LeftOut = BTreeMap<(i64, String), (usize, Wire)>;

/// Why a field was not put back.
const STAYS: &str = "Odoo would copy what was there before onto another record, which holds something else by now: the field was left as \
                     it is and all else put back, so set it by hand where it is to be as before";

impl OdooWriter {
    /// Undoes writes in the order given; neighbours of one model go together.
    pub(crate) async fn revert_all(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let mut answers = Vec::with_capacity(receipts.len());
        let goes = attached::going(receipts);
        let alike = |one: &Receipt, other: &Receipt| one.model == other.model && one.how == other.how;
        for group in receipts.chunk_by(alike).flat_map(|group| group.chunks(IDS)) {
            let of_bills = bills::is_bill(&group[0].model);
            match group[0].how {
                How::Created if of_bills => answers.extend(self.take_out_bills(group).await),
                How::Updated if of_bills => answers.extend(self.restore_bills(group, &goes).await),
                How::Created => answers.extend(self.delete(&group[0].model, group).await),
                How::Updated => answers.extend(self.restore(&group[0].model, group, &goes).await),
                // It was left as it was.
                _ => answers.extend(group.iter().map(|_| Ok(()))),
            }
        }
        answers
    }

    /// Deletes those of the records that are still there: one missing id would refuse the whole call.
    async fn delete(&self, model: &ModelName, receipts: &[Receipt]) -> Vec<Result<()>> {
        let there = match self.model(model).await {
            Ok(None) => return receipts.iter().map(|_| Ok(())).collect(),
            Ok(Some(_)) => self.still_there(model, receipts).await,
            Err(error) => Err(error),
        };
        let there = match there {
            Ok(there) => there,
            Err(error) => return receipts.iter().map(|_| Err(error.clone())).collect(),
        };
        let mut answers = Vec::with_capacity(receipts.len());
        for part in receipts.chunks(RECORDS) {
            let ids: BTreeSet<i64> = part
                .iter()
                .filter_map(|receipt| receipt.id.number())
                .filter(|id| there.contains(id))
                .collect();
            // The newest first: those may hang on older ones.
            let kept = self.delete_all(model, &ids.into_iter().rev().collect::<Vec<_>>()).await;
            let answer = |receipt: &Receipt| kept.get(&receipt.id.number()?).cloned();
            answers.extend(part.iter().map(|receipt| answer(receipt).map_or(Ok(()), Err)));
        }
        answers
    }

    /// Deletes records; gives those that are not deleted, and why. One that cannot go keeps no other: Odoo deletes all of a call or none.
    async fn delete_all(&self, model: &ModelName, ids: &[i64]) -> HashMap<i64, Error> {
        let mut isolation = Isolation::new(ids.len(), self.refusals);
        while let Some(step) = isolation.next() {
            match step {
                Step::Attempt(part) => {
                    let part: Vec<i64> = part.iter().map(|at| ids[*at]).collect();
                    let answer = self.unlink(model, &part).await;
                    tell(&mut isolation, answer, part.len());
                }
                // Nothing tells beforehand which can go.
                Step::Look(_) => isolation.saw(None),
            }
        }
        let answers = ids.iter().copied().zip(self.ends(isolation));
        answers.filter_map(|(id, answer)| Some((id, answer.err()?))).collect()
    }

    /// Deletes records. Those that are gone by then count as deleted: a call that got no answer may be at work on them still, and others
    /// delete too.
    pub(crate) async fn unlink(&self, model: &ModelName, ids: &[i64]) -> CallResult<()> {
        let mut left = ids.to_vec();
        let mut attempt = 0;
        loop {
            let Err(error) = self.client.unlink(model.as_str(), &left).await else { return Ok(()) };
            let refused = error.retry() == Retry::Never;
            let goes_on = match refused {
                true => attempt > 0 || is_missing(&error),
                false => attempt + 1 < self.patience.attempts,
            };
            if !goes_on {
                return Err(error);
            }
            if !refused {
                self.patience.pause(attempt, &error).await;
                attempt += 1;
            }
            let look = || {
                let there = Domain::field("id").is_in(left.iter().copied());
                self.client.search(model.as_str(), there, Default::default())
            };
            let there: BTreeSet<i64> = self.patience.repeat(look).await?.into_iter().collect();
            let before = left.len();
            left.retain(|id| there.contains(id));
            if refused && left.len() == before {
                return Err(error);
            }
        }
    }

    async fn still_there(&self, model: &ModelName, receipts: &[Receipt]) -> Result<BTreeSet<i64>> {
        let ids: Vec<i64> = receipts.iter().filter_map(|receipt| receipt.id.number()).collect();
        let domain = || Domain::field("id").is_in(ids.iter().copied());
        Ok(self.records(model, domain, &["id"]).await?.iter().filter_map(id).collect())
    }

    /// Writes the values from before to those of the records that are still there. Those of `goes` are deleted afterwards.
    pub(crate) async fn restore(
        &self,
        name: &ModelName,
        receipts: &[Receipt],
        goes: &BTreeSet<i64>,
    ) -> Vec<Result<()>> {
        let known = match self.model(name).await {
            Ok(Some(model)) => {
                self.before_restoring(name, receipts).await.map(|(there, harm)| (model, there, harm))
            }
            Ok(None) => Err(Error::config("there is no such model any more").at("model", name)),
            Err(error) => Err(error),
        };
        let (model, there, harm) = match known {
            Ok(known) => known,
            Err(error) => return receipts.iter().map(|_| Err(error.clone())).collect(),
        };
        let mut answers: Vec<Result<()>> = receipts.iter().map(|_| Ok(())).collect();
        // What was changed more than once goes back change by change, however each of them is best written.
        let mut rounds: HashMap<i64, usize> = HashMap::new();
        let mut parts: BTreeMap<(usize, Kind, Vec<String>), Vec<Change>> = BTreeMap::new();
        let mut left_out = LeftOut::new();
        for (at, receipt) in receipts.iter().enumerate() {
            match before(&model, receipt) {
                Ok((id, mut values)) if there.contains(&id) => {
                    // What was changed more than once is to be as it was at first: the last word counts.
                    if !left_out.is_empty() {
                        values.iter().for_each(|(field, _)| drop(left_out.remove(&(id, field.to_owned()))));
                    }
                    if let Some(error) = harm.get(&at) {
                        let Some((rest, harmful)) = care::apart(name.as_str(), &values) else {
                            answers[at] = Err(error.clone());
                            continue;
                        };
                        let harmful = harmful
                            .into_iter()
                            .map(|(field, value)| ((id, field.as_str().to_owned()), (at, value)));
                        left_out.extend(harmful);
                        values = rest;
                    }
                    if values.is_empty() {
                        continue;
                    }
                    let round = rounds.entry(id).or_default();
                    let (kind, columns) = self.way(&model, &values);
                    parts.entry((*round, kind, columns)).or_default().push((at, id, values));
                    *round += 1;
                }
                Ok(_) => {}
                Err(error) => answers[at] = Err(error),
            }
        }
        for ((_, kind, _), part) in parts {
            for part in part.chunks(if kind == Kind::Write { 1 } else { CHANGES }) {
                let put_back = self.put_all_back(kind, &model, name, part).await;
                part.iter().zip(put_back).for_each(|((at, ..), answer)| answers[*at] = answer);
            }
        }
        let mut stayed: Vec<(usize, Error)> = self.what_stayed(name, &left_out).await.into_iter().collect();
        stayed.extend(self.files_not_kept(receipts, goes).await);
        for (at, error) in stayed {
            if answers[at].is_ok() {
                answers[at] = Err(error);
            }
        }
        answers
    }

    /// The receipts that are not wholly undone, and why: something was left out, and the record holds something else than before.
    async fn what_stayed(&self, name: &ModelName, left_out: &LeftOut) -> BTreeMap<usize, Error> {
        let ids = left_out.keys().map(|(id, _)| *id).collect();
        let fields: BTreeSet<&str> = left_out.keys().map(|(_, field)| field.as_str()).collect();
        let fields: Vec<&str> = fields.into_iter().collect();
        let now = match read(self, name.as_str(), ids, &fields).await {
            Ok(now) => now,
            Err(error) => return left_out.values().map(|(at, _)| (*at, error.clone())).collect(),
        };
        let mut stayed: BTreeMap<usize, Error> = BTreeMap::new();
        for ((id, field), (at, before)) in left_out {
            if now.get(id).is_some_and(|now| content(now.get(field)) != content(Some(before))) {
                let error = stayed.remove(at).unwrap_or_else(|| Error::refused(STAYS).at("model", name));
                stayed.insert(*at, error.at("field", field));
            }
        }
        stayed
    }

    /// Writes values back to records, and gives an answer for each. One that is not taken takes no other with it.
    async fn put_all_back(
        &self,
        kind: Kind,
        model: &Model,
        name: &ModelName,
        all: &[Change],
    ) -> Vec<Result<()>> {
        let mut isolation = Isolation::new(all.len(), self.refusals);
        while let Some(step) = isolation.next() {
            match step {
                Step::Attempt(part) => {
                    let part: Vec<&Change> = part.iter().map(|at| &all[*at]).collect();
                    let kind = if part.len() == 1 { Kind::Write } else { kind };
                    let answer = self.put_back(kind, model, name, &part).await;
                    tell(&mut isolation, answer, part.len());
                }
                Step::Look(_) => isolation.saw(None),
            }
        }
        self.ends(isolation)
    }

    /// What became of each of the records.
    pub(crate) fn ends(&self, isolation: Isolation<(), Error>) -> Vec<Result<()>> {
        let exhausted = isolation.is_exhausted();
        let end = |fate| match fate {
            Fate::Written(()) => Ok(()),
            Fate::Stopped(error) if exhausted => Err(self.enough(&error)),
            Fate::Refused(error) | Fate::Stopped(error) => Err(error),
        };
        isolation.fates().into_iter().map(end).collect()
    }

    /// Which of the records are still there; and which receipts have values that would change other people's records, and why.
    async fn before_restoring(
        &self,
        name: &ModelName,
        receipts: &[Receipt],
    ) -> Result<(BTreeSet<i64>, HashMap<usize, Error>)> {
        let there = self.still_there(name, receipts).await?;
        let row = |receipt: &Receipt| Row {
            key: receipt.key.clone(),
            model: receipt.model.clone(),
            identity: "".into(),
            action: Action::Update(receipt.id.clone()),
            fields: receipt.before.clone().unwrap_or_default(),
        };
        let rows: Vec<Row> = receipts.iter().map(row).collect();
        Ok((there, care::look(self, &rows).await?.into_iter().collect()))
    }

    /// How these values are best written to a record together with those of others.
    fn way(&self, model: &Model, values: &Struct) -> (Kind, Vec<String>) {
        if self.client.version().at_least(19, 0) {
            return (Kind::SaveMany, Vec::new());
        }
        columns(model, values).map_or((Kind::Write, Vec::new()), |columns| (Kind::LoadMany, columns))
    }

    async fn put_back(
        &self,
        kind: Kind,
        model: &Model,
        name: &ModelName,
        part: &[&Change],
    ) -> CallResult<()> {
        let content = part.iter().map(|(_, id, values)| (*id, values.clone())).collect();
        let call = call(&self.client, kind, model, name, content)?;
        // To write the same values again does no harm.
        let answer = self.patience.repeat(|| self.client.send(&call)).await?;
        kept(kind, name, &answer)
    }
}

/// Tells what a call with so many records came to.
///
/// Where the reason is a record's own, as that others link to it, it says nothing of the next one, and is not counted: those that
/// cannot go would stand first again, and keep all others, however often it is begun anew.
pub(crate) fn tell(isolation: &mut Isolation<(), Error>, answer: CallResult<()>, records: usize) {
    let told = match answer {
        Ok(()) => Answer::Written(vec![(); records]),
        Err(error) if is_about_rows(&error) => {
            if records == 1 && matches!(error, CallError::Refused { .. }) {
                isolation.allow_one_more();
            }
            Answer::Refused(core(error))
        }
        Err(error) => Answer::Stopped(core(error)),
    };
    isolation.answer(told);
}

/// Whether a call was refused since a record of it is not there, or not within reach any more.
fn is_missing(error: &CallError) -> bool {
    matches!(error, CallError::Refused { reason: Reason::Missing | Reason::OutOfReach, .. })
}

/// The values from before, as the model takes them, and the record's id. Of files it is only known which they were.
fn before(model: &Model, receipt: &Receipt) -> Result<(i64, Struct)> {
    let (Some(before), Some(id)) = (&receipt.before, receipt.id.number()) else {
        return Err(Error::config("the receipt does not say what was there before").at("key", &receipt.key));
    };
    let mut values = Struct::with_capacity(before.len());
    if let Some(name) = attached::name_before(receipt) {
        values.push("name".into(), name.into());
    }
    for (name, value) in before.iter() {
        if matches!(value, Value::File(_)) {
            continue;
        }
        let field =
            model.fields.get(name).ok_or_else(|| Error::refused("the field is gone").at("field", name))?;
        values.push(
            name.as_str().into(),
            encode(field, value, Markup::AsRead).map_err(|e| e.at("field", name))?,
        );
    }
    Ok((id, values))
}

//! Undoing writes.

use std::collections::{BTreeMap, BTreeSet};

use mapping_core::error::{Error, Result};
use mapping_core::name::ModelName;
use mapping_core::receipt::{How, Receipt};

use crate::client::Domain;
use crate::destination::call::{Kind, call, columns, kept};
use crate::destination::error::{core, is_about_rows};
use crate::destination::look::id;
use crate::destination::model::Model;
use crate::destination::values::{Markup, encode};
use crate::destination::writer::OdooWriter;
use crate::error::Retry;
use crate::wire::Struct;

/// How many ids are looked for in one call: one question with 10,000 takes 0.3 s (measured on 19).
const IDS: usize = 10_000;
/// How many records are deleted in one call: 2,000 contacts take 19 about a second and 14 five (measured).
const RECORDS: usize = 2000;
/// How many records get their values back in one call.
const CHANGES: usize = 500;

/// Values that come back: the number of their receipt, and the record's id.
type Change = (usize, i64, Struct);

impl OdooWriter {
    /// Undoes writes in the order given; neighbours of one model go together.
    pub(crate) async fn revert_all(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let mut answers = Vec::with_capacity(receipts.len());
        let alike = |one: &Receipt, other: &Receipt| one.model == other.model && one.how == other.how;
        for group in receipts.chunk_by(alike).flat_map(|group| group.chunks(IDS)) {
            match group[0].how {
                How::Created => answers.extend(self.delete(&group[0].model, group).await),
                How::Updated => answers.extend(self.restore(&group[0].model, group).await),
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
            let answer = self.unlink(model, &ids).await;
            answers.extend(part.iter().map(|_| answer.clone()));
        }
        answers
    }

    /// Deletes records that are there.
    pub(crate) async fn unlink(&self, model: &ModelName, ids: &BTreeSet<i64>) -> Result<()> {
        let ids: Vec<i64> = ids.iter().copied().collect();
        // After a lost answer it is a deletion of what is left.
        let delete = || async {
            let left = self.client.search(
                model.as_str(),
                Domain::field("id").is_in(ids.iter().copied()),
                Default::default(),
            );
            self.client.unlink(model.as_str(), &left.await?).await
        };
        match self.client.unlink(model.as_str(), &ids).await {
            Ok(()) => Ok(()),
            Err(error) if error.retry() == Retry::Never => Err(core(error)),
            Err(_) => self.patience.repeat(delete).await.map_err(core),
        }
    }

    async fn still_there(&self, model: &ModelName, receipts: &[Receipt]) -> Result<BTreeSet<i64>> {
        let ids: Vec<i64> = receipts.iter().filter_map(|receipt| receipt.id.number()).collect();
        let domain = || Domain::field("id").is_in(ids.iter().copied());
        Ok(self.records(model, domain, &["id"]).await?.iter().filter_map(id).collect())
    }

    /// Writes the values from before to those of the records that are still there.
    async fn restore(&self, name: &ModelName, receipts: &[Receipt]) -> Vec<Result<()>> {
        let known = match self.model(name).await {
            Ok(Some(model)) => self.still_there(name, receipts).await.map(|there| (model, there)),
            Ok(None) => Err(Error::config("there is no such model any more").at("model", name)),
            Err(error) => Err(error),
        };
        let (model, there) = match known {
            Ok(known) => known,
            Err(error) => return receipts.iter().map(|_| Err(error.clone())).collect(),
        };
        let mut answers: Vec<Result<()>> = receipts.iter().map(|_| Ok(())).collect();
        let mut parts: BTreeMap<(Kind, Vec<String>), Vec<Change>> = BTreeMap::new();
        for (at, receipt) in receipts.iter().enumerate() {
            match before(&model, receipt) {
                Ok((id, values)) if there.contains(&id) => {
                    parts.entry(self.way(&model, &values)).or_default().push((at, id, values));
                }
                Ok(_) => {}
                Err(error) => answers[at] = Err(error),
            }
        }
        for ((kind, _), part) in parts {
            for part in part.chunks(if kind == Kind::Write { 1 } else { CHANGES }) {
                let answer = self.put_back(kind, &model, name, part).await;
                // One of them that is not taken takes no other with it.
                for (at, id, values) in part {
                    if part.len() > 1 && matches!(&answer, Err(error) if is_about_rows(error)) {
                        let one = [(*at, *id, values.clone())];
                        answers[*at] = self.put_back(Kind::Write, &model, name, &one).await.map_err(core);
                    } else {
                        answers[*at] = answer.clone().map_err(core);
                    }
                }
            }
        }
        answers
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
        part: &[Change],
    ) -> crate::error::Result<()> {
        let content = part.iter().map(|(_, id, values)| (*id, values.clone())).collect();
        let call = call(&self.client, kind, model, name, content)?;
        // To write the same values again does no harm.
        let answer = self.patience.repeat(|| self.client.send(&call)).await?;
        kept(kind, name, &answer)
    }
}

/// The values from before, as the model takes them, and the record's id.
fn before(model: &Model, receipt: &Receipt) -> Result<(i64, Struct)> {
    let (Some(before), Some(id)) = (&receipt.before, receipt.id.number()) else {
        return Err(Error::config("the receipt does not say what was there before").at("key", &receipt.key));
    };
    let mut values = Struct::with_capacity(before.len());
    for (name, value) in before.iter() {
        let field =
            model.fields.get(name).ok_or_else(|| Error::refused("the field is gone").at("field", name))?;
        values.push(
            name.as_str().into(),
            encode(field, value, Markup::AsRead).map_err(|e| e.at("field", name))?,
        );
    }
    Ok((id, values))
}

//! Undoing writes.

use std::collections::BTreeSet;

use mapping_core::error::{Error, Result};
use mapping_core::name::ModelName;
use mapping_core::receipt::{How, Receipt};

use crate::client::Domain;
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::values::{Markup, encode};
use crate::destination::writer::OdooWriter;
use crate::wire::Struct;

/// How many records are deleted in one call: 3,000 contacts take about a second (measured on 19), 500 as long on 14.
const RECORDS: usize = 1000;

impl OdooWriter {
    /// Undoes writes in the order given; neighbours of one model go together.
    pub(crate) async fn revert_all(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let mut answers = Vec::with_capacity(receipts.len());
        let alike = |one: &Receipt, other: &Receipt| one.model == other.model && one.how == other.how;
        for group in receipts.chunk_by(alike) {
            for part in group.chunks(RECORDS) {
                let answer = match part[0].how {
                    How::Created => self.delete(&part[0].model, part).await,
                    How::Updated => {
                        for receipt in part {
                            answers.push(self.restore(receipt).await);
                        }
                        continue;
                    }
                    // It was left as it was.
                    _ => Ok(()),
                };
                answers.extend(part.iter().map(|_| answer.clone()));
            }
        }
        answers
    }

    /// Deletes those of the records that are still there: one missing id would refuse the whole call.
    async fn delete(&self, model: &ModelName, receipts: &[Receipt]) -> Result<()> {
        if self.model(model).await?.is_none() {
            return Ok(());
        }
        let ids: BTreeSet<i64> = receipts.iter().filter_map(|receipt| receipt.id.number()).collect();
        let domain = || Domain::field("id").is_in(ids.iter().copied());
        let there: Vec<i64> = self.records(model, domain, &["id"]).await?.iter().filter_map(id).collect();
        // After a lost answer it is a deletion of what is left.
        let delete = || async {
            let left = self.client.search(
                model.as_str(),
                Domain::field("id").is_in(there.iter().copied()),
                Default::default(),
            );
            self.client.unlink(model.as_str(), &left.await?).await
        };
        match self.client.unlink(model.as_str(), &there).await {
            Ok(()) => Ok(()),
            Err(error) if error.retry() == crate::error::Retry::Never => Err(core(error)),
            Err(_) => self.patience.repeat(delete).await.map_err(core),
        }
    }

    /// Writes the values from before.
    async fn restore(&self, receipt: &Receipt) -> Result<()> {
        let (Some(before), Some(id), Some(model)) =
            (&receipt.before, receipt.id.number(), self.model(&receipt.model).await?)
        else {
            return Err(
                Error::config("the receipt does not say what was there before").at("key", &receipt.key)
            );
        };
        let mut values = Struct::with_capacity(before.len());
        for (name, value) in before.iter() {
            let field = model
                .fields
                .get(name)
                .ok_or_else(|| Error::refused("the field is gone").at("field", name))?;
            values.push(
                name.as_str().into(),
                encode(field, value, Markup::AsRead).map_err(|e| e.at("field", name))?,
            );
        }
        let write = || async {
            let there =
                self.client.search(receipt.model.as_str(), Domain::field("id").eq(id), Default::default());
            self.client.write(receipt.model.as_str(), &there.await?, values.clone()).await
        };
        self.patience.repeat(write).await.map_err(core)
    }
}

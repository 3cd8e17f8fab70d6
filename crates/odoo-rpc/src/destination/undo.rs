//! Taking back what was made of a schema.

use std::collections::BTreeSet;

use mapping_core::error::Result;
use mapping_core::receipt::{Made, SchemaReceipt};

use crate::client::record::text;
use crate::client::{Context, Domain};
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::writer::OdooWriter;
use crate::mirrors::Mirrors;
use crate::wire::Struct;

/// The model whose rows describe fields.
const FIELDS: &str = "ir.model.fields";

impl OdooWriter {
    /// Views, then choices, then fields, then models: Odoo refuses another order. Fields that show others go before all they show: Odoo
    /// lets no field go on which another one depends, not even in one call with it (measured on 14 and 19). All other fields go
    /// in one call: an amount whose currency went before it would leave a row behind (measured on 19). A model's own fields go with it:
    /// Odoo 14 breaks off when the one that gives its records their names goes before (measured).
    pub(crate) async fn undo_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        // Before: some of it may be gone, however this ends. And after: others may have asked meanwhile.
        self.forget_made(receipts);
        let undone = self.take_back(receipts).await;
        self.forget_made(receipts);
        undone
    }

    fn forget_made(&self, receipts: &[SchemaReceipt]) {
        for receipt in receipts {
            match &receipt.made {
                Made::Model(model)
                | Made::Field(model, _)
                | Made::Choice(model, ..)
                | Made::View(model, _) => {
                    self.known.forget(model);
                }
                _ => {}
            }
        }
    }

    async fn take_back(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        let (mut views, mut choices, mut fields, mut models) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let goes = |model: &str| {
            receipts
                .iter()
                .any(|receipt| matches!(&receipt.made, Made::Model(gone) if gone.as_str() == model))
        };
        for receipt in receipts {
            let ids = match &receipt.made {
                Made::View(..) => &mut views,
                Made::Choice(model, ..) if !goes(model.as_str()) => &mut choices,
                Made::Field(..) => &mut fields,
                Made::Model(_) => &mut models,
                _ => continue,
            };
            ids.extend(receipt.id.number());
        }
        self.remove("ir.ui.view", &views).await?;
        self.remove("ir.model.fields.selection", &choices).await?;
        if !fields.is_empty() {
            let made = || Domain::field("id").is_in(fields.iter().copied());
            let about = ["model", "name", "relation_field", "related"];
            let rows = self.records(&FIELDS.into(), made, &about).await?;
            for round in rounds_of_shown(&rows) {
                self.unlink(&FIELDS.into(), &round.into_iter().collect::<Vec<_>>()).await.map_err(core)?;
            }
            let held = rows.iter().filter(|row| !shows_others(row) && !goes(text(row, "model")));
            let held: Vec<i64> = held.filter_map(id).collect();
            if !held.is_empty() {
                self.unlink(&FIELDS.into(), &held).await.map_err(core)?;
            }
            if receipts.iter().any(|one| matches!(&one.made, Made::Field(model, _) if !goes(model.as_str())))
            {
                self.remove_dead_mirrors(receipts).await?;
            }
        }
        if !models.is_empty() {
            self.remove_mirrors(receipts).await?;
            self.remove("ir.model", &models).await?;
        }
        Ok(())
    }

    /// Deletes those of the rows that are there still.
    async fn remove(&self, model: &str, ids: &[i64]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let look = || {
            let there = Domain::field("id").is_in(ids.iter().copied());
            self.client.search(model, there, Default::default())
        };
        let there = self.patience.repeat(look).await.map_err(core)?;
        self.unlink(&model.into(), &there).await.map_err(core)
    }

    /// Odoo 14 keeps, of a field on contacts that is gone, the row that describes its mirror on users (measured). Such a row is dead
    /// where its model has no field of that name any more.
    async fn remove_dead_mirrors(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        let gone = receipts.iter().filter_map(|receipt| match &receipt.made {
            Made::Field(_, name) => Some(name.as_str()),
            _ => None,
        });
        let gone: BTreeSet<&str> = gone.collect();
        let mirrors = Mirrors::of(&self.client, self.patience, &gone).await.map_err(core)?;
        mirrors.models().into_iter().for_each(|model| self.known.forget(&model.into()));
        mirrors.remove_dead(&self.client, self.patience).await.map_err(core)
    }

    /// Odoo 14 keeps, of a link on contacts that is gone, its mirror on users, and then does not let the model go that it led to
    /// (measured).
    async fn remove_mirrors(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        let gone = receipts.iter().filter_map(|receipt| match &receipt.made {
            Made::Model(model) => Some(model.as_str()),
            _ => None,
        });
        let gone: Vec<&str> = gone.collect();
        let forced = self.client.with_context(Context::new().with("_force_unlink", true));
        let remove = || async {
            let mirrors =
                Domain::field("relation").is_in(gone.clone()).and(Domain::field("state").eq("base"));
            let mirrors = forced.search(FIELDS, mirrors, Default::default()).await?;
            forced.unlink(FIELDS, &mirrors).await
        };
        self.patience.repeat(remove).await.map_err(core)
    }
}

/// Whether the field that a row describes shows others.
fn shows_others(row: &Struct) -> bool {
    ["related", "relation_field"].iter().any(|how| !text(row, how).is_empty())
}

/// The ids of the fields that show others, in the order in which they can go: first those that none of the others shows, by the names on
/// their paths.
fn rounds_of_shown(rows: &[Struct]) -> Vec<BTreeSet<i64>> {
    let mut left: Vec<&Struct> = rows.iter().filter(|row| shows_others(row)).collect();
    let names = |row: &Struct, name: &str| {
        text(row, "related").split('.').any(|part| part == name) || text(row, "relation_field") == name
    };
    let mut rounds = Vec::new();
    while !left.is_empty() {
        let is_shown =
            |row: &&Struct| left.iter().any(|other| other != row && names(other, text(row, "name")));
        let (mut stay, mut go): (Vec<&Struct>, Vec<&Struct>) = left.iter().copied().partition(is_shown);
        if go.is_empty() {
            // They have names in common with what they show; a circle Odoo would not have made. What is shown was made first.
            stay.sort_by_key(|row| id(row));
            go.extend(stay.pop());
        }
        rounds.push(go.into_iter().filter_map(id).collect());
        left = stay;
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_others_goes_before_what_it_shows() {
        let row = |id: i64, name: &str, related: &str, by: &str| {
            let row = Struct::new().with("id", id).with("model", "x_visit").with("name", name);
            row.with("related", related).with("relation_field", by)
        };
        let rows = [
            row(1, "x_patient_id", "", ""),
            row(2, "x_visit_ids", "", "x_patient_id"),
            row(3, "x_country_id", "x_patient_id.country_id", ""),
            row(4, "x_code", "x_country_id.code", ""),
        ];
        assert_eq!(rounds_of_shown(&rows), [BTreeSet::from([2, 4]), BTreeSet::from([3])]);
        assert!(rounds_of_shown(&rows[..1]).is_empty());
        let alike = [row(5, "x_a", "x_b.x_c", ""), row(6, "x_c", "x_b.x_a", "")];
        assert_eq!(
            rounds_of_shown(&alike),
            [BTreeSet::from([6]), BTreeSet::from([5])],
            "names that are alike"
        );
    }
}

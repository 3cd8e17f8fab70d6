//! Models, fields and pages: what is there, what is missing, making it, taking it back.

use mapping_core::error::Result;
use mapping_core::name::ModelName;
use mapping_core::receipt::{Made, SchemaReceipt};
use mapping_core::schema::{Conflict, FieldKind, FieldNeed, IfAbsent, Needs, SchemaPlan};

use crate::client::{Context, Domain};
use crate::destination::error::core;
use crate::destination::model::Ttype;
use crate::destination::pages::Page;
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;

impl OdooWriter {
    /// What is missing, and what is in the way. Every model that is written to gets a field for identities.
    pub(crate) async fn plan_schema(&self, needs: &Needs) -> Result<SchemaPlan> {
        let mut plan = SchemaPlan::default();
        for need in &needs.models {
            if self.model(&need.name).await?.is_none() {
                plan.models.push(need.clone());
            }
        }
        let identity =
            |model: &ModelName| FieldNeed::new(model.clone(), IDENTITY, FieldKind::Line, "Migration key");
        let written: Vec<FieldNeed> = needs.models_written().map(identity).collect();
        for need in written.iter().chain(&needs.fields) {
            self.plan_field(need, needs, &mut plan).await?;
        }
        for used in &needs.uses {
            let planned = plan.fields.iter().any(|need| need.model == used.model && need.name == used.field);
            let there =
                self.model(&used.model).await?.is_some_and(|model| model.fields.contains_key(&used.field));
            match used.if_absent {
                _ if planned || there => {}
                IfAbsent::Drop => plan.dropped.push(used.clone()),
                _ => plan.conflicts.push(Conflict {
                    model: used.model.clone(),
                    field: Some(used.field.clone()),
                    reason: "there is no such field: leave it out of the mapping, or let the mapping make it"
                        .into(),
                }),
            }
        }
        for page in Page::all(&needs.fields) {
            if self.find_view(&page).await?.is_none() {
                plan.pages.extend(page.fields.into_iter().cloned());
            }
        }
        Ok(plan)
    }

    async fn plan_field(&self, need: &FieldNeed, needs: &Needs, plan: &mut SchemaPlan) -> Result<()> {
        let conflict =
            |reason: String| Conflict { model: need.model.clone(), field: Some(need.name.clone()), reason };
        if Ttype::word(&need.kind).is_none() {
            plan.conflicts.push(conflict(format!("a field of kind '{}' cannot be made", need.kind)));
            return Ok(());
        }
        let found = self.model(&need.model).await?;
        match found.as_ref().map(|model| model.fields.get(&need.name)) {
            None if needs.models.iter().any(|model| model.name == need.model) => {
                plan.fields.push(need.clone())
            }
            None => plan.conflicts.push(conflict("there is no such model: is its app installed?".into())),
            Some(None) if !need.name.as_str().starts_with("x_") => {
                plan.conflicts
                    .push(conflict("a field that is to be made must have a name that begins with x_".into()));
            }
            Some(None) => plan.fields.push(need.clone()),
            Some(Some(field)) => {
                let kind = field.ttype.kind();
                let lacking = lacking(&need.kind, &kind);
                if !need.kind.is_served_by(&kind) {
                    let reason = format!(
                        "is of kind '{kind}' and should be of kind '{}': rename one of them",
                        need.kind
                    );
                    plan.conflicts.push(conflict(reason));
                } else if !lacking.is_empty() {
                    let reason =
                        format!("does not have the choices {}: add them in Odoo", lacking.join(", "));
                    plan.conflicts.push(conflict(reason));
                }
            }
        }
        Ok(())
    }

    /// Views, then fields, then models: Odoo refuses another order. A model's own fields go with it: Odoo 14 breaks off when the
    /// one that gives its records their names goes before (measured).
    pub(crate) async fn undo_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        let (mut views, mut fields, mut models) = (Vec::new(), Vec::new(), Vec::new());
        let goes = |model| {
            receipts.iter().any(|receipt| matches!(&receipt.made, Made::Model(gone) if gone == model))
        };
        for receipt in receipts {
            let ids = match &receipt.made {
                Made::View(_) => &mut views,
                Made::Field(model, _) if !goes(model) => &mut fields,
                Made::Model(_) => &mut models,
                _ => continue,
            };
            ids.extend(receipt.id.number());
        }
        for (model, ids) in [("ir.ui.view", views), ("ir.model.fields", fields), ("ir.model", models)] {
            let remove = || async {
                let there = Domain::field("id").is_in(ids.iter().copied());
                let there = self.client.search(model, there, Default::default()).await?;
                self.client.unlink(model, &there).await
            };
            if ids.is_empty() {
                continue;
            }
            if model == "ir.model" {
                self.remove_mirrors(receipts).await?;
            }
            self.patience.repeat(remove).await.map_err(core)?;
        }
        for receipt in receipts {
            match &receipt.made {
                Made::Model(model) | Made::Field(model, _) | Made::View(model) => self.forget(model),
                _ => {}
            }
        }
        Ok(())
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
            let mirrors = forced.search("ir.model.fields", mirrors, Default::default()).await?;
            forced.unlink("ir.model.fields", &mirrors).await
        };
        self.patience.repeat(remove).await.map_err(core)
    }
}

/// Choices that are needed and not found.
fn lacking(needed: &FieldKind, found: &FieldKind) -> Vec<String> {
    let (FieldKind::Choice(needed), FieldKind::Choice(found)) = (needed, found) else { return Vec::new() };
    let missing = needed.iter().filter(|choice| !found.iter().any(|other| other.value == choice.value));
    missing.map(|choice| choice.value.clone()).collect()
}

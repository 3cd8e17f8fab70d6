//! Models, fields and pages: what is there, what is missing, making it, taking it back.

use std::collections::BTreeSet;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use mapping_core::name::ModelName;
use mapping_core::receipt::{Made, SchemaReceipt};
use mapping_core::schema::{Conflict, FieldKind, FieldNeed, IfAbsent, ModelNeed, Needs, SchemaPlan};

use crate::client::{Context, Domain};
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::model::Ttype;
use crate::destination::pages::{Page, arch};
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;
use crate::error::{Result as CallResult, Retry};
use crate::wire::{Struct, Value as Wire};

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

    /// Makes what is missing, in few calls. Nothing else may be in flight meanwhile: it can break Odoo 14 (measured).
    pub(crate) async fn apply_schema(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        let touched: BTreeSet<ModelName> = plan
            .models
            .iter()
            .map(|need| need.name.clone())
            .chain(plan.fields.iter().map(|need| need.model.clone()))
            .collect();
        let mut attempt = 0;
        let mut made = Vec::new();
        loop {
            touched.iter().for_each(|model| self.forget(model));
            let left = self.left_to_make(plan).await?;
            if attempt == 0 {
                made = parts(&left);
            }
            let error = match self.make(&left).await {
                Ok(()) => break,
                Err(error) => error,
            };
            // Whatever was made until then is seen by the next look.
            attempt += 1;
            if error.retry() == Retry::Never || attempt >= self.patience.attempts {
                return Err(core(error));
            }
            self.patience.pause(attempt - 1, &error).await;
        }
        touched.iter().for_each(|model| self.forget(model));
        self.receipts(made).await
    }

    /// What of a plan is not there yet.
    async fn left_to_make(&self, plan: &SchemaPlan) -> Result<SchemaPlan> {
        let mut left = SchemaPlan::default();
        for need in &plan.models {
            if self.model(&need.name).await?.is_none() {
                left.models.push(need.clone());
            }
        }
        for need in &plan.fields {
            if !self.model(&need.model).await?.is_some_and(|model| model.fields.contains_key(&need.name)) {
                left.fields.push(need.clone());
            }
        }
        for page in Page::all(&plan.pages) {
            if self.find_view(&page).await?.is_none() {
                left.pages.extend(page.fields.into_iter().cloned());
            }
        }
        Ok(left)
    }

    async fn make(&self, plan: &SchemaPlan) -> CallResult<()> {
        if !plan.models.is_empty() {
            self.make_models(&plan.models, &plan.fields).await?;
        }
        let of_old_models = |need: &&FieldNeed| !plan.models.iter().any(|model| model.name == need.model);
        let fields: Vec<&FieldNeed> = plan.fields.iter().filter(of_old_models).collect();
        if !fields.is_empty() {
            self.make_fields(&fields).await?;
        }
        let mut views = Vec::new();
        for page in Page::all(&plan.pages) {
            let form = self.primary_form(&page.model).await?;
            let view = Struct::new().with("name", page.view_name()).with("model", page.model.as_str());
            views.push(view.with("inherit_id", form).with("arch", arch(&page)));
        }
        self.client.create("ir.ui.view", views).await.map(drop)
    }

    /// New models, with their fields and the rights of every internal user, in one call. Odoo 19 keeps old rights at hand where
    /// others call meanwhile; to write a rule once more cures that (measured on 19).
    async fn make_models(&self, models: &[ModelNeed], fields: &[FieldNeed]) -> CallResult<()> {
        let found = self.client.search_read(
            "ir.model.data",
            Domain::field("module").eq("base").and(Domain::field("name").eq("group_user")),
            &["res_id"],
            Default::default(),
        );
        let group = found
            .await?
            .first()
            .and_then(|record| record.get("res_id").and_then(Wire::as_int))
            .unwrap_or_default();
        let rows = models.iter().map(|model| {
            let own = fields.iter().filter(|need| need.model == model.name);
            let fields: Vec<Wire> = own.map(|need| created(field(need))).collect();
            let access = ["perm_read", "perm_write", "perm_create", "perm_unlink"].into_iter().fold(
                Struct::new().with("name", model.label.as_str()).with("group_id", group),
                |access, right| access.with(right, true),
            );
            let row = Struct::new().with("name", model.label.as_str()).with("model", model.name.as_str());
            row.with("state", "manual").with("field_id", fields).with("access_ids", vec![created(access)])
        });
        let rows = rows.collect();
        self.client.create("ir.model", rows).await?;
        let names = models.iter().map(|model| model.name.as_str());
        let rules = Domain::field("model_id.model").is_in(names);
        let rules = self.client.search("ir.model.access", rules, Default::default()).await?;
        self.client.write("ir.model.access", &rules, Struct::new().with("active", true)).await
    }

    /// All fields in one call: twenty of them cost hardly more than one.
    async fn make_fields(&self, fields: &[&FieldNeed]) -> CallResult<()> {
        let models: BTreeSet<&str> = fields.iter().map(|need| need.model.as_str()).collect();
        let domain = Domain::field("model").is_in(models);
        let found = self.client.search_read("ir.model", domain, &["model"], Default::default()).await?;
        let row = |need: &&FieldNeed| {
            let of =
                |record: &&Struct| record.get("model").and_then(Wire::as_text) == Some(need.model.as_str());
            let model = found.iter().find(of).and_then(id).unwrap_or_default();
            field(need).with("model_id", model)
        };
        self.client.create("ir.model.fields", fields.iter().map(row).collect()).await.map(drop)
    }

    /// Reads back what was made: an id that came back proves nothing.
    async fn receipts(&self, made: Vec<Made>) -> Result<Vec<SchemaReceipt>> {
        let mut receipts = Vec::with_capacity(made.len());
        let models = made.iter().filter_map(|made| match made {
            Made::Model(model) => Some(model.as_str()),
            _ => None,
        });
        let models = self.ids_of("ir.model", models.collect(), "model").await?;
        let of_fields = made.iter().filter_map(|made| match made {
            Made::Field(model, _) => Some(model.as_str()),
            _ => None,
        });
        let of_fields: BTreeSet<&str> = of_fields.collect();
        let fields = match of_fields.is_empty() {
            true => Vec::new(),
            false => {
                let domain = || {
                    Domain::field("model").is_in(of_fields.clone()).and(Domain::field("state").eq("manual"))
                };
                self.records(&"ir.model.fields".into(), domain, &["model", "name"]).await?
            }
        };
        for made in made {
            let id = match &made {
                Made::Model(model) => {
                    models.iter().find(|(name, _)| name == model.as_str()).map(|(_, id)| *id)
                }
                Made::Field(model, name) => {
                    let is = |record: &&Struct, field, value: &str| {
                        record.get(field).and_then(Wire::as_text) == Some(value)
                    };
                    let this = |record: &&Struct| {
                        is(record, "model", model.as_str()) && is(record, "name", name.as_str())
                    };
                    fields.iter().find(this).and_then(id)
                }
                Made::View(model) => self.find_view(&Page::of(model)).await?,
                _ => None,
            };
            let lost = || Error::config(format!("{made:?} was made and is not there: look into Odoo's log"));
            let id = id.ok_or_else(lost)?.into();
            receipts.push(SchemaReceipt { made, id, at: Timestamp::now() });
        }
        Ok(receipts)
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

    async fn ids_of(&self, model: &str, names: Vec<&str>, field: &str) -> Result<Vec<(String, i64)>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let domain = || Domain::field(field).is_in(names.clone());
        let records = self.records(&model.into(), domain, &[field]).await?;
        let pair =
            |record: &Struct| Some((record.get(field).and_then(Wire::as_text)?.to_owned(), id(record)?));
        Ok(records.iter().filter_map(pair).collect())
    }
}

/// The parts of a plan, one by one.
fn parts(plan: &SchemaPlan) -> Vec<Made> {
    let models = plan.models.iter().map(|need| Made::Model(need.name.clone()));
    let fields = plan.fields.iter().map(|need| Made::Field(need.model.clone(), need.name.clone()));
    let views = Page::all(&plan.pages).into_iter().map(|page| Made::View(page.model));
    models.chain(fields).chain(views).collect()
}

/// Choices that are needed and not found.
fn lacking(needed: &FieldKind, found: &FieldKind) -> Vec<String> {
    let (FieldKind::Choice(needed), FieldKind::Choice(found)) = (needed, found) else { return Vec::new() };
    let missing = needed.iter().filter(|choice| !found.iter().any(|other| other.value == choice.value));
    missing.map(|choice| choice.value.clone()).collect()
}

/// A field as `ir.model.fields` takes it. It is not copied with its record: a copy would have the identity too.
fn field(need: &FieldNeed) -> Struct {
    let ttype = Ttype::word(&need.kind).unwrap_or_default();
    let row = Struct::new()
        .with("name", need.name.as_str())
        .with("field_description", need.label.as_str())
        .with("ttype", ttype)
        .with("state", "manual")
        .with("index", need.name.as_str() == IDENTITY)
        .with("copied", need.name.as_str() != IDENTITY);
    match &need.kind {
        FieldKind::Choice(choices) => {
            let choice = |(at, choice): (usize, &mapping_core::schema::Choice)| {
                let row =
                    Struct::new().with("value", choice.value.as_str()).with("name", choice.label.as_str());
                created(row.with("sequence", i64::try_from(at).unwrap_or_default()))
            };
            row.with("selection_ids", choices.iter().enumerate().map(choice).collect::<Vec<_>>())
        }
        FieldKind::Link(model) => row.with("relation", model.as_str()).with("on_delete", "set null"),
        FieldKind::Links(model) => row.with("relation", model.as_str()),
        _ => row,
    }
}

/// "Make this one along", in Odoo's words.
fn created(row: Struct) -> Wire {
    vec![0.into(), 0.into(), Wire::from(row)].into()
}

//! Making models, fields and pages that are missing.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use mapping_core::receipt::{Made, SchemaReceipt};
use mapping_core::schema::{FieldKind, FieldNeed, ModelNeed, SchemaPlan};
use tokio::time::{Instant, sleep};

use crate::client::Domain;
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::model::Ttype;
use crate::destination::pages::{Page, arch};
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;
use crate::error::Retry;
use crate::wire::{Struct, Value as Wire};

impl OdooWriter {
    /// Makes what is missing, in few calls. Nothing else may be in flight meanwhile: it can break Odoo 14 (measured).
    pub(crate) async fn apply_schema(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        self.forget_models_of(plan);
        let mut left = self.left_to_make(plan).await?;
        let made = parts(&left);
        if left.models.is_empty() && left.fields.is_empty() && !left.pages.is_empty() {
            // Fields without their page: a program may have ended while it made that, and the server at work on it still.
            left = self.left_after(&left, self.unsettled()).await?;
        }
        let is_new = |need: &FieldNeed| left.models.iter().any(|model| model.name == need.model);
        let (own, others) = left.fields.into_iter().partition(is_new);
        if !left.models.is_empty() {
            self.make(SchemaPlan { models: left.models.clone(), fields: own, ..SchemaPlan::default() })
                .await?;
            self.renew_rights(&left.models).await?;
        }
        self.make(SchemaPlan { fields: others, ..SchemaPlan::default() }).await?;
        self.make(SchemaPlan { pages: left.pages, ..SchemaPlan::default() }).await?;
        self.forget_models_of(plan);
        // Rows are encoded while others are written: by then the fields must be known.
        for need in &plan.fields {
            self.model(&need.model).await?;
        }
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

    /// Makes what one call can make, once: a call without an answer may be carried out still, and Odoo lets two views have one name.
    async fn make(&self, mut step: SchemaPlan) -> Result<()> {
        let mut attempt = 0;
        while !step.is_empty() {
            let (model, rows) = self.rows_of(&step).await?;
            let Err(error) = self.client.create(model, rows).await else { return Ok(()) };
            let doubtful = error.retry() == Retry::AfterLookup;
            let time = if doubtful { self.patience.settle } else { Duration::ZERO };
            let left = self.left_after(&step, time).await?;
            // Otherwise it was carried out, or another program was quicker.
            if size(&left) == size(&step) {
                attempt += 1;
                if error.retry() == Retry::Never || attempt >= self.patience.attempts {
                    return Err(core(error));
                }
                self.patience.pause(attempt - 1, &error).await;
            }
            step = left;
        }
        Ok(())
    }

    /// What is not there yet when a part of it is, or `time` is over.
    async fn left_after(&self, step: &SchemaPlan, time: Duration) -> Result<SchemaPlan> {
        let end = Instant::now() + time;
        let mut pause = Duration::from_secs(1);
        loop {
            let last = Instant::now() >= end;
            self.forget_models_of(step);
            let left = self.left_to_make(step).await?;
            if last || size(&left) < size(step) {
                return Ok(left);
            }
            sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    }

    /// What `create` takes: models with their own fields, or else fields, or else views.
    async fn rows_of(&self, step: &SchemaPlan) -> Result<(&'static str, Vec<Struct>)> {
        if !step.models.is_empty() {
            return Ok(("ir.model", self.rows_of_models(&step.models, &step.fields).await?));
        }
        if !step.fields.is_empty() {
            return Ok(("ir.model.fields", self.rows_of_fields(&step.fields).await?));
        }
        let mut views = Vec::new();
        for page in Page::all(&step.pages) {
            let form = self.primary_form(&page.model).await?;
            let view = Struct::new().with("name", page.view_name()).with("model", page.model.as_str());
            views.push(view.with("inherit_id", form).with("arch", arch(&page)));
        }
        Ok(("ir.ui.view", views))
    }

    /// New models, with their fields and the rights of every internal user.
    async fn rows_of_models(&self, models: &[ModelNeed], fields: &[FieldNeed]) -> Result<Vec<Struct>> {
        let named = || Domain::field("module").eq("base").and(Domain::field("name").eq("group_user"));
        let found = self.records(&"ir.model.data".into(), named, &["res_id"]).await?;
        let group =
            found.first().and_then(|record| record.get("res_id").and_then(Wire::as_int)).unwrap_or_default();
        let row = |model: &ModelNeed| {
            let own = fields.iter().filter(|need| need.model == model.name);
            let fields: Vec<Wire> = own.map(|need| created(field(need))).collect();
            let access = ["perm_read", "perm_write", "perm_create", "perm_unlink"].into_iter().fold(
                Struct::new().with("name", model.label.as_str()).with("group_id", group),
                |access, right| access.with(right, true),
            );
            let row = Struct::new().with("name", model.label.as_str()).with("model", model.name.as_str());
            row.with("state", "manual").with("field_id", fields).with("access_ids", vec![created(access)])
        };
        Ok(models.iter().map(row).collect())
    }

    /// Odoo 19 keeps old rights at hand where others call meanwhile; to write a rule once more cures that (measured on 19).
    async fn renew_rights(&self, models: &[ModelNeed]) -> Result<()> {
        let renew = || async {
            let rules = Domain::field("model_id.model").is_in(models.iter().map(|model| model.name.as_str()));
            let rules = self.client.search("ir.model.access", rules, Default::default()).await?;
            self.client.write("ir.model.access", &rules, Struct::new().with("active", true)).await
        };
        self.patience.repeat(renew).await.map_err(core)
    }

    /// All fields go in one call: twenty of them cost hardly more than one.
    async fn rows_of_fields(&self, fields: &[FieldNeed]) -> Result<Vec<Struct>> {
        let models: Vec<&str> =
            fields.iter().map(|need| need.model.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
        let ids = self.ids_of("ir.model", models, "model").await?;
        let row = |need: &FieldNeed| {
            let model = ids.iter().find(|(name, _)| name == need.model.as_str()).map(|(_, id)| *id);
            field(need).with("model_id", model.unwrap_or_default())
        };
        Ok(fields.iter().map(row).collect())
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

    fn forget_models_of(&self, plan: &SchemaPlan) {
        let models = plan.models.iter().map(|need| &need.name);
        models.chain(plan.fields.iter().map(|need| &need.model)).for_each(|model| self.forget(model));
    }
}

/// How many things a plan is to make.
fn size(plan: &SchemaPlan) -> usize {
    plan.models.len() + plan.fields.len() + plan.pages.len()
}

/// The parts of a plan, one by one.
fn parts(plan: &SchemaPlan) -> Vec<Made> {
    let models = plan.models.iter().map(|need| Made::Model(need.name.clone()));
    let fields = plan.fields.iter().map(|need| Made::Field(need.model.clone(), need.name.clone()));
    let views = Page::all(&plan.pages).into_iter().map(|page| Made::View(page.model));
    models.chain(fields).chain(views).collect()
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

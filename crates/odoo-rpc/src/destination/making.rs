//! Making models, fields, choices and pages that are missing.

use std::time::Duration;

use mapping_core::error::Result;
use mapping_core::name::ModelName;
use mapping_core::receipt::SchemaReceipt;
use mapping_core::schema::{FieldNeed, ModelNeed, MoreChoices, SchemaPlan};

use crate::client::Domain;
use crate::destination::error::core;
use crate::destination::pages::Page;
use crate::destination::writer::OdooWriter;
use crate::error::Retry;
use crate::patience::Waiting;
use crate::wire::Struct;

impl OdooWriter {
    /// Makes what is missing, in few calls. Nothing else may be in flight meanwhile: it can break Odoo 14 and 16 (measured); whether
    /// it did is tried at the end.
    ///
    /// What was said of models and views a moment ago, as they were planned, is not asked for again. Where it is so no longer Odoo
    /// refuses what is made, and then all is asked anew.
    pub(crate) async fn apply_schema(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        models_of(plan).for_each(|model| self.known.forget_old(model));
        let mut left = self.left_to_make(plan).await?;
        let made = left.parts();
        if !left.pages.is_empty()
            && left.models.is_empty()
            && left.fields.is_empty()
            && left.choices.is_empty()
        {
            // Fields without their page: a program may have ended while it made that, and the server at work on it still.
            left = self.left_after(&left, self.unsettled()).await?;
        }
        let changes = !(left.models.is_empty() && left.fields.is_empty() && left.choices.is_empty());
        let (own, others) = left.fields.iter().cloned().partition(|need| goes_along(need, &left.models));
        self.make(SchemaPlan { models: left.models.clone(), fields: own, ..SchemaPlan::default() }).await?;
        let renewed = self.make(SchemaPlan { fields: others, ..SchemaPlan::default() }).await?;
        if !left.models.is_empty() && !renewed {
            self.renew_rights(&left.models).await?;
        }
        left.choices.iter().for_each(|more| self.known.forget_fields(&more.model));
        self.make(SchemaPlan { choices: left.choices, ..SchemaPlan::default() }).await?;
        let fields = self.field_rows(&made).await?;
        self.learn(&fields, &left.models, &left.fields);
        let mut pages = Vec::new();
        for page in Page::all(&left.pages) {
            // No call, but where something went wrong on the way: another program may have shown them.
            pages.extend(self.not_shown(&page).await?.into_iter().cloned());
        }
        self.make(SchemaPlan { pages, ..SchemaPlan::default() }).await?;
        // Rows are encoded while others are written: by then the fields must be known.
        for need in &plan.fields {
            self.model(&need.model).await?;
        }
        let receipts = self.receipts(made, &fields).await?;
        if changes {
            self.probe().await?;
        }
        Ok(receipts)
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
        for more in &plan.choices {
            let model = self.model(&more.model).await?;
            let found = model.as_ref().and_then(|model| model.fields.get(&more.field));
            let found = found.map(|field| field.ttype.kind());
            let choices = found.map(|found| more.lacking_in(&found)).unwrap_or_default();
            if !choices.is_empty() {
                left.choices.push(MoreChoices { choices, ..more.clone() });
            }
        }
        for page in Page::all(&plan.pages) {
            left.pages.extend(self.not_shown(&page).await?.into_iter().cloned());
        }
        Ok(left)
    }

    /// Makes what one call can make, once: a call without an answer may be carried out still, and Odoo lets two views have one name.
    /// Tells whether a call of this program's was answered, rather than that all was found to be there.
    async fn make(&self, mut step: SchemaPlan) -> Result<bool> {
        let mut attempt = 0;
        while !step.is_empty() {
            let (model, rows) = self.rows_of(&step).await?;
            let Err(error) = self.client.create(model, rows).await else { return Ok(true) };
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
        Ok(false)
    }

    /// What is not there yet when a part of it is, or `time` is over.
    async fn left_after(&self, step: &SchemaPlan, time: Duration) -> Result<SchemaPlan> {
        let mut waiting = Waiting::new(time);
        loop {
            models_of(step).for_each(|model| self.known.forget(model));
            let left = self.left_to_make(step).await?;
            if size(&left) < size(step) || !waiting.again().await {
                return Ok(left);
            }
        }
    }

    /// What `create` takes: models with their own fields, or else fields, or else choices, or else views.
    async fn rows_of(&self, step: &SchemaPlan) -> Result<(&'static str, Vec<Struct>)> {
        if !step.models.is_empty() {
            return Ok(("ir.model", self.rows_of_models(&step.models, &step.fields).await?));
        }
        if !step.fields.is_empty() {
            return Ok(("ir.model.fields", self.rows_of_fields(&step.fields).await?));
        }
        if !step.choices.is_empty() {
            return Ok(("ir.model.fields.selection", self.rows_of_choices(&step.choices).await?));
        }
        let mut views = Vec::new();
        for page in Page::all(&step.pages) {
            views.push(self.view_of(&page).await?);
        }
        Ok(("ir.ui.view", views))
    }

    /// Odoo 19 keeps old rights at hand where others call meanwhile; to write a rule once more cures that, and so does a field that is
    /// made afterwards (measured on 19).
    async fn renew_rights(&self, models: &[ModelNeed]) -> Result<()> {
        let renew = || async {
            let rules = Domain::field("model_id.model").is_in(models.iter().map(|model| model.name.as_str()));
            let rules = self.client.search("ir.model.access", rules, Default::default()).await?;
            self.client.write("ir.model.access", &rules, Struct::new().with("active", true)).await
        };
        self.patience.repeat(renew).await.map_err(core)
    }
}

/// Whether a field is made in one call with its new model. One that shows others comes after all that it could show.
pub(crate) fn goes_along(need: &FieldNeed, new: &[ModelNeed]) -> bool {
    !need.kind.shows_others() && new.iter().any(|model| model.name == need.model)
}

/// The models that a plan has to do with.
fn models_of(plan: &SchemaPlan) -> impl Iterator<Item = &ModelName> {
    let models = plan.models.iter().map(|need| &need.name);
    let of_fields = plan.fields.iter().chain(&plan.pages).map(|need| &need.model);
    models.chain(of_fields).chain(plan.choices.iter().map(|more| &more.model))
}

/// How many things a plan is to make.
fn size(plan: &SchemaPlan) -> usize {
    plan.parts().len() + plan.pages.len()
}

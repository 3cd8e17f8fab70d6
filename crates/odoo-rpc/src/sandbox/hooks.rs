//! What models do beside storing rows: one place that says which file knows which model.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::Outcome;
use crate::sandbox::orm::Vals;
use crate::sandbox::registry::Model;
use crate::sandbox::store::Row;
use crate::wire::Value;

impl Env<'_> {
    /// The cache of rights is emptied before a rule is written; Odoo 19 then fills it again too early.
    pub(super) fn before_rights_change(&mut self, model: &Model) {
        if model.name.as_str() == "ir.model.access" {
            self.db.rights.forget();
        }
    }

    fn after_rights_change(&mut self, model: &Model) {
        if model.name.as_str() == "ir.model.access" && !self.at_least(16)
            || matches!(model.name.as_str(), "res.users" | "res.groups")
        {
            self.db.rights.forget();
        }
    }

    pub(super) fn before_create(&mut self, model: &Arc<Model>, vals: Vals) -> Outcome<Vals> {
        match model.name.as_str() {
            "res.partner" => Ok(self.partner_vals(vals)),
            "res.users" => self.user_vals(vals),
            "ir.attachment" => self.attachment_vals(vals, true),
            "crm.lead" => self.lead_vals(model, vals),
            "utm.source" | "utm.medium" | "utm.campaign" => Ok(self.utm_vals(model, vals)),
            "mail.activity" => Ok(self.activity_vals(vals)),
            "mail.message" => self.message_vals(vals),
            "ir.model" => self.model_vals(vals),
            "ir.model.fields" => self.field_vals(vals),
            "ir.ui.view" => self.view_vals(vals, None),
            name if name.starts_with("account.") => self.before_accounting_create(model, vals),
            _ => Ok(vals),
        }
    }

    pub(super) fn after_create(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<()> {
        match model.name.as_str() {
            "res.partner" => self.partners_made(ids)?,
            "res.users" => self.users_made(ids)?,
            "mail.activity" => self.activities_made(ids)?,
            "ir.model" => self.models_made(ids)?,
            "ir.model.fields" => self.fields_made(ids)?,
            "ir.model.fields.selection" => self.reload_schema(),
            name if name.starts_with("account.") => self.after_accounting_create(model, ids)?,
            _ => {}
        }
        if model.thread {
            self.documents_made(model, ids)?;
        }
        self.after_rights_change(model);
        Ok(())
    }

    pub(super) fn before_write(&mut self, model: &Arc<Model>, ids: &[i64], vals: Vals) -> Outcome<Vals> {
        match model.name.as_str() {
            "res.partner" => self.partner_changes(ids, vals),
            "mail.activity" => Ok(self.activity_changes(vals)),
            "ir.attachment" => self.attachment_vals(vals, false),
            "crm.lead" => self.lead_changes(ids, vals),
            "ir.model.fields" => self.field_changes(ids, vals),
            "ir.ui.view" => self.view_vals(vals, ids.first().copied()),
            name if name.starts_with("account.") => self.before_accounting_write(model, ids, vals),
            _ => Ok(vals),
        }
    }

    /// `before` holds the rows as they were.
    pub(super) fn after_write(
        &mut self,
        model: &Arc<Model>,
        before: &[(i64, Arc<Row>)],
        vals: &Vals,
    ) -> Outcome<()> {
        match model.name.as_str() {
            "res.partner" => self.partners_changed(before, vals)?,
            "mail.activity" => self.activities_changed(before, vals)?,
            "crm.lead" => {
                let ids: Vec<i64> = before.iter().map(|(id, _)| *id).collect();
                self.leads_changed(&ids, &|field| vals.contains_key(field))?;
            }
            // Rules alone change no schema: the caches stay as they are, and the rules come too late.
            "ir.model" if vals.keys().all(|key| key == "access_ids") => {}
            "ir.model" | "ir.model.fields" | "ir.model.fields.selection" => self.reload_schema(),
            _ => {}
        }
        if model.thread {
            self.track(model, before, vals)?;
        }
        self.after_rights_change(model);
        Ok(())
    }

    pub(super) fn before_unlink(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<()> {
        match model.name.as_str() {
            "res.partner" => self.partners_go(ids),
            "res.users" => self.users_go(ids),
            "ir.model" => self.models_go(ids),
            "ir.model.fields" => self.fields_go(ids),
            "ir.model.fields.selection" => self.choices_go(ids),
            name if name.starts_with("account.") => self.before_accounting_unlink(model, ids),
            _ => Ok(()),
        }
    }

    pub(super) fn after_unlink(&mut self, model: &Arc<Model>) -> Outcome<()> {
        if matches!(model.name.as_str(), "ir.model" | "ir.model.fields" | "ir.model.fields.selection") {
            self.reload_schema();
        }
        self.after_rights_change(model);
        Ok(())
    }

    /// Works stored values out that follow from others.
    pub(super) fn recompute(&mut self, model: &Model, id: i64) {
        match model.name.as_str() {
            "res.partner" => self.recompute_partner(id),
            "res.partner.category" => {
                let parent = self.int("res.partner.category", id, "parent_id");
                let above =
                    parent.and_then(|parent| self.text("res.partner.category", parent, "parent_path"));
                let path = format!("{}{id}/", above.unwrap_or_default());
                self.db.store.set("res.partner.category", id, "parent_path", Some(Value::Text(path)));
            }
            "mail.activity" => self.recompute_activity(id),
            "crm.lead" => self.recompute_lead(id),
            _ => {}
        }
    }

    /// Takes a value that is written and never read: a password.
    pub(super) fn write_hidden(&mut self, model: &Model, id: i64, field: &str, value: &Value) {
        if model.name.as_str() == "res.users" && field == "password" {
            self.db.store.set("res.users", id, field, Some(value.clone()));
        }
    }

    /// Checks that are a model's own.
    pub(super) fn check_document(&self, model: &Model, id: i64, row: &Row) -> Outcome<()> {
        match model.name.as_str() {
            "res.partner" => self.check_partner(id, row),
            "mail.activity" => self.check_activity(model, id, row),
            "ir.attachment" => self.check_attachment(row),
            "crm.lead" => self.check_lead(row),
            _ => Ok(()),
        }
    }
}

//! Activities: planned, assigned, done.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, constraint, missing, refused, restricted, traceback, value_error};
use crate::sandbox::html;
use crate::sandbox::method::Arguments;
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::store::Row;
use crate::wire::Value;

const ACTIVITY: &str = "mail.activity";

impl Env<'_> {
    /// Plans one activity for each record. Up to 17 it answers what cannot be written down.
    pub(super) fn schedule(&mut self, model: &Model, args: &Arguments) -> Outcome {
        let named = args.get("act_type_xmlid");
        let kind = match named.as_text().filter(|name| !name.is_empty()) {
            Some(name) => {
                let unknown = || value_error(format!("External ID not found in the system: {name}"));
                Some(self.external(name).ok_or_else(unknown)?.2)
            }
            None => args.get("activity_type_id").as_int(),
        };
        if kind.is_none() && !self.at_least(16) {
            let message = "'bool' object has no attribute 'default_description'";
            return Err(traceback("AttributeError", message));
        }
        let target = self.model_row(model.name.as_str()).map_or(Value::Bool(false), Value::Int);
        let plan = |id: &i64| {
            let mut vals = Vals::from([
                ("res_model_id".to_owned(), target.clone()),
                ("res_id".to_owned(), Value::Int(*id)),
                ("automated".to_owned(), Value::Bool(true)),
            ]);
            for name in ["date_deadline", "summary", "note", "user_id"] {
                let given = args.named.get(name).filter(|value| python::truth(value)).cloned();
                vals.extend(given.map(|value| (name.to_owned(), value)));
            }
            vals.extend(kind.map(|kind| ("activity_type_id".to_owned(), Value::Int(kind))));
            vals
        };
        let list = args.ids.iter().map(plan).collect();
        let activities = self.model(ACTIVITY)?;
        let made = self.create(&activities, list)?;
        Ok(match self.is_19() {
            true => Value::Array(made.into_iter().map(Value::Int).collect()),
            false => Value::Nil,
        })
    }

    pub(super) fn activity_vals(&self, mut vals: Vals) -> Vals {
        // Worked out from res_model_id: what is given is ignored.
        vals.remove("res_model");
        vals
    }

    pub(super) fn activity_changes(&self, vals: Vals) -> Vals {
        let mut vals = self.activity_vals(vals);
        let archived = vals.get("active").is_some_and(|active| !python::truth(active));
        if archived && self.at_least(17) && !vals.contains_key("date_done") {
            vals.insert("date_done".to_owned(), Value::from(self.today()));
        }
        vals
    }

    pub(super) fn recompute_activity(&mut self, id: i64) {
        let model = self.int(ACTIVITY, id, "res_model_id");
        let model = model.and_then(|row| self.text("ir.model", row, "model")).map(str::to_owned);
        let known = model.as_deref().and_then(|model| self.db.registry.model(model)).cloned();
        let document = self.int(ACTIVITY, id, "res_id").filter(|&id| id != 0);
        let name = known.zip(document).and_then(|(model, document)| {
            self.db
                .store
                .contains(model.name.as_str(), document)
                .then(|| self.shown_name(&model, document))
                .flatten()
        });
        let values = vec![("res_model", model.map(Value::Text)), ("res_name", name.map(Value::Text))];
        self.db.store.set_all(ACTIVITY, id, values);
    }

    pub(super) fn check_activity(&self, model: &Model, id: i64, row: &Row) -> Outcome<()> {
        let document = row.get("res_id").and_then(Value::as_int).filter(|&id| id != 0);
        let target = row.get("res_model").and_then(Value::as_text);
        if self.is_19() {
            let prefix = "The operation cannot be completed: ";
            if document.is_none() && row.contains_key("res_model_id")
                || document.is_some() && target.is_none()
            {
                let text = "Activities have to be linked to records with a not null res_id.";
                return Err(refused(format!("{prefix}{text}")));
            }
            if document.is_none() && !row.contains_key("user_id") {
                let text = "Activities must be assigned if not attached to a document.";
                return Err(refused(format!("{prefix}{text}")));
            }
        }
        let (Some(target), Some(document)) = (target, document) else { return Ok(()) };
        if self.db.store.contains(target, document) {
            return Ok(());
        }
        Err(if self.is_19() {
            restricted(model, "create", id, self.uid)
        } else {
            missing(target, document, self.uid)
        })
    }

    pub(super) fn activities_made(&mut self, ids: &[i64]) -> Outcome<()> {
        if self.at_least(16) && !self.is_19() {
            self.check_assignees(ids)?;
        }
        for &id in ids {
            self.activity_assigned(id)?;
        }
        Ok(())
    }

    /// On 16 and 17 two activities of one user on one document, made in one call, make the user follow it twice.
    fn check_assignees(&self, ids: &[i64]) -> Outcome<()> {
        let mut seen = std::collections::HashSet::new();
        for &id in ids {
            let user = self.int(ACTIVITY, id, "user_id").and_then(|user| self.partner_of(user));
            let document = self.text(ACTIVITY, id, "res_model").zip(self.int(ACTIVITY, id, "res_id"));
            let (Some(partner), Some((model, record))) = (user, document) else { continue };
            if !self.follows(model, record, partner) && !seen.insert((model.to_owned(), record, partner)) {
                let message = "Error, a partner cannot follow twice the same object.";
                return Err(constraint(self.like(), "", message, false));
            }
        }
        Ok(())
    }

    pub(super) fn activities_changed(&mut self, before: &[(i64, Arc<Row>)], vals: &Vals) -> Outcome<()> {
        if vals.contains_key("user_id") {
            for (id, row) in before {
                if row.get("user_id") != self.db.store.value(ACTIVITY, *id, "user_id") {
                    self.activity_assigned(*id)?;
                }
            }
        }
        Ok(())
    }

    /// The assignee follows the document, and gets a mail where it is somebody else.
    fn activity_assigned(&mut self, id: i64) -> Outcome<()> {
        let Some(user) = self.int(ACTIVITY, id, "user_id") else { return Ok(()) };
        let model = self.text(ACTIVITY, id, "res_model").map(str::to_owned);
        let document = model.zip(self.int(ACTIVITY, id, "res_id").filter(|&id| id != 0));
        let partner = self.partner_of(user);
        if let Some((model, record)) = &document {
            let thread = self.model(model)?.thread;
            if thread {
                self.follow(model, *record, partner)?;
            }
        }
        if user != self.uid && !self.wants("mail_activity_quick_update") {
            let name = self.text(ACTIVITY, id, "res_name").unwrap_or("activity").to_owned();
            let to: Vec<i64> = partner.into_iter().collect();
            let document = document.as_ref().map(|(model, id)| (model.as_str(), *id));
            self.send_mail(document, &to, &format!("\"{name}\" assigned to you"))?;
        }
        Ok(())
    }

    /// Marks activities as done: one message each. Odoo 14 deletes them, 19 archives them.
    pub(super) fn activities_done(&mut self, ids: &[i64], feedback: &Value) -> Outcome<Value> {
        let model = self.model(ACTIVITY)?;
        let mut last = Value::Bool(false);
        for &id in ids {
            if !self.db.store.contains(ACTIVITY, id) {
                return Err(missing(ACTIVITY, id, self.uid));
            }
            let target = self.text(ACTIVITY, id, "res_model").map(str::to_owned);
            let document = target.zip(self.int(ACTIVITY, id, "res_id"));
            let body = format!("<div><p>done</p><div>{}</div></div>", html::escape(&python::text(feedback)));
            let document = document.as_ref().map(|(model, id)| (model.as_str(), *id));
            last = Value::Int(self.log(document, "notification", "mt_activities", &body)?);
        }
        let (kept, gone): (Vec<i64>, Vec<i64>) = ids.iter().partition(|&&id| self.keeps_done(id));
        let mut vals = Vals::from([("active".to_owned(), Value::Bool(false))]);
        if self.is_19() {
            vals.insert("feedback".to_owned(), feedback.clone());
        }
        self.write(&model, &kept, vals)?;
        self.unlink(&model, &gone)?;
        Ok(last)
    }

    /// Whether an activity that is done stays: always on 19, on 17 where its type says so.
    fn keeps_done(&self, id: i64) -> bool {
        let kind = self.int(ACTIVITY, id, "activity_type_id");
        self.is_19() || kind.is_some_and(|kind| self.flag("mail.activity.type", kind, "keep_done"))
    }
}

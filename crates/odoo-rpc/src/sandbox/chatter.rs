//! Messages, followers, activities, and the mails that leave because of them.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, missing, refused, restricted};
use crate::sandbox::html;
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::store::Row;
use crate::wire::Value;

const ACTIVITY: &str = "mail.activity";
/// The fields of a contact whose changes are told in its chatter.
const TRACKED_14: &[&str] = &["email", "phone", "user_id"];
const TRACKED_19: &[&str] = &[
    "name",
    "email",
    "phone",
    "parent_id",
    "user_id",
    "vat",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
];

impl Env<'_> {
    /// A new document: one message, one follower, unless the context says otherwise.
    pub(super) fn documents_made(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<()> {
        if self.wants("tracking_disable") {
            return Ok(());
        }
        let name = model.name.as_str();
        let caller = self.partner_of(self.uid);
        for &id in ids {
            if !self.wants("mail_create_nolog") {
                let body = format!("<p>{} created</p>", model.label);
                self.log(Some((name, id)), "notification", "mt_note", &body)?;
            }
            if !self.wants("mail_create_nosubscribe") {
                self.follow(name, id, caller)?;
            }
            self.tell_salesperson(model, id)?;
        }
        Ok(())
    }

    fn tell_salesperson(&mut self, model: &Arc<Model>, id: i64) -> Outcome<()> {
        let Some(user) = self.salesperson(model, id) else { return Ok(()) };
        // A lead is the caller's own by default: nobody is told, or added.
        if user == self.uid && model.name.as_str() == "crm.lead" {
            return Ok(());
        }
        let partner = self.partner_of(user);
        self.follow(model.name.as_str(), id, partner)?;
        if user != self.uid && !self.wants("mail_auto_subscribe_no_notify") {
            let recipients: Vec<i64> = partner.into_iter().collect();
            self.send_mail(Some((model.name.as_str(), id)), &recipients, "You have been assigned")?;
        }
        Ok(())
    }

    /// Tells the chatter that a tracked field changed.
    pub(super) fn track(
        &mut self,
        model: &Arc<Model>,
        before: &[(i64, Arc<Row>)],
        vals: &Vals,
    ) -> Outcome<()> {
        if self.wants("tracking_disable") {
            return Ok(());
        }
        let name = model.name.as_str();
        for (id, row) in before {
            let changed = |field: &&&str| {
                vals.contains_key(**field) && row.get(**field) != self.db.store.value(name, *id, field)
            };
            let tracked = if self.is_19() { TRACKED_19 } else { TRACKED_14 };
            let any = tracked.iter().any(|field| changed(&field));
            let assigned = changed(&&"user_id");
            if any && !self.wants("mail_notrack") {
                self.log(Some((name, *id)), "notification", "mt_note", "")?;
            }
            if assigned {
                self.tell_salesperson(model, *id)?;
            }
        }
        Ok(())
    }

    /// Adds a follower, once.
    fn follow(&mut self, model: &str, id: i64, partner: Option<i64>) -> Outcome<()> {
        let Some(partner) = partner else { return Ok(()) };
        if self.follows(model, id, partner) {
            return Ok(());
        }
        let subtypes: Vec<Value> = self.record("mail", "mt_comment").map(Value::Int).into_iter().collect();
        self.add(
            "mail.followers",
            [
                ("res_model", Value::from(model)),
                ("res_id", Value::Int(id)),
                ("partner_id", Value::Int(partner)),
                ("subtype_ids", Value::Array(subtypes)),
            ],
        )?;
        Ok(())
    }

    /// Adds a message to a document's chatter.
    fn log(&mut self, document: Option<(&str, i64)>, kind: &str, subtype: &str, body: &str) -> Outcome<i64> {
        let subtype = self.record("mail", subtype).map_or(Value::Bool(false), Value::Int);
        let mut vals = vec![
            ("message_type", Value::from(kind)),
            ("subtype_id", subtype),
            ("body", Value::from(body)),
            ("is_internal", Value::Bool(true)),
        ];
        if let Some((model, id)) = document {
            vals.extend([("model", Value::from(model)), ("res_id", Value::Int(id))]);
        }
        self.add("mail.message", vals)
    }

    /// Queues a mail: a message for its readers, the mail itself, and one notification each.
    pub(super) fn send_mail(
        &mut self,
        document: Option<(&str, i64)>,
        to: &[i64],
        subject: &str,
    ) -> Outcome<()> {
        let message = self.log(document, "user_notification", "mt_note", "")?;
        let partners = Value::Array(to.iter().copied().map(Value::Int).collect());
        self.db.store.set("mail.message", message, "partner_ids", (!to.is_empty()).then(|| partners.clone()));
        self.db.store.set("mail.message", message, "subject", Some(Value::from(subject)));
        self.add(
            "mail.mail",
            [
                ("mail_message_id", Value::Int(message)),
                ("recipient_ids", partners),
                ("auto_delete", Value::Bool(true)),
                // Measured on servers without a mail server: the mail stays, with that state.
                ("state", Value::from("exception")),
            ],
        )?;
        for &partner in to {
            self.add(
                "mail.notification",
                [
                    ("mail_message_id", Value::Int(message)),
                    ("res_partner_id", Value::Int(partner)),
                    ("notification_type", Value::from("email")),
                    ("notification_status", Value::from("exception")),
                ],
            )?;
        }
        Ok(())
    }

    fn add<'v>(&mut self, model: &str, vals: impl IntoIterator<Item = (&'v str, Value)>) -> Outcome<i64> {
        let model = self.model(model)?;
        let vals: Vals = vals.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let context = std::mem::take(&mut self.context);
        let id = self.as_server(|env| env.create_one(&model, vals));
        self.context = context;
        id
    }

    pub(super) fn message_vals(&mut self, mut vals: Vals) -> Outcome<Vals> {
        let text = |vals: &Vals, field: &str| vals.get(field).and_then(Value::as_text).map(str::to_owned);
        let document = text(&vals, "model").zip(vals.get("res_id").and_then(Value::as_int));
        if let Some((model, id)) = document.clone().filter(|(_, id)| *id != 0) {
            let known = self.model(&model)?;
            if !self.db.store.contains(known.name.as_str(), id) {
                return Err(missing(&model, id, self.uid));
            }
            if !self.is_19() && !vals.contains_key("record_name") {
                let name = self.shown_name(&known, id).filter(|_| self.sudo == 0);
                vals.extend(name.map(|name| ("record_name".to_owned(), Value::Text(name))));
            }
        }
        if !self.is_19() && vals.get("body").is_some_and(|body| *body == Value::Nil) {
            vals.insert("body".to_owned(), Value::from("None"));
        }
        if self.is_19() && vals.get("body").is_none_or(Value::is_unset) {
            vals.insert("body".to_owned(), Value::from(""));
        }
        if !vals.contains_key("message_id") {
            let number = self.db.store.last_id("mail.message") + 1;
            let place = document.map_or("private".to_owned(), |(model, id)| format!("{id}-{model}"));
            vals.insert("message_id".to_owned(), Value::Text(format!("<{number}-openerp-{place}@sandbox>")));
        }
        if !self.is_19() {
            let author = self.partner_of(self.uid);
            let email = author.and_then(|partner| self.text("res.partner", partner, "email"));
            let name =
                author.and_then(|partner| self.text("res.partner", partner, "name")).unwrap_or_default();
            let from = email.map(|email| format!("\"{name}\" <{email}>"));
            for field in ["email_from", "reply_to"] {
                if let (false, Some(from)) = (vals.contains_key(field), &from) {
                    vals.insert(field.to_owned(), Value::from(from.as_str()));
                }
            }
        }
        Ok(vals)
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
                return Err(crate::sandbox::faults::constraint(self.like(), "", message, false));
            }
        }
        Ok(())
    }

    fn follows(&self, model: &str, id: i64, partner: i64) -> bool {
        self.lines("mail.followers", "res_id", id).into_iter().any(|line| {
            self.text("mail.followers", line, "res_model") == Some(model)
                && self.int("mail.followers", line, "partner_id") == Some(partner)
        })
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

    /// Posts one message. Odoo 19 escapes its body, 14 does not, and they answer differently.
    pub(super) fn post(
        &mut self,
        model: &Arc<Model>,
        ids: &[i64],
        options: &crate::wire::Struct,
    ) -> Outcome<Value> {
        let &[id] = ids else {
            let name = model.name.as_str();
            return Err(crate::sandbox::faults::value_error(format!("Expected singleton: {name}{ids:?}")));
        };
        if !self.db.store.contains(model.name.as_str(), id) {
            return Err(missing(model.name.as_str(), id, self.uid));
        }
        let body = options.get("body").and_then(Value::as_text).unwrap_or_default();
        let markup = !self.at_least(17) || options.get("body_is_html").is_some_and(python::truth);
        let body = if markup { body.to_owned() } else { html::escape(body) };
        let message = self.log(Some((model.name.as_str(), id)), "notification", "mt_note", &body)?;
        let messages = self.model("mail.message")?;
        let given = ["date", "author_id", "message_type", "subtype_id", "subject", "parent_id"];
        let vals: Vals =
            given.iter().filter_map(|&name| Some((name.to_owned(), options.get(name)?.clone()))).collect();
        self.as_server(|env| env.write(&messages, &[message], vals))?;
        Ok(if self.is_19() { Value::Array(vec![Value::Int(message)]) } else { Value::Int(message) })
    }
}

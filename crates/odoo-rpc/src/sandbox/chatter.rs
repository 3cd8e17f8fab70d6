//! Messages, followers, and the mails that leave because of them.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, missing};
use crate::sandbox::html;
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::store::Row;
use crate::wire::Value;

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
    pub(super) fn follow(&mut self, model: &str, id: i64, partner: Option<i64>) -> Outcome<()> {
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
    pub(super) fn log(
        &mut self,
        document: Option<(&str, i64)>,
        kind: &str,
        subtype: &str,
        body: &str,
    ) -> Outcome<i64> {
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

    pub(super) fn follows(&self, model: &str, id: i64, partner: i64) -> bool {
        self.lines("mail.followers", "res_id", id).into_iter().any(|line| {
            self.text("mail.followers", line, "res_model") == Some(model)
                && self.int("mail.followers", line, "partner_id") == Some(partner)
        })
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

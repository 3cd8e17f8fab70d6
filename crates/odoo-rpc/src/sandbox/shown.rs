//! Custom fields that show what other records hold: what must be there when they are made, and what cannot go while they are.

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, refused};
use crate::sandbox::store::Key;
use crate::wire::Value;

const FIELDS: &str = "ir.model.fields";

impl Env<'_> {
    /// What a new field shows must be there: the link by which lines are found, or every field on a path.
    pub(super) fn check_shown<'a>(&self, said: impl Fn(&str) -> &'a str) -> Outcome<()> {
        let (ttype, relation, path) = (said("ttype"), said("relation"), said("related"));
        if path.is_empty() {
            let by = said("relation_field");
            let link = self.field_row(relation, by);
            let there = link.is_some_and(|link| self.text(FIELDS, link, "ttype") == Some("many2one"));
            return match ttype {
                "one2many" if !there => {
                    Err(refused(format!("Many2one {by} on model {relation} does not exist!")))
                }
                _ => Ok(()),
            };
        }
        let quote = if self.at_least(16) { '"' } else { '\'' };
        let way = self.way(said("model"), path);
        let text = |field: &str| {
            let last = way.last().and_then(|&last| self.text(FIELDS, last, field));
            last.unwrap_or_default()
        };
        let names: Vec<&str> = path.split('.').collect();
        Err(refused(match names.get(way.len()) {
            Some(_) if !way.is_empty() && text("relation").is_empty() => {
                let name = names[way.len() - 1];
                format!(
                    "Non-relational field name {quote}{name}{quote} in related field {quote}{path}{quote}"
                )
            }
            Some(name) => {
                format!("Unknown field name {quote}{name}{quote} in related field {quote}{path}{quote}")
            }
            None if text("ttype") != ttype => {
                format!("Related field {quote}{path}{quote} does not have type {quote}{ttype}{quote}")
            }
            None if text("relation") != relation => {
                format!("Related field {quote}{path}{quote} does not have comodel {quote}{relation}{quote}")
            }
            None => return Ok(()),
        }))
    }

    /// Odoo lets no field go on which a custom one depends, not even in one call with it.
    pub(super) fn check_dependents(&self, id: i64) -> Outcome<()> {
        let (Some(model), Some(name)) = (self.text(FIELDS, id, "model"), self.text(FIELDS, id, "name"))
        else {
            return Ok(());
        };
        for (_, row) in self.db.store.rows_from(FIELDS, 0) {
            let text = |field: &str| row.get(field).and_then(Value::as_text).unwrap_or_default();
            if text("state") != "manual" {
                continue;
            }
            let by_link =
                text("ttype") == "one2many" && (text("relation"), text("relation_field")) == (model, name);
            if by_link || self.way(text("model"), text("related")).contains(&id) {
                return Err(refused(format!(
                    "The field '{model}.{name}' cannot be removed because the field '{}.{}' depends on it.",
                    text("model"),
                    text("name")
                )));
            }
        }
        Ok(())
    }

    /// The rows of the fields a path goes over, as far as they are there.
    fn way(&self, model: &str, path: &str) -> Vec<i64> {
        let mut way = Vec::new();
        let mut owner = model;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            let Some(field) = self.field_row(owner, name) else { break };
            way.push(field);
            owner = self.text(FIELDS, field, "relation").unwrap_or_default();
        }
        way
    }

    fn field_row(&self, model: &str, name: &str) -> Option<i64> {
        let named = self.db.store.indexed(FIELDS, "name", &Key::Text(name.to_owned()))?;
        named.iter().copied().find(|&row| self.text(FIELDS, row, "model") == Some(model))
    }
}

//! Deleting records, with what hangs on them.

use std::collections::HashSet;
use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, Right, foreign_key, missing};
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::{Kind, OnDelete};
use crate::wire::Value;

impl Env<'_> {
    /// Deletes the records.
    pub(in crate::sandbox) fn unlink(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<Value> {
        self.before_rights_change(model);
        self.check_right(model, Right::Unlink)?;
        let name = model.name.as_str();
        let mut gone = HashSet::new();
        for &id in ids {
            if !self.db.store.contains(name, id) {
                return Err(missing(name, id, self.uid));
            }
            gone.insert(id);
        }
        let mut ids: Vec<i64> = gone.iter().copied().collect();
        ids.sort_unstable();
        self.before_unlink(model, &ids)?;
        for (owner, field) in self.db.registry.clone().referrers(name) {
            let Some(owner) = self.db.registry.model(owner.as_str()).cloned() else { continue };
            let Some(field) = owner.fields.get(field).cloned() else { continue };
            self.let_go(&owner, &field, name, &gone)?;
        }
        self.drop_documents(model, &ids)?;
        for &id in &ids {
            if self.db.store.contains(name, id) {
                self.db.store.put(name, id, None);
            }
        }
        self.after_unlink(model)?;
        Ok(Value::Bool(true))
    }

    /// Deletes without asking rights, as PostgreSQL's cascades do.
    pub(in crate::sandbox) fn unlink_as_server(&mut self, model: &str, ids: &[i64]) -> Outcome<()> {
        let ids: Vec<i64> = ids.iter().copied().filter(|&id| self.db.store.contains(model, id)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let model = self.model(model)?;
        self.as_server(|env| env.unlink(&model, &ids)).map(|_| ())
    }

    fn let_go(
        &mut self,
        owner: &Arc<Model>,
        field: &Arc<Field>,
        target: &str,
        gone: &HashSet<i64>,
    ) -> Outcome<()> {
        let (table, column) = (owner.name.as_str(), field.name.as_str());
        let mut rows: Vec<i64> = gone.iter().flat_map(|&id| self.lines(table, column, id)).collect();
        if table == target {
            rows.retain(|row| !gone.contains(row));
        }
        rows.sort_unstable();
        rows.dedup();
        if field.kind == Kind::Many2many {
            for row in rows {
                let mut ids = self.many(table, row, column);
                ids.retain(|id| !gone.contains(id));
                let value =
                    (!ids.is_empty()).then(|| Value::Array(ids.into_iter().map(Value::Int).collect()));
                self.db.store.set(table, row, column, value);
            }
            return Ok(());
        }
        match field.on_delete {
            OnDelete::Restrict if !rows.is_empty() => Err(foreign_key(self.like(), owner, field)),
            OnDelete::Restrict => Ok(()),
            OnDelete::Cascade => self.unlink_as_server(table, &rows),
            OnDelete::SetNull => {
                for row in rows {
                    self.db.store.set(table, row, column, None);
                    self.recompute(owner, row);
                }
                Ok(())
            }
        }
    }

    /// External ids, messages, followers and activities go with their document.
    fn drop_documents(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<()> {
        let places: &[(&str, &str)] = if model.thread {
            &[
                ("ir.model.data", "model"),
                ("ir.attachment", "res_model"),
                ("mail.activity", "res_model"),
                ("mail.message", "model"),
                ("mail.followers", "res_model"),
            ]
        } else {
            &[("ir.model.data", "model"), ("ir.attachment", "res_model")]
        };
        for (table, named) in places {
            let mut rows: Vec<i64> = ids.iter().flat_map(|&id| self.lines(table, "res_id", id)).collect();
            rows.retain(|&row| self.text(table, row, named) == Some(model.name.as_str()));
            if *table == "mail.activity" && self.at_least(17) && !self.is_19() {
                // On 17 those that are done stay behind.
                rows.retain(|&row| self.flag(table, row, "active"));
            }
            self.unlink_as_server(table, &rows)?;
        }
        Ok(())
    }
}

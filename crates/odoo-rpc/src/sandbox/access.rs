//! Who may do what: the rows of `ir.model.access`, and the cache that Odoo 19 fills too early.

use std::collections::HashSet;
use std::sync::Arc;

use crate::sandbox::env::{ADMIN, Env};
use crate::sandbox::faults::{Outcome, Right, not_allowed};
use crate::sandbox::registry::Model;
use crate::wire::{Name, Value};

const ACCESS: &str = "ir.model.access";

impl Env<'_> {
    /// # Errors
    ///
    /// Fault 4, with the groups that may.
    pub(super) fn check_right(&mut self, model: &Arc<Model>, right: Right) -> Outcome<()> {
        if self.sudo > 0 {
            return Ok(());
        }
        // Every check fills the cache of its right: that is what makes a new rule come too late.
        if !self.db.rights.allowed.contains_key(&(self.uid, right)) {
            let allowed = self.custom_models(right);
            self.db.rights.allowed.insert((self.uid, right), allowed);
        }
        let listed =
            self.db.rights.allowed.get(&(self.uid, right)).is_some_and(|set| set.contains(&model.name));
        if listed || (!model.custom && self.manages(model, right)) {
            return Ok(());
        }
        let groups = self.groups_allowed(model, right);
        Err(not_allowed(model, right, &groups))
    }

    fn manages(&self, model: &Model, right: Right) -> bool {
        if self.uid <= ADMIN {
            return true;
        }
        let schema =
            model.name.as_str().starts_with("ir.") && !matches!(model.name.as_str(), "ir.module.module");
        if right == Right::Read && !schema && model.readers.is_empty() {
            return true;
        }
        let groups = self.groups_of(self.uid);
        let within = |names: &[&str]| {
            let mut ids = names.iter().filter_map(|name| self.group(name));
            ids.any(|id| groups.contains(&id))
        };
        within(model.managers)
            || (right != Right::Unlink && within(model.writers))
            || (right == Right::Read && within(model.readers))
    }

    /// The id of a group by its external name.
    fn group(&self, name: &str) -> Option<i64> {
        let (module, name) = name.split_once('.').unwrap_or(("base", name));
        self.record(module, name)
    }

    /// The models that active rules of `ir.model.access` open to the caller.
    fn custom_models(&self, right: Right) -> HashSet<Name> {
        let groups = self.groups_of(self.uid);
        let rows = self.db.store.rows_from(ACCESS, 0);
        let open = rows.filter(|(_, row)| {
            let flag = |field: &str| row.get(field) == Some(&Value::Bool(true));
            let group = row.get("group_id").and_then(Value::as_int);
            flag("active") && flag(right.field()) && group.is_none_or(|group| groups.contains(&group))
        });
        let models = open.filter_map(|(_, row)| row.get("model_id").and_then(Value::as_int));
        models.filter_map(|id| self.text("ir.model", id, "model")).map(Name::from).collect()
    }

    fn groups_allowed(&self, model: &Model, right: Right) -> Vec<String> {
        let Some(row) = self.model_row(model.name.as_str()) else { return Vec::new() };
        let rules = self.lines(ACCESS, "model_id", row);
        let open = rules.into_iter().filter(|&rule| self.flag(ACCESS, rule, right.field()));
        let groups = open.filter_map(|rule| self.int(ACCESS, rule, "group_id"));
        let mut names: Vec<String> = groups.map(|group| self.group_title(group)).collect();
        if !model.custom {
            let more = match right {
                Right::Unlink => &[],
                Right::Read if !model.readers.is_empty() => model.readers,
                _ => model.writers,
            };
            let all = model.managers.iter().chain(more.iter().filter(|name| !model.managers.contains(name)));
            names.extend(all.filter_map(|name| self.group(name)).map(|group| self.group_title(group)));
        }
        names.sort_unstable();
        names
    }

    /// A group's name as a refusal writes it, with its category.
    fn group_title(&self, group: i64) -> String {
        let text = |field: &str| self.text("res.groups", group, field);
        let name = text("name").unwrap_or_default();
        match text("full_name").filter(|full| *full != name) {
            Some(full) => full.replacen(" / ", "/", 1),
            None => name.to_owned(),
        }
    }

    /// A user's groups, with those they imply.
    pub(super) fn groups_of(&self, user: i64) -> HashSet<i64> {
        let field = if self.is_19() { "group_ids" } else { "groups_id" };
        let mut open = self.many("res.users", user, field);
        let mut groups = HashSet::new();
        while let Some(group) = open.pop() {
            if groups.insert(group) {
                open.extend(self.many("res.groups", group, "implied_ids"));
            }
        }
        groups
    }

    /// A stored list of ids.
    pub(super) fn many(&self, model: &str, id: i64, field: &str) -> Vec<i64> {
        let value = self.db.store.value(model, id, field).and_then(Value::as_array);
        value.unwrap_or_default().iter().filter_map(Value::as_int).collect()
    }
}

//! Custom models and fields, live at once: rows of `ir.model` and `ir.model.fields` that become the registry.

use std::sync::Arc;

use crate::sandbox::definition::{build, pairs, titled};
use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, refused, traceback};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Field;
use crate::sandbox::spec::Kind;
use crate::sandbox::store::Row;
use crate::wire::{Name, Value};

const MODEL: &str = "ir.model";
const FIELDS: &str = "ir.model.fields";
const CHOICES: &str = "ir.model.fields.selection";
const BASE_STAYS: &str = "This column contains module data and cannot be removed!";
const PREFIX: &str = "Custom fields must have a name that starts with 'x_'";

impl Env<'_> {
    /// Makes the registry say what the rows say: the shipped models, and everything custom.
    pub(super) fn reload_schema(&mut self) {
        let registry = build(self);
        self.db.registry = Arc::new(registry);
        let registry = self.db.registry.clone();
        self.db.store.fit(&registry);
        self.db.rights.forget();
    }

    pub(super) fn model_vals(&self, vals: Vals) -> Outcome<Vals> {
        let Some(name) = vals.get("model").and_then(Value::as_text) else {
            return Err(traceback("KeyError", "'model'"));
        };
        if !name.starts_with("x_") {
            return Err(refused("The model name must start with 'x_'."));
        }
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
        if !name.chars().all(fits) {
            return Err(refused(
                "The model name can only contain lowercase characters, digits, underscores and dots.",
            ));
        }
        Ok(vals)
    }

    /// Gives each new model its name field, its rows for the fields every model has, and a table.
    pub(super) fn models_made(&mut self, ids: &[i64]) -> Outcome<()> {
        for &id in ids {
            let known = self.lines(FIELDS, "model_id", id);
            if !known.iter().any(|&field| self.text(FIELDS, field, "name") == Some("x_name")) {
                let fields = self.model(FIELDS)?;
                let text = |text: &str| Value::from(text);
                let vals = Vals::from([
                    ("name".to_owned(), text("x_name")),
                    ("field_description".to_owned(), text("Name")),
                    ("ttype".to_owned(), text("char")),
                    ("model_id".to_owned(), Value::Int(id)),
                ]);
                self.as_server(|env| env.create_one(&fields, vals))?;
            }
        }
        self.reload_schema();
        for &id in ids {
            let name = self.text(MODEL, id, "model").map(str::to_owned);
            let model = name.and_then(|name| self.db.registry.model(&name)).cloned();
            for field in model.iter().flat_map(|model| model.fields.values()).filter(|field| !field.custom) {
                self.describe_field(id, field);
            }
        }
        Ok(())
    }

    /// The row of `ir.model.fields` for a field that is not custom.
    pub(super) fn describe_field(&mut self, model_row: i64, field: &Field) -> i64 {
        let id = self.db.store.next_id(FIELDS);
        let mut row = Row::new();
        let mut set = |name: &str, value: Value| row.insert(Name::from(name), value);
        set("name", Value::from(field.name.as_str()));
        set("field_description", Value::from(field.label.as_str()));
        set("model", Value::from(self.text(MODEL, model_row, "model").unwrap_or_default()));
        set("model_id", Value::Int(model_row));
        set("ttype", Value::from(field.kind.name()));
        set("state", Value::from("base"));
        set("store", Value::Bool(field.is_stored_somewhere()));
        set("required", Value::Bool(field.required));
        set("readonly", Value::Bool(field.readonly));
        if let Some(relation) = &field.relation {
            set("relation", Value::from(relation.as_str()));
        }
        if let (true, Some(inverse)) = (field.kind == Kind::One2many, &field.inverse) {
            set("relation_field", Value::from(inverse.as_str()));
        }
        if let Some((via, target)) = &field.related {
            set("related", Value::Text(format!("{}.{}", via.as_str(), target.as_str())));
        }
        for (name, value) in [("create_date", &self.now), ("write_date", &self.now)] {
            set(name, Value::from(value.as_str()));
        }
        self.db.store.put(FIELDS, id, Some(row));
        id
    }

    pub(super) fn models_go(&mut self, ids: &[i64]) -> Outcome<()> {
        for &id in ids {
            if self.text(MODEL, id, "state") != Some("manual") {
                let label = self.text(MODEL, id, "name").unwrap_or_default();
                return Err(refused(match self.is_19() {
                    true => BASE_STAYS.to_owned(),
                    false => format!("Model '{label}' contains module data and cannot be removed."),
                }));
            }
            let Some(name) = self.text(MODEL, id, "model").map(str::to_owned) else { continue };
            for field in self.lines(FIELDS, "model_id", id) {
                self.check_dependents(field)?;
            }
            let pointing: Vec<i64> = self
                .db
                .store
                .rows_from(FIELDS, 0)
                .filter(|(_, row)| row.get("relation").and_then(Value::as_text) == Some(name.as_str()))
                .filter(|(_, row)| row.get("state").and_then(Value::as_text) == Some("manual"))
                .map(|(id, _)| id)
                .collect();
            let rows: Vec<i64> = self.db.store.rows_from(&name, 0).map(|(id, _)| id).collect();
            self.unlink_as_server(&name, &rows)?;
            self.unlink_as_server(FIELDS, &pointing)?;
        }
        Ok(())
    }

    pub(super) fn field_vals(&mut self, mut vals: Vals) -> Outcome<Vals> {
        let model_row = vals.get("model_id").and_then(Value::as_int);
        let model = model_row.and_then(|row| self.text(MODEL, row, "model")).map(str::to_owned);
        if let Some(model) = model {
            vals.insert("model".to_owned(), Value::Text(model));
        }
        let name = vals.get("name").map_or("x_".to_owned(), python::text);
        self.check_field_name(&name)?;
        if !vals.get("field_description").is_some_and(python::truth) {
            vals.insert("field_description".to_owned(), Value::Text(titled(&name)));
        }
        let ttype = vals.get("ttype").and_then(Value::as_text).and_then(Kind::of);
        if let (Some(kind), Some(relation)) = (ttype, vals.get("relation").and_then(Value::as_text)) {
            let relation_row = self.model_row(relation);
            if kind.is_relation() && relation_row.is_none() {
                return Err(refused(match self.is_19() {
                    true => format!("Unknown model name '{relation}' in Related Model"),
                    false => format!("Model {relation} does not exist!"),
                }));
            }
        }
        if let Some(list) = vals.remove("selection").as_ref().and_then(Value::as_text) {
            let lines = pairs(list).into_iter().enumerate().map(|(place, (value, label))| {
                let line = crate::wire::Struct::new()
                    .with("value", value)
                    .with("name", label)
                    .with("sequence", i64::try_from(place).unwrap_or(0));
                Value::Array(vec![Value::Int(0), Value::Int(0), Value::Struct(line)])
            });
            vals.insert("selection_ids".to_owned(), Value::Array(lines.collect()));
        }
        if !self.at_least(16) {
            // Odoo 14 makes one field after the other.
            self.check_shown(|name| vals.get(name).and_then(Value::as_text).unwrap_or_default())?;
        }
        Ok(vals)
    }

    fn check_field_name(&self, name: &str) -> Outcome<()> {
        if !name.starts_with("x_") {
            return Err(refused(match self.is_19() {
                true => format!("The operation cannot be completed: {PREFIX}!"),
                false => format!("{PREFIX} !"),
            }));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.chars().all(fits) || name.len() > 63 {
            return Err(refused(
                "Field names can only contain characters, digits and underscores (up to 63).",
            ));
        }
        Ok(())
    }

    /// New fields come alive, and appear on the models that delegate to theirs.
    pub(super) fn fields_made(&mut self, ids: &[i64]) -> Outcome<()> {
        for &id in ids.iter().filter(|_| self.at_least(16)) {
            self.check_shown(|name| self.text(FIELDS, id, name).unwrap_or_default())?;
        }
        self.reload_schema();
        for &id in ids {
            let (Some(model), Some(name)) = (self.text(FIELDS, id, "model"), self.text(FIELDS, id, "name"))
            else {
                continue;
            };
            let name = name.to_owned();
            for heir in self.db.registry.heirs(model) {
                let field = self.db.registry.model(heir.as_str()).and_then(|heir| heir.field(&name)).cloned();
                let known = self.mirrors_of(id);
                if let (true, Some(field), Some(row)) =
                    (known.is_empty(), field, self.model_row(heir.as_str()))
                {
                    self.describe_field(row, &field);
                }
            }
        }
        Ok(())
    }

    pub(super) fn field_changes(&mut self, ids: &[i64], vals: Vals) -> Outcome<Vals> {
        for &id in ids {
            let manual = self.text(FIELDS, id, "state") == Some("manual");
            let words_only = vals.keys().all(|key| matches!(key.as_str(), "field_description" | "help"));
            if !manual && !words_only {
                return Err(refused(
                    "Properties of base fields cannot be altered in this manner! Please modify them through Python code, preferably through a custom addon!",
                ));
            }
            let differs = |field: &str| {
                let now = self.text(FIELDS, id, field).unwrap_or_default();
                vals.get(field).and_then(Value::as_text).is_some_and(|wanted| wanted != now)
            };
            if differs("ttype") {
                return Err(refused(
                    "Changing the type of a field is not yet supported. Please drop it and create it again!",
                ));
            }
            if differs("name") {
                let wanted = vals.get("name").map(python::text).unwrap_or_default();
                self.check_field_name(&wanted)?;
                self.check_views(id)?;
                self.move_values(id, Some(&wanted));
            }
        }
        Ok(vals)
    }

    pub(super) fn fields_go(&mut self, ids: &[i64]) -> Outcome<()> {
        let forced = self.context.get("_force_unlink").is_some_and(python::truth);
        for &id in ids {
            // Fields of a model that goes as a whole go with it.
            let owner = self.int(FIELDS, id, "model_id").and_then(|row| self.text(MODEL, row, "state"));
            if self.text(FIELDS, id, "state") != Some("manual")
                && !forced
                && (self.sudo == 0 || owner != Some("manual"))
                && !self.is_mirror(id)
            {
                return Err(refused(BASE_STAYS));
            }
            if !forced {
                self.check_dependents(id)?;
            }
            self.check_views(id)?;
        }
        let mut mirrors = Vec::new();
        for &id in ids {
            self.move_values(id, None);
            // Odoo 14 leaves the mirrors' rows behind.
            if self.is_19() {
                mirrors.extend(self.mirrors_of(id));
            }
        }
        for mirror in mirrors {
            self.db.store.put(FIELDS, mirror, None);
        }
        Ok(())
    }

    fn is_mirror(&self, id: i64) -> bool {
        self.sudo > 0 && self.text(FIELDS, id, "name").is_some_and(|name| name.starts_with("x_"))
    }

    fn mirrors_of(&self, id: i64) -> Vec<i64> {
        let (Some(model), Some(name)) = (self.text(FIELDS, id, "model"), self.text(FIELDS, id, "name"))
        else {
            return Vec::new();
        };
        let key = crate::sandbox::store::Key::Text(name.to_owned());
        let rows = self.db.store.indexed(FIELDS, "name", &key).cloned().unwrap_or_default();
        let heirs = self.db.registry.heirs(model);
        let of_heir = |row: &i64| {
            let owner = self.text(FIELDS, *row, "model").unwrap_or_default();
            heirs.iter().any(|heir| heir.as_str() == owner)
                && self.text(FIELDS, *row, "state") == Some("base")
        };
        rows.into_iter().filter(of_heir).collect()
    }

    /// Renames a field's values in all rows, or drops them.
    fn move_values(&mut self, field: i64, to: Option<&str>) {
        let (Some(model), Some(name)) = (self.text(FIELDS, field, "model"), self.text(FIELDS, field, "name"))
        else {
            return;
        };
        let (model, name) = (model.to_owned(), name.to_owned());
        let rows: Vec<(i64, Value)> = self
            .db
            .store
            .rows_from(&model, 0)
            .filter_map(|(id, row)| Some((id, row.get(name.as_str())?.clone())))
            .collect();
        for (id, value) in rows {
            self.db.store.set(&model, id, &name, None);
            if let Some(to) = to {
                self.db.store.set(&model, id, to, Some(value));
            }
        }
    }

    /// Records that hold a choice that goes are left without one.
    pub(super) fn choices_go(&mut self, ids: &[i64]) -> Outcome<()> {
        for &id in ids {
            let Some(field) = self.int(CHOICES, id, "field_id") else { continue };
            let (Some(model), Some(name)) =
                (self.text(FIELDS, field, "model"), self.text(FIELDS, field, "name"))
            else {
                continue;
            };
            let (model, name) = (model.to_owned(), name.to_owned());
            let value = self.db.store.value(CHOICES, id, "value").cloned();
            let rows = self.db.store.rows_from(&model, 0);
            let using: Vec<i64> =
                rows.filter(|(_, row)| row.get(name.as_str()) == value.as_ref()).map(|(id, _)| id).collect();
            for row in using {
                self.db.store.set(&model, row, &name, None);
            }
        }
        Ok(())
    }

    /// A selection field's values and labels, in order.
    pub(super) fn choices_of(&self, field: i64) -> Vec<(String, String)> {
        let mut lines: Vec<(i64, i64)> = self
            .lines(CHOICES, "field_id", field)
            .into_iter()
            .map(|line| (self.int(CHOICES, line, "sequence").unwrap_or(1000), line))
            .collect();
        lines.sort_unstable();
        let text = |line: i64, field: &str| self.text(CHOICES, line, field).unwrap_or_default().to_owned();
        lines.into_iter().map(|(_, line)| (text(line, "value"), text(line, "name"))).collect()
    }
}

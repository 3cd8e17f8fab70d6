//! Making records.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Naming, Outcome, Right, bad_field, constraint, mandatory, refused};
use crate::sandbox::orm::{Vals, is_automatic};
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::{Fallback, Kind, Unique};
use crate::sandbox::store::{Key, Row};
use crate::wire::{Name, Value};

impl Env<'_> {
    /// Makes one record for each of the values, in order.
    pub(in crate::sandbox) fn create(&mut self, model: &Arc<Model>, list: Vec<Vals>) -> Outcome<Vec<i64>> {
        self.before_rights_change(model);
        self.check_right(model, Right::Create)?;
        let mut ids = Vec::with_capacity(list.len());
        for vals in list {
            ids.push(self.create_one(model, vals)?);
        }
        self.after_create(model, &ids)?;
        Ok(ids)
    }

    /// Makes one record, without what follows once for the whole call.
    pub(in crate::sandbox) fn create_one(&mut self, model: &Arc<Model>, vals: Vals) -> Outcome<i64> {
        let external = vals.get("id").cloned();
        let shared: Vec<String> = match model.name.as_str() {
            "crm.lead" => {
                vals.keys().filter(|key| matches!(key.as_str(), "email_from" | "phone")).cloned().collect()
            }
            _ => Vec::new(),
        };
        let vals = self.before_create(model, vals)?;
        let name = model.name.as_str();
        let (mut row, mut delegated) = (Row::new(), Vals::new());
        let (mut related, mut many, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
        let mut given = vals;
        self.add_defaults(model, &mut given);
        for (key, value) in given {
            let field =
                model.field(&key).ok_or_else(|| bad_field(self.like(), Naming::Create, name, &key))?;
            if is_automatic(&key) {
                continue;
            }
            match &field.related {
                Some((via, target)) if Some(via) == model.delegates.as_ref() => {
                    delegated.insert(target.as_str().to_owned(), value);
                }
                Some(_) => related.push((field.clone(), value)),
                None if field.kind.is_to_many() => many.push((field.clone(), value)),
                None if !field.stored => hidden.push((key, value)),
                None => {
                    let stored = self.stored(model, field, &value);
                    let stored = stored.map_err(|fault| self.refused_at_create(field, &value, fault))?;
                    if let Some(value) = stored {
                        row.insert(field.name.clone(), value);
                    }
                }
            }
        }
        self.delegate(model, &mut row, delegated)?;
        let id = self.db.store.next_id(name);
        for (field, value) in self.stamps(true) {
            row.insert(Name::from(field), value);
        }
        self.db.store.put(name, id, Some(row));
        self.recompute(model, id);
        self.check_row(model, id, None)?;
        for (field, value) in many {
            self.apply_commands(model, id, &field, &value)?;
        }
        for (field, value) in related {
            self.write_related(model, id, &field, value)?;
        }
        for (field, value) in hidden {
            self.write_hidden(model, id, &field, &value);
        }
        self.external_of_line(model, id, external.as_ref())?;
        if model.name.as_str() == "crm.lead" {
            self.leads_changed(&[id], &|field| shared.iter().any(|known| known == field))?;
        }
        Ok(id)
    }

    /// The server's own fields.
    pub(super) fn stamps(&self, created: bool) -> Vec<(&'static str, Value)> {
        let (user, now) = (Value::Int(self.uid), Value::from(self.now.as_str()));
        let mut stamps = vec![("write_uid", user.clone()), ("write_date", now.clone())];
        if created {
            stamps.extend([("create_uid", user), ("create_date", now)]);
        }
        stamps
    }

    pub(in crate::sandbox) fn add_defaults(&self, model: &Model, given: &mut Vals) {
        for field in model.fields.values() {
            let name = field.name.as_str();
            if given.contains_key(name) {
                continue;
            }
            if let Some(value) = self.default_of(field) {
                given.insert(name.to_owned(), value);
            }
        }
    }

    /// What a field holds where the caller does not say.
    pub(in crate::sandbox) fn default_of(&self, field: &Field) -> Option<Value> {
        let named = |name: &str| name.strip_prefix("default_") == Some(field.name.as_str());
        if let Some((_, value)) = self.context.iter().find(|(name, _)| named(name)) {
            return Some(value.clone());
        }
        match field.fallback {
            Fallback::None if field.name.as_str() == "lang" && field.stored => Some(Value::from("en_US")),
            Fallback::None => None,
            Fallback::True => Some(Value::Bool(true)),
            Fallback::Number(number) => Some(Value::Int(number)),
            Fallback::Text(text) => Some(Value::from(text)),
            Fallback::User => Some(Value::Int(self.uid)),
            Fallback::Company => Some(Value::Int(1)),
            Fallback::Today => Some(Value::from(self.today())),
            Fallback::Now => Some(Value::from(self.now.get(..19).unwrap_or(&self.now))),
            Fallback::Record(module, name) => self.record(module, name).map(Value::Int),
            Fallback::Author => self.partner_of(self.uid).map(Value::Int),
        }
    }

    /// Makes, or writes, the record whose fields are this one's too.
    fn delegate(&mut self, model: &Arc<Model>, row: &mut Row, vals: Vals) -> Outcome<()> {
        let Some(via) = &model.delegates else { return Ok(()) };
        let Some(field) = model.fields.get(via).cloned() else { return Ok(()) };
        let parent = self.comodel(&field)?;
        match row.get(via).and_then(Value::as_int) {
            Some(id) => {
                self.as_server(|env| env.write(&parent, &[id], vals))?;
            }
            None => {
                let ids = self.as_server(|env| env.create(&parent, vec![vals]))?;
                if let Some(id) = ids.first() {
                    row.insert(via.clone(), Value::Int(*id));
                }
            }
        }
        Ok(())
    }

    /// What PostgreSQL refuses: a NULL, a link that leads nowhere, a value that must be unique.
    pub(super) fn check_row(&self, model: &Arc<Model>, id: i64, only: Option<&Vals>) -> Outcome<()> {
        let name = model.name.as_str();
        let Some(row) = self.db.store.row(name, id) else { return Ok(()) };
        self.check_document(model, id, row)?;
        let needed = model.fields.values().filter(|field| {
            let column = field.stored && !field.kind.is_to_many() && field.kind != Kind::Boolean;
            field.required && column && !field.custom && !row.contains_key(&field.name)
        });
        if let Some(field) = needed.min_by_key(|field| field.place) {
            return Err(mandatory(self.like(), model, field));
        }
        self.check_links(model, id, only)?;
        for unique in model.uniques.iter().filter(|unique| self.at_least(unique.since)) {
            self.check_unique(model, id, row, unique)?;
        }
        Ok(())
    }

    fn check_unique(&self, model: &Arc<Model>, id: i64, row: &Row, unique: &Unique) -> Outcome<()> {
        let name = model.name.as_str();
        let values: Option<Vec<(&str, &Value)>> =
            unique.fields.iter().map(|&field| Some((field, row.get(field)?))).collect();
        let Some(values) = values else { return Ok(()) };
        let same = |other: i64| {
            let other_row = self.db.store.row(name, other);
            other != id
                && values
                    .iter()
                    .all(|(field, value)| other_row.and_then(|row| row.get(*field)) == Some(value))
        };
        let indexed =
            values.iter().find_map(|(field, value)| self.db.store.indexed(name, field, &Key::of(value)?));
        let taken = match indexed {
            Some(ids) => ids.iter().any(|&other| same(other)),
            None => self.db.store.rows_from(name, 0).any(|(other, _)| same(other)),
        };
        if !taken {
            return Ok(());
        }
        if let Some(message14) = unique.in_python {
            return Err(refused(if self.is_19() { unique.message } else { message14 }));
        }
        if unique.bare_index {
            let texts: Vec<String> =
                values.iter().map(|(_, value)| crate::sandbox::python::text(value)).collect();
            let (fields, texts) = (unique.fields.join(", "), texts.join(", "));
            let message = format!(
                "duplicate key value violates unique constraint \"{}\"\nDETAIL:  Key ({fields})=({texts}) already exists.\n",
                unique.key
            );
            let prefix = if self.is_19() { "The operation cannot be completed: " } else { "" };
            return Err(refused(format!("{prefix}{message}")));
        }
        let message = if self.at_least(17) { unique.message } else { unique.message14 };
        Err(constraint(self.like(), unique.key, message, self.wants("lang")))
    }
}

//! Changing records.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Naming, Outcome, Right, bad_field, missing};
use crate::sandbox::orm::{Vals, is_automatic};
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::store::Row;
use crate::wire::{Name, Value};

impl Env<'_> {
    /// Gives every one of the records these values.
    pub(in crate::sandbox) fn write(
        &mut self,
        model: &Arc<Model>,
        ids: &[i64],
        vals: Vals,
    ) -> Outcome<Value> {
        self.before_rights_change(model);
        self.check_right(model, Right::Write)?;
        let name = model.name.as_str();
        for &id in ids {
            if !self.db.store.contains(name, id) {
                return Err(missing(name, id, self.uid));
            }
        }
        if ids.is_empty() || vals.is_empty() {
            return Ok(Value::Bool(true));
        }
        let vals = self.before_write(model, ids, vals)?;
        let (mut columns, mut others) = (Vec::new(), Vec::new());
        for (key, value) in &vals {
            let field = model.field(key).ok_or_else(|| bad_field(self.like(), Naming::Write, name, key))?;
            if is_automatic(key) {
                continue;
            }
            if !field.stored && field.related.is_none() && !field.kind.is_to_many() {
                for &id in ids {
                    self.write_hidden(model, id, key, value);
                }
            } else if field.related.is_some() || field.kind.is_to_many() {
                others.push((field.clone(), value.clone()));
            } else {
                columns.push((field.name.clone(), self.stored(model, field, value)?));
            }
        }
        let before: Vec<(i64, Arc<Row>)> =
            ids.iter().filter_map(|&id| Some((id, self.db.store.row(name, id)?.clone()))).collect();
        for &id in ids {
            let Some(row) = self.db.store.row(name, id) else { continue };
            let mut row = Row::clone(row);
            for (field, value) in &columns {
                match value {
                    Some(value) => row.insert(field.clone(), value.clone()),
                    None => row.remove(field),
                };
            }
            for (field, value) in self.stamps(false) {
                row.insert(Name::from(field), value);
            }
            self.db.store.put(name, id, Some(row));
            self.recompute(model, id);
            self.check_row(model, id, Some(&vals))?;
            for (field, value) in &others {
                if field.related.is_some() {
                    self.write_related(model, id, field, value.clone())?;
                } else {
                    self.apply_commands(model, id, field, value)?;
                }
            }
        }
        self.after_write(model, &before, &vals)?;
        Ok(Value::Bool(true))
    }

    /// Writes through a related field.
    pub(super) fn write_related(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
        value: Value,
    ) -> Outcome<()> {
        let Some((via, target)) = &field.related else { return Ok(()) };
        if field.custom && field.readonly {
            // It has no way back: what is written to it is lost without a word.
            return Ok(());
        }
        let Some(next) = self.raw(model, id, via.as_str()).and_then(|value| value.as_int()) else {
            return Ok(());
        };
        let Some(link) = model.fields.get(via).cloned() else { return Ok(()) };
        let comodel = self.comodel(&link)?;
        let vals = Vals::from([(target.as_str().to_owned(), value)]);
        self.as_server(|env| env.write(&comodel, &[next], vals)).map(|_| ())
    }
}

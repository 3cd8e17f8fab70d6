//! Reading records.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Naming, Outcome, Right, bad_field};
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::Kind;
use crate::wire::{Name, Struct, Value};

impl Env<'_> {
    /// The records that exist, in the order asked for. No fields means all of them.
    pub(in crate::sandbox) fn read(
        &mut self,
        model: &Arc<Model>,
        ids: &[i64],
        fields: &[String],
        names_shown: bool,
    ) -> Outcome<Value> {
        self.check_right(model, Right::Read)?;
        let mut wanted: Vec<Arc<Field>> = Vec::new();
        for name in fields {
            let field = model
                .field(name)
                .ok_or_else(|| bad_field(self.like(), Naming::Read, model.name.as_str(), name))?;
            if !wanted.iter().any(|known| known.name == field.name) {
                wanted.push(field.clone());
            }
        }
        if fields.is_empty() {
            wanted = model.fields.values().cloned().collect();
        }
        wanted.retain(|field| field.name.as_str() != "id");
        let mut records = Vec::with_capacity(ids.len());
        for &id in ids {
            if !self.db.store.contains(model.name.as_str(), id) {
                continue;
            }
            let mut record = Struct::with_capacity(wanted.len() + 1);
            record.push(Name::from("id"), Value::Int(id));
            for field in &wanted {
                let value = self.shown(model, id, field, names_shown)?;
                record.push(field.name.clone(), value);
            }
            records.push(Value::Struct(record));
        }
        Ok(Value::Array(records))
    }

    /// A field's value as it leaves the server.
    fn shown(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
        names_shown: bool,
    ) -> Outcome<Value> {
        let value = if field.stored && field.related.is_none() {
            self.db.store.value(model.name.as_str(), id, field.name.as_str()).cloned()
        } else {
            self.computed(model, id, field)?
        };
        if field.name.as_str() == "datas" && self.wants("bin_size") && value.is_some() {
            return Ok(self.content_size(id).unwrap_or_default());
        }
        let Some(value) = value else {
            return Ok(match field.kind {
                Kind::Binary if field.name.as_str() == "datas" => Value::from(""),
                Kind::Integer | Kind::Reference => Value::Int(0),
                Kind::Float | Kind::Monetary => Value::Double(0.0),
                Kind::One2many | Kind::Many2many => Value::Array(Vec::new()),
                _ => Value::Bool(false),
            });
        };
        Ok(match (field.kind, value) {
            (Kind::Datetime, Value::Text(text)) => Value::from(text.get(..19).unwrap_or(&text)),
            (Kind::Many2one, Value::Int(target)) if names_shown => {
                let comodel = self.comodel(field)?;
                let name = self.shown_name(&comodel, target).map_or(Value::Bool(false), Value::Text);
                Value::Array(vec![Value::Int(target), name])
            }
            (Kind::Many2many, Value::Array(ids)) => {
                let comodel = self.comodel(field)?;
                let ids = ids.iter().filter_map(Value::as_int).collect();
                let ids = self.visible_in_order(&comodel, ids)?;
                Value::Array(ids.into_iter().map(Value::Int).collect())
            }
            (_, value) => value,
        })
    }
}

//! What is known of models after fields were made: from the rows that describe these, without asking for all fields again.

use std::collections::BTreeSet;
use std::sync::Arc;

use mapping_core::error::Result;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::Made;
use mapping_core::schema::{FieldKind, FieldNeed, ModelNeed};

use crate::client::Domain;
use crate::client::record::{link, text};
use crate::destination::model::{Field, Ttype};
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

/// What is read of the rows of `ir.model.fields`.
const ABOUT: [&str; 13] = [
    "model",
    "model_id",
    "name",
    "ttype",
    "relation",
    "required",
    "readonly",
    "size",
    "selection_ids",
    "relation_field",
    "related",
    "state",
    "store",
];

impl OdooWriter {
    /// The rows that describe the fields of those parts: all of new models, of others those that were made by somebody. One call.
    pub(crate) async fn field_rows(&self, parts: &[Made]) -> Result<Vec<Struct>> {
        let names = |is: fn(&Made) -> Option<&ModelName>| -> BTreeSet<&str> {
            parts.iter().filter_map(is).map(ModelName::as_str).collect()
        };
        let new = names(|made| match made {
            Made::Model(model) => Some(model),
            _ => None,
        });
        let all = names(|made| match made {
            Made::Model(model) | Made::Field(model, _) | Made::Choice(model, ..) => Some(model),
            _ => None,
        });
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let domain = || {
            let manual = Domain::field("state").eq("manual");
            let of_new = Domain::field("model").is_in(new.iter().copied());
            let wanted = if new.is_empty() { manual } else { manual.or(of_new) };
            Domain::field("model").is_in(all.iter().copied()).and(wanted)
        };
        let rows = self.records(&"ir.model.fields".into(), domain, &ABOUT).await?;
        for row in &rows {
            if let (model, Some(id)) = (text(row, "model"), link(row, "model_id")) {
                self.known.learn_id(model, id);
            }
        }
        Ok(rows)
    }

    /// Adds to what is known of models what was made of them. What the rows do not tell for certain is asked for when it is needed.
    pub(crate) fn learn(&self, rows: &[Struct], new: &[ModelNeed], fields: &[FieldNeed]) {
        let models: BTreeSet<&ModelName> =
            new.iter().map(|need| &need.name).chain(fields.iter().map(|need| &need.model)).collect();
        for name in models {
            let is_new = new.iter().any(|need| need.name == *name);
            let mut known = match self.known_model(name).flatten() {
                Some(model) => model.fields.clone(),
                None if is_new => Default::default(),
                None => continue,
            };
            let mut certain = true;
            for row in rows.iter().filter(|row| text(row, "model") == name.as_str()) {
                let field = FieldName::from(text(row, "name"));
                let need = fields.iter().find(|need| need.model == *name && need.name == field);
                if known.contains_key(&field) || (need.is_none() && !is_new) {
                    continue;
                }
                match described(row, need) {
                    Some(found) => {
                        known.insert(field, found);
                    }
                    None => certain = false,
                }
            }
            let mut wanted = fields.iter().filter(|need| need.model == *name);
            match certain && wanted.all(|need| known.contains_key(&need.name)) {
                true => self.known.learn(name, Some(Arc::new(known.into()))),
                false => self.known.forget_fields(name),
            }
        }
    }
}

/// A field as its row describes it; `None` where the row does not tell enough, or another than was needed.
fn described(row: &Struct, need: Option<&FieldNeed>) -> Option<Field> {
    let mut field = Field::described(row);
    match (&mut field.ttype, need.map(|need| &need.kind)) {
        // One whose currency is not there has a row, and is no field (measured on 19).
        (Ttype::Monetary, _) => return None,
        // The row has no more of the choices than their ids.
        (Ttype::Selection(choices), Some(FieldKind::Choice(needed))) => {
            let count = row.get("selection_ids").and_then(Wire::as_array).map_or(0, <[Wire]>::len);
            if count != needed.len() {
                return None;
            }
            *choices = needed.iter().map(|one| (one.value.clone(), one.label.clone())).collect();
        }
        (Ttype::Selection(_), _) => return None,
        _ => {}
    }
    need.is_none_or(|need| need.kind == field.kind()).then_some(field)
}

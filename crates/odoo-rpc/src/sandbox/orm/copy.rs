//! Copying records, and exporting them.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, missing};
use crate::sandbox::orm::{Vals, is_automatic};
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::spec::Kind;
use crate::wire::{Struct, Value};

impl Env<'_> {
    /// A copy of each record, other values where some are given. Up to 17 the answer is one id, from 19 on a list.
    pub(in crate::sandbox) fn copy(&mut self, model: &Arc<Model>, ids: &[i64], given: Vals) -> Outcome {
        let name = model.name.as_str();
        let mut made = Vec::new();
        for &id in ids {
            let Some(row) = self.db.store.row(name, id).cloned() else {
                return Err(missing(name, id, self.uid));
            };
            let mut vals = Vals::new();
            for field in model.fields.values().filter(|field| !field.readonly) {
                let key = field.name.as_str();
                if is_automatic(key) || !copied(name, key) || field.kind == Kind::One2many {
                    continue;
                }
                if let Some(value) = row.get(key).filter(|_| field.stored) {
                    vals.insert(key.to_owned(), value.clone());
                } else if let (Some(inverse), Some(theirs), false) =
                    (&field.inverse, &field.relation, self.is_19())
                {
                    let ids = self.lines(theirs.as_str(), inverse.as_str(), id);
                    vals.insert(key.to_owned(), Value::Array(ids.into_iter().map(Value::Int).collect()));
                }
            }
            if let (true, Some(Value::Text(text))) = (numbered(name), vals.get(&model.rec_name)) {
                let text = format!("{text} (copy)");
                vals.insert(model.rec_name.clone(), Value::Text(text));
            }
            vals.extend(given.clone());
            made.extend(self.create(model, vec![vals])?);
        }
        Ok(match (self.is_19(), made.first()) {
            (false, Some(id)) => Value::Int(*id),
            _ => Value::Array(made.into_iter().map(Value::Int).collect()),
        })
    }

    /// The records' cells as a spreadsheet would hold them.
    pub(in crate::sandbox) fn export_data(
        &mut self,
        model: &Arc<Model>,
        ids: &[i64],
        fields: &[String],
    ) -> Outcome {
        let records = self.read(model, ids, fields, true)?;
        let rows = records.as_array().unwrap_or_default().iter().map(|record| {
            let cell = |field: &String| {
                let value =
                    record.as_struct().and_then(|record| record.get(field)).cloned().unwrap_or_default();
                match value {
                    Value::Array(pair) => pair.get(1).cloned().unwrap_or_default(),
                    value if value.is_unset() => Value::from(""),
                    value => value,
                }
            };
            Value::Array(fields.iter().map(cell).collect())
        });
        Ok(Value::Struct(Struct::new().with("datas", rows.collect::<Vec<Value>>())))
    }
}

/// Whether a copy's name says that it is one.
fn numbered(model: &str) -> bool {
    model == "res.partner" || model.starts_with("x_")
}

fn copied(model: &str, field: &str) -> bool {
    !matches!(
        (model, field),
        ("crm.lead", "stage_id" | "probability" | "date_closed" | "date_open") | ("res.partner", "barcode")
    )
}

/// `Asha <asha@example.org>`: a name and an address, as contacts are made from.
pub(in crate::sandbox) fn name_and_email(text: &str) -> (String, Option<String>) {
    let parts =
        text.split_once('<').and_then(|(name, rest)| Some((name.trim(), rest.split_once('>')?.0.trim())));
    match parts {
        Some((name, email)) if !name.is_empty() => (name.to_owned(), Some(email.to_owned())),
        _ if text.contains('@') && !text.contains(' ') => (text.to_owned(), Some(text.to_owned())),
        _ => (python::text(&Value::from(text)), None),
    }
}

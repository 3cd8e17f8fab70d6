//! Cells that name another record: by database id, by external id, or by the name it is shown with.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::load::Load;
use crate::sandbox::load::convert::{Complaint, Converted, Problem, is_reference, text_of};
use crate::sandbox::load::extract::{Cell, Record};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::{Field, Model};
use crate::wire::{Struct, Value};

impl Env<'_> {
    /// The one column a reference is made of.
    pub(super) fn referencing<'r>(&self, record: &'r Record) -> Converted<(Option<&'r str>, &'r Value)> {
        let indirect = "Can not create Many-To-One records indirectly, import the field separately";
        if record.0.iter().any(|(name, _)| !is_reference(name.as_deref())) {
            return Err(Problem::Cell(Complaint::bare(indirect)));
        }
        match record.0.as_slice() {
            [(name, Cell::Value(value))] => Ok((name.as_deref(), value)),
            _ => Err(Problem::Cell(Complaint::bare(
                "Ambiguous specification for field '%(field)s', only provide one of name, external id or database id",
            ))),
        }
    }

    /// The id a reference leads to; `false` where the cell says that there is none.
    pub(super) fn reference(
        &mut self,
        load: &mut Load,
        field: &Arc<Field>,
        subfield: Option<&str>,
        value: &Value,
        warnings: &mut Vec<Complaint>,
    ) -> Converted<Value> {
        let comodel = self.comodel(field)?;
        let action = self.possible_values(&comodel, subfield);
        let (kind, id) = match subfield {
            Some(".id") => {
                if let Value::Text(text) = value
                    && !self.boolean(text).0
                {
                    return Ok(Value::Bool(false));
                }
                let number = match value {
                    Value::Text(text) => text.trim().parse().ok(),
                    value => value.as_int(),
                };
                let Some(number) = number else {
                    let text =
                        format!("Invalid database id '{}' for the field '%(field)s'", python::text(value));
                    return Err(Problem::Cell(Complaint::new(text).more(action)));
                };
                ("database id", Some(number).filter(|&id| self.db.store.contains(comodel.name.as_str(), id)))
            }
            Some(_) => {
                let text = text_of(value, "lower")?;
                if !self.boolean(&text).0 {
                    return Ok(Value::Bool(false));
                }
                let name = if text.contains('.') { text } else { format!("{}.{text}", load.module) };
                load.flush_external(self, &name);
                ("external id", self.record_of(&comodel, &name)?)
            }
            None => {
                let text = python::text(value);
                if text.is_empty() {
                    return Ok(Value::Bool(false));
                }
                load.flush_model(self, comodel.name.as_str());
                ("name", self.named(&comodel, field, &text, warnings)?)
            }
        };
        id.map(Value::Int).ok_or_else(|| {
            let shown = python::text(value);
            let text = format!("No matching record found for {kind} '{shown}' in field '%(field)s'");
            Problem::Cell(Complaint::new(text).more(action))
        })
    }

    fn record_of(&self, comodel: &Model, external: &str) -> Converted<Option<i64>> {
        let Some((_, model, id)) = self.external(external) else { return Ok(None) };
        if !self.db.store.contains(comodel.name.as_str(), id) {
            return Ok(None);
        }
        if model != comodel.name.as_str() {
            let (expected, found) = (comodel.name.as_str(), model.as_str());
            let text =
                format!("Invalid external ID {external}: expected model '{expected}', found '{found}'");
            return Err(Problem::Cell(Complaint::bare(&text)));
        }
        Ok(Some(id))
    }

    fn named(
        &mut self,
        comodel: &Arc<Model>,
        field: &Field,
        name: &str,
        warnings: &mut Vec<Complaint>,
    ) -> Converted<Option<i64>> {
        let none = Value::Array(Vec::new());
        let pairs = self.name_search(comodel, name, &none, "=", 100)?;
        let ids: Vec<i64> = pairs
            .as_array()
            .unwrap_or_default()
            .iter()
            .filter_map(|pair| pair.as_array()?.first()?.as_int())
            .collect();
        if ids.len() > 1 {
            let count = ids.len();
            let text = match self.at_least(16) {
                true => format!(
                    "Found multiple matches for value \"{name}\" in field \"%(field)s\" ({count} matches)"
                ),
                false => format!("Found multiple matches for field '%(field)s' ({count} matches)"),
            };
            warnings.push(Complaint { warning: true, ..Complaint::bare(&text) });
        }
        let may = self.context.get("name_create_enabled_fields").and_then(Value::as_struct);
        let may = may.and_then(|fields| fields.get(field.name.as_str())).is_some_and(python::truth);
        if ids.is_empty() && may {
            let vals = Vals::from([(comodel.rec_name.clone(), Value::from(name))]);
            return Ok(self.create(comodel, vec![vals])?.first().copied());
        }
        Ok(ids.first().copied())
    }

    /// The action that the web client would open to show what may be named.
    fn possible_values(&self, comodel: &Model, subfield: Option<&str>) -> Struct {
        let list = if self.is_19() { "list,form" } else { "tree,form" };
        let view = |kind: &str| Value::Array(vec![Value::Bool(false), Value::from(kind)]);
        let name = comodel.name.as_str();
        let action = Struct::new()
            .with("name", "Possible Values")
            .with("type", "ir.actions.act_window")
            .with("target", "new")
            .with("view_mode", list)
            .with("views", vec![view("list"), view("form")])
            .with("context", Struct::new().with("create", false))
            .with("help", "See all possible values");
        if subfield.is_none() {
            return action.with("res_model", name);
        }
        let term = Value::Array(vec!["model".into(), "=".into(), name.into()]);
        action.with("res_model", "ir.model.data").with("domain", vec![term])
    }
}

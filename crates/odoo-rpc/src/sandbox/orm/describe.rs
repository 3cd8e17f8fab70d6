//! `fields_get`, `default_get` and looking records up by name.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::Outcome;
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::search::Page;
use crate::sandbox::spec::Kind;
use crate::wire::{Name, Struct, Value};

impl Env<'_> {
    /// Describes fields. Needs no right on the model.
    pub(in crate::sandbox) fn fields_get(
        &self,
        model: &Model,
        fields: &[String],
        attributes: &[String],
    ) -> Value {
        let mut found = Struct::new();
        for field in model.fields.values() {
            let name = field.name.as_str();
            if fields.is_empty() || fields.iter().any(|wanted| wanted == name) {
                let mut described = Struct::new();
                for (attribute, value) in self.describe(field) {
                    if attributes.is_empty() || attributes.iter().any(|wanted| wanted == attribute) {
                        described.push(Name::from(attribute), value);
                    }
                }
                found.push(field.name.clone(), Value::Struct(described));
            }
        }
        Value::Struct(found)
    }

    fn describe(&self, field: &Field) -> Vec<(&'static str, Value)> {
        let in_table = field.stored && !field.kind.is_to_many();
        let mut all = vec![
            ("type", Value::from(field.kind.name())),
            ("string", Value::from(field.label.as_str())),
            ("required", Value::Bool(field.required)),
            ("readonly", Value::Bool(field.readonly)),
            ("store", Value::Bool(field.is_stored_somewhere())),
            ("manual", Value::Bool(field.custom)),
            ("searchable", Value::Bool(field.stored || field.inverse.is_some() || field.related.is_some())),
            ("sortable", Value::Bool(in_table || field.related.is_some())),
            ("company_dependent", Value::Bool(false)),
            ("change_default", Value::Bool(false)),
            ("depends", Value::Array(Vec::new())),
        ];
        if self.is_19() {
            all.push(("name", Value::from(field.name.as_str())));
        }
        if let Some(relation) = &field.relation {
            all.push(("relation", Value::from(relation.as_str())));
            all.push(("domain", Value::Array(Vec::new())));
            all.push(("context", Value::Struct(Struct::new())));
        }
        if let (Kind::One2many, Some(inverse)) = (field.kind, &field.inverse) {
            all.push(("relation_field", Value::from(inverse.as_str())));
        }
        if let Some((via, rest)) = &field.related {
            let path = format!("{}.{}", via.as_str(), rest.as_str());
            let names = || path.split('.').map(Value::from).collect::<Vec<_>>();
            all.push((
                "related",
                if self.at_least(16) { Value::from(path.as_str()) } else { names().into() },
            ));
        }
        if field.kind == Kind::Selection {
            let pair = |(value, label): &(String, String)| {
                Value::Array(vec![Value::from(value.as_str()), Value::from(label.as_str())])
            };
            all.push(("selection", Value::Array(field.choices.iter().map(pair).collect())));
        }
        if field.size > 0 {
            all.push(("size", Value::from(i64::try_from(field.size).unwrap_or(i64::MAX))));
        }
        if field.kind.is_text() {
            all.push(("translate", Value::Bool(false)));
        }
        if field.kind == Kind::Char {
            all.push(("trim", Value::Bool(true)));
        }
        all
    }

    /// What a new record would hold.
    pub(in crate::sandbox) fn default_get(&self, model: &Model, fields: &[String]) -> Value {
        let mut found = Struct::new();
        for name in fields {
            if let Some(value) = model.field(name).and_then(|field| self.default_of(field)) {
                found.push(Name::from(name.as_str()), value);
            }
        }
        Value::Struct(found)
    }

    /// `[id, name]` of what a name and a domain find.
    pub(in crate::sandbox) fn name_search(
        &mut self,
        model: &Arc<Model>,
        name: &str,
        domain: &Value,
        operator: &str,
        limit: usize,
    ) -> Outcome<Value> {
        let mut terms = domain.as_array().unwrap_or_default().to_vec();
        if !name.is_empty() {
            if model.name.as_str() == "res.partner" {
                // Contacts are found by their address and their number too.
                terms.extend(vec![Value::from("|"); 3]);
                for field in ["email", "ref", "vat"] {
                    terms.push(Value::Array(vec![field.into(), operator.into(), name.into()]));
                }
            }
            terms.push(Value::Array(vec![
                Value::from("display_name"),
                Value::from(operator),
                Value::from(name),
            ]));
        }
        let page = Page { limit: Some(limit), ..Page::default() };
        let mut ids = self.by_code(model, name, domain)?;
        for id in self.search(model, &Value::Array(terms), &page)? {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids.truncate(limit);
        Ok(self.names_of(model, &ids))
    }

    /// Countries and their states are found by their code too, before those found by name.
    fn by_code(&mut self, model: &Arc<Model>, name: &str, domain: &Value) -> Outcome<Vec<i64>> {
        let by_code = match model.name.as_str() {
            "res.country" => name.chars().count() == 2,
            "res.country.state" => !name.is_empty(),
            _ => false,
        };
        if !by_code {
            return Ok(Vec::new());
        }
        let mut terms = domain.as_array().unwrap_or_default().to_vec();
        terms.push(Value::Array(vec!["code".into(), "=ilike".into(), name.into()]));
        self.search(model, &Value::Array(terms), &Page::default())
    }

    /// `[id, name]` of each record.
    pub(in crate::sandbox) fn names_of(&self, model: &Model, ids: &[i64]) -> Value {
        let pair = |&id: &i64| {
            let name = self.shown_name(model, id).unwrap_or_default();
            Value::Array(vec![Value::Int(id), Value::Text(name)])
        };
        Value::Array(ids.iter().map(pair).collect())
    }
}

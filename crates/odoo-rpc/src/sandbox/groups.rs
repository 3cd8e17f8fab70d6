//! `read_group` and `formatted_read_group`: counts and sums of what a domain finds.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, value_error};
use crate::sandbox::python;
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::search::Page;
use crate::sandbox::spec::Kind;
use crate::wire::{Struct, Value};

/// What is asked of each group.
struct Sum {
    /// What its answer is called.
    name: String,
    field: Arc<Field>,
    function: String,
}

/// The values of a group, its records, and the domain that finds them.
type Group = (Vec<Value>, Vec<i64>, Value);

impl Env<'_> {
    /// The groups of a domain, lazily by the first field alone.
    pub(super) fn read_group(
        &mut self,
        model: &Arc<Model>,
        domain: &Value,
        fields: &[String],
        by: &[String],
        lazy: bool,
    ) -> Outcome {
        let by = if lazy { by.get(..1).unwrap_or_default() } else { by };
        let mut sums = Vec::new();
        for spec in fields {
            let (name, function) = spec.split_once(':').unwrap_or((spec, ""));
            let Some(field) = model.field(name).cloned() else { continue };
            let adds_up = matches!(field.kind, Kind::Integer | Kind::Float | Kind::Monetary) && name != "id";
            if function.is_empty() && (!adds_up || by.iter().any(|by| by == name)) {
                continue;
            }
            let function = if function.is_empty() { "sum" } else { function };
            sums.push(Sum { name: name.to_owned(), field, function: function.to_owned() });
        }
        let mut answer = Vec::new();
        for (values, ids, own) in self.groups(model, domain, by)? {
            let count = Value::from(i64::try_from(ids.len()).unwrap_or(i64::MAX));
            let mut group = Struct::new();
            for (name, value) in by.iter().zip(values) {
                group = group.with(name, value);
            }
            group = match by {
                [one] if lazy => group.with(&format!("{one}_count"), count),
                _ => group.with("__count", count),
            };
            for sum in &sums {
                group = group.with(&sum.name, self.summed(model, sum, &ids));
            }
            if !by.is_empty() || self.is_19() {
                group = group.with("__domain", own);
            }
            answer.push(Value::Struct(group));
        }
        Ok(Value::Array(answer))
    }

    /// The same as Odoo 19 asks for it: `__count`, `field:function`, and what else finds a group again.
    pub(super) fn formatted_read_group(
        &mut self,
        model: &Arc<Model>,
        domain: &Value,
        by: &[String],
        aggregates: &[String],
    ) -> Outcome {
        let mut answer = Vec::new();
        for (values, ids, _) in self.groups(model, domain, by)? {
            let mut group = Struct::new();
            let mut extra = Vec::new();
            for (name, value) in by.iter().zip(values) {
                let plain = value.as_array().and_then(|pair| pair.first()).cloned().unwrap_or(value.clone());
                extra.push(Value::Array(vec![Value::from(name.as_str()), "=".into(), plain]));
                group = group.with(name, value);
            }
            if by.is_empty() {
                extra.push(Value::Array(vec![1.into(), "=".into(), 1.into()]));
            }
            group = group.with("__extra_domain", extra);
            for aggregate in aggregates {
                let value = match aggregate.split_once(':') {
                    None if aggregate == "__count" => {
                        Value::from(i64::try_from(ids.len()).unwrap_or(i64::MAX))
                    }
                    Some((name, function)) => {
                        let field = model.field(name).cloned().ok_or_else(|| {
                            value_error(format!("Invalid field '{name}' on '{}'", model.name.as_str()))
                        })?;
                        let sum = Sum { name: name.to_owned(), field, function: function.to_owned() };
                        self.summed(model, &sum, &ids)
                    }
                    None => {
                        return Err(value_error(format!("Invalid aggregate specification '{aggregate}'")));
                    }
                };
                group = group.with(aggregate, value);
            }
            answer.push(Value::Struct(group));
        }
        Ok(Value::Array(answer))
    }

    /// The values of each group, its records, and the domain that finds them; in the order of the values.
    fn groups(&mut self, model: &Arc<Model>, domain: &Value, by: &[String]) -> Outcome<Vec<Group>> {
        let mut fields = Vec::new();
        for name in by {
            let known = model.field(name).cloned();
            fields.push(known.ok_or_else(|| value_error(format!("Unknown field {name:?} in 'groupby'")))?);
        }
        let order = by.join(",");
        let page = Page { order: (!order.is_empty()).then_some(order), ..Page::default() };
        let ids = self.search(model, domain, &page)?;
        let mut groups: Vec<(Vec<Option<Value>>, Vec<i64>)> = Vec::new();
        for id in ids {
            let key: Vec<Option<Value>> =
                fields.iter().map(|field| self.raw(model, id, field.name.as_str())).collect();
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((key, vec![id])),
            }
        }
        if by.is_empty() && groups.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        let mut found = Vec::new();
        for (key, ids) in groups {
            let mut terms = Vec::new();
            let mut values = Vec::new();
            for (field, value) in fields.iter().zip(key) {
                let name = field.name.as_str();
                let plain = value.clone().unwrap_or(match field.kind {
                    Kind::Integer => Value::Int(0),
                    _ => Value::Bool(false),
                });
                terms.push(Value::Array(vec![name.into(), "=".into(), plain.clone()]));
                values.push(match (field.kind, plain.as_int()) {
                    (Kind::Many2one, Some(target)) => {
                        let comodel = self.comodel(field)?;
                        let shown = self.shown_name(&comodel, target).unwrap_or_default();
                        Value::Array(vec![Value::Int(target), Value::Text(shown)])
                    }
                    _ => plain,
                });
            }
            found.push((values, ids, Value::Array(both(terms, domain, self.is_19()))));
        }
        Ok(found)
    }

    #[expect(clippy::cast_precision_loss, reason = "sums of what records hold")]
    fn summed(&self, model: &Model, sum: &Sum, ids: &[i64]) -> Value {
        let whole = sum.field.kind == Kind::Integer;
        let numbers: Vec<f64> = ids
            .iter()
            .filter_map(|&id| match sum.field.name.as_str() {
                "id" => Some(id as f64),
                name => match self.raw(model, id, name)? {
                    Value::Int(number) => Some(number as f64),
                    Value::Double(number) => Some(number),
                    _ => None,
                },
            })
            .collect();
        let number = match sum.function.as_str() {
            "count" => return Value::from(i64::try_from(numbers.len()).unwrap_or(i64::MAX)),
            "max" => numbers.iter().copied().reduce(f64::max),
            "min" => numbers.iter().copied().reduce(f64::min),
            "avg" if numbers.is_empty() => None,
            "avg" => Some(numbers.iter().sum::<f64>() / numbers.len() as f64),
            _ if numbers.is_empty() => None,
            _ => Some(numbers.iter().sum()),
        };
        match number {
            #[expect(clippy::cast_possible_truncation, reason = "sums of whole numbers are whole")]
            Some(number) if whole && sum.function != "avg" => Value::Int(number as i64),
            Some(number) => Value::Double(number),
            // A whole number that was never given is 0 in the table.
            None if whole && sum.function != "avg" && !ids.is_empty() => Value::Int(0),
            None => Value::Bool(false),
        }
    }
}

/// Terms joined with a domain: before it, and from 19 on behind it.
fn both(terms: Vec<Value>, domain: &Value, last: bool) -> Vec<Value> {
    let more = domain.as_array().unwrap_or_default();
    let operators =
        more.iter().filter(|term| matches!(term, Value::Text(text) if text == "&" || text == "|"));
    let leaves = more.iter().filter(|term| python::truth(term) && term.as_text().is_none());
    let parts = leaves.count() - operators.count().min(more.len()) + terms.len();
    let mut joined = vec![Value::from("&"); parts.saturating_sub(1)];
    let (first, second) = if last { (more.to_vec(), terms) } else { (terms, more.to_vec()) };
    joined.extend(first);
    joined.extend(second);
    joined
}

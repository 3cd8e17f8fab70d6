//! A domain compiled against a model: names are checked once, then each row is tested without a look-up.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use crate::sandbox::domain::{self, Node};
use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, value_error};
use crate::sandbox::pattern::Pattern;
use crate::sandbox::python;
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::Kind;
use crate::sandbox::store::{Key, Row};
use crate::sandbox::version::Like;
use crate::sandbox::wanted::empty_as;
use crate::wire::{Name, Value};

/// What a row is asked.
#[derive(Debug)]
pub(super) enum Test {
    Always(bool),
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Ids(HashSet<i64>),
    From(i64),
    In { field: Name, keys: HashSet<Key>, null: bool, negate: bool },
    Order { field: Name, wanted: Value, accept: fn(Ordering) -> bool, null_as: Option<Value> },
    Like { field: Name, pattern: Pattern, negate: bool, empty: bool },
}

impl Test {
    pub(super) fn holds(&self, id: i64, row: &Row) -> bool {
        match self {
            Self::Always(truth) => *truth,
            Self::And(tests) => tests.iter().all(|test| test.holds(id, row)),
            Self::Or(tests) => tests.iter().any(|test| test.holds(id, row)),
            Self::Not(test) => !test.holds(id, row),
            Self::Ids(ids) => ids.contains(&id),
            Self::From(first) => id >= *first,
            Self::In { field, keys, null, negate } => {
                let found = match row.get(field) {
                    None => *null,
                    Some(Value::Array(values)) if values.is_empty() => *null,
                    Some(Value::Array(values)) => {
                        values.iter().filter_map(Key::of).any(|key| keys.contains(&key))
                    }
                    Some(value) => Key::of(value).is_some_and(|key| keys.contains(&key)),
                };
                found != *negate
            }
            Self::Order { field, wanted, accept, null_as } => row
                .get(field)
                .or(null_as.as_ref())
                .and_then(|value| compare(value, wanted))
                .is_some_and(accept),
            Self::Like { field, pattern, negate, empty } => match row.get(field) {
                None => *empty || *negate,
                Some(value) => pattern.matches(&python::text(value)) != *negate,
            },
        }
    }
}

pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (left, right) => as_number(left)?.partial_cmp(&as_number(right)?),
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        // Ids and counts: far below where an f64 loses whole numbers.
        Value::Int(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        _ => None,
    }
}

impl Env<'_> {
    /// Compiles a domain as it was sent.
    pub(super) fn compile(&mut self, model: &Arc<Model>, domain: &Value) -> Outcome<(Node, Test)> {
        let node = domain::parse(self.like(), domain)?;
        let test = self.compile_node(model, &node)?;
        Ok((node, test))
    }

    fn compile_node(&mut self, model: &Arc<Model>, node: &Node) -> Outcome<Test> {
        Ok(match node {
            Node::Always(truth) => Test::Always(*truth),
            Node::And(nodes) => Test::And(self.compile_all(model, nodes)?),
            Node::Or(nodes) => Test::Or(self.compile_all(model, nodes)?),
            Node::Not(node) => Test::Not(Box::new(self.compile_node(model, node)?)),
            Node::Leaf { path, operator, value } => self.compile_leaf(model, path, operator, value)?,
        })
    }

    fn compile_all(&mut self, model: &Arc<Model>, nodes: &[Node]) -> Outcome<Vec<Test>> {
        nodes.iter().map(|node| self.compile_node(model, node)).collect()
    }

    fn compile_leaf(
        &mut self,
        model: &Arc<Model>,
        path: &str,
        operator: &str,
        value: &Value,
    ) -> Outcome<Test> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let Some(field) = model.field(name).cloned() else {
            let parts = [Value::from(name), Value::from(operator), value.clone()];
            let (name, term) = (model.name.as_str().to_owned() + "." + name, python::tuple(&parts));
            return Err(value_error(match self.like() {
                Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => format!("Invalid field {name} in leaf {term}"),
                Like::Odoo19 => format!("Invalid field {name} in condition {term}"),
            }));
        };
        if let Some((via, target)) = field.related.clone() {
            let inner = rest.map_or(target.as_str().to_owned(), |rest| format!("{}.{rest}", target.as_str()));
            return self.compile_leaf(model, &format!("{}.{inner}", via.as_str()), operator, value);
        }
        if let Some(rest) = rest {
            if !field.kind.is_relation() {
                return Err(value_error(format!("Invalid field {path} on model {}", model.name.as_str())));
            }
            let leaf = vec![Value::from(rest), Value::from(operator), value.clone()];
            let keep_archived = field.kind == Kind::Many2one;
            let ids = self.matching(&field, &Value::from(vec![Value::from(leaf)]), keep_archived)?;
            return Ok(self.points_to(model, &field, ids, false));
        }
        if matches!(operator, "any" | "not any") {
            let ids = self.matching(&field, value, field.kind == Kind::Many2one)?;
            return Ok(self.points_to(model, &field, ids, operator == "not any"));
        }
        if operator == "=?" {
            // On 19 whatever Python takes for false counts as no value.
            if value.is_unset() || self.is_19() && !python::truth(value) {
                return Ok(Test::Always(true));
            }
            return self.compile_leaf(model, path, "=", value);
        }
        if name == "display_name" && !field.stored {
            return self.by_shown_name(model, operator, value);
        }
        if !field.stored && !field.kind.is_to_many() {
            return Err(self.not_searchable(model, &field));
        }
        if field.kind.is_relation() {
            return self.relation_leaf(model, &field, operator, value);
        }
        self.plain_leaf(&field, operator, value)
    }

    fn not_searchable(&self, model: &Model, field: &Field) -> crate::wire::Fault {
        let (model, field) = (model.name.as_str(), field.name.as_str());
        value_error(format!("Cannot convert {model}.{field} to SQL because it is not stored"))
    }

    /// The ids of the other model that a domain finds.
    fn matching(&mut self, field: &Field, domain: &Value, keep_archived: bool) -> Outcome<HashSet<i64>> {
        let comodel = self.comodel(field)?;
        let (node, test) = self.compile(&comodel, domain)?;
        let hide = !keep_archived && self.active_test() && !node.mentions("active");
        Ok(self.scan(&comodel, &test, hide).into_iter().collect())
    }

    /// Rows whose relation holds one of these.
    fn points_to(&self, model: &Model, field: &Field, ids: HashSet<i64>, negate: bool) -> Test {
        if field.inverse.is_some() {
            let owners = self.owners(model, field, Some(&ids));
            let test = Test::Ids(owners);
            return if negate { Test::Not(Box::new(test)) } else { test };
        }
        let keys = ids.into_iter().map(Key::Int).collect();
        Test::In { field: field.name.clone(), keys, null: false, negate }
    }

    /// The records that have one of these lines, or any line.
    fn owners(&self, model: &Model, field: &Field, lines: Option<&HashSet<i64>>) -> HashSet<i64> {
        let (Some(relation), Some(inverse)) = (&field.relation, &field.inverse) else {
            return HashSet::new();
        };
        let belongs = |row: &Row| match &field.inverse_model {
            Some(name) => row.get(name).and_then(Value::as_text) == Some(model.name.as_str()),
            None => true,
        };
        let rows = self.db.store.rows_from(relation.as_str(), 0);
        rows.filter(|(id, row)| lines.is_none_or(|lines| lines.contains(id)) && belongs(row))
            .flat_map(|(_, row)| match row.get(inverse) {
                Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_int).collect(),
                one => Vec::from_iter(one.and_then(Value::as_int)),
            })
            .collect()
    }

    fn relation_leaf(
        &mut self,
        model: &Arc<Model>,
        field: &Arc<Field>,
        operator: &str,
        value: &Value,
    ) -> Outcome<Test> {
        let negate = operator.starts_with("not") || operator == "!=";
        let texts = match value {
            Value::Text(_) => true,
            Value::Array(values) => values.iter().any(|value| value.as_text().is_some()),
            _ => false,
        };
        if texts || operator.contains("like") {
            let plain = operator.trim_start_matches("not ").trim_start_matches('!');
            let comodel = self.comodel(field)?;
            let test = self.by_shown_name(&comodel, plain, value)?;
            let hide = self.active_test() && field.kind != Kind::Many2one;
            let ids = self.scan(&comodel, &test, hide).into_iter().collect();
            return Ok(self.points_to(model, field, ids, negate));
        }
        if !matches!(operator, "=" | "!=" | "in" | "not in") {
            return self.plain_leaf(field, operator, value);
        }
        let (keys, null) = self.wanted(field, operator, value)?;
        if field.inverse.is_some() {
            let lines: HashSet<i64> = keys
                .iter()
                .filter_map(|key| match key {
                    Key::Int(id) => Some(*id),
                    _ => None,
                })
                .collect();
            let mut tests = vec![Test::Ids(self.owners(model, field, Some(&lines)))];
            if null {
                tests.push(Test::Not(Box::new(Test::Ids(self.owners(model, field, None)))));
            }
            let test = Test::Or(tests);
            return Ok(if negate { Test::Not(Box::new(test)) } else { test });
        }
        Ok(Test::In { field: field.name.clone(), keys, null, negate })
    }

    /// By the name a record is shown with.
    pub(super) fn by_shown_name(
        &mut self,
        model: &Arc<Model>,
        operator: &str,
        value: &Value,
    ) -> Outcome<Test> {
        let name = model.rec_name.clone();
        let stored = model
            .field(&name)
            .filter(|field| field.kind.is_text() && (field.stored || field.related.is_some()));
        let shown = match model.name.as_str() {
            "res.partner" if self.at_least(17) => Some("complete_name"),
            "res.partner" => Some("display_name"),
            _ => None,
        };
        match (shown, stored) {
            (Some(shown), _) => self.compile_leaf(model, shown, operator, value),
            (None, Some(_)) => self.compile_leaf(model, &name, operator, value),
            (None, None) => Ok(Test::Always(true)),
        }
    }

    fn plain_leaf(&mut self, field: &Field, operator: &str, value: &Value) -> Outcome<Test> {
        let name = field.name.clone();
        let negate = operator.starts_with("not") || operator == "!=";
        match operator {
            "=" | "!=" | "in" | "not in" => {
                let (keys, null) = self.wanted(field, operator, value)?;
                if name.as_str() == "id" {
                    let ids = keys.into_iter().filter_map(|key| match key {
                        Key::Int(id) => Some(id),
                        _ => None,
                    });
                    let test = Test::Ids(ids.collect());
                    return Ok(if negate { Test::Not(Box::new(test)) } else { test });
                }
                Ok(Test::In { field: name, keys, null, negate })
            }
            "<" | "<=" | ">" | ">=" => {
                let accept: fn(Ordering) -> bool = match operator {
                    "<" => Ordering::is_lt,
                    "<=" => Ordering::is_le,
                    ">" => Ordering::is_gt,
                    _ => Ordering::is_ge,
                };
                let null_as = self.is_19().then(|| empty_as(field.kind)).flatten();
                let textual = field.kind.is_text() || field.kind == Kind::Selection;
                let wanted = match (value.is_unset(), &null_as) {
                    (true, Some(empty)) => empty.clone(),
                    // Before 19 nothing is less or more than no text.
                    (true, None) if textual => return Ok(Test::Always(false)),
                    _ => self.coerce(field, value)?,
                };
                if name.as_str() == "id" {
                    return Ok(id_range(operator, &wanted));
                }
                Ok(Test::Order { field: name, wanted, accept, null_as })
            }
            _ => {
                let whole = operator.starts_with('=');
                if self.is_19() && !python::truth(value) {
                    // No text is part of every text, and whole where there is none.
                    return match whole {
                        true => self.plain_leaf(field, "=", &Value::Bool(false)),
                        false => Ok(Test::Always(!negate)),
                    };
                }
                let text = if value.is_unset() && !whole { String::new() } else { python::text(value) };
                let fold = operator.contains("ilike");
                let pattern = if whole { text.clone() } else { format!("%{text}%") };
                let empty = !whole && text.is_empty() && !negate;
                Ok(Test::Like { field: name, pattern: Pattern::new(&pattern, fold), negate, empty })
            }
        }
    }
}

fn id_range(operator: &str, wanted: &Value) -> Test {
    let bound = wanted.as_int().unwrap_or(0);
    match operator {
        ">" => Test::From(bound.saturating_add(1)),
        ">=" => Test::From(bound),
        "<" => Test::Not(Box::new(Test::From(bound))),
        _ => Test::Not(Box::new(Test::From(bound.saturating_add(1)))),
    }
}

//! Finding rows: which to look at, which to keep, in which order, which page.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::sandbox::domain::Node;
use crate::sandbox::env::Env;
use crate::sandbox::faults::{self, Naming, Outcome, Right, refused, traceback, value_error};
use crate::sandbox::predicate::{Test, compare};
use crate::sandbox::registry::Model;
use crate::sandbox::spec::Kind;
use crate::sandbox::store::Row;
use crate::wire::{Name, Value};

/// Which part of what was found is wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) offset: usize,
    pub(super) limit: Option<usize>,
    pub(super) order: Option<String>,
}

/// One term of an order.
struct Sort {
    field: Name,
    descending: bool,
    /// The rank of each record a many2one points to.
    ranks: Option<HashMap<i64, usize>>,
}

impl Env<'_> {
    /// The ids a domain finds, in order.
    pub(super) fn search(&mut self, model: &Arc<Model>, domain: &Value, page: &Page) -> Outcome<Vec<i64>> {
        self.check_right(model, Right::Read)?;
        let (node, test) = self.compile(model, domain)?;
        let hide = self.hides_archived(model, &node);
        let order = page.order.clone().filter(|order| !order.trim().is_empty());
        let terms = self.sort_terms(model, order.as_deref().unwrap_or(&model.order), order.is_some())?;
        let mut ids = self.scan(model, &test, hide);
        self.sort(model, &mut ids, terms)?;
        let rest = ids.into_iter().skip(page.offset);
        Ok(match page.limit {
            Some(limit) => rest.take(limit).collect(),
            None => rest.collect(),
        })
    }

    pub(super) fn count(&mut self, model: &Arc<Model>, domain: &Value) -> Outcome<usize> {
        self.check_right(model, Right::Read)?;
        let (node, test) = self.compile(model, domain)?;
        let hide = self.hides_archived(model, &node);
        Ok(self.scan(model, &test, hide).len())
    }

    fn hides_archived(&self, model: &Model, node: &Node) -> bool {
        self.active_test() && model.field("active").is_some() && !node.mentions("active")
    }

    /// The ids that pass a test, ascending.
    pub(super) fn scan(&self, model: &Model, test: &Test, hide_archived: bool) -> Vec<i64> {
        let name = model.name.as_str();
        let via = model
            .delegates
            .as_ref()
            .filter(|_| model.field("active").is_some_and(|field| field.related.is_some()));
        let shown = |row: &Row| {
            !hide_archived
                || via.is_some()
                || row.get("active").is_none_or(|active| *active != Value::Bool(false))
        };
        let keep = |id: i64, row: &Row| test.holds(id, row) && shown(row);
        if let Some(ids) = self.candidates(model, test) {
            let rows = ids.into_iter().filter_map(|id| Some((id, self.db.store.row(name, id)?)));
            return rows.filter(|(id, row)| keep(*id, row)).map(|(id, _)| id).collect();
        }
        let rows = self.db.store.rows_from(name, first_id(test));
        rows.filter(|(id, row)| keep(*id, row)).map(|(id, _)| id).collect()
    }

    /// The few rows that can pass, where an id or an index tells.
    fn candidates(&self, model: &Model, test: &Test) -> Option<Vec<i64>> {
        let mut ids: Vec<i64> = match test {
            Test::And(tests) => return tests.iter().find_map(|test| self.candidates(model, test)),
            Test::Ids(ids) => ids.iter().copied().collect(),
            Test::In { field, keys, null: false, negate: false } => {
                let mut found = Vec::new();
                for key in keys {
                    found.extend(self.db.store.indexed(model.name.as_str(), field.as_str(), key)?);
                }
                found
            }
            _ => return None,
        };
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// Reads an order. Odoo 19 refuses fields that are not in the table, in an order that was asked for.
    fn sort_terms(&self, model: &Model, order: &str, asked: bool) -> Outcome<Vec<(Name, bool)>> {
        let mut terms = Vec::new();
        for term in order.split(',') {
            let words: Vec<&str> = term.split_whitespace().collect();
            let descending = words.get(1).is_some_and(|word| word.eq_ignore_ascii_case("desc"));
            let name = words.first().copied().unwrap_or_default();
            let letters =
                |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let path = name.split_once('.').map_or(name, |(name, _)| name);
            let direction = words.get(1).is_none_or(|word| word.eq_ignore_ascii_case("asc") || descending);
            if !letters(path) || !direction {
                return Err(refused(format!(
                    "Invalid \"order\" specified ({order}). A valid \"order\" specification is a comma-separated list of valid field names (optionally followed by asc/desc for the direction)"
                )));
            }
            let field = model
                .field(path)
                .ok_or_else(|| faults::bad_field(self.like(), Naming::Order, model.name.as_str(), path))?;
            let sortable = field.stored || field.related.is_some();
            if !sortable || field.kind == Kind::Many2many {
                if self.is_19() && asked {
                    return Err(value_error(format!(
                        "Cannot convert {}.{path} to SQL because it is not stored",
                        model.name.as_str()
                    )));
                }
                continue;
            }
            terms.push((field.name.clone(), descending));
        }
        Ok(terms)
    }

    fn sort(&mut self, model: &Arc<Model>, ids: &mut [i64], terms: Vec<(Name, bool)>) -> Outcome<()> {
        if terms.first().is_none_or(|(field, descending)| field.as_str() == "id" && !descending) {
            return Ok(());
        }
        let mut sorts = Vec::new();
        for (field, descending) in terms {
            let ranks = self.ranks(model, &field, ids)?;
            sorts.push(Sort { field, descending, ranks });
        }
        let mut keyed: Vec<(Vec<Option<Value>>, i64)> = ids
            .iter()
            .map(|&id| (sorts.iter().map(|sort| self.sort_key(model, sort, id)).collect(), id))
            .collect();
        keyed.sort_by(|(left, left_id), (right, right_id)| {
            let pairs = left.iter().zip(right).zip(&sorts);
            let by_terms = pairs.map(|((left, right), sort)| order_of(left, right, sort.descending));
            by_terms.fold(Ordering::Equal, Ordering::then).then(left_id.cmp(right_id))
        });
        for (place, (_, id)) in ids.iter_mut().zip(keyed) {
            *place = id;
        }
        Ok(())
    }

    fn sort_key(&self, model: &Model, sort: &Sort, id: i64) -> Option<Value> {
        if sort.field.as_str() == "id" {
            return Some(Value::Int(id));
        }
        let value = self.raw(model, id, sort.field.as_str())?;
        match (&sort.ranks, value.as_int()) {
            (Some(ranks), Some(target)) => ranks.get(&target).map(|rank| Value::from(*rank as i64)),
            _ => Some(value),
        }
    }

    /// Records are sorted by a many2one in the order of what it points to.
    fn ranks(
        &mut self,
        model: &Arc<Model>,
        field: &Name,
        ids: &[i64],
    ) -> Outcome<Option<HashMap<i64, usize>>> {
        let Some(field) = model.field(field.as_str()).filter(|field| field.kind == Kind::Many2one).cloned()
        else {
            return Ok(None);
        };
        let comodel = self.comodel(&field)?;
        let name = field.name.as_str();
        let mut targets: Vec<i64> =
            ids.iter().filter_map(|&id| self.raw(model, id, name).and_then(|value| value.as_int())).collect();
        targets.sort_unstable();
        targets.dedup();
        if comodel.name == model.name {
            return Ok(None);
        }
        let terms = self.sort_terms(&comodel, &comodel.order, false)?;
        self.sort(&comodel, &mut targets, terms)?;
        Ok(Some(targets.into_iter().enumerate().map(|(rank, id)| (id, rank)).collect()))
    }

    /// The ids in the model's own order: as x2many fields are read.
    pub(super) fn in_order(&mut self, model: &Arc<Model>, mut ids: Vec<i64>) -> Outcome<Vec<i64>> {
        let terms = self.sort_terms(model, &model.order, false)?;
        self.sort(model, &mut ids, terms)?;
        Ok(ids)
    }

    /// The ids of the records whose field points to one.
    pub(super) fn lines(&self, relation: &str, inverse: &str, id: i64) -> Vec<i64> {
        self.db.store.pointing(relation, inverse, id)
    }

    /// A limit or an offset.
    pub(super) fn page(&self, offset: &Value, limit: &Value, order: &Value) -> Outcome<Page> {
        let number = |value: &Value, word: &str| match value.as_int().unwrap_or(0) {
            number if number < 0 => Err(traceback(
                &format!(
                    "psycopg2.errors.InvalidRowCountIn{}Clause",
                    if word == "LIMIT" { "Limit" } else { "ResultOffset" }
                ),
                &format!("{word} must not be negative"),
            )),
            number => Ok(usize::try_from(number).unwrap_or(0)),
        };
        let limit = number(limit, "LIMIT")?;
        Ok(Page {
            offset: number(offset, "OFFSET")?,
            limit: (limit > 0).then_some(limit),
            order: order.as_text().map(str::to_owned),
        })
    }
}

fn first_id(test: &Test) -> i64 {
    match test {
        Test::From(first) => *first,
        Test::And(tests) => tests.iter().map(first_id).max().unwrap_or(0),
        _ => 0,
    }
}

/// PostgreSQL puts NULL last, and first where the order is turned round.
fn order_of(left: &Option<Value>, right: &Option<Value>, descending: bool) -> Ordering {
    let order = match (left, right) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) => compare(left, right).unwrap_or(Ordering::Equal),
    };
    if descending { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_last_and_first_when_turned_round() {
        let some = Some(Value::from(1));
        assert_eq!(order_of(&None, &some, false), Ordering::Greater);
        assert_eq!(order_of(&None, &some, true), Ordering::Less);
    }
}

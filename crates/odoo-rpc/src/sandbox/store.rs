//! The rows, their indexes, and what takes a call's changes back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::sandbox::registry::Registry;
use crate::wire::{Name, Value};

/// A row: what is set. A field that is not in it is NULL.
pub(super) type Row = BTreeMap<Name, Value>;

/// What an index is looked up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    Int(i64),
    Text(String),
    /// A float, by its bits.
    Float(u64),
}

impl Key {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(id) => Some(Self::Int(*id)),
            Value::Bool(truth) => Some(Self::Int(i64::from(*truth))),
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::Double(number) => Some(Self::Float((number + 0.0).to_bits())),
            _ => None,
        }
    }
}

fn keys(value: &Value) -> Vec<Key> {
    match value {
        Value::Array(values) => values.iter().filter_map(Key::of).collect(),
        value => Key::of(value).into_iter().collect(),
    }
}

type Index = HashMap<Key, BTreeSet<i64>>;

#[derive(Clone, Debug, Default)]
struct Table {
    rows: BTreeMap<i64, Arc<Row>>,
    last_id: i64,
    indexes: HashMap<Name, Index>,
}

/// How a row was before a call touched it.
#[derive(Clone, Debug)]
struct Undo {
    model: Name,
    id: i64,
    before: Option<Arc<Row>>,
}

/// Every table. A call's cost is that of the rows it touches: nothing is copied but them.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    tables: HashMap<Name, Table>,
    undo: Vec<Undo>,
}

impl Store {
    /// Makes tables and indexes fit the registry: after models or fields came or went.
    pub(super) fn fit(&mut self, registry: &Registry) {
        self.tables.retain(|name, _| registry.model(name.as_str()).is_some());
        self.index(registry);
    }

    /// Makes tables and indexes that the registry asks for. Tables that it does not know stay.
    pub(super) fn index(&mut self, registry: &Registry) {
        for model in registry.models() {
            let table = self.tables.entry(model.name.clone()).or_default();
            let wanted: Vec<&Name> =
                model.fields.values().filter(|field| field.has_index()).map(|field| &field.name).collect();
            table.indexes.retain(|name, _| wanted.contains(&name));
            for name in wanted {
                if !table.indexes.contains_key(name) {
                    let mut index = Index::new();
                    for (&id, row) in &table.rows {
                        add_to(&mut index, row.get(name), id);
                    }
                    table.indexes.insert(name.clone(), index);
                }
            }
        }
    }

    pub(super) fn row(&self, model: &str, id: i64) -> Option<&Arc<Row>> {
        self.tables.get(model)?.rows.get(&id)
    }

    pub(super) fn value(&self, model: &str, id: i64, field: &str) -> Option<&Value> {
        self.row(model, id)?.get(field)
    }

    pub(super) fn contains(&self, model: &str, id: i64) -> bool {
        self.row(model, id).is_some()
    }

    pub(super) fn len(&self, model: &str) -> usize {
        self.tables.get(model).map_or(0, |table| table.rows.len())
    }

    /// The rows from that id on, by id.
    pub(super) fn rows_from(&self, model: &str, first: i64) -> impl Iterator<Item = (i64, &Arc<Row>)> {
        let range = (Bound::Included(first), Bound::Unbounded);
        self.tables
            .get(model)
            .into_iter()
            .flat_map(move |table| table.rows.range(range))
            .map(|(id, row)| (*id, row))
    }

    /// The names of the tables.
    pub(super) fn models(&self) -> impl Iterator<Item = &Name> {
        self.tables.keys()
    }

    /// The ids whose field holds that value, where the field is indexed.
    pub(super) fn indexed(&self, model: &str, field: &str, key: &Key) -> Option<&BTreeSet<i64>> {
        static NONE: BTreeSet<i64> = BTreeSet::new();
        let index = self.tables.get(model)?.indexes.get(field)?;
        Some(index.get(key).unwrap_or(&NONE))
    }

    /// The ids whose indexed field points to that record.
    pub(super) fn pointing(&self, model: &str, field: &str, id: i64) -> Vec<i64> {
        self.indexed(model, field, &Key::Int(id)).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    /// The next id: never given out again, as a PostgreSQL sequence.
    pub(super) fn next_id(&mut self, model: &str) -> i64 {
        let table = self.table(model);
        table.last_id += 1;
        table.last_id
    }

    pub(super) fn last_id(&self, model: &str) -> i64 {
        self.tables.get(model).map_or(0, |table| table.last_id)
    }

    /// Sets a row, or removes it.
    pub(super) fn put(&mut self, model: &str, id: i64, row: Option<Row>) {
        let before = self.replace(model, id, row.map(Arc::new));
        self.undo.push(Undo { model: Name::from(model), id, before });
    }

    /// Sets one field of a row that exists.
    pub(super) fn set(&mut self, model: &str, id: i64, field: &str, value: Option<Value>) {
        self.set_all(model, id, vec![(field, value)]);
    }

    /// Sets fields of a row that exists. Where nothing changes, nothing is done.
    pub(super) fn set_all(&mut self, model: &str, id: i64, values: Vec<(&str, Option<Value>)>) {
        let Some(row) = self.row(model, id) else { return };
        if values.iter().all(|(field, value)| row.get(*field) == value.as_ref()) {
            return;
        }
        let mut row = Row::clone(row);
        for (field, value) in values {
            match value {
                Some(value) => row.insert(Name::from(field), value),
                None => row.remove(field),
            };
        }
        self.put(model, id, Some(row));
    }

    /// The rows that the call at work touched.
    pub(super) fn touched(&self) -> BTreeSet<(Name, i64)> {
        self.undo.iter().map(|undo| (undo.model.clone(), undo.id)).collect()
    }

    /// Whether the call at work touched what describes models.
    pub(super) fn touched_schema(&self) -> bool {
        self.touched_schema_since(0)
    }

    pub(super) fn touched_schema_since(&self, mark: usize) -> bool {
        self.undo.iter().skip(mark).any(|undo| undo.model.as_str().starts_with("ir.model"))
    }

    /// Keeps what the call did.
    pub(super) fn commit(&mut self) {
        self.undo.clear();
    }

    /// Takes back what the call did. Ids stay used up.
    pub(super) fn roll_back(&mut self) {
        self.roll_back_to(0);
    }

    /// A savepoint: how much the call at work has done so far.
    pub(super) fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Takes back what the call did since a savepoint.
    pub(super) fn roll_back_to(&mut self, mark: usize) {
        while self.undo.len() > mark {
            let Some(undo) = self.undo.pop() else { return };
            self.replace(undo.model.as_str(), undo.id, undo.before);
        }
    }

    /// Sets a row as it was kept in a file.
    pub(super) fn restore(&mut self, model: &str, id: i64, row: Option<Row>) {
        self.replace(model, id, row.map(Arc::new));
    }

    /// Makes sure that ids up to this one are not given out again.
    pub(super) fn reserve(&mut self, model: &str, last_id: i64) {
        let table = self.table(model);
        table.last_id = table.last_id.max(last_id);
    }

    fn replace(&mut self, model: &str, id: i64, row: Option<Arc<Row>>) -> Option<Arc<Row>> {
        let table = self.table(model);
        table.last_id = table.last_id.max(id);
        let before = match &row {
            Some(row) => table.rows.insert(id, row.clone()),
            None => table.rows.remove(&id),
        };
        for (field, index) in &mut table.indexes {
            let old = before.as_ref().and_then(|row| row.get(field));
            let new = row.as_ref().and_then(|row| row.get(field));
            if old != new {
                remove_from(index, old, id);
                add_to(index, new, id);
            }
        }
        before
    }

    fn table(&mut self, model: &str) -> &mut Table {
        if !self.tables.contains_key(model) {
            self.tables.insert(Name::from(model), Table::default());
        }
        self.tables.entry(Name::from(model)).or_default()
    }
}

fn add_to(index: &mut Index, value: Option<&Value>, id: i64) {
    for key in value.map(keys).unwrap_or_default() {
        index.entry(key).or_default().insert(id);
    }
}

fn remove_from(index: &mut Index, value: Option<&Value>, id: i64) {
    for key in value.map(keys).unwrap_or_default() {
        if let Some(ids) = index.get_mut(&key) {
            ids.remove(&id);
            if ids.is_empty() {
                index.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::version::Like;

    fn row(parent: i64) -> Row {
        Row::from([(Name::from("parent_id"), Value::Int(parent))])
    }

    #[test]
    fn rolling_back_restores_rows_and_indexes_but_not_ids() {
        let mut store = Store::default();
        store.fit(&Registry::shipped(Like::Odoo19));
        let first = store.next_id("res.partner");
        store.put("res.partner", first, Some(row(7)));
        store.commit();
        let second = store.next_id("res.partner");
        store.put("res.partner", second, Some(row(7)));
        store.set("res.partner", first, "parent_id", Some(Value::Int(8)));
        assert_eq!(store.pointing("res.partner", "parent_id", 7), [second]);
        store.roll_back();
        assert_eq!(store.pointing("res.partner", "parent_id", 7), [first]);
        assert!(!store.contains("res.partner", second));
        assert!(store.next_id("res.partner") > second);
    }

    #[test]
    fn a_removed_row_leaves_its_index() {
        let mut store = Store::default();
        store.fit(&Registry::shipped(Like::Odoo19));
        store.put("res.partner", 1, Some(row(7)));
        store.put("res.partner", 1, None);
        assert!(store.pointing("res.partner", "parent_id", 7).is_empty());
        assert_eq!(store.touched().len(), 1);
    }
}

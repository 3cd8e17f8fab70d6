//! Two records made one, and links that lead to the one.

use std::collections::{BTreeMap, HashMap};

use mapping_core::finding::Flag;
use mapping_core::key::RecordKey;
use mapping_core::name::FieldName;
use mapping_core::record::Record;
use mapping_core::source::Entity;
use mapping_core::value::Value;

/// The map that keeps what has no field of its own.
pub(super) const EXTRA: &str = "extra";

/// For each record that stays, those that go for it.
pub(super) type Goers = HashMap<RecordKey, Vec<Record>>;

/// Gives a record what another has: where it is blank, in its place; where it says something else, in the map.
pub(super) fn join(record: &mut Record, goer: &Record) {
    let mut extra = Extra::of(record);
    for (field, value) in goer.fields().iter().filter(|(_, value)| !value.is_blank()) {
        match value {
            Value::Map(values) if field.as_str() == EXTRA => {
                for (name, value) in values.iter().filter(|(_, value)| !value.is_blank()) {
                    extra.join(name, value, goer.key());
                }
            }
            _ if record.value(field.as_str()).is_blank() => record.set(field.clone(), value.clone()),
            _ if record.value(field.as_str()) == value => {}
            _ => extra.keep(&format!("{}: {field}", goer.key().id()), value),
        }
    }
    extra.put(record);
    for flag in goer.flags() {
        record.flag(flag.clone());
    }
}

/// Lets links to records that went lead to those that stay.
pub(super) fn relink(record: &mut Record, entity: &Entity, gone: &HashMap<RecordKey, RecordKey>) {
    for (field, to) in entity.links() {
        let Some(written) = record.text(field.as_str()).map(str::to_owned) else { continue };
        let Some(stays) = gone.get(&RecordKey::new(to.clone(), written.as_str())) else { continue };
        // Of two that referred to each other, one is left, which does not refer to itself.
        let own = stays == record.key();
        let value = if own { Value::Null } else { Value::from(&**stays.id()) };
        record.set(field.clone(), value);
        keep_written(record, entity, field, &written);
    }
}

fn keep_written(record: &mut Record, entity: &Entity, field: &FieldName, written: &str) {
    let text = format!("{field}_text");
    if entity.has(&text) {
        // What stands there is what was written in the first place.
        if record.value(&text).is_blank() {
            record.set(text, written);
        }
    } else if entity.has(EXTRA) {
        let mut extra = Extra::of(record);
        extra.join(field.as_str(), &Value::from(written), &RecordKey::new(entity.name().clone(), "written"));
        extra.put(record);
    } else {
        let message = format!("the record that it referred to ({written}) was joined to another");
        record.flag(Flag::new("merged-link", message).field(field.clone()));
    }
}

/// The map of a record, while it grows.
struct Extra {
    values: BTreeMap<String, Value>,
    grown: bool,
}

impl Extra {
    fn of(record: &Record) -> Self {
        let values = match record.value(EXTRA) {
            Value::Map(values) => values.clone(),
            _ => BTreeMap::new(),
        };
        Self { values, grown: false }
    }

    /// Adds what another's map has under a name.
    fn join(&mut self, name: &str, value: &Value, from: &RecordKey) {
        match self.values.get(name) {
            Some(own) if own == value => {}
            Some(own) if !own.is_blank() => self.keep(&format!("{}: {name}", from.id()), value),
            _ => {
                self.values.insert(name.to_owned(), value.clone());
                self.grown = true;
            }
        }
    }

    /// Adds something under a name that nothing has.
    fn keep(&mut self, name: &str, value: &Value) {
        let mut name = name.to_owned();
        while self.values.contains_key(&name) {
            name.push('\'');
        }
        self.values.insert(name, value.clone());
        self.grown = true;
    }

    fn put(self, record: &mut Record) {
        if self.grown {
            record.set(EXTRA, Value::Map(self.values));
        }
    }
}

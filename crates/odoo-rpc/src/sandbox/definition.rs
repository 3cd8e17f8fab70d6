//! From the rows of `ir.model` and `ir.model.fields` to models and fields.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::registry::{Field, Registry};
use crate::sandbox::spec::{Kind, OnDelete};
use crate::sandbox::store::Row;
use crate::wire::{Name, Value};

const MODEL: &str = "ir.model";
const FIELDS: &str = "ir.model.fields";

/// The registry the rows describe: the shipped models, and everything custom.
pub(super) fn build(env: &Env<'_>) -> Registry {
    let mut registry = Registry::clone(&env.db.shipped);
    for (_, row) in env.db.store.rows_from(MODEL, 0) {
        let text = |field: &str| row.get(field).and_then(Value::as_text).unwrap_or_default();
        if text("state") == "manual" {
            registry.add_model(text("model"), text("name"));
        }
    }
    let mut fields: Vec<(i64, Arc<Row>)> = Vec::new();
    for (id, row) in env.db.store.rows_from(FIELDS, 0) {
        if row.get("state").and_then(Value::as_text) == Some("manual") {
            fields.push((id, row.clone()));
        }
    }
    // Amounts after all others, each needs the field of its currency; and then those that show others.
    fields.sort_by_key(|(_, row)| {
        (row.contains_key("related"), row.get("ttype").and_then(Value::as_text) == Some("monetary"))
    });
    // One may show another that comes after it.
    let mut before = usize::MAX;
    while fields.len() < before {
        before = fields.len();
        fields.retain(|(id, row)| !add(env, &mut registry, *id, row));
    }
    registry.settle();
    registry
}

/// Adds the field a row describes; false where it finds none of what it needs.
fn add(env: &Env<'_>, registry: &mut Registry, id: i64, row: &Row) -> bool {
    let Some(field) = field_of(env, id, row) else { return false };
    let model = row.get("model").and_then(Value::as_text).unwrap_or_default();
    let missing = |name: &Name| registry.model(name.as_str()).is_none();
    let is_dead = match field.kind {
        Kind::Monetary => !has_currency(registry, model, row),
        _ if field.related.as_ref().is_some_and(|way| !leads(registry, model, way)) => true,
        _ => field.relation.as_ref().is_some_and(missing),
    };
    if !is_dead {
        registry.add_field(model, field);
    }
    !is_dead
}

/// Whether a field of money finds its currency: the one it names, or else one that has the usual name (measured on 14 to 19).
fn has_currency(registry: &Registry, model: &str, row: &Row) -> bool {
    let Some(model) = registry.model(model) else { return false };
    match row.get("currency_field").and_then(Value::as_text) {
        Some(name) => model.field(name).is_some(),
        None => ["currency_id", "x_currency_id"].iter().any(|name| model.field(name).is_some()),
    }
}

/// Whether a path over a link leads to a field.
fn leads(registry: &Registry, model: &str, (via, rest): &(Name, Name)) -> bool {
    let mut model = registry.model(model);
    let mut way = std::iter::once(via.as_str()).chain(rest.as_str().split('.')).peekable();
    while let Some(name) = way.next() {
        let Some(field) = model.and_then(|model| model.field(name)) else { return false };
        if way.peek().is_some() {
            model = field.relation.as_ref().and_then(|next| registry.model(next.as_str()));
        }
    }
    true
}

/// The field a row describes. A relation without a model comes to none.
fn field_of(env: &Env<'_>, id: i64, row: &Row) -> Option<Field> {
    let text = |field: &str| row.get(field).and_then(Value::as_text);
    let flag = |field: &str| row.get(field) == Some(&Value::Bool(true));
    let kind = Kind::of(text("ttype")?)?;
    let relation = text("relation").map(Name::from).filter(|_| kind.is_relation());
    if kind.is_relation() && relation.is_none() {
        return None;
    }
    let inverse = text("relation_field").map(Name::from).filter(|_| kind == Kind::One2many);
    let related = text("related").and_then(|path| path.split_once('.'));
    let related = related.map(|(via, rest)| (Name::from(via), Name::from(rest)));
    if kind == Kind::One2many && inverse.is_none() && related.is_none() {
        return None;
    }
    Some(Field {
        required: flag("required"),
        readonly: flag("readonly"),
        stored: kind != Kind::One2many && (related.is_none() || flag("store")),
        size: row
            .get("size")
            .and_then(Value::as_int)
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(0),
        choices: if kind == Kind::Selection { env.choices_of(id) } else { Vec::new() },
        relation,
        inverse,
        related,
        on_delete: match text("on_delete") {
            Some("cascade") => OnDelete::Cascade,
            Some("restrict") => OnDelete::Restrict,
            _ => OnDelete::SetNull,
        },
        indexed: flag("index") && !kind.is_relation(),
        custom: true,
        ..Field::plain(kind, text("name")?, text("field_description").unwrap_or_default())
    })
}

/// `x_home_visit` as a label: "X Home Visit".
pub(super) fn titled(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The pairs of `[('a', 'A'), ('b', 'B')]`.
pub(super) fn pairs(list: &str) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut letters = list.chars();
    while let Some(quote) = letters.find(|letter| matches!(letter, '\'' | '"')) {
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => text.extend(letters.next()),
                letter if letter == quote => break,
                letter => text.push(letter),
            }
        }
        texts.push(text);
    }
    texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_written_as_python_is_read() {
        assert_eq!(
            pairs("[('a', 'A'), (\"b\", \"B's\")]"),
            [("a".into(), "A".into()), ("b".into(), "B's".into())]
        );
        assert_eq!(pairs("[]"), []);
    }

    #[test]
    fn a_field_without_a_label_is_named_after_itself() {
        assert_eq!(titled("x_zz_n"), "X Zz N");
    }
}

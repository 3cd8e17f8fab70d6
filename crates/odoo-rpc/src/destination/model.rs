//! What the writer knows of a model: its fields, as the server describes them.

use std::collections::BTreeMap;

use mapping_core::name::{FieldName, ModelName};
use mapping_core::schema::{Choice, FieldInfo, FieldKind, ModelSchema};

use crate::wire::{Struct, Value};

/// The attributes asked of `fields_get`.
pub(crate) const ATTRIBUTES: [&str; 10] = [
    "type",
    "required",
    "readonly",
    "selection",
    "relation",
    "size",
    "relation_field",
    "related",
    "manual",
    "store",
];

/// A model's fields.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) fields: BTreeMap<FieldName, Field>,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) ttype: Ttype,
    pub(crate) required: bool,
    readonly: bool,
    /// How many characters it takes, where it says so. Odoo cuts what is longer without a word (measured on 14 and 19).
    pub(crate) size: Option<usize>,
    /// What it shows of other records, where it holds nothing itself.
    shows: Option<Shows>,
}

/// What a field shows of other records.
#[derive(Clone, Debug, PartialEq)]
enum Shows {
    /// Those whose link of that name leads here.
    LinkedBy(String),
    /// What the field at the end of that path holds, and whether a copy is kept. Only of fields that were made by somebody: Odoo's own, and
    /// those that users have from their contacts, are written through.
    Path(String, bool),
}

/// Odoo's field types, as far as values of them are written or read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ttype {
    Char,
    Text,
    Html,
    /// Whole numbers, and ids of records whose model stands in another field.
    Integer,
    Float,
    Monetary,
    Boolean,
    Date,
    Datetime,
    Selection(Vec<(String, String)>),
    Many2one(String),
    X2many(String),
    Binary,
    Other(String),
}

impl Model {
    /// From the answer of `fields_get`.
    pub(crate) fn parse(answer: &Struct) -> Self {
        let field =
            |(name, about): (&str, &Value)| Some((FieldName::from(name), Field::parse(about.as_struct()?)));
        Self { fields: answer.iter().filter_map(field).collect() }
    }

    pub(crate) fn schema(&self) -> ModelSchema {
        let info = |field: &Field| FieldInfo {
            kind: field.kind(),
            required: field.required,
            readonly: field.readonly || field.shows.is_some(),
        };
        ModelSchema { fields: self.fields.iter().map(|(name, field)| (name.clone(), info(field))).collect() }
    }
}

impl From<BTreeMap<FieldName, Field>> for Model {
    fn from(fields: BTreeMap<FieldName, Field>) -> Self {
        Self { fields }
    }
}

impl Field {
    /// From the answer of `fields_get`.
    fn parse(about: &Struct) -> Self {
        Self::read(about, "type")
    }

    /// From a row of `ir.model.fields`. Of a selection it does not tell the choices.
    pub(crate) fn described(row: &Struct) -> Self {
        Self::read(row, "ttype")
    }

    fn read(about: &Struct, word: &str) -> Self {
        let text = |name: &str| about.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let truth = |name: &str| about.get(name).and_then(Value::as_bool).unwrap_or_default();
        let ttype = match text(word).as_str() {
            "char" => Ttype::Char,
            "text" => Ttype::Text,
            "html" => Ttype::Html,
            "integer" | "many2one_reference" => Ttype::Integer,
            "float" => Ttype::Float,
            "monetary" => Ttype::Monetary,
            "boolean" => Ttype::Boolean,
            "date" => Ttype::Date,
            "datetime" => Ttype::Datetime,
            "selection" => Ttype::Selection(choices(about.get("selection"))),
            "many2one" => Ttype::Many2one(text("relation")),
            "many2many" | "one2many" => Ttype::X2many(text("relation")),
            "binary" => Ttype::Binary,
            other => Ttype::Other(other.to_owned()),
        };
        let size = about.get("size").and_then(Value::as_int).and_then(|size| usize::try_from(size).ok());
        let shows = match path(about.get("related")) {
            // A row says "manual" where `fields_get` says true.
            Some(path) if truth("manual") || text("state") == "manual" => {
                Some(Shows::Path(path, truth("store")))
            }
            _ => Some(text("relation_field"))
                .filter(|by| text(word) == "one2many" && !by.is_empty())
                .map(Shows::LinkedBy),
        };
        Self {
            ttype,
            required: truth("required"),
            readonly: truth("readonly"),
            // Of what it shows `fields_get` tells the size, and the row does not; it is never written.
            size: size.filter(|size| *size > 0 && shows.is_none()),
            shows,
        }
    }

    /// What it holds, or shows.
    pub(crate) fn kind(&self) -> FieldKind {
        match (&self.shows, &self.ttype) {
            (Some(Shows::LinkedBy(by)), Ttype::X2many(model)) => {
                FieldKind::linked_from(model.as_str(), by.as_str())
            }
            (Some(Shows::Path(path, stored)), ttype) => FieldKind::Related {
                path: path.as_str().into(),
                kind: Box::new(ttype.kind()),
                stored: *stored,
            },
            (_, ttype) => ttype.kind(),
        }
    }

    /// Whether it shows what other records hold, and takes no values.
    pub(crate) fn shows_others(&self) -> bool {
        self.shows.is_some()
    }
}

/// The path of a related field: names with dots, or, as `fields_get` of 14 says it, a list of them.
fn path(related: Option<&Value>) -> Option<String> {
    let path = match related? {
        Value::Text(path) => path.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_text).collect::<Vec<_>>().join("."),
        _ => return None,
    };
    (!path.is_empty()).then_some(path)
}

impl Ttype {
    pub(crate) fn kind(&self) -> FieldKind {
        match self {
            Self::Char => FieldKind::Line,
            Self::Text => FieldKind::Text,
            Self::Html => FieldKind::Html,
            Self::Integer => FieldKind::Integer,
            Self::Float => FieldKind::Decimal,
            Self::Monetary => FieldKind::Money,
            Self::Boolean => FieldKind::Boolean,
            Self::Date => FieldKind::Date,
            Self::Datetime => FieldKind::Instant,
            Self::Selection(choices) => FieldKind::Choice(
                choices
                    .iter()
                    .map(|(value, label)| Choice { value: value.clone(), label: label.clone() })
                    .collect(),
            ),
            Self::Many2one(model) => FieldKind::Link(ModelName::from(model.as_str())),
            Self::X2many(model) => FieldKind::Links(ModelName::from(model.as_str())),
            Self::Binary => FieldKind::Binary,
            Self::Other(word) => FieldKind::Other(word.clone()),
        }
    }

    /// Odoo's word for a kind of field; `None` for kinds that cannot be made.
    pub(crate) fn word(kind: &FieldKind) -> Option<&'static str> {
        Some(match kind {
            FieldKind::Line => "char",
            FieldKind::Text => "text",
            FieldKind::Html => "html",
            FieldKind::Integer => "integer",
            FieldKind::Decimal => "float",
            FieldKind::Money => "monetary",
            FieldKind::Boolean => "boolean",
            FieldKind::Date => "date",
            FieldKind::Instant => "datetime",
            FieldKind::Choice(_) => "selection",
            FieldKind::Link(_) => "many2one",
            FieldKind::Links(_) => "many2many",
            FieldKind::Binary => "binary",
            FieldKind::LinkedFrom { .. } => "one2many",
            // An amount would need its currency beside it, and lines would need a link that leads here.
            FieldKind::Related { kind, .. } if kind.shows_others() || **kind == FieldKind::Money => {
                return None;
            }
            FieldKind::Related { kind, .. } => return Self::word(kind),
            // Nor ever `properties`: Odoo 19 takes such a field, and then refuses every record of its model (measured).
            _ => return None,
        })
    }
}

fn choices(selection: Option<&Value>) -> Vec<(String, String)> {
    let pair = |choice: &Value| match choice.as_array()? {
        [value, label] => Some((value.as_text()?.to_owned(), label.as_text().unwrap_or_default().to_owned())),
        _ => None,
    };
    selection.and_then(Value::as_array).unwrap_or_default().iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(about: Struct) -> FieldKind {
        Model::parse(&Struct::new().with("f", about)).fields["f"].kind()
    }

    #[test]
    fn a_field_that_shows_others_is_told_as_fields_get_and_its_row_tell_it() {
        let phone =
            || Struct::new().with("type", "char").with("ttype", "char").with("size", 2).with("store", true);
        let line = FieldKind::Related {
            path: "parent_id.phone".into(),
            kind: Box::new(FieldKind::Line),
            stored: true,
        };
        let names = vec![Value::from("parent_id"), Value::from("phone")];
        assert_eq!(kind(phone().with("manual", true).with("related", names.clone())), line, "on 14");
        assert_eq!(kind(phone().with("manual", true).with("related", "parent_id.phone")), line, "on 19");
        assert_eq!(kind(phone().with("manual", false).with("related", names)), FieldKind::Line, "Odoo's own");
        assert_eq!(kind(phone().with("manual", true).with("related", false)), FieldKind::Line);
        let row = Field::described(&phone().with("state", "manual").with("related", "parent_id.phone"));
        assert_eq!((row.kind(), row.size), (line, None));

        let lines = Struct::new().with("type", "one2many").with("relation", "x_visit");
        let visits = FieldKind::linked_from("x_visit", "x_patient_id");
        assert_eq!(kind(lines.clone().with("relation_field", "x_patient_id")), visits);
        assert_eq!(kind(lines), FieldKind::Links("x_visit".into()), "worked out, by no link");
    }
}

//! Rules as TOML writes them: the short forms, and the tables.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::draft::Missing;
use crate::name::{FieldName, ModelName};
use crate::schema::IfAbsent;
use crate::spec::constant::Constant;
use crate::spec::draft::{FieldRule, FieldRules, IfBlank};
use crate::spec::rule::{Line, LookupRule, Rule};
use crate::spec::table::{From, Table};

/// Reads a rule's table, or the field's name that stands for one.
struct TableOrName;

impl<'de> Visitor<'de> for TableOrName {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rule: a field's name, or a table")
    }

    fn visit_str<E>(self, field: &str) -> Result<Table, E> {
        Ok(Table { copy: Some(field.into()), ..Table::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table, A::Error> {
        Table::deserialize(MapAccessDeserializer::new(map))
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = deserializer.deserialize_any(TableOrName)?;
        let (rule, rest) = table.into_rule().map_err(D::Error::custom)?;
        rest.nothing_left().map_err(D::Error::custom)?;
        Ok(rule)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = Table::default();
        table.put_rule(self.clone());
        write(&table, serializer)
    }
}

/// The field's name alone where that says it all.
fn write<S: Serializer>(table: &Table, serializer: S) -> Result<S::Ok, S::Error> {
    match (&table.copy, table.keys().len()) {
        (Some(field), 1) => field.serialize(serializer),
        _ => table.serialize(serializer),
    }
}

impl<'de> Deserialize<'de> for FieldRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = deserializer.deserialize_any(TableOrName)?;
        let (rule, mut rest) = table.into_rule().map_err(D::Error::custom)?;
        let mut field = Self::from(rule);
        field.required = rest.required.take().unwrap_or_default();
        field.if_blank = rest.if_blank.take().unwrap_or_default();
        field.if_absent = rest.if_absent.take().unwrap_or_default();
        rest.nothing_left().map_err(D::Error::custom)?;
        Ok(field)
    }
}

impl Serialize for FieldRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = Table {
            required: self.required.then_some(true),
            if_blank: (self.if_blank != IfBlank::default()).then_some(self.if_blank),
            if_absent: (self.if_absent != IfAbsent::default()).then_some(self.if_absent),
            ..Table::default()
        };
        table.put_rule(self.rule.clone());
        write(&table, serializer)
    }
}

impl<'de> Deserialize<'de> for FieldRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rules;
        impl<'de> Visitor<'de> for Rules {
            type Value = FieldRules;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of fields and their rules")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldRules, A::Error> {
                let mut rules = FieldRules::default();
                while let Some((name, rule)) = map.next_entry::<FieldName, FieldRule>()? {
                    rules.set(name, rule);
                }
                Ok(rules)
            }
        }
        deserializer.deserialize_map(Rules)
    }
}

impl Serialize for FieldRules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for From {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;
        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = From;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name, a rule, or a list of them")
            }
            fn visit_str<E>(self, field: &str) -> Result<From, E> {
                Ok(From::One(Box::new(Rule::copy(field))))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<From, A::Error> {
                Rule::deserialize(MapAccessDeserializer::new(map)).map(|rule| From::One(Box::new(rule)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<From, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(From::Several)
            }
        }
        deserializer.deserialize_any(OneOrSeveral)
    }
}

impl Serialize for From {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(rule) => rule.serialize(serializer),
            Self::Several(rules) => rules.serialize(serializer),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineTable {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    value: Rule,
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LineOrName;
        impl<'de> Visitor<'de> for LineOrName {
            type Value = Line;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name, or a table of `label` and `value`")
            }
            fn visit_str<E>(self, field: &str) -> Result<Line, E> {
                Ok(Line { label: None, value: Rule::copy(field) })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Line, A::Error> {
                let LineTable { label, value } = LineTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Line { label, value })
            }
        }
        deserializer.deserialize_any(LineOrName)
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.label, &self.value) {
            (None, Rule::Copy(field)) => field.serialize(serializer),
            _ => LineTable { label: self.label.clone(), value: self.value.clone() }.serialize(serializer),
        }
    }
}

/// The table of `match`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchTable {
    model: ModelName,
    by: FieldName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<From>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Constant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<BTreeMap<String, Constant>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fold: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<Missing>,
}

impl<'de> Deserialize<'de> for LookupRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MatchTable { model, by, from, value, within, fold, missing } =
            MatchTable::deserialize(deserializer)?;
        let mut table = Table { by: Some(by), from, value, within, fold, missing, ..Table::default() };
        table.take_lookup(model).map_err(D::Error::custom)
    }
}

impl Serialize for LookupRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = Table::default();
        table.put_lookup(self.clone());
        let Some(by) = table.by else { return Err(S::Error::custom("a look-up needs `by`")) };
        MatchTable {
            model: self.model.clone(),
            by,
            from: table.from,
            value: table.value,
            within: table.within,
            fold: table.fold,
            missing: table.missing,
        }
        .serialize(serializer)
    }
}

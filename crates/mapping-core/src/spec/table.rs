//! Rules as the tables that TOML holds, in and out.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::draft::Missing;
use crate::name::{EntityName, FieldName, ModelName};
use crate::schema::IfAbsent;
use crate::spec::constant::Constant;
use crate::spec::draft::{FieldRule, FieldRules, IfBlank};
use crate::spec::rule::{
    BooleanRule, Case, Line, LinkRule, LookupRule, MapRule, NumberRule, Percent, Rule, Take, TimeRule,
    Unknown,
};
use crate::spec::when::When;
use crate::value::Value;

/// The words that say which rule it is.
const WORDS: [&str; 17] = [
    "copy", "constant", "join", "split", "map", "date", "instant", "number", "integer", "boolean", "link",
    "lookup", "template", "lines", "flatten", "list", "first_of",
];
const CALL: &str = "call";

macro_rules! table {
    ($($key:ident: $type:ty),* $(,)?) => {
        /// Every key that a rule can have.
        #[derive(Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        struct Table {
            $(#[serde(skip_serializing_if = "Option::is_none")] $key: Option<$type>,)*
        }

        impl Table {
            /// The keys that are there.
            fn keys(&self) -> Vec<&'static str> {
                let mut keys = Vec::new();
                $(if self.$key.is_some() { keys.push(stringify!($key)); })*
                keys
            }
        }
    };
}

table! {
    copy: FieldName, constant: Constant, join: Vec<Rule>, split: Box<Rule>, map: Box<Rule>, date: Box<Rule>,
    instant: Box<Rule>, number: Box<Rule>, integer: Box<Rule>, boolean: Box<Rule>, link: EntityName, lookup: ModelName,
    template: String, lines: Vec<Line>, flatten: Box<Rule>, list: Vec<Rule>, first_of: Vec<Rule>, call: String,
    from: From, by: FieldName, value: Constant, within: BTreeMap<String, Constant>, part: String, case: Case,
    values: BTreeMap<String, Constant>, spellings: BTreeMap<String, Vec<String>>, fold: bool, formats: Vec<String>,
    zone: String, first_year: i16, grouping: char, point: char, percent: Percent, yes: Vec<String>, no: Vec<String>,
    separator: String, take: Take, parts: BTreeMap<String, Rule>, missing: Missing, unknown: Unknown,
    when: When, required: bool, if_blank: IfBlank, if_absent: IfAbsent,
}

/// What stands behind `from`: one rule, or several for a function.
enum From {
    One(Box<Rule>),
    Several(Vec<Rule>),
}

impl Table {
    /// The rule, and what is left of the table.
    fn into_rule(mut self) -> Result<(Rule, Self), String> {
        let rule = self.take_rule()?;
        let rule = match self.when.take() {
            Some(when) => Rule::If { when, then: Box::new(rule) },
            None => rule,
        };
        Ok((rule, self))
    }

    fn take_rule(&mut self) -> Result<Rule, String> {
        let keys = self.keys();
        let words: Vec<_> = keys.iter().filter(|key| WORDS.contains(key) || **key == CALL).collect();
        match words.as_slice() {
            [_] => {}
            [] => return Err(format!("a rule needs one of {} and {CALL}", WORDS.join(", "))),
            [first, second, ..] => {
                return Err(format!("a rule is one thing: both `{first}` and `{second}` are given"));
            }
        }
        Ok(if let Some(field) = self.copy.take() {
            Rule::Copy(field)
        } else if let Some(Constant(value)) = self.constant.take() {
            Rule::Constant(value)
        } else if let Some(of) = self.join.take() {
            Rule::Join { of, separator: self.separator.take().unwrap_or_else(|| " ".to_owned()) }
        } else if let Some(of) = self.split.take() {
            Rule::Split { of, separator: self.separator.take(), take: self.take.take().unwrap_or_default() }
        } else if let Some(of) = self.map.take() {
            Rule::Map(MapRule {
                of,
                values: values(self.values.take()),
                spellings: self.spellings.take().unwrap_or_default(),
                fold: self.fold.take().unwrap_or_default(),
                unknown: self.unknown.take().unwrap_or_default(),
            })
        } else if let Some(of) = self.date.take() {
            Rule::Date(self.take_time(of))
        } else if let Some(of) = self.instant.take() {
            Rule::Instant(self.take_time(of))
        } else if let Some(of) = self.number.take() {
            Rule::Number(self.take_number(of))
        } else if let Some(of) = self.integer.take() {
            Rule::Integer(self.take_number(of))
        } else if let Some(of) = self.boolean.take() {
            Rule::Boolean(BooleanRule {
                of,
                yes: self.yes.take().unwrap_or_default(),
                no: self.no.take().unwrap_or_default(),
                unknown: self.unknown.take().unwrap_or_default(),
            })
        } else if let Some(to) = self.link.take() {
            Rule::Link(LinkRule {
                to,
                of: self.take_from("link")?,
                part: self.part.take().unwrap_or_default(),
                case: self.case.take(),
                missing: self.missing.take().unwrap_or_default(),
            })
        } else if let Some(model) = self.lookup.take() {
            Rule::Lookup(self.take_lookup(model)?)
        } else if let Some(text) = self.template.take() {
            Rule::Template { text, parts: self.parts.take().unwrap_or_default() }
        } else if let Some(lines) = self.lines.take() {
            Rule::Lines(lines)
        } else if let Some(of) = self.flatten.take() {
            Rule::Flatten(of)
        } else if let Some(of) = self.list.take() {
            Rule::List(of)
        } else if let Some(of) = self.first_of.take() {
            Rule::FirstOf(of)
        } else {
            let function = self.call.take().unwrap_or_default();
            match self.from.take() {
                Some(From::One(one)) => Rule::Call { function, from: vec![*one] },
                Some(From::Several(from)) => Rule::Call { function, from },
                None => return Err("`call` needs `from`".to_owned()),
            }
        })
    }

    fn take_time(&mut self, of: Box<Rule>) -> TimeRule {
        TimeRule {
            of,
            formats: self.formats.take().unwrap_or_default(),
            zone: self.zone.take(),
            first_year: self.first_year.take(),
            unknown: self.unknown.take().unwrap_or_default(),
        }
    }

    fn take_number(&mut self, of: Box<Rule>) -> NumberRule {
        NumberRule {
            of,
            grouping: self.grouping.take().unwrap_or(','),
            point: self.point.take().unwrap_or('.'),
            percent: self.percent.take(),
            unknown: self.unknown.take().unwrap_or_default(),
        }
    }

    fn take_from(&mut self, word: &str) -> Result<Box<Rule>, String> {
        match self.from.take() {
            Some(From::One(of)) => Ok(of),
            Some(From::Several(_)) => Err(format!("`from` of a `{word}` is one field or one rule")),
            None => Err(format!("`{word}` needs `from`")),
        }
    }

    fn take_lookup(&mut self, model: ModelName) -> Result<LookupRule, String> {
        let of = match (self.value.take(), self.from.is_some()) {
            (Some(Constant(value)), false) => Box::new(Rule::Constant(value)),
            (None, true) => self.take_from("lookup")?,
            _ => return Err("a look-up needs either `from` or `value`".to_owned()),
        };
        Ok(LookupRule {
            model,
            by: self.by.take().ok_or("a look-up needs `by`")?,
            of,
            within: values(self.within.take()),
            fold: self.fold.take().unwrap_or_default(),
            missing: self.missing.take().unwrap_or_default(),
        })
    }

    /// Refuses what belongs to no part of the rule.
    fn nothing_left(&self) -> Result<(), String> {
        match self.keys().as_slice() {
            [] => Ok(()),
            keys => Err(format!("`{}` does not belong to this rule", keys.join("`, `"))),
        }
    }

    fn put_rule(&mut self, rule: Rule) {
        match rule {
            Rule::Copy(field) => self.copy = Some(field),
            Rule::Constant(value) => self.constant = Some(Constant(value)),
            Rule::Join { of, separator } => {
                self.join = Some(of);
                self.separator = (separator != " ").then_some(separator);
            }
            Rule::Split { of, separator, take } => {
                self.split = Some(of);
                self.separator = separator;
                self.take = Some(take);
            }
            Rule::Map(MapRule { of, values, spellings, fold, unknown }) => {
                self.map = Some(of);
                self.values = constants(values);
                self.spellings = (!spellings.is_empty()).then_some(spellings);
                self.fold = fold.then_some(true);
                self.put_unknown(unknown);
            }
            Rule::Date(rule) => self.date = Some(self.put_time(rule)),
            Rule::Instant(rule) => self.instant = Some(self.put_time(rule)),
            Rule::Number(rule) => self.number = Some(self.put_number(rule)),
            Rule::Integer(rule) => self.integer = Some(self.put_number(rule)),
            Rule::Boolean(BooleanRule { of, yes, no, unknown }) => {
                self.boolean = Some(of);
                self.yes = (!yes.is_empty()).then_some(yes);
                self.no = (!no.is_empty()).then_some(no);
                self.put_unknown(unknown);
            }
            Rule::Link(LinkRule { to, of, part, case, missing }) => {
                self.link = Some(to);
                self.from = Some(From::One(of));
                self.part = (!part.is_empty()).then_some(part);
                self.case = case;
                self.missing = (missing != Missing::default()).then_some(missing);
            }
            Rule::Lookup(mut rule) => {
                self.lookup = Some(std::mem::replace(&mut rule.model, "".into()));
                self.put_lookup(rule);
            }
            Rule::Template { text, parts } => {
                self.template = Some(text);
                self.parts = (!parts.is_empty()).then_some(parts);
            }
            Rule::Lines(lines) => self.lines = Some(lines),
            Rule::Flatten(of) => self.flatten = Some(of),
            Rule::List(of) => self.list = Some(of),
            Rule::FirstOf(of) => self.first_of = Some(of),
            Rule::Call { function, mut from } => {
                self.call = Some(function);
                self.from = Some(match from.pop() {
                    Some(one) if from.is_empty() => From::One(Box::new(one)),
                    last => From::Several(from.into_iter().chain(last).collect()),
                });
            }
            Rule::If { when, then } => {
                self.put_rule(*then);
                // A condition inside a condition: both must hold.
                self.when = Some(match self.when.take() {
                    Some(inner) => When::All(vec![when, inner]),
                    None => when,
                });
            }
        }
    }

    fn put_time(&mut self, rule: TimeRule) -> Box<Rule> {
        self.formats = (!rule.formats.is_empty()).then_some(rule.formats);
        self.zone = rule.zone;
        self.first_year = rule.first_year;
        self.put_unknown(rule.unknown);
        rule.of
    }

    fn put_number(&mut self, rule: NumberRule) -> Box<Rule> {
        self.grouping = (rule.grouping != ',').then_some(rule.grouping);
        self.point = (rule.point != '.').then_some(rule.point);
        self.percent = rule.percent;
        self.put_unknown(rule.unknown);
        rule.of
    }

    fn put_lookup(&mut self, rule: LookupRule) {
        self.by = Some(rule.by);
        match *rule.of {
            Rule::Constant(value) => self.value = Some(Constant(value)),
            of => self.from = Some(From::One(Box::new(of))),
        }
        self.within = constants(rule.within);
        self.fold = rule.fold.then_some(true);
        self.missing = (rule.missing != Missing::default()).then_some(rule.missing);
    }

    fn put_unknown(&mut self, unknown: Unknown) {
        self.unknown = (unknown != Unknown::default()).then_some(unknown);
    }

    fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.copy, self.keys().len()) {
            (Some(field), 1) => field.serialize(serializer),
            _ => self.serialize(serializer),
        }
    }
}

fn values(constants: Option<BTreeMap<String, Constant>>) -> BTreeMap<String, Value> {
    constants.unwrap_or_default().into_iter().map(|(key, Constant(value))| (key, value)).collect()
}

fn constants(values: BTreeMap<String, Value>) -> Option<BTreeMap<String, Constant>> {
    (!values.is_empty()).then(|| values.into_iter().map(|(key, value)| (key, Constant(value))).collect())
}

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
        table.write(serializer)
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
        table.write(serializer)
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
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<From, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map(From::Several)
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

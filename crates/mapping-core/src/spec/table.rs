//! Every key that a rule can have, and which of them make which rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::draft::Missing;
use crate::name::{EntityName, FieldName, ModelName};
use crate::schema::IfAbsent;
use crate::spec::constant::Constant;
use crate::spec::draft::IfBlank;
use crate::spec::rule::{
    BooleanRule, Case, Line, LinkRule, LookupRule, MapRule, NumberRule, Percent, Rule, Take, TimeRule,
    Unknown,
};
use crate::spec::when::When;
use crate::value::Value;

/// The words that say which rule it is.
const WORDS: [&str; 18] = [
    "copy", "constant", "join", "split", "map", "date", "instant", "number", "integer", "boolean", "link",
    "lookup", "template", "lines", "flatten", "file", "list", "first_of",
];
const CALL: &str = "call";

macro_rules! table {
    ($($key:ident: $type:ty),* $(,)?) => {
        /// Every key that a rule can have.
        #[derive(Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Table {
            $(#[serde(skip_serializing_if = "Option::is_none")] pub(crate) $key: Option<$type>,)*
        }

        impl Table {
            /// The keys that are there.
            pub(crate) fn keys(&self) -> Vec<&'static str> {
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
    template: String, lines: Vec<Line>, flatten: Box<Rule>, file: Box<Rule>, list: Vec<Rule>, first_of: Vec<Rule>, call: String,
    name: Box<Rule>, by: FieldName, from: From, value: Constant, within: BTreeMap<String, Constant>, part: String, case: Case,
    values: BTreeMap<String, Constant>, spellings: BTreeMap<String, Vec<String>>, fold: bool, formats: Vec<String>,
    zone: String, first_year: i16, grouping: char, point: char, percent: Percent, yes: Vec<String>, no: Vec<String>,
    separator: String, take: Take, parts: BTreeMap<String, Rule>, missing: Missing, unknown: Unknown,
    when: When, required: bool, if_blank: IfBlank, if_absent: IfAbsent,
}

/// What stands behind `from`: one rule, or several for a function.
pub(crate) enum From {
    One(Box<Rule>),
    Several(Vec<Rule>),
}

impl Table {
    /// The rule, and what is left of the table.
    pub(crate) fn into_rule(mut self) -> Result<(Rule, Self), String> {
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
        } else if let Some(of) = self.file.take() {
            Rule::File { of, name: self.name.take().ok_or("`file` needs `name`")? }
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

    pub(crate) fn take_lookup(&mut self, model: ModelName) -> Result<LookupRule, String> {
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
    pub(crate) fn nothing_left(&self) -> Result<(), String> {
        match self.keys().as_slice() {
            [] => Ok(()),
            keys => Err(format!("`{}` does not belong to this rule", keys.join("`, `"))),
        }
    }

    pub(crate) fn put_rule(&mut self, rule: Rule) {
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
            Rule::File { of, name } => {
                self.file = Some(of);
                self.name = Some(name);
            }
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

    pub(crate) fn put_lookup(&mut self, rule: LookupRule) {
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
}

fn values(constants: Option<BTreeMap<String, Constant>>) -> BTreeMap<String, Value> {
    constants.unwrap_or_default().into_iter().map(|(key, Constant(value))| (key, value)).collect()
}

fn constants(values: BTreeMap<String, Value>) -> Option<BTreeMap<String, Constant>> {
    (!values.is_empty()).then(|| values.into_iter().map(|(key, value)| (key, Constant(value))).collect())
}

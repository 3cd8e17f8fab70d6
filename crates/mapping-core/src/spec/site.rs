//! Where in a mapping the compiler is, and what it knows there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::draft::DraftValue;
use crate::error::{Error, Result};
use crate::finding::Flag;
use crate::name::FieldName;
use crate::spec::rule::{Rule, Unknown};
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::verbatim;
use crate::value::Value;

/// A function in code, under a name that rules call it by.
#[derive(Clone)]
pub(crate) struct Function(pub(crate) Arc<Call>);

pub(crate) type Call = dyn Fn(&[Value]) -> Result<DraftValue> + Send + Sync;

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

/// Makes a rule ready; given from outside, since rules hold rules.
pub(crate) type Build = fn(&Rule, &mut Site<'_>) -> Result<Box<dyn Step>>;

/// A place in a mapping.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    pub(crate) functions: &'a BTreeMap<String, Function>,
    build: Build,
    /// `draft[2].fields.user_id`.
    path: String,
    /// The fields of the draft into which unknown values are kept, and by how many rules each.
    pub(crate) keepers: Vec<(FieldName, usize)>,
}

impl<'a> Site<'a> {
    pub(crate) fn new(functions: &'a BTreeMap<String, Function>, build: Build, path: String) -> Self {
        Self { functions, build, path, keepers: Vec::new() }
    }

    /// Runs `what` at a place inside this one.
    pub(crate) fn inside<T>(
        &mut self,
        key: impl fmt::Display,
        what: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let length = self.path.len();
        self.path.push_str(&format!(".{key}"));
        let done = what(self);
        self.path.truncate(length);
        done
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// An error about this place.
    pub(crate) fn fail(&self, message: impl Into<String>) -> Error {
        Error::config(message).at("rule", &self.path)
    }

    /// A rule inside this one.
    pub(crate) fn step(&mut self, key: impl fmt::Display, rule: &Rule) -> Result<Box<dyn Step>> {
        let build = self.build;
        self.inside(key, |site| build(rule, site))
    }

    /// Rules inside this one, counted from 1.
    pub(crate) fn steps(&mut self, key: &str, rules: &[Rule]) -> Result<Vec<Box<dyn Step>>> {
        if rules.is_empty() {
            return Err(self.fail(format!("`{key}` needs at least one")));
        }
        (1..).zip(rules).map(|(at, rule)| self.step(format_args!("{key}[{at}]"), rule)).collect()
    }

    /// A rule inside this one that must give a value.
    pub(crate) fn input(&mut self, key: impl fmt::Display, rule: &Rule) -> Result<Input> {
        let key = key.to_string();
        if points(rule) {
            return self
                .inside(&key, |site| Err(site.fail("a link or a look-up stands where a value is needed")));
        }
        if makes_file(rule) {
            return self.inside(&key, |site| Err(site.fail("a file stands where another value is needed")));
        }
        let field = rule.reads().into_iter().next().unwrap_or_else(|| "@id".into());
        Ok(Input { step: self.step(&key, rule)?, field })
    }

    /// Rules inside this one that must give values.
    pub(crate) fn inputs(&mut self, key: &str, rules: &[Rule]) -> Result<Vec<Input>> {
        if rules.is_empty() {
            return Err(self.fail(format!("`{key}` needs at least one")));
        }
        (1..).zip(rules).map(|(at, rule)| self.input(format_args!("{key}[{at}]"), rule)).collect()
    }

    /// The rule for values that are not understood. `kind` counts them, `what` says what they are not.
    pub(crate) fn unread(
        &mut self,
        unknown: &Unknown,
        of: &Rule,
        kind: &'static str,
        what: &str,
    ) -> Result<Unread> {
        let Some(field) = of.reads().into_iter().next() else {
            return Err(self.fail("nothing is read here; write a constant instead"));
        };
        let (then, end) = match unknown {
            Unknown::Refuse => (Then::Refuse, ""),
            Unknown::Leave => (Then::Leave, "; left empty"),
            Unknown::AsIs => (Then::AsIs, ""),
            Unknown::Default(value) => (Then::Default(value.clone()), "; the default stands in"),
            Unknown::KeepIn(keeper) => {
                let at = self.keepers.iter().position(|(known, _)| known == keeper);
                let at = at.unwrap_or_else(|| {
                    self.keepers.push((keeper.clone(), 0));
                    self.keepers.len() - 1
                });
                self.keepers[at].1 += 1;
                (Then::Keep(at), "; kept as text")
            }
        };
        if then == Then::AsIs && kind != UNKNOWN_CHOICE {
            return Err(self.fail(
                "`unknown = \"as_is\"` is for `map` alone: a text is not of the kind that is made here",
            ));
        }
        Ok(Unread { flag: Flag::new(kind, format!("{what}{end}")).field(field.clone()), field, then })
    }
}

/// The kind of flag for a value that a map does not have.
pub(crate) const UNKNOWN_CHOICE: &str = "unknown-choice";

/// Whether a rule gives a link or a look-up, as far as can be known before it runs.
pub(crate) fn points(rule: &Rule) -> bool {
    match rule {
        Rule::Link(_) | Rule::Lookup(_) => true,
        Rule::List(rules) | Rule::FirstOf(rules) => rules.iter().any(points),
        Rule::If { then, .. } => points(then),
        _ => false,
    }
}

/// Whether a rule makes a file, as far as can be known before it runs.
pub(crate) fn makes_file(rule: &Rule) -> bool {
    match rule {
        Rule::File { .. } => true,
        Rule::List(rules) | Rule::FirstOf(rules) => rules.iter().any(makes_file),
        Rule::If { then, .. } => makes_file(then),
        _ => false,
    }
}

/// What becomes of values that are not understood.
#[derive(Debug)]
pub(crate) struct Unread {
    flag: Flag,
    field: FieldName,
    then: Then,
}

#[derive(Debug, PartialEq)]
enum Then {
    Refuse,
    Leave,
    AsIs,
    Default(Value),
    Keep(usize),
}

impl Unread {
    pub(crate) fn settle<'a>(&'a self, original: &Value, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        match &self.then {
            Then::Refuse => return Err(Error::invalid(self.flag.message.clone()).at("field", &self.field)),
            Then::AsIs => return Ok(Given::owned(original.clone())),
            Then::Keep(keeper) => turn.kept.push((*keeper, &self.field, verbatim(original))),
            Then::Leave | Then::Default(_) => {}
        }
        turn.flag(&self.flag);
        Ok(match &self.then {
            Then::Default(value) => Given::Value(std::borrow::Cow::Borrowed(value)),
            _ => Given::BLANK,
        })
    }
}

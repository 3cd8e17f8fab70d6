//! The drafts that a mapping makes of a record, as data.

use serde::{Deserialize, Serialize};

use crate::name::{EntityName, FieldName, ModelName};
use crate::schema::IfAbsent;
use crate::spec::rule::{LookupRule, Rule};
use crate::spec::when::When;

/// One draft that is made of each record of an entity.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DraftSpec {
    /// The entity.
    pub entity: EntityName,
    /// The draft's part name; empty for the first of its record.
    pub part: String,
    /// For which records; for all where not given.
    pub when: Option<When>,
    /// What it becomes.
    pub becomes: Becomes,
}

/// What a draft becomes at the destination.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Becomes {
    /// A record of a model, with these fields.
    Written(ModelName, FieldRules),
    /// A record that the destination has already. `match = { model = "res.users", by = "login", from = "email" }`.
    Matched(LookupRule),
}

impl DraftSpec {
    /// A draft of each record of `entity`, written to `model`, without fields.
    pub fn new(entity: impl Into<EntityName>, model: impl Into<ModelName>) -> Self {
        Self {
            entity: entity.into(),
            part: String::new(),
            when: None,
            becomes: Becomes::Written(model.into(), FieldRules::default()),
        }
    }

    /// A draft that stands for a record the destination has already.
    pub fn matching(entity: impl Into<EntityName>, lookup: LookupRule) -> Self {
        Self { entity: entity.into(), part: String::new(), when: None, becomes: Becomes::Matched(lookup) }
    }

    /// The same, as a further part of its record.
    #[must_use]
    pub fn part(mut self, part: impl Into<String>) -> Self {
        self.part = part.into();
        self
    }

    /// The same, for some records alone.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = Some(when);
        self
    }

    /// The same, with a field. A draft that is matched is never written: there it does nothing.
    #[must_use]
    pub fn field(mut self, name: impl Into<FieldName>, rule: impl Into<FieldRule>) -> Self {
        if let Becomes::Written(_, fields) = &mut self.becomes {
            fields.set(name, rule);
        }
        self
    }
}

impl DraftSpec {
    /// Every look-up that it makes.
    pub(crate) fn lookups(&self) -> Vec<&LookupRule> {
        let mut lookups = Vec::new();
        match &self.becomes {
            Becomes::Matched(lookup) => {
                lookups.push(lookup);
                lookup.of.visit(&mut |rule| lookups.extend(rule.as_lookup()));
            }
            Becomes::Written(_, fields) => {
                for (_, rule) in fields.iter() {
                    rule.rule.visit(&mut |rule| lookups.extend(rule.as_lookup()));
                }
            }
        }
        lookups
    }
}

/// The rules of a draft's fields, by field. Their order is kept and means nothing.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FieldRules(Vec<(FieldName, FieldRule)>);

impl FieldRules {
    /// Sets a field's rule, over any it had.
    pub fn set(&mut self, name: impl Into<FieldName>, rule: impl Into<FieldRule>) {
        let (name, rule) = (name.into(), rule.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = rule,
            None => self.0.push((name, rule)),
        }
    }

    /// Takes a field's rule away.
    pub fn remove(&mut self, name: &str) -> Option<FieldRule> {
        let at = self.0.iter().position(|(known, _)| known.as_str() == name)?;
        Some(self.0.remove(at).1)
    }

    /// The rule of a field, if it has one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&FieldRule> {
        self.0.iter().find(|(known, _)| known.as_str() == name).map(|(_, rule)| rule)
    }

    /// Every field and its rule, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&FieldName, &FieldRule)> {
        self.0.iter().map(|(name, rule)| (name, rule))
    }

    /// How many fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(FieldName, FieldRule)> for FieldRules {
    fn from_iter<I: IntoIterator<Item = (FieldName, FieldRule)>>(fields: I) -> Self {
        let mut all = Self::default();
        fields.into_iter().for_each(|(name, rule)| all.set(name, rule));
        all
    }
}

/// The rule of a field, and what is to become of the field where the rule gives nothing or the destination has no such field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldRule {
    /// The rule.
    pub rule: Rule,
    /// `required = true`: a blank value refuses the record.
    pub required: bool,
    /// `if_blank`: what becomes of a blank value.
    pub if_blank: IfBlank,
    /// `if_absent = "drop"`: the field is left out where the destination does not have it. Without it the run stops before its first
    /// write.
    pub if_absent: IfAbsent,
}

impl FieldRule {
    /// The same, and a blank value refuses the record.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, and a blank value is left out of the draft.
    #[must_use]
    pub fn omitted_if_blank(mut self) -> Self {
        self.if_blank = IfBlank::Omit;
        self
    }

    /// The same, left out where the destination has no such field.
    #[must_use]
    pub fn dropped_if_absent(mut self) -> Self {
        self.if_absent = IfAbsent::Drop;
        self
    }
}

impl<R: Into<Rule>> From<R> for FieldRule {
    fn from(rule: R) -> Self {
        Self {
            rule: rule.into(),
            required: false,
            if_blank: IfBlank::default(),
            if_absent: IfAbsent::default(),
        }
    }
}

/// What becomes of a field whose rule gives a blank value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IfBlank {
    /// `"empty"`: the field is set to nothing, so that what was taken away at the source goes from the destination too.
    #[default]
    Empty,
    /// `"omit"`: the field is left out of the draft, and the destination's own default, or what it held before, stands.
    Omit,
}

//! What can be known to be wrong with a mapping before any record is seen.

use std::collections::BTreeSet;

use crate::draft::Missing;
use crate::error::{Error, Result};
use crate::name::FieldName;
use crate::schema::{FieldKind, FieldNeed};
use crate::spec::draft::{FieldRule, IfBlank};
use crate::spec::needs::NeedsSpec;
use crate::spec::rule::{LinkRule, LookupRule, Rule, Unknown};
use crate::spec::site::{Site, makes_file};
use crate::spec::words::words;
use crate::value::Value;

/// What a name begins with that may be made. Odoo takes no other for models and fields of one's own.
const OWN: &str = "x_";

/// Models and fields to make: names of one's own, each once, with all that their kind asks for.
pub(crate) fn needs(needs: &NeedsSpec) -> Result<()> {
    let mut models = BTreeSet::new();
    for (at, model) in (1..).zip(&needs.models) {
        let fail =
            |message: String| Err(Error::config(message).at("rule", format_args!("needs.model[{at}]")));
        if !model.name.as_str().starts_with(OWN) {
            return fail(format!("`{}`: the name of a model to make begins with `{OWN}`", model.name));
        }
        if !models.insert(&model.name) {
            return fail(format!("`{}` is there twice", model.name));
        }
    }
    let mut fields = BTreeSet::new();
    for (at, field) in (1..).zip(&needs.fields) {
        let name = format!("{}.{}", field.model, field.name);
        let fail =
            |message: String| Err(Error::config(message).at("rule", format_args!("needs.field[{at}]")));
        if !field.name.as_str().starts_with(OWN) {
            return fail(format!("`{name}`: the name of a field to make begins with `{OWN}`"));
        }
        if !fields.insert((&field.model, &field.name)) {
            return fail(format!("`{name}` is there twice"));
        }
        match &field.kind {
            FieldKind::Choice(choices) => {
                let mut values = BTreeSet::new();
                if choices.is_empty() {
                    return fail(format!("`{name}` is a choice of nothing"));
                }
                if let Some(twice) = choices.iter().find(|choice| !values.insert(&choice.value)) {
                    return fail(format!("`{name}` has the choice `{}` twice", twice.value));
                }
            }
            FieldKind::Related { path, .. } if !path.as_str().contains('.') => {
                return fail(format!(
                    "`{name}` is to show `{path}`, which is no path over a link, as `parent_id.phone` is"
                ));
            }
            FieldKind::Related { kind, .. }
                if kind.shows_others() || matches!(**kind, FieldKind::Money | FieldKind::Other(_)) =>
            {
                return fail(format!("`{name}`: a field of kind `{kind}` cannot be related to another"));
            }
            FieldKind::Other(kind) => {
                return fail(format!("`{name}`: a field of kind `{kind}` cannot be made"));
            }
            _ => {}
        }
        let is_kept =
            !field.kind.shows_others() || matches!(field.kind, FieldKind::Related { stored: true, .. });
        if field.indexed && !is_kept {
            return fail(format!("`{name}` keeps nothing of what it shows: leave `indexed` out"));
        }
        if field.not_copied && field.kind.shows_others() {
            return fail(format!(
                "`{name}` shows what other records hold and is never copied: leave `not_copied` out"
            ));
        }
    }
    Ok(())
}

/// A field's rule against the field that is to be made.
pub(crate) fn field(rule: &FieldRule, need: Option<&FieldNeed>, site: &Site<'_>) -> Result<()> {
    if rule.required && rule.if_blank == IfBlank::Omit {
        return Err(site.fail("`required` and `if_blank` exclude each other"));
    }
    if let Some(reason) = need.and_then(|need| need.kind.not_written()) {
        return Err(site.fail(format!("this field {reason}")));
    }
    if let Some(need) = need.filter(|need| need.kind != FieldKind::Binary)
        && makes_file(&rule.rule)
    {
        return Err(
            site.fail(format!("a field of kind {} takes no file; `binary` is the kind that does", need.kind))
        );
    }
    let Some(FieldNeed { kind: FieldKind::Choice(choices), .. }) = need else { return Ok(()) };
    for value in outcomes(&rule.rule) {
        let known = match &value {
            Value::Text(text) => choices.iter().any(|choice| choice.value == *text),
            other => other.is_blank(),
        };
        if !known {
            let choices: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
            let value = words(&value).into_owned();
            return Err(site.fail(format!(
                "`{value}` is not a choice of this field; its choices are {}",
                choices.join(", ")
            )));
        }
    }
    Ok(())
}

/// A field that is to keep text.
pub(crate) fn keeper(name: &FieldName, need: Option<&FieldNeed>, site: &Site<'_>) -> Result<()> {
    match need.map(|need| &need.kind) {
        None | Some(FieldKind::Line | FieldKind::Text | FieldKind::Html) => Ok(()),
        Some(kind) => {
            Err(site.fail(format!("`{name}` is to keep unknown values as text, and is of kind {kind}")))
        }
    }
}

/// A look-up that names what it needs.
pub(crate) fn lookup(rule: &LookupRule, site: &Site<'_>) -> Result<()> {
    if rule.model.as_str().is_empty() || rule.by.as_str().is_empty() {
        return Err(site.fail("a look-up needs a model and a field"));
    }
    if rule.missing == Missing::Make {
        let names = rule.within.keys().map(String::as_str).chain([rule.by.as_str()]);
        if let Some(foreign) = names.into_iter().find(|name| name.contains('.')) {
            return Err(site.fail(format!(
                "what is missing cannot be made by `{foreign}`, a field of another model: take another `missing`"
            )));
        }
    }
    match &*rule.of {
        Rule::Constant(value) if value.is_blank() => Err(site.fail("a look-up of nothing")),
        _ => Ok(()),
    }
}

/// A link that leads nowhere.
pub(crate) fn link(rule: &LinkRule, site: &Site<'_>) -> Result<()> {
    match rule.missing {
        Missing::Make => Err(site.fail("a link cannot make what it leads to: take another `missing`")),
        _ => Ok(()),
    }
}

/// The values that a rule can end in, as far as they stand in the mapping.
fn outcomes(rule: &Rule) -> Vec<Value> {
    match rule {
        Rule::Constant(value) => vec![value.clone()],
        Rule::Map(map) => {
            let mut values: Vec<_> = map.values.values().cloned().collect();
            values.extend(map.spellings.keys().map(|value| Value::from(value.as_str())));
            if let Unknown::Default(value) = &map.unknown {
                values.push(value.clone());
            }
            values
        }
        Rule::FirstOf(rules) => rules.iter().flat_map(outcomes).collect(),
        Rule::If { then, .. } => outcomes(then),
        _ => Vec::new(),
    }
}

//! A mapping as TOML text: read with the place of every fault, written as a person would.

use std::fmt::Write as _;
use std::ops::Range;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::ser::ValueSerializer;

use crate::error::{Error, Result};
use crate::spec::draft::{Becomes, DraftSpec, FieldRule};
use crate::spec::mapping::{MappingSpec, VERSION, unwritable};

/// A rule that would be wider than this is written with a line for each of its keys.
const WIDTH: usize = 100;

impl MappingSpec {
    /// Reads a mapping.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or not a mapping: the error's places `line`, `column` and `key` say where.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let failed = Error::config(format!("the mapping does not read: {}", error.message()));
            let Some(span) = error.span() else { return failed };
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let failed = failed.at("line", line).at("column", column);
            match DeTable::parse(text) {
                Ok(table) => match path(table.get_ref(), &span) {
                    key if key.is_empty() => failed,
                    key => failed.at("key", key),
                },
                Err(_) => failed,
            }
        })
    }

    /// Writes it. [`from_toml`](Self::from_toml) of the text gives an equal mapping; comments that were in a text are not kept.
    ///
    /// # Errors
    ///
    /// It holds a constant that TOML cannot hold.
    pub fn to_toml(&self) -> Result<String> {
        let mut text = format!("version = {VERSION}\n");
        if !self.needs.is_empty() {
            #[derive(Serialize)]
            struct Headed<'a> {
                needs: &'a crate::spec::needs::NeedsSpec,
            }
            let needs =
                toml::to_string(&Headed { needs: &self.needs }).map_err(|error| unwritable(&error))?;
            // The empty heading above the two lists says nothing.
            let needs = needs.strip_prefix("[needs]\n").unwrap_or(&needs);
            push(&mut text, format_args!("\n{}\n", needs.trim()));
        }
        for draft in &self.drafts {
            write_draft(draft, &mut text)?;
        }
        Ok(text)
    }
}

fn write_draft(draft: &DraftSpec, text: &mut String) -> Result<()> {
    push(text, format_args!("\n[[draft]]\nentity = {}\n", value(&draft.entity)?));
    if !draft.part.is_empty() {
        push(text, format_args!("part = {}\n", value(&draft.part)?));
    }
    if let Becomes::Written(model, _) = &draft.becomes {
        push(text, format_args!("model = {}\n", value(model)?));
    }
    if let Some(when) = &draft.when {
        push(text, format_args!("when = {}\n", value(when)?));
    }
    match &draft.becomes {
        Becomes::Matched(lookup) => push(text, format_args!("match = {}\n", value(lookup)?)),
        Becomes::Written(_, fields) => {
            push(text, format_args!("\n[draft.fields]\n"));
            for (name, rule) in fields.iter() {
                write_field(&key(name.as_str()), rule, text)?;
            }
        }
    }
    Ok(())
}

fn write_field(name: &str, rule: &FieldRule, text: &mut String) -> Result<()> {
    let short = value(rule)?;
    if name.len() + short.len() <= WIDTH {
        push(text, format_args!("{name} = {short}\n"));
        return Ok(());
    }
    match toml::Value::try_from(rule).map_err(|error| unwritable(&error))? {
        toml::Value::Table(keys) => {
            for (inner, rule) in &keys {
                push(text, format_args!("{name}.{} = {}\n", key(inner), value(rule)?));
            }
        }
        _ => push(text, format_args!("{name} = {short}\n")),
    }
    Ok(())
}

/// A value in one line, or in several where it is text of several.
fn value(value: &impl Serialize) -> Result<String> {
    let mut text = String::new();
    value.serialize(ValueSerializer::new(&mut text)).map_err(|error| unwritable(&error))?;
    Ok(text)
}

/// A key, quoted where it must be.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        return name.to_owned();
    }
    // JSON's escapes are TOML's, but for one control character that JSON leaves as it is.
    serde_json::Value::from(name).to_string().replace('\u{7f}', "\\u007F")
}

/// Writing to a `String` does not fail.
fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

/// The way to the innermost value around a place: `draft[2].fields.user_id`, lists counted from 1.
fn path(table: &DeTable<'_>, span: &Range<usize>) -> String {
    let mut path = String::new();
    let mut table = Some(table);
    while let Some(inside) = table.take() {
        let found = inside.iter().find(|(key, value)| covers(&key.span(), span) || around(value, span));
        let Some((key, value)) = found else { break };
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key.get_ref());
        let mut value = value;
        while let DeValue::Array(values) = value.get_ref() {
            let Some(at) = values.iter().position(|value| around(value, span)) else { break };
            push(&mut path, format_args!("[{}]", at + 1));
            value = &values[at];
        }
        if let DeValue::Table(inner) = value.get_ref() {
            table = Some(inner);
        }
    }
    path
}

/// Whether a place lies in a value, or in a part of it: the span of a table with a heading of its own is the heading's.
fn around(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    covers(&value.span(), span)
        || match value.get_ref() {
            DeValue::Array(values) => values.iter().any(|value| around(value, span)),
            DeValue::Table(table) => {
                table.iter().any(|(key, value)| covers(&key.span(), span) || around(value, span))
            }
            _ => false,
        }
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

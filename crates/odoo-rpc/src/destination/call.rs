//! Rows as calls: checked, cut into lists, encoded.

use std::collections::{BTreeMap, VecDeque};

use mapping_core::error::Error;
use mapping_core::name::ModelName;
use mapping_core::receipt::{Action, DestinationId, Row};
use mapping_core::value::Value;

use crate::client::{Client, EncodedCall};
use crate::destination::cells::{cell, column};
use crate::destination::diagnose::load;
use crate::destination::model::Model;
use crate::destination::quiet::IDENTITY;
use crate::destination::values::{Markup, encode as encode_value};
use crate::destination::writer::OdooWriter;
use crate::error::{Error as CallError, Result as CallResult};
use crate::reason::Reason;
use crate::wire::{Struct, Value as Wire};

/// Rows that are checked and encoded: what `prepare` hands to `write`.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) batches: Vec<Batch>,
    /// Rows that a check refuses, by their number.
    pub(crate) refused: Vec<(usize, Error)>,
}

/// Rows of one model that are written in one way.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) kind: Kind,
    pub(crate) model: ModelName,
    /// The numbers of its rows.
    pub(crate) rows: Vec<usize>,
    /// Calls for them, one after the other, each with how many rows it writes: as good as could be told beforehand.
    pub(crate) lists: VecDeque<(usize, Option<EncodedCall>)>,
}

/// What a call does with its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// `create`, of all.
    Create,
    /// `web_save_multi`, each with its own values; Odoo 19 and later.
    SaveMany,
    /// `load`, by database id, each with its own values.
    LoadMany,
    /// `write`, of one.
    Write,
}

/// Checks and encodes rows; `None` where the fields of one of their models are not known yet.
pub(crate) fn encode(writer: &OdooWriter, rows: &[Row]) -> Option<Encoded> {
    let mut encoded = Encoded::default();
    let mut parts: BTreeMap<(Kind, &ModelName, Vec<String>), Vec<(usize, Struct)>> = BTreeMap::new();
    let many = writer.client.version().at_least(19, 0);
    for (at, row) in rows.iter().enumerate() {
        let model = writer.known_model(&row.model)?;
        match model.as_deref().map(|model| checked(model, row).map(|values| (model, values))) {
            None => {
                encoded.refused.push((at, Error::refused("there is no such model").at("model", &row.model)))
            }
            Some(Err(error)) => encoded.refused.push((at, error.at("model", &row.model))),
            Some(Ok((model, values))) => {
                let (kind, columns) = match row.action {
                    Action::Create => (Kind::Create, Vec::new()),
                    Action::Update(_) if many => (Kind::SaveMany, Vec::new()),
                    Action::Update(_) => match columns(model, &values) {
                        Some(columns) => (Kind::LoadMany, columns),
                        None => (Kind::Write, Vec::new()),
                    },
                };
                parts.entry((kind, &row.model, columns)).or_default().push((at, values));
            }
        }
    }
    for ((kind, model, _), mut part) in parts {
        let numbers = part.iter().map(|(at, _)| *at).collect();
        let mut lists = VecDeque::new();
        while !part.is_empty() {
            let most = writer.with_pace(kind, model, |pace| pace.next(part.len()));
            let count = cut(kind, part.iter().map(|(_, values)| values), most, writer.bytes());
            let content = part.drain(..count).map(|(at, values)| (id(&rows[at]), values)).collect();
            let known = writer.known_model(model).flatten();
            let call = known.and_then(|known| call(&writer.client, kind, &known, model, content).ok());
            lists.push_back((count, call));
        }
        encoded.batches.push(Batch { kind, model: model.clone(), rows: numbers, lists });
    }
    Some(encoded)
}

fn checked(model: &Model, row: &Row) -> Result<Struct, Error> {
    match &row.action {
        Action::Update(id) if id.number().is_none() => Err(Error::refused("the record's id is no number")),
        _ => values(model, row, Markup::Plain),
    }
}

/// The call that writes these rows, alone.
///
/// # Errors
///
/// The first row that cannot be encoded.
pub(crate) fn call_of(client: &Client, kind: Kind, model: &Model, rows: &[&Row]) -> CallResult<EncodedCall> {
    let content =
        rows.iter().filter_map(|row| Some((id(row), values(model, row, Markup::Plain).ok()?))).collect();
    let name = rows.first().map(|row| row.model.clone()).unwrap_or_else(|| "".into());
    call(client, kind, model, &name, content)
}

/// How many of the rows go into a call, from the first on: at most `rows`, and at most so many bytes where it is not one alone.
pub(crate) fn cut_of(kind: Kind, model: &Model, rows: &[&Row], most: usize, bytes: usize) -> usize {
    let values: Vec<_> =
        rows.iter().take(most).map_while(|row| values(model, row, Markup::Plain).ok()).collect();
    cut(kind, values.iter(), most, bytes)
}

/// A row's fields, and its identity, as the model takes them.
///
/// # Errors
///
/// The model does not take one of them; the error's place `field` says which.
pub(crate) fn values(model: &Model, row: &Row, markup: Markup) -> Result<Struct, Error> {
    let mut values = Struct::with_capacity(row.fields.len() + 1);
    for (name, value) in row.fields.iter() {
        // A field that was made by hand has no default of the server's own: a new record need not say that it is empty.
        if row.action == Action::Create && *value == Value::Null && name.as_str().starts_with("x_") {
            continue;
        }
        let field = model
            .fields
            .get(name)
            .ok_or_else(|| Error::refused("there is no such field").at("field", name))?;
        let value = encode_value(field, value, markup).map_err(|error| error.at("field", name))?;
        values.push(name.as_str().into(), value);
    }
    if !model.fields.contains_key(IDENTITY) {
        return Err(Error::refused("the model has no field for identities: apply the schema first")
            .at("field", IDENTITY));
    }
    values.push(IDENTITY.into(), row.identity.as_str().into());
    Ok(values)
}

/// The columns in which `load` takes these values as they are; `None` where it takes one of them otherwise.
fn columns(model: &Model, values: &Struct) -> Option<Vec<String>> {
    let one = |(name, value): (&str, &Wire)| {
        let field = model.fields.get(name)?;
        cell(field, value).map(|_| column(name, field))
    };
    values.iter().map(one).collect()
}

fn call(
    client: &Client,
    kind: Kind,
    model: &Model,
    name: &ModelName,
    content: Vec<(i64, Struct)>,
) -> CallResult<EncodedCall> {
    if kind == Kind::LoadMany {
        return load_of(client, model, name, &content);
    }
    let (ids, values): (Vec<Wire>, Vec<Wire>) =
        content.into_iter().map(|(id, values)| (Wire::from(id), Wire::from(values))).unzip();
    let (method, args): (_, Vec<Wire>) = match kind {
        Kind::Create | Kind::LoadMany => ("create", vec![values.into()]),
        Kind::SaveMany => ("web_save_multi", vec![ids.into(), values.into(), Struct::new().into()]),
        Kind::Write => ("write", vec![ids.into(), values.into_iter().next().unwrap_or_default()]),
    };
    client.encode(name.as_str(), method, args, Struct::new())
}

/// Rows of the same fields as a call of `load`.
fn load_of(
    client: &Client,
    model: &Model,
    name: &ModelName,
    content: &[(i64, Struct)],
) -> CallResult<EncodedCall> {
    let lost = || CallError::Unsendable {
        call: format!("{name}.load"),
        path: "data".to_owned(),
        reason: Reason::Value,
    };
    let mut columns = vec![".id".to_owned()];
    let first = content.first().map(|(_, values)| values);
    columns.extend(first.and_then(|values| self::columns(model, values)).ok_or_else(lost)?);
    let row = |(id, values): &(i64, Struct)| {
        let cells = values.iter().map(|(name, value)| cell(model.fields.get(name)?, value));
        std::iter::once(Some(id.to_string())).chain(cells).collect::<Option<Vec<String>>>()
    };
    let rows: Vec<_> = content.iter().map(row).collect::<Option<_>>().ok_or_else(lost)?;
    load(client, name.as_str(), &columns, &rows)
}

pub(crate) fn id(row: &Row) -> i64 {
    match &row.action {
        Action::Create => 0,
        Action::Update(id) => DestinationId::number(id).unwrap_or_default(),
    }
}

fn cut<'a>(kind: Kind, values: impl Iterator<Item = &'a Struct>, most: usize, bytes: usize) -> usize {
    let most = if kind == Kind::Write { 1 } else { most };
    let mut filled = 0;
    let fits = |values: &&Struct| {
        filled += weight(values);
        filled <= bytes
    };
    values.take(most).take_while(fits).count().max(1)
}

/// About how many bytes a row becomes.
fn weight(values: &Struct) -> usize {
    const TAGS: usize = 75;
    let one = |(name, value): (&str, &Wire)| name.len() + TAGS + value.as_text().map_or(8, str::len);
    values.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_over_the_limit_travels_alone() {
        let rows: Vec<_> = ["a", "b", &"c".repeat(1000), "d"]
            .into_iter()
            .map(|text| Struct::new().with("name", text))
            .collect();
        let sizes = [0, 2, 3].map(|from| cut(Kind::Create, rows[from..].iter(), 100, 400));
        assert_eq!(sizes, [2, 1, 1]);
    }
}

//! Rows as calls: checked, cut into lists, encoded.

use std::collections::{BTreeMap, HashSet};

use mapping_core::error::Error;
use mapping_core::name::ModelName;
use mapping_core::receipt::{Action, DestinationId, Row};
use mapping_core::value::Value;

use crate::client::{Client, EncodedCall};
use crate::destination::care;
use crate::destination::model::Model;
use crate::destination::quiet::IDENTITY;
use crate::destination::values::{Markup, encode as encode_value};
use crate::destination::writer::OdooWriter;
use crate::error::Result as CallResult;
use crate::wire::{Struct, Value as Wire};

/// Rows that are checked and encoded: what `prepare` hands to `write`.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) lists: Vec<List>,
    /// Rows that a check refuses, by their number.
    pub(crate) refused: Vec<(usize, Error)>,
}

impl Encoded {
    /// Takes out rows that are refused after all.
    pub(crate) fn refuse(&mut self, refused: Vec<(usize, Error)>) {
        if refused.is_empty() {
            return;
        }
        let numbers: HashSet<usize> = refused.iter().map(|(at, _)| *at).collect();
        for list in &mut self.lists {
            let rows = list.rows.len();
            list.rows.retain(|at| !numbers.contains(at));
            if list.rows.len() < rows {
                list.call = None;
            }
        }
        self.lists.retain(|list| !list.rows.is_empty());
        self.refused.extend(refused);
    }
}

/// Rows of one call.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) kind: Kind,
    /// The numbers of its rows.
    pub(crate) rows: Vec<usize>,
    /// The call, where it could be encoded; where not, its rows are to be taken one by one.
    pub(crate) call: Option<EncodedCall>,
}

/// What a call does with its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `create`, of all.
    Create,
    /// `web_save_multi`, each with its own values; Odoo 19 and later.
    SaveMany,
    /// `write`, of one.
    Write,
}

/// Checks and encodes rows; `None` where the fields of one of their models are not known yet.
pub(crate) fn encode(writer: &OdooWriter, rows: &[Row]) -> Option<Encoded> {
    let mut encoded = Encoded::default();
    let mut lists: BTreeMap<(Kind, &ModelName, u8), Cutter> = BTreeMap::new();
    let mut turns = care::Turns::new(&writer.client);
    let many = writer.client.version().at_least(19, 0);
    for at in care::order(rows) {
        let row = &rows[at];
        let model = writer.known_model(&row.model)?;
        match model.as_deref().map(|model| checked(model, row)) {
            None => {
                encoded.refused.push((at, Error::refused("there is no such model").at("model", &row.model)))
            }
            Some(Err(error)) => encoded.refused.push((at, error.at("model", &row.model))),
            Some(Ok(values)) => {
                let kind = match row.action {
                    Action::Create => Kind::Create,
                    Action::Update(_) if many => Kind::SaveMany,
                    Action::Update(_) => Kind::Write,
                };
                let limit = if kind == Kind::Write { 1 } else { writer.rows };
                let cutter = lists
                    .entry((kind, &row.model, turns.of(row)))
                    .or_insert_with(|| Cutter::new(limit, writer.bytes()));
                cutter.push(at, id(row), values);
            }
        }
    }
    for ((kind, model, _), cutter) in lists {
        for part in cutter.parts {
            let rows = part.iter().map(|(at, _, _)| *at).collect();
            let content = part.into_iter().map(|(_, id, values)| (id, values)).collect();
            let call = call(&writer.client, kind, model, content).ok();
            encoded.lists.push(List { kind, rows, call });
        }
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
    call(client, kind, &name, content)
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
        if care::leaves_out(row, name, value) {
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
    care::complete(model, row, &mut values)?;
    values.push(IDENTITY.into(), row.identity.as_str().into());
    Ok(values)
}

fn call(
    client: &Client,
    kind: Kind,
    model: &ModelName,
    content: Vec<(i64, Struct)>,
) -> CallResult<EncodedCall> {
    let (ids, values): (Vec<Wire>, Vec<Wire>) =
        content.into_iter().map(|(id, values)| (Wire::from(id), Wire::from(values))).unzip();
    let (method, args): (_, Vec<Wire>) = match kind {
        Kind::Create => ("create", vec![values.into()]),
        Kind::SaveMany => ("web_save_multi", vec![ids.into(), values.into(), Struct::new().into()]),
        Kind::Write => ("write", vec![ids.into(), values.into_iter().next().unwrap_or_default()]),
    };
    let context = args.first().and_then(Wire::as_array).and_then(|rows| match kind {
        Kind::Create => care::context(client.version(), model.as_str(), rows),
        Kind::SaveMany | Kind::Write => None,
    });
    let special = context.map(|context| client.with_context(context));
    let client = special.as_ref().unwrap_or(client);
    client.encode(model.as_str(), method, args, Struct::new())
}

fn id(row: &Row) -> i64 {
    match &row.action {
        Action::Create => 0,
        Action::Update(id) => DestinationId::number(id).unwrap_or_default(),
    }
}

/// Cuts rows into parts that are bounded in number and in bytes.
struct Cutter {
    rows: usize,
    bytes: usize,
    filled: usize,
    parts: Vec<Vec<(usize, i64, Struct)>>,
}

impl Cutter {
    fn new(rows: usize, bytes: usize) -> Self {
        Self { rows, bytes, filled: 0, parts: Vec::new() }
    }

    fn push(&mut self, at: usize, id: i64, values: Struct) {
        let size = weight(&values);
        match self.parts.last_mut() {
            Some(part) if part.len() < self.rows && self.filled + size <= self.bytes => {
                part.push((at, id, values));
                self.filled += size;
            }
            _ => {
                self.parts.push(vec![(at, id, values)]);
                self.filled = size;
            }
        }
    }
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
        let mut cutter = Cutter::new(100, 400);
        for (at, text) in ["a", "b", &"c".repeat(1000), "d"].into_iter().enumerate() {
            cutter.push(at, 0, Struct::new().with("name", text));
        }
        let sizes: Vec<usize> = cutter.parts.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1]);
    }
}

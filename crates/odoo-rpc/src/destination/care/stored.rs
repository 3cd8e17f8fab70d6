//! What is stored in the records that rows are about.

use std::collections::{BTreeSet, HashMap};

use mapping_core::error::Result;
use mapping_core::receipt::{Action, DestinationId, Row};
use mapping_core::value::Value;

use crate::destination::error::core;
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

/// Fields of records, by id: one call, none for no ids.
pub(crate) async fn read(
    writer: &OdooWriter,
    model: &str,
    ids: BTreeSet<i64>,
    fields: &[&str],
) -> Result<HashMap<i64, Struct>> {
    let ids: Vec<i64> = ids.into_iter().collect();
    let found = writer.patience.repeat(|| writer.client.read(model, &ids, fields)).await.map_err(core)?;
    Ok(found.into_iter().filter_map(with_id).collect())
}

/// A record beside its id.
pub(crate) fn with_id(record: Struct) -> Option<(i64, Struct)> {
    Some((record.get("id")?.as_int()?, record))
}

/// The record that a row updates.
pub(crate) fn updated(row: &Row) -> Option<i64> {
    match &row.action {
        Action::Create => None,
        Action::Update(id) => DestinationId::number(id),
    }
}

/// The record that a field of a row links to.
pub(crate) fn linked(row: &Row, field: &str) -> Option<i64> {
    row.fields.find(field).and_then(Value::as_integer)
}

/// What a stored field is compared by; nothing where it is empty.
pub(crate) fn content(value: Option<&Wire>) -> Option<Wire> {
    match value? {
        Wire::Array(pair) => pair.first().cloned(),
        value if value.is_unset() => None,
        Wire::Text(text) if text.is_empty() => None,
        value => Some(value.clone()),
    }
}

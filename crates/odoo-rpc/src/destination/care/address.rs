//! A contact below another keeps its own address, and leaves those of its family alone.
//!
//! A contact of type 'contact' with a parent takes the parent's address when it is made, and when it gets a parent; on 19 its own is
//! carried up to the parent and the siblings where it is changed, or where the parent has none (measured on 14, 16, 17 and 19). One of
//! type 'other' keeps to itself. On 14 the first contact below a parent without address gives its own to it whatever its type
//! (measured); a key in the context stops that.

use std::collections::HashMap;

use mapping_core::error::{Error, Result};
use mapping_core::receipt::{Action, Row};
use mapping_core::value::Value;

use crate::client::record::link;
use crate::client::{Context, Domain, ServerVersion};
use crate::destination::care::stored::{content, linked, updated, with_id};
use crate::destination::model::{Model, Ttype};
use crate::destination::values::{Markup, encode};
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

const MODEL: &str = "res.partner";
const PARENT: &str = "parent_id";
const TYPE: &str = "type";
/// The type of a contact that lives where its parent does, and is the default; and of one with an address of its own.
const SHARED: &str = "contact";
const OWN: &str = "other";
const ADDRESS: [&str; 6] = ["street", "street2", "zip", "city", "state_id", "country_id"];

/// Gives a new contact that has a parent and an address the type that keeps both apart.
pub(crate) fn complete(model: &Model, row: &Row, values: &mut Struct) -> Result<()> {
    if !is_below_with_address(row) {
        return Ok(());
    }
    match row.fields.find(TYPE).map(Value::as_text) {
        Some(Some(SHARED)) => Err(refusal()),
        None if row.action == Action::Create => {
            let choices = model.fields.get(TYPE).map(|field| &field.ttype);
            if matches!(choices, Some(Ttype::Selection(choices)) if choices.iter().any(|(value, _)| value == OWN))
            {
                values.push(TYPE.into(), OWN.into());
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether a new contact must not be made in one call with those that take their parent's address.
pub(crate) fn is_apart(row: &Row) -> bool {
    is_below_with_address(row)
}

/// Odoo's own key for contacts whose addresses are right as they are. They do not take the parent's tax number then, either, until
/// the parent is changed next.
pub(crate) fn context(version: &ServerVersion, model: &str, rows: &[Wire]) -> Option<Context> {
    let apart = |row: &Wire| {
        row.as_struct().is_some_and(|row| {
            let filled = |field: &&str| content(row.get(field)).is_some();
            filled(&PARENT) && ADDRESS.iter().any(filled)
        })
    };
    let needed = model == MODEL && !version.at_least(19, 0) && rows.iter().any(apart);
    needed.then(|| Context::new().with("_partners_skip_fields_sync", true))
}

/// Says which changed contacts would lose their address, or carry it to others: one call where there may be any.
pub(crate) async fn look(writer: &OdooWriter, rows: &[Row]) -> Result<Vec<(usize, Error)>> {
    let carried_up = writer.client.version().at_least(19, 0);
    let asked: Vec<(usize, &Row)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.model.as_str() == MODEL && row.action != Action::Create && keeps_type(row))
        .filter(|(_, row)| match row.fields.find(PARENT) {
            Some(parent) => *parent != Value::Null,
            None => carried_up && ADDRESS.iter().any(|field| row.fields.find(field).is_some()),
        })
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let ids = |named: bool| {
        asked
            .iter()
            .filter(move |(_, row)| linked(row, PARENT).is_some() == named)
            .filter_map(|(_, row)| updated(row))
    };
    // Of most of them nothing comes back: they have no parent, or keep to themselves.
    let domain = || {
        let below = Domain::field("id").is_in(ids(false)).and(Domain::field(PARENT).is_set());
        let either = below.or(Domain::field("id").is_in(ids(true)));
        either.and(Domain::field(TYPE).eq(SHARED))
    };
    let fields = [&[PARENT], &ADDRESS[..]].concat();
    let stored = writer.records(&MODEL.into(), domain, &fields).await?;
    let stored: HashMap<i64, Struct> = stored.into_iter().filter_map(with_id).collect();

    let Some(Some(model)) = writer.known_model(&MODEL.into()) else { return Ok(Vec::new()) };
    let harms = |row: &Row| {
        let Some(before) = updated(row).and_then(|id| stored.get(&id)) else { return false };
        let has_address = || ADDRESS.iter().any(|field| content(before.get(field)).is_some());
        match linked(row, PARENT) {
            Some(parent) => {
                is_below_with_address(row) || (link(before, PARENT) != Some(parent) && has_address())
            }
            None => {
                link(before, PARENT).is_some()
                    && ADDRESS.iter().any(|field| changes(&model, row, before, field))
            }
        }
    };
    Ok(asked.into_iter().filter(|(_, row)| harms(row)).map(|(at, _)| (at, refusal())).collect())
}

fn is_below_with_address(row: &Row) -> bool {
    row.model.as_str() == MODEL
        && linked(row, PARENT).is_some()
        && ADDRESS.iter().any(|field| !row.fields.value(field).is_blank())
}

/// Whether the row leaves the stored type as it is, or makes it the one that shares its address.
fn keeps_type(row: &Row) -> bool {
    row.fields.find(TYPE).is_none_or(|value| value.as_text() == Some(SHARED))
}

fn changes(model: &Model, row: &Row, before: &Struct, field: &str) -> bool {
    let (Some(value), Some(info)) = (row.fields.find(field), model.fields.get(field)) else { return false };
    encode(info, value, Markup::Plain).is_ok_and(|sent| content(Some(&sent)) != content(before.get(field)))
}

fn refusal() -> Error {
    let message = "Odoo gives a contact of type 'contact' the address of its parent, or the parent this one: give it the type 'other', or \
                   link it to its family by a field of its own (x_...) instead of parent_id";
    Error::refused(message).at("model", MODEL).at("field", TYPE)
}

//! A lead never rewrites its patient.
//!
//! Odoo copies the `email_from` and `phone` of a lead onto its contact, and from there onto the contact's other leads; 14, 16 and 17
//! copy empty ones too, and so erase the patient's (measured). So an empty one is not sent together with a contact, and another
//! one than the contact's own is refused: it belongs into a field of the lead's own.

use std::collections::BTreeSet;

use mapping_core::error::{Error, Result};
use mapping_core::name::FieldName;
use mapping_core::receipt::{Action, Row};
use mapping_core::value::Value;

use crate::client::record::link;
use crate::destination::care::stored::{content, linked, read, updated};
use crate::destination::values::{Markup, encode};
use crate::destination::writer::OdooWriter;
use crate::wire::Struct;

pub(crate) const MODEL: &str = "crm.lead";
const CONTACT: &str = "partner_id";
/// The fields that are copied, and the contact's fields they are copied to.
const COPIED: [(&str, &str); 2] = [("email_from", "email"), ("phone", "phone")];

/// An empty field goes without saying: the lead takes its contact's.
pub(crate) fn leaves_out(row: &Row, name: &FieldName, value: &Value) -> bool {
    value.is_blank()
        && row.model.as_str() == MODEL
        && COPIED.iter().any(|(field, _)| *field == name.as_str())
        && linked(row, CONTACT).is_some()
}

/// The values without those that are copied, and these: a lead has them from its contact anyway.
pub(crate) fn copied_apart(values: &Struct) -> (Struct, Struct) {
    let is_copied = |name: &str| COPIED.iter().any(|(field, _)| *field == name);
    let part = |copied: bool| {
        let fields = values.iter().filter(|(name, _)| is_copied(name) == copied);
        fields.map(|(name, value)| (name, value.clone())).collect()
    };
    (part(false), part(true))
}

/// Says which leads would change their contact.
pub(crate) async fn look(writer: &OdooWriter, rows: &[Row]) -> Result<Vec<(usize, Error)>> {
    let erases = !writer.client.version().at_least(19, 0);
    let copied = |row: &Row| {
        COPIED.iter().any(|(field, _)| match row.fields.find(field) {
            Some(value) if value.is_blank() => erases && !names_contact(row),
            Some(_) => !names_contact(row) || linked(row, CONTACT).is_some(),
            None => false,
        })
    };
    let asked: Vec<(usize, &Row)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.model.as_str() == MODEL && copied(row))
        .filter(|(_, row)| names_contact(row) || row.action != Action::Create)
        .collect();
    let unnamed: BTreeSet<i64> =
        asked.iter().filter(|(_, row)| !names_contact(row)).filter_map(|(_, row)| updated(row)).collect();
    let leads = read(writer, MODEL, unnamed, &[CONTACT]).await?;
    let contact = |row: &Row| match names_contact(row) {
        true => linked(row, CONTACT),
        false => link(leads.get(&updated(row)?)?, CONTACT),
    };
    let ids: BTreeSet<i64> = asked.iter().filter_map(|(_, row)| contact(row)).collect();
    let contacts = read(writer, "res.partner", ids, &["email", "phone"]).await?;

    let Some(Some(model)) = writer.known_model(&MODEL.into()) else { return Ok(Vec::new()) };
    let mut refused = Vec::new();
    for (at, row) in asked {
        let Some(theirs) = contact(row).and_then(|id| contacts.get(&id)) else { continue };
        let differs = COPIED.iter().find(|(field, of_contact)| {
            let (Some(value), Some(info)) = (row.fields.find(field), model.fields.get(*field)) else {
                return false;
            };
            if value.is_blank() {
                return erases && !names_contact(row) && content(theirs.get(of_contact)).is_some();
            }
            // What cannot be encoded is refused for that already.
            encode(info, value, Markup::Plain)
                .is_ok_and(|sent| content(Some(&sent)) != content(theirs.get(of_contact)))
        });
        if let Some((field, _)) = differs {
            let message = "Odoo would copy it onto the lead's contact, whose own is another, and from there onto the contact's other \
                           leads: leave it out, or put it in a field of the lead's own (x_...)";
            refused.push((at, Error::refused(message).at("model", MODEL).at("field", field)));
        }
    }
    Ok(refused)
}

/// Whether the row itself says which contact the lead has, if any.
fn names_contact(row: &Row) -> bool {
    row.fields.find(CONTACT).is_some()
}

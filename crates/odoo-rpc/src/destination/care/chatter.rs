//! Messages are made in the order of their dates: Odoo shows a record's messages by id (measured on 14 and 19).

use mapping_core::receipt::{Action, Row};
use mapping_core::value::Value;

const MODEL: &str = "mail.message";

/// The numbers of the rows in the order in which they are to be sent. New messages change places among themselves, the earliest
/// first, those without a date last, since they get the time of the call. All others stay where they are.
pub(crate) fn order(rows: &[Row]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let places: Vec<usize> = order.iter().copied().filter(|at| is_message(&rows[*at])).collect();
    let mut messages = places.clone();
    messages.sort_by_key(|at| match rows[*at].fields.value("date") {
        Value::Instant(date) => (false, Some(*date)),
        _ => (true, None),
    });
    for (place, message) in places.into_iter().zip(messages) {
        order[place] = message;
    }
    order
}

fn is_message(row: &Row) -> bool {
    row.model.as_str() == MODEL && row.action == Action::Create
}

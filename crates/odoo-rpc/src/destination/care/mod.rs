//! What Odoo would do to other people's records, made impossible: one file per trap.
//!
//! Some of it is seen in a row alone, when it is encoded; some needs a look at the server, just before rows are sent.

mod activity;
mod address;
mod chatter;
mod lead;
pub(crate) mod stored;

use mapping_core::error::{Error, Result};
use mapping_core::name::FieldName;
use mapping_core::receipt::{Action, Row};
use mapping_core::value::Value;

use crate::client::{Client, Context, ServerVersion};
use crate::destination::model::Model;
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

pub(crate) use chatter::order;

/// Whether a field of a row is not to be sent at all.
pub(crate) fn leaves_out(row: &Row, name: &FieldName, value: &Value) -> bool {
    lead::leaves_out(row, name, value)
}

/// Adds to a row's values what keeps it from doing harm.
///
/// # Errors
///
/// Nothing does: the row must not be sent.
pub(crate) fn complete(model: &Model, row: &Row, values: &mut Struct) -> Result<()> {
    address::complete(model, row, values)
}

/// Which rows of one model must not share a call: those of a later turn follow those of an earlier one.
#[derive(Debug)]
pub(crate) struct Turns {
    activities: activity::Turns,
}

impl Turns {
    pub(crate) fn new(client: &Client) -> Self {
        Self { activities: activity::Turns::new(client.version(), client.uid()) }
    }

    /// The turn of a row; rows are to be asked about in the order in which they are sent.
    pub(crate) fn of(&mut self, row: &Row) -> u8 {
        if row.action != Action::Create {
            return 0;
        }
        self.activities.of(row).max(u8::from(address::is_apart(row)))
    }
}

/// What a call that creates these rows needs in its context besides.
pub(crate) fn context(version: &ServerVersion, model: &str, rows: &[Wire]) -> Option<Context> {
    address::context(version, model, rows)
}

/// Values of which [`look`] said that they would do harm, in two: what may be put back all the same, and what may not. `None` where
/// nothing may.
pub(crate) fn apart(model: &str, values: &Struct) -> Option<(Struct, Struct)> {
    (model == lead::MODEL).then(|| lead::copied_apart(values))
}

/// Looks at what is stored, and says which rows must not be sent: at most three calls, none where no row needs it.
///
/// # Errors
///
/// The server does not answer, or may not be asked: then nothing is known, and none of the rows may be sent.
pub(crate) async fn look(writer: &OdooWriter, rows: &[Row]) -> Result<Vec<(usize, Error)>> {
    let mut refused = lead::look(writer, rows).await?;
    refused.extend(address::look(writer, rows).await?);
    Ok(refused)
}

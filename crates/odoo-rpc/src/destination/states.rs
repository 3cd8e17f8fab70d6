//! Which country a state is in: Odoo takes one of another country without a word (measured on 19).

use std::collections::HashMap;

use mapping_core::error::Error;
use mapping_core::receipt::Row;
use mapping_core::value::Value;

use crate::client::{Domain, SearchOptions};
use crate::destination::model::{Model, Ttype};
use crate::destination::writer::OdooWriter;
use crate::wire::Value as Wire;

const STATE: &str = "state_id";
const COUNTRY: &str = "country_id";

/// The country of each state, by their ids.
pub(crate) type States = HashMap<i64, i64>;

/// A row's state and country, where it gives both and they are these.
pub(crate) fn of(model: &Model, row: &Row) -> Option<(i64, i64)> {
    let link = |name: &str, to: &str| {
        let field = model.fields.get(name)?;
        (field.ttype == Ttype::Many2one(to.to_owned())).then_some(())?;
        row.fields.find(name).and_then(Value::as_integer)
    };
    link(STATE, "res.country.state").zip(link(COUNTRY, "res.country"))
}

/// Checks that the state is in the country.
///
/// # Errors
///
/// It is in another one.
pub(crate) fn check(states: &States, (state, country): (i64, i64)) -> Result<(), Error> {
    match states.get(&state) {
        Some(of) if *of != country => {
            Err(Error::refused("the state is in another country than the record").at("field", STATE))
        }
        // One that is not known is for the server to refuse.
        _ => Ok(()),
    }
}

impl OdooWriter {
    /// Asks for all states, once, where a row needs them. Where they cannot be read nothing is held against them.
    pub(crate) async fn learn_states(&self, rows: &[Row]) {
        let needs = |row: &Row| {
            let model = self.known_model(&row.model).flatten();
            model.is_some_and(|model| of(&model, row).is_some())
        };
        if self.states.get().is_some() || !rows.iter().any(needs) {
            return;
        }
        let ask = || {
            let all = SearchOptions::new().order("id");
            self.client.search_read("res.country.state", Domain::everything(), &[COUNTRY], all)
        };
        let found = match self.patience.repeat(ask).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(target: "odoo_rpc", %error, "which country a state is in is not known");
                Vec::new()
            }
        };
        let country = |record: &crate::wire::Struct| {
            record.get(COUNTRY).and_then(Wire::as_array)?.first().and_then(Wire::as_int)
        };
        let pair =
            |record: &crate::wire::Struct| record.get("id").and_then(Wire::as_int).zip(country(record));
        // Another call may have been quicker: it found the same.
        let _ = self.states.set(found.iter().filter_map(pair).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_another_country_is_refused() {
        let states = States::from([(570, 104), (9, 233)]);
        assert!(check(&states, (570, 104)).is_ok());
        assert!(check(&states, (570, 233)).unwrap_err().to_string().contains("state_id"));
        assert!(check(&states, (4711, 233)).is_ok());
    }
}

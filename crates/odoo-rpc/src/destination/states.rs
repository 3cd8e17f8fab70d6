//! Countries and their states: all of them are asked for once, in a call each, and then known.
//!
//! Odoo 19 has 251 countries and 1,977 states: 63 and 816 kB over XML-RPC, where the states and their countries alone are 511 kB (measured).
//! And it takes a state of another country without a word (measured).

use std::collections::HashMap;

use mapping_core::destination::LookupQuery;
use mapping_core::error::{Error, Result};
use mapping_core::name::FieldName;
use mapping_core::receipt::{DestinationId, Row};
use mapping_core::value::Value;

use crate::client::record::{link, text};
use crate::client::{Domain, SearchOptions};
use crate::destination::error::core;
use crate::destination::look::{Key, id};
use crate::destination::model::{Model, Ttype};
use crate::destination::writer::OdooWriter;
use crate::error::{Error as CallError, Result as CallResult};
use crate::wire::Struct;

const STATE: &str = "state_id";
const COUNTRY: &str = "country_id";
const STATES: &str = "res.country.state";
const COUNTRIES: &str = "res.country";
/// What is asked of a state.
const STATE_FIELDS: [&str; 3] = ["name", "code", COUNTRY];

/// A country, or a state.
#[derive(Debug)]
pub(crate) struct Place {
    id: i64,
    name: String,
    code: String,
    /// Of a state: its country.
    of: Option<i64>,
}

impl Place {
    fn read(row: &Struct) -> Option<Self> {
        let said = |field| text(row, field).to_owned();
        Some(Self { id: id(row)?, name: said("name"), code: said("code"), of: link(row, COUNTRY) })
    }

    /// How to tell what places are looked up by; `None` where that is not known of them.
    fn said(by: &str) -> Option<fn(&Self) -> &str> {
        let said: fn(&Self) -> &str = match by {
            "name" => |place| &place.name,
            "code" => |place| &place.code,
            _ => return None,
        };
        Some(said)
    }
}

/// All states.
#[derive(Debug, Default)]
pub(crate) struct States {
    all: Vec<Place>,
    /// The country of each, by their ids.
    countries: HashMap<i64, i64>,
}

impl From<Vec<Place>> for States {
    fn from(all: Vec<Place>) -> Self {
        let countries = all.iter().filter_map(|place| Some((place.id, place.of?))).collect();
        Self { all, countries }
    }
}

/// A row's state and country, where it gives both and they are these.
pub(crate) fn of(model: &Model, row: &Row) -> Option<(i64, i64)> {
    let link = |name: &str, to: &str| {
        let field = model.fields.get(name)?;
        (field.ttype == Ttype::Many2one(to.to_owned())).then_some(())?;
        row.fields.find(name).and_then(Value::as_integer)
    };
    link(STATE, STATES).zip(link(COUNTRY, COUNTRIES))
}

/// Checks that the state is in the country.
///
/// # Errors
///
/// It is in another one.
pub(crate) fn check(states: &States, (state, country): (i64, i64)) -> Result<()> {
    match states.countries.get(&state) {
        Some(of) if *of != country => {
            Err(Error::refused("the state is in another country than the record").at("field", STATE))
        }
        // One that is not known is for the server to refuse.
        _ => Ok(()),
    }
}

impl OdooWriter {
    /// Asks for all states where a row needs them. Where the user may not see them nothing is held against any; where the server does not
    /// answer, the next rows ask again.
    pub(crate) async fn learn_states(&self, rows: &[Row]) {
        let needs = |row: &Row| {
            let model = self.known_model(&row.model).flatten();
            model.is_some_and(|model| of(&model, row).is_some())
        };
        if self.states.get().is_some() || !rows.iter().any(needs) {
            return;
        }
        let learned = match self.every_place(STATES, &STATE_FIELDS).await {
            Ok(all) => States::from(all),
            Err(error) => {
                tracing::debug!(target: "odoo_rpc", %error, "which country a state is in is not known");
                if !matches!(error, CallError::Rights { .. } | CallError::Refused { .. }) {
                    return;
                }
                States::default()
            }
        };
        let _ = self.states.set(learned);
    }

    /// For each value, the countries or states found among all of them; `None` for what is looked up elsewhere, or by something else
    /// than name and code. What is not among them is asked for: it may be new.
    pub(crate) async fn among_places(
        &self,
        query: &LookupQuery,
        values: &[Value],
    ) -> Result<Option<Vec<Vec<DestinationId>>>> {
        let by_text = values.iter().all(|value| value.as_text().is_some());
        let Some(said) = Place::said(query.by.as_str()).filter(|_| by_text) else { return Ok(None) };
        let places: Vec<&Place> = match (query.model.as_str(), query.within.as_slice()) {
            (COUNTRIES, []) => self.all_countries().await?.iter().collect(),
            (STATES, []) => self.all_states().await?.all.iter().collect(),
            (STATES, [(field, value)]) => match self.countries_by(field, value).await? {
                Some(of) => {
                    let states = &self.all_states().await?.all;
                    states
                        .iter()
                        .filter(|state| state.of.is_some_and(|country| of.contains(&country)))
                        .collect()
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let mut known: HashMap<Key, Vec<DestinationId>> = HashMap::with_capacity(places.len());
        for place in places {
            known.entry(Key::text(said(place), query.fold)).or_default().push(place.id.into());
        }
        let mut found: Vec<Vec<DestinationId>> = Vec::with_capacity(values.len());
        for value in values {
            let key = Key::wanted(value, query.fold);
            found.push(key.and_then(|key| known.get(&key).cloned()).unwrap_or_default());
        }
        let missing: Vec<usize> = (0..values.len()).filter(|at| found[*at].is_empty()).collect();
        if !missing.is_empty() {
            let asked: Vec<Value> = missing.iter().map(|at| values[*at].clone()).collect();
            for (at, ids) in missing.into_iter().zip(self.asked_for(query, &asked).await?) {
                found[at] = ids;
            }
        }
        Ok(Some(found))
    }

    /// The countries that a state's field says: by id, by code or by name.
    async fn countries_by(&self, field: &FieldName, value: &Value) -> Result<Option<Vec<i64>>> {
        let (by, text) = match (field.as_str().strip_prefix(COUNTRY), value) {
            (Some(""), Value::Integer(country)) => return Ok(Some(vec![*country])),
            (Some(by), Value::Text(text)) => (by.strip_prefix('.'), text),
            _ => return Ok(None),
        };
        let Some(said) = by.and_then(Place::said) else { return Ok(None) };
        let countries = self.all_countries().await?;
        let is = |country: &&Place| said(country) == text;
        Ok(Some(countries.iter().filter(is).map(|country| country.id).collect()))
    }

    /// All countries: one call the first time.
    async fn all_countries(&self) -> Result<&[Place]> {
        if let Some(known) = self.known.countries.get() {
            return Ok(known);
        }
        let all = self.every_place(COUNTRIES, &["name", "code"]).await.map_err(core)?;
        // Another call may have been quicker: it found the same.
        Ok(self.known.countries.get_or_init(|| all))
    }

    /// All states: one call the first time.
    async fn all_states(&self) -> Result<&States> {
        if let Some(known) = self.states.get() {
            return Ok(known);
        }
        let all = self.every_place(STATES, &STATE_FIELDS).await.map_err(core)?;
        Ok(self.states.get_or_init(|| all.into()))
    }

    async fn every_place(&self, model: &str, fields: &[&str]) -> CallResult<Vec<Place>> {
        let ask = || async {
            let options = SearchOptions::new().order("id");
            self.client.search_read(model, Domain::everything(), fields, options).await
        };
        Ok(self.patience.repeat(ask).await?.iter().filter_map(Place::read).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_another_country_is_refused() {
        let state = |id, of| Place { id, name: String::new(), code: String::new(), of: Some(of) };
        let states = States::from(vec![state(570, 104), state(9, 233)]);
        assert!(check(&states, (570, 104)).is_ok());
        assert!(check(&states, (570, 233)).unwrap_err().to_string().contains("state_id"));
        assert!(check(&states, (4711, 233)).is_ok());
    }
}

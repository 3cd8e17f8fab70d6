//! Finding records: by identity, and by values of theirs.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use mapping_core::destination::LookupQuery;
use mapping_core::error::{Error, Result};
use mapping_core::identity::Identity;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::DestinationId;
use mapping_core::value::Value;

use crate::client::{Domain, SearchOptions};
use crate::destination::bills;
use crate::destination::error::core;
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;
use crate::patience::Waiting;
use crate::wire::{Struct, Value as Wire};

/// How many values go into one question. A thousand keys take about 0.05 s; ten thousand terms break Odoo 14 (measured).
const KEYS: usize = 1000;

/// The name that stands for a record's external id, `module.name`, in a look-up: it is no field of the model.
pub(crate) const XML_ID: &str = "xml_id";

impl OdooWriter {
    /// The records with those identities.
    pub(crate) async fn identified(
        &self,
        model: &ModelName,
        keys: &[Identity],
    ) -> Result<Vec<Option<DestinationId>>> {
        let there = self.model(model).await?.is_some_and(|model| model.fields.contains_key(IDENTITY));
        if !there {
            return Ok(vec![None; keys.len()]);
        }
        let mut found: HashMap<String, i64> = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(KEYS) {
            let domain = || {
                let keyed = Domain::field(IDENTITY).is_in(keys.iter().map(Identity::as_str));
                bills::alone(model, keyed)
            };
            for record in self.records(model, domain, &[IDENTITY]).await? {
                let (Some(id), Some(key)) = (id(&record), record.get(IDENTITY).and_then(Wire::as_text))
                else {
                    continue;
                };
                if found.insert(key.to_owned(), id).is_some() {
                    let message = "two records carry one identity: delete one of them, or empty its field";
                    return Err(Error::config(message).at("model", model).at("key", key));
                }
            }
        }
        Ok(keys.iter().map(|key| found.get(key.as_str()).map(|id| (*id).into())).collect())
    }

    /// The same for rows of any models, asked again until all are found or `time` is over.
    pub(crate) async fn await_identities(
        &self,
        wanted: &[(ModelName, Identity)],
        time: Duration,
    ) -> Result<Vec<Option<DestinationId>>> {
        let mut waiting = Waiting::new(time);
        let mut found = vec![None; wanted.len()];
        loop {
            let mut missing: HashMap<&ModelName, Vec<usize>> = HashMap::new();
            for (at, (model, _)) in wanted.iter().enumerate().filter(|(at, _)| found[*at].is_none()) {
                missing.entry(model).or_default().push(at);
            }
            for (model, rows) in missing {
                let keys: Vec<_> = rows.iter().map(|at| wanted[*at].1.clone()).collect();
                for (at, id) in rows.into_iter().zip(self.identified(model, &keys).await?) {
                    found[at] = id;
                }
            }
            if found.iter().all(Option::is_some) || !waiting.again().await {
                return Ok(found);
            }
        }
    }

    /// For each value, the records whose field equals it.
    pub(crate) async fn looked_up(
        &self,
        query: &LookupQuery,
        values: &[Value],
    ) -> Result<Vec<Vec<DestinationId>>> {
        if query.by.as_str() == XML_ID {
            return self.by_xml_id(&query.model, values).await;
        }
        let of_models = query.model.as_str() == "ir.model" && query.by.as_str() == "model";
        if of_models && query.within.is_empty() && !query.fold {
            let id = |value: &Value| self.known.id(value.as_text()?).map(|id| vec![id.into()]);
            if let Some(known) = values.iter().map(id).collect() {
                return Ok(known);
            }
        }
        match self.among_places(query, values).await? {
            Some(found) => Ok(found),
            None => self.asked_for(query, values).await,
        }
    }

    /// The same, asked of the server.
    pub(crate) async fn asked_for(
        &self,
        query: &LookupQuery,
        values: &[Value],
    ) -> Result<Vec<Vec<DestinationId>>> {
        let within: Vec<Domain> =
            query.within.iter().map(|(field, value)| equals(field, value)).collect::<Result<_>>()?;
        let by = query.by.as_str();
        let mut found: HashMap<Key, Vec<DestinationId>> = HashMap::new();
        // A record with white space around its value comes with each question.
        let mut seen = HashSet::new();
        for values in values.chunks(KEYS) {
            let one_of = match query.fold {
                true => {
                    let texts = values.iter().filter_map(Value::as_text);
                    let written = texts.map(|text| Domain::field(by).eq_ilike(&pattern(text)));
                    // Those few that were stored with white space around them are compared here.
                    let around = [" %", "% "].map(|around| Domain::field(by).compared("=like", around));
                    Domain::any_of(written.chain(around))
                }
                false => Domain::field(by).is_in(values.iter().map(wire).collect::<Result<Vec<_>>>()?),
            };
            let domain = || Domain::all_of(within.iter().cloned()).and(one_of.clone());
            for record in self.records(&query.model, domain, &[by]).await? {
                if let (Some(id), Some(key)) =
                    (id(&record), record.get(by).and_then(|value| Key::found(value, query.fold)))
                    && seen.insert(id)
                {
                    found.entry(key).or_default().push(id.into());
                }
            }
        }
        let ids = |value| {
            Key::wanted(value, query.fold).and_then(|key| found.get(&key)).cloned().unwrap_or_default()
        };
        Ok(values.iter().map(ids).collect())
    }

    async fn by_xml_id(&self, model: &ModelName, values: &[Value]) -> Result<Vec<Vec<DestinationId>>> {
        let names: Vec<Option<(&str, &str)>> =
            values.iter().map(|value| value.as_text()?.split_once('.')).collect();
        let mut found: HashMap<(String, String), DestinationId> = HashMap::new();
        for names in names.chunks(KEYS) {
            let (modules, names): (Vec<&str>, Vec<&str>) = names.iter().flatten().copied().unzip();
            let domain = || {
                let named = Domain::field("module")
                    .is_in(modules.clone())
                    .and(Domain::field("name").is_in(names.clone()));
                named.and(Domain::field("model").eq(model.as_str()))
            };
            for record in self.records(&"ir.model.data".into(), domain, &["module", "name", "res_id"]).await?
            {
                let text = |field| record.get(field).and_then(Wire::as_text).map(str::to_owned);
                if let (Some(module), Some(name), Some(id)) =
                    (text("module"), text("name"), record.get("res_id").and_then(Wire::as_int))
                {
                    found.insert((module, name), id.into());
                }
            }
        }
        let id = |name: Option<(&str, &str)>| {
            found.get(&name.map(|(module, name)| (module.to_owned(), name.to_owned()))?).cloned()
        };
        Ok(names.into_iter().map(|name| id(name).into_iter().collect()).collect())
    }

    /// A search that is made until it is answered.
    pub(crate) async fn records(
        &self,
        model: &ModelName,
        domain: impl Fn() -> Domain,
        fields: &[&str],
    ) -> Result<Vec<Struct>> {
        let ask = || async {
            let options = SearchOptions::new().order("id");
            self.client.search_read(model.as_str(), domain(), fields, options).await
        };
        self.patience.repeat(ask).await.map_err(core)
    }
}

/// The id of a record that was read.
pub(crate) fn id(record: &Struct) -> Option<i64> {
    record.get("id").and_then(Wire::as_int)
}

/// What a value is compared by: numbers as numbers, text as text, folded where it is to be.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Text(String),
    Number(i64),
}

impl Key {
    pub(crate) fn wanted(value: &Value, fold: bool) -> Option<Self> {
        match value {
            Value::Text(text) => Some(Self::text(text, fold)),
            Value::Integer(number) => Some(Self::Number(*number)),
            _ => None,
        }
    }

    fn found(value: &Wire, fold: bool) -> Option<Self> {
        match value {
            Wire::Text(text) => Some(Self::text(text, fold)),
            Wire::Int(number) => Some(Self::Number(*number)),
            // A link is read as its id and its name.
            Wire::Array(pair) => pair.first().and_then(Wire::as_int).map(Self::Number),
            _ => None,
        }
    }

    pub(crate) fn text(text: &str, fold: bool) -> Self {
        Self::Text(if fold { LookupQuery::folded(text) } else { text.to_owned() })
    }
}

fn equals(field: &FieldName, value: &Value) -> Result<Domain> {
    Ok(Domain::field(field.as_str()).eq(wire(value)?))
}

fn wire(value: &Value) -> Result<Wire> {
    match value {
        Value::Text(text) => Ok(text.as_str().into()),
        Value::Integer(number) => Ok((*number).into()),
        Value::Bool(truth) => Ok((*truth).into()),
        other => Err(Error::config(format!(
            "a look-up by a {:?} is not possible: use text or a number",
            other.kind()
        ))),
    }
}

/// What `=ilike` compares a text with: anything may stand between two words, since more than one space may; the rest is compared
/// here. `_` and `%` are its wildcards and `\` their escape (measured on 14 and 19).
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !pattern.is_empty() {
            pattern.push('%');
        }
        for c in word.chars() {
            if matches!(c, '\\' | '%' | '_') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
    }
    pattern
}

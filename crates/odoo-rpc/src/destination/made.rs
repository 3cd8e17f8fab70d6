//! Finding what was made of a schema: receipts, and what a program that is gone left behind.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use mapping_core::receipt::{DestinationId, Made, SchemaIntent, SchemaReceipt};
use tokio::time::{Instant, sleep};

use crate::client::Domain;
use crate::destination::look::id;
use crate::destination::patience::is_long_ago;
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

impl OdooWriter {
    /// Reads back what was made: an id that came back proves nothing.
    pub(crate) async fn receipts(&self, made: Vec<Made>) -> Result<Vec<SchemaReceipt>> {
        let ids = self.places(&made).await?;
        let at = Timestamp::now();
        let receipt = |(made, id): (Made, Option<i64>)| {
            let lost = || Error::config(format!("{made} was made and is not there: look into Odoo's log"));
            let id = id.ok_or_else(lost)?.into();
            Ok(SchemaReceipt { made, id, at })
        };
        made.into_iter().zip(ids).map(receipt).collect()
    }

    /// Where the parts are that a program which is gone was about to make.
    pub(crate) async fn recovered_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>> {
        let over = if is_long_ago(intent.at) { Duration::ZERO } else { self.unsettled() };
        let end = Instant::now() + over;
        let mut pause = Duration::from_secs(1);
        loop {
            let last = Instant::now() >= end;
            let found = self.places(&intent.parts).await?;
            if last || found.iter().all(Option::is_some) {
                return Ok(found.into_iter().map(|id| id.map(DestinationId::from)).collect());
            }
            sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    }

    /// The ids of those parts of the schema that are there: a call for each sort of them, and one for each form.
    async fn places(&self, parts: &[Made]) -> Result<Vec<Option<i64>>> {
        let models = parts.iter().filter_map(|made| match made {
            Made::Model(model) => Some(model.as_str()),
            _ => None,
        });
        let models = self.ids_of("ir.model", models.collect(), "model").await?;
        let of_fields = parts.iter().filter_map(|made| match made {
            Made::Field(model, _) | Made::Choice(model, ..) => Some(model.as_str()),
            _ => None,
        });
        let of_fields: BTreeSet<&str> = of_fields.collect();
        let domain =
            || Domain::field("model").is_in(of_fields.clone()).and(Domain::field("state").eq("manual"));
        let fields = match of_fields.is_empty() {
            true => Vec::new(),
            false => self.records(&"ir.model.fields".into(), domain, &["model", "name"]).await?,
        };
        let field = |model: &str, name: &str| {
            let is = |record: &Struct, field, value| record.get(field).and_then(Wire::as_text) == Some(value);
            let this = |record: &&Struct| is(record, "model", model) && is(record, "name", name);
            fields.iter().find(this).and_then(id)
        };
        let of_choices = parts.iter().filter_map(|made| match made {
            Made::Choice(model, name, _) => field(model.as_str(), name.as_str()),
            _ => None,
        });
        let of_choices: BTreeSet<i64> = of_choices.collect();
        let choices = match of_choices.is_empty() {
            true => Vec::new(),
            false => {
                let domain = || Domain::field("field_id").is_in(of_choices.iter().copied());
                self.records(&"ir.model.fields.selection".into(), domain, &["field_id", "value"]).await?
            }
        };
        let choice = |of: i64, value: &str| {
            let field = |record: &Struct| match record.get("field_id") {
                Some(Wire::Array(pair)) => pair.first().and_then(Wire::as_int),
                _ => None,
            };
            let this = |record: &&Struct| {
                field(record) == Some(of) && record.get("value").and_then(Wire::as_text) == Some(value)
            };
            choices.iter().find(this).and_then(id)
        };
        let mut ids = Vec::with_capacity(parts.len());
        for part in parts {
            ids.push(match part {
                Made::Model(model) => {
                    models.iter().find(|(name, _)| name == model.as_str()).map(|(_, id)| *id)
                }
                Made::Field(model, name) => field(model.as_str(), name.as_str()),
                Made::Choice(model, name, value) => {
                    field(model.as_str(), name.as_str()).and_then(|of| choice(of, value))
                }
                Made::View(model, fields) => self.find_view(model, fields).await?,
                _ => None,
            });
        }
        Ok(ids)
    }

    /// The ids of the records whose `field` is one of `names`, each with its name.
    pub(crate) async fn ids_of(
        &self,
        model: &str,
        names: Vec<&str>,
        field: &str,
    ) -> Result<Vec<(String, i64)>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let domain = || Domain::field(field).is_in(names.clone());
        let records = self.records(&model.into(), domain, &[field]).await?;
        let pair =
            |record: &Struct| Some((record.get(field).and_then(Wire::as_text)?.to_owned(), id(record)?));
        Ok(records.iter().filter_map(pair).collect())
    }
}

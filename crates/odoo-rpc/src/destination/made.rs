//! Finding what was made of a schema: receipts, and what a program that is gone left behind.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};
use mapping_core::receipt::{DestinationId, Made, SchemaIntent, SchemaReceipt};

use crate::client::Domain;
use crate::client::record::{link, text};
use crate::destination::look::id;
use crate::destination::writer::OdooWriter;
use crate::patience::{Waiting, is_long_ago};
use crate::wire::Struct;

impl OdooWriter {
    /// Receipts for what was made, of which `fields` was read back: an id that came back proves nothing.
    pub(crate) async fn receipts(&self, made: Vec<Made>, fields: &[Struct]) -> Result<Vec<SchemaReceipt>> {
        let ids = self.places(&made, fields).await?;
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
        let mut waiting = Waiting::new(over);
        loop {
            let fields = self.field_rows(&intent.parts).await?;
            let found = self.places(&intent.parts, &fields).await?;
            if found.iter().all(Option::is_some) || !waiting.again().await {
                return Ok(found.into_iter().map(|id| id.map(DestinationId::from)).collect());
            }
        }
    }

    /// The ids of those parts of the schema that are there, by the rows of their fields: a call for choices, and one for each form.
    async fn places(&self, parts: &[Made], fields: &[Struct]) -> Result<Vec<Option<i64>>> {
        let field = |model: &str, name: &str| {
            let this = |row: &&Struct| text(row, "model") == model && text(row, "name") == name;
            fields.iter().find(this).and_then(id)
        };
        // A model has fields from the start, and none of them outlives it.
        let model = |model: &str| {
            fields.iter().find(|row| text(row, "model") == model).and_then(|row| link(row, "model_id"))
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
            let this = |row: &&Struct| link(row, "field_id") == Some(of) && text(row, "value") == value;
            choices.iter().find(this).and_then(id)
        };
        let mut ids = Vec::with_capacity(parts.len());
        for part in parts {
            ids.push(match part {
                Made::Model(name) => model(name.as_str()),
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

    /// The ids of the rows that describe those models, each with its model.
    pub(crate) async fn ids_of_models(&self, names: &BTreeSet<&str>) -> Result<Vec<(String, i64)>> {
        let known: Vec<_> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), self.known.id(name)?))).collect();
        if known.len() == names.len() {
            return Ok(known);
        }
        let domain = || Domain::field("model").is_in(names.iter().copied());
        let rows = self.records(&"ir.model".into(), domain, &["model"]).await?;
        let pair = |row: &Struct| Some((text(row, "model").to_owned(), id(row)?));
        let found: Vec<_> = rows.iter().filter_map(pair).collect();
        found.iter().for_each(|(name, id)| self.known.learn_id(name, *id));
        Ok(found)
    }
}

//! Looking at Odoo's records.

use std::collections::HashMap;

use async_trait::async_trait;
use mapping_core::destination::{DestinationReader, LookupQuery};
use mapping_core::error::{Error, Result};
use mapping_core::identity::{Identity, SourceId};
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::DestinationId;
use mapping_core::record::Fields;
use mapping_core::schema::ModelSchema;
use mapping_core::value::Value;

use crate::client::Domain;
use crate::destination::attached;
use crate::destination::bills;
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::model::Ttype;
use crate::destination::quiet::IDENTITY;
use crate::destination::values::decode;
use crate::destination::writer::OdooWriter;
use crate::wire::Value as Wire;

/// How many records are read in one call: 18 fields of a thousand take 0.13 s (measured on 19).
const RECORDS: usize = 1000;

#[async_trait]
impl DestinationReader for OdooWriter {
    fn address(&self) -> String {
        self.known_address()
    }

    async fn describe(&self, model: &ModelName) -> Result<Option<ModelSchema>> {
        Ok(self.model(model).await?.map(|model| model.schema()))
    }

    async fn count(&self, model: &ModelName, source: &SourceId) -> Result<u64> {
        if !self.model(model).await?.is_some_and(|model| model.fields.contains_key(IDENTITY)) {
            return Ok(0);
        }
        // A prefix has no character that is a wildcard.
        let pattern = format!("{}%", source.prefix());
        let ask = || async {
            let domain = Domain::field(IDENTITY).compared("=like", pattern.as_str());
            self.client.search_count(model.as_str(), bills::alone(model, domain)).await
        };
        self.patience.repeat(ask).await.map_err(core)
    }

    async fn find(&self, model: &ModelName, identities: &[Identity]) -> Result<Vec<Option<DestinationId>>> {
        self.identified(model, identities).await
    }

    /// Besides the model's fields, `by` may be `xml_id`: the value is then an external id such as
    /// `mail.mail_activity_data_call`, and neither `within` nor `fold` counts.
    async fn look_up(&self, query: &LookupQuery, values: &[Value]) -> Result<Vec<Vec<DestinationId>>> {
        self.looked_up(query, values).await
    }

    /// The content of files does not come back: it would lie in memory. Of an attachment's content comes which file it is; other fields
    /// of files are left out.
    ///
    /// Of a bill there are also `payments`, the keys of those that are there, and `currency`, of which nothing comes.
    async fn read(
        &self,
        model: &ModelName,
        ids: &[DestinationId],
        fields: &[FieldName],
    ) -> Result<Vec<Option<Fields>>> {
        let known = self.model(model).await?;
        let known = known.ok_or_else(|| Error::config("there is no such model").at("model", model))?;
        if bills::is_bill(model)
            && let Some(rest) = bills::without_own(fields)
        {
            let found = self.read(model, ids, &rest).await?;
            return self.with_payments(ids, fields, found).await;
        }
        if let Some(stranger) = fields.iter().find(|field| !known.fields.contains_key(*field)) {
            return Err(Error::config("there is no such field").at("model", model).at("field", stranger));
        }
        let is_file =
            |name: &FieldName| known.fields.get(name).is_some_and(|field| field.ttype == Ttype::Binary);
        let (files, fields): (Vec<&FieldName>, Vec<&FieldName>) =
            fields.iter().partition(|name| is_file(name));
        let files: Vec<&FieldName> =
            files.into_iter().filter(|name| attached::is_content(model, name)).collect();
        // Asked for no field Odoo gives all of them.
        let mut names: Vec<&str> = fields.iter().map(|name| name.as_str()).chain(["id"]).collect();
        if !files.is_empty() {
            names.extend(
                attached::ABOUT
                    .into_iter()
                    .filter(|about| !fields.iter().any(|name| name.as_str() == *about)),
            );
        }
        let mut found: HashMap<i64, Fields> = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(RECORDS) {
            let numbers: Vec<i64> = ids.iter().filter_map(DestinationId::number).collect();
            let ask = || self.client.read(model.as_str(), &numbers, &names);
            for record in self.patience.repeat(ask).await.map_err(core)? {
                let Some(id) = id(&record) else { continue };
                let value = |name: &&FieldName| {
                    let raw = record.get(name.as_str()).unwrap_or(&Wire::Nil);
                    let value = known.fields.get(*name).map(|field| decode(field, raw)).transpose();
                    Ok((
                        (*name).clone(),
                        value.map_err(|e| e.at("model", model).at("field", name))?.unwrap_or_default(),
                    ))
                };
                let mut all: Fields =
                    fields.iter().map(value).collect::<Result<Vec<_>>>()?.into_iter().collect();
                if let Some(file) = attached::about(&record) {
                    files.iter().for_each(|name| all.set((*name).clone(), file.clone()));
                }
                found.insert(id, all);
            }
        }
        Ok(ids.iter().map(|id| found.get(&id.number()?).cloned()).collect())
    }
}

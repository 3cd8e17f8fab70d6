//! The common calls, with the types of their arguments and results.

use crate::client::Client;
use crate::client::call::Call;
use crate::client::domain::Domain;
use crate::error::{Error, Result};
use crate::wire::{Struct, Value};

/// Which part of what a search finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct SearchOptions {
    offset: Option<u32>,
    limit: Option<u32>,
    order: Option<String>,
}

impl SearchOptions {
    /// All of it, in the model's own order. Contacts, for one, are ordered by name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out the first ones.
    pub fn offset(mut self, offset: u32) -> Self {
        self.offset = Some(offset);
        self
    }

    /// At most so many. Odoo has no limit of its own. 0 means none as well.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// In this order: `id`, `write_date desc, id`.
    pub fn order(mut self, order: impl Into<String>) -> Self {
        self.order = Some(order.into());
        self
    }

    /// The call, with them.
    fn of(self, mut call: Call) -> Call {
        if let Some(offset) = self.offset {
            call = call.option("offset", offset);
        }
        if let Some(limit) = self.limit {
            call = call.option("limit", limit);
        }
        if let Some(order) = self.order {
            call = call.option("order", order);
        }
        call
    }
}

impl Client {
    /// The ids of the records for which `domain` holds: one call.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn search(&self, model: &str, domain: Domain, options: SearchOptions) -> Result<Vec<i64>> {
        let answer = self.call(options.of(Call::new(model, "search").arg("domain", domain))).await?;
        ids(&answer).ok_or_else(|| unexpected(model, "search", "a list of ids"))
    }

    /// For how many records `domain` holds: one call.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn search_count(&self, model: &str, domain: Domain) -> Result<u64> {
        let answer = self.call(Call::new(model, "search_count").arg("domain", domain)).await?;
        let count = answer.as_int().and_then(|count| u64::try_from(count).ok());
        count.ok_or_else(|| unexpected(model, "search_count", "a number"))
    }

    /// Fields of records by id: one call, none for no ids. Each record has its `id` besides.
    ///
    /// Records that do not exist are left out without an error (measured on 14 and 19). An empty field is `false`.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn read(&self, model: &str, ids: &[i64], fields: &[&str]) -> Result<Vec<Struct>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self.call(Call::new(model, "read").on(ids).arg("fields", list(fields))).await?;
        records(answer).ok_or_else(|| unexpected(model, "read", "a list of records"))
    }

    /// Fields of the records for which `domain` holds: one call.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn search_read(
        &self,
        model: &str,
        domain: Domain,
        fields: &[&str],
        options: SearchOptions,
    ) -> Result<Vec<Struct>> {
        let call = Call::new(model, "search_read").arg("domain", domain).arg("fields", list(fields));
        let answer = self.call(options.of(call)).await?;
        records(answer).ok_or_else(|| unexpected(model, "search_read", "a list of records"))
    }

    /// Creates records and gives their ids, in the order of the rows: one call, none for no rows.
    ///
    /// The server creates all of them or none (measured on 14 and 19).
    ///
    /// # Errors
    ///
    /// See [`Error`]. Where the ids are not as many as the rows the error is [`Error::Protocol`]: look the records up then.
    pub async fn create(&self, model: &str, rows: Vec<Struct>) -> Result<Vec<i64>> {
        let count = rows.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let rows: Vec<_> = rows.into_iter().map(Value::from).collect();
        let answer = self.call(Call::new(model, "create").arg("vals_list", rows)).await?;
        let ids = ids(&answer).ok_or_else(|| unexpected(model, "create", "a list of ids"))?;
        if ids.len() != count {
            let what = format!("{count} rows were sent and {} ids came back: look the records up", ids.len());
            return Err(Error::protocol(&format!("{model}.create"), what));
        }
        Ok(ids)
    }

    /// Writes the same values to all these records: one call, none for no ids.
    ///
    /// # Errors
    ///
    /// See [`Error`]. If one of the records does not exist, none is written.
    pub async fn write(&self, model: &str, ids: &[i64], values: Struct) -> Result<()> {
        self.change(ids, Call::new(model, "write").on(ids).arg("vals", values)).await
    }

    /// Deletes records: one call, none for no ids.
    ///
    /// # Errors
    ///
    /// See [`Error`]. If one of the records does not exist, none is deleted.
    pub async fn unlink(&self, model: &str, ids: &[i64]) -> Result<()> {
        self.change(ids, Call::new(model, "unlink").on(ids)).await
    }

    /// Writes to each record its own values: one call, none for no records. Odoo 19 and later.
    ///
    /// All of them are written or none. A thousand different changes took 0.3 s so, and 33 s with one call of `write` each
    /// (measured on 19).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::Config`] on a server before 19, without a call.
    pub async fn web_save_multi(&self, model: &str, changes: Vec<(i64, Struct)>) -> Result<()> {
        if !self.version().at_least(19, 0) {
            let version = self.version();
            return Err(Error::config(format!(
                "web_save_multi exists from Odoo 19 on, the server is {version}: use write"
            )));
        }
        let count = changes.len();
        if count == 0 {
            return Ok(());
        }
        let (ids, values): (Vec<i64>, Vec<Value>) =
            changes.into_iter().map(|(id, row)| (id, Value::from(row))).unzip();
        let call = Call::new(model, "web_save_multi").on(ids).arg("vals_list", values);
        let answer = self.call(call.arg("specification", Struct::new())).await?;
        match answer.as_array() {
            Some(saved) if saved.len() == count => Ok(()),
            _ => Err(unexpected(model, "web_save_multi", "as many records as were sent")),
        }
    }

    /// What a model's fields are: one call. For each field those of `attributes` that it has (`type`, `required`,
    /// `selection`, `relation`, `size` and others); all of them for an empty list.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn fields_get(&self, model: &str, attributes: &[&str]) -> Result<Struct> {
        self.described(Call::new(model, "fields_get"), attributes).await
    }

    /// The same, of the fields of these names that it has.
    pub(crate) async fn fields_named(
        &self,
        model: &str,
        names: &[&str],
        attributes: &[&str],
    ) -> Result<Struct> {
        self.described(Call::new(model, "fields_get").arg("allfields", list(names)), attributes).await
    }

    async fn described(&self, call: Call, attributes: &[&str]) -> Result<Struct> {
        let model = call.model.clone();
        match self.call(call.option("attributes", list(attributes))).await? {
            Value::Struct(fields) => Ok(fields),
            _ => Err(unexpected(&model, "fields_get", "a struct of fields")),
        }
    }

    /// Calls a method on records, with named arguments: one call. What it gives differs from version to version; see
    /// [`call`](Self::call) for methods that give nothing.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn call_method(&self, model: &str, method: &str, ids: &[i64], kwargs: Struct) -> Result<Value> {
        self.call(Call { options: kwargs, ..Call::new(model, method).on(ids) }).await
    }

    async fn change(&self, ids: &[i64], call: Call) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let (model, method) = (call.model.clone(), call.method.clone());
        match self.call(call).await? {
            // An override may forget to return `true`; a failure is always a fault.
            Value::Bool(true) | Value::Nil => Ok(()),
            _ => Err(unexpected(&model, &method, "true")),
        }
    }
}

fn list<T: Copy + Into<Value>>(values: &[T]) -> Value {
    Value::Array(values.iter().copied().map(Into::into).collect())
}

/// The ids that an answer is; `None` where it is anything else.
pub(crate) fn ids(answer: &Value) -> Option<Vec<i64>> {
    answer.as_array()?.iter().map(Value::as_int).collect()
}

fn records(answer: Value) -> Option<Vec<Struct>> {
    let Value::Array(records) = answer else { return None };
    let record = |value| match value {
        Value::Struct(record) => Some(record),
        _ => None,
    };
    records.into_iter().map(record).collect()
}

fn unexpected(model: &str, method: &str, expected: &str) -> Error {
    let reason = format!(
        "the server's answer is not {expected}: the call may have been applied, look before sending it again"
    );
    Error::protocol(&format!("{model}.{method}"), reason)
}

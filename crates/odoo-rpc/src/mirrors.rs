//! Fields that are gone, and still have a row on the models that shared them.

use std::collections::BTreeSet;

use crate::client::record::text;
use crate::client::{Client, Context, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::reason::Reason;
use crate::wire::{Struct, Value};

/// The model whose rows describe fields.
const FIELDS: &str = "ir.model.fields";

/// The rows that describe a field on models which share it: users a contact's, on Odoo 14 payments an entry's. When the field goes,
/// Odoo 14 leaves them behind (measured).
#[derive(Debug)]
pub(crate) struct Mirrors(Vec<Struct>);

impl Mirrors {
    /// Those of fields of these names. One call.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub(crate) async fn of(client: &Client, patience: Patience, names: &BTreeSet<&str>) -> Result<Self> {
        let named = Domain::field("name").is_in(names.iter().copied());
        let named = named.and(Domain::field("state").eq("base"));
        let options = || SearchOptions::new().order("id");
        let ask = || client.search_read(FIELDS, named.clone(), &["model", "name"], options());
        Ok(Self(patience.repeat(ask).await?))
    }

    /// The models that have them.
    pub(crate) fn models(&self) -> BTreeSet<&str> {
        self.0.iter().map(|row| text(row, "model")).collect()
    }

    /// Deletes the dead ones: those whose model has no field of that name any more. They count as the server's own, so that it must be
    /// told that this is meant.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub(crate) async fn remove_dead(&self, client: &Client, patience: Patience) -> Result<()> {
        let mut dead: Vec<i64> = Vec::new();
        for model in self.models() {
            let rows = || self.0.iter().filter(move |row| text(row, "model") == model);
            let names: Vec<&str> = rows().map(|row| text(row, "name")).collect();
            let known = match patience.repeat(|| client.fields_named(model, &names, &["type"])).await {
                Err(Error::Refused { reason: Reason::UnknownModel, .. }) => continue,
                known => known?,
            };
            let gone = rows().filter(|row| known.get(text(row, "name")).is_none());
            dead.extend(gone.filter_map(|row| row.get("id").and_then(Value::as_int)));
        }
        let meant = client.with_context(Context::new().with("_force_unlink", true));
        let remove = || async {
            let left = Domain::field("id").is_in(dead.iter().copied());
            let left = meant.search(FIELDS, left, SearchOptions::new()).await?;
            meant.unlink(FIELDS, &left).await
        };
        if dead.is_empty() { Ok(()) } else { patience.repeat(remove).await }
    }
}

//! Many records, page by page.

use crate::client::Client;
use crate::client::calls::SearchOptions;
use crate::client::domain::Domain;
use crate::error::{Error, Result};
use crate::wire::{Struct, Value};

/// The records for which a domain holds, in the order of their ids. Made by [`Client::pages`].
///
/// Each page asks for the ids after the last one, so that records which come or go meanwhile move nobody out of sight, and the
/// last page costs the server no more than the first. A page is in memory only while its caller keeps it.
///
/// # Example
///
/// ```no_run
/// # async fn run(client: odoo_rpc::client::Client) -> odoo_rpc::Result<()> {
/// use odoo_rpc::client::Domain;
///
/// let mut pages = client.pages("res.partner", Domain::everything(), &["name", "write_date"], 1000);
/// while let Some(page) = pages.next().await? {
///     println!("{} contacts", page.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Pages {
    client: Client,
    model: String,
    domain: Domain,
    fields: Vec<String>,
    size: u32,
    last: Option<i64>,
    done: bool,
}

impl Client {
    /// Fields of the records for which `domain` holds, in pages of at most `size` records in the order of their ids: one call
    /// a page. No call yet.
    pub fn pages(&self, model: &str, domain: Domain, fields: &[&str], size: u32) -> Pages {
        // Without `id` Odoo sends it all the same; with no field at all it would send every one.
        let fields = if fields.is_empty() { &["id"] } else { fields };
        Pages {
            client: self.clone(),
            model: model.to_owned(),
            domain,
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
            size: size.max(1),
            last: None,
            done: false,
        }
    }
}

impl Pages {
    /// The next page, `None` after the last one: one call a page, and one more only where the last page is full.
    ///
    /// After an error the same page can be asked for again.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn next(&mut self) -> Result<Option<Vec<Struct>>> {
        if self.done {
            return Ok(None);
        }
        let domain = match self.last {
            Some(last) => self.domain.clone().and(Domain::field("id").gt(last)),
            None => self.domain.clone(),
        };
        let fields: Vec<_> = self.fields.iter().map(String::as_str).collect();
        let options = SearchOptions::new().order("id").limit(self.size);
        let page = self.client.search_read(&self.model, domain, &fields, options).await?;

        let Some(record) = page.last() else {
            self.done = true;
            return Ok(None);
        };
        let id =
            record.get("id").and_then(Value::as_int).filter(|id| self.last.is_none_or(|last| *id > last));
        self.last = Some(id.ok_or_else(|| {
            let reason =
                "a page does not go on after the one before: the model cannot be read in the order of ids";
            Error::protocol(&format!("{}.search_read", self.model), reason)
        })?);
        self.done = page.len() < self.size as usize;
        Ok(Some(page))
    }
}

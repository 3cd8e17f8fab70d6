//! What is in the books already, and putting in what is not: moves, payments, their posting.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::accounting::answer::id;
use crate::accounting::setup::Setup;
use crate::accounting::steady::{Portion, Step, carry_out};
use crate::client::record::{link, text};
use crate::client::{Client, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::patience::repeat;
use crate::wire::Struct;

/// How many keys or ids one question is about.
pub(crate) const PAGE: usize = 1000;

/// Bills or payments on the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Bill,
    Payment,
}

impl Kind {
    pub(crate) fn model(self) -> &'static str {
        match self {
            Self::Bill => "account.move",
            Self::Payment => "account.payment",
        }
    }

    fn draft(self) -> &'static str {
        match self {
            Self::Bill => "button_draft",
            Self::Payment => "action_draft",
        }
    }

    pub(crate) fn of_keys(self, key_field: &str, keys: &[&str]) -> Domain {
        let keyed = Domain::field(key_field).is_in(keys.iter().copied());
        match self {
            // On 14 the move of a payment has the payment's key.
            Self::Bill => keyed.and(Domain::field("move_type").eq("out_invoice")),
            Self::Payment => keyed,
        }
    }
}

/// A bill or a payment on the server.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) draft: bool,
}

pub(crate) type Entries = HashMap<String, Entry>;

/// Whether all of these keys are there, and no draft.
pub(crate) fn are_posted<'a>(
    keys: impl IntoIterator<Item = &'a str>,
    there: impl IntoIterator<Item = (&'a String, &'a Entry)>,
) -> bool {
    let posted = there.into_iter().filter(|(_, entry)| !entry.draft);
    let posted: HashSet<&str> = posted.map(|(key, _)| key.as_str()).collect();
    keys.into_iter().all(|key| posted.contains(key))
}

/// One kind of entries, and how they are reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shelf<'a> {
    pub(crate) client: &'a Client,
    pub(crate) setup: &'a Setup,
    pub(crate) kind: Kind,
}

impl Shelf<'_> {
    /// Those of these keys that are there: one call for a thousand.
    ///
    /// # Errors
    ///
    /// A call failed, or two entries have one key.
    pub(crate) async fn find(&self, keys: &[&str]) -> Result<Entries> {
        let mut found = Entries::with_capacity(keys.len());
        for (key, entry) in self.all(keys).await? {
            if let Some(first) = found.insert(key, entry) {
                let model = self.kind.model();
                return Err(Error::config(format!(
                    "two records of {model} have the key of record {}: delete one of them, or take both out with revert",
                    first.id
                )));
            }
        }
        Ok(found)
    }

    /// The same, each with its key; where several have one key, all of them.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub(crate) async fn all(&self, keys: &[&str]) -> Result<Vec<(String, Entry)>> {
        let field = self.setup.key_field.as_str();
        let wanted = [field, "state"];
        let options = || SearchOptions::new().order("id");
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(PAGE) {
            let of = self.kind.of_keys(field, keys);
            let ask = || self.client.search_read(self.kind.model(), of.clone(), &wanted, options());
            for record in repeat(ask).await? {
                let entry = Entry { id: id(&record)?, draft: text(&record, "state") == "draft" };
                found.push((text(&record, field).to_owned(), entry));
            }
        }
        Ok(found)
    }

    /// Puts in the rows of keys that are not there.
    pub(crate) async fn create(&self, rows: Vec<(String, Struct)>, entries: &mut Entries) -> Result<()> {
        let (mut left, mut portion) = (rows, Portion::new(self.setup.batch));
        while !left.is_empty() {
            let start = Instant::now();
            let mut creating =
                Creating { shelf: *self, rows: portion.take(&mut left), found: Entries::new() };
            carry_out(&mut creating, self.setup.patience()).await?;
            entries.extend(creating.found);
            portion.took(start.elapsed());
        }
        Ok(())
    }

    /// Posts the drafts among these.
    pub(crate) async fn post(&self, entries: &mut Entries) -> Result<()> {
        let drafts = entries.values().filter(|entry| entry.draft);
        self.change("action_post", true, drafts.map(|entry| entry.id).collect()).await?;
        for entry in entries.values_mut() {
            entry.draft = false;
        }
        Ok(())
    }

    /// Makes drafts of these, which are none.
    pub(crate) async fn draft(&self, ids: Vec<i64>) -> Result<()> {
        self.change(self.kind.draft(), false, ids).await
    }

    async fn change(&self, method: &'static str, from_draft: bool, mut left: Vec<i64>) -> Result<()> {
        // In the order in which they were made: so they are numbered.
        left.sort_unstable();
        let mut portion = Portion::new(self.setup.batch);
        while !left.is_empty() {
            let start = Instant::now();
            let mut changing = Changing { shelf: *self, method, from_draft, ids: portion.take(&mut left) };
            carry_out(&mut changing, self.setup.patience()).await?;
            portion.took(start.elapsed());
        }
        Ok(())
    }
}

struct Creating<'a> {
    shelf: Shelf<'a>,
    rows: Vec<(String, Struct)>,
    found: Entries,
}

#[async_trait]
impl Step for Creating<'_> {
    async fn send(&mut self) -> Result<()> {
        let rows = self.rows.iter().map(|(_, row)| row.clone()).collect();
        let ids = self.shelf.client.create(self.shelf.kind.model(), rows).await?;
        let keys = self.rows.iter().map(|(key, _)| key.clone());
        self.found.extend(keys.zip(ids.into_iter().map(|id| Entry { id, draft: true })));
        Ok(())
    }

    async fn is_done(&mut self) -> Result<bool> {
        let keys: Vec<&str> = self.rows.iter().map(|(key, _)| key.as_str()).collect();
        let found = self.shelf.find(&keys).await?;
        self.rows.retain(|(key, _)| !found.contains_key(key));
        self.found.extend(found);
        Ok(self.rows.is_empty())
    }
}

/// Posts, or makes drafts of, records of which all are in the other state.
struct Changing<'a> {
    shelf: Shelf<'a>,
    method: &'static str,
    from_draft: bool,
    ids: Vec<i64>,
}

#[async_trait]
impl Step for Changing<'_> {
    async fn send(&mut self) -> Result<()> {
        // The answer differs from version to version: nothing, `false`, or a record that cannot be written down.
        let Shelf { client, kind, .. } = self.shelf;
        client.call_method(kind.model(), self.method, &self.ids, Struct::new()).await.map(|_| ())
    }

    async fn is_done(&mut self) -> Result<bool> {
        let Shelf { client, kind, .. } = self.shelf;
        let records = client.read(kind.model(), &self.ids, &["state"]).await?;
        let left = records.iter().filter(|record| (text(record, "state") == "draft") == self.from_draft);
        self.ids = left.map(id).collect::<Result<_>>()?;
        Ok(self.ids.is_empty())
    }
}

/// Which move each payment has.
pub(crate) async fn moves_of(client: &Client, payments: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut moves = HashMap::with_capacity(payments.len());
    for ids in payments.chunks(PAGE) {
        for record in repeat(|| client.read("account.payment", ids, &["move_id"])).await? {
            // On 19 a payment has none before it is posted.
            if let Some(of) = link(&record, "move_id") {
                moves.insert(id(&record)?, of);
            }
        }
    }
    Ok(moves)
}

//! Bills taken out again.

use tokio::time::Instant;

use crate::accounting::bill::Bill;
use crate::accounting::books::{Entry, Kind, are_posted};
use crate::accounting::error::LedgerError;
use crate::accounting::journals;
use crate::accounting::ledger::{Ledger, bill_keys, payment_keys};
use crate::accounting::steady::Portion;
use crate::client::Context;
use crate::error::Result;

/// The keys of bills and payments: all that is needed to take them out again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keys {
    /// Of the bills.
    pub bills: Vec<String>,
    /// Of the payments.
    pub payments: Vec<String>,
}

impl Keys {
    /// These.
    #[must_use]
    pub fn new(bills: Vec<String>, payments: Vec<String>) -> Self {
        Self { bills, payments }
    }

    /// Those of these bills and their payments.
    #[must_use]
    pub fn of(bills: &[Bill]) -> Self {
        let owned = |keys: Vec<&str>| keys.into_iter().map(str::to_owned).collect();
        Self { bills: owned(bill_keys(bills)), payments: owned(payment_keys(bills)) }
    }
}

/// What was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reverted {
    /// How many bills.
    pub bills: usize,
    /// How many payments.
    pub payments: usize,
}

impl Ledger {
    /// Takes bills and payments of these keys out again, to the last row; keys that are not there are passed over. Where some are not,
    /// or are drafts, an earlier run may be at work on them still: that is waited for, as by [`post`](Self::post).
    ///
    /// # Errors
    ///
    /// A call failed. The server refuses where the days are closed by now, the journal locks its entries by hash, or somebody
    /// matched a bill with something else.
    pub async fn revert(&mut self, keys: &Keys) -> Result<Reverted, LedgerError> {
        self.earlier.begin();
        let gone = self.take_out(keys).await;
        self.earlier.end(gone.as_ref().err());
        gone
    }

    /// Removes the migration's own journals where nothing is left in them, whoever put it there.
    pub(crate) async fn close_empty_journals(&mut self) -> Result<()> {
        journals::remove_empty(&self.client, &self.setup, &mut self.journals).await
    }

    async fn take_out(&mut self, keys: &Keys) -> Result<Reverted, LedgerError> {
        let mut paid = self.all(Kind::Payment, &keys.payments).await?;
        let mut posted = self.all(Kind::Bill, &keys.bills).await?;
        let are = |keys: &[String], there: &[(String, Entry)]| {
            let there = there.iter().map(|(key, entry)| (key, entry));
            are_posted(keys.iter().map(String::as_str), there)
        };
        let is_whole = are(&keys.payments, &paid) && are(&keys.bills, &posted);
        if !is_whole && self.wait_for_earlier().await? {
            paid = self.all(Kind::Payment, &keys.payments).await?;
            posted = self.all(Kind::Bill, &keys.bills).await?;
        }
        self.remove(Kind::Payment, &paid).await?;
        self.remove(Kind::Bill, &posted).await?;
        Ok(Reverted { bills: posted.len(), payments: paid.len() })
    }

    /// Without the field there is nothing to be found.
    async fn all(&self, kind: Kind, keys: &[String]) -> Result<Vec<(String, Entry)>> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        if self.is_keyed(kind) { self.shelf(kind).all(&keys).await } else { Ok(Vec::new()) }
    }

    async fn remove(&self, kind: Kind, entries: &[(String, Entry)]) -> Result<()> {
        let posted = entries.iter().filter(|(_, entry)| !entry.draft);
        self.shelf(kind).draft(posted.map(|(_, entry)| entry.id).collect()).await?;
        self.unlink(kind, entries.iter().map(|(_, entry)| entry.id).collect()).await
    }

    async fn unlink(&self, kind: Kind, mut ids: Vec<i64>) -> Result<()> {
        // 14 to 17 keep what was posted once, or stands in the middle of its numbers, unless asked so. From 18 on an administrator of
        // accounting may delete it, and a company with an audit trail may not: that is respected.
        let force = !self.client.version().at_least(18, 0);
        let client = match force {
            true => self.client.with_context(Context::new().with("force_delete", true)),
            false => self.client.clone(),
        };
        // Backwards, so that the numbers end where they ended before.
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let mut portion = Portion::new(self.setup.batch);
        while !ids.is_empty() {
            let start = Instant::now();
            let some = portion.take(&mut ids);
            if matches!(kind, Kind::Bill) && self.ground.edi {
                // Before their bills: without these nobody finds them.
                let files = journals::edi_files(&self.client, &some).await?;
                journals::unlink(&self.client, &self.setup, "ir.attachment", files).await?;
            }
            journals::unlink(&client, &self.setup, kind.model(), some).await?;
            portion.took(start.elapsed());
        }
        Ok(())
    }
}

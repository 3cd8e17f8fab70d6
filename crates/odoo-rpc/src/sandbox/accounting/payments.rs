//! Payments: on 14 entries with fields of their own, on 19 records that get an entry when they are posted.

use crate::sandbox::accounting::items::NewItem;
use crate::sandbox::accounting::{ITEM, JOURNAL, MOVE, PARTIAL, PAYMENT};
use crate::sandbox::env::Env;
use crate::sandbox::faults::Outcome;
use crate::sandbox::orm::Vals;
use crate::wire::{Name, Struct, Value};

impl Env<'_> {
    pub(super) fn payment_vals(&mut self, mut vals: Vals) -> Vals {
        let missing = |vals: &Vals, field: &str| vals.get(field).is_none_or(Value::is_unset);
        if missing(&vals, "currency_id") {
            let currency = self.int("res.company", 1, "currency_id");
            vals.insert("currency_id".to_owned(), currency.map_or(Value::Bool(false), Value::Int));
        }
        vals
    }

    pub(super) fn payment_made(&mut self, id: i64) {
        if let Some(entry) = self.int(PAYMENT, id, "move_id") {
            self.fill_payment(id, entry);
            self.db.store.set(MOVE, entry, "payment_id", Some(Value::Int(id)));
        }
    }

    fn fill_payment(&mut self, id: i64, entry: i64) {
        let amount = self.money(PAYMENT, id, "amount");
        let journal = self.int(MOVE, entry, "journal_id").unwrap_or_default();
        let outstanding = self.int(JOURNAL, journal, "payment_debit_account_id");
        let outstanding = outstanding.or_else(|| self.account("101402"));
        for (account, balance) in [(outstanding, amount), (self.receivable(), -amount)] {
            if let Some(account) = account {
                self.add_item(entry, &NewItem { account, balance, tax: None });
            }
        }
    }

    pub(super) fn post_payments(&mut self, ids: &[i64]) -> Outcome {
        for &id in ids {
            let entry = match self.int(PAYMENT, id, "move_id") {
                Some(entry) => entry,
                None => self.payment_entry(id)?,
            };
            if self.text(MOVE, entry, "state") == Some("draft") {
                self.post_move(entry)?;
            }
            if self.is_19() {
                self.db.store.set(PAYMENT, id, "state", Some(Value::from("in_process")));
            }
        }
        Ok(Value::Nil)
    }

    /// The entry of a payment of 19.
    fn payment_entry(&mut self, id: i64) -> Outcome<i64> {
        let mut vals = Vals::new();
        for field in ["date", "journal_id", "partner_id", "currency_id"] {
            if let Some(value) = self.db.store.value(PAYMENT, id, field).cloned() {
                vals.insert(field.to_owned(), value);
            }
        }
        if let Some(memo) = self.db.store.value(PAYMENT, id, "memo").cloned() {
            vals.insert("ref".to_owned(), memo);
        }
        let model = self.model(MOVE)?;
        let made = self.as_server(|env| env.create(&model, vec![vals]))?;
        let entry = made.first().copied().unwrap_or_default();
        self.db.store.set(PAYMENT, id, "move_id", Some(Value::Int(entry)));
        self.fill_payment(id, entry);
        Ok(entry)
    }

    pub(super) fn draft_payments(&mut self, ids: &[i64]) -> Outcome {
        for &id in ids {
            let Some(entry) = self.int(PAYMENT, id, "move_id") else { continue };
            let partials: Vec<i64> = self
                .lines(ITEM, "move_id", entry)
                .into_iter()
                .flat_map(|item| self.lines(PARTIAL, "credit_move_id", item))
                .collect();
            self.unlink_as_server(PARTIAL, &partials)?;
            if self.text(MOVE, entry, "state") == Some("posted") {
                self.draft_moves(&[entry])?;
            }
            if self.is_19() {
                self.db.store.set(PAYMENT, id, "state", Some(Value::from("draft")));
            }
        }
        Ok(Value::Nil)
    }

    /// A payment takes its entry with it.
    pub(super) fn payments_go(&mut self, ids: &[i64]) -> Outcome<()> {
        if self.is_19() {
            self.draft_payments(ids)?;
        }
        let entries: Vec<i64> = ids.iter().filter_map(|&id| self.int(PAYMENT, id, "move_id")).collect();
        for &id in ids {
            self.db.store.set(PAYMENT, id, "move_id", None);
        }
        let own = std::mem::replace(&mut self.context, forced());
        let done = self.unlink_as_server(MOVE, &entries);
        self.context = own;
        done
    }
}

fn forced() -> Struct {
    let mut context = Struct::new();
    context.push(Name::from("force_delete"), Value::Bool(true));
    context
}

//! Journal items: what a bill's lines come to, and what the patient owes for them.

use crate::sandbox::accounting::{ACCOUNT, ITEM, JOURNAL, MOVE, cents};
use crate::sandbox::env::Env;
use crate::sandbox::orm::Vals;
use crate::sandbox::version::Like;
use crate::wire::Value;

/// An item that the server makes itself.
pub(super) struct NewItem {
    pub(super) account: i64,
    pub(super) balance: f64,
    pub(super) tax: Option<i64>,
}

impl Env<'_> {
    /// A line without an account takes its journal's; on 19 one without taxes takes its account's, on 16 the company's.
    pub(super) fn item_vals(&mut self, mut vals: Vals) -> Vals {
        let entry = vals.get("move_id").and_then(Value::as_int);
        let journal = entry.and_then(|entry| self.int(MOVE, entry, "journal_id"));
        let account = vals.get("account_id").and_then(Value::as_int);
        let account =
            account.or_else(|| journal.and_then(|journal| self.int(JOURNAL, journal, "default_account_id")));
        if let Some(account) = account {
            vals.insert("account_id".to_owned(), Value::Int(account));
            let taxes = self.usual_taxes(entry, account);
            if !taxes.is_empty() && !vals.contains_key("tax_ids") {
                let taxes = Value::Array(taxes.into_iter().map(Value::Int).collect());
                vals.insert("tax_ids".to_owned(), taxes);
            }
        }
        vals
    }

    /// The taxes of a line that names none.
    fn usual_taxes(&self, entry: Option<i64>, account: i64) -> Vec<i64> {
        let bill = entry.and_then(|entry| self.text(MOVE, entry, "move_type")) == Some("out_invoice");
        match self.like() {
            Like::Odoo19 => self.many(ACCOUNT, account, "tax_ids"),
            Like::Odoo16 if bill => self.int("res.company", 1, "account_sale_tax_id").into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Works a bill's amounts out, and makes the items for its taxes and its debt.
    pub(super) fn complete_bill(&mut self, bill: i64) {
        let items = self.lines(ITEM, "move_id", bill);
        if items.is_empty() {
            return;
        }
        let (mut untaxed, mut taxes) = (0.0, 0.0);
        for item in items {
            let subtotal = cents(self.money(ITEM, item, "quantity") * self.money(ITEM, item, "price_unit"));
            self.put_money(ITEM, item, &[("price_subtotal", subtotal)]);
            self.balance(item, -subtotal);
            untaxed += subtotal;
            for tax in self.many(ITEM, item, "tax_ids") {
                let share = cents(subtotal * self.money("account.tax", tax, "amount") / 100.0);
                taxes += share;
                if let Some(account) = self.account("251000") {
                    self.add_item(bill, &NewItem { account, balance: -share, tax: Some(tax) });
                }
            }
        }
        let total = cents(untaxed + taxes);
        if let Some(account) = self.receivable() {
            self.add_item(bill, &NewItem { account, balance: total, tax: None });
        }
        let amounts = [
            ("amount_untaxed", untaxed),
            ("amount_tax", taxes),
            ("amount_total", total),
            ("amount_residual", total),
        ];
        self.put_money(MOVE, bill, &amounts);
    }

    pub(super) fn add_item(&mut self, entry: i64, new: &NewItem) -> i64 {
        let mut pairs = vec![("move_id", Value::Int(entry)), ("account_id", Value::Int(new.account))];
        pairs.extend(new.tax.map(|tax| ("tax_line_id", Value::Int(tax))));
        for field in ["partner_id", "date"] {
            pairs.extend(self.db.store.value(MOVE, entry, field).cloned().map(|value| (field, value)));
        }
        let item = self.sow(ITEM, &pairs);
        self.balance(item, new.balance);
        item
    }

    fn balance(&mut self, item: i64, balance: f64) {
        let open = self
            .int(ITEM, item, "account_id")
            .is_some_and(|account| self.flag(ACCOUNT, account, "reconcile"));
        let values = [
            ("balance", balance),
            ("debit", balance.max(0.0)),
            ("credit", (-balance).max(0.0)),
            ("amount_residual", if open { balance } else { 0.0 }),
        ];
        self.put_money(ITEM, item, &values);
    }

    /// The account of what patients owe.
    pub(in crate::sandbox) fn receivable(&self) -> Option<i64> {
        self.account("121000")
    }

    /// The items of an entry on that account.
    pub(super) fn debts(&self, entry: i64) -> Vec<i64> {
        let receivable = self.receivable();
        let mut items = self.lines(ITEM, "move_id", entry);
        items.retain(|&item| self.int(ITEM, item, "account_id") == receivable);
        items
    }
}

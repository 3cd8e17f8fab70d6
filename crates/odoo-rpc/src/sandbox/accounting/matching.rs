//! Matchings: what is left of items, and what that makes of bills and payments.

use std::collections::BTreeSet;

use crate::sandbox::accounting::{ITEM, MOVE, PARTIAL, PAYMENT, WHOLE, is_zero};
use crate::sandbox::env::Env;
use crate::sandbox::faults::Outcome;
use crate::wire::Value;

impl Env<'_> {
    /// Works out anew what matchings touch; `gone` are on their way out.
    pub(super) fn matched(&mut self, partials: &[i64], gone: &[i64]) {
        let mut items = BTreeSet::new();
        for &partial in partials {
            items.extend(self.int(PARTIAL, partial, "debit_move_id"));
            items.extend(self.int(PARTIAL, partial, "credit_move_id"));
        }
        let mut entries = BTreeSet::new();
        for item in items {
            self.settle_item(item, gone);
            entries.extend(self.int(ITEM, item, "move_id"));
        }
        for &entry in &entries {
            self.settle_bill(entry);
        }
        for &entry in &entries {
            self.settle_payment(entry);
        }
    }

    pub(super) fn partials_go(&mut self, ids: &[i64]) -> Outcome<()> {
        let wholes: BTreeSet<i64> =
            ids.iter().filter_map(|&id| self.int(PARTIAL, id, "full_reconcile_id")).collect();
        let wholes: Vec<i64> = wholes.into_iter().collect();
        self.unlink_as_server(WHOLE, &wholes)?;
        self.matched(ids, ids);
        Ok(())
    }

    fn settle_item(&mut self, item: i64, gone: &[i64]) {
        let matched = |env: &Self, side: &str| -> f64 {
            let partials = env.lines(PARTIAL, side, item).into_iter().filter(|id| !gone.contains(id));
            partials.map(|partial| env.money(PARTIAL, partial, "amount")).sum()
        };
        let left = self.money(ITEM, item, "balance") - matched(self, "debit_move_id")
            + matched(self, "credit_move_id");
        self.put_money(ITEM, item, &[("amount_residual", left)]);
        self.db.store.set(ITEM, item, "reconciled", Some(Value::Bool(is_zero(left))));
    }

    /// What is left of a bill, and its payment state.
    pub(super) fn settle_bill(&mut self, id: i64) {
        if self.text(MOVE, id, "move_type") != Some("out_invoice") {
            return;
        }
        let left: f64 = self.debts(id).iter().map(|&item| self.money(ITEM, item, "amount_residual")).sum();
        let total = self.money(MOVE, id, "amount_total");
        let posted = self.text(MOVE, id, "state") == Some("posted");
        let state = match posted {
            true if is_zero(left) => "paid",
            true if !is_zero(total - left) => "partial",
            _ => "not_paid",
        };
        self.put_money(MOVE, id, &[("amount_residual", left)]);
        self.db.store.set(MOVE, id, "payment_state", Some(Value::from(state)));
    }

    /// A payment of 19 is paid when the bills that it is for are.
    fn settle_payment(&mut self, entry: i64) {
        if !self.is_19() {
            return;
        }
        for payment in self.lines(PAYMENT, "move_id", entry) {
            if self.text(PAYMENT, payment, "state") != Some("in_process") {
                continue;
            }
            let partials: Vec<i64> = self
                .debts(entry)
                .into_iter()
                .flat_map(|item| self.lines(PARTIAL, "credit_move_id", item))
                .collect();
            let paid = |partial: &i64| {
                let debit = self.int(PARTIAL, *partial, "debit_move_id");
                let bill = debit.and_then(|item| self.int(ITEM, item, "move_id"));
                bill.is_some_and(|bill| self.text(MOVE, bill, "payment_state") == Some("paid"))
            };
            if !partials.is_empty() && partials.iter().all(paid) {
                self.db.store.set(PAYMENT, payment, "state", Some(Value::from("paid")));
            }
        }
    }
}

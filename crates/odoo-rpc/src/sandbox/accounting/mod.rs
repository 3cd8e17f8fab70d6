//! The accounting app: what it adds to a sandbox, where one is made with it.

mod install;
mod items;
mod matching;
mod models;
mod moves;
mod payments;

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::Outcome;
use crate::sandbox::method::{Method, on_records};
use crate::sandbox::orm::Vals;
use crate::sandbox::registry::Model;
use crate::wire::Value;

const MOVE: &str = "account.move";
const ITEM: &str = "account.move.line";
const PAYMENT: &str = "account.payment";
const PARTIAL: &str = "account.partial.reconcile";
const WHOLE: &str = "account.full.reconcile";
const JOURNAL: &str = "account.journal";
const ACCOUNT: &str = "account.account";

/// The methods that accounting has beside those of every model.
pub(super) const METHODS: &[Method] = &[
    on_records("action_post", &[], |env, model, args| match model.name.as_str() {
        MOVE => env.post_moves(&args.ids),
        _ => env.post_payments(&args.ids),
    })
    .of(|model| matches!(model.name.as_str(), MOVE | PAYMENT)),
    on_records("button_draft", &[], |env, _, args| env.draft_moves(&args.ids))
        .of(|model| model.name.as_str() == MOVE),
    on_records("action_draft", &[], |env, _, args| env.draft_payments(&args.ids))
        .of(|model| model.name.as_str() == PAYMENT),
];

impl Env<'_> {
    pub(super) fn before_accounting_create(&mut self, model: &Arc<Model>, vals: Vals) -> Outcome<Vals> {
        match model.name.as_str() {
            MOVE => self.move_vals(vals),
            ITEM => Ok(self.item_vals(vals)),
            PAYMENT => Ok(self.payment_vals(vals)),
            _ => Ok(vals),
        }
    }

    pub(super) fn after_accounting_create(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<()> {
        match model.name.as_str() {
            MOVE => ids.iter().try_for_each(|&id| self.move_made(id)),
            PAYMENT => {
                ids.iter().for_each(|&id| self.payment_made(id));
                Ok(())
            }
            PARTIAL => {
                self.matched(ids, &[]);
                Ok(())
            }
            JOURNAL => {
                ids.iter().for_each(|&id| self.journal_made(id));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn before_accounting_write(&self, model: &Model, ids: &[i64], vals: Vals) -> Outcome<Vals> {
        match model.name.as_str() {
            MOVE => self.move_changes(ids, vals),
            _ => Ok(vals),
        }
    }

    pub(super) fn before_accounting_unlink(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome<()> {
        match model.name.as_str() {
            MOVE => self.moves_go(ids),
            PAYMENT => self.payments_go(ids),
            PARTIAL => self.partials_go(ids),
            _ => Ok(()),
        }
    }

    /// A number of a row.
    fn money(&self, model: &str, id: i64, field: &str) -> f64 {
        match self.db.store.value(model, id, field) {
            Some(Value::Double(number)) => *number,
            Some(Value::Int(number)) => f64::from(i32::try_from(*number).unwrap_or_default()),
            _ => 0.0,
        }
    }

    fn put_money(&mut self, model: &str, id: i64, values: &[(&str, f64)]) {
        let values = values.iter().map(|(field, number)| (*field, Some(Value::Double(cents(*number)))));
        self.db.store.set_all(model, id, values.collect());
    }
}

/// Rounded to two digits, a half away from zero, as Odoo does it for a currency of two.
fn cents(number: f64) -> f64 {
    // Odoo adds a tiny bit first, so that what is a half in decimals is one in binary too.
    let shifted = number * 100.0;
    (shifted + shifted.signum() * 1e-6).round() / 100.0
}

fn is_zero(number: f64) -> bool {
    number.abs() < 0.005
}

//! From a new database to one with accounting: models, chart of accounts, journals, taxes.

use std::sync::Arc;

use crate::sandbox::accounting::models::{COMPANY, MODELS, PARTNER, PAYMENT_14, PAYMENT_19};
use crate::sandbox::accounting::{ACCOUNT, JOURNAL};
use crate::sandbox::env::{Database, Env};
use crate::sandbox::version::Like;
use crate::sandbox::{Sandbox, stamp};
use crate::wire::{Struct, Value};

impl Sandbox {
    /// A new database like that version's, with its accounting app: a company in US dollars with a small chart of accounts, journals
    /// for bills (`INV`) and for a bank (`BNK1`), and a tax of 15 %.
    ///
    /// It posts and numbers bills, makes payments, matches, closes days and refuses what the real ones refuse; it knows one currency,
    /// no credit notes, no reports, and no payment wizard.
    #[must_use]
    pub fn with_accounting(like: Like) -> Self {
        let born = (jiff::Timestamp::now(), tokio::time::Instant::now());
        let now = stamp(like, born.0);
        let mut database = crate::sandbox::models::seed::database(like, &now);
        install(&mut database, &now);
        Self::with(like, database, None, born)
    }
}

fn install(db: &mut Database, now: &str) {
    let like = db.like;
    let payment = if like.is_19() { &PAYMENT_19 } else { &PAYMENT_14 };
    let mut registry = (*db.shipped).clone();
    registry.install(MODELS.iter().chain([payment]), &[("res.company", COMPANY), ("res.partner", PARTNER)]);
    let registry = Arc::new(registry);
    db.shipped = registry.clone();
    db.registry = registry.clone();
    db.store.fit(&registry);

    let mut env = Env { db, uid: 1, context: Struct::new(), now: now.to_owned(), sudo: 1 };
    for spec in MODELS.iter().chain([payment]) {
        if let Some(model) = registry.model(spec.name) {
            env.describe_model(model);
        }
    }
    env.seed_accounting();
    db.store.commit();
}

/// Code, name, type on 14 and from 16 on, whether it is matched.
type Account = (&'static str, &'static str, [&'static str; 2], bool);

const CHART: &[Account] = &[
    ("101401", "Bank", ["liquidity", "asset_cash"], false),
    ("101402", "Outstanding Receipts", ["other", "asset_current"], true),
    ("121000", "Account Receivable", ["receivable", "asset_receivable"], true),
    ("251000", "Tax Received", ["other", "liability_current"], false),
    ("400000", "Product Sales", ["other", "income"], false),
];

impl Env<'_> {
    fn seed_accounting(&mut self) {
        let dollar = self.sow(
            "res.currency",
            &[
                ("name", Value::from("USD")),
                ("symbol", Value::from("$")),
                ("rounding", Value::Double(0.01)),
                ("decimal_places", Value::Int(2)),
                ("active", Value::Bool(true)),
            ],
        );
        self.db.store.set("res.company", 1, "currency_id", Some(Value::Int(dollar)));
        let quantity = if self.is_19() { "Product Unit" } else { "Product Unit of Measure" };
        for usage in ["Product Price", "Discount", quantity] {
            self.sow("decimal.precision", &[("name", Value::from(usage)), ("digits", Value::Int(2))]);
        }
        let tax = self.sow(
            "account.tax",
            &[
                ("name", Value::from("15%")),
                ("amount", Value::Double(15.0)),
                ("type_tax_use", Value::from("sale")),
                ("company_id", Value::Int(1)),
            ],
        );
        self.db.store.set("res.company", 1, "account_sale_tax_id", Some(Value::Int(tax)));
        for (code, name, [old, new], matched) in CHART {
            self.sow_account(code, name, if self.at_least(16) { new } else { old }, *matched);
        }
        let (sales, bank) = (self.account("400000"), self.account("101401"));
        self.sow_journal("INV", "Customer Invoices", "sale", sales);
        self.sow_journal("BNK1", "Bank", "bank", bank);
        self.sow_journal("MISC", "Miscellaneous Operations", "general", None);
    }

    pub(super) fn sow_account(&mut self, code: &str, name: &str, kind: &str, matched: bool) -> i64 {
        let kind = match self.at_least(16) {
            true => ("account_type", Value::from(kind)),
            false => ("user_type_id", Value::Int(self.account_type(kind))),
        };
        let company = match self.is_19() {
            true => ("company_ids", Value::Array(vec![Value::Int(1)])),
            false => ("company_id", Value::Int(1)),
        };
        let [code, name] = [("code", Value::from(code)), ("name", Value::from(name))];
        self.sow(ACCOUNT, &[code, name, kind, company, ("reconcile", Value::Bool(matched))])
    }

    fn account_type(&mut self, kind: &str) -> i64 {
        const TYPE: &str = "account.account.type";
        let known = self.db.store.rows_from(TYPE, 0).map(|(id, _)| id).collect::<Vec<_>>();
        let known = known.into_iter().find(|&id| self.text(TYPE, id, "type") == Some(kind));
        known.unwrap_or_else(|| self.sow(TYPE, &[("name", Value::from(kind)), ("type", Value::from(kind))]))
    }

    fn sow_journal(&mut self, code: &str, name: &str, kind: &str, account: Option<i64>) {
        let mut pairs = vec![
            ("code", Value::from(code)),
            ("name", Value::from(name)),
            ("type", Value::from(kind)),
            ("sequence", Value::Int(5)),
            ("company_id", Value::Int(1)),
        ];
        pairs.extend(account.map(|account| ("default_account_id", Value::Int(account))));
        self.sow(JOURNAL, &pairs);
    }

    /// The account of that code.
    pub(super) fn account(&self, code: &str) -> Option<i64> {
        let mut rows = self.db.store.rows_from(ACCOUNT, 0);
        rows.find(|(_, row)| row.get("code").and_then(Value::as_text) == Some(code)).map(|(id, _)| id)
    }

    /// Odoo makes the accounts of a bank journal with it: one on 19, three on 14.
    pub(super) fn journal_made(&mut self, journal: i64) {
        let kind = self.text(JOURNAL, journal, "type").unwrap_or_default().to_owned();
        if !matches!(kind.as_str(), "bank" | "cash") {
            return;
        }
        let name = self.text(JOURNAL, journal, "name").unwrap_or_default().to_owned();
        let (own, other) =
            if self.at_least(16) { ("asset_cash", "asset_current") } else { ("liquidity", "other") };
        let mut wanted = vec![("default_account_id", name.as_str(), own)];
        if !self.is_19() {
            wanted.push(("payment_debit_account_id", "Outstanding Receipts", other));
            wanted.push(("payment_credit_account_id", "Outstanding Payments", other));
        }
        for (field, name, kind) in wanted {
            if self.int(JOURNAL, journal, field).is_none() {
                let code = format!("1014{:02}", 10 + self.db.store.last_id(ACCOUNT));
                let account = self.sow_account(&code, name, kind, field != "default_account_id");
                self.db.store.set(JOURNAL, journal, field, Some(Value::Int(account)));
            }
        }
    }
}

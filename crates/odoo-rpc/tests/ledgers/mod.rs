//! A ledger on a sandbox, bills for it, and bills made by hand beside it.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::date;
use odoo_rpc::accounting::{Bill, Journal, Ledger, Line, Setup};
use odoo_rpc::client::{Client, Context};
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Struct, Value};
use rust_decimal::Decimal;

use super::books::{amount, bills};
use super::sandboxed::client_over;

/// The tables of accounting.
pub(crate) const TABLES: [&str; 8] = [
    "account.move",
    "account.move.line",
    "account.payment",
    "account.partial.reconcile",
    "account.full.reconcile",
    "account.journal",
    "account.account",
    "ir.model.fields",
];

pub(crate) async fn connected(sandbox: &Sandbox) -> Client {
    client_over(sandbox.clone()).await
}

pub(crate) async fn patients(client: &Client, count: usize) -> Vec<i64> {
    let row = |number| Struct::new().with("name", format!("Patient {number}"));
    client.create("res.partner", (0..count).map(row).collect()).await.unwrap()
}

pub(crate) fn own() -> Setup {
    Setup::new()
        .bills_in(Journal::own("OLD", "Bills before Odoo"))
        .payments_in(Journal::own("OLDP", "Payments before Odoo"))
        .settle(Duration::from_secs(30))
}

pub(crate) fn counts(sandbox: &Sandbox) -> Vec<(&'static str, usize)> {
    TABLES.iter().map(|table| (*table, sandbox.count(table))).collect()
}

pub(crate) fn simple(key: &str, patient: i64) -> Bill {
    Bill::new(key, patient, date(2024, 3, 5)).line(Line::new("Consultation", Decimal::from(300)))
}

#[track_caller]
pub(crate) fn as_the_source_says(sandbox: &Sandbox, all: &[(Bill, &str, Decimal)]) {
    let rows = sandbox.rows("account.move");
    let text = |row: &Struct, field| row.get(field).and_then(Value::as_text).unwrap_or_default().to_owned();
    let invoices: Vec<_> = rows.iter().filter(|row| text(row, "move_type") == "out_invoice").collect();
    assert_eq!(invoices.len(), all.len());
    let keys: BTreeSet<String> = invoices.iter().map(|row| text(row, "x_migration_key")).collect();
    assert_eq!(keys.len(), all.len());
    for (bill, state, residual) in all {
        let row = invoices.iter().find(|row| text(row, "x_migration_key") == bill.key).unwrap();
        assert_eq!(
            (text(row, "payment_state").as_str(), amount(row, "amount_residual")),
            (*state, *residual)
        );
        assert_eq!(text(row, "date"), bill.date.to_string());
    }
}

/// How many calls ten bills take.
pub(crate) async fn spent(like: Like) -> usize {
    let sandbox = Sandbox::with_accounting(like);
    let (mut ledger, _, list) = ten(&sandbox).await;
    let before = sandbox.log().len();
    ledger.post(&list).await.unwrap();
    sandbox.log().len() - before
}

pub(crate) type Ten = (Ledger, Vec<(Bill, &'static str, Decimal)>, Vec<Bill>);

pub(crate) async fn ten(sandbox: &Sandbox) -> Ten {
    let client = connected(sandbox).await;
    let all = bills(10, &patients(&client, 3).await, Some(1));
    let list = all.iter().map(|(bill, ..)| bill.clone()).collect();
    (Ledger::open(&client, own().batch(5)).await.unwrap(), all, list)
}

pub(crate) fn ledger_payments(list: &[Bill]) -> usize {
    list.iter().map(|bill| bill.payments.len()).sum()
}

pub(crate) fn by_hand_row(patient: i64) -> Struct {
    let line = Struct::new().with("name", "Cream").with("price_unit", 100.0);
    Struct::new()
        .with("move_type", "out_invoice")
        .with("partner_id", patient)
        .with("invoice_date", "2024-03-05")
        .with("invoice_line_ids", vec![Value::from(vec![0.into(), 0.into(), line.into()])])
}

/// Makes a bill, and posts it.
pub(crate) async fn by_hand(client: &Client, row: Struct) -> odoo_rpc::Result<i64> {
    let made = client.create("account.move", vec![row]).await?;
    client.call_method("account.move", "action_post", &made, Struct::new()).await?;
    Ok(made[0])
}

pub(crate) async fn close_books(client: &Client, until: Value) {
    client.write("res.company", &[1], Struct::new().with("fiscalyear_lock_date", until)).await.unwrap();
}

pub(crate) async fn read(client: &Client, bill: i64, field: &str) -> Value {
    client.read("account.move", &[bill], &[field]).await.unwrap()[0].get(field).unwrap().clone()
}

pub(crate) async fn remove(client: &Client, bill: i64) {
    client.call_method("account.move", "button_draft", &[bill], Struct::new()).await.unwrap();
    let forced = client.with_context(Context::new().with("force_delete", true));
    forced.unlink("account.move", &[bill]).await.unwrap();
}

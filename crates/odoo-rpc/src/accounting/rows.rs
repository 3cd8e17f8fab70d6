//! Bills and payments as rows of Odoo's models.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::accounting::bill::{Bill, Line, Payment};
use crate::accounting::ground::Ground;
use crate::accounting::journals::replaced;
use crate::wire::{Struct, Value};

/// A row of `account.move`.
pub(crate) fn of_bill(bill: &Bill, key_field: &str, ground: &Ground, journal: i64) -> Struct {
    let lines: Vec<Value> = bill.lines.iter().map(of_line).collect();
    let day = |date: Date| Value::from(date.to_string());
    let row = Struct::new()
        .with(key_field, bill.key.as_str())
        .with("move_type", "out_invoice")
        .with("partner_id", bill.partner)
        .with("journal_id", journal)
        .with("currency_id", ground.currency.id)
        .with("invoice_date", day(bill.date))
        .with("date", day(bill.date))
        .with("invoice_date_due", day(bill.due))
        // Otherwise the contact's own terms would make another day of it, or several (19).
        .with("invoice_payment_term_id", false)
        .with("invoice_line_ids", lines);
    let row = match &bill.number {
        Some(number) => row.with("ref", number.as_str()),
        None => row,
    };
    bill.fields.iter().fold(row, |row, (name, value)| row.with(name, value.clone()))
}

fn of_line(line: &Line) -> Value {
    let row = Struct::new()
        .with("name", line.text.as_str())
        .with("quantity", double(line.quantity))
        .with("price_unit", double(line.price))
        // Said even where there is none: otherwise 16 takes the company's tax, and 19 the account's.
        .with("tax_ids", vec![replaced(&line.taxes)]);
    let row = match line.account {
        Some(account) => row.with("account_id", account),
        None => row,
    };
    vec![Value::from(0), Value::from(0), row.into()].into()
}

/// A row of `account.payment`.
pub(crate) fn of_payment(
    bill: &Bill,
    payment: &Payment,
    key_field: &str,
    ground: &Ground,
    journal: i64,
) -> Struct {
    let row = Struct::new()
        .with(key_field, payment.key.as_str())
        .with("payment_type", "inbound")
        .with("partner_type", "customer")
        .with("partner_id", bill.partner)
        .with("journal_id", journal)
        .with("currency_id", ground.currency.id)
        .with("amount", double(payment.amount))
        .with("date", payment.date.to_string());
    match &payment.memo {
        Some(memo) => row.with(ground.memo, memo.as_str()),
        None => row,
    }
}

/// XML-RPC has no decimals. A double holds fifteen digits, and Odoo rounds to those of the currency.
pub(crate) fn double(number: Decimal) -> Value {
    Value::Double(number.to_f64().unwrap_or_default())
}

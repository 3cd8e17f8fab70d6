//! Bills read back, and held against their source.

use std::collections::HashMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::accounting::answer::{amount, day, id};
use crate::accounting::bill::{Bill, Payment};
use crate::accounting::books::{Entries, PAGE, moves_of};
use crate::accounting::ground::Ground;
use crate::client::Client;
use crate::client::record::{link, text};
use crate::error::Result;
use crate::patience::repeat;
use crate::wire::Struct;

/// A field of a bill or payment that is not as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The key of the bill or payment.
    pub key: String,
    /// Odoo's field; `id` where the record is not there at all.
    pub field: &'static str,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.field)
    }
}

/// What a payment state must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paid {
    Not,
    Partly,
    Whole,
}

impl Paid {
    fn of(bill: &Bill, digits: u32) -> Self {
        match (bill.residual(digits).is_zero(), bill.paid().is_zero()) {
            (true, _) => Self::Whole,
            (false, true) => Self::Not,
            (false, false) => Self::Partly,
        }
    }

    /// With the app Accounting what is paid is `in_payment` until the bank's statement is there.
    fn is(self, state: &str) -> bool {
        match self {
            Self::Not => state == "not_paid",
            Self::Partly => state == "partial",
            Self::Whole => matches!(state, "paid" | "in_payment"),
        }
    }
}

/// A bill's name in Odoo, by id.
pub(crate) type Names = HashMap<i64, String>;

const BILL: [&str; 11] = [
    "state",
    "payment_state",
    "amount_total",
    "amount_residual",
    "name",
    "date",
    "invoice_date",
    "invoice_date_due",
    "ref",
    "partner_id",
    "currency_id",
];

/// Reads bills back: one call for a thousand.
pub(crate) async fn bills(
    client: &Client,
    ground: &Ground,
    bills: &[Bill],
    entries: &Entries,
) -> Result<(Vec<Difference>, Names)> {
    let (mut differences, mut names) = (Vec::new(), Names::new());
    for bills in bills.chunks(PAGE) {
        let ids: Vec<i64> = bills.iter().filter_map(|bill| Some(entries.get(&bill.key)?.id)).collect();
        let records = by_id(repeat(|| client.read("account.move", &ids, &BILL)).await?)?;
        for bill in bills {
            let record = entries.get(&bill.key).and_then(|entry| records.get(&entry.id));
            let mut wrong = |field| differences.push(Difference { key: bill.key.clone(), field });
            match record {
                Some(record) => hold_bill(bill, record, ground, &mut wrong),
                None => wrong("id"),
            }
        }
        names.extend(records.iter().map(|(id, record)| (*id, text(record, "name").to_owned())));
    }
    Ok((differences, names))
}

fn hold_bill(bill: &Bill, record: &Struct, ground: &Ground, wrong: &mut impl FnMut(&'static str)) {
    let digits = ground.currency.digits;
    let mut check = |field, right: bool| {
        if !right {
            wrong(field);
        }
    };
    let is = |field, wanted: Decimal| amount(record, field, digits) == Some(wanted);
    check("state", text(record, "state") == "posted");
    check("payment_state", Paid::of(bill, digits).is(text(record, "payment_state")));
    check("amount_total", is("amount_total", bill.total(digits)));
    check("amount_residual", is("amount_residual", bill.residual(digits)));
    check("name", !matches!(text(record, "name"), "" | "/"));
    check("date", day(record, "date") == Some(bill.date));
    check("invoice_date", day(record, "invoice_date") == Some(bill.date));
    check("invoice_date_due", day(record, "invoice_date_due") == Some(bill.due));
    check("ref", text(record, "ref") == bill.number.as_deref().unwrap_or_default());
    check("partner_id", link(record, "partner_id") == Some(bill.partner));
    check("currency_id", link(record, "currency_id") == Some(ground.currency.id));
}

/// Reads payments back: three calls for a thousand.
pub(crate) async fn payments(
    client: &Client,
    ground: &Ground,
    bills: &[Bill],
    entries: &Entries,
) -> Result<Vec<Difference>> {
    let all: Vec<(i64, &Payment)> = bills
        .iter()
        .flat_map(|bill| bill.payments.iter().map(move |payment| (bill.partner, payment)))
        .collect();
    let mut differences = Vec::new();
    for payments in all.chunks(PAGE) {
        let ids: Vec<i64> =
            payments.iter().filter_map(|(_, payment)| Some(entries.get(&payment.key)?.id)).collect();
        let moves = moves_of(client, &ids).await?;
        let of: Vec<i64> = ids.iter().filter_map(|id| moves.get(id).copied()).collect();
        let wanted = ["amount", "date", "partner_id", "state"];
        let records = by_id(repeat(|| client.read("account.payment", &ids, &wanted)).await?)?;
        let booked = by_id(repeat(|| client.read("account.move", &of, &["date", "state"])).await?)?;
        for (partner, payment) in payments {
            let mut wrong = |field| differences.push(Difference { key: payment.key.clone(), field });
            let entry = entries.get(&payment.key).map(|entry| entry.id);
            let record = entry.and_then(|id| records.get(&id));
            let booked = entry.and_then(|id| booked.get(moves.get(&id)?));
            match record.zip(booked) {
                Some((record, booked)) => hold_payment(*partner, payment, record, booked, ground, &mut wrong),
                None => wrong("id"),
            }
        }
    }
    Ok(differences)
}

fn hold_payment(
    partner: i64,
    payment: &Payment,
    record: &Struct,
    booked: &Struct,
    ground: &Ground,
    wrong: &mut impl FnMut(&'static str),
) {
    let mut check = |field, right: bool| {
        if !right {
            wrong(field);
        }
    };
    check("amount", amount(record, "amount", ground.currency.digits) == Some(payment.amount));
    check("partner_id", link(record, "partner_id") == Some(partner));
    check("state", text(booked, "state") == "posted" && text(record, "state") != "draft");
    check("date", day(record, "date") == Some(payment.date));
    // A lock moves the entry and leaves the payment's own day (19).
    check("move_id.date", day(booked, "date") == Some(payment.date));
}

fn by_id(records: Vec<Struct>) -> Result<HashMap<i64, Struct>> {
    records.into_iter().map(|record| Ok((id(&record)?, record))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::accounting::bill::Line;

    #[test]
    fn a_bill_of_nothing_is_paid() {
        let mut bill = Bill::new("b", 1, date(2024, 1, 1)).line(Line::new("Free", Decimal::ZERO));
        assert_eq!(Paid::of(&bill, 2), Paid::Whole);
        bill = bill.line(Line::new("Pill", Decimal::TWO));
        assert_eq!(Paid::of(&bill, 2), Paid::Not);
        bill = bill.payment(Payment::new("p", date(2024, 1, 1), Decimal::ONE));
        assert_eq!(Paid::of(&bill, 2), Paid::Partly);
        assert!(Paid::Whole.is("paid") && Paid::Whole.is("in_payment") && !Paid::Whole.is("partial"));
    }
}

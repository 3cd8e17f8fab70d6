//! Bills of a made-up clinic.
#![allow(dead_code, reason = "each test uses a part of it")]

use jiff::ToSpan;
use jiff::civil::{Date, date};
use odoo_rpc::accounting::{Bill, Line, Payment};
use odoo_rpc::wire::{Struct, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

pub(crate) fn link(record: &Struct, field: &str) -> i64 {
    record.get(field).and_then(Value::as_array).and_then(|pair| pair[0].as_int()).unwrap()
}

pub(crate) fn amount(record: &Struct, field: &str) -> Decimal {
    let Some(Value::Double(number)) = record.get(field) else { panic!("{field} is no number") };
    Decimal::from_f64(*number).unwrap().round_dp(2)
}

/// What was made of a bill, in words.
pub(crate) const STATES: [&str; 3] = ["paid", "partial", "not_paid"];

/// Bills over two years, some paid at once, some in parts, some in part, some never; with discounts, odd quantities, bills of
/// nothing and, where there is a tax, taxes. With each what its payment state must be, and what must be left of it.
pub(crate) fn bills(count: usize, patients: &[i64], tax: Option<i64>) -> Vec<(Bill, &'static str, Decimal)> {
    (0..count).map(|number| bill(number, count, patients[number % patients.len()], tax)).collect()
}

fn bill(number: usize, count: usize, patient: i64, tax: Option<i64>) -> (Bill, &'static str, Decimal) {
    let whole = |number: usize| Decimal::from(number);
    let on: Date = date(2024, 1, 3).checked_add((number as i64 * 725 / count as i64).days()).unwrap();
    let later = |days: i64| on.checked_add(days.days()).unwrap();
    let cents = Decimal::new((number * 37 % 100) as i64, 2);
    let mut bill = Bill::new(format!("bill-{number}"), patient, on).number(format!("OPD/{number:05}"));
    bill = bill.due(later((number % 3) as i64 * 15));
    bill = bill.line(Line::new("Consultation", whole(300 + number % 7) + cents));
    let mut total = whole(300 + number % 7) + cents;
    if number.is_multiple_of(4) {
        // 1.5 times 33.33 is 49.995: 50.00.
        bill = bill.line(Line::new("Dressing", Decimal::new(3333, 2)).quantity(Decimal::new(15, 1)));
        bill = bill.line(Line::new("Discount", Decimal::new(-1250, 2)));
        total += Decimal::new(3750, 2);
    }
    if let Some(tax) = tax.filter(|_| number % 10 == 3) {
        bill = bill.line(Line::new("Cream", whole(100)).taxes([tax]));
        total += whole(115);
        bill = bill.stated(total);
    }
    if number % 50 == 7 {
        bill = Bill::new(bill.key, patient, on).line(Line::new("Free of charge", Decimal::ZERO));
        return (bill, STATES[0], Decimal::ZERO);
    }
    let mut paid = Decimal::ZERO;
    let mut pay = |bill: Bill, part: usize, days: i64, amount: Decimal| {
        paid += amount;
        let key = format!("receipt-{number}-{part}");
        bill.payment(Payment::new(key, later(days), amount).memo(format!("R{number}")))
    };
    bill = match number % 5 {
        0 => pay(bill, 1, 0, total),
        1 => {
            let bill = pay(bill, 1, 40, whole(100));
            // After the bill's own day, and before it.
            pay(bill, 2, -3, total - whole(100))
        }
        2 => pay(bill, 1, 9, Decimal::new(1, 2)),
        3 if number % 10 == 3 => {
            let bill = pay(bill, 1, 2, whole(50));
            pay(bill, 2, 30, Decimal::new(7599, 2))
        }
        3 => pay(bill, 1, 30, Decimal::new(7599, 2)),
        _ => bill,
    };
    let state = match number % 5 {
        0 | 1 => STATES[0],
        2 | 3 => STATES[1],
        _ => STATES[2],
    };
    (bill, state, total - paid)
}

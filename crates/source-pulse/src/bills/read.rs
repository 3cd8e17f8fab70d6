//! The rows of a bill and of its payments as one record.

use std::collections::HashSet;

use jiff::civil::Date;
use mapping_core::source::Reading;
use mapping_core::table::{Row, RowKind};
use mapping_core::value::Value;
use rust_decimal::Decimal;

use super::balance::Billed;
use super::charge::{Charge, line};
use super::payment::Payment;
use crate::cells::Cells;
use crate::dated::Kind;
use crate::dates::Written;
use crate::ids::Seen;
use crate::money::shown;
use crate::practice::Practice;
use crate::sheet::Sheet;
use crate::text;

const KIND: Kind = Kind {
    what: "bill",
    id: "bill_no",
    repeated: ("repeated-bill", "the same patient and day as a bill before it; see whether it is the same"),
    anew: Some((
        "repeated-bill-number",
        "another bill has this number, of another patient or day; numbered on; see whether it is the same",
    )),
};

/// What all rows of a bill say alike.
const SHARED: [&str; 8] =
    ["patient_name", "patient_phone", "due", "doctor", "status", "notes", "clinic", "last_modified"];
/// Statuses of bills that are none any more.
const CANCELLED: [&str; 5] = ["cancelled", "canceled", "void", "voided", "deleted"];

/// Why a bill is not taken: the row at fault, the field and the reason.
type Refused<'a> = Box<(Cells<'a>, &'static str, String)>;

/// What its rows come to.
struct Sums {
    total: Decimal,
    /// What the rows come to by themselves.
    charged: Decimal,
    paid: Option<Decimal>,
    balance: Option<Decimal>,
}

/// Reads a bill. Answers its readings and, where it was taken and counts, what the patient's record has of it.
pub(super) fn read(
    practice: &Practice,
    (sheet, rows): (&Sheet, Vec<Row>),
    payments: Vec<Cells<'_>>,
    seen: &mut Seen,
) -> (Vec<Reading>, Option<Billed>) {
    let mut found = Vec::new();
    let mut data = Vec::new();
    for row in rows {
        match row.kind {
            RowKind::Data => data.push(Cells::new(sheet, row)),
            kind => found.push(Reading::Flag(sheet.skipped(kind, row.line))),
        }
    }
    let mut data = data.into_iter();
    let Some(head) = data.next() else { return (found, None) };
    match take(practice, head, data, payments, seen) {
        Ok((reading, billed)) => {
            found.push(reading);
            (found, billed)
        }
        Err(refused) => {
            let (cells, field, reason) = *refused;
            let number = cells.said("bill_no").map(str::to_owned);
            found.push(cells.refuse(number.as_deref(), field, reason));
            (found, None)
        }
    }
}

fn take<'a>(
    practice: &Practice,
    mut cells: Cells<'a>,
    rest: impl Iterator<Item = Cells<'a>>,
    payments: Vec<Cells<'a>>,
    seen: &mut Seen,
) -> Result<(Reading, Option<Billed>), Refused<'a>> {
    let dated = match KIND.read(practice, &mut cells) {
        Ok(dated) => dated,
        Err(refused) => return Err(Box::new((cells, refused.field, refused.reason))),
    };
    let mut charges = Vec::new();
    match Charge::read(&mut cells) {
        Ok(charge) => charges.push(charge),
        Err((field, reason)) => return Err(Box::new((cells, field, reason.to_owned()))),
    }
    for mut row in rest {
        match Charge::read(&mut row) {
            Ok(charge) => charges.push(charge),
            Err((field, reason)) => return Err(Box::new((row, field, reason.to_owned()))),
        }
        let day = row.said("date").map(|day| row.sheet().dates("date").read(day));
        if day.is_some_and(|day| !matches!(day, Written::Day { .. })) {
            row.flag("unreadable-date", "no day; the one of the bill's first row was taken", "date");
        }
        cells.take_over(row, &SHARED);
    }
    let Some(sums) = sums(&charges) else {
        let reason = "the amounts of the bill are too large to be true; mend them at the source";
        return Err(Box::new((cells, "total", reason.to_owned())));
    };
    let (patient, date) = (dated.patient().to_owned(), dated.date());

    let (mut keys, mut paid) = (HashSet::new(), Vec::new());
    for mut row in payments {
        match Payment::read(&mut row, date, &mut keys) {
            Ok(payment) => paid.push(payment),
            Err((field, reason)) => {
                return Err(Box::new((row, field, format!("{reason}; mend it at the source"))));
            }
        }
        let payer = practice.patients.whose(row.whose()).patient;
        if payer.is_some_and(|payer| payer != patient) {
            row.flag("other-payer", "the payment is of another patient than its bill", "patient_id");
        }
        cells.take_over(row, &["patient_name", "patient_phone"]);
    }
    let received =
        |paid: &[Payment]| paid.iter().fold(Decimal::ZERO, |sum, one| sum.saturating_add(one.amount));
    let said = sums.paid.or_else(|| Some(sums.total.saturating_sub(sums.balance?)));
    let missing = said.map(|said| said.saturating_sub(received(&paid))).unwrap_or_default();
    if !paid.is_empty() && !missing.is_zero() {
        let message = "the payments of the bill do not come to what it says was paid; see what is missing";
        cells.flag("paid-mismatch", message, "paid");
    }
    if missing > Decimal::ZERO {
        paid.push(Payment::told("paid", date, missing));
    }
    let left = sums.total.saturating_sub(received(&paid));
    if sums.balance.is_some_and(|balance| balance != left) {
        let message = "total, payments and balance of the bill do not fit; see which is right";
        cells.flag("balance-mismatch", message, "balance");
    }
    let difference = sums.total.saturating_sub(sums.charged);
    let mut lines = Vec::new();
    charges.iter().for_each(|charge| charge.lines(&mut lines));
    if !difference.is_zero() {
        let message = "the rows of the bill do not come to its total; the difference has a line of its own";
        cells.flag("total-mismatch", message, "total");
        lines.push(line("Difference to the total as exported".to_owned(), Decimal::ONE, difference));
    }

    let id = match KIND.id(dated, ["", ""], seen, &mut cells) {
        Ok(id) => id,
        Err(refused) => return Err(Box::new((cells, refused.field, refused.reason))),
    };
    practice.put_doctor(&mut cells);
    let status = cells.text("status");
    let cancelled = status.as_deref().is_some_and(|status| CANCELLED.contains(&text::slug(status).as_str()));
    cells.put("statement", statement(&id, date, &charges, difference, &paid, &sums, left));
    cells.put("lines", lines);
    cells.put("payments", paid.iter().map(Payment::value).collect::<Vec<Value>>());
    cells.put("total", sums.total);
    cells.put("paid", received(&paid));
    let balance = sums.balance.unwrap_or(left);
    cells.put("balance", balance);
    cells.put("cancelled", cancelled);
    cells.put("status", status.clone());
    if let Some(Written::Day { date, .. }) = cells.day("due", "due_text") {
        cells.put("due", date);
    }
    cells.put_texts(&["patient_name", "notes", "clinic"]);
    cells.put_moment("last_modified", "last_modified_text", &practice.zone);
    let billed = (!cancelled).then_some(Billed { patient, date, total: sums.total, balance, status });
    Ok((cells.record(id), billed))
}

/// What rows say of a sum: of the whole bill on each of them, or each of itself.
fn sums(charges: &[Charge]) -> Option<Sums> {
    let own: Vec<Decimal> = charges.iter().map(Charge::sum).collect::<Option<_>>()?;
    let charged = sum(&own)?;
    let said: Vec<Option<Decimal>> = charges.iter().map(|charge| charge.total).collect();
    let each_its_own = said.iter().zip(&own).all(|(said, own)| *said == Some(*own));
    let one = only(&said);
    let by_row =
        one != Some(charged) && (each_its_own || (one.is_none() && said.iter().any(Option::is_some)));
    let total = match by_row {
        true => sum(&said.iter().zip(&own).map(|(said, own)| said.unwrap_or(*own)).collect::<Vec<_>>())?,
        false => one.unwrap_or(charged),
    };
    let of = |values: Vec<Option<Decimal>>| match only(&values) {
        Some(one) if !by_row => Some(one),
        _ if values.iter().all(Option::is_none) => None,
        _ => sum(&values.into_iter().flatten().collect::<Vec<_>>()),
    };
    let paid = of(charges.iter().map(|charge| charge.paid).collect());
    let balance = of(charges.iter().map(|charge| charge.balance).collect());
    Some(Sums { total, charged, paid, balance })
}

/// What all that say something say alike.
fn only(values: &[Option<Decimal>]) -> Option<Decimal> {
    let mut said = values.iter().flatten();
    let first = said.next()?;
    said.all(|other| other == first).then_some(*first)
}

fn sum(values: &[Decimal]) -> Option<Decimal> {
    values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))
}

/// The bill as a person reads it.
fn statement(
    id: &str,
    date: Date,
    charges: &[Charge],
    difference: Decimal,
    paid: &[Payment],
    sums: &Sums,
    left: Decimal,
) -> String {
    let mut lines = vec![format!("Bill {id} of {date}")];
    charges.iter().for_each(|charge| charge.state(&mut lines));
    if !difference.is_zero() {
        lines.push(format!("Difference to the total as exported: {}", shown(difference)));
    }
    lines.push(format!("Total {}", shown(sums.total)));
    lines.extend(paid.iter().map(Payment::state));
    lines.push(format!("To be paid {}", shown(left)));
    lines.join("\n")
}

//! What a patient owes, and the last bill: what stands on the patient's own record.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cells::Cells;
use crate::ids::fingerprint::Fingerprint;

/// A bill, as far as the patient's record tells of it.
pub(super) struct Billed {
    pub(super) patient: String,
    pub(super) date: Date,
    pub(super) total: Decimal,
    pub(super) balance: Decimal,
    pub(super) status: Option<String>,
}

/// The sums of all patients: some hundred bytes each.
#[derive(Default)]
pub(super) struct Balances(HashMap<Fingerprint, Balance>);

struct Balance {
    date: Date,
    total: Decimal,
    status: Option<Box<str>>,
    /// None where it is more than any number can say.
    outstanding: Option<Decimal>,
}

impl Balances {
    /// Adds a bill. Of two of one day the later one in the table is the last.
    pub(super) fn add(&mut self, bill: Billed) {
        let Billed { patient, date, total, balance, status } = bill;
        let status = status.map(String::into_boxed_str);
        let new = || Balance { date, total, status: None, outstanding: Some(Decimal::ZERO) };
        let known = self.0.entry(Fingerprint::of(&[&patient])).or_insert_with(new);
        known.outstanding = known.outstanding.and_then(|sum| sum.checked_add(balance));
        if date >= known.date {
            (known.date, known.total, known.status) = (date, total, status);
        }
    }

    pub(super) fn put(&self, id: &str, patient: &mut Cells<'_>) {
        let Some(known) = self.0.get(&Fingerprint::of(&[id])) else { return };
        patient.put("last_bill_date", known.date);
        patient.put("last_bill_amount", known.total);
        patient.put("outstanding_balance", known.outstanding.map(|sum| sum.normalize()));
        patient.put("billing_status", known.status.as_deref());
    }
}

//! What was paid of a bill.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use mapping_core::value::Value;
use rust_decimal::Decimal;

use crate::cells::Cells;
use crate::dates::Written;
use crate::money::{amount, shown};

/// A payment of a bill.
pub(super) struct Payment {
    key: String,
    date: Date,
    pub(super) amount: Decimal,
    memo: Option<String>,
}

impl Payment {
    /// One that the bill alone tells of: its day is the bill's.
    pub(super) fn told(key: &str, date: Date, amount: Decimal) -> Self {
        Self { key: key.to_owned(), date, amount, memo: None }
    }

    /// The payment of a row; or the field at fault, and the reason.
    pub(super) fn read(
        cells: &mut Cells<'_>,
        billed: Date,
        keys: &mut HashSet<String>,
    ) -> Result<Self, (&'static str, &'static str)> {
        let written = cells.text("amount").ok_or(("amount", "a payment of the bill has no amount"))?;
        let exact = amount(&written).ok_or(("amount", "a payment of the bill is no amount"))?;
        if exact < Decimal::ZERO {
            return Err(("amount", "a payment of the bill is a refund; put the bill into the books by hand"));
        }
        let day = cells.text("date");
        let (date, odd) = match day.as_deref().map(|day| (day, cells.sheet().dates("date").read(day))) {
            Some((_, Written::Day { date, .. })) => (date, None),
            Some((day, _)) => {
                cells.flag("unreadable-date", "the day of the payment is none; the bill's was taken", "date");
                (billed, Some(day.to_owned()))
            }
            None => {
                cells.flag("undated-payment", "the payment has no day; the bill's was taken", "date");
                (billed, None)
            }
        };
        let receipt = cells.text("receipt_no");
        let memo: Vec<String> =
            [receipt.clone(), cells.text("mode"), odd, cells.text("notes")].into_iter().flatten().collect();
        let wanted = receipt.unwrap_or_else(|| "payment".to_owned());
        let mut key = wanted.clone();
        let mut number = 2;
        while !keys.insert(key.clone()) {
            key = format!("{wanted}-{number}");
            number += 1;
        }
        Ok(Self { key, date, amount: exact, memo: (!memo.is_empty()).then(|| memo.join(", ")) })
    }

    pub(super) fn value(&self) -> Value {
        let fields = [
            ("key", self.key.as_str().into()),
            ("date", self.date.into()),
            ("amount", self.amount.into()),
            ("memo", self.memo.clone().into()),
        ];
        Value::Map(BTreeMap::from(fields.map(|(field, value): (&str, Value)| (field.to_owned(), value))))
    }

    /// The same for a person.
    pub(super) fn state(&self) -> String {
        let memo = self.memo.as_ref().map(|memo| format!(" ({memo})")).unwrap_or_default();
        format!("Paid {} on {}{memo}", shown(self.amount), self.date)
    }
}

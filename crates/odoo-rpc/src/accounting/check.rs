//! What stands in the way of bills, found before anything is written.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::accounting::bill::{Bill, Line, Payment};
use crate::accounting::ground::{Ground, Lock};

/// Something that would make a bill wrong, or refused. Its text says where it is and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Obstacle {
    /// The key of the bill or payment; none where it is about the server.
    pub key: Option<String>,
    /// What it is about: a field of the bill or payment, or of a model of the server.
    pub field: String,
    /// What is wrong.
    pub what: Hindrance,
}

impl Obstacle {
    pub(crate) fn of(key: &str, field: &str, what: Hindrance) -> Self {
        Self { key: Some(key.to_owned()), field: field.to_owned(), what }
    }

    pub(crate) fn server(field: &str, what: Hindrance) -> Self {
        Self { key: None, field: field.to_owned(), what }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, field, what } = self;
        match key {
            Some(key) => write!(f, "{key}: {field}: {what}"),
            None => write!(f, "{field}: {what}"),
        }
    }
}

/// What an [`Obstacle`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hindrance {
    /// The day is closed. Odoo 19 would post under another day without a word, 14 refuses the whole call.
    Locked {
        /// The company's field.
        lock: String,
        /// The last day that is closed.
        until: Date,
    },
    /// The journal chains its entries by hash: none can be taken back.
    Hashed,
    /// Another one has the same key or number.
    Twice,
    /// Another bill of the journal has this number already: one without a key, or one whose key says that it is from the same place. Keys
    /// that differ before their last colon are from different places, such as two clinics, which may both have a bill of that number.
    Taken,
    /// More digits than the currency, or Odoo's decimal accuracy, has.
    Digits {
        /// How many there may be.
        most: u32,
    },
    /// It is empty, or less than nothing.
    TooLittle,
    /// The payments come to more than the bill.
    Overpaid,
    /// The lines do not add up to the total stated.
    Sum,
    /// A line has taxes, and the source states no total to hold Odoo's against.
    NoTotal,
    /// It is before the bill's day.
    Early,
    /// Not the company's currency.
    Currency,
    /// No such record on the server.
    Missing,
    /// Bill and payment are on different accounts, so that they cannot be matched.
    Account,
    /// Somebody else matched it meanwhile.
    Elsewhere,
    /// The company posts taxes when they are paid: entries of its own for each payment.
    CashBasis,
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { lock, until } => {
                write!(f, "the company's books are closed until {until} ({lock}): open them for the migration, or leave it out")
            }
            Self::Hashed => f.write_str(
                "the journal locks posted entries by hash, so that nothing could be undone: use a journal of the migration's own",
            ),
            Self::Twice => f.write_str("another one has the same: make them differ"),
            Self::Taken => f.write_str("another bill of this journal has it already: was it moved under another key?"),
            Self::Digits { most } => {
                write!(f, "more than {most} digits after the point, which Odoo would round: round it first")
            }
            Self::TooLittle => f.write_str("empty, zero or negative: mend it, or leave it out"),
            Self::Overpaid => f.write_str("more was paid than billed: leave out what is over, or bill it"),
            Self::Sum => f.write_str("the lines do not add up to the total that the source states"),
            Self::NoTotal => f.write_str("it has taxes: state the total, so that Odoo's can be held against it"),
            Self::Early => f.write_str("before the day of the bill"),
            Self::Currency => f.write_str("not the company's currency: such bills are not moved yet"),
            Self::Missing => f.write_str("there is no such record in Odoo"),
            Self::Account => f.write_str("bill and payment are on different accounts: did the contact's account change?"),
            Self::Elsewhere => {
                f.write_str("less is left of the bill or the payment than there should be: somebody matched it in Odoo")
            }
            Self::CashBasis => f.write_str("the company posts taxes on payment: such bills are not moved yet"),
        }
    }
}

/// What can be seen without another call.
pub(crate) fn bills(bills: &[Bill], ground: &Ground) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let mut keys = Keys::default();
    for bill in bills {
        keys.bill(bill, &mut found);
        Look { bill, ground, found: &mut found }.all();
    }
    found
}

#[derive(Default)]
struct Keys<'a> {
    bills: HashSet<&'a str>,
    payments: HashSet<&'a str>,
    numbers: HashMap<&'a str, &'a str>,
}

impl<'a> Keys<'a> {
    fn bill(&mut self, bill: &'a Bill, found: &mut Vec<Obstacle>) {
        if bill.key.is_empty() {
            found.push(Obstacle::of(&bill.key, "key", Hindrance::TooLittle));
        }
        // On Odoo 14 a payment is a move too, and has its key there.
        if !self.bills.insert(&bill.key) || self.payments.contains(bill.key.as_str()) {
            found.push(Obstacle::of(&bill.key, "key", Hindrance::Twice));
        } else if let Some(number) = &bill.number
            && self.numbers.insert(number, &bill.key).is_some()
        {
            found.push(Obstacle::of(&bill.key, "number", Hindrance::Twice));
        }
        for payment in &bill.payments {
            if !self.payments.insert(&payment.key) || self.bills.contains(payment.key.as_str()) {
                found.push(Obstacle::of(&payment.key, "key", Hindrance::Twice));
            }
            if payment.key.is_empty() {
                found.push(Obstacle::of(&payment.key, "key", Hindrance::TooLittle));
            }
        }
    }
}

struct Look<'a> {
    bill: &'a Bill,
    ground: &'a Ground,
    found: &'a mut Vec<Obstacle>,
}

impl Look<'_> {
    fn all(&mut self) {
        let (bill, ground) = (self.bill, self.ground);
        if bill.currency.as_ref().is_some_and(|code| *code != ground.currency.code) {
            self.add("currency", Hindrance::Currency);
        }
        if bill.due < bill.date {
            self.add("due", Hindrance::Early);
        }
        if bill.is_taxed() && ground.cash_basis {
            self.add("taxes", Hindrance::CashBasis);
        }
        if let Some(what) = ground.locked(bill.date, Lock::holds_bills, bill.is_taxed()) {
            self.add("date", what);
        }
        self.amounts();
        for line in &bill.lines {
            self.line(line);
        }
        for payment in &bill.payments {
            self.payment(payment);
        }
    }

    fn amounts(&mut self) {
        let (bill, digits) = (self.bill, self.ground.currency.digits);
        if bill.lines.is_empty() {
            self.add("lines", Hindrance::TooLittle);
        }
        if bill.is_taxed() && bill.stated.is_none() {
            self.add("stated", Hindrance::NoTotal);
        }
        if let Some(stated) = bill.stated {
            if exceeds(stated, digits) {
                self.add("stated", Hindrance::Digits { most: digits });
            }
            if !bill.is_taxed() && stated != bill.sum(digits) {
                self.add("stated", Hindrance::Sum);
            }
        }
        if bill.total(digits).is_sign_negative() && !bill.total(digits).is_zero() {
            self.add("lines", Hindrance::TooLittle);
        }
        if bill.residual(digits) < Decimal::ZERO {
            self.add("payments", Hindrance::Overpaid);
        }
    }

    fn line(&mut self, line: &Line) {
        let Ground { price_digits, quantity_digits, .. } = *self.ground;
        if exceeds(line.price, price_digits) {
            self.add("price", Hindrance::Digits { most: price_digits });
        }
        if exceeds(line.quantity, quantity_digits) {
            self.add("quantity", Hindrance::Digits { most: quantity_digits });
        }
    }

    fn payment(&mut self, payment: &Payment) {
        let digits = self.ground.currency.digits;
        let mut add = |field: &str, what| self.found.push(Obstacle::of(&payment.key, field, what));
        if payment.amount <= Decimal::ZERO {
            add("amount", Hindrance::TooLittle);
        }
        if exceeds(payment.amount, digits) {
            add("amount", Hindrance::Digits { most: digits });
        }
        if let Some(what) = self.ground.locked(payment.date, Lock::holds_payments, false) {
            add("date", what);
        }
    }

    fn add(&mut self, field: &str, what: Hindrance) {
        self.found.push(Obstacle::of(&self.bill.key, field, what));
    }
}

fn exceeds(number: Decimal, digits: u32) -> bool {
    number.normalize().scale() > digits
}

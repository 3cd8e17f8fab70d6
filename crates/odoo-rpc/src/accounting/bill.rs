//! A bill as its source has it: lines, dates, payments.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::wire::{Struct, Value};

/// A bill to a patient, with the payments that were made for it.
///
/// `Debug` shows the key and how many lines and payments there are.
///
/// # Example
///
/// ```
/// use jiff::civil::date;
/// use odoo_rpc::accounting::{Bill, Line, Payment};
/// use rust_decimal::Decimal;
///
/// let bill = Bill::new("bill-17", 42, date(2024, 2, 29))
///     .number("2024/17")
///     .line(Line::new("Consultation", Decimal::new(500_00, 2)))
///     .line(Line::new("Dressing", Decimal::new(62_50, 2)).quantity(2))
///     .payment(Payment::new("receipt-9", date(2024, 3, 4), Decimal::new(300_00, 2)));
/// assert_eq!(bill.total(2), Decimal::new(625_00, 2));
/// assert_eq!(bill.residual(2), Decimal::new(325_00, 2));
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Bill {
    /// Under which it is found again: one for each bill, for ever.
    pub key: String,
    /// The contact's id in Odoo.
    pub partner: i64,
    /// The number it has at its source. It goes to `ref`: in `name` it would change the numbering of the journal.
    pub number: Option<String>,
    /// Its day.
    pub date: Date,
    /// When it is due: its day unless said. Odoo 19 would take today where nothing is said.
    pub due: Date,
    /// The currency's code, such as `INR`: the company's own unless said.
    pub currency: Option<String>,
    /// What it is for.
    pub lines: Vec<Line>,
    /// What was paid for it.
    pub payments: Vec<Payment>,
    /// The total with taxes, where the source states it.
    pub stated: Option<Decimal>,
    /// Further fields, as Odoo takes them.
    pub fields: Struct,
}

impl Bill {
    /// A bill without lines yet, due on its day.
    pub fn new(key: impl Into<String>, partner: i64, date: Date) -> Self {
        Self {
            key: key.into(),
            partner,
            number: None,
            date,
            due: date,
            currency: None,
            lines: Vec::new(),
            payments: Vec::new(),
            stated: None,
            fields: Struct::new(),
        }
    }

    /// With the number that it has at its source.
    #[must_use]
    pub fn number(mut self, number: impl Into<String>) -> Self {
        self.number = Some(number.into());
        self
    }

    /// Due on another day.
    #[must_use]
    pub fn due(mut self, due: Date) -> Self {
        self.due = due;
        self
    }

    /// In the currency of this code.
    #[must_use]
    pub fn currency(mut self, code: impl Into<String>) -> Self {
        self.currency = Some(code.into());
        self
    }

    /// With one more line.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// With one more payment.
    #[must_use]
    pub fn payment(mut self, payment: Payment) -> Self {
        self.payments.push(payment);
        self
    }

    /// With the total that the source states, taxes included. Needed where a line has taxes, since Odoo works these out.
    #[must_use]
    pub fn stated(mut self, total: Decimal) -> Self {
        self.stated = Some(total);
        self
    }

    /// With a further field of `account.move`, written in the same call that makes the bill: one of one's own, or a note. Not one of those
    /// that the other methods are for. It is not read back.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields = self.fields.with(name, value);
        self
    }

    /// What it comes to: the total stated, or the sum of its lines.
    #[must_use]
    pub fn total(&self, digits: u32) -> Decimal {
        self.stated.unwrap_or_else(|| self.sum(digits))
    }

    /// What is still to be paid.
    #[must_use]
    pub fn residual(&self, digits: u32) -> Decimal {
        self.total(digits).saturating_sub(self.paid())
    }

    /// The lines without taxes, each rounded as Odoo does.
    pub(crate) fn sum(&self, digits: u32) -> Decimal {
        self.lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.amount(digits)))
    }

    pub(crate) fn paid(&self) -> Decimal {
        self.payments.iter().fold(Decimal::ZERO, |sum, payment| sum.saturating_add(payment.amount))
    }

    pub(crate) fn is_taxed(&self) -> bool {
        self.lines.iter().any(|line| !line.taxes.is_empty())
    }
}

impl fmt::Debug for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, lines, payments, .. } = self;
        write!(f, "Bill({key}, {} lines, {} payments)", lines.len(), payments.len())
    }
}

/// One line of a bill.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// What it is for.
    pub text: String,
    /// How many: one unless said.
    pub quantity: Decimal,
    /// The price of one. A discount is a line with a negative price.
    pub price: Decimal,
    /// The account it is earned on: the journal's own unless said.
    pub account: Option<i64>,
    /// Exactly these taxes: none unless said. Odoo would take those of the account or the company where nothing is said.
    pub taxes: Vec<i64>,
}

impl Line {
    /// One of something, without taxes.
    pub fn new(text: impl Into<String>, price: Decimal) -> Self {
        Self { text: text.into(), quantity: Decimal::ONE, price, account: None, taxes: Vec::new() }
    }

    /// So many of it.
    #[must_use]
    pub fn quantity(mut self, quantity: impl Into<Decimal>) -> Self {
        self.quantity = quantity.into();
        self
    }

    /// Earned on the account of this id.
    #[must_use]
    pub fn account(mut self, id: i64) -> Self {
        self.account = Some(id);
        self
    }

    /// With exactly the taxes of these ids.
    #[must_use]
    pub fn taxes(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.taxes = ids.into_iter().collect();
        self
    }

    fn amount(&self, digits: u32) -> Decimal {
        let exact = self.quantity.saturating_mul(self.price);
        exact.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} bytes, {} taxes)", self.text.len(), self.taxes.len())
    }
}

/// A payment for one bill.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Payment {
    /// Under which it is found again: one for each payment, for ever.
    pub key: String,
    /// When it was made. It may be before the bill's day.
    pub date: Date,
    /// How much.
    pub amount: Decimal,
    /// What stands on the receipt.
    pub memo: Option<String>,
}

impl Payment {
    /// A payment without a memo.
    pub fn new(key: impl Into<String>, date: Date, amount: Decimal) -> Self {
        Self { key: key.into(), date, amount, memo: None }
    }

    /// With what stands on the receipt.
    #[must_use]
    pub fn memo(mut self, memo: impl Into<String>) -> Self {
        self.memo = Some(memo.into());
        self
    }
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payment({})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_line_is_rounded_before_it_is_added() {
        let line = Line::new("Gauze", Decimal::new(333, 2)).quantity(Decimal::new(15, 1));
        let bill = Bill::new("b", 1, date(2024, 1, 1)).line(line.clone()).line(line);
        // 4.995 twice: 5.00 and 5.00, not 9.99.
        assert_eq!(bill.total(2), Decimal::new(1000, 2));
    }

    #[test]
    fn debug_shows_no_words_and_no_amounts() {
        let line = Line::new("Canary", Decimal::new(7531, 2));
        let paid = Payment::new("p", date(2024, 1, 2), Decimal::new(7531, 2)).memo("Canary");
        let bill = Bill::new("b", 1, date(2024, 1, 1)).number("Canary").line(line).payment(paid);
        let shown = format!("{bill:?} {:?} {:?}", bill.lines, bill.payments);
        assert!(!shown.contains("Canary") && !shown.contains("75"), "{shown}");
    }

    #[test]
    fn an_amount_without_end_is_no_panic() {
        let line = Line::new("x", Decimal::MAX).quantity(Decimal::MAX);
        assert_eq!(line.amount(2), Decimal::MAX);
    }
}

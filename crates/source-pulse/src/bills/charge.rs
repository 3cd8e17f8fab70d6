//! One row of a bill: what is charged, and what it comes to.

use std::collections::BTreeMap;

use mapping_core::value::Value;
use rust_decimal::Decimal;

use crate::cells::Cells;
use crate::money::{amount, rounded, shown};

/// What a row charges. All amounts are rounded to the hundredth.
pub(super) struct Charge {
    item: String,
    quantity: Decimal,
    unit: Decimal,
    gross: Decimal,
    discount: Decimal,
    tax: Decimal,
    tax_label: String,
    /// What the row itself says of the whole bill, or of itself.
    pub(super) total: Option<Decimal>,
    pub(super) paid: Option<Decimal>,
    pub(super) balance: Option<Decimal>,
}

/// What is wrong with a row: the field, and the reason.
pub(super) type Wrong = (&'static str, &'static str);

impl Charge {
    pub(super) fn read(cells: &mut Cells<'_>) -> Result<Self, Wrong> {
        let item = cells.text("item").unwrap_or_else(|| "Charge".to_owned());
        let total = number(cells, "total")?;
        let paid = number(cells, "paid")?;
        let balance = number(cells, "balance")?;
        let quantity = number(cells, "quantity")?.unwrap_or(Decimal::ONE);
        let unit = match number(cells, "unit_cost")? {
            Some(unit) => unit,
            // A bill of one row may say no more than what it comes to.
            None => match total {
                Some(total) if quantity == Decimal::ONE && cells.said("discount").is_none() => total,
                _ => return Err(("unit_cost", "the row of the bill has no amount; give one at the source")),
            },
        };
        let too_large =
            ("unit_cost", "the amounts of the bill are too large to be true; mend them at the source");
        let gross = rounded(quantity.checked_mul(unit).ok_or(too_large)?);
        let discount =
            discount(cells, gross).ok_or(("discount", "the discount is no amount; mend it at the source"))?;
        let percent = match cells.text("tax_percent") {
            Some(written) => amount(written.trim_end_matches('%'))
                .ok_or(("tax_percent", "the tax is no number; mend it at the source"))?,
            None => Decimal::ZERO,
        };
        let net = gross.checked_sub(discount).ok_or(too_large)?;
        let tax =
            net.checked_mul(percent).ok_or(too_large)?.checked_div(Decimal::ONE_HUNDRED).ok_or(too_large)?;
        let name = cells.text("tax_name").unwrap_or_else(|| "Tax".to_owned());
        let tax_label = format!("{name} {percent}%");
        Ok(Self { item, quantity, unit, gross, discount, tax: rounded(tax), tax_label, total, paid, balance })
    }

    /// What the row comes to.
    pub(super) fn sum(&self) -> Option<Decimal> {
        self.gross.checked_sub(self.discount)?.checked_add(self.tax)
    }

    /// The lines of an invoice that come to the same: discount and tax have lines of their own, so that every amount is the clinic's own and
    /// no program works it out again.
    pub(super) fn lines(&self, lines: &mut Vec<Value>) {
        lines.push(line(self.item.clone(), self.quantity, self.unit));
        if !self.discount.is_zero() {
            lines.push(line(format!("Discount: {}", self.item), Decimal::ONE, -self.discount));
        }
        if !self.tax.is_zero() {
            lines.push(line(format!("{}: {}", self.tax_label, self.item), Decimal::ONE, self.tax));
        }
    }

    /// The same for a person.
    pub(super) fn state(&self, statement: &mut Vec<String>) {
        let (quantity, unit) = (self.quantity.normalize(), shown(self.unit));
        statement.push(format!("{}: {quantity} x {unit} = {}", self.item, shown(self.gross)));
        if !self.discount.is_zero() {
            statement.push(format!("  discount {}", shown(self.discount)));
        }
        if !self.tax.is_zero() {
            statement.push(format!("  {} {}", self.tax_label, shown(self.tax)));
        }
    }
}

/// A line of an invoice.
pub(super) fn line(name: String, quantity: Decimal, price: Decimal) -> Value {
    let fields = [("name", name.into()), ("quantity", quantity.into()), ("price_unit", price.into())];
    Value::Map(BTreeMap::from(fields.map(|(field, value)| (field.to_owned(), value))))
}

fn number(cells: &mut Cells<'_>, field: &'static str) -> Result<Option<Decimal>, Wrong> {
    match cells.text(field) {
        Some(written) => match amount(&written) {
            Some(amount) => Ok(Some(amount)),
            None => Err((field, "the amount is none; mend it at the source")),
        },
        None => Ok(None),
    }
}

/// What is taken off: an amount, or a part of a hundred where the cell or the type of discount says so.
fn discount(cells: &mut Cells<'_>, gross: Decimal) -> Option<Decimal> {
    let Some(written) = cells.text("discount") else { return Some(Decimal::ZERO) };
    let kind = cells.text("discount_type").unwrap_or_default().to_lowercase();
    let percent = written.ends_with('%') || kind.contains('%') || kind.starts_with("percent");
    let number = amount(written.trim_end_matches('%'))?.abs();
    match percent {
        true => Some(rounded(gross.checked_mul(number)?.checked_div(Decimal::ONE_HUNDRED)?)),
        false => Some(rounded(number)),
    }
}

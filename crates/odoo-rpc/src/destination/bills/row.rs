//! A row as a bill: its shapes checked, without a call.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mapping_core::error::{Error, Result};
use mapping_core::receipt::{Action, Row};
use mapping_core::value::Value;
use rust_decimal::Decimal;

use crate::accounting::{Bill, Line, Payment};
use crate::destination::bills::{CURRENCY, MODEL, PAYMENTS, is_bill, is_plain};
use crate::destination::model::Model;
use crate::destination::values::{Markup, encode, sendable};
use crate::destination::writer::OdooWriter;

/// How many bytes a key has at most: of more an index breaks the call off (measured on 19).
const LONGEST: usize = 2600;

/// A row that is a bill.
#[derive(Debug)]
pub(crate) struct BillRow {
    /// The row's number.
    pub(crate) at: usize,
    pub(crate) bill: Bill,
}

/// Rows that cannot be bills, by their number, and why.
type Refused = Vec<(usize, Error)>;

/// The rows that are bills, and those that cannot be; `None` where the fields of their model are not known yet.
pub(crate) fn encoded(writer: &OdooWriter, rows: &[Row]) -> Option<(Vec<BillRow>, Refused)> {
    let (mut bills, mut refused) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| is_bill(&row.model)) {
        let made = match writer.known_model(&row.model)? {
            Some(model) => bill(&model, at, row),
            None => Err(Error::refused("there is no such model").at("model", MODEL)),
        };
        match made {
            Ok(bill) => bills.push(bill),
            Err(error) => refused.push((at, error)),
        }
    }
    Some((bills, refused))
}

/// The row's bill.
///
/// # Errors
///
/// A field is not what it should be; the error names the field, and the payment, and no value.
fn bill(model: &Model, at: usize, row: &Row) -> Result<BillRow> {
    made(model, row).map(|bill| BillRow { at, bill }).map_err(|error| error.at("model", MODEL))
}

fn made(model: &Model, row: &Row) -> Result<Bill> {
    if matches!(&row.action, Action::Update(id) if id.number().is_none()) {
        return Err(Error::refused("the record's id is no number"));
    }
    let at = |field: &'static str| move |error: Error| error.at("field", field);
    let value = |field: &str| row.fields.value(field);
    let partner = contact(value("partner_id")).map_err(at("partner_id"))?;
    let day =
        date(value("invoice_date")).and_then(|day| day.ok_or_else(missing)).map_err(at("invoice_date"))?;
    let mut bill = Bill::new(key(row.identity.as_str())?, partner, day);
    if let Some(due) = date(value("invoice_date_due")).map_err(at("invoice_date_due"))? {
        bill = bill.due(due);
    }
    if let Some(number) = text(value("ref")).map_err(at("ref"))? {
        bill = bill.number(number);
    }
    if let Some(code) = text(value(CURRENCY)).map_err(at(CURRENCY))? {
        bill = bill.currency(code);
    }
    if let Some(total) = decimal(value("amount_total")).map_err(at("amount_total"))? {
        bill = bill.stated(total);
    }
    for line in maps(value("invoice_line_ids")).map_err(at("invoice_line_ids"))? {
        bill = bill.line(self::line(line).map_err(at("invoice_line_ids"))?);
    }
    for payment in maps(value(PAYMENTS)).map_err(at(PAYMENTS))? {
        let payment = self::payment(&bill.key, payment).map_err(at(PAYMENTS))?;
        bill = bill.payment(payment);
    }
    further(model, row, bill)
}

/// The bill with the fields that are its own affair.
fn further(model: &Model, row: &Row, mut bill: Bill) -> Result<Bill> {
    const KNOWN: [&str; 8] = [
        "partner_id",
        "invoice_date",
        "invoice_date_due",
        "ref",
        CURRENCY,
        "amount_total",
        "invoice_line_ids",
        PAYMENTS,
    ];
    for (name, value) in row.fields.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())) {
        let at = |error: Error| error.at("field", name);
        if !is_plain(name.as_str()) {
            return Err(at(Error::refused("a bill takes no such field: leave it out of the mapping")));
        }
        let field = model.fields.get(name).ok_or_else(|| at(Error::refused("there is no such field")))?;
        let encoded = encode(field, value, Markup::Plain).map_err(at)?;
        if *value != Value::Null {
            bill = bill.field(name.as_str(), encoded);
        }
    }
    Ok(bill)
}

/// Whether a field that a mapping sets is one of those above.
pub(super) fn is_known(field: &str) -> bool {
    is_plain(field)
        || matches!(field, "partner_id" | "invoice_date" | "invoice_date_due" | "ref" | "amount_total")
        || matches!(field, "invoice_line_ids" | CURRENCY | PAYMENTS)
}

fn line(map: &BTreeMap<String, Value>) -> Result<Line> {
    only(map, &["name", "quantity", "price_unit"])?;
    let price =
        decimal(inner(map, "price_unit"))?.ok_or_else(|| Error::refused("a line has no price_unit"))?;
    let line = Line::new(text(inner(map, "name"))?.unwrap_or_default(), price);
    Ok(match decimal(inner(map, "quantity"))? {
        Some(quantity) => line.quantity(quantity),
        None => line,
    })
}

fn payment(bill: &str, map: &BTreeMap<String, Value>) -> Result<Payment> {
    only(map, &["key", "date", "amount", "memo"])?;
    let own = text(inner(map, "key"))?.ok_or_else(|| Error::refused("a payment has no key"))?;
    let at = |error: Error| error.at("payment", &own);
    let lacks = |what: &str| at(Error::refused(format!("a payment has no {what}")));
    let day = date(inner(map, "date")).map_err(at)?.ok_or_else(|| lacks("date"))?;
    let amount = decimal(inner(map, "amount")).map_err(at)?.ok_or_else(|| lacks("amount"))?;
    let payment = Payment::new(key(&format!("{bill}:{own}"))?, day, amount);
    Ok(match text(inner(map, "memo")).map_err(at)? {
        Some(memo) => payment.memo(memo),
        None => payment,
    })
}

fn inner<'a>(map: &'a BTreeMap<String, Value>, name: &str) -> &'a Value {
    map.get(name).unwrap_or(&Value::Null)
}

/// A name that is spelled wrong would be left out without a word.
fn only(map: &BTreeMap<String, Value>, names: &[&str]) -> Result<()> {
    match map.keys().all(|name| names.contains(&name.as_str())) {
        true => Ok(()),
        false => Err(Error::refused(format!("a map of it has another name than {}", names.join(", ")))),
    }
}

fn key(text: &str) -> Result<String> {
    match text.len() > LONGEST {
        true => Err(Error::refused("the key is too long for the index of the field")),
        false => Ok(text.to_owned()),
    }
}

fn contact(value: &Value) -> Result<i64> {
    match value {
        Value::Integer(id) if *id > 0 && i32::try_from(*id).is_ok() => Ok(*id),
        value if value.is_blank() => Err(missing()),
        value => Err(is_no("link", value)),
    }
}

fn date(value: &Value) -> Result<Option<Date>> {
    match value {
        Value::Date(date) if date.year() > 0 => Ok(Some(*date)),
        Value::Date(_) => Err(Error::refused("the day is before the first year")),
        value if value.is_blank() => Ok(None),
        value => Err(is_no("date", value)),
    }
}

fn text(value: &Value) -> Result<Option<String>> {
    match value {
        value if value.is_blank() => Ok(None),
        Value::Text(text) => sendable(text.clone()).map(|_| Some(text.clone())),
        Value::Integer(number) => Ok(Some(number.to_string())),
        value => Err(is_no("text", value)),
    }
}

fn decimal(value: &Value) -> Result<Option<Decimal>> {
    match value {
        Value::Decimal(number) => Ok(Some(*number)),
        Value::Integer(number) => Ok(Some((*number).into())),
        value if value.is_blank() => Ok(None),
        value => Err(is_no("decimal", value)),
    }
}

fn maps<'a>(value: &'a Value) -> Result<Vec<&'a BTreeMap<String, Value>>> {
    let map = |value: &'a Value| match value {
        Value::Map(map) => Ok(map),
        other => Err(is_no("map", other)),
    };
    match value {
        Value::List(values) => values.iter().map(map).collect(),
        value if value.is_blank() => Ok(Vec::new()),
        value => Err(is_no("list of maps", value)),
    }
}

fn missing() -> Error {
    Error::refused("a required field has no value")
}

fn is_no(wanted: &str, value: &Value) -> Error {
    Error::refused(format!("a {wanted} is wanted, and there is a {:?}", value.kind()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use mapping_core::identity::SourceId;
    use mapping_core::key::RecordKey;
    use mapping_core::record::Fields;

    use super::*;
    use crate::wire::{Struct, Value as Wire};

    fn map<const N: usize>(values: [(&str, Value); N]) -> Value {
        Value::Map(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn fields() -> Fields {
        let line = map([
            ("name", "Fee".into()),
            ("quantity", Decimal::new(15, 1).into()),
            ("price_unit", 100_i64.into()),
        ]);
        let paid = map([("key", 7_i64.into()), ("date", date(2024, 3, 1).into()), ("amount", 50_i64.into())]);
        Fields::default()
            .with("partner_id", 42_i64)
            .with("invoice_date", date(2024, 2, 29))
            .with("ref", "2024/17")
            .with("amount_total", Decimal::from(150))
            .with("invoice_line_ids", vec![line])
            .with("payments", vec![paid])
    }

    fn made(fields: Fields, id: &str) -> Result<BillRow> {
        let about = Struct::new().with("x_status", Struct::new().with("type", "char"));
        let about = about.with("narration", Struct::new().with("type", "html"));
        let clinic = SourceId::new("paper", "main")?;
        bill(&Model::parse(&about), 3, &Row::create(&clinic, RecordKey::new("bill", id), MODEL, fields))
    }

    #[test]
    fn a_row_becomes_a_bill_with_its_own_fields_and_keys() {
        let fields = fields().with("x_status", "open").with("narration", "<b>").with("currency", Value::Null);
        let BillRow { at, bill } = made(fields, "B:1").unwrap();
        assert_eq!(
            (at, bill.key.as_str(), bill.partner, bill.due),
            (3, "paper:main:bill:B%3A1", 42, bill.date)
        );
        assert_eq!((bill.number.as_deref(), bill.stated), (Some("2024/17"), Some(Decimal::from(150))));
        assert_eq!(bill.lines[0].quantity, Decimal::new(15, 1));
        assert_eq!(bill.payments[0].key, "paper:main:bill:B%3A1:7");
        assert_eq!(bill.fields.get("x_status").and_then(Wire::as_text), Some("open"));
        assert_eq!(bill.fields.get("narration").and_then(Wire::as_text), Some("<p>&lt;b&gt;</p>"));
    }

    #[test]
    fn a_wrong_shape_is_refused_with_its_field_and_without_its_value() {
        let paid = |name: &str, value: Value| {
            let map =
                map([("key", "R-7".into()), ("date", date(2024, 3, 1).into()), ("amount", 50_i64.into())]);
            let Value::Map(mut map) = map else { panic!() };
            map.insert(name.to_owned(), value);
            Value::from(vec![Value::Map(map)])
        };
        for (field, value, told) in [
            ("partner_id", Value::Null, "a required field has no value"),
            ("partner_id", "canary".into(), "a link is wanted, and there is a Text"),
            ("invoice_date", Value::Null, "a required field has no value"),
            ("invoice_date", "canary".into(), "a date is wanted"),
            ("amount_total", "canary".into(), "a decimal is wanted"),
            ("ref", "cana\u{0}ry".into(), "the text holds a control character"),
            ("invoice_line_ids", "canary".into(), "a list of maps is wanted"),
            ("invoice_line_ids", vec![Value::from("canary")].into(), "a map is wanted"),
            ("invoice_line_ids", vec![map([("name", "canary".into())])].into(), "a line has no price_unit"),
            (
                "invoice_line_ids",
                vec![map([("price", 7531_i64.into())])].into(),
                "another name than name, quantity, price_unit",
            ),
            ("payments", paid("key", Value::Null), "a payment has no key"),
            ("payments", paid("date", Value::Null), "a payment has no date"),
            ("payments", paid("amount", "canary".into()), "a decimal is wanted"),
            ("state", "canary".into(), "a bill takes no such field"),
            ("x_migration_key", "canary".into(), "a bill takes no such field"),
            ("x_unknown", "canary".into(), "there is no such field"),
            ("x_status", true.into(), "a field of text does not take a Bool"),
        ] {
            let error = made(fields().with(field, value), "B-1").unwrap_err();
            let text = error.to_string();
            assert!(text.contains(told), "{field}: {text}");
            assert_eq!((error.place("field"), error.place("model")), (Some(field), Some(MODEL)), "{text}");
            assert!(!text.contains("canary") && !text.contains("7531"), "{text}");
        }
        let error = made(fields().with("payments", paid("amount", Value::Null)), "B-1").unwrap_err();
        assert_eq!(error.place("payment"), Some("R-7"));
    }

    #[test]
    fn a_key_that_no_index_takes_is_refused() {
        let long = "x".repeat(LONGEST);
        assert!(made(fields(), &long).unwrap_err().message().contains("too long for the index"));
        let paid = map([("key", long.into()), ("date", date(2024, 3, 1).into()), ("amount", 50_i64.into())]);
        assert!(
            made(fields().with("payments", vec![paid]), "B-1").unwrap_err().message().contains("too long")
        );
    }
}

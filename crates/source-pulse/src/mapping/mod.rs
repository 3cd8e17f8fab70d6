//! What becomes of a Pulse export in Odoo: the shipped mapping, as data, and the functions it calls.

mod address;

use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::spec::compile::Compiler;
use mapping_core::spec::draft::Becomes;
use mapping_core::spec::mapper::Mapper;
use mapping_core::spec::mapping::MappingSpec;
use mapping_core::value::Value;

use crate::entities::{BILL, PATIENT};
use crate::mapping::address::{Address, split};

/// The shipped mapping as the text it is kept in, with its comments.
pub const ODOO_TOML: &str = include_str!("odoo.toml");

/// What takes the place of the bills in [`ODOO_TOML`] where [Odoo keeps the books](Billing::Accounting).
pub const ACCOUNTING_TOML: &str = include_str!("accounting.toml");

/// What becomes of bills. It is decided before a run: once there are invoices, sums on contacts would say the same twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "whoever shows the choice must show all of it")]
pub enum Billing {
    /// Odoo's Accounting keeps the books: a posted invoice for each bill, with its payments.
    Accounting,
    /// It does not: the last bill and what is owed stand on the contact, and each bill is a text on it.
    #[default]
    Summary,
}

/// The shipped mapping with another decision about bills. [`odoo_mapping`] is that of [`Billing::Summary`].
///
/// ```
/// use source_pulse::mapping::{Billing, odoo_mapping, odoo_mapping_of};
///
/// let mapping = odoo_mapping_of(Billing::Accounting)?;
/// assert!(mapping.drafts.iter().any(|draft| draft.entity.as_str() == "bill" && draft.part.is_empty()));
/// assert_eq!(odoo_mapping_of(Billing::Summary)?, odoo_mapping()?);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
///
/// # Errors
///
/// None for the mapping that is shipped.
pub fn odoo_mapping_of(billing: Billing) -> Result<MappingSpec> {
    let mut mapping = odoo_mapping()?;
    if billing == Billing::Accounting {
        let books = MappingSpec::from_toml(ACCOUNTING_TOML)?;
        mapping.needs.fields.retain(|need| !SUMMARY.contains(&need.name.as_str()));
        mapping.drafts.retain(|draft| draft.entity.as_str() != BILL);
        if let Some(Becomes::Written(_, fields)) =
            mapping.draft_mut(PATIENT, "").map(|draft| &mut draft.becomes)
        {
            SUMMARY.iter().for_each(|field| drop(fields.remove(field)));
        }
        mapping.needs.fields.extend(books.needs.fields);
        mapping.drafts.extend(books.drafts);
    }
    Ok(mapping)
}

/// What sums up bills on a contact.
const SUMMARY: [&str; 4] = [
    "x_studio_billing_status",
    "x_studio_last_bill_date",
    "x_studio_last_bill_amount",
    "x_studio_outstanding_balance",
];

/// The shipped mapping, to be changed where a clinic wants it otherwise.
///
/// # Example
///
/// ```
/// let mut mapping = source_pulse::mapping::odoo_mapping()?;
/// let patient = mapping.draft_mut("patient", "").expect("there is one for patients");
/// assert_eq!(mapping_core::spec::mapping::MappingSpec::from_toml(&mapping.to_toml()?)?, mapping);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
///
/// # Errors
///
/// None for the mapping that is shipped.
pub fn odoo_mapping() -> Result<MappingSpec> {
    MappingSpec::from_toml(ODOO_TOML)
}

/// The mapper of [`odoo_mapping_of`]. `zone` is where the clinic is: a day without a time begins there.
///
/// # Errors
///
/// None for the mapping that is shipped.
pub fn odoo_mapper_of(billing: Billing, zone: &TimeZone) -> Result<Mapper> {
    let mapping = odoo_mapping_of(billing)?;
    with_functions(mapping.compiler(), zone).compile()
}

/// The mapper of the shipped mapping. `zone` is where the clinic is: a day without a time begins there.
///
/// # Errors
///
/// None for the mapping that is shipped.
pub fn odoo_mapper(zone: &TimeZone) -> Result<Mapper> {
    let mapping = odoo_mapping()?;
    with_functions(mapping.compiler(), zone).compile()
}

/// Gives a compiler the functions that the shipped mapping, and changed ones, may call:
///
/// - `street`, `street2`, `city`, `zip`, `country`, `indian_state`, `us_state`, each from address, city and postcode: that part
///   of the address. What is not understood stays in the street; a country is never guessed.
/// - `moment`: a day as the moment it began in the clinic's zone; a point in time as it is.
#[must_use]
pub fn with_functions<'a>(compiler: Compiler<'a>, zone: &TimeZone) -> Compiler<'a> {
    let zone = zone.clone();
    let country = |address: &Address| address.country.map(str::to_owned);
    let state_in = |address: &Address, code: &str| {
        address.state.filter(|_| address.country == Some(code)).map(str::to_owned)
    };
    compiler
        .function("street", |values: &[Value]| part(values, |address| Some(address.street.clone())))
        .function("street2", |values: &[Value]| part(values, |address| Some(address.street2.clone())))
        .function("city", |values: &[Value]| part(values, |address| Some(address.city.clone())))
        .function("zip", |values: &[Value]| part(values, |address| Some(address.zip.clone())))
        .function("country", move |values: &[Value]| part(values, country))
        .function("indian_state", move |values: &[Value]| part(values, |address| state_in(address, "IN")))
        .function("us_state", move |values: &[Value]| part(values, |address| state_in(address, "US")))
        .function("moment", move |values: &[Value]| moment(values, &zone))
}

fn part(values: &[Value], take: impl Fn(&Address) -> Option<String>) -> Result<Value> {
    let text = |at: usize| values.get(at).and_then(Value::as_text).unwrap_or_default();
    let taken = take(&split(text(0), text(1), text(2))).filter(|part| !part.is_empty());
    Ok(taken.into())
}

fn moment(values: &[Value], zone: &TimeZone) -> Result<Value> {
    match values.first() {
        Some(Value::Date(day)) => {
            let start = day.to_zoned(zone.clone()).map_err(|_| Error::invalid("the day is out of range"))?;
            Ok(start.timestamp().into())
        }
        Some(value @ (Value::Instant(_) | Value::Null)) => Ok(value.clone()),
        // What could not be read as a time is kept as text, in a field of its own.
        _ => Ok(Value::Null),
    }
}

//! What becomes of a Pulse export in Odoo: the shipped mapping, as data, and the functions it calls.

mod address;
mod billing;
mod clinics;

use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::spec::compile::Compiler;
use mapping_core::spec::mapper::Mapper;
use mapping_core::spec::mapping::MappingSpec;
use mapping_core::value::Value;

use crate::mapping::address::{Address, split};

pub use crate::mapping::billing::Billing;
pub use crate::mapping::clinics::Clinics;

/// The shipped mapping as the text it is kept in, with its comments.
pub const ODOO_TOML: &str = include_str!("odoo.toml");

/// What a clinic decides of the shipped mapping before a run. The defaults make what [`odoo_mapping`] says.
///
/// ```
/// use source_pulse::mapping::{Billing, Choices, Clinics, odoo_mapping, odoo_mapping_of};
///
/// let choices = Choices::default().billing(Billing::Accounting).clinics(Clinics::Tag);
/// let mut mapping = odoo_mapping_of(choices)?;
/// assert!(mapping.draft_mut("bill", "").is_some() && mapping.draft_mut("clinic", "").is_some());
/// assert_eq!(odoo_mapping_of(Choices::default())?, odoo_mapping()?);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Choices {
    /// What becomes of bills.
    pub billing: Billing,
    /// What becomes of the account's clinics.
    pub clinics: Clinics,
}

impl Choices {
    /// The same, with that of bills.
    #[must_use]
    pub fn billing(mut self, billing: Billing) -> Self {
        self.billing = billing;
        self
    }

    /// The same, with that of clinics.
    #[must_use]
    pub fn clinics(mut self, clinics: Clinics) -> Self {
        self.clinics = clinics;
        self
    }
}

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

/// The shipped mapping with the clinic's own choices.
///
/// # Errors
///
/// None for the mapping that is shipped.
pub fn odoo_mapping_of(choices: Choices) -> Result<MappingSpec> {
    let mut mapping = odoo_mapping()?;
    choices.billing.put_into(&mut mapping)?;
    choices.clinics.add_to(&mut mapping)?;
    Ok(mapping)
}

/// The mapper of [`odoo_mapping_of`]. `zone` is where the clinic is: a day without a time begins there.
///
/// # Errors
///
/// None for the mapping that is shipped.
pub fn odoo_mapper_of(choices: Choices, zone: &TimeZone) -> Result<Mapper> {
    with_functions(odoo_mapping_of(choices)?.compiler(), zone).compile()
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

//! Currencies.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

pub(super) const MODELS: &[ModelSpec] = &[ModelSpec::new("res.currency", "Currency", RES_CURRENCY_FIELDS)
    .order("active desc, name")
    .managers(&["base.group_system"])
    .uniques(&[Unique::new(&["name"], "res_currency_unique_name", "The currency code must be unique!")])];

const RES_CURRENCY_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Currency").required(),
    F::new(Kind::Char, "symbol", "Symbol").required(),
    F::new(Kind::Float, "rounding", "Rounding Factor"),
    F::new(Kind::Integer, "decimal_places", "Decimal Places").readonly(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
];

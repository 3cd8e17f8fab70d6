//! What becomes of bills, by choice.

use mapping_core::error::Result;
use mapping_core::spec::draft::Becomes;
use mapping_core::spec::mapping::MappingSpec;

use crate::entities::{BILL, PATIENT};

/// What sums up bills on a contact.
const SUMMARY: [&str; 4] = [
    "x_studio_billing_status",
    "x_studio_last_bill_date",
    "x_studio_last_bill_amount",
    "x_studio_outstanding_balance",
];

/// What becomes of bills in Odoo. It is decided before a run: once there are invoices, sums on contacts would say the same twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Billing {
    /// Odoo does not keep the books: the last bill and what is owed stand on the contact, and each bill is a text on it.
    #[default]
    Summary,
    /// Odoo's Accounting keeps them: a posted invoice for each bill, with its payments.
    Accounting,
}

impl Billing {
    /// What takes the place of the bills in [`ODOO_TOML`](crate::mapping::ODOO_TOML), as the text it is kept in.
    #[must_use]
    pub fn toml(self) -> Option<&'static str> {
        match self {
            Self::Summary => None,
            Self::Accounting => Some(include_str!("accounting.toml")),
        }
    }

    /// Puts it into the shipped mapping.
    pub(super) fn put_into(self, mapping: &mut MappingSpec) -> Result<()> {
        let Some(toml) = self.toml() else { return Ok(()) };
        let MappingSpec { needs, drafts, .. } = MappingSpec::from_toml(toml)?;
        mapping.needs.fields.retain(|need| !SUMMARY.contains(&need.name.as_str()));
        mapping.drafts.retain(|draft| draft.entity.as_str() != BILL);
        if let Some(Becomes::Written(_, fields)) =
            mapping.draft_mut(PATIENT, "").map(|draft| &mut draft.becomes)
        {
            SUMMARY.iter().for_each(|field| drop(fields.remove(field)));
        }
        mapping.needs.fields.extend(needs.fields);
        mapping.drafts.extend(drafts);
        Ok(())
    }
}

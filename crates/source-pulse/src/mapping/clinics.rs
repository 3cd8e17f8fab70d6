//! What becomes of the account's clinics, by choice.

use mapping_core::error::{Error, Result};
use mapping_core::spec::draft::{Becomes, DraftSpec};
use mapping_core::spec::mapping::MappingSpec;

/// What becomes of the account's clinics in Odoo. A patient's and an appointment's clinic is kept as text in every case.
///
/// [`Tag`](Self::Tag) and [`Company`](Self::Company) need an export that is read with
/// [`clinic_records`](crate::options::PulseOptions::clinic_records), [`Text`](Self::Text) one that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Clinics {
    /// Nothing more than that text.
    #[default]
    Text,
    /// A tag of the patients, `res.partner.category`: one that is there is used, else it is made.
    Tag,
    /// A company among the contacts, to which patients and appointments are linked in `x_studio_clinic_id`. Not as its children: a
    /// child has its parent's address in Odoo.
    Company,
}

impl Clinics {
    /// What is added to a mapping, as the text it is kept in.
    #[must_use]
    pub fn toml(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Tag => Some(include_str!("clinic_tag.toml")),
            Self::Company => Some(include_str!("clinic_company.toml")),
        }
    }

    /// Adds it to a mapping of this product.
    ///
    /// # Errors
    ///
    /// The mapping has a draft of that entity for another model, or what is added to it already.
    pub(super) fn add_to(self, mapping: &mut MappingSpec) -> Result<()> {
        let Some(toml) = self.toml() else { return Ok(()) };
        let MappingSpec { needs, drafts, .. } = MappingSpec::from_toml(toml)?;
        mapping.needs.models.extend(needs.models);
        mapping.needs.fields.extend(needs.fields);
        for draft in drafts {
            add(draft, mapping)?;
        }
        Ok(())
    }
}

/// Adds the fields of a draft to the one that the mapping has of its entity and part; or the draft, where it has none.
fn add(draft: DraftSpec, mapping: &mut MappingSpec) -> Result<()> {
    let Some(known) = mapping.draft_mut(draft.entity.as_str(), &draft.part) else {
        mapping.drafts.push(draft);
        return Ok(());
    };
    let clash = |what: &str| {
        let message = format!("the mapping has {what} already; leave it out, or keep clinics as text");
        Err(Error::config(message).at("entity", &draft.entity))
    };
    match (&mut known.becomes, &draft.becomes) {
        (Becomes::Written(model, fields), Becomes::Written(to, more)) if model == to => {
            if let Some((twice, _)) = more.iter().find(|(name, _)| fields.find(name.as_str()).is_some()) {
                return clash(twice.as_str());
            }
            more.iter().for_each(|(name, rule)| fields.set(name.clone(), rule.clone()));
            Ok(())
        }
        _ => clash("another draft"),
    }
}

//! The shipped models and the records a new database holds, as data.

mod attachment;
mod base;
mod crm;
mod crm_seed;
mod ir;
mod mail;
mod money;
mod partner;
mod places;
pub(super) mod seed;
mod zones;

use crate::sandbox::spec::ModelSpec;

/// Every shipped model.
pub(super) fn all() -> impl Iterator<Item = &'static ModelSpec> {
    [attachment::MODELS, base::MODELS, crm::MODELS, ir::MODELS, mail::MODELS, money::MODELS, partner::MODELS]
        .into_iter()
        .flatten()
}

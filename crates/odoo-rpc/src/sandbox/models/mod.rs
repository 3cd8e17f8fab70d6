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

use crate::sandbox::spec::{FieldSpec, ModelSpec};

/// Every shipped model.
pub(super) fn all() -> impl Iterator<Item = &'static ModelSpec> {
    [attachment::MODELS, base::MODELS, crm::MODELS, ir::MODELS, mail::MODELS, money::MODELS, partner::MODELS]
        .into_iter()
        .flatten()
}

/// The fields of a model: its own, and those of its chatter where it has one.
pub(super) fn fields(model: &ModelSpec) -> impl Iterator<Item = &'static FieldSpec> {
    let chatter = if model.thread { mail::CHATTER } else { &[] };
    model.fields.iter().chain(chatter)
}

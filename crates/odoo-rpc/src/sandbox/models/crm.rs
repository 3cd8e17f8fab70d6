//! The CRM app: leads, their stages, teams, tags and where they came from.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

const SALES: &[&str] = &["sales_team.group_sale_salesman"];

pub(super) const MODELS: &[ModelSpec] = &[ModelSpec::new("crm.tag", "CRM Tag", CRM_TAG_FIELDS)
    .managers(SALES)
    .uniques(&[Unique::new(&["name"], "crm_tag_name_uniq", "Tag name already exists!")
        .message14("Tag name already exists !")])];

const CRM_TAG_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Tag Name").required().indexed(),
    F::new(Kind::Integer, "color", "Color").or(Fallback::Number(1)),
];

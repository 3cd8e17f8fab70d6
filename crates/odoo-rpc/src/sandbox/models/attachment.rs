//! Attached files.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec};

pub(super) const MODELS: &[ModelSpec] =
    &[ModelSpec::new("ir.attachment", "Attachment", IR_ATTACHMENT_FIELDS)
        .order("id desc")
        .managers(&["base.group_user"])
        .readers(&["base.group_user"])];

const IR_ATTACHMENT_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Name").required(),
    F::new(Kind::Text, "description", "Description"),
    F::new(Kind::Char, "res_model", "Resource Model"),
    F::new(Kind::Char, "res_field", "Resource Field").readonly(),
    F::new(Kind::Reference, "res_id", "Resource ID").indexed(),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").or(Fallback::Company),
    F::new(Kind::Selection, "type", "Type")
        .choices(&[("url", "URL"), ("binary", "File")])
        .required()
        .or(Fallback::Text("binary")),
    F::new(Kind::Char, "url", "Url").indexed(),
    F::new(Kind::Boolean, "public", "Is public document"),
    F::new(Kind::Binary, "datas", "File Content (base64)"),
    F::new(Kind::Integer, "file_size", "File Size").readonly(),
    F::new(Kind::Char, "checksum", "Checksum/SHA1").readonly().indexed(),
    F::new(Kind::Char, "mimetype", "Mime Type").readonly(),
];

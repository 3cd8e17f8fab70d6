//! The models that describe models: fields, rights, external ids, views.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

const TTYPES: &[(&str, &str)] = &[
    ("binary", "binary"),
    ("boolean", "boolean"),
    ("char", "char"),
    ("date", "date"),
    ("datetime", "datetime"),
    ("float", "float"),
    ("html", "html"),
    ("integer", "integer"),
    ("many2many", "many2many"),
    ("many2one", "many2one"),
    ("many2one_reference", "many2one_reference"),
    ("monetary", "monetary"),
    ("one2many", "one2many"),
    ("selection", "selection"),
    ("text", "text"),
];

pub(super) const MODELS: &[ModelSpec] = &[
    ModelSpec::new("ir.model", "Models", IR_MODEL_FIELDS)
        .managers(&["base.group_erp_manager"])
        .order("model")
        .uniques(&[Unique::new(&["model"], "ir_model_obj_name_uniq", "Each model must have a unique name.")]),
    ModelSpec::new("ir.model.fields", "Fields", IR_MODEL_FIELDS_FIELDS)
        .managers(&["base.group_erp_manager"])
        .order("name, id")
        .order14("name")
        .uniques(&[Unique::new(
            &["name", "model"],
            "ir_model_fields_name_unique",
            "Field names must be unique per model.",
        )]),
    ModelSpec::new("ir.model.fields.selection", "Fields Selection", IR_MODEL_FIELDS_SELECTION_FIELDS)
        .order("sequence, id")
        .uniques(&[Unique::new(
            &["field_id", "value"],
            "ir_model_fields_selection_selection_field_uniq",
            "Selections values must be unique per field",
        )]),
    ModelSpec::new("ir.model.access", "Model Access", IR_MODEL_ACCESS_FIELDS).order("model_id, name, id"),
    ModelSpec::new("ir.model.data", "Model Data", IR_MODEL_DATA_FIELDS).order("module, model, name").uniques(
        &[Unique::new(&["module", "name"], "ir_model_data_module_name_uniq_index", "").bare_index()],
    ),
    ModelSpec::new("ir.ui.view", "View", IR_UI_VIEW_FIELDS).order("priority, name, id"),
];

const IR_MODEL_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Model Description").required(),
    F::new(Kind::Char, "model", "Model").required().indexed(),
    F::new(Kind::Text, "info", "Information"),
    F::new(Kind::Selection, "state", "Type")
        .choices(&[("manual", "Custom Object"), ("base", "Base Object")])
        .readonly()
        .or(Fallback::Text("manual")),
    F::new(Kind::Boolean, "transient", "Transient Model"),
    F::new(Kind::Char, "order", "Order").required().or(Fallback::Text("id")),
    F::new(Kind::One2many, "field_id", "Fields").to("ir.model.fields").required().inverse("model_id"),
    F::new(Kind::One2many, "access_ids", "Access").to("ir.model.access").inverse("model_id"),
    F::new(Kind::Char, "modules", "In Apps").readonly().unstored(),
    F::new(Kind::Integer, "count", "Count (Incl. Archived)").readonly().unstored(),
];

const IR_MODEL_FIELDS_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Field Name").required().or(Fallback::Text("x_")).indexed(),
    F::new(Kind::Char, "field_description", "Field Label").required(),
    F::new(Kind::Char, "model", "Model Name").required().indexed(),
    F::new(Kind::Many2one, "model_id", "Model").to("ir.model").required().cascade(),
    F::new(Kind::Selection, "ttype", "Field Type").choices(TTYPES).required(),
    F::new(Kind::Char, "relation", "Related Model"),
    F::new(Kind::Char, "relation_field", "Relation Field"),
    F::new(Kind::Char, "relation_table", "Relation Table"),
    F::new(Kind::Char, "column1", "Column 1"),
    F::new(Kind::Char, "column2", "Column 2"),
    F::new(Kind::Char, "selection", "Selection Options (Deprecated)").unstored(),
    F::new(Kind::One2many, "selection_ids", "Selection Options")
        .to("ir.model.fields.selection")
        .inverse("field_id"),
    F::new(Kind::Boolean, "required", "Required"),
    F::new(Kind::Boolean, "readonly", "Readonly"),
    F::new(Kind::Boolean, "index", "Indexed"),
    F::new(Kind::Boolean, "translate", "Translatable").only14(),
    F::new(Kind::Selection, "translate", "Translatable")
        .choices(&[
            ("standard", "Translate as a whole"),
            ("html_translate", "Translate HTML terms"),
            ("xml_translate", "Translate XML terms"),
        ])
        .only19(),
    F::new(Kind::Integer, "size", "Size"),
    F::new(Kind::Selection, "state", "Type")
        .choices(&[("manual", "Custom Field"), ("base", "Base Field")])
        .required()
        .readonly()
        .or(Fallback::Text("manual")),
    F::new(Kind::Selection, "on_delete", "On Delete")
        .choices(&[("cascade", "Cascade"), ("set null", "Set NULL"), ("restrict", "Restrict")])
        .or(Fallback::Text("set null")),
    F::new(Kind::Char, "domain", "Domain"),
    F::new(Kind::Boolean, "store", "Stored").or(Fallback::True),
    F::new(Kind::Boolean, "copied", "Copied").or(Fallback::True),
    F::new(Kind::Text, "help", "Field Help"),
    F::new(Kind::Char, "complete_name", "Complete Name").only14(),
    F::new(Kind::Char, "depends", "Dependencies"),
    F::new(Kind::Text, "compute", "Compute"),
    F::new(Kind::Char, "related", "Related Field").only14(),
    F::new(Kind::Char, "related", "Related Field Definition").only19(),
    F::new(Kind::Integer, "tracking", "Enable Ordered Tracking"),
    F::new(Kind::Char, "currency_field", "Currency field").since(17),
    F::new(Kind::Boolean, "sanitize", "Sanitize HTML").or(Fallback::True).only19(),
    F::new(Kind::Boolean, "group_expand", "Expand Groups"),
    F::new(Kind::Char, "modules", "In Apps").readonly().unstored(),
];

const IR_MODEL_FIELDS_SELECTION_FIELDS: &[F] = &[
    F::new(Kind::Many2one, "field_id", "Field").to("ir.model.fields").required().cascade(),
    F::new(Kind::Char, "value", "Value").required(),
    F::new(Kind::Char, "name", "Name").required(),
    F::new(Kind::Integer, "sequence", "Sequence").or(Fallback::Number(1000)),
];

const IR_MODEL_ACCESS_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Name").required(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Many2one, "model_id", "Model").to("ir.model").required().cascade(),
    F::new(Kind::Many2one, "group_id", "Group").to("res.groups").restrict(),
    F::new(Kind::Boolean, "perm_read", "Read Access"),
    F::new(Kind::Boolean, "perm_write", "Write Access"),
    F::new(Kind::Boolean, "perm_create", "Create Access"),
    F::new(Kind::Boolean, "perm_unlink", "Delete Access"),
];

const IR_MODEL_DATA_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "External Identifier").required().indexed(),
    F::new(Kind::Char, "module", "Module").required(),
    F::new(Kind::Char, "model", "Model Name").required(),
    F::new(Kind::Reference, "res_id", "Record ID").indexed(),
    F::new(Kind::Boolean, "noupdate", "Non Updatable"),
    F::new(Kind::Char, "complete_name", "Complete ID").readonly().unstored(),
    F::new(Kind::Char, "reference", "Reference").readonly().unstored(),
];

const IR_UI_VIEW_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "View Name").required(),
    F::new(Kind::Char, "model", "Model"),
    F::new(Kind::Many2one, "inherit_id", "Inherited View").to("ir.ui.view").restrict(),
    F::new(Kind::Selection, "type", "View Type")
        .choices(&[
            ("tree", "Tree"),
            ("form", "Form"),
            ("graph", "Graph"),
            ("pivot", "Pivot"),
            ("calendar", "Calendar"),
            ("gantt", "Gantt"),
            ("kanban", "Kanban"),
            ("search", "Search"),
            ("qweb", "QWeb"),
            ("activity", "Activity"),
        ])
        .only14(),
    F::new(Kind::Selection, "type", "View Type")
        .choices(&[
            ("list", "List"),
            ("form", "Form"),
            ("graph", "Graph"),
            ("pivot", "Pivot"),
            ("calendar", "Calendar"),
            ("kanban", "Kanban"),
            ("search", "Search"),
            ("qweb", "QWeb"),
            ("activity", "Activity"),
        ])
        .only19(),
    F::new(Kind::Selection, "mode", "View inheritance mode")
        .choices(&[("primary", "Base view"), ("extension", "Extension View")])
        .required(),
    F::new(Kind::Text, "arch", "View Architecture").unstored(),
    F::new(Kind::Text, "arch_db", "Arch Blob"),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Integer, "priority", "Sequence").required().or(Fallback::Number(16)),
    F::new(Kind::Char, "key", "Key"),
    F::new(Kind::Char, "xml_id", "External ID").readonly().unstored(),
    F::new(Kind::One2many, "inherit_children_ids", "Views which inherit from this one")
        .to("ir.ui.view")
        .inverse("inherit_id"),
];

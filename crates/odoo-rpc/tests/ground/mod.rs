//! What the destination suite needs of an Odoo.
#![allow(dead_code, reason = "each test uses a part of it")]

use mapping_core::conformance::{FileGround, Ground};
use mapping_core::identity::SourceId;
use mapping_core::record::Fields;
use mapping_core::schema::{Choice, FieldKind, FieldNeed, ModelNeed, Needs};
use mapping_core::value::Value;

/// Contacts, with a field of choices made for the suite, and a model of its own.
pub(crate) fn contacts(clinic: &str) -> Ground {
    let choice = |text: &str| Choice { value: text.into(), label: text.into() };
    let groups = FieldKind::Choice(vec![choice("A+"), choice("O-")]);
    let contacts = FieldKind::linked_from("res.partner", "x_suite_stage_id");
    let name = FieldKind::related("x_suite_stage_id.x_name", FieldKind::Line);
    let needs = Needs::new()
        .uses("res.partner", "name")
        .uses("ir.attachment", "datas")
        .field(
            FieldNeed::new("res.partner", "x_suite_blood_group", groups, "Blood group")
                .on_page("Suite & page"),
        )
        .model(ModelNeed::new("x_suite_stage", "Suite stage"))
        .field(FieldNeed::new("x_suite_stage", "x_name", FieldKind::Line, "Name"))
        .field(FieldNeed::new(
            "res.partner",
            "x_suite_stage_id",
            FieldKind::Link("x_suite_stage".into()),
            "Stage",
        ))
        .field(FieldNeed::new("x_suite_stage", "x_contact_ids", contacts, "Contacts"))
        .field(FieldNeed::new("res.partner", "x_suite_stage_name", name, "Name of the stage"));
    Ground {
        needs,
        model: "res.partner".into(),
        field: "name".into(),
        refused: ("x_suite_blood_group".into(), Value::from("C+")),
        source: SourceId::new("suite", clinic).unwrap(),
        // The name is that of the file.
        file: Some(FileGround {
            model: "ir.attachment".into(),
            field: "datas".into(),
            others: Fields::default(),
        }),
    }
}

/// The model that the schema of [`contacts`] makes.
pub(crate) fn own_model(clinic: &str) -> Ground {
    let mut ground = contacts(clinic);
    ground.model = "x_suite_stage".into();
    ground.field = "x_name".into();
    ground.refused = ("x_migration_no_such_field".into(), Value::from("x"));
    ground
}

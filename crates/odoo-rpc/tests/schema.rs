//! Making models, fields and pages once, whatever becomes of the calls.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod ground;
mod sandboxed;

use std::time::Duration;

use mapping_core::destination::DestinationWriter;
use mapping_core::receipt::SchemaReceipt;
use mapping_core::schema::{Choice, FieldKind, FieldNeed, Needs};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::Struct;
use sandboxed::{BOTH, calls, execute, text, writer_over};

/// A model, fields on three, of which some show others, and a page.
fn needs() -> Needs {
    ground::contacts("any").needs
}

async fn applied(writer: &OdooWriter, needs: &Needs) -> Vec<SchemaReceipt> {
    let plan = writer.plan(needs).await.unwrap();
    assert!(plan.conflicts.is_empty(), "{:?}", plan.conflicts);
    writer.apply(&plan).await.unwrap()
}

/// Everything is there once, and each thing has its receipt.
async fn made_once(sandbox: &Sandbox, writer: &OdooWriter, receipts: &[SchemaReceipt]) {
    let again = writer.plan(&needs()).await.unwrap();
    assert!(again.is_empty(), "{again:?}");
    let manual = |model: &str, field: &str| -> Vec<String> {
        let rows = sandbox.rows(model);
        let own =
            rows.iter().filter(|row| text(row, field).starts_with("x_") && text(row, "state") == "manual");
        own.map(|row| format!("{} {}", text(row, "model"), text(row, field))).collect()
    };
    let fields = manual("ir.model.fields", "name");
    let models = manual("ir.model", "model");
    let views = sandbox.rows("ir.ui.view");
    let pages = views.iter().filter(|view| text(view, "name") == "migration pages of res.partner").count();
    assert_eq!((fields.len(), models.len(), pages), (8, 1, 1), "{fields:?} {models:?}");
    assert_eq!(receipts.len(), fields.len() + models.len() + pages);
}

#[tokio::test(start_paused = true)]
async fn a_schema_is_made_once_whichever_answer_is_lost() {
    let lost: [fn() -> Trouble; 4] =
        [Trouble::lose_reply, Trouble::cut_before_commit, Trouble::bad_gateway_after_commit, || {
            Trouble::commit_later(Duration::from_secs(60))
        }];
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let before = sandbox.log().len();
        let receipts = applied(&writer, &needs()).await;
        let all = sandbox.log().len() - before;
        made_once(&sandbox, &writer, &receipts).await;
        for (call, trouble) in (1..=all).flat_map(|call| lost.map(|trouble| (call, trouble))) {
            let sandbox = Sandbox::new(like);
            let writer = writer_over(sandbox.clone()).await;
            sandbox.trouble(trouble().at_call(call));
            let receipts = applied(&writer, &needs()).await;
            tokio::time::sleep(Duration::from_secs(200)).await;
            made_once(&sandbox, &writer, &receipts).await;
            let log = sandbox.log();
            let is = |model: &str, method: &str| {
                log.iter().rposition(|seen| (seen.model.as_str(), seen.method.as_str()) == (model, method))
            };
            let cured = is("ir.model.fields", "create").max(is("ir.model.access", "write"));
            assert!(cured > is("ir.model", "create"), "the new model's rights count at once");
            let stage = Struct::new().with("x_name", "Booked");
            execute(&sandbox, "x_suite_stage", "create", vec![stage.into()]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_programs_that_make_the_same_at_once_both_come_through() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let (one, other) = (writer_over(sandbox.clone()).await, writer_over(sandbox.clone()).await);
        let needs = Needs::new().uses("res.partner", "name").field(FieldNeed::new(
            "res.partner",
            "x_notes",
            FieldKind::Text,
            "Notes",
        ));
        let plans = (one.plan(&needs).await.unwrap(), other.plan(&needs).await.unwrap());
        let (left, right) = tokio::join!(one.apply(&plans.0), other.apply(&plans.1));
        assert_eq!((left.unwrap().len(), right.unwrap().len()), (2, 2));
        let rows = sandbox.rows("ir.model.fields");
        let own = |row: &&Struct| text(row, "name") == "x_notes" && text(row, "model") == "res.partner";
        assert_eq!(rows.iter().filter(own).count(), 1);
        let tried = calls(&sandbox, "create", 0);
        assert_eq!(tried.iter().filter(|seen| seen.model == "ir.model.fields").count(), 2, "both tried");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_way_is_told_and_nothing_is_made() {
    let choice = |text: &str| Choice { value: text.into(), label: text.into() };
    let field = |kind| FieldNeed::new("res.partner", "x_suite_blood_group", kind, "Blood group");
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        applied(&writer, &needs()).await;
        let before = sandbox.count("ir.model.fields");
        let types = FieldKind::Choice(vec![choice("contact"), choice("patient"), choice("ward")]);
        for (need, told) in [
            (field(FieldKind::Integer), "x_suite_blood_group: is of kind"),
            (
                FieldNeed::new("res.partner", "type", types, "Type"),
                "type: does not have the choices patient, ward",
            ),
            (
                FieldNeed::new("res.partner", "x_p", FieldKind::Other("properties".into()), "P"),
                "cannot be made",
            ),
            (
                FieldNeed::new(
                    "res.partner",
                    "x_p",
                    FieldKind::related("parent_id.x_fee", FieldKind::Money),
                    "P",
                ),
                "a field of kind 'money of parent_id.x_fee' cannot be made",
            ),
            (
                field(FieldKind::related("parent_id.phone", FieldKind::Line)),
                "is of kind 'choice of 2' and should be of kind 'line of parent_id.phone'",
            ),
            (
                FieldNeed::new(
                    "res.partner",
                    "x_p",
                    FieldKind::related("parent_id.fax", FieldKind::Line),
                    "P",
                ),
                "x_p: its path needs fax, which res.partner does not have",
            ),
            (
                FieldNeed::new(
                    "res.partner",
                    "x_p",
                    FieldKind::related("parent_id.active", FieldKind::Line),
                    "P",
                ),
                "x_p: active of res.partner is of kind 'boolean' and not 'line'",
            ),
            (
                FieldNeed::new("res.partner", "x_p", FieldKind::linked_from("crm.lead", "x_gone"), "P"),
                "x_p: crm.lead has no field x_gone that links to res.partner",
            ),
            (
                FieldNeed::new(
                    "x_suite_stage",
                    "x_contact_ids",
                    FieldKind::linked_from("res.partner", "parent_id"),
                    "P",
                ),
                "is of kind 'linked from res.partner by x_suite_stage_id' and should be of kind 'linked from res.partner by parent_id'",
            ),
        ] {
            let plan = writer.plan(&Needs::new().field(need)).await.unwrap();
            assert!(
                plan.is_empty() || plan.fields.iter().all(|need| need.name.as_str() != "x_p"),
                "{plan:?}"
            );
            let said = plan.to_string();
            assert!(said.contains("in the way") && said.contains(told), "{said}");
        }
        let strange = Needs::new()
            .field(FieldNeed::new("x_no.such_model", "x_a", FieldKind::Line, "A"))
            .field(FieldNeed::new("res.partner", "blood_group", FieldKind::Line, "Not its own"))
            .uses("res.partner", "no_such_field");
        let plan = writer.plan(&strange).await.unwrap();
        assert_eq!(plan.conflicts.len(), 3, "each is told once: {plan:?}");
        assert!(plan.to_string().contains("x_no.such_model: there is no such model: is its app installed?"));
        // Drafts set them: they are there, they are planned, they are Odoo's own.
        let visits = FieldKind::linked_from("res.partner", "parent_id");
        let shown = Needs::new()
            .field(FieldNeed::new("res.partner", "x_member_ids", visits, "Members"))
            .uses("res.partner", "x_suite_stage_name")
            .uses("res.partner", "x_member_ids")
            .uses_if_there("res.partner", "child_ids");
        let said = writer.plan(&shown).await.unwrap().to_string();
        for told in [
            "x_suite_stage_name: shows x_suite_stage_id.x_name and takes no values: leave it out of the mapping",
            "x_member_ids: shows the records of res.partner that link here and takes no values: set their parent_id",
            "child_ids: shows the records of res.partner that link here and takes no values: set their parent_id",
        ] {
            assert!(said.contains(told), "{said}");
        }
        assert_eq!(sandbox.count("ir.model.fields"), before);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_made_is_taken_back_and_made_again() {
    for like in [Like::Odoo19, Like::Odoo14] {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let receipts = applied(&writer, &needs()).await;
        let models = ["ir.model", "ir.model.fields", "ir.ui.view"];
        let with = models.map(|model| sandbox.count(model));
        writer.revert_schema(&receipts).await.unwrap();
        let without = models.map(|model| sandbox.count(model));
        assert!(without.iter().zip(&with).all(|(without, with)| without < with));
        writer.revert_schema(&receipts).await.unwrap();
        let receipts = applied(&writer, &needs()).await;
        made_once(&sandbox, &writer, &receipts).await;
    }
}

//! Fields of every kind, choices, forms, and servers that break while these are made.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use std::time::Duration;

use jiff::Timestamp;
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::receipt::{Made, Row, SchemaIntent};
use mapping_core::record::Fields;
use mapping_core::schema::{Choice, FieldKind, FieldNeed, ModelNeed, Needs, SchemaPlan};
use mapping_core::value::Value;
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::{Fault, Struct};
use sandboxed::{BOTH, calls, ids, row, text, write, writer_over};

fn choices(all: &[&str]) -> FieldKind {
    FieldKind::Choice(all.iter().map(|one| Choice { value: (*one).into(), label: (*one).into() }).collect())
}

fn every_kind() -> Needs {
    let field = |name: &str, kind| FieldNeed::new("res.partner", name, kind, name).on_page("Clinic");
    let patients = FieldKind::linked_from("res.partner", "x_ward_id");
    let kind = Box::new(FieldKind::Line);
    let name = FieldKind::Related { path: "x_ward_id.x_name".into(), kind, stored: true };
    Needs::new()
        .model(ModelNeed::new("x_ward", "Ward"))
        .field(FieldNeed::new("x_ward", "x_name", FieldKind::Line, "Name"))
        .field(FieldNeed::new("x_ward", "x_beds", FieldKind::Integer, "Beds").on_page("More"))
        .field(field("x_line", FieldKind::Line).help("As exported").indexed().not_copied())
        .field(field("x_text", FieldKind::Text))
        .field(field("x_html", FieldKind::Html))
        .field(field("x_integer", FieldKind::Integer))
        .field(field("x_decimal", FieldKind::Decimal))
        .field(field("x_fee", FieldKind::Money))
        .field(field("x_boolean", FieldKind::Boolean))
        .field(field("x_date", FieldKind::Date))
        .field(field("x_instant", FieldKind::Instant))
        .field(field("x_choice", choices(&["A+", "O-"])))
        .field(field("x_ward_id", FieldKind::Link("x_ward".into())))
        .field(field("x_tag_ids", FieldKind::Links("res.partner.category".into())))
        .field(field("x_scan", FieldKind::Binary))
        // Named before what it shows, as a person may.
        .field(FieldNeed::new("x_ward", "x_patient_ids", patients, "Patients").on_page("More"))
        .field(field("x_ward_beds", FieldKind::related("x_ward_id.x_beds", FieldKind::Integer)))
        .field(field("x_ward_name", name))
}

async fn planned(writer: &OdooWriter, needs: &Needs) -> SchemaPlan {
    let plan = writer.plan(needs).await.unwrap();
    assert!(plan.conflicts.is_empty(), "{plan}");
    plan
}

/// Rows of what describes the schema.
fn counts(sandbox: &Sandbox) -> [usize; 5] {
    ["ir.model", "ir.model.fields", "ir.model.fields.selection", "ir.ui.view", "ir.model.access"]
        .map(|model| sandbox.count(model))
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_made_written_read_back_and_taken_back() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let before = counts(&sandbox);
        let plan = planned(&writer, &every_kind()).await;
        let made = writer.apply(&plan).await.unwrap();
        let again = planned(&writer, &every_kind()).await;
        assert!(again.is_empty() && again.there.len() + 1 >= made.len(), "{again}");
        assert!(again.to_string().starts_with("nothing to make\n"), "{again}");
        assert!(
            made.iter().any(|made| made.made == Made::Field("res.partner".into(), "x_currency_id".into()))
        );

        let fields = sandbox.rows("ir.model.fields");
        let line =
            fields.iter().find(|row| text(row, "name") == "x_line" && text(row, "model") == "res.partner");
        let line = line.unwrap();
        assert_eq!(text(line, "help"), "As exported");
        let truth = |name: &str| line.get(name).and_then(odoo_rpc::wire::Value::as_bool);
        assert_eq!((truth("index"), truth("copied").unwrap_or_default()), (Some(true), false));

        let ward = Struct::new().with("x_name", "North").with("x_beds", 12);
        let ward = sandboxed::execute(&sandbox, "x_ward", "create", vec![ward.into()]).as_int().unwrap();
        let values = Fields::default()
            .with("name", "Asha Rao")
            .with("x_ward_id", ward)
            .with("x_line", "one")
            .with("x_text", "two\nlines")
            .with("x_integer", 7)
            .with("x_fee", rust_decimal::Decimal::new(1250, 2))
            .with("x_boolean", true)
            .with("x_date", "2024-02-29".parse::<jiff::civil::Date>().unwrap())
            .with("x_instant", "2024-02-29T10:00:00Z".parse::<Timestamp>().unwrap())
            .with("x_choice", "O-");
        let patient = Row { fields: values.clone(), ..row(1) };
        let written = ids(&write(&writer, &[patient]).await);
        let names: Vec<_> = values.iter().map(|(name, _)| name.clone()).collect();
        let read = writer.read(&"res.partner".into(), &written, &names).await.unwrap();
        assert_eq!(read, [Some(values)]);

        let shown = ["x_ward_beds".into(), "x_ward_name".into()];
        let read = writer.read(&"res.partner".into(), &written, &shown).await.unwrap();
        let expected = Fields::default().with("x_ward_beds", 12).with("x_ward_name", "North");
        assert_eq!(read, [Some(expected)]);
        let patients =
            writer.read(&"x_ward".into(), &[ward.into()], &["x_patient_ids".into()]).await.unwrap();
        let patients = patients[0].as_ref().unwrap().value("x_patient_ids").clone();
        assert_eq!(patients, Value::List(written.iter().map(Value::from).collect()));

        writer.revert_schema(&made).await.unwrap();
        assert_eq!(counts(&sandbox), before, "nothing is left on {like:?}");
        let gone = calls(&sandbox, "unlink", 0);
        assert_eq!(
            gone.iter().filter(|seen| seen.model == "ir.model.fields").count(),
            if like == Like::Odoo14 { 3 } else { 2 },
            "those that show others, all others, and what Odoo 14 leaves behind"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_cannot_go_while_another_shows_it_and_so_they_go_in_turn() {
    let field = |name: &str, kind| FieldNeed::new("res.partner", name, kind, name);
    let country = FieldKind::related("x_doctor_id.country_id", FieldKind::Link("res.country".into()));
    let mut fields = vec![
        field("x_doctor_id", FieldKind::Link("res.partner".into())),
        field("x_doctor_country_id", country),
        field("x_doctor_code", FieldKind::related("x_doctor_country_id.code", FieldKind::Line)),
        field("x_patient_ids", FieldKind::linked_from("res.partner", "x_doctor_id")),
    ];
    let needs = |fields: &[FieldNeed]| fields.iter().cloned().fold(Needs::new(), Needs::field);
    let lucky = needs(&fields);
    // Each before what it shows, as a person may name them.
    fields.reverse();
    let unlucky = needs(&fields);
    for (like, needs) in BOTH.into_iter().flat_map(|like| [(like, &lucky), (like, &unlucky)]) {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let before = counts(&sandbox);
        let made = writer.apply(&planned(&writer, needs).await).await.unwrap();
        let known = writer.describe(&"res.partner".into()).await.unwrap().unwrap();
        assert!(known.fields.contains_key("x_doctor_code"), "{like:?}");
        let id = |name: &str| {
            let this = Made::Field("res.partner".into(), name.into());
            made.iter().find(|receipt| receipt.made == this).unwrap().id.number().unwrap()
        };
        for (shown, other) in [
            ("x_doctor_id", "x_patient_ids"),
            ("x_doctor_id", "x_doctor_country_id"),
            ("x_doctor_country_id", "x_doctor_code"),
        ] {
            let both = odoo_rpc::wire::Value::from(vec![id(shown).into(), id(other).into()]);
            let fault = sandbox.execute(
                "sandbox",
                2,
                "admin",
                "ir.model.fields",
                "unlink",
                vec![both],
                Struct::new(),
            );
            let said = fault.unwrap_err().text;
            assert!(said.contains(&format!("The field 'res.partner.{shown}' cannot be removed")), "{said}");
        }
        writer.revert_schema(&made).await.unwrap();
        assert_eq!(counts(&sandbox), before, "nothing is left on {like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_known_to_be_gone_where_taking_it_back_broke_off() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let before = counts(&sandbox);
        let made = writer.apply(&planned(&writer, &every_kind()).await).await.unwrap();
        sandbox.trouble(Trouble::refuse(Fault::new(2, "Not now")).on("ir.model", "unlink"));
        writer.revert_schema(&made).await.unwrap_err();
        let again = planned(&writer, &every_kind()).await;
        let is_line = |need: &FieldNeed| need.name.as_str() == "x_line";
        assert!(again.fields.iter().any(is_line), "{like:?}: {again}");
        writer.revert_schema(&made).await.unwrap();
        assert_eq!(counts(&sandbox), before, "nothing is left on {like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_about_how_many_calls_it_takes() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        for needs in [every_kind(), sandboxed::needs()] {
            let plan = planned(&writer, &needs).await;
            let before = sandbox.log().len();
            writer.apply(&plan).await.unwrap();
            let took = sandbox.log().len() - before;
            assert!(took.abs_diff(plan.calls) <= 2, "{took} calls, and not {}", plan.calls);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_amount_says_where_its_currency_stands_as_far_as_the_version_lets_it() {
    let fee = FieldNeed::new("res.partner", "x_fee", FieldKind::Money, "Fee").currency("x_billed_in");
    let needs = Needs::new().field(fee);
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let plan = writer.plan(&needs).await.unwrap();
        if like == Like::Odoo14 {
            assert!(plan.to_string().contains("takes its currency from x_currency_id alone"), "{plan}");
            continue;
        }
        assert!(plan.conflicts.is_empty(), "{plan}");
        writer.apply(&plan).await.unwrap();
        let fields = sandbox.rows("ir.model.fields");
        let fee =
            fields.iter().find(|row| text(row, "name") == "x_fee" && text(row, "model") == "res.partner");
        assert_eq!(text(fee.unwrap(), "currency_field"), "x_billed_in");
        assert!(writer.plan(&needs).await.unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn choices_that_a_field_of_ours_lacks_are_added_and_taken_back() {
    let needs = |all: &[&str]| {
        Needs::new().field(FieldNeed::new("res.partner", "x_blood_group", choices(all), "Blood group"))
    };
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        writer.apply(&planned(&writer, &needs(&["A+", "O-"])).await).await.unwrap();
        let before = counts(&sandbox);
        let plan = planned(&writer, &needs(&["O-", "B+", "Bombay"])).await;
        assert!(plan.to_string().contains("+ choices of x_blood_group of res.partner: B+, Bombay"), "{plan}");
        // The answer is lost, and the same is applied once more.
        sandbox.trouble(Trouble::lose_reply().on("ir.model.fields.selection", "create"));
        let made = writer.apply(&plan).await.unwrap();
        assert_eq!(made.len(), 2, "{made:?}");
        assert_eq!(writer.apply(&plan).await.unwrap(), []);
        let known = writer.describe(&"res.partner".into()).await.unwrap().unwrap();
        let FieldKind::Choice(known) = &known.fields["x_blood_group"].kind else { panic!() };
        let known: Vec<_> = known.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(known, ["A+", "O-", "B+", "Bombay"]);
        writer.revert_schema(&made).await.unwrap();
        assert_eq!(counts(&sandbox), before);
        assert_eq!(planned(&writer, &needs(&["Bombay"])).await.choices.len(), 1, "it is known to be gone");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_of_ones_own_has_a_form_of_its_own() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        writer.apply(&planned(&writer, &every_kind()).await).await.unwrap();
        let views = sandbox.rows("ir.ui.view");
        let own = views.iter().find(|view| text(view, "model") == "x_ward").unwrap();
        let arch = text(own, "arch_db");
        assert!(arch.starts_with("<form>") && arch.contains("x_name") && arch.contains("x_beds"), "{arch}");
        assert!(!arch.contains("x_migration_key"), "{arch}");
        assert_eq!(text(own, "mode"), "primary");
        let partner =
            views.iter().find(|view| text(view, "name") == "migration pages of res.partner").unwrap();
        assert_eq!(text(partner, "mode"), "extension");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_mapping_shows_its_fields_on_pages_of_its_own() {
    let needs = |name: &str| {
        Needs::new().field(FieldNeed::new("res.partner", name, FieldKind::Line, name).on_page("Clinic"))
    };
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let first = writer.apply(&planned(&writer, &needs("x_one")).await).await.unwrap();
        let before = counts(&sandbox);
        let second = writer.apply(&planned(&writer, &needs("x_two")).await).await.unwrap();
        assert_eq!(second.len(), 2, "a field and a view: {second:?}");
        assert!(planned(&writer, &needs("x_one")).await.is_empty());
        writer.revert_schema(&second).await.unwrap();
        assert_eq!(counts(&sandbox), before);
        assert!(planned(&writer, &needs("x_one")).await.is_empty(), "the first one's page stands");
        writer.revert_schema(&first).await.unwrap();
    }
}

/// A server that its own threads have left without half of what it knows of its fields.
fn broken() -> Trouble {
    let text = "Traceback (most recent call last):\n  File \"/odoo/fields.py\", line 1, in modified\n    x\nKeyError: None\n";
    Trouble::refuse(Fault::new(1, text)).on("res.partner", "create")
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_no_records_any_more_is_told_and_one_that_stumbles_is_not() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let partners = sandbox.count("res.partner");
        let plan = planned(&writer, &every_kind()).await;
        sandbox.trouble(broken().always());
        let error = writer.apply(&plan).await.unwrap_err();
        assert!(error.to_string().contains("restart the Odoo server"), "{error}");

        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        sandbox.trouble(broken().times(2));
        assert!(!writer.apply(&planned(&writer, &every_kind()).await).await.unwrap().is_empty());
        assert_eq!(sandbox.count("res.partner"), partners, "trying it leaves nothing behind");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_program_was_making_is_found_when_it_comes() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let (dead, writer) = (writer_over(sandbox.clone()).await, writer_over(sandbox.clone()).await);
        let plan = planned(&writer, &every_kind()).await;
        let intent = |hours| SchemaIntent {
            parts: plan.parts(),
            at: Timestamp::now() - jiff::SignedDuration::from_hours(hours),
        };
        let old = writer.recover_schema(&intent(24)).await.unwrap();
        assert!(old.iter().all(Option::is_none), "what is long over is not waited for");
        // The server is still at work on it.
        let late = plan.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            dead.apply(&late).await.unwrap();
        });
        let found = writer.recover_schema(&intent(0)).await.unwrap();
        assert!(found.iter().all(Option::is_some), "{found:?} of {:?}", plan.parts());
        let made = writer.apply(&plan).await.unwrap();
        assert_eq!(made, [], "it is there already");
    }
}

#[tokio::test(start_paused = true)]
async fn a_folded_look_up_minds_neither_case_nor_space_and_takes_one_call() {
    use mapping_core::destination::LookupQuery;
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        for name in ["Insurance ", "Blue  Cross", "Blue and Cross", "a_b 100%", "axb 100x"] {
            let values = Struct::new().with("name", name);
            sandboxed::execute(&sandbox, "res.partner.category", "create", vec![values.into()]);
        }
        let query = LookupQuery {
            model: "res.partner.category".into(),
            by: "name".into(),
            within: Vec::new(),
            fold: true,
        };
        let asked = [" INSURANCE", "insurance", "blue cross", "A_B   100%", "b"].map(Value::from);
        let before = sandbox.log().len();
        let found = writer.look_up(&query, &asked).await.unwrap();
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1, 1, 0]);
        assert_eq!(found[0], found[1]);
        assert_eq!(sandbox.log().len() - before, 1);
    }
}

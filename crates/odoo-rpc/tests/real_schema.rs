//! Schemas on real servers. Where their databases are named too, rows and columns are counted before and after.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use std::time::Duration;

use jiff::Timestamp;
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::identity::SourceId;
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, Outcome, Receipt, Row, SchemaIntent};
use mapping_core::record::Fields;
use mapping_core::schema::{Choice, FieldKind, FieldNeed, ModelNeed, Needs};
use mapping_core::value::Value;
use odoo_rpc::client::{Context, Domain, SearchOptions};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::wire::{Struct, Value as Wire};
use rust_decimal::Decimal;
use servers::{Server, fresh, quietly};

#[tokio::test]
async fn a_schema_leaves_no_trace_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, everything(&server)).await;
    }
}

#[tokio::test]
async fn a_schema_leaves_no_trace_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, everything(&server)).await;
    }
}

/// One after the other: a schema is changed while nothing else is under way.
async fn everything(server: &Server) {
    let writer = &OdooWriter::new(server.client().await).settle(Duration::from_secs(5));
    every_kind(server, writer).await;
    in_turn(server, writer).await;
    more_choices(server, writer).await;
    new_rights(server, writer).await;
}

fn choices(all: &[&str]) -> FieldKind {
    FieldKind::Choice(all.iter().map(|one| Choice { value: (*one).into(), label: (*one).into() }).collect())
}

fn needs() -> Needs {
    let field = |name: &str, kind| FieldNeed::new("res.partner", name, kind, name).on_page("Every kind");
    let patients = FieldKind::linked_from("res.partner", "x_kinds_ward_id");
    let kind = Box::new(FieldKind::Line);
    let name = FieldKind::Related { path: "x_kinds_ward_id.x_name".into(), kind, stored: true };
    let group = FieldKind::related("x_kinds_ward_id.x_group", FieldKind::Choice(Vec::new()));
    let country = FieldKind::Link("res.country".into());
    Needs::new()
        .uses("res.partner", "name")
        .model(ModelNeed::new("x_kinds_ward", "Ward"))
        .field(FieldNeed::new("x_kinds_ward", "x_name", FieldKind::Line, "Name"))
        .field(FieldNeed::new("x_kinds_ward", "x_beds", FieldKind::Integer, "Beds").on_page("More"))
        .field(field("x_kinds_line", FieldKind::Line).help("As exported").indexed().not_copied())
        .field(field("x_kinds_text", FieldKind::Text))
        .field(field("x_kinds_html", FieldKind::Html))
        .field(field("x_kinds_integer", FieldKind::Integer))
        .field(field("x_kinds_decimal", FieldKind::Decimal))
        .field(field("x_kinds_fee", FieldKind::Money))
        .field(field("x_kinds_boolean", FieldKind::Boolean))
        .field(field("x_kinds_date", FieldKind::Date))
        .field(field("x_kinds_instant", FieldKind::Instant))
        .field(field("x_kinds_choice", choices(&["A+", "O-"])))
        .field(field("x_kinds_ward_id", FieldKind::Link("x_kinds_ward".into())))
        .field(field("x_kinds_tag_ids", FieldKind::Links("res.partner.category".into())))
        .field(field("x_kinds_scan", FieldKind::Binary))
        // Named before what it shows, as a person may.
        .field(FieldNeed::new("x_kinds_ward", "x_patient_ids", patients, "Patients").on_page("More"))
        .field(FieldNeed::new("x_kinds_ward", "x_group", choices(&["Open", "Closed"]), "Group"))
        .field(field("x_kinds_ward_beds", FieldKind::related("x_kinds_ward_id.x_beds", FieldKind::Integer)))
        .field(field("x_kinds_ward_name", name))
        .field(field("x_kinds_ward_group", group))
        .field(field("x_kinds_parent_country_id", FieldKind::related("parent_id.country_id", country)))
        .field(field("x_kinds_parent_code", FieldKind::related("parent_id.country_id.code", FieldKind::Line)))
}

async fn every_kind(server: &Server, writer: &OdooWriter) {
    let before = server.trace();
    let client = writer.client();
    let plan = writer.plan(&needs()).await.unwrap();
    assert!(plan.conflicts.is_empty(), "{plan}");
    let calls = client.calls();
    let made = writer.apply(&plan).await.unwrap();
    println!(
        "Odoo {}, {}: {} things in {} calls, {} foretold",
        server.version,
        server.protocol,
        made.len(),
        client.calls() - calls,
        plan.calls
    );
    assert_eq!(made.len(), plan.parts().len());
    let other = OdooWriter::new(client.with_context(Context::new()));
    for model in ["x_kinds_ward", "res.partner"] {
        let known = writer.describe(&model.into()).await.unwrap().unwrap();
        let said = other.describe(&model.into()).await.unwrap().unwrap();
        assert_eq!(known, said, "{model}: what is known is what the server says");
    }
    let again = writer.plan(&needs()).await.unwrap();
    assert!(again.is_empty() && again.conflicts.is_empty(), "{again}");
    assert_eq!(writer.apply(&plan).await.unwrap(), []);
    let intent = SchemaIntent { parts: plan.parts(), at: Timestamp::now() };
    let found = writer.recover_schema(&intent).await.unwrap();
    assert!(found.iter().all(Option::is_some), "{found:?}");

    // The new model takes records at once, and a probe writes nothing.
    let source = SourceId::new("kinds", &fresh("run")).unwrap();
    let row = |model: &str, id: &str, fields| {
        let key = RecordKey::new("thing", id).into();
        Row { identity: source.identity(&key), key, model: model.into(), action: Action::Create, fields }
    };
    let mut receipts = Vec::new();
    let mut write = async |row: Row| {
        let outcome = writer.write(writer.prepare(vec![row.clone()])).await.remove(0);
        let Outcome::Written(id) = outcome else { panic!("{outcome:?}") };
        let (key, model, digest) = (row.key.clone(), row.model.clone(), row.digest());
        let how = mapping_core::receipt::How::Created;
        receipts.push(Receipt {
            key,
            model,
            id: id.clone(),
            how,
            digest,
            before: None,
            at: Timestamp::now(),
        });
        id.number().unwrap()
    };
    let ward =
        write(row("x_kinds_ward", "ward", Fields::default().with("x_name", "North").with("x_beds", 12)))
            .await;
    let currencies =
        client.search("res.currency", Domain::field("name").eq("USD"), Default::default()).await.unwrap();
    let values = Fields::default()
        .with("name", "Asha Rao")
        .with("x_kinds_line", "one")
        .with("x_kinds_text", "two\nlines")
        .with("x_kinds_integer", -7)
        .with("x_kinds_decimal", Decimal::new(125, 2))
        .with("x_currency_id", currencies[0])
        .with("x_kinds_fee", Decimal::new(12345, 3))
        .with("x_kinds_boolean", true)
        .with("x_kinds_date", "2024-02-29".parse::<jiff::civil::Date>().unwrap())
        .with("x_kinds_instant", "2024-02-29T10:00:00Z".parse::<Timestamp>().unwrap())
        .with("x_kinds_choice", "O-")
        .with("x_kinds_ward_id", ward)
        .with("x_kinds_tag_ids", Value::List(Vec::new()));
    let html = values.clone().with("x_kinds_html", "BP < 120\nR&D");
    let patient = write(row("res.partner", "patient", html)).await;
    let names: Vec<_> = values.iter().map(|(name, _)| name.clone()).collect();
    let read = writer.read(&"res.partner".into(), &[patient.into()], &names).await.unwrap();
    // Amounts are kept to the digits of their currency (measured on 14 and 19).
    let expected = values.with("x_kinds_fee", Decimal::new(1235, 2));
    for (name, value) in expected.iter() {
        assert_eq!(read[0].as_ref().unwrap().value(name.as_str()), value, "{name}");
    }
    let html = writer.read(&"res.partner".into(), &[patient.into()], &["x_kinds_html".into()]).await.unwrap();
    let html = html[0].as_ref().unwrap().value("x_kinds_html").as_text().unwrap().to_owned();
    assert!(html.contains("BP &lt; 120<br>R&amp;D") || html.contains("BP &lt; 120<br/>R&amp;D"), "{html}");
    let scan = Struct::new().with("x_kinds_scan", "aGVsbG8=");
    client.write("res.partner", &[patient], scan).await.unwrap();
    let scan = client.read("res.partner", &[patient], &["x_kinds_scan"]).await.unwrap();
    assert_eq!(scan[0].get("x_kinds_scan").and_then(Wire::as_text), Some("aGVsbG8="));
    shown(server, writer).await;

    // What is shown of others is read, and what is written to it reaches nobody.
    let read = async |model: &str, id: i64, field: &str| {
        let read = writer.read(&model.into(), &[id.into()], &[field.into()]).await.unwrap();
        read[0].as_ref().unwrap().value(field).clone()
    };
    let lost = Struct::new().with("x_kinds_ward_beds", 1);
    client.write("res.partner", &[patient], lost).await.unwrap();
    assert_eq!(read("res.partner", patient, "x_kinds_ward_beds").await, Value::from(12));
    assert_eq!(read("res.partner", patient, "x_kinds_ward_name").await, Value::from("North"));
    assert_eq!(read("x_kinds_ward", ward, "x_patient_ids").await, Value::List(vec![patient.into()]));

    for answer in writer.revert(&receipts.into_iter().rev().collect::<Vec<_>>()).await {
        answer.unwrap();
    }
    writer.revert_schema(&made).await.unwrap();
    assert_eq!(server.trace(), before, "nothing is left");
}

/// The form that Odoo opens, with all that was added to it.
async fn shown(server: &Server, writer: &OdooWriter) {
    for (model, field) in [("res.partner", "x_kinds_fee"), ("x_kinds_ward", "x_beds")] {
        let client = writer.client();
        let forms = Domain::field("model").eq(model).and(Domain::field("type").eq("form"));
        let first = SearchOptions::new().order("priority, id").limit(1);
        let form = client.search("ir.ui.view", forms.and(Domain::field("inherit_id").eq(false)), first).await;
        let form = form.unwrap();
        let arch = if server.version >= 16 {
            client.call_method("ir.ui.view", "get_combined_arch", &form, Struct::new()).await.unwrap()
        } else {
            let fields = Struct::new().with("fields", vec!["arch".into()]);
            let read = client.call_method("ir.ui.view", "read_combined", &form, fields).await.unwrap();
            read.as_struct().and_then(|view| view.get("arch")).unwrap().clone()
        };
        assert!(arch.as_text().unwrap().contains(&format!("name=\"{field}\"")), "{field} is not shown");
    }
}

/// A field cannot go while another one shows it, not even together with that one: they go in turn.
async fn in_turn(server: &Server, writer: &OdooWriter) {
    let before = server.trace();
    let field = |name: &str, kind| FieldNeed::new("res.partner", name, kind, name);
    let needs = Needs::new()
        .field(field("x_kinds_doctor_id", FieldKind::Link("res.partner".into())))
        .field(field("x_kinds_doctor_phone", FieldKind::related("x_kinds_doctor_id.phone", FieldKind::Line)))
        .field(field("x_kinds_patient_ids", FieldKind::linked_from("res.partner", "x_kinds_doctor_id")));
    let made = writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();
    let id = |name: &str| {
        let this = format!("field {name} of res.partner");
        made.iter().find(|receipt| receipt.made.to_string() == this).unwrap().id.number().unwrap()
    };
    for other in ["x_kinds_doctor_phone", "x_kinds_patient_ids"] {
        let both = [id("x_kinds_doctor_id"), id(other)];
        let refused = writer.client().unlink("ir.model.fields", &both).await;
        assert!(matches!(refused, Err(odoo_rpc::Error::Refused { .. })), "{other}: {refused:?}");
    }
    writer.revert_schema(&made).await.unwrap();
    assert_eq!(server.trace(), before, "nothing is left");
}

async fn more_choices(server: &Server, writer: &OdooWriter) {
    let before = server.trace();
    let needs = |all: &[&str]| {
        Needs::new().field(FieldNeed::new("res.partner", "x_kinds_group", choices(all), "Group"))
    };
    let apply = async |all: &[&str]| {
        let plan = writer.plan(&needs(all)).await.unwrap();
        assert!(plan.conflicts.is_empty() && !plan.is_empty(), "{plan}");
        writer.apply(&plan).await.unwrap()
    };
    let made = apply(&["A+", "O-"]).await;
    let later = apply(&["O-", "B+", "Bombay"]).await;
    let known = writer.describe(&"res.partner".into()).await.unwrap().unwrap();
    let FieldKind::Choice(known) = &known.fields["x_kinds_group"].kind else { panic!() };
    let known: Vec<_> = known.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(known, ["A+", "O-", "B+", "Bombay"], "in their order");
    // The choices alone, then all.
    assert_eq!(later.len(), 2, "{later:?}");
    writer.revert_schema(&later).await.unwrap();
    assert_eq!(writer.plan(&needs(&["Bombay"])).await.unwrap().choices.len(), 1);
    writer.revert_schema(&made).await.unwrap();
    assert_eq!(server.trace(), before, "nothing is left");
}

/// The rights of a new model count at once, also where others call meanwhile: by a field that is made afterwards, or by a rule that is
/// written once more. And what is known of it is what the server says, without an amount that makes it ask.
async fn new_rights(server: &Server, writer: &OdooWriter) {
    let before = server.trace();
    let own = Needs::new().model(ModelNeed::new("x_kinds_stage", "Stage")).field(FieldNeed::new(
        "x_kinds_stage",
        "x_name",
        FieldKind::Line,
        "Name",
    ));
    let group = FieldNeed::new("res.partner", "x_kinds_group", choices(&["A+", "O-"]), "Group");
    let link = FieldKind::Link("x_kinds_stage".into());
    let more =
        own.clone().field(group).field(FieldNeed::new("res.partner", "x_kinds_stage_id", link, "Stage"));
    for (needs, times) in [(own, 1), (more, 2)] {
        for _ in 0..times {
            let plan = writer.plan(&needs).await.unwrap();
            let made = tokio::select! {
                made = writer.apply(&plan) => made.unwrap(),
                () = busy(server) => unreachable!(),
            };
            let stage = vec![Struct::new().with("x_name", "Booked")];
            let stage = writer.client().create("x_kinds_stage", stage).await.unwrap();
            writer.client().unlink("x_kinds_stage", &stage).await.unwrap();
            let other = OdooWriter::new(writer.client().with_context(Context::new()));
            for model in ["x_kinds_stage", "res.partner"] {
                let known = writer.describe(&model.into()).await.unwrap();
                assert_eq!(known, other.describe(&model.into()).await.unwrap(), "{model}");
            }
            writer.revert_schema(&made).await.unwrap();
        }
    }
    assert_eq!(server.trace(), before, "nothing is left");
}

/// Has the server look at its rules all the time. Not before 19: fields that are made meanwhile can break such a server.
async fn busy(server: &Server) {
    if server.version < 19 {
        return std::future::pending().await;
    }
    let other = server.client().await;
    loop {
        let values = vec![Struct::new().with("x_name", "too early")];
        if let Ok(ids) = other.create("x_kinds_stage", values).await {
            other.unlink("x_kinds_stage", &ids).await.unwrap();
        }
    }
}

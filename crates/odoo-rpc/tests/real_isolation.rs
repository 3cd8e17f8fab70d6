//! What becomes of ten bad rows among five hundred, and of many changes, on real servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::identity::SourceId;
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::receipt::{Action, How, Outcome, Receipt, Row};
use mapping_core::record::Fields;
use mapping_core::schema::Needs;
use mapping_core::value::Value;
use odoo_rpc::client::{Domain, SearchOptions};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::wire::Struct;
use servers::{Server, fresh, quietly};

const ROWS: usize = 500;
const BAD: [usize; 10] = [3, 17, 120, 250, 251, 402, 470, 497, 498, 499];
const NOWHERE: i64 = 2_000_000_000;

#[tokio::test]
async fn ten_bad_rows_of_each_kind_are_cut_out_in_odoo_19() {
    ten_bad_rows_of_each_kind_are_cut_out(19).await;
}

#[tokio::test]
async fn ten_bad_rows_of_each_kind_are_cut_out_in_odoo_14() {
    ten_bad_rows_of_each_kind_are_cut_out(14).await;
}

#[tokio::test]
async fn many_changes_and_deletions_take_few_calls_in_odoo_19() {
    many_changes_and_deletions_take_few_calls(19, 2).await;
}

#[tokio::test]
async fn many_changes_and_deletions_take_few_calls_in_odoo_14() {
    many_changes_and_deletions_take_few_calls(14, 4).await;
}

/// A writer, and a clinic of this run's own.
async fn ready(version: u32) -> Option<(OdooWriter, SourceId)> {
    let client = Server::named(version).await?.client().await;
    let writer = OdooWriter::new(client).rows_at_first(ROWS).target_time(Duration::from_secs(240));
    let needs =
        ["res.partner", "crm.tag"].into_iter().fold(Needs::new(), |needs, model| needs.uses(model, "name"));
    let needs = needs.uses("mail.activity", "res_id");
    writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();
    for model in ["res.partner", "crm.tag", "mail.activity"] {
        writer.describe(&model.into()).await.unwrap();
    }
    Some((writer, SourceId::new("paper", &fresh("run")).unwrap()))
}

fn row(source: &SourceId, model: &str, kind: &str, at: usize, fields: Fields) -> Row {
    let key = DraftKey::from(RecordKey::new("record", format!("{kind}-{at}")));
    Row { identity: source.identity(&key), key, model: model.into(), action: Action::Create, fields }
}

async fn ten_bad_rows_of_each_kind_are_cut_out(version: u32) {
    if let Some((writer, source)) = ready(version).await {
        quietly(writer.client(), ten_bad_rows(version, &writer, &source)).await;
    }
}

async fn ten_bad_rows(version: u32, writer: &OdooWriter, source: &SourceId) {
    let client = writer.client().clone();
    let run = source.to_string();
    let taken = format!("taken-{run}");
    let create = |model: &'static str, row: Struct| {
        let client = client.clone();
        async move { client.create(model, vec![row]).await.unwrap()[0] }
    };
    create("crm.tag", Struct::new().with("name", taken.as_str())).await;
    let barred = Struct::new().with("name", "Asha Rao").with("barcode", taken.as_str());
    let document = create("res.partner", barred).await;
    let category = create("res.partner.category", Struct::new().with("name", "Migrated")).await;
    let contacts = client
        .search("ir.model", Domain::field("model").eq("res.partner"), SearchOptions::new())
        .await
        .unwrap()[0];

    let named = |at: usize| Fields::default().with("name", format!("Patient {at}"));
    let ids = |ids: &[i64]| Value::List(ids.iter().copied().map(Value::from).collect());
    // Text that does not compress: it is too long for an index.
    let long: String = (0..4000_u32)
        .map(|n| char::from_u32(0x4e00 + n.wrapping_mul(2_654_435_761) % 20_000).unwrap())
        .collect();
    // Of two rows with one value the first is good.
    let twin = |at: usize| if at >= 250 && BAD.contains(&at) { at - 240 } else { at };
    let both = |at: usize| at >= 250 && BAD.contains(&at);
    let bad = |at: usize| BAD.contains(&at);
    type Kind<'a> = (&'a str, &'a str, Box<dyn Fn(usize) -> Fields + 'a>, Box<dyn Fn(usize) -> bool + 'a>);
    let kinds: Vec<Kind<'_>> = vec![
        (
            "a name that another record has",
            "crm.tag",
            Box::new(|at| {
                let name = if bad(at) { taken.clone() } else { format!("tag {at} {run}") };
                Fields::default().with("name", name)
            }),
            Box::new(bad),
        ),
        (
            "a name twice in the batch",
            "crm.tag",
            Box::new(|at| Fields::default().with("name", format!("twin {} {run}", twin(at)))),
            Box::new(both),
        ),
        (
            "a barcode that another record has",
            "res.partner",
            Box::new(|at| {
                named(at).with("barcode", if bad(at) { taken.clone() } else { format!("{at}-{run}") })
            }),
            Box::new(bad),
        ),
        (
            "a barcode twice in the batch",
            "res.partner",
            Box::new(|at| named(at).with("barcode", format!("twin-{}-{run}", twin(at)))),
            Box::new(both),
        ),
        (
            "a country that is not there",
            "res.partner",
            Box::new(|at| named(at).with("country_id", if bad(at) { NOWHERE } else { 104 })),
            Box::new(bad),
        ),
        (
            "a parent that is not there",
            "res.partner",
            Box::new(|at| {
                let child = named(at).with("type", "other");
                if bad(at) { child.with("parent_id", NOWHERE) } else { child.with("parent_id", Value::Null) }
            }),
            Box::new(bad),
        ),
        (
            "a tag that is not there",
            "res.partner",
            Box::new(|at| {
                named(at)
                    .with("category_id", if bad(at) { ids(&[category, NOWHERE]) } else { ids(&[category]) })
            }),
            Box::new(bad),
        ),
        (
            "no name",
            "res.partner",
            Box::new(|at| if bad(at) { Fields::default().with("name", Value::Null) } else { named(at) }),
            Box::new(bad),
        ),
        (
            "a text too long for its index",
            "res.partner",
            Box::new(|at| named(at).with("ref", if bad(at) { long.clone() } else { format!("{at}") })),
            Box::new(bad),
        ),
        (
            "a document that is not there",
            "mail.activity",
            Box::new(|at| {
                let activity =
                    Fields::default().with("res_model_id", contacts).with("summary", "Consultation");
                activity.with("res_id", if bad(at) { NOWHERE } else { document })
            }),
            Box::new(bad),
        ),
    ];
    for (number, (kind, model, fields, bad)) in kinds.iter().enumerate() {
        let rows: Vec<Row> =
            (0..ROWS).map(|at| row(source, model, &format!("{number}"), at, fields(at))).collect();
        let (before, began) = (client.calls(), Instant::now());
        let outcomes = writer.write(writer.prepare(rows.clone())).await;
        let calls = client.calls() - before;
        println!("Odoo {version}, {kind}: {calls} calls, {:.1} s", began.elapsed().as_secs_f64());
        for (at, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Outcome::Refused(error) if bad(at) => {
                    let said = format!("{error} {error:?}");
                    assert!(
                        said.contains(model) && !said.contains(&run) && !said.contains("2000000000"),
                        "{said}"
                    );
                    if at == BAD[9] {
                        println!("    {error}");
                    }
                }
                Outcome::Written(_) if !bad(at) => {}
                other => panic!("{kind}: row {at}: {other:?}"),
            }
        }
        assert!(calls <= 5, "{kind}: {calls} calls");
        let identities: Vec<_> = rows.iter().map(|row| row.identity.clone()).collect();
        let found = writer.find(&(*model).into(), &identities).await.unwrap();
        for (at, (found, outcome)) in found.iter().zip(&outcomes).enumerate() {
            let written = if let Outcome::Written(id) = outcome { Some(id) } else { None };
            assert_eq!(found.as_ref(), written, "{kind}: row {at}");
        }
    }
}

async fn many_changes_and_deletions_take_few_calls(version: u32, most: u64) {
    if let Some((writer, source)) = ready(version).await {
        let client = writer.client().clone();
        quietly(&client, many_changes_and_deletions(version, most, writer, &source)).await;
    }
}

async fn many_changes_and_deletions(version: u32, most: u64, writer: OdooWriter, source: &SourceId) {
    // Calls are counted here: how busy the machine is must not matter.
    let writer = writer.rows_at_first(2000).target_time(Duration::from_secs(240));
    let client = writer.client().clone();
    let fields = |at: usize| Fields::default().with("name", format!("Patient {at}")).with("city", "Pune");
    let mut rows: Vec<Row> = (0..5000).map(|at| row(source, "res.partner", "p", at, fields(at))).collect();
    let outcomes = writer.write(writer.prepare(rows.clone())).await;
    let mut receipts = Vec::new();
    for (row, outcome) in rows.iter_mut().zip(outcomes) {
        let Outcome::Written(id) = outcome else { panic!("{outcome:?}") };
        row.action = Action::Update(id.clone());
        receipts.push(Receipt {
            key: row.key.clone(),
            model: row.model.clone(),
            id,
            how: How::Created,
            digest: row.digest(),
            before: None,
            at: Timestamp::now(),
        });
    }
    // All that a contact has of kinds of fields, each with another value than before.
    for (at, row) in rows.iter_mut().enumerate().take(1000) {
        row.fields = Fields::default()
            .with("name", format!("Patient <{at}> & 50 % of 'it'"))
            .with("comment", format!("line {at}\nBP < 120"))
            .with("city", Value::Null)
            .with("color", i64::try_from(at % 10).unwrap())
            .with("partner_latitude", Value::Decimal(format!("{}.25", at % 90).parse().unwrap()))
            .with("is_company", at % 2 == 0)
            .with("country_id", 104)
            .with("type", "other");
    }
    let (before, began) = (client.calls(), Instant::now());
    let outcomes = writer.write(writer.prepare(rows[..1000].to_vec())).await;
    let calls = client.calls() - before;
    println!("Odoo {version}: 1,000 changes in {calls} calls, {:.1} s", began.elapsed().as_secs_f64());
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Written(_))));
    assert!(calls <= most, "{calls}");
    let names: Vec<_> = rows[0].fields.iter().map(|(name, _)| name.clone()).collect();
    let ids: Vec<_> = receipts[..1000].iter().map(|receipt| receipt.id.clone()).collect();
    for (row, read) in rows.iter().zip(writer.read(&"res.partner".into(), &ids, &names).await.unwrap()) {
        let read = read.unwrap();
        for (name, value) in row.fields.iter().filter(|(name, _)| name.as_str() != "comment") {
            assert_eq!(read.value(name.as_str()), value, "{name}");
        }
        let Value::Text(comment) = read.value("comment") else { panic!("{read:?}") };
        assert!(comment.contains("BP &lt; 120") || comment.contains("BP < 120"), "it is lost");
    }

    for row in &mut rows[..1000] {
        row.fields = Fields::default().with("city", "Nashik");
    }
    let (before, began) = (client.calls(), Instant::now());
    let outcomes = writer.write(writer.prepare(rows[..1000].to_vec())).await;
    let calls = client.calls() - before;
    println!("Odoo {version}: 1,000 equal changes in {calls} calls, {:.1} s", began.elapsed().as_secs_f64());
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Written(_))) && calls <= 2);
    let changed = receipts[..1000].iter().filter_map(|receipt| receipt.id.number());
    let city = Domain::field("city").eq("Nashik").and(Domain::field("id").is_in(changed));
    assert_eq!(client.search_count("res.partner", city).await.unwrap(), 1000);

    let (before, began) = (client.calls(), Instant::now());
    assert!(writer.revert(&receipts).await.iter().all(Result::is_ok));
    let calls = client.calls() - before;
    println!("Odoo {version}: 5,000 deletions in {calls} calls, {:.1} s", began.elapsed().as_secs_f64());
    assert!(calls <= 5, "{calls}");
}

//! The client against real servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use odoo_rpc::client::{Client, Context, Domain, SearchOptions};
use odoo_rpc::wire::{Struct, Value};
use odoo_rpc::{Error, Reason, Result, Retry};
use servers::{Server, quietly};

#[tokio::test]
async fn the_client_works_with_odoo_14() {
    if let Some(server) = Server::named(14).await {
        whole_tour(&server).await;
    }
}

#[tokio::test]
async fn the_client_works_with_odoo_19() {
    if let Some(server) = Server::named(19).await {
        whole_tour(&server).await;
    }
}

async fn whole_tour(server: &Server) {
    let client = server.client().await.with_context(Context::new().with("tracking_disable", true));
    let version = client.version();
    assert_eq!((version.major, version.level.as_str()), (server.version, "final"));
    assert_eq!(client.protocol(), server.protocol);
    logins_are_refused(server).await;
    let tour = async {
        records_come_and_go(&client).await;
        refusals_are_told(&client).await;
        a_method_without_a_result_is_done(&client).await;
    };
    quietly(&client, tour).await;
}

async fn logins_are_refused(server: &Server) {
    let wrong = server.connect(&server.login, "wrong").await.unwrap_err();
    assert!(matches!(&wrong, Error::Login { reason } if reason.contains("password")), "{wrong}");
    let nowhere = Server { database: "no-such-database".to_owned(), ..server.clone() };
    let nowhere = nowhere.connect(&server.login, &server.secret).await.unwrap_err();
    assert!(matches!(&nowhere, Error::Login { reason } if reason.contains("database")), "{nowhere}");
}

async fn records_come_and_go(client: &Client) {
    let rows =
        (0..25).map(|n| Struct::new().with("name", format!("Asha Rao <{n}> & søn 🩺")).with("ref", "tour"));
    let ids = client.create("res.partner", rows.collect()).await.unwrap();
    let ours = || Domain::field("id").is_in(ids.iter().copied());
    assert_eq!(client.search_count("res.partner", ours()).await.unwrap(), 25);
    let options = || SearchOptions::new().order("id desc").offset(1).limit(3);
    assert_eq!(client.search("res.partner", ours(), options()).await.unwrap(), [ids[23], ids[22], ids[21]]);

    client
        .write("res.partner", &ids[..2], Struct::new().with("city", "Pune").with("street", Value::Nil))
        .await
        .unwrap();
    let read =
        client.read("res.partner", &[ids[0], 2_000_000_000], &["name", "city", "street"]).await.unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].get("name").and_then(Value::as_text), Some("Asha Rao <0> & søn 🩺"));
    assert_eq!(read[0].get("city").and_then(Value::as_text), Some("Pune"));
    assert!(read[0].get("street").unwrap().is_unset());

    let either = Domain::field("city").eq("Pune").or(Domain::field("name").ilike("<7>")).and(ours());
    assert_eq!(
        client.search_read("res.partner", either, &["ref"], SearchOptions::new()).await.unwrap().len(),
        3
    );
    let not = ours().and(Domain::field("city").is_set().negated());
    assert_eq!(client.search_count("res.partner", not).await.unwrap(), 23);
    assert_eq!(client.search_count("res.partner", Domain::nothing()).await.unwrap(), 0);

    let (mut pages, mut seen) = (client.pages("res.partner", ours(), &["name"], 10), Vec::new());
    while let Some(page) = pages.next().await.unwrap() {
        seen.extend(page.iter().map(|record| record.get("id").and_then(Value::as_int).unwrap()));
    }
    assert_eq!(seen, ids);

    let changes =
        vec![(ids[0], Struct::new().with("ref", "one")), (ids[1], Struct::new().with("ref", "two"))];
    match client.web_save_multi("res.partner", changes).await {
        Ok(()) => {
            let refs = client
                .search_count("res.partner", ours().and(Domain::field("ref").is_in(["one", "two"])))
                .await;
            assert_eq!(refs.unwrap(), 2);
        }
        Err(error) => {
            assert!(matches!(error, Error::Config { .. }) && client.version().major < 19, "{error}")
        }
    }
    let fields = client.fields_get("res.partner", &["type", "required"]).await.unwrap();
    let name = fields.get("name").and_then(Value::as_struct).unwrap();
    assert_eq!(name.get("type").and_then(Value::as_text), Some("char"));
    client.unlink("res.partner", &ids).await.unwrap();
}

async fn refusals_are_told(client: &Client) {
    let row = |field: &str, value: Value| vec![Struct::new().with("name", "Canary").with(field, value)];
    let older = client.version().major < 16;

    check(
        client.create("res.partner", row("zz", 1.into())).await,
        "res.partner",
        Some("zz"),
        Reason::UnknownField,
    );
    check(
        client.write("res.partner", &[1], Struct::new().with("zz", 1)).await,
        "res.partner",
        Some("zz"),
        Reason::UnknownField,
    );
    check(
        client.search_count("res.partner", Domain::field("zz").eq("Canary")).await,
        "res.partner",
        Some("zz"),
        Reason::UnknownField,
    );
    check(client.read("res.partner", &[1], &["zz"]).await, "res.partner", Some("zz"), Reason::UnknownField);
    check(
        client.create("res.partner", row("type", "Canary".into())).await,
        "res.partner",
        Some("type"),
        Reason::Selection,
    );
    let date = client.create("crm.lead", row("date_deadline", "31/12/Canary".into())).await;
    check(date, "crm.lead", None, Reason::Value);
    let stage = client.create("crm.stage", vec![Struct::new().with("sequence", 1)]).await;
    check(stage, "crm.stage", Some("name"), Reason::Required);
    let gone = client.write("res.partner", &[2_000_000_000], Struct::new().with("name", "Canary")).await;
    check(gone, "res.partner", None, Reason::Missing);
    check(client.search_count("zz.zz", Domain::everything()).await, "zz.zz", None, Reason::UnknownModel);
    check(
        client.call_method("res.partner", "zz", &[], Struct::new()).await,
        "res.partner",
        None,
        Reason::UnknownMethod,
    );
    check(
        client.call_method("res.partner", "_zz", &[], Struct::new()).await,
        "res.partner",
        None,
        Reason::UnknownMethod,
    );
    let nothing = client.execute_kw("res.partner", "write", vec![vec![1.into()].into()], Struct::new()).await;
    check(nothing, "res.partner", None, Reason::Arguments);
    check(
        client.create("res.partner", row("color", (1_i64 << 40).into())).await,
        "res.partner",
        None,
        Reason::Value,
    );

    let no_name = client.create("res.partner", vec![Struct::new().with("name", Value::Nil)]).await;
    let constraint = Some("res_partner_check_name".to_owned());
    if older {
        check(no_name, "res.partner", None, Reason::Check { constraint });
    } else {
        check(no_name, "res.partner", Some("name"), Reason::Required);
    }
    let no_country = client.create("res.partner", row("country_id", 2_000_000_000.into())).await;
    let constraint = Some("res_partner_country_id_fkey".to_owned());
    if older {
        check(no_country, "res.partner", None, Reason::Link { constraint });
    } else {
        check(no_country, "res.partner", Some("country_id"), Reason::Link { constraint: None });
    }
    let twice = client.create("crm.tag", [row("color", 1.into()), row("color", 1.into())].concat()).await;
    let constraint = older.then(|| "crm_tag_name_uniq".to_owned());
    check(twice, "crm.tag", None, Reason::Unique { constraint });
}

#[track_caller]
fn check<T: std::fmt::Debug>(answer: Result<T>, model: &str, field: Option<&str>, reason: Reason) {
    let error = answer.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Canary"), "{error}");
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(error, Error::Refused { model: model.to_owned(), field: field.map(str::to_owned), reason });
}

async fn a_method_without_a_result_is_done(client: &Client) {
    let lead = client.create("crm.lead", vec![Struct::new().with("name", "Tour")]).await.unwrap();
    let done = client.call_method("crm.lead", "action_set_lost", &lead, Struct::new()).await.unwrap();
    assert_eq!(done, Value::Nil);
    let archived = client.with_context(Context::new().with("active_test", false));
    let lost = Domain::field("id").is_in(lead.iter().copied()).and(Domain::field("active").eq(false));
    assert_eq!(archived.search_count("crm.lead", lost).await.unwrap(), 1);
    client.unlink("crm.lead", &lead).await.unwrap();
}

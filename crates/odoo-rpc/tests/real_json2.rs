//! JSON-2 beside XML-RPC on a real Odoo 19, whichever of them the run goes over; and that Odoo 14 has none.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use odoo_rpc::client::{Call, Client, Context, Domain, Protocol, SearchOptions};
use odoo_rpc::wire::{Struct, Value};
use odoo_rpc::{Error, Reason, Result, Retry};
use servers::{Server, key};

async fn connect(server: &Server, secret: &str, protocol: Option<Protocol>) -> Result<Client> {
    let mut builder = server.builder(&server.login, secret);
    if let Some(protocol) = protocol {
        builder = builder.protocol(protocol);
    }
    builder.connect().await
}

/// A client over each protocol, of the same user.
async fn both(server: &Server) -> [Client; 2] {
    let old = connect(server, &server.password, None).await.unwrap();
    let key = key::new(&old, old.uid()).await;
    let new = connect(server, &key, None).await.unwrap();
    let quiet = Context::new().with("tracking_disable", true);
    [old.with_context(quiet.clone()), new.with_context(quiet)]
}

#[tokio::test]
async fn the_secret_chooses_the_protocol_in_odoo_19() {
    let Some(server) = Server::named(19).await else { return };
    let [old, new] = both(&server).await;
    assert_eq!((old.protocol(), old.uid(), old.version()), (Protocol::XmlRpc, new.uid(), new.version()));
    assert_eq!((new.protocol(), new.calls()), (Protocol::Json2, 3));
    // What looks like a key and is none.
    let wrong = connect(&server, &"0".repeat(40), None).await.unwrap_err();
    assert!(matches!(&wrong, Error::Login { reason } if reason.contains("login and password")), "{wrong}");
    let password = connect(&server, &server.password, Some(Protocol::Json2)).await.unwrap_err();
    assert!(matches!(&password, Error::Login { reason } if reason.contains("no password")), "{password}");
    let nowhere = Server { database: "no-such-database".to_owned(), ..server };
    let nowhere = connect(&nowhere, &"0".repeat(40), Some(Protocol::Json2)).await.unwrap_err();
    assert!(matches!(&nowhere, Error::Login { reason } if reason.contains("no database")), "{nowhere}");
}

#[tokio::test]
async fn there_is_no_json_2_in_odoo_14() {
    let Some(server) = Server::named(14).await else { return };
    let key = "0".repeat(40);
    let error = connect(&server, &key, Some(Protocol::Json2)).await.unwrap_err();
    assert!(matches!(error, Error::NotOdoo { status: 400..500, .. } | Error::Config { .. }), "{error}");
    let error = connect(&server, &key, None).await.unwrap_err();
    assert!(matches!(error, Error::Login { .. }), "{error}");
}

#[tokio::test]
async fn either_protocol_gives_the_same_in_odoo_19() {
    let Some(server) = Server::named(19).await else { return };
    let mut told = Vec::new();
    for client in both(&server).await {
        let text = "Asha <Rao> & \"søn\" 🩺\n\t\\ \u{7f}\u{feff}";
        let rows = (0..25).map(|n| Struct::new().with("name", format!("{text}{n}")).with("comment", text));
        let ids = client.create("res.partner", rows.collect()).await.unwrap();
        let city =
            Struct::new().with("city", "Pune").with("street", Value::Nil).with("partner_latitude", 12.971_6);
        client.write("res.partner", &ids[..2], city).await.unwrap();
        let changes =
            ids[..2].iter().enumerate().map(|(n, &id)| (id, Struct::new().with("ref", format!("R-{n}"))));
        client.web_save_multi("res.partner", changes.collect()).await.unwrap();
        let ours = || Domain::field("id").is_in(ids.iter().copied());
        let fields = [
            "name",
            "comment",
            "city",
            "street",
            "ref",
            "country_id",
            "category_id",
            "active",
            "partner_latitude",
            "color",
            "company_type",
            "lang",
            "tz",
        ];
        let without_id = |record: Struct| -> Struct {
            record
                .iter()
                .filter(|(name, _)| *name != "id")
                .map(|(name, value)| (name, value.clone()))
                .collect()
        };
        let read: Vec<_> =
            client.read("res.partner", &ids, &fields).await.unwrap().into_iter().map(without_id).collect();
        let options = || SearchOptions::new().order("id desc").offset(1).limit(3);
        let found = client.search_read("res.partner", ours(), &fields, options()).await.unwrap();
        let found: Vec<_> = found.into_iter().map(without_id).collect();
        let (mut pages, mut seen) = (client.pages("res.partner", ours(), &["name"], 10), Vec::new());
        while let Some(page) = pages.next().await.unwrap() {
            seen.extend(page.iter().filter_map(|record| record.get("id").and_then(Value::as_int)));
        }
        assert_eq!(seen, ids);
        let by_place = vec![Value::from(vec![Value::from(ids[0])]), vec![Value::from("name")].into()];
        assert!(client.execute_kw("res.partner", "read", by_place, Struct::new()).await.is_ok());
        let described =
            client.fields_get("res.partner", &["type", "required", "selection", "relation"]).await.unwrap();
        let lead = client.create("crm.lead", vec![Struct::new().with("name", "Tour")]).await.unwrap();
        let nothing = client.call(Call::new("crm.lead", "action_set_lost").on(lead.clone())).await.unwrap();
        assert_eq!(nothing, Value::Nil);
        client.unlink("crm.lead", &lead).await.unwrap();
        client.unlink("res.partner", &ids).await.unwrap();
        let left = client.search_count("res.partner", ours()).await.unwrap();
        told.push((read, found, described, left));
    }
    assert!(told[0] == told[1]);
}

#[tokio::test]
async fn either_protocol_refuses_the_same_in_odoo_19() {
    let Some(server) = Server::named(19).await else { return };
    let row = |field: &str, value: Value| vec![Struct::new().with("name", "Canary").with(field, value)];
    let mut told = Vec::new();
    for client in both(&server).await {
        let city = || Struct::new().with("city", "Canary");
        let unknown = || Struct::new().with("vals", city()).with("zz", 1);
        let errors = [
            client.create("res.partner", row("zz", 1.into())).await.unwrap_err(),
            client.create("res.partner", row("type", "Canary".into())).await.unwrap_err(),
            client.create("res.partner", row("country_id", 2_000_000_000.into())).await.unwrap_err(),
            client.create("res.partner", row("color", (1_i64 << 40).into())).await.unwrap_err(),
            client.create("res.partner", vec![Struct::new().with("name", Value::Nil)]).await.unwrap_err(),
            client.create("crm.stage", vec![Struct::new().with("sequence", 1)]).await.unwrap_err(),
            client.create("crm.lead", row("date_deadline", "31/12/Canary".into())).await.unwrap_err(),
            client
                .create("crm.tag", [row("color", 1.into()), row("color", 1.into())].concat())
                .await
                .unwrap_err(),
            client.write("res.partner", &[1], Struct::new().with("zz", 1)).await.unwrap_err(),
            client.write("res.partner", &[2_000_000_000], city()).await.unwrap_err(),
            client.unlink("res.partner", &[1]).await.unwrap_err(),
            client.read("res.partner", &[1], &["zz"]).await.unwrap_err(),
            client.search_count("res.partner", Domain::field("zz").eq("Canary")).await.unwrap_err(),
            client.search_count("zz.zz", Domain::everything()).await.unwrap_err(),
            client.call_method("res.partner", "zz", &[1], Struct::new()).await.unwrap_err(),
            client.call_method("res.partner", "_zz", &[1], Struct::new()).await.unwrap_err(),
            client.call(Call::new("res.partner", "write").on([1])).await.unwrap_err(),
            client.call_method("res.partner", "write", &[1], unknown()).await.unwrap_err(),
        ];
        for error in &errors {
            assert!(!format!("{error} {error:?}").contains("Canary"), "{error}");
            assert_eq!(error.retry(), Retry::Never);
        }
        told.push(errors);
    }
    for (old, new) in told[0].iter().zip(&told[1]) {
        assert_eq!(old, new);
    }
    assert!(matches!(told[1][4], Error::Refused { reason: Reason::Required, .. }));
}

#[tokio::test]
async fn a_stored_nan_is_read_in_odoo_19() {
    let Some(server) = Server::named(19).await else { return };
    let [old, new] = both(&server).await;
    let name = format!("x_nan_{}", std::process::id());
    let of_partner = Domain::field("model").eq("res.partner");
    let model = old.search("ir.model", of_partner, SearchOptions::new()).await.unwrap()[0];
    let field = Struct::new().with("model_id", model).with("name", &*name).with("ttype", "float");
    let field = old.create("ir.model.fields", vec![field.with("field_description", "NaN")]).await.unwrap();
    let ids =
        old.create("res.partner", vec![Struct::new().with("name", "Asha").with(&name, "nan")]).await.unwrap();
    for client in [&old, &new] {
        let read = client.read("res.partner", &ids, &[&name]).await.unwrap();
        assert!(
            matches!(read[0].get(&name), Some(Value::Double(number)) if number.is_nan()),
            "{}",
            client.protocol()
        );
    }
    old.unlink("res.partner", &ids).await.unwrap();
    old.unlink("ir.model.fields", &field).await.unwrap();
}

//! The doctor at real servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use odoo_rpc::client::{Client, Context, Domain, Protocol, SearchOptions};
use odoo_rpc::doctor::{Checkup, Doctor, Operation, Severity, Topic};
use odoo_rpc::transport::Address;
use odoo_rpc::wire::{Struct, Value};
use servers::{Server, fresh, key, quietly};

#[tokio::test]
async fn it_examines_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, it_examines(&server)).await;
    }
}

#[tokio::test]
async fn it_examines_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, it_examines(&server)).await;
    }
}

async fn it_examines(server: &Server) {
    let version = server.version;
    let checkup = || {
        let checkup = Checkup::new().writes("res.partner").writes("mail.activity").writes("crm.lead");
        let address = Address::parse(&server.url, false).unwrap();
        checkup.makes_model("x_doctor_stage").reads("res.users").address(address)
    };
    let admin = server.client().await;
    let diagnosis = Doctor::examine(&admin, &checkup()).await.unwrap();
    println!("{diagnosis}");
    assert!(diagnosis.worst() < Severity::Problem, "{diagnosis}");
    let facts = diagnosis.facts.unwrap();
    assert_eq!((facts.version.as_str(), facts.enterprise), (format!("{version}.0").as_str(), Some(false)));
    assert_eq!(facts.protocol, server.protocol.name());
    assert!(facts.calls <= 7, "{}", facts.calls);
    assert_eq!((facts.has_app("crm"), facts.has_app("calendar")), (Some(true), Some(true)));
    assert!(facts.clock_ahead.is_some_and(|ahead| ahead.abs() <= 5), "{:?}", facts.clock_ahead);
    assert_eq!((facts.encrypted, facts.companies), (Some(false), Some(1)));
    assert!(facts.mails_waiting.is_some() && facts.mail_servers.is_some());
    // What the access rights say is what the server says of each model.
    for model in facts.models.iter().filter(|model| model.there == Some(true)) {
        for (operation, may) in &model.may {
            assert_eq!(*may, allowed(&admin, &model.name, *operation).await, "{} {operation:?}", model.name);
        }
    }
    assert_eq!(facts.model("x_doctor_stage").unwrap().there, Some(false));

    // One who may do little is told so, and can be examined all the same.
    let login = fresh("doctor");
    let quiet =
        admin.with_context(Context::new().with("no_reset_password", true).with("tracking_disable", true));
    let group = admin
        .search_read(
            "ir.model.data",
            Domain::field("module").eq("base").and(Domain::field("name").eq("group_user")),
            &["res_id"],
            SearchOptions::new(),
        )
        .await
        .unwrap();
    let group = group[0].get("res_id").and_then(Value::as_int).unwrap();
    let groups = if version >= 19 { "group_ids" } else { "groups_id" };
    let one =
        Struct::new().with("name", "Doctor").with("login", login.as_str()).with("password", login.as_str());
    let one = one.with(groups, vec![Value::Array(vec![6.into(), 0.into(), vec![Value::from(group)].into()])]);
    let made = quiet.create("res.users", vec![one]).await.unwrap();

    let secret = match server.protocol {
        Protocol::XmlRpc => login.clone(),
        Protocol::Json2 => key::new(&admin, made[0]).await,
    };
    let diagnosis =
        Doctor::examine(&server.connect(&login, &secret).await.unwrap(), &checkup()).await.unwrap();
    println!("{diagnosis}");
    assert_eq!(diagnosis.worst(), Severity::Problem);
    let rights: Vec<_> = diagnosis.about(Topic::Rights).map(|finding| finding.what.as_str()).collect();
    assert!(rights.contains(&"res.partner: the user may not create, write, unlink"), "{rights:?}");
    assert!(rights.iter().any(|what| what.contains("ir.model.fields")), "{rights:?}");
    let facts = diagnosis.facts.as_ref().unwrap();
    assert_eq!(facts.has_app("crm"), Some(true), "by apps on 19, by models on 14");
    assert_eq!(facts.model("x_doctor_stage").unwrap().there, Some(false));
    assert_eq!((facts.mail_servers, facts.mails_waiting), (None, None));
    quiet.write("res.users", &made, Struct::new().with("active", false)).await.unwrap();
}

async fn allowed(client: &Client, model: &str, operation: Operation) -> bool {
    let word = Value::from(operation.word());
    let answer = match client.version().at_least(19, 0) {
        true => {
            client.execute_kw(model, "has_access", vec![Value::Array(Vec::new()), word], Struct::new()).await
        }
        false => {
            client.execute_kw(model, "check_access_rights", vec![word, false.into()], Struct::new()).await
        }
    };
    answer.unwrap().as_bool().unwrap()
}

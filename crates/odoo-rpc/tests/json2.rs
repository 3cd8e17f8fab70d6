//! The client over JSON-2, told to a sandbox.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use odoo_rpc::client::{Call, Client, Connector, Context, Domain, Login, Protocol, SearchOptions};
use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Like, Sandbox, Trouble};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Struct, Value};
use odoo_rpc::{Error, Reason, Retry};

fn connector(sandbox: &Sandbox, secret: &str) -> Connector {
    Client::over(sandbox.clone(), Login::new(DATABASE, LOGIN, secret))
}

async fn connected(protocol: Protocol) -> (Client, Sandbox) {
    let sandbox = Sandbox::new(Like::Odoo19);
    let client = connector(&sandbox, API_KEY).protocol(protocol).connect().await.unwrap();
    assert_eq!(client.protocol(), protocol);
    (client, sandbox)
}

/// The server without some of its paths, as behind a proxy or after their end.
#[derive(Debug)]
struct Without(Sandbox, &'static str, u16, Arc<Mutex<Vec<String>>>);

impl Without {
    fn new(path: &'static str, status: u16) -> (Self, Arc<Mutex<Vec<String>>>) {
        let seen = Arc::default();
        (Self(Sandbox::new(Like::Odoo19), path, status, Arc::clone(&seen)), seen)
    }
}

#[async_trait]
impl Transport for Without {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.3.lock().unwrap().push(request.path.to_string());
        if request.path.starts_with(self.1) {
            return Ok(Response::new(self.2, "text/html", b"<html>Canary</html>".to_vec()));
        }
        self.0.send(request).await
    }
}

#[tokio::test]
async fn version_and_secret_choose_the_protocol() {
    for (like, secret, protocol, calls) in [
        (Like::Odoo19, API_KEY, Protocol::Json2, 3),
        (Like::Odoo19, LOGIN, Protocol::XmlRpc, 2),
        (Like::Odoo14, API_KEY, Protocol::XmlRpc, 2),
        (Like::Odoo14, LOGIN, Protocol::XmlRpc, 2),
    ] {
        let client = connector(&Sandbox::new(like), secret).connect().await.unwrap();
        assert_eq!((client.protocol(), client.calls(), client.uid()), (protocol, calls, 2), "{like:?}");
    }
    let set =
        connector(&Sandbox::new(Like::Odoo19), API_KEY).protocol(Protocol::XmlRpc).connect().await.unwrap();
    assert_eq!((set.protocol(), set.calls()), (Protocol::XmlRpc, 2));
}

#[tokio::test]
async fn what_json_2_cannot_do_is_told_where_it_was_asked_for() {
    let json2 =
        |like, secret: &str| connector(&Sandbox::new(like), secret).protocol(Protocol::Json2).connect();
    let error = json2(Like::Odoo19, LOGIN).await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("no password")), "{error}");
    let error = json2(Like::Odoo19, "two words").await.unwrap_err();
    assert!(matches!(&error, Error::Config { reason } if reason.contains("header")), "{error}");
    assert!(json2(Like::Odoo14, API_KEY).await.is_err());

    let nowhere = Client::over(Sandbox::new(Like::Odoo19), Login::new("elsewhere", LOGIN, API_KEY));
    let error = nowhere.protocol(Protocol::Json2).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("no database")), "{error}");
    let other = Client::over(Sandbox::new(Like::Odoo19), Login::new(DATABASE, "asha", API_KEY));
    let error = other.connect().await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("another user")), "{error}");
}

#[tokio::test]
async fn what_looks_like_a_key_and_is_none_is_tried_as_a_password() {
    let sandbox = Sandbox::new(Like::Odoo19);
    let error = connector(&sandbox, &"0".repeat(40)).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("login and password")), "{error}");
    // A proxy that lets XML-RPC pass alone.
    let (proxy, seen) = Without::new("/json/2/", 403);
    let client = Client::over(proxy, Login::new(DATABASE, LOGIN, API_KEY)).connect().await.unwrap();
    assert_eq!((client.protocol(), client.calls()), (Protocol::XmlRpc, 3));
    assert_eq!(
        *seen.lock().unwrap(),
        ["/xmlrpc/2/common", "/json/2/res.users/context_get", "/xmlrpc/2/common"]
    );
}

#[tokio::test]
async fn a_server_without_xml_rpc_is_served_over_json_2() {
    let (later, seen) = Without::new("/xmlrpc/", 404);
    let client = Client::over(later, Login::new(DATABASE, LOGIN, API_KEY)).connect().await.unwrap();
    assert_eq!((client.protocol(), client.calls(), client.version().major), (Protocol::Json2, 4, 19));
    assert_eq!(seen.lock().unwrap()[1], "/web/version");
    let (later, seen) = Without::new("/xmlrpc/", 404);
    let error = Client::over(later, Login::new(DATABASE, LOGIN, LOGIN)).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("API key")), "{error}");
    assert_eq!(*seen.lock().unwrap(), ["/xmlrpc/2/common", "/web/version"], "a password is no bearer");
}

/// The same calls, with the same results, over both.
#[tokio::test]
async fn either_protocol_gives_the_same() {
    let mut told = Vec::new();
    for protocol in [Protocol::XmlRpc, Protocol::Json2] {
        let (client, _) = connected(protocol).await;
        let client = client.with_context(Context::new().with("tracking_disable", true));
        let rows = ["Asha <Rao> & \"søn\" 🩺\r\n\t\\", "Ravi"].map(|name| Struct::new().with("name", name));
        let ids = client.create("res.partner", rows.to_vec()).await.unwrap();
        client
            .write("res.partner", &ids, Struct::new().with("city", "Pune").with("street", Value::Nil))
            .await
            .unwrap();
        let changes = ids.iter().map(|&id| (id, Struct::new().with("ref", format!("R-{id}"))));
        client.web_save_multi("res.partner", changes.collect()).await.unwrap();
        let ours = || Domain::field("id").is_in(ids.iter().copied());
        let fields = ["name", "city", "street", "ref", "country_id", "category_id", "active"];
        let read = client.read("res.partner", &ids, &fields).await.unwrap();
        let found = client
            .search_read("res.partner", ours(), &fields, SearchOptions::new().order("id"))
            .await
            .unwrap();
        assert_eq!(read, found);
        let by_place = vec![Value::from(vec![Value::from(ids[0])]), vec![Value::from("name")].into()];
        let placed = client.execute_kw("res.partner", "read", by_place, Struct::new()).await.unwrap();
        let count = client.search_count("res.partner", ours()).await.unwrap();
        let described = client.fields_get("res.partner", &["type", "required"]).await.unwrap();
        client.unlink("res.partner", &ids).await.unwrap();
        let left = client.search("res.partner", ours(), SearchOptions::new()).await.unwrap();
        told.push((ids.clone(), read, placed, count, described, left));
    }
    assert!(told[0] == told[1]);
}

#[tokio::test]
async fn either_protocol_refuses_the_same() {
    let row = |field: &str, value: Value| vec![Struct::new().with("name", "Canary").with(field, value)];
    let mut told = Vec::new();
    for protocol in [Protocol::XmlRpc, Protocol::Json2] {
        let (client, _) = connected(protocol).await;
        let city = || Struct::new().with("city", "Canary");
        let errors = vec![
            client.create("res.partner", row("zz", 1.into())).await.unwrap_err(),
            client.create("res.partner", row("type", "Canary".into())).await.unwrap_err(),
            client.create("res.partner", row("country_id", 2_000_000_000.into())).await.unwrap_err(),
            client.create("res.partner", vec![Struct::new()]).await.unwrap_err(),
            client.write("res.partner", &[1], Struct::new().with("zz", 1)).await.unwrap_err(),
            client.write("res.partner", &[2_000_000_000], city()).await.unwrap_err(),
            client.read("res.partner", &[1], &["zz"]).await.unwrap_err(),
            client.search_count("zz.zz", Domain::everything()).await.unwrap_err(),
            client.call_method("res.partner", "zz", &[1], Struct::new()).await.unwrap_err(),
            client.call_method("res.partner", "_zz", &[1], Struct::new()).await.unwrap_err(),
            client.call(Call::new("res.partner", "write").on([1])).await.unwrap_err(),
            client
                .call_method("res.partner", "write", &[1], Struct::new().with("vals", city()).with("zz", 1))
                .await
                .unwrap_err(),
        ];
        for error in &errors {
            assert!(!format!("{error} {error:?}").contains("Canary"), "{error}");
            assert_eq!(error.retry(), Retry::Never);
        }
        told.push(errors);
    }
    assert_eq!(told[0], told[1]);
    assert!(matches!(told[0][11], Error::Refused { reason: Reason::Arguments, .. }));
}

#[tokio::test]
async fn trouble_is_the_same_over_either() {
    let trouble: [fn() -> Trouble; 5] = [
        Trouble::lose_reply,
        Trouble::cut_before_commit,
        Trouble::bad_gateway_after_commit,
        Trouble::html_page_after_commit,
        || Trouble::too_large(10),
    ];
    for make in trouble {
        let mut told = Vec::new();
        for protocol in [Protocol::XmlRpc, Protocol::Json2] {
            let (client, sandbox) = connected(protocol).await;
            sandbox.trouble(make().on("res.partner", "create"));
            let before = sandbox.count("res.partner");
            let error =
                client.create("res.partner", vec![Struct::new().with("name", "Canary")]).await.unwrap_err();
            told.push((error.retry(), std::mem::discriminant(&error), sandbox.count("res.partner") - before));
        }
        assert_eq!(told[0], told[1]);
    }
}

#[tokio::test]
async fn arguments_without_a_known_name_are_told_before_anything_is_sent() {
    let (client, _) = connected(Protocol::Json2).await;
    let (calls, args) = (client.calls(), vec![vec![Value::from(1)].into()]);
    let error = client.execute_kw("crm.lead", "action_set_lost", args, Struct::new()).await.unwrap_err();
    assert!(matches!(&error, Error::Config { reason } if reason.contains("Client::call")), "{error}");
    assert_eq!(client.calls(), calls);
}

//! The client over a transport that answers as told.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what went wrong by stopping"
)]

#[path = "support/script.rs"]
mod script;

use std::sync::Arc;

use odoo_rpc::client::{Context, Domain, SearchOptions};
use odoo_rpc::transport::{Response, TransportError};
use odoo_rpc::wire::{Struct, Value};
use odoo_rpc::{Error, Reason, Retry};
use script::{CANARY, Script, connected, connector, version};

fn ints<const N: usize>(values: [i64; N]) -> Value {
    Value::Array(values.map(Value::from).to_vec())
}

#[tokio::test]
async fn connecting_is_two_calls() {
    let (client, script) = connected(19).await;
    assert_eq!(
        (client.calls(), client.uid(), client.version().major, client.database()),
        (2, 2, 19, "clinic")
    );
    let calls = script.calls.lock().unwrap();
    assert_eq!([&calls[0].method, &calls[1].method], ["version", "authenticate"]);
    assert!(calls[0].params.is_empty());
    assert_eq!(calls[1].params[2], Value::from(CANARY));
    assert!(!format!("{client:?} {:?}", *calls).contains(CANARY));
}

#[tokio::test]
async fn a_refused_login_says_what_to_check() {
    let script = Arc::new(Script::default());
    script.value(version(14));
    script.value(false);
    let error = connector(&script).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("password or API key")), "{error}");

    script.value(version(14));
    script.fault(1, "Traceback (most recent call last):\n  File \"x.py\", line 1, in connect\n    c()\npsycopg2.OperationalError: FATAL:  database \"clinic\" does not exist\n\n");
    let error = connector(&script).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Login { reason } if reason.contains("no database")), "{error}");
}

#[tokio::test]
async fn something_else_than_odoo_is_told() {
    let script = Arc::new(Script::default());
    script.value("hello");
    let error = connector(&script).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Protocol { .. }), "{error}");
    // Neither over XML-RPC nor by `GET /web/version`.
    for _ in 0..2 {
        script.say(Ok(Response::new(404, "text/html", b"<html>".to_vec())));
    }
    let error = connector(&script).connect().await.unwrap_err();
    assert!(matches!(&error, Error::NotOdoo { status: 404, .. }), "{error}");
}

#[tokio::test]
async fn create_gives_as_many_ids_as_rows_or_fails() {
    let (client, script) = connected(19).await;
    let rows = || vec![Struct::new().with("name", "A"), Struct::new().with("name", "B")];
    script.value(ints([7, 8]));
    assert_eq!(client.create("res.partner", rows()).await.unwrap(), [7, 8]);
    let (args, kwargs) = script.last();
    assert_eq!((args.len(), args[0].as_array().unwrap().len(), kwargs.len()), (1, 2, 0));
    for odd in [ints([7]), Value::from(7), Value::Nil] {
        script.value(odd);
        assert_eq!(client.create("res.partner", rows()).await.unwrap_err().retry(), Retry::AfterLookup);
    }
    assert_eq!(client.calls(), 6);
}

#[tokio::test]
async fn nothing_to_do_is_no_call() {
    let (client, _) = connected(19).await;
    assert_eq!(client.create("m", vec![]).await.unwrap(), Vec::<i64>::new());
    assert!(client.read("m", &[], &["name"]).await.unwrap().is_empty());
    client.write("m", &[], Struct::new()).await.unwrap();
    client.unlink("m", &[]).await.unwrap();
    client.web_save_multi("m", vec![]).await.unwrap();
    assert_eq!(client.calls(), 2);
}

#[tokio::test]
async fn the_context_travels_with_each_call() {
    let (client, script) = connected(19).await;
    let quiet = client
        .with_context(Context::new().with("tracking_disable", true))
        .with_context(Context::new().with("tz", "UTC"));
    script.value(true);
    quiet.unlink("m", &[1]).await.unwrap();
    let context = script.last().1.get("context").cloned().unwrap();
    assert_eq!(context, Value::from(Struct::new().with("tracking_disable", true).with("tz", "UTC")));
    script.value(true);
    client.unlink("m", &[1]).await.unwrap();
    assert!(script.last().1.is_empty());
    script.value(1);
    let own = Struct::new().with("context", Struct::new().with("tz", "Asia/Kolkata"));
    quiet.call_method("m", "f", &[1], own.clone()).await.unwrap();
    assert_eq!(script.last().1, own);
    assert_eq!(client.calls(), quiet.calls());
}

#[tokio::test]
async fn a_search_says_which_part_it_wants() {
    let (client, script) = connected(19).await;
    script.value(ints([3]));
    let options = SearchOptions::new().offset(10).limit(5).order("id");
    assert_eq!(client.search("m", Domain::everything(), options).await.unwrap(), [3]);
    assert_eq!(
        script.last(),
        (vec![ints([])], Struct::new().with("offset", 10).with("limit", 5).with("order", "id"))
    );
    script.value(41);
    assert_eq!(client.search_count("m", Domain::field("a").eq(1)).await.unwrap(), 41);
}

#[tokio::test]
async fn pages_go_on_after_the_last_id() {
    let (client, script) = connected(19).await;
    let page =
        |ids: &[i64]| Value::Array(ids.iter().map(|id| Struct::new().with("id", *id).into()).collect());
    let mut pages = client.pages("m", Domain::field("a").eq(1), &["name"], 2);
    script.value(page(&[3, 9]));
    assert_eq!(pages.next().await.unwrap().unwrap().len(), 2);
    script.say(Err(TransportError::not_sent("down")));
    assert_eq!(pages.next().await.unwrap_err().retry(), Retry::Safe);
    script.value(page(&[12]));
    assert_eq!(pages.next().await.unwrap().unwrap().len(), 1);
    assert_eq!(script.last().0[0], Value::from(Domain::field("a").eq(1).and(Domain::field("id").gt(9))));
    assert!(pages.next().await.unwrap().is_none());
    assert_eq!(client.calls(), 5);

    let mut stuck = client.pages("m", Domain::everything(), &[], 1);
    script.value(page(&[3]));
    stuck.next().await.unwrap();
    script.value(page(&[3]));
    assert!(matches!(stuck.next().await, Err(Error::Protocol { .. })));
}

#[tokio::test]
async fn many_changes_in_one_call_need_19() {
    let (client, script) = connected(19).await;
    script.value(Value::Array(vec![Struct::new().with("id", 1).into(), Struct::new().with("id", 2).into()]));
    let changes = || vec![(1, Struct::new().with("ref", "a")), (2, Struct::new().with("ref", "b"))];
    client.web_save_multi("res.partner", changes()).await.unwrap();
    let (args, _) = script.last();
    assert_eq!((args[0].clone(), args.len()), (ints([1, 2]), 3));
    let (client, _) = connected(17).await;
    let error = client.web_save_multi("res.partner", changes()).await.unwrap_err();
    assert!(matches!(&error, Error::Config { reason } if reason.contains("17.0")), "{error}");
    assert_eq!(client.calls(), 2);
}

#[tokio::test]
async fn a_call_without_a_result_is_done() {
    let (client, script) = connected(19).await;
    script.fault(
        1,
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.13/xmlrpc/client.py\", line 514, in dump_nil\n    raise TypeError(\"cannot marshal None unless allow_none is enabled\")\nTypeError: cannot marshal None unless allow_none is enabled\n",
    );
    let done = client.call_method("crm.lead", "action_set_lost", &[1], Struct::new()).await.unwrap();
    assert_eq!(done, Value::Nil);
}

#[tokio::test]
async fn a_field_is_told_by_its_key_if_it_was_sent() {
    let (client, script) = connected(19).await;
    let fault = |key| {
        format!(
            "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n    x\nKeyError: '{key}'\n"
        )
    };
    script.fault(1, &fault("zz"));
    let error = client.write("res.partner", &[1], Struct::new().with("zz", CANARY)).await.unwrap_err();
    assert_eq!(
        error,
        Error::Refused {
            model: "res.partner".into(),
            field: Some("zz".into()),
            reason: Reason::UnknownField
        }
    );
    script.fault(1, &fault(CANARY));
    let error = client.write("res.partner", &[1], Struct::new().with("zz", CANARY)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "res.partner.write: failed inside the server with KeyError: its log has the details"
    );
}

#[tokio::test]
async fn what_cannot_be_written_is_not_sent() {
    let (client, _) = connected(19).await;
    let rows = vec![Struct::new(), Struct::new().with("name", "As\u{1}ha")];
    let error = client.create("res.partner", rows).await.unwrap_err();
    let path = "args[0][1].name".to_owned();
    assert_eq!(error, Error::Unsendable { call: "res.partner.create".into(), path, reason: Reason::Text });
    assert_eq!((client.calls(), error.retry()), (2, Retry::Never));
}

#[tokio::test]
async fn lost_and_unsent_calls_are_told_apart() {
    let (client, script) = connected(19).await;
    script.say(Err(TransportError::unknown("cut")));
    assert_eq!(client.unlink("m", &[1]).await.unwrap_err().to_string(), "m.unlink: cut");
    script.say(Err(TransportError::not_sent("closed")));
    assert!(matches!(client.unlink("m", &[1]).await, Err(Error::NotSent { .. })));
}

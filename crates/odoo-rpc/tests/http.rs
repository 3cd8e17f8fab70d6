//! The HTTP transport against a server that misbehaves as told.
#![cfg(feature = "http")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

#[path = "support/server.rs"]
mod server;

use std::time::{Duration, Instant};

use odoo_rpc::client::Protocol;
use odoo_rpc::transport::{
    Address, Delivery, Http, HttpOptions, Request, Response, Transport, TransportError,
};
use odoo_rpc::wire::{Struct, Value};
use odoo_rpc::{Client, Error};
use server::{Act, Server};

const CANARY: &str = "canary-7f3a";

async fn send(url: &str, change: impl FnOnce(&mut HttpOptions)) -> Result<Response, TransportError> {
    let mut options = HttpOptions::new();
    change(&mut options);
    let http = Http::new(Address::parse(url, false).unwrap(), options).unwrap();
    let request = Request::xml("/xmlrpc/2/object", CANARY.as_bytes().to_vec());
    assert!(!format!("{http:?} {request:?}").contains(CANARY));
    let departure = request.departure.clone();
    let answer = http.send(request).await;
    match &answer {
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains(CANARY), "{error}");
            assert_eq!(departure.at().is_some(), error.delivery == Delivery::Unknown);
        }
        Ok(_) => assert!(departure.at().is_some()),
    }
    answer
}

async fn ask(act: Act) -> (Result<Response, TransportError>, Server) {
    let server = Server::start([act]).await;
    let answer = send(&server.url, |_| {}).await;
    (answer, server)
}

#[tokio::test]
async fn a_request_is_sent_once_and_whole() {
    let (answer, server) = ask(Act::answer("200 OK", &["Content-Type: text/xml"], "<x/>")).await;
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"<x/>"[..]));
    assert_eq!(answer.content_type.as_deref(), Some("text/xml"));
    let requests = server.requests();
    let head = requests[0].to_ascii_lowercase();
    assert!(head.starts_with("post /xmlrpc/2/object http/1.1\r\n") && head.ends_with(CANARY), "{head}");
    for header in ["content-length: 11", "content-type: text/xml; charset=utf-8", "user-agent: odoo-rpc/"] {
        assert!(head.contains(header), "{head}");
    }
    assert!(!head.contains("transfer-encoding"), "{head}");
}

#[tokio::test]
async fn every_status_is_an_answer() {
    let (answer, _) = ask(Act::answer("429 Too Many Requests", &["Retry-After: 12"], "<html>")).await;
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.retry_after), (429, Some(Duration::from_secs(12))));
    let (answer, _) = ask(Act::answer("413 Too Large", &["Content-Type: text/html"], "<html>")).await;
    assert_eq!(answer.unwrap().status, 413);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (answer, server) = ask(Act::answer("307 Moved", &["Location: /elsewhere"], "")).await;
    assert_eq!(answer.unwrap().status, 307);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = send(&url, |_| {}).await.unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent);
    assert!(error.reason.contains(url.trim_start_matches("http://")), "{error}");
}

#[tokio::test]
async fn an_unknown_name_and_a_failed_handshake_mean_that_nothing_was_sent() {
    let error = send("https://no-such-server.invalid", |_| {}).await.unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent);
    assert!(error.reason.contains("no-such-server.invalid:443"), "{error}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let error = send(&url, |_| {}).await.unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent);
    server.await.unwrap();
}

#[tokio::test]
async fn a_connection_cut_before_the_answer_leaves_the_call_in_doubt() {
    let (answer, server) = ask(Act::Hang).await;
    assert_eq!(answer.unwrap_err().delivery, Delivery::Unknown);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn half_an_answer_leaves_the_call_in_doubt() {
    for half in [
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<?xml",
        "canary-7f3a\r\n\r\n",
    ] {
        let (answer, _) = ask(Act::Say(half.into())).await;
        assert_eq!(answer.unwrap_err().delivery, Delivery::Unknown, "{half}");
    }
}

#[tokio::test]
async fn a_slow_answer_leaves_the_call_in_doubt() {
    let server = Server::start([Act::Sleep]).await;
    let error = send(&server.url, |options| options.timeout = Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(error.delivery, Delivery::Unknown);
    assert!(error.reason.contains("within 0.3 s"), "{error}");
}

#[tokio::test]
async fn a_long_answer_is_not_read_to_its_end() {
    let told = Act::answer("200 OK", &[], &"x".repeat(1_001));
    let untold = Act::Say(format!("HTTP/1.0 200 OK\r\n\r\n{}", "x".repeat(1_001)).into_bytes());
    for (act, fits) in [(told.clone(), false), (untold, false), (told, true)] {
        let server = Server::start([act]).await;
        let answer =
            send(&server.url, |options| options.max_response = if fits { 1_001 } else { 1_000 }).await;
        match answer {
            Ok(answer) => assert!(fits && answer.body.len() == 1_001),
            Err(error) => assert!(!fits && error.reason.contains("longer than 1000 bytes"), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_client_is_built_with_its_pace() {
    let version = Struct::new().with("server_version", "19.0");
    let server =
        Server::start([Act::value(&version.into()), Act::value(&2.into()), Act::value(&true.into())]).await;
    let dir = tempfile::tempdir().unwrap();
    let gap = Duration::from_millis(150);
    let begun = Instant::now();
    let builder =
        Client::builder(&server.url, "clinic", "ops@example.org", CANARY).gap(gap).lock_dir(dir.path());
    assert!(!format!("{builder:?}").contains(CANARY));
    let wrong =
        Client::builder(format!("https://ops:{CANARY}@clinic.example.org"), "clinic", "ops", "secret");
    assert!(!format!("{wrong:?}").contains(CANARY));
    let client = builder.connect().await.unwrap();
    client.write("m", &[1], Struct::new().with("name", Value::Nil)).await.unwrap();
    assert!(begun.elapsed() >= 2 * gap, "{:?}", begun.elapsed());
    assert_eq!((client.calls(), server.requests().len()), (3, 3));
    assert!(!format!("{client:?}").contains(CANARY));
    assert_eq!(client.origin(), Some(server.url.as_str()));
    let locks = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(locks, 2);
}

#[tokio::test]
async fn a_client_is_not_built_on_sand() {
    let build = |url: &str| Client::builder(url, "clinic", "ops@example.org", CANARY);
    for url in
        ["http://clinic.example.org", "https://ops:canary-7f3a@clinic.example.org", "clinic.example.org"]
    {
        let error = build(url).connect().await.unwrap_err();
        assert!(matches!(&error, Error::Config { .. }) && !format!("{error:?}").contains(CANARY), "{error}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = build("http://127.0.0.1:1").lock_dir(file.path()).connect().await.unwrap_err();
    assert!(matches!(&error, Error::Config { reason } if reason.contains("lock file")), "{error}");
    let dir = tempfile::tempdir().unwrap();
    let error = build("http://127.0.0.1:1").lock_dir(dir.path()).connect().await.unwrap_err();
    assert!(matches!(&error, Error::NotSent { .. }), "{error}");
    assert!(error.to_string().starts_with("common.version: 127.0.0.1:1 cannot be reached"), "{error}");
    // Over JSON-2 the first request is one without a body.
    let json = build("http://127.0.0.1:1").lock_dir(dir.path()).protocol(Protocol::Json2);
    let error = json.connect().await.unwrap_err();
    assert!(matches!(&error, Error::NotSent { .. }), "{error}");
}

#[tokio::test]
async fn an_answer_to_a_request_that_was_not_read_is_an_answer() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap()), false).unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await.unwrap();
        let Act::Say(bytes) = Act::answer("413 Request Entity Too Large", &[], "<html>") else { return };
        stream.write_all(&bytes).await.unwrap();
    });
    let http = Http::new(address, HttpOptions::new()).unwrap();
    let answer = http.send(Request::xml("/", vec![b'x'; 40 << 20])).await;
    assert_eq!(answer.unwrap().status, 413);
}

//! Stories told to the sandbox: what a client, a test or a program does with it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use odoo_rpc::sandbox::{DATABASE, LOGIN, Latency, Like, Sandbox, Trouble};
use odoo_rpc::transport::{Delivery, Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Fault, Limits, Struct, Value, decode_response, encode_call};

type Answer = Result<Value, Fault>;

fn partner(name: &str) -> Value {
    Struct::new().with("name", name).into()
}

fn call(odoo: &Sandbox, model: &str, method: &str, args: Vec<Value>) -> Answer {
    let quiet = Struct::new().with("tracking_disable", true);
    odoo.execute(DATABASE, 2, LOGIN, model, method, args, Struct::new().with("context", quiet))
}

fn request(model: &str, method: &str, args: Vec<Value>) -> Request {
    let quiet = Struct::new().with("context", Struct::new().with("tracking_disable", true));
    let params = [
        DATABASE.into(),
        2.into(),
        LOGIN.into(),
        model.into(),
        method.into(),
        Value::Array(args),
        quiet.into(),
    ];
    Request::xml("/xmlrpc/2/object", encode_call("execute_kw", &params).unwrap())
}

async fn send(odoo: &Sandbox, name: &str) -> Result<Response, TransportError> {
    odoo.send(request("res.partner", "create", vec![partner(name)])).await
}

fn answer(response: &Response) -> Answer {
    decode_response(&response.body, &Limits::default()).unwrap()
}

fn named(odoo: &Sandbox, name: &str) -> usize {
    odoo.rows("res.partner")
        .iter()
        .filter(|row| row.get("name").and_then(Value::as_text) == Some(name))
        .count()
}

#[tokio::test]
async fn a_client_logs_in_creates_and_reads_over_the_transport() {
    let odoo = Sandbox::new(Like::Odoo19);
    let login =
        encode_call("authenticate", &[DATABASE.into(), LOGIN.into(), LOGIN.into(), Struct::new().into()]);
    let response = odoo.send(Request::xml("/xmlrpc/2/common", login.unwrap())).await.unwrap();
    assert_eq!(answer(&response).unwrap().as_int(), Some(2));
    let wrong =
        encode_call("authenticate", &[DATABASE.into(), LOGIN.into(), "no".into(), Struct::new().into()]);
    let response = odoo.send(Request::xml("/xmlrpc/2/common", wrong.unwrap())).await.unwrap();
    assert_eq!(answer(&response).unwrap(), Value::Bool(false));
    let id = answer(&send(&odoo, "Asha Rao").await.unwrap()).unwrap();
    let read =
        odoo.send(request("res.partner", "read", vec![id, Value::from(vec!["name".into()])])).await.unwrap();
    let records = answer(&read).unwrap();
    let record = records.as_array().unwrap()[0].as_struct().unwrap().clone();
    assert_eq!(record.get("name").unwrap().as_text(), Some("Asha Rao"));
}

#[tokio::test]
async fn paths_and_bodies_that_are_none_are_answered_as_a_server_does() {
    let odoo = Sandbox::new(Like::Odoo19);
    let elsewhere = odoo.send(Request::xml("/nowhere", Vec::new())).await.unwrap();
    assert_eq!(elsewhere.status, 404);
    let nonsense = odoo.send(Request::xml("/xmlrpc/2/object/", b"not xml".to_vec())).await.unwrap();
    let fault = answer(&nonsense).unwrap_err();
    assert_eq!((nonsense.status, fault.code), (200, 1));
    assert!(fault.text.contains("ExpatError"));
}

#[test]
fn callers_that_are_not_who_they_say_are_refused() {
    let odoo = Sandbox::new(Like::Odoo14);
    let search = |database: &str, uid: i64, password: &str| {
        odoo.execute(
            database,
            uid,
            password,
            "res.partner",
            "search",
            vec![Value::from(vec![])],
            Struct::new(),
        )
    };
    assert_eq!(search(DATABASE, 2, "no").unwrap_err().code, 3);
    assert_eq!(search(DATABASE, 9999, LOGIN).unwrap_err().code, 2);
    let unknown = search("elsewhere", 2, LOGIN).unwrap_err();
    assert!(unknown.code == 1 && unknown.text.contains("OperationalError"));
}

#[test]
fn a_user_made_here_logs_in_and_may_not_make_models() {
    for like in [Like::Odoo14, Like::Odoo19] {
        let odoo = Sandbox::new(like);
        let user = Struct::new().with("name", "Ravi").with("login", "ravi").with("password", "secret");
        let uid = call(&odoo, "res.users", "create", vec![user.into()]).unwrap().as_int().unwrap();
        let run = |model: &str, vals: Struct| {
            odoo.execute(DATABASE, uid, "secret", model, "create", vec![vals.into()], Struct::new())
        };
        let model = Struct::new().with("name", "X").with("model", "x_x");
        assert_eq!(run("ir.model", model).unwrap_err().code, 4);
        let answer = odoo.execute(DATABASE, uid, "wrong", "res.partner", "search", vec![], Struct::new());
        assert_eq!(answer.unwrap_err().code, 3);
    }
}

#[tokio::test]
async fn a_lost_reply_leaves_its_rows_behind() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::lose_reply_of_call(2));
    assert!(send(&odoo, "first").await.is_ok());
    let error = send(&odoo, "second").await.unwrap_err();
    assert_eq!(error.delivery, Delivery::Unknown);
    assert_eq!(named(&odoo, "second"), 1);
    assert!(send(&odoo, "third").await.is_ok());
}

#[tokio::test]
async fn a_connection_cut_early_leaves_nothing() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::cut_before_commit());
    assert_eq!(send(&odoo, "cut").await.unwrap_err().delivery, Delivery::Unknown);
    assert_eq!(named(&odoo, "cut"), 0);
}

#[tokio::test(start_paused = true)]
async fn rows_can_appear_after_the_connection_was_cut() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::commit_later(Duration::from_secs(3)));
    assert!(send(&odoo, "late").await.is_err());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(named(&odoo, "late"), 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(named(&odoo, "late"), 1);
}

#[tokio::test]
async fn proxies_answer_pages_with_and_without_the_work_done() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::bad_gateway());
    assert_eq!(send(&odoo, "a").await.unwrap().status, 502);
    odoo.trouble(Trouble::bad_gateway_after_commit());
    assert_eq!(send(&odoo, "b").await.unwrap().status, 502);
    odoo.trouble(Trouble::html_page());
    let page = send(&odoo, "c").await.unwrap();
    assert_eq!(page.status, 200);
    assert!(page.content_type.unwrap().starts_with("text/html"));
    odoo.trouble(Trouble::html_page_after_commit());
    assert_eq!(send(&odoo, "d").await.unwrap().status, 200);
    assert_eq!(["a", "b", "c", "d"].map(|name| named(&odoo, name)), [0, 1, 0, 1]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_every_time() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::too_large(2_000));
    for _ in 0..2 {
        assert_eq!(send(&odoo, &"x".repeat(2_000)).await.unwrap().status, 413);
    }
    assert_eq!(send(&odoo, "small").await.unwrap().status, 200);
    odoo.calm();
    assert_eq!(send(&odoo, &"x".repeat(2_000)).await.unwrap().status, 200);
}

#[tokio::test]
async fn one_bad_row_refuses_its_whole_call() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::refuse_rows("res.partner", |row| {
        let bad = row.get("name").and_then(Value::as_text) == Some("bad");
        bad.then(|| Fault::new(2, "The row is refused."))
    }));
    let rows = vec![partner("good"), partner("bad")];
    let response = odoo.send(request("res.partner", "create", vec![Value::from(rows)])).await.unwrap();
    assert_eq!(answer(&response).unwrap_err().code, 2);
    assert_eq!(named(&odoo, "good"), 0);
    assert!(answer(&send(&odoo, "good").await.unwrap()).is_ok());
    odoo.trouble(Trouble::refuse(Fault::new(1, "no")).on("res.partner", "write"));
    assert!(answer(&send(&odoo, "better").await.unwrap()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_what_overlapped() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.latency(Latency::new(Duration::from_secs(1), Duration::from_secs(1)));
    let rows = request("res.partner", "create", vec![Value::from(vec![partner("a"), partner("b")])]);
    let (first, second) = tokio::join!(odoo.send(rows), send(&odoo, "c"));
    assert!(first.is_ok() && second.is_ok());
    assert!(send(&odoo, "d").await.is_ok());
    let log = odoo.log();
    let took: Vec<u64> = log.iter().map(|seen| (seen.ended.unwrap() - seen.started).as_secs()).collect();
    assert_eq!(took, [3, 2, 2]);
    assert_eq!(log.iter().map(|seen| seen.rows).collect::<Vec<_>>(), [2, 1, 1]);
    assert!(log[0].overlaps(&log[1]));
    assert!(!log[0].overlaps(&log[2]));
    assert_eq!((log[0].model.as_str(), log[0].method.as_str()), ("res.partner", "create"));
    assert!(log[0].bytes > log[1].bytes);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_stop_the_server() {
    let odoo = Sandbox::new(Like::Odoo19);
    odoo.trouble(Trouble::delay(Duration::from_secs(5)));
    let impatient = tokio::time::timeout(Duration::from_secs(1), send(&odoo, "patience")).await;
    assert!(impatient.is_err());
    assert_eq!(named(&odoo, "patience"), 0);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(named(&odoo, "patience"), 1);
}

#[test]
fn debug_shows_no_record() {
    let odoo = Sandbox::new(Like::Odoo19);
    call(&odoo, "res.partner", "create", vec![partner("Asha Rao")]).unwrap();
    let shown = format!("{odoo:?} {:?} {:?}", odoo.rows("res.partner"), odoo.log());
    assert!(!shown.contains("Asha"));
}

#[test]
fn a_call_that_fails_after_a_field_was_made_leaves_no_field() {
    let odoo = Sandbox::new(Like::Odoo19);
    let model = call(&odoo, "ir.model", "search", vec![domain("model", "res.partner")]).unwrap();
    let model = model.as_array().unwrap()[0].clone();
    let field = |name: &str| {
        let vals = Struct::new().with("name", name).with("ttype", "char").with("field_description", "X");
        Value::from(vals.with("model_id", model.clone()))
    };
    let list = Value::from(vec![field("x_good"), field("bad")]);
    assert!(call(&odoo, "ir.model.fields", "create", vec![list]).is_err());
    let vals = Struct::new().with("name", "A").with("x_good", "b");
    assert!(call(&odoo, "res.partner", "create", vec![vals.into()]).is_err());
}

fn domain(field: &str, value: impl Into<Value>) -> Value {
    Value::from(vec![Value::from(vec![field.into(), "=".into(), value.into()])])
}

#[test]
fn a_file_keeps_everything_and_survives_a_torn_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odoo.jsonl");
    {
        let odoo = Sandbox::open(&path, Like::Odoo19).unwrap();
        let rights = Struct::new().with("name", "all").with("perm_read", true).with("perm_create", true);
        let line = Value::from(vec![0.into(), 0.into(), rights.into()]);
        let model =
            Struct::new().with("name", "Visit").with("model", "x_visit").with("access_ids", vec![line]);
        call(&odoo, "ir.model", "create", vec![model.into()]).unwrap();
        call(&odoo, "x_visit", "create", vec![Struct::new().with("x_name", "first").into()]).unwrap();
        call(&odoo, "res.partner", "create", vec![partner("Asha")]).unwrap();
        assert!(call(&odoo, "res.partner", "create", vec![Struct::new().into()]).is_err());
        assert!(Sandbox::open(&path, Like::Odoo19).is_err(), "two sandboxes share a file");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [whole.as_slice(), b"{\"rows\":[[\"res.par"].concat()).unwrap();
    let odoo = Sandbox::open(&path, Like::Odoo19).unwrap();
    assert_eq!((odoo.count("x_visit"), named(&odoo, "Asha")), (1, 1));
    let again = call(&odoo, "x_visit", "create", vec![Struct::new().with("x_name", "second").into()]);
    assert_eq!(again.unwrap(), Value::Int(2));
    drop(odoo);
    assert!(Sandbox::open(&path, Like::Odoo14).is_err(), "a file of another version");
    std::fs::write(&path, b"hello").unwrap();
    assert!(Sandbox::open(&path, Like::Odoo19).is_err(), "not a sandbox's file");
}

#[test]
fn ids_are_never_given_out_twice() {
    let odoo = Sandbox::new(Like::Odoo19);
    let first = call(&odoo, "res.partner", "create", vec![partner("a")]).unwrap().as_int().unwrap();
    let bad = Value::from(vec![partner("b"), Struct::new().into()]);
    assert!(call(&odoo, "res.partner", "create", vec![bad]).is_err());
    let next = call(&odoo, "res.partner", "create", vec![partner("c")]).unwrap().as_int().unwrap();
    assert!(next > first + 1);
}

#[test]
fn twenty_thousand_rows_are_found_by_key_and_deleted() {
    let odoo = Sandbox::new(Like::Odoo19);
    let mut ids = Vec::new();
    for batch in 0..20 {
        let rows = (0..1_000).map(|row| {
            Value::from(Struct::new().with("name", "Asha").with("ref", format!("P-{}", batch * 1_000 + row)))
        });
        let made = call(&odoo, "res.partner", "create", vec![Value::from(rows.collect::<Vec<_>>())]).unwrap();
        ids.extend(made.as_array().unwrap().to_vec());
    }
    let keys: Vec<Value> = (0..20_000).step_by(20).map(|row| Value::from(format!("P-{row}"))).collect();
    let wanted = Value::from(vec![Value::from(vec!["ref".into(), "in".into(), Value::from(keys)])]);
    let found = call(&odoo, "res.partner", "search", vec![wanted]).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1_000);
    assert!(call(&odoo, "res.partner", "unlink", vec![Value::from(ids)]).is_ok());
    assert_eq!(named(&odoo, "Asha"), 0);
}

#[tokio::test]
async fn a_socket_answers_as_a_real_server_does() {
    let served = Sandbox::new(Like::Odoo19).serve("127.0.0.1:0").await.unwrap();
    let addr = served.addr();
    let health = over_socket(addr, "GET /web/health HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with(r#"{"status": "pass"}"#), "{health}");
    assert!(health.to_lowercase().contains("connection: close"));
    let wrong = over_socket(addr, "GET /xmlrpc/2/object HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(wrong.starts_with("HTTP/1.1 405"));
    let large =
        format!("POST /xmlrpc/2/object HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 129 * 1024 * 1024);
    assert!(over_socket(addr, &large).await.starts_with("HTTP/1.1 413"));
    served.shutdown().await;
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn trouble_strikes_over_a_socket_too() {
    let odoo = Sandbox::new(Like::Odoo14);
    let served = odoo.serve("127.0.0.1:0").await.unwrap();
    odoo.trouble(Trouble::lose_reply());
    let body = request("res.partner", "create", vec![partner("lost")]).body;
    let body = String::from_utf8(body.read().await.unwrap()).unwrap();
    let head =
        format!("POST /xmlrpc/2/object HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    assert_eq!(over_socket(served.addr(), &head).await, "");
    assert_eq!(named(&odoo, "lost"), 1);
    let version = over_socket(served.addr(), "GET /web/version HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(version.starts_with("HTTP/1.1 400"));
}

async fn over_socket(addr: std::net::SocketAddr, text: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _broken = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

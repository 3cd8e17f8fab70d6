//! The same documents mean the same to CPython's `xmlrpc`, which is what Odoo reads and writes with.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are a test too")]

mod values;

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use odoo_rpc::wire::{
    Fault, Limits, Struct, Value, decode_call, decode_response, encode_call, encode_fault, encode_response,
};
use serde_json::{Value as Json, json};
use values::Values;

const DOCUMENTS: usize = 3_000;

#[test]
fn cpython_reads_what_is_written_here_and_is_read_here() {
    let Some(mut python) = Python::start() else {
        println!("skipped: python3 is missing, so nothing was compared with CPython");
        return;
    };
    let mut values = Values::new(20_240_131);
    let (mut written_here, mut written_there) = (0, 0);
    for number in 0..DOCUMENTS {
        let (from_here, from_there) = match number % 8 {
            0 => calls(&mut python, &mut values),
            1 => faults(&mut python, &mut values),
            _ => responses(&mut python, &mut values),
        };
        written_here += from_here;
        written_there += from_there;
    }
    println!("{written_here} documents read by CPython, {written_there} documents of CPython read");
    assert!(written_here >= 2_000 && written_there >= 2_000, "{written_here} and {written_there}");
}

/// Here to there, there to here, and back again. CPython writes no integers beyond 32 bits, so those go one way alone.
fn responses(python: &mut Python, values: &mut Values) -> (usize, usize) {
    let value = values.value();
    assert_eq!(
        python.loads(&encode_response(&value).unwrap()),
        json!({"method": null, "params": [tagged(&value)]})
    );
    if has_long_int(&value) {
        return (1, 0);
    }
    let document = python.dumps(&json!({"method": null, "params": [tagged(&value)]}));
    let read = decode_response(document.as_bytes(), &Limits::default()).unwrap().unwrap();
    assert_same(&read, &with_line_feeds(&value));
    let again = python.loads(&encode_response(&read).unwrap());
    assert_eq!(again, json!({"method": null, "params": [tagged(&read)]}));
    (2, 1)
}

fn calls(python: &mut Python, values: &mut Values) -> (usize, usize) {
    let params: Vec<Value> = (0..values.below(5)).map(|_| values.value()).collect();
    let expected = |params: &[Value]| json!({"method": "execute_kw", "params": params.iter().map(tagged).collect::<Json>()});
    assert_eq!(python.loads(&encode_call("execute_kw", &params).unwrap()), expected(&params));
    if params.iter().any(has_long_int) {
        return (1, 0);
    }
    let document = python.dumps(&expected(&params));
    let read = decode_call(document.as_bytes(), &Limits::default()).unwrap();
    assert_eq!((read.method.as_str(), read.params.len()), ("execute_kw", params.len()));
    for (one, other) in read.params.iter().zip(&params) {
        assert_same(one, &with_line_feeds(other));
    }
    assert_eq!(python.loads(&encode_call(&read.method, &read.params).unwrap()), expected(&read.params));
    (2, 1)
}

fn faults(python: &mut Python, values: &mut Values) -> (usize, usize) {
    let fault = Fault::new(values.short_int(), values.text());
    assert_eq!(python.loads(&encode_fault(&fault)), json!({"fault": [fault.code, fault.text]}));
    let document = python.dumps(&json!({"fault": [fault.code, fault.text]}));
    let read = decode_response(document.as_bytes(), &Limits::default()).unwrap().unwrap_err();
    assert_eq!((read.code, &read.text), (fault.code, &line_feeds(&fault.text)));
    assert_eq!(python.loads(&encode_fault(&read)), json!({"fault": [read.code, read.text]}));
    (2, 1)
}

/// Equal to the bit: a negative zero is not a zero.
fn assert_same(one: &Value, other: &Value) {
    assert_eq!(tagged(one), tagged(other));
    assert_eq!(one, other);
}

fn tagged(value: &Value) -> Json {
    match value {
        Value::Nil => json!(["nil", null]),
        Value::Bool(truth) => json!(["bool", truth]),
        Value::Int(number) => json!(["int", number.to_string()]),
        Value::Double(number) => json!(["double", format!("{:016x}", number.to_bits())]),
        Value::Text(text) => json!(["text", text]),
        Value::DateTime(text) => json!(["time", text]),
        Value::Base64(bytes) => json!(["base64", STANDARD.encode(bytes)]),
        Value::Array(values) => json!(["array", values.iter().map(tagged).collect::<Json>()]),
        Value::Struct(members) => {
            json!([
                "struct",
                members.iter().map(|(name, value)| json!([name, tagged(value)])).collect::<Json>()
            ])
        }
        _ => panic!("a kind of value this test does not know: {}", value.kind()),
    }
}

/// What is left of a value once CPython has written it: its carriage returns are literal, and XML makes them line feeds.
fn with_line_feeds(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(line_feeds(text)),
        Value::Array(values) => Value::Array(values.iter().map(with_line_feeds).collect()),
        Value::Struct(members) => Value::Struct(
            members.iter().map(|(name, value)| (name, with_line_feeds(value))).collect::<Struct>(),
        ),
        _ => value.clone(),
    }
}

fn line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn has_long_int(value: &Value) -> bool {
    match value {
        Value::Int(number) => i32::try_from(*number).is_err(),
        Value::Array(values) => values.iter().any(has_long_int),
        Value::Struct(members) => members.iter().any(|(_, value)| has_long_int(value)),
        _ => false,
    }
}

struct Python {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// None where there is no Python, which is an error where everything has to be tested.
    fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cpython/peer.py");
        let command = Command::new("python3")
            .arg(script)
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = match command {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(
                    std::env::var_os("CI").is_none(),
                    "python3 is missing, and CI has to compare with it"
                );
                return None;
            }
            started => started.unwrap(),
        };
        let requests = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Some(Self { process, requests, answers })
    }

    fn loads(&mut self, document: &[u8]) -> Json {
        self.ask(&json!({"document": std::str::from_utf8(document).unwrap()}))
    }

    fn dumps(&mut self, request: &Json) -> String {
        let answer = self.ask(request);
        answer["document"].as_str().unwrap_or_else(|| panic!("{answer} to {request}")).to_owned()
    }

    fn ask(&mut self, request: &Json) -> Json {
        writeln!(self.requests, "{request}").unwrap();
        self.requests.flush().unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

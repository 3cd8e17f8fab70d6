//! Ours beside what else there is, in one table: every codec in turn, round after round, so that all meet the same moods of
//! the machine. The medians are printed, and the best, which a busy machine changes least.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use odoo_rpc::wire::{Limits, Struct, Value, decode_json, decode_response, encode_call, encode_json};

/// The codec, what it does, and the milliseconds that took.
type Turn<'a> = (&'static str, &'static str, Box<dyn Fn() -> f64 + 'a>);

const ROUNDS: usize = 25;

/// Prints the table.
pub(crate) fn print(document: &str, partners: &Value) {
    let limits = Limits::default();
    let params = [partners.clone()];
    let named = Value::from(Struct::new().with("vals_list", partners.clone()));
    let json = encode_json(partners).expect("writable");
    let foreign = dxr::MethodCall { name: "create".into(), params: vec![as_dxr(partners)] };

    let python = Python::start(document).map(RefCell::new);
    let mut turns: Vec<Turn<'_>> = vec![
        ("XML-RPC", "encode", Box::new(|| timed(|| encode_call("create", black_box(&params))))),
        (
            "XML-RPC",
            "decode",
            Box::new(|| timed(|| decode_response(black_box(document.as_bytes()), &limits))),
        ),
        ("JSON-2", "encode", Box::new(|| timed(|| encode_json(black_box(&named))))),
        ("JSON-2", "decode", Box::new(|| timed(|| decode_json(black_box(&json), &limits)))),
        ("dxr 0.9", "encode", Box::new(|| timed(|| black_box(&foreign).to_xml()))),
        ("dxr 0.9", "decode", Box::new(|| timed(|| dxr::MethodResponse::from_xml(black_box(document))))),
    ];
    if let Some(python) = &python {
        turns.push(("CPython", "encode", Box::new(|| python.borrow_mut().ask("encode"))));
        turns.push(("CPython", "decode", Box::new(|| python.borrow_mut().ask("decode"))));
    }

    let mut times: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for round in 0..ROUNDS {
        // A processor is faster after some work than after other: what comes behind what changes from round to round. None of
        // these steps divides the number of turns, so each has its turn.
        let step = [1, 5, 7, 11][round % 4];
        for place in 0..turns.len() {
            let (codec, what, turn) = &turns[(round + place * step) % turns.len()];
            times.entry((codec, what)).or_default().push(turn());
        }
    }

    let bytes = |codec| if codec == "JSON-2" { json.len() } else { document.len() };
    println!("\n1,000 partners of 24 fields, ms: median (best) of {ROUNDS} rounds");
    println!("{:10} {:>18} {:>18} {:>12}", "", "encode", "decode", "bytes read");
    for codec in ["XML-RPC", "JSON-2", "dxr 0.9", "CPython"] {
        let told = |what| times.get(&(codec, what)).map(|times| median_and_best(times.clone()));
        if let Some((encode, decode)) = told("encode").zip(told("decode")) {
            println!("{codec:10} {encode:>18} {decode:>18} {:>12}", bytes(codec));
        }
    }
    if python.is_none() {
        println!("CPython: no python3 here");
    }
}

/// The milliseconds a piece of work takes, with what it made taken apart again. After a rest: on a busy machine who has just worked
/// is made to wait for the others, and each codec is to come equally fresh.
fn timed<T>(work: impl FnOnce() -> T) -> f64 {
    std::thread::sleep(Duration::from_millis(5));
    let began = Instant::now();
    drop(black_box(work()));
    began.elapsed().as_secs_f64() * 1000.0
}

fn median_and_best(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |place: usize| times.get(place).copied().unwrap_or(f64::NAN);
    format!("{:.2} ({:.2})", at(times.len() / 2), at(0))
}

fn as_dxr(value: &Value) -> dxr::Value {
    match value {
        Value::Bool(value) => dxr::Value::Boolean(*value),
        Value::Int(number) => dxr::Value::Integer(i32::try_from(*number).expect("an id")),
        Value::Double(number) => dxr::Value::Double(*number),
        Value::Text(text) => dxr::Value::String(text.clone()),
        Value::Array(values) => dxr::Value::Array(values.iter().map(as_dxr).collect()),
        Value::Struct(members) => {
            dxr::Value::Struct(members.iter().map(|(name, value)| (name.to_owned(), as_dxr(value))).collect())
        }
        other => unreachable!("no partner holds {other:?}"),
    }
}

/// CPython in a process of its own.
struct Python {
    child: Child,
    answers: BufReader<ChildStdout>,
    _document: tempfile::NamedTempFile,
}

impl Python {
    fn start(document: &str) -> Option<Self> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(document.as_bytes()).expect("room for it");
        let mut child = Command::new("python3")
            .args(["-c", include_str!("beside.py")])
            .arg(file.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Some(Self { child, answers, _document: file })
    }

    fn ask(&mut self, what: &str) -> f64 {
        let to = self.child.stdin.as_mut().expect("a pipe");
        writeln!(to, "{what}").expect("it listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        line.trim().parse().expect("milliseconds")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}

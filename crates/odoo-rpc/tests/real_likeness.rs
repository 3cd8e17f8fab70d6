//! The sandbox beside the real server: the same calls, the same answers.
//!
//! `likeness/cases/*.txt` hold the calls; `likeness/odoo14/` and `odoo19/` what the real servers answered when they were
//! last asked. `likeness/differences.txt` lists the answers that differ, each with its reason: one that is not listed
//! fails, and so does one that is listed and no longer differs. Without a server the sandbox is held to what was
//! recorded. Where `ODOO19_URL` and `ODOO19_DB` (`ODOO14_…`) name a
//! server (login and password `admin`, unless `ODOO19_PASSWORD` says otherwise), it is asked anew, and `LIKENESS_RECORD=1`
//! writes its answers down. Every record a case makes is deleted after it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "helpers of tests")]

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Fault, Limits, Struct, Value, decode_response, encode_call};
use serde_json::Value as Json;

#[test]
fn the_sandbox_answers_as_odoo_19_does() {
    compare(Like::Odoo19, "ODOO19");
}

#[test]
fn the_sandbox_answers_as_odoo_14_does() {
    compare(Like::Odoo14, "ODOO14");
}

fn compare(like: Like, prefix: &str) {
    let variable = |name: &str| std::env::var(format!("{prefix}_{name}")).ok();
    let mut peer = variable("URL").zip(variable("DB")).map(|(url, database)| {
        let password = variable("PASSWORD").unwrap_or_else(|| "admin".to_owned());
        let mut peer = Real { url, database, password, uid: 0 };
        peer.uid = peer.log_in();
        peer.spend_ids();
        peer
    });
    if peer.is_none() {
        println!("no {prefix}_URL and {prefix}_DB: the sandbox is held to the recorded answers");
    }
    // `LIKENESS_FILES=10-load,20-crm` asks these alone.
    let wanted = std::env::var("LIKENESS_FILES").ok();
    let mut listed = listed(like);
    let (mut count, mut asked, mut wrong) = (0, 0, String::new());
    for file in files(&folder().join("cases")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if wanted.as_ref().is_some_and(|wanted| !wanted.split(',').any(|wanted| wanted == name)) {
            continue;
        }
        let cases = cases(like, &std::fs::read_to_string(&file).unwrap());
        let golden = folder().join(format!("odoo{}", like.major())).join(format!("{name}.txt"));
        let real = match &mut peer {
            Some(peer) => {
                let real = answers(&cases, &mut |user, model, method, args, kwargs| {
                    peer.call(user, model, method, args, kwargs)
                });
                if std::env::var("LIKENESS_RECORD").is_ok() {
                    std::fs::write(&golden, real.join("\n") + "\n").unwrap();
                }
                real
            }
            None => std::fs::read_to_string(&golden).unwrap().lines().map(str::to_owned).collect(),
        };
        let sandbox = Sandbox::new(like);
        let ours = answers(&cases, &mut |user, model, method, args, kwargs| {
            let (uid, password) = user.map_or((2, "admin"), |uid| (uid, PASSWORD));
            sandbox.execute("sandbox", uid, password, model, method, args, kwargs)
        });
        count += cases.len();
        asked += ours.len();
        wrong += &differences(&name, &ours, &real, &mut listed);
    }
    println!("Odoo {}: {count} cases, {asked} answers", like.major());
    for left in listed.iter().filter(|_| wanted.is_none()) {
        writeln!(wrong, "listed as a difference, and asked by no case: {left}").unwrap();
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What differs and is not listed, and what is listed and does not differ.
fn differences(file: &str, ours: &[String], real: &[String], listed: &mut HashSet<String>) -> String {
    assert_eq!(
        ours.len(),
        real.len(),
        "the answers recorded for {file} are of other cases: record them anew"
    );
    let mut wrong = String::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (ours, real) in ours.iter().zip(real) {
        let place = real.split_once(" -> ").unwrap().0;
        let number = seen.entry(place).and_modify(|number| *number += 1).or_insert(1);
        let known = listed.remove(&format!("{place} {number}"));
        match (ours != real, known) {
            (true, false) => writeln!(wrong, "{number}. real: {real}\nsandbox: {ours}\n").unwrap(),
            (false, true) => writeln!(wrong, "no longer differs: {place} {number}\n").unwrap(),
            _ => {}
        }
    }
    wrong
}

/// The answers known to differ: case, model, method, and which of these calls it is.
fn listed(like: Like) -> HashSet<String> {
    let text = std::fs::read_to_string(folder().join("differences.txt")).unwrap();
    let version = format!("{} | ", like.major());
    let lines = text.lines().filter_map(|line| line.strip_prefix(version.as_str()));
    lines
        .map(|line| line.split_once(" : ").expect("a difference has its reason").0.trim().to_owned())
        .collect()
}

/// The password of every user that a case makes.
const PASSWORD: &str = "likeness-word";

/// A call, what its answer is kept as, whether it is compared, and who makes it where it is not the administrator.
struct Step {
    keep: Option<String>,
    user: Option<String>,
    compared: bool,
    model: String,
    method: String,
    args: Json,
    kwargs: Json,
}

struct Case {
    name: String,
    steps: Vec<Step>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/likeness")
}

/// A folder's files, by name.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn cases(like: Like, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let other = if like == Like::Odoo19 { "@14 " } else { "@19 " };
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("# ") {
            cases.push(Case { name: name.to_owned(), steps: Vec::new() });
            continue;
        }
        if line.starts_with(other) {
            continue;
        }
        let line = line.strip_prefix("@14 ").or_else(|| line.strip_prefix("@19 ")).unwrap_or(line);
        cases.last_mut().unwrap().steps.push(step(line));
    }
    cases.retain(|case| !case.steps.is_empty());
    cases
}

fn step(line: &str) -> Step {
    let (keep, rest) =
        match line.split_once(" = ").filter(|(name, _)| name.chars().all(char::is_alphanumeric)) {
            Some((name, rest)) => (Some(name.to_owned()), rest),
            None => (None, line),
        };
    let (compared, rest) = rest.strip_prefix("- ").map_or((true, rest), |rest| (false, rest));
    let (user, rest) = match rest.strip_prefix("as $").and_then(|rest| rest.split_once(' ')) {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (model, rest) = rest.trim().split_once(' ').unwrap();
    let (method, rest) = rest.split_once(' ').unwrap_or((rest, "[]"));
    let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
    let args = documents
        .next()
        .unwrap_or_else(|| panic!("no arguments: {line}"))
        .unwrap_or_else(|error| panic!("{error}: {line}"));
    let kwargs =
        documents.next().transpose().unwrap().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    Step { keep, user, compared, model: model.to_owned(), method: method.to_owned(), args, kwargs }
}

type Answer = Result<Value, Fault>;
type Peer<'p> = dyn FnMut(Option<i64>, &str, &str, Vec<Value>, Struct) -> Answer + 'p;

fn answers(cases: &[Case], peer: &mut Peer<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for case in cases {
        let mut known = Known::default();
        let mut made: Vec<(String, Value)> = Vec::new();
        for step in &case.steps {
            let said = format!("{} {}", step.args, step.kwargs);
            if let Some(missing) = known.missing(&said, step.user.as_deref()) {
                if step.compared {
                    lines.push(format!(
                        "{} | {} {} -> not asked: {missing}",
                        case.name, step.model, step.method
                    ));
                }
                continue;
            }
            let args = match known.value(&step.args) {
                Value::Array(args) => args,
                _ => panic!("arguments are a list: {}", case.name),
            };
            let kwargs = match known.value(&step.kwargs) {
                Value::Struct(kwargs) => kwargs,
                _ => Struct::new(),
            };
            let user = step.user.as_ref().and_then(|user| known.find(user).as_int());
            let answer = peer(user, &step.model, &step.method, args, kwargs);
            if let (Some(name), Ok(value)) = (&step.keep, &answer) {
                known.keep(&step.model, name, value);
                made.extend(ids_made(&step.method, value).map(|ids| (step.model.clone(), ids)));
            }
            if step.compared {
                known.model = match step.method.as_str() {
                    "action_feedback" | "message_post" => "mail.message".to_owned(),
                    _ => step.model.clone(),
                };
                let shown = known.show(&step.method, &answer);
                lines.push(format!("{} | {} {} -> {shown}", case.name, step.model, step.method));
            }
        }
        for (model, ids) in made.into_iter().rev() {
            let ids = if ids.as_int().is_some() { Value::Array(vec![ids]) } else { ids };
            for id in ids.as_array().unwrap_or_default() {
                let _gone = peer(None, &model, "unlink", vec![Value::Array(vec![id.clone()])], Struct::new());
            }
        }
    }
    lines
}

/// What a call made, to be deleted after its case.
fn ids_made(method: &str, answer: &Value) -> Option<Value> {
    match (method, answer) {
        ("create" | "copy", ids) => Some(ids.clone()),
        ("load", Value::Struct(members)) => {
            members.get("ids").filter(|ids| ids.as_array().is_some()).cloned()
        }
        ("name_create", Value::Array(pair)) => pair.first().cloned(),
        _ => None,
    }
}

/// The answers kept so far, and the names their ids are shown by.
#[derive(Default)]
struct Known {
    values: HashMap<String, Value>,
    labels: HashMap<(String, i64), String>,
    /// The model whose ids are shown by their names.
    model: String,
}

impl Known {
    fn keep(&mut self, model: &str, name: &str, value: &Value) {
        let key = |id: i64| (model.to_owned(), id);
        match value {
            Value::Int(id) => {
                self.labels.insert(key(*id), format!("#{name}"));
            }
            Value::Struct(members) => {
                if let Some(ids) = members.get("ids") {
                    self.keep(model, name, &ids.clone());
                }
            }
            Value::Array(ids) => {
                for (place, id) in ids.iter().filter_map(Value::as_int).enumerate() {
                    self.labels.insert(key(id), format!("#{name}.{place}"));
                }
            }
            _ => {}
        }
        self.values.insert(name.to_owned(), value.clone());
    }

    /// The first name that nothing was kept under: what should have made it was refused.
    fn missing(&self, said: &str, user: Option<&str>) -> Option<String> {
        let mut names =
            said.split("\"$").skip(1).filter_map(|rest| rest.split(['"', '.']).next()).chain(user);
        names.find(|name| !name.starts_with("time:") && !self.values.contains_key(*name)).map(str::to_owned)
    }

    /// `$a` is what was kept as `a`, `$a.0` its first element, `$a.0.res_id` that element's member.
    fn find(&self, path: &str) -> Value {
        let mut parts = path.split('.');
        let mut value =
            self.values.get(parts.next().unwrap()).unwrap_or_else(|| panic!("${path} is not known")).clone();
        for part in parts {
            value = match (&value, part.parse::<usize>()) {
                (Value::Array(values), Ok(place)) => values.get(place).cloned().unwrap_or_default(),
                (Value::Struct(members), _) => members.get(part).cloned().unwrap_or_default(),
                _ => Value::Nil,
            };
        }
        value
    }

    fn value(&self, json: &Json) -> Value {
        match json {
            Json::Null => Value::Nil,
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Value::Double(number.as_f64().unwrap()), Value::Int)
            }
            Json::String(text) => match text.strip_prefix('$') {
                Some(path) => match path.strip_prefix("time:") {
                    Some(time) => Value::DateTime(time.to_owned()),
                    None => self.find(path),
                },
                None => Value::from(text.as_str()),
            },
            Json::Array(values) => Value::Array(values.iter().map(|value| self.value(value)).collect()),
            Json::Object(members) => Value::Struct(
                members.iter().map(|(name, value)| (name.as_str(), self.value(value))).collect(),
            ),
        }
    }

    fn show(&self, method: &str, answer: &Answer) -> String {
        match answer {
            Ok(value) => {
                let ids = matches!(method, "create" | "search" | "action_feedback" | "message_post" | "copy");
                self.show_value(value, ids)
            }
            Err(fault) => format!("fault {}: {}", fault.code, no_digits(&telling(fault))),
        }
    }

    fn id(&self, id: i64) -> String {
        self.labels
            .get(&(self.model.clone(), id))
            .cloned()
            .unwrap_or_else(|| if id == 0 { "0".to_owned() } else { "#?".to_owned() })
    }

    fn show_value(&self, value: &Value, is_id: bool) -> String {
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(id) if is_id => self.id(*id),
            Value::Int(number) => number.to_string(),
            Value::Double(number) => format!("{number:?}"),
            Value::Text(text) if is_today(text) => "<today>".to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::DateTime(text) => format!("time {text:?}"),
            Value::Base64(bytes) => format!("{} bytes", bytes.len()),
            Value::Array(values) => {
                let pair = matches!(values.as_slice(), [Value::Int(_), Value::Text(_) | Value::Bool(_)]);
                let shown: Vec<String> =
                    values.iter().map(|value| self.show_value(value, is_id || pair)).collect();
                format!("[{}]", shown.join(", "))
            }
            Value::Struct(members) => {
                let mut shown: Vec<String> =
                    members.iter().map(|(name, value)| self.show_member(name, value)).collect();
                shown.sort();
                format!("{{{}}}", shown.join(", "))
            }
            _ => panic!("an unknown kind of value"),
        }
    }

    fn show_member(&self, name: &str, value: &Value) -> String {
        let time = matches!(name, "create_date" | "write_date" | "__last_update" | "message_id");
        if time && value.as_text().is_some() {
            return format!("{name}: <text>");
        }
        if name.ends_with("_domain") {
            return format!("{name}: {}", no_digits(&self.show_value(value, false)));
        }
        if let (true, Some(text)) = (name == "reference", value.as_text()) {
            return format!("{name}: {}", no_digits(text));
        }
        let is_id = matches!(name, "id" | "ids")
            || ["_id", "_ids", "_many", "_one"].iter().any(|end| name.ends_with(end));
        format!("{name}: {}", self.show_value(value, is_id))
    }
}

fn is_today(text: &str) -> bool {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    text == today || (text.len() == 19 && text.starts_with(&today))
}

/// The message of a fault: of a traceback the line that names the exception.
fn telling(fault: &Fault) -> String {
    if fault.code != 1 {
        return fault.text.clone();
    }
    let names_exception = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !name.contains(' ') && (name.ends_with("Error") || name.starts_with("psycopg2.errors."))
    };
    let line = fault.text.lines().rev().find(names_exception);
    line.unwrap_or("no exception").to_owned()
}

fn no_digits(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        match letter {
            '\n' => shown.push('⏎'),
            letter if letter.is_ascii_digit() => {
                if !shown.ends_with('#') {
                    shown.push('#');
                }
            }
            letter => shown.push(letter),
        }
    }
    shown
}

/// A real server.
struct Real {
    url: String,
    database: String,
    password: String,
    uid: i64,
}

impl Real {
    fn log_in(&self) -> i64 {
        let params = [
            self.database.as_str().into(),
            "admin".into(),
            self.password.as_str().into(),
            Value::Struct(Struct::new()),
        ];
        self.post("common", "authenticate", &params).unwrap().as_int().expect("the server refused the login")
    }

    /// The first leads have the ids of the first users: one would be taken for the other.
    fn spend_ids(&self) {
        let quiet = || Struct::new().with("context", Struct::new().with("tracking_disable", true));
        let leads = vec![Value::Struct(Struct::new().with("name", "Likeness")); 9];
        let ids = self.call(None, "crm.lead", "create", vec![leads.into()], quiet()).unwrap();
        self.call(None, "crm.lead", "unlink", vec![ids], quiet()).unwrap();
    }

    fn call(&self, user: Option<i64>, model: &str, method: &str, args: Vec<Value>, kwargs: Struct) -> Answer {
        let password = user.map_or(self.password.as_str(), |_| PASSWORD).into();
        let params = [
            self.database.as_str().into(),
            user.unwrap_or(self.uid).into(),
            password,
            model.into(),
            method.into(),
            Value::Array(args),
            kwargs.into(),
        ];
        self.post("object", "execute_kw", &params)
    }

    fn post(&self, service: &str, method: &str, params: &[Value]) -> Answer {
        let body = encode_call(method, params).unwrap();
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "POST /xmlrpc/2/{service} HTTP/1.0\r\nHost: {host}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        decode_response(&answer[end..], &Limits::default()).unwrap()
    }
}

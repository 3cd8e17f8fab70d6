//! The sandbox beside the real server: the same calls, the same answers.
//!
//! `likeness/cases/*.txt` hold the calls; `likeness/odoo14/` and `odoo19/` what the real servers answered when they were
//! last asked. `likeness/differences.txt` lists the answers that differ, each with its reason: one that is not listed
//! fails, and so does one that is listed and no longer differs. Without a server the sandbox is held to what was
//! recorded; where the environment names one it is asked anew, and `LIKENESS_RECORD=1` writes its answers down. Every record a
//! case makes is deleted after it.
//!
//! What is held together are values and faults as XML-RPC carries them, before any client reads them: a run over JSON-2 asks no server.
//! That both protocols give and refuse the same is the matter of `real_json2`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "likeness/case.rs"]
mod case;
#[path = "likeness/known.rs"]
mod known;
#[path = "likeness/real.rs"]
mod real;
mod servers;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use case::{Case, cases};
use known::Known;
use odoo_rpc::client::Protocol;
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Fault, Struct, Value};
use real::Real;
use servers::Server;

/// The password of every user that a case makes.
const PASSWORD: &str = "likeness-word";

#[tokio::test]
async fn the_sandbox_answers_as_odoo_19_does() {
    compare(Like::Odoo19).await;
}

#[tokio::test]
async fn the_sandbox_answers_as_odoo_14_does() {
    compare(Like::Odoo14).await;
}

async fn compare(like: Like) {
    let server = Server::named(u32::try_from(like.major()).unwrap()).await;
    let peer = server.filter(|server| server.protocol == Protocol::XmlRpc).map(Real::of);
    if peer.is_none() {
        println!("the sandbox is held to the recorded answers");
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
        let real = match &peer {
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

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/likeness")
}

/// A folder's files, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
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
        delete(made, peer);
    }
    lines
}

/// Deletes what a case made, the last first: what is of one model in one call, and one by one where that is refused.
fn delete(made: Vec<(String, Value)>, peer: &mut Peer<'_>) {
    let mut lists: Vec<(String, Vec<Value>)> = Vec::new();
    for (model, ids) in made.into_iter().rev() {
        let ids = match ids {
            Value::Array(ids) => ids,
            id => vec![id],
        };
        match lists.last_mut() {
            Some((last, list)) if *last == model => list.extend(ids),
            _ => lists.push((model, ids)),
        }
    }
    for (model, ids) in lists {
        let mut unlink =
            |ids: Vec<Value>| peer(None, &model, "unlink", vec![Value::Array(ids)], Struct::new());
        if unlink(ids.clone()).is_err() {
            for id in ids {
                let _gone = unlink(vec![id]);
            }
        }
    }
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

//! A database kept in a file: its rows first, then one line for each call that changed something.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::sandbox::env::{Database, Env};
use crate::sandbox::models::seed;
use crate::sandbox::store::{Row, Store};
use crate::sandbox::version::Like;
use crate::wire::{Name, Struct, Value};

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    odoo_sandbox: u32,
    like: i64,
}

/// A row: its model, its id, and what it holds, or nothing where it was deleted.
type Written = (String, i64, Option<BTreeMap<String, Json>>);

/// What one call changed: whole or not at all, since it is one line.
#[derive(Serialize, Deserialize, Default)]
struct Line {
    rows: Vec<Written>,
    last: BTreeMap<String, i64>,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Keeper {
    file: File,
}

impl Keeper {
    /// Reads a file, or begins one, and writes it anew without its history.
    pub(super) fn open(path: &Path, like: Like, now: &str) -> io::Result<(Self, Database)> {
        let mut db = seed::database(like, now);
        let known = match OpenOptions::new().read(true).append(true).open(path) {
            Ok(file) => {
                lock(&file, path)?;
                db.store = read(&file, like)?;
                Some(file)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // The rows that describe custom models and fields are looked up while the registry is built.
        let registry = db.registry.clone();
        db.store.index(&registry);
        Env { db: &mut db, uid: 1, context: Struct::new(), now: now.to_owned(), sudo: 1 }.reload_schema();
        db.store.commit();
        let file = write_anew(path, like, &db.store)?;
        drop(known);
        Ok((Self { file }, db))
    }

    /// Adds what the call at work changed.
    pub(super) fn append(&mut self, store: &Store) -> io::Result<()> {
        let touched = store.touched();
        if touched.is_empty() {
            return Ok(());
        }
        let mut line = Line::default();
        for (model, id) in touched {
            let row = store.row(model.as_str(), id).map(|row| written(row));
            line.last.insert(model.as_str().to_owned(), store.last_id(model.as_str()));
            line.rows.push((model.as_str().to_owned(), id, row));
        }
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(&text);
        if written.is_err() {
            // Half a line would hide the lines after it.
            self.file.set_len(before)?;
        }
        written
    }
}

fn lock(file: &File, path: &Path) -> io::Result<()> {
    file.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => io::Error::new(
            io::ErrorKind::ResourceBusy,
            format!("{} is used by another sandbox: end that one, or name another file", path.display()),
        ),
        fs::TryLockError::Error(error) => error,
    })
}

fn read(file: &File, like: Like) -> io::Result<Store> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut lines = BufReader::new(file).split(b'\n');
    let first = lines.next().transpose()?.unwrap_or_default();
    let header: Header = serde_json::from_slice(&first)
        .map_err(|_| wrong("this is not a file that a sandbox keeps: name another one".to_owned()))?;
    if header.odoo_sandbox != 1 || header.like != like.major() {
        let (found, wanted) = (header.like, like.major());
        return Err(wrong(format!(
            "the file holds an Odoo {found}, not an Odoo {wanted}: name another file"
        )));
    }
    let mut store = Store::default();
    let mut lines = lines.enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let line = line?;
        let Ok(line) = serde_json::from_slice::<Line>(&line) else {
            // A process that was killed leaves at most its last line unfinished.
            if lines.peek().is_none() {
                break;
            }
            return Err(wrong(format!("line {} of the file is damaged: name another file", number + 2)));
        };
        for (model, id, row) in line.rows {
            store.restore(&model, id, row.map(|row| read_row(&row)));
        }
        for (model, last) in line.last {
            store.reserve(&model, last);
        }
    }
    Ok(store)
}

/// Writes everything beside the file and puts it in its place at once.
fn write_anew(path: &Path, like: Like, store: &Store) -> io::Result<File> {
    let beside = temporary(path);
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&beside)?;
    lock(&file, path)?;
    let mut out = BufWriter::new(&file);
    serde_json::to_writer(&mut out, &Header { odoo_sandbox: 1, like: like.major() })?;
    out.write_all(b"\n")?;
    let mut models: Vec<&Name> = store.models().collect();
    models.sort_unstable();
    for model in models {
        let mut line = Line::default();
        line.last.insert(model.as_str().to_owned(), store.last_id(model.as_str()));
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
        for (id, row) in store.rows_from(model.as_str(), i64::MIN) {
            let row = (model.as_str().to_owned(), id, Some(written(row)));
            serde_json::to_writer(&mut out, &Line { rows: vec![row], last: BTreeMap::new() })?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    drop(out);
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(file)
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn written(row: &Row) -> BTreeMap<String, Json> {
    row.iter().map(|(name, value)| (name.as_str().to_owned(), to_json(value))).collect()
}

fn read_row(row: &BTreeMap<String, Json>) -> Row {
    row.iter().filter_map(|(name, value)| Some((Name::from(name.as_str()), from_json(value)?))).collect()
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        // JSON knows no NaN.
        Value::Double(number) => serde_json::Number::from_f64(*number)
            .map_or_else(|| serde_json::json!({ "float": number.to_string() }), Json::Number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Array(values) => Json::Array(values.iter().map(to_json).collect()),
        _ => Json::Null,
    }
}

fn from_json(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => {
            number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Double))?
        }
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(values) => Value::Array(values.iter().filter_map(from_json).collect()),
        Json::Object(members) => Value::Double(members.get("float")?.as_str()?.parse().ok()?),
        Json::Null => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Sandbox;

    fn ask(odoo: &Sandbox, model: &str, method: &str, args: Vec<Value>) -> Value {
        odoo.execute("sandbox", 2, "admin", model, method, args, Struct::new()).unwrap()
    }

    #[test]
    fn custom_choices_and_models_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("odoo");
        let fields = |odoo: &Sandbox, model: &str| ask(odoo, model, "fields_get", vec![]);
        let before = {
            let odoo = Sandbox::open(&path, Like::Odoo19).unwrap();
            let partner = Value::from(vec!["model".into(), "=".into(), "res.partner".into()]);
            let found = ask(&odoo, "ir.model", "search", vec![Value::from(vec![partner])]);
            let choice = Struct::new()
                .with("name", "x_blood_group")
                .with("ttype", "selection")
                .with("model_id", found.as_array().unwrap()[0].clone())
                .with("selection", "[('A+', 'A+'), ('B+', 'B+')]");
            ask(&odoo, "ir.model.fields", "create", vec![choice.into()]);
            let stage = Struct::new().with("name", "Stage").with("model", "x_stage");
            let stage = ask(&odoo, "ir.model", "create", vec![stage.into()]);
            let rights = Struct::new().with("name", "all").with("perm_read", true).with("perm_create", true);
            ask(&odoo, "ir.model.access", "create", vec![rights.with("model_id", stage).into()]);
            fields(&odoo, "res.partner")
        };
        for rows in 1..=2 {
            let odoo = Sandbox::open(&path, Like::Odoo19).unwrap();
            assert!(fields(&odoo, "res.partner") == before, "the fields of contacts are others");
            ask(&odoo, "x_stage", "create", vec![Struct::new().with("x_name", "Done").into()]);
            assert_eq!(odoo.count("x_stage"), rows);
        }
    }

    #[test]
    fn values_come_back_as_they_went() {
        for value in [
            Value::from(true),
            Value::from(5),
            Value::from(5.0),
            Value::from("x"),
            Value::from(vec![Value::from(1)]),
        ] {
            assert_eq!(from_json(&to_json(&value)), Some(value));
        }
        let nan = from_json(&to_json(&Value::from(f64::NAN)));
        assert!(matches!(nan, Some(Value::Double(number)) if number.is_nan()));
    }
}

//! `load`: rows of cells become records, or messages say which rows cannot. Measured on Odoo 14 and 19.

mod convert;
mod extract;
mod reference;
mod refusal;

use std::collections::HashSet;
use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, sql};
use crate::sandbox::load::convert::{Complaint, Log};
use crate::sandbox::load::extract::{Found, Path, rows_of};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::spec::Kind;
use crate::sandbox::store::Key;
use crate::wire::{Struct, Value};

/// The key of the context that tells `create` it is part of a load, and where external ids go.
const MODULE: &str = "_import_current_module";
const DATA: &str = "ir.model.data";
/// So many refused rows end the search for more, where they are more than one in so many.
const MOST_ERRORS: usize = 10;

/// A record to be made or changed.
#[derive(Debug)]
struct Job {
    external: Option<String>,
    id: Option<i64>,
    vals: Vals,
    rows: (usize, usize),
    record: usize,
}

/// A load at work.
pub(super) struct Load {
    model: Arc<Model>,
    module: String,
    /// Where everything it did begins.
    mark: usize,
    /// The models whose records it may make: a name of one of these is looked up only when what waits is written.
    makes: HashSet<String>,
    batch: Vec<Job>,
    waiting: HashSet<String>,
    ids: Vec<i64>,
    messages: Vec<Struct>,
}

impl Env<'_> {
    /// Makes, or changes, a record for each row. Any error: nothing is kept, and `ids` is false.
    pub(super) fn load(&mut self, model: &Arc<Model>, fields: &Value, data: &Value) -> Outcome {
        let paths = self.paths(model, fields)?;
        let rows = rows_of(data)?;
        let module = self.context.get("module").and_then(Value::as_text).unwrap_or("__import__").to_owned();
        let context = self.context.clone();
        self.context = with_member(&context, MODULE, Value::from(module.as_str()));
        let outcome = self.load_rows(model, &paths, &rows, module);
        self.context = context;
        outcome
    }

    fn load_rows(
        &mut self,
        model: &Arc<Model>,
        paths: &[Path],
        rows: &[Vec<Value>],
        module: String,
    ) -> Outcome {
        let mut load = Load {
            model: model.clone(),
            module,
            mark: self.db.store.mark(),
            makes: self.made_models(model, paths),
            batch: Vec::new(),
            waiting: HashSet::new(),
            ids: Vec::new(),
            messages: Vec::new(),
        };
        let limit = self.context.get("_import_limit").and_then(Value::as_int);
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(0));
        let (mut next, mut number) = (0, 0);
        while next < rows.len() && next < limit {
            let found = self.extract(model, paths, rows, next)?;
            next = found.last + 1;
            load.take(self, found, number)?;
            number += 1;
        }
        load.flush(self);
        let failed = load.messages.iter().any(is_error);
        if failed {
            self.roll_back_to(load.mark);
        }
        let ids: Vec<Value> = load.ids.into_iter().map(Value::Int).collect();
        let messages: Vec<Value> = load.messages.into_iter().map(Value::Struct).collect();
        let rest = if next < limit { 0 } else { i64::try_from(next).unwrap_or(i64::MAX) };
        Ok(Value::Struct(
            Struct::new()
                .with("ids", if failed { Value::Bool(false) } else { Value::Array(ids) })
                .with("messages", messages)
                .with("nextrow", rest),
        ))
    }

    fn made_models(&self, model: &Model, paths: &[Path]) -> HashSet<String> {
        let mut made = HashSet::from([model.name.as_str().to_owned()]);
        for path in paths {
            let mut fields = model;
            for name in path.iter().flatten() {
                let Some(field) = fields.field(name).filter(|field| field.kind == Kind::One2many) else {
                    break;
                };
                let comodel = field.relation.as_ref().and_then(|name| self.db.registry.model(name.as_str()));
                let Some(comodel) = comodel else { break };
                made.insert(comodel.name.as_str().to_owned());
                fields = comodel;
            }
        }
        made
    }

    /// The row an external id names, whatever its model: its own id, model and record.
    pub(super) fn external(&self, name: &str) -> Option<(i64, String, i64)> {
        let (module, name) = name.split_once('.')?;
        let rows = self.db.store.indexed(DATA, "name", &Key::Text(name.to_owned()))?;
        let row = *rows.iter().find(|&&row| self.text(DATA, row, "module") == Some(module))?;
        Some((row, self.text(DATA, row, "model")?.to_owned(), self.int(DATA, row, "res_id")?))
    }

    /// Gives a record an external id, or moves one to it.
    pub(super) fn set_external(&mut self, external: &str, model: &str, id: i64) -> Outcome<()> {
        let Some((module, name)) = external.split_once('.') else { return Ok(()) };
        if let Some((row, ..)) = self.external(external) {
            self.db.store.set_all(
                DATA,
                row,
                vec![("model", Some(model.into())), ("res_id", Some(id.into()))],
            );
            return Ok(());
        }
        let noupdate = self.wants("noupdate");
        let data = self.model(DATA)?;
        let vals = [
            ("module", Value::from(module)),
            ("name", Value::from(name)),
            ("model", Value::from(model)),
            ("res_id", Value::Int(id)),
            ("noupdate", Value::Bool(noupdate)),
        ];
        let vals = vals.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.as_server(|env| env.create_one(&data, vals)).map(|_| ())
    }

    /// What a load gives the records it makes behind a one2many: an external id of their own.
    pub(super) fn external_of_line(&mut self, model: &Model, id: i64, given: Option<&Value>) -> Outcome<()> {
        let module = self.context.get(MODULE).and_then(Value::as_text);
        let (Some(module), Some(name)) = (module, given.and_then(Value::as_text)) else { return Ok(()) };
        let external = if name.contains('.') { name.to_owned() } else { format!("{module}.{name}") };
        self.set_external(&external, model.name.as_str(), id)
    }
}

impl Load {
    /// Converts one record's cells and puts it to those that wait.
    fn take(&mut self, env: &mut Env<'_>, found: Found, number: usize) -> Outcome<()> {
        let info = Info { rows: (found.first, found.last), record: number };
        let external = found.record.text("id");
        let id = match found.record.get(".id") {
            Some(value) if python::truth(value) || !env.at_least(16) => self.known_id(env, value, info)?,
            _ => None,
        };
        let mut log = Log::default();
        let model = self.model.clone();
        let vals = env.convert(self, &model, &found.record, &mut log)?;
        for (field, complaint) in log.0 {
            let label = model.field(&field).map_or_else(String::new, |field| field.label.clone());
            self.messages.push(self.told(env, info, &field, &label, complaint));
        }
        let external = external.map(|name| match name.contains('.') {
            true => name,
            false => format!("{}.{name}", self.module),
        });
        self.waiting.extend(external.clone());
        self.batch.push(Job {
            id: id.filter(|_| external.is_none()),
            external,
            vals,
            rows: info.rows,
            record: number,
        });
        Ok(())
    }

    fn known_id(&mut self, env: &mut Env<'_>, value: &Value, info: Info) -> Outcome<Option<i64>> {
        let number = match value {
            Value::Int(id) => *id,
            Value::Bool(truth) => i64::from(*truth),
            value => {
                let text = python::text(value);
                let wrong = || format!("invalid input syntax for type integer: \"{text}\"");
                text.trim().parse().map_err(|_| sql("InvalidTextRepresentation", &wrong()))?
            }
        };
        let domain = Value::Array(vec![Value::Array(vec!["id".into(), "=".into(), number.into()])]);
        let found = env.search(&self.model.clone(), &domain, &crate::sandbox::search::Page::default())?;
        if let Some(id) = found.first() {
            return Ok(Some(*id));
        }
        let text = format!("Unknown database identifier '{number}'");
        let message = info.message("error", &text).with("field", ".id");
        self.messages.push(message);
        Ok(None)
    }

    fn told(&self, env: &Env<'_>, info: Info, field: &str, label: &str, complaint: Complaint) -> Struct {
        let kind = if complaint.warning { "warning" } else { "error" };
        let text = complaint.text.replace("%(field)s", label);
        let mut message = info.message(kind, &text).with("field", field);
        if let Some(more) = complaint.more {
            message = message.with("moreinfo", more);
        }
        if env.at_least(16) && !complaint.bare {
            message = message.with("field_name", label);
        }
        message
    }

    /// Writes what waits, because an external id among it is named.
    fn flush_external(&mut self, env: &mut Env<'_>, external: &str) {
        if self.waiting.contains(external) {
            self.flush(env);
        }
    }

    /// Writes what waits, because a record of that model is looked up by name.
    fn flush_model(&mut self, env: &mut Env<'_>, model: &str) {
        if self.makes.contains(model) {
            self.flush(env);
        }
    }

    /// Writes what waits: all at once, and where that is refused row by row, to tell the rows that cannot.
    fn flush(&mut self, env: &mut Env<'_>) {
        let jobs = std::mem::take(&mut self.batch);
        self.waiting.clear();
        if jobs.is_empty() {
            return;
        }
        let mark = env.db.store.mark();
        let all: Vec<&Job> = jobs.iter().collect();
        let refused = match self.write(env, &all) {
            Ok(ids) => return self.ids.extend(ids),
            Err(fault) => fault,
        };
        env.roll_back_to(mark);
        let (mut errors, first) = (0, self.messages.len());
        for (count, job) in jobs.iter().enumerate() {
            let mark = env.db.store.mark();
            match self.write(env, &[job]) {
                Ok(ids) => self.ids.extend(ids),
                Err(fault) => {
                    // Odoo 19 takes all back that the load did, and goes on.
                    env.roll_back_to(if env.is_19() { self.mark } else { mark });
                    let info = Info { rows: job.rows, record: job.record };
                    self.messages.push(env.refusal(&self.model, info, &fault));
                    errors += 1;
                }
            }
            if errors >= MOST_ERRORS && errors * 10 > count {
                self.messages.push(Struct::new().with("type", "warning").with(
                    "message",
                    "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors.",
                ));
                break;
            }
        }
        let Some(job) = jobs.first().filter(|_| errors > 0 && env.at_least(16)) else { return };
        let info = Info { rows: job.rows, record: job.record };
        if let Some(together) = env.refusal_together(info, &refused)
            && !self.messages.iter().skip(first).any(|message| *message == together)
        {
            self.messages.insert(0, together);
        }
    }

    /// Changes what is known and makes what is not: the ids in the jobs' order.
    fn write(&self, env: &mut Env<'_>, jobs: &[&Job]) -> Outcome<Vec<i64>> {
        let name = self.model.name.as_str();
        let mut ids: Vec<Option<i64>> = Vec::with_capacity(jobs.len());
        for job in jobs {
            let known = match &job.external {
                None => job.id,
                Some(external) => env
                    .external(external)
                    .filter(|(_, model, id)| model == name && env.db.store.contains(name, *id))
                    .map(|(_, _, id)| id),
            };
            ids.push(known);
        }
        for (job, id) in jobs.iter().zip(&ids) {
            if let Some(id) = id {
                env.write(&self.model, &[*id], job.vals.clone())?;
            }
        }
        let new: Vec<usize> = (0..jobs.len()).filter(|&place| ids.get(place) == Some(&None)).collect();
        // The same external id twice is one record, and its last row wins.
        let mut firsts: Vec<usize> = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        let mut again: Vec<usize> = Vec::new();
        for place in new {
            let external = jobs.get(place).and_then(|job| job.external.as_deref());
            match external.is_none_or(|external| known.insert(external)) {
                true => firsts.push(place),
                false => again.push(place),
            }
        }
        let list: Vec<Vals> =
            firsts.iter().filter_map(|&place| Some(jobs.get(place)?.vals.clone())).collect();
        let made = if list.is_empty() { Vec::new() } else { env.create(&self.model, list)? };
        for (place, id) in firsts.into_iter().zip(made) {
            if let (Some(slot), Some(job)) = (ids.get_mut(place), jobs.get(place)) {
                *slot = Some(id);
                if let Some(external) = &job.external {
                    self.name_parent(env, external, id)?;
                    env.set_external(external, name, id)?;
                }
            }
        }
        for place in again {
            let Some(job) = jobs.get(place) else { continue };
            let id = job.external.as_deref().and_then(|external| env.external(external)).map(|(_, _, id)| id);
            if let (Some(id), Some(slot)) = (id, ids.get_mut(place)) {
                env.write(&self.model, &[id], job.vals.clone())?;
                *slot = Some(id);
            }
        }
        Ok(ids.into_iter().flatten().collect())
    }

    /// The record that a new one delegates to gets an external id beside it.
    fn name_parent(&self, env: &mut Env<'_>, external: &str, id: i64) -> Outcome<()> {
        let Some(via) = &self.model.delegates else { return Ok(()) };
        let Some(relation) = self.model.fields.get(via).and_then(|field| field.relation.clone()) else {
            return Ok(());
        };
        let Some(parent) = env.int(self.model.name.as_str(), id, via.as_str()) else { return Ok(()) };
        let beside = format!("{external}_{}", relation.as_str().replace('.', "_"));
        env.set_external(&beside, relation.as_str(), parent)
    }
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug)]
struct Info {
    rows: (usize, usize),
    record: usize,
}

impl Info {
    fn message(self, kind: &str, text: &str) -> Struct {
        let number = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
        let rows = Struct::new().with("from", number(self.rows.0)).with("to", number(self.rows.1));
        Struct::new()
            .with("rows", rows)
            .with("record", number(self.record))
            .with("type", kind)
            .with("message", text)
    }
}

fn is_error(message: &Struct) -> bool {
    message.get("type").and_then(Value::as_text) == Some("error")
}

fn with_member(members: &Struct, name: &str, value: Value) -> Struct {
    let mut all = Struct::with_capacity(members.len() + 1);
    for (known, value) in members.iter().filter(|(known, _)| *known != name) {
        all = all.with(known, value.clone());
    }
    all.with(name, value)
}

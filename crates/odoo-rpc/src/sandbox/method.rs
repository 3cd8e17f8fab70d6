//! What a method is, and how a call's arguments get their names.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, traceback, type_error};
use crate::sandbox::orm::{Vals, vals_of};
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::version::Like;
use crate::wire::{Struct, Value};

/// A method that can be called.
pub(super) struct Method {
    pub(super) name: &'static str,
    /// Its parameters in order; one that ends with `=` may be left out.
    pub(super) parameters: &'static [&'static str],
    /// Whether the first argument is the list of ids it is called on.
    pub(super) on_records: bool,
    /// The versions that have it, both included.
    pub(super) versions: (i64, i64),
    /// Whether a model has it.
    pub(super) has: fn(&Model) -> bool,
    pub(super) run: fn(&mut Env<'_>, &Arc<Model>, &Arguments) -> Outcome,
}

pub(super) const fn on_model(name: &'static str, parameters: &'static [&'static str], run: Run) -> Method {
    Method { name, parameters, on_records: false, versions: (0, i64::MAX), has: |_| true, run }
}

pub(super) const fn on_records(name: &'static str, parameters: &'static [&'static str], run: Run) -> Method {
    Method { name, parameters, on_records: true, versions: (0, i64::MAX), has: |_| true, run }
}

pub(super) type Run = fn(&mut Env<'_>, &Arc<Model>, &Arguments) -> Outcome;

impl Method {
    pub(super) const fn until(mut self, major: i64) -> Self {
        self.versions.1 = major;
        self
    }

    /// The same, of those models alone.
    pub(super) const fn of(mut self, has: fn(&Model) -> bool) -> Self {
        self.has = has;
        self
    }

    pub(super) const fn since(mut self, major: i64) -> Self {
        self.versions.0 = major;
        self
    }
}

/// The arguments of a call, by name.
pub(super) struct Arguments {
    pub(super) ids: Vec<i64>,
    pub(super) named: Struct,
}

impl Arguments {
    pub(super) fn get(&self, name: &str) -> Value {
        self.named.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let value = self.named.get(name).and_then(Value::as_array).unwrap_or_default();
        value.iter().map(python::text).collect()
    }

    pub(super) fn vals(&self, name: &str) -> Outcome<Vals> {
        match self.named.get(name) {
            Some(Value::Struct(members)) => Ok(vals_of(members)),
            Some(other) => Err(not_a_dict(other)),
            None => Ok(Vals::new()),
        }
    }
}

pub(super) fn not_a_dict(value: &Value) -> crate::wire::Fault {
    let kind = crate::sandbox::values::type_name(value);
    traceback("AttributeError", &format!("'{kind}' object has no attribute 'get'"))
}

/// Puts positional arguments to their names.
pub(super) fn bind(
    like: Like,
    model: &Model,
    method: &Method,
    mut args: Vec<Value>,
    kwargs: Struct,
) -> Outcome<Arguments> {
    let mut ids = Vec::new();
    if method.on_records {
        if args.is_empty() {
            let kind = if like.is_19() { "list" } else { "tuple" };
            return Err(traceback("IndexError", &format!("{kind} index out of range")));
        }
        ids = match args.remove(0) {
            Value::Int(id) => vec![id],
            Value::Array(values) => values.iter().filter_map(Value::as_int).collect(),
            _ => Vec::new(),
        };
    }
    let title = class_name(like, model, method.name);
    let open = method.parameters.first() == Some(&"**");
    let names: Vec<&str> = method.parameters.iter().map(|name| name.trim_end_matches('=')).collect();
    let mut named = Struct::new();
    if args.len() > names.len() && !open {
        let most = names.len() + 1;
        let given = args.len() + 1;
        let arguments = if most == 1 { "argument" } else { "arguments" };
        return Err(type_error(format!(
            "{title}() takes {most} positional {arguments} but {given} were given"
        )));
    }
    for (name, value) in names.iter().zip(args) {
        named = named.with(name, value);
    }
    for (name, value) in kwargs {
        if !open && !names.contains(&name.as_str()) {
            let name = name.as_str();
            // It hands on what it does not know, and the method behind it complains.
            let inner = like.is_19() && method.name == "search_read";
            let title = if inner { "BaseModel._read_format" } else { title.as_str() };
            return Err(type_error(format!("{title}() got an unexpected keyword argument '{name}'")));
        }
        if method.name == "create" {
            // The server looks at the first positional argument to see what it was given.
            let kind = if like.is_19() { "list" } else { "tuple" };
            return Err(traceback("IndexError", &format!("{kind} index out of range")));
        }
        named.push(name, value);
    }
    for name in method.parameters.iter().filter(|name| !name.ends_with('=') && !open) {
        if named.get(name).is_none() {
            return Err(type_error(format!("{title}() missing 1 required positional argument: '{name}'")));
        }
    }
    Ok(Arguments { ids, named })
}

fn class_name(like: Like, model: &Model, method: &str) -> String {
    if !like.is_19() {
        return method.to_owned();
    }
    match method {
        "unlink" if model.thread => return "MailThread.unlink".to_owned(),
        method if method.starts_with("web_") => return format!("Base.{method}"),
        _ => {}
    }
    let own = matches!(method, "create" | "write" | "unlink");
    let class: String = model
        .name
        .as_str()
        .split(['.', '_'])
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect::<String>())
        })
        .collect();
    format!("{}.{method}", if own { class.as_str() } else { "BaseModel" })
}

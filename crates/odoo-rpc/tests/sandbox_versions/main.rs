//! The sandbox as Odoo 16 and 17: where they differ from 14 and 19, each fact as it was measured on those versions.

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod books;
mod chatter;
mod leads;
mod methods;
mod schema;
mod values;
mod wire;

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Fault, Struct, Value};

pub(crate) const ALL: [Like; 4] = [Like::Odoo14, Like::Odoo16, Like::Odoo17, Like::Odoo19];

pub(crate) fn call(odoo: &Sandbox, model: &str, method: &str, args: Vec<Value>) -> Result<Value, Fault> {
    odoo.execute("sandbox", 2, "admin", model, method, args, Struct::new())
}

pub(crate) fn made(odoo: &Sandbox, model: &str, vals: Struct) -> i64 {
    call(odoo, model, "create", vec![vals.into()]).unwrap().as_int().unwrap()
}

pub(crate) fn read(odoo: &Sandbox, model: &str, id: i64, field: &str) -> Value {
    let answer =
        call(odoo, model, "read", vec![vec![Value::Int(id)].into(), vec![Value::from(field)].into()]);
    answer.unwrap().as_array().unwrap()[0].as_struct().unwrap().get(field).unwrap().clone()
}

pub(crate) fn domain(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    vec![Value::from(vec![Value::from(field), operator.into(), value.into()])].into()
}

/// Which of the four versions something holds for.
pub(crate) fn where_it_holds(fact: impl Fn(&Sandbox) -> bool) -> Vec<i64> {
    ALL.into_iter().filter(|like| fact(&Sandbox::new(*like))).map(Like::major).collect()
}

/// What a method of one record answers.
pub(crate) fn on(odoo: &Sandbox, model: &str, method: &str, id: i64) -> Result<Value, Fault> {
    call(odoo, model, method, vec![vec![Value::Int(id)].into()])
}

pub(crate) fn write(odoo: &Sandbox, model: &str, id: i64, vals: Struct) -> Result<Value, Fault> {
    call(odoo, model, "write", vec![vec![Value::Int(id)].into(), vals.into()])
}

/// The one record that a domain finds.
pub(crate) fn found(odoo: &Sandbox, model: &str, field: &str, value: &str) -> i64 {
    let ids = call(odoo, model, "search", vec![domain(field, "=", value)]).unwrap();
    ids.as_array().unwrap()[0].as_int().unwrap()
}

/// The versions in which a model has a field.
pub(crate) fn has(make: fn(Like) -> Sandbox, model: &str, field: &str) -> Vec<i64> {
    let there = |like: &Like| {
        let fields = call(&make(*like), model, "fields_get", vec![vec![Value::from(field)].into()]).unwrap();
        !fields.as_struct().unwrap().is_empty()
    };
    ALL.into_iter().filter(there).map(Like::major).collect()
}

/// What each version makes of the same.
pub(crate) fn each<T>(fact: impl Fn(&Sandbox) -> T) -> [T; 4] {
    ALL.map(|like| fact(&Sandbox::new(like)))
}

/// Whether nothing came back: done, and nothing that could be written down.
pub(crate) fn is_nothing(answer: &Result<Value, Fault>) -> bool {
    answer.as_ref().is_err_and(|fault| fault.code == 1 && fault.text.contains("cannot marshal "))
}

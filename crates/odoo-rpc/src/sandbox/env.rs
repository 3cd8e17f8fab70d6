//! One call's surroundings: who asks, in which context, when, on which database.

use std::sync::Arc;

use crate::sandbox::faults::{self, Outcome};
use crate::sandbox::registry::{Field, Model, Registry};
use crate::sandbox::rights::Rights;
use crate::sandbox::store::Store;
use crate::sandbox::version::Like;
use crate::wire::{Struct, Value};

/// The id of the administrator a caller logs in as.
pub(super) const ADMIN: i64 = 2;

/// Everything a database holds.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) like: Like,
    /// The shipped models, before anything custom.
    pub(super) shipped: Arc<Registry>,
    pub(super) registry: Arc<Registry>,
    pub(super) store: Store,
    pub(super) rights: Rights,
}

/// A call at work on a database.
#[derive(Debug)]
pub(super) struct Env<'a> {
    pub(super) db: &'a mut Database,
    pub(super) uid: i64,
    pub(super) context: Struct,
    /// The transaction's time, as stored in `create_date`.
    pub(super) now: String,
    /// Above zero, rights are not asked.
    pub(super) sudo: usize,
}

impl Env<'_> {
    pub(super) fn like(&self) -> Like {
        self.db.like
    }

    pub(super) fn is_19(&self) -> bool {
        self.db.like.is_19()
    }

    /// Whether it behaves like that main version, or a later one.
    pub(super) fn at_least(&self, major: i64) -> bool {
        self.db.like.at_least(major)
    }

    pub(super) fn model(&self, name: &str) -> Outcome<Arc<Model>> {
        self.db.registry.model(name).cloned().ok_or_else(|| faults::unknown_model(name))
    }

    /// The model a relational field points to.
    pub(super) fn comodel(&self, field: &Field) -> Outcome<Arc<Model>> {
        self.model(field.relation.as_ref().map_or("_unknown", |name| name.as_str()))
    }

    pub(super) fn today(&self) -> &str {
        self.now.get(..10).unwrap_or(&self.now)
    }

    /// Whether the context sets that key to something true.
    pub(super) fn wants(&self, key: &str) -> bool {
        self.context.get(key).is_some_and(crate::sandbox::python::truth)
    }

    /// Whether archived records are left out.
    pub(super) fn active_test(&self) -> bool {
        self.context.get("active_test").is_none_or(crate::sandbox::python::truth)
    }

    /// A stored value that is a text.
    pub(super) fn text(&self, model: &str, id: i64, field: &str) -> Option<&str> {
        self.db.store.value(model, id, field).and_then(Value::as_text)
    }

    /// A stored value that is a number or a many2one.
    pub(super) fn int(&self, model: &str, id: i64, field: &str) -> Option<i64> {
        self.db.store.value(model, id, field).and_then(Value::as_int)
    }

    pub(super) fn flag(&self, model: &str, id: i64, field: &str) -> bool {
        self.db.store.value(model, id, field).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The record of an external id.
    pub(super) fn record(&self, module: &str, name: &str) -> Option<i64> {
        let key = crate::sandbox::store::Key::Text(name.to_owned());
        let ids = self.db.store.indexed("ir.model.data", "name", &key)?;
        let row = ids.iter().find(|&&id| self.text("ir.model.data", id, "module") == Some(module))?;
        self.int("ir.model.data", *row, "res_id")
    }

    /// The contact of a user.
    pub(super) fn partner_of(&self, user: i64) -> Option<i64> {
        self.int("res.users", user, "partner_id")
    }

    /// The row of `ir.model` that describes a model.
    pub(super) fn model_row(&self, model: &str) -> Option<i64> {
        let key = crate::sandbox::store::Key::Text(model.to_owned());
        self.db.store.indexed("ir.model", "model", &key)?.first().copied()
    }

    /// Takes back what the call did since a savepoint, custom models and fields with it.
    pub(super) fn roll_back_to(&mut self, mark: usize) {
        let schema = self.db.store.touched_schema_since(mark);
        self.db.store.roll_back_to(mark);
        if schema {
            self.reload_schema();
        }
    }

    /// Does something as the server itself, without asking rights.
    pub(super) fn as_server<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.sudo += 1;
        let result = work(self);
        self.sudo -= 1;
        result
    }
}

//! An Odoo inside this process, held to what real Odoo 19 and 14 servers do.
//!
//! A [`Sandbox`] is a [`Transport`](crate::transport::Transport), so a client talks to it without a socket;
//! [`Sandbox::serve`] puts the same database on one. Models are data, custom fields and models are live at once, a call
//! is one transaction, and [`Trouble`] makes it fail the ways real servers and networks do. Where it differs from the
//! real server it is wrong: `tests/real_likeness.rs` runs the same calls against both.

mod access;
mod accounting;
mod activities;
mod attachments;
mod chatter;
mod compute;
mod contacts;
mod controls;
mod definition;
mod domain;
mod env;
mod exception;
mod external;
mod faults;
mod groups;
mod hooks;
mod html;
mod http;
mod json;
mod json2;
mod jsonrpc;
mod leads;
mod load;
mod log;
mod method;
mod methods;
mod models;
mod orm;
mod pattern;
mod people;
mod persist;
mod predicate;
mod python;
mod registry;
mod rights;
mod schema;
mod search;
mod service;
mod sessions;
mod shown;
mod spec;
mod store;
mod transport;
mod trouble;
mod values;
mod version;
mod views;
mod wanted;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

pub use crate::sandbox::http::Served;
pub use crate::sandbox::log::{Latency, Seen};
pub use crate::sandbox::trouble::Trouble;
pub use crate::sandbox::version::Like;

use crate::sandbox::env::{Database, Env};
use crate::sandbox::faults::{Outcome, traceback, unwritable};
use crate::sandbox::log::Log;
use crate::sandbox::models::seed;
use crate::sandbox::persist::Keeper;
use crate::sandbox::sessions::Sessions;
use crate::sandbox::trouble::Script;
use crate::wire::{Fault, Name, Struct, Value};

/// The name of its one database.
pub const DATABASE: &str = "sandbox";
/// The administrator's login, and password.
pub const LOGIN: &str = "admin";
/// An API key of the administrator: for JSON-2, and as a password.
pub const API_KEY: &str = "5a9db0c5a9db0c5a9db0c5a9db0c5a9db0c5a9db";

/// An Odoo inside this process: database `sandbox`, login and password `admin`, user id 2.
///
/// Cloning it is cheap, and a clone is the same database. `Debug` shows no record.
///
/// # Example
///
/// ```
/// use odoo_rpc::sandbox::{Like, Sandbox};
/// use odoo_rpc::wire::{Struct, Value};
///
/// let odoo = Sandbox::new(Like::Odoo19);
/// let asha = Struct::new().with("name", "Asha Rao");
/// let id = odoo.execute("sandbox", 2, "admin", "res.partner", "create", vec![asha.into()], Struct::new());
/// assert!(matches!(id, Ok(Value::Int(_))));
/// ```
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    like: Like,
    database: Mutex<Database>,
    script: Mutex<Script>,
    log: Log,
    sessions: Mutex<Sessions>,
    keeper: Option<Mutex<Keeper>>,
    born: (jiff::Timestamp, Instant),
}

impl Sandbox {
    /// A new database like that version's.
    #[must_use]
    pub fn new(like: Like) -> Self {
        let born = (jiff::Timestamp::now(), Instant::now());
        let database = seed::database(like, &stamp(like, born.0));
        Self::with(like, database, None, born)
    }

    /// A database that is kept in a file, made where there is none yet.
    ///
    /// Every call that changed something is in the file before it is answered, as one line: a process that is killed
    /// loses at most the call it had not answered, and never leaves a broken file. What the machine itself had not
    /// written yet can be lost with the power. The file holds every record in plain text, so only its owner may read it.
    /// It belongs to one sandbox at a time.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, is used by another sandbox, is not a sandbox's file, or is another version's.
    pub fn open(path: impl AsRef<std::path::Path>, like: Like) -> std::io::Result<Self> {
        let born = (jiff::Timestamp::now(), Instant::now());
        let (keeper, database) = Keeper::open(path.as_ref(), like, &stamp(like, born.0))?;
        Ok(Self::with(like, database, Some(Mutex::new(keeper)), born))
    }

    fn with(
        like: Like,
        database: Database,
        keeper: Option<Mutex<Keeper>>,
        born: (jiff::Timestamp, Instant),
    ) -> Self {
        let (database, script) = (Mutex::new(database), Mutex::new(Script::default()));
        let (log, sessions) = (Log::default(), Mutex::default());
        Self(Arc::new(Inner { like, database, script, log, sessions, keeper, born }))
    }

    /// The version it behaves like.
    #[must_use]
    pub fn like(&self) -> Like {
        self.0.like
    }

    /// Calls a method of a model, as `execute_kw` does: one transaction, all or nothing.
    ///
    /// # Errors
    ///
    /// The fault the real server would send. A method that answers nothing is done, and still a fault: the server
    /// cannot write "nothing" down.
    #[expect(clippy::too_many_arguments, reason = "these are execute_kw's own")]
    pub fn execute(
        &self,
        database: &str,
        uid: i64,
        password: &str,
        model: &str,
        method: &str,
        args: Vec<Value>,
        kwargs: Struct,
    ) -> Result<Value, Fault> {
        let answer = self.transact(database, uid, password, model, method, args, kwargs)?;
        self.writable(model, method, answer)
    }

    /// The same, with the answer as it is before it is written down.
    #[expect(clippy::too_many_arguments, reason = "these are execute_kw's own")]
    fn transact(
        &self,
        database: &str,
        uid: i64,
        password: &str,
        model: &str,
        method: &str,
        args: Vec<Value>,
        kwargs: Struct,
    ) -> Outcome {
        self.check_database(database)?;
        let mut db = lock(&self.0.database);
        let now = self.now();
        let mut env = Env { db: &mut db, uid, context: Struct::new(), now, sudo: 0 };
        env.check_login(uid, password)?;
        let outcome = env.call(model, method, args, kwargs);
        let outcome = outcome.and_then(|value| self.keep(&db).map(|()| value));
        self.finish(&mut db, &outcome);
        outcome
    }

    /// XML-RPC cannot write nothing down, and before 19 not the kind of dict that the caller's context is.
    fn writable(&self, model: &str, method: &str, answer: Value) -> Outcome {
        let context = (model, method) == ("res.users", "context_get") && !self.like().is_19();
        match answer {
            Value::Nil => Err(unwritable("None unless allow_none is enabled")),
            _ if context => Err(unwritable("<class 'odoo.tools.misc.frozendict'> objects")),
            answer => Ok(answer),
        }
    }

    /// Adds to what goes wrong.
    pub fn trouble(&self, trouble: Trouble) {
        lock(&self.0.script).add(trouble);
    }

    /// Ends all trouble.
    pub fn calm(&self) {
        lock(&self.0.script).clear();
    }

    /// How long calls take, from now on.
    pub fn latency(&self, latency: Latency) {
        self.0.log.set_latency(latency);
    }

    /// Every request received so far, in the order it came.
    #[must_use]
    pub fn log(&self) -> Vec<Seen> {
        self.0.log.seen()
    }

    /// Every row of a model as it is stored, archived ones too, by id. Fields that are empty are left out.
    #[must_use]
    pub fn rows(&self, model: &str) -> Vec<Struct> {
        let db = lock(&self.0.database);
        let rows = db.store.rows_from(model, 0);
        rows.map(|(id, row)| {
            let mut members = Struct::with_capacity(row.len() + 1);
            members.push(Name::from("id"), Value::Int(id));
            for (name, value) in row.iter() {
                members.push(name.clone(), value.clone());
            }
            members
        })
        .collect()
    }

    /// How many rows a model has, archived ones too.
    #[must_use]
    pub fn count(&self, model: &str) -> usize {
        lock(&self.0.database).store.len(model)
    }

    fn check_database(&self, database: &str) -> Outcome<()> {
        if database == DATABASE {
            return Ok(());
        }
        let place = if self.like().at_least(16) { "connection to server failed: " } else { "" };
        let message = format!("{place}FATAL:  database \"{database}\" does not exist\n");
        Err(traceback("psycopg2.OperationalError", &message))
    }

    fn keep(&self, db: &Database) -> Outcome<()> {
        let Some(keeper) = &self.0.keeper else { return Ok(()) };
        lock(keeper).append(&db.store).map_err(|error| traceback("OSError", &error.to_string()))
    }

    fn finish(&self, db: &mut Database, outcome: &Outcome) {
        if outcome.is_ok() {
            db.store.commit();
            return;
        }
        let schema = db.store.touched_schema();
        db.store.roll_back();
        if schema {
            Env { db, uid: 1, context: Struct::new(), now: self.now(), sudo: 1 }.reload_schema();
        }
    }

    /// The time, moving as tokio's clock does: a paused test decides it.
    fn now(&self) -> String {
        let (start, instant) = self.0.born;
        let passed = jiff::SignedDuration::try_from(instant.elapsed()).unwrap_or(jiff::SignedDuration::ZERO);
        stamp(self.0.like, start.checked_add(passed).unwrap_or(start))
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({:?})", self.0.like)
    }
}

/// A time as stored. Up to 17 Odoo compares microseconds that it does not show, 19 whole seconds.
fn stamp(like: Like, time: jiff::Timestamp) -> String {
    let format = if like.is_19() { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.6f" };
    time.strftime(format).to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The services behind the paths: `common`, `object` and `db`.

use crate::sandbox::env::{Database, Env};
use crate::sandbox::faults::{self, Outcome, traceback, value_error};
use crate::sandbox::store::Key;
use crate::sandbox::version::Like;
use crate::sandbox::{API_KEY, DATABASE, Sandbox, json2, lock};
use crate::wire::{Call, Struct, Value};

/// Which service a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Common,
    Object,
    /// `Object`, asked and answered in JSON.
    Json2,
    /// `Object` once more, by another protocol.
    JsonRpc,
    Databases,
}

impl Service {
    pub(super) fn at(like: Like, path: &str) -> Option<Self> {
        match path.trim_end_matches('/') {
            path if like.is_19() && json2::target(path).is_some() => Some(Self::Json2),
            "/xmlrpc/2/common" => Some(Self::Common),
            "/xmlrpc/2/object" => Some(Self::Object),
            "/xmlrpc/2/db" => Some(Self::Databases),
            _ => None,
        }
    }
}

/// What a call is about, for the log and for trouble.
pub(super) fn subject(service: Service, call: &Call) -> (String, String, usize) {
    match service {
        Service::Common => return ("common".to_owned(), call.method.clone(), 0),
        Service::Databases => return ("db".to_owned(), call.method.clone(), 0),
        Service::Object | Service::Json2 | Service::JsonRpc => {}
    }
    let text = |place: usize| call.params.get(place).and_then(Value::as_text).unwrap_or_default().to_owned();
    (text(3), text(4), records(call).len())
}

/// The records a call brings or names.
pub(super) fn records(call: &Call) -> Vec<&Value> {
    let method = call.params.get(4).and_then(Value::as_text).unwrap_or_default();
    let args = call.params.get(5).and_then(Value::as_array).unwrap_or_default();
    match (method, args.first()) {
        ("create" | "write" | "unlink" | "read" | "web_save_multi", Some(Value::Array(values))) => {
            values.iter().collect()
        }
        ("create" | "write" | "unlink" | "read", Some(value)) => vec![value],
        _ => Vec::new(),
    }
}

/// The values a `create`, `write` or `web_save_multi` carries.
pub(super) fn values(call: &Call) -> Vec<&Struct> {
    let method = call.params.get(4).and_then(Value::as_text).unwrap_or_default();
    let args = call.params.get(5).and_then(Value::as_array).unwrap_or_default();
    let place = usize::from(method != "create");
    match (method, args.get(place)) {
        ("create" | "write" | "web_save_multi", Some(Value::Array(values))) => {
            values.iter().filter_map(Value::as_struct).collect()
        }
        ("create" | "write", Some(Value::Struct(members))) => vec![members],
        _ => Vec::new(),
    }
}

impl Sandbox {
    /// Answers a decoded call.
    pub(super) fn dispatch(&self, service: Service, call: Call) -> Outcome {
        match service {
            Service::Common => self.common(&call),
            Service::Databases => self.database_service(&call),
            Service::Json2 | Service::JsonRpc => self.object(call),
            Service::Object => {
                let (model, method, _) = subject(service, &call);
                self.object(call).and_then(|answer| self.writable(&model, &method, answer))
            }
        }
    }

    fn common(&self, call: &Call) -> Outcome {
        let text = |place: usize| call.params.get(place).and_then(Value::as_text).unwrap_or_default();
        match call.method.as_str() {
            "version" => Ok(self.version()),
            "authenticate" | "login" => {
                self.check_database(text(0))?;
                let db = lock(&self.0.database);
                Ok(login(&db, text(1), text(2)).map_or(Value::Bool(false), Value::Int))
            }
            method => Err(traceback("Exception", &format!("Method not found: {method}"))),
        }
    }

    fn version(&self) -> Value {
        let like = self.like();
        Value::Struct(
            Struct::new()
                .with("server_version", like.server_version())
                .with("server_version_info", like.version_info())
                .with("server_serie", like.server_version())
                .with("protocol_version", 1),
        )
    }

    /// What would change a database wants the master password, which nobody has.
    fn database_service(&self, call: &Call) -> Outcome {
        match call.method.as_str() {
            "list" => Ok(databases()),
            "db_exist" => Ok(Value::Bool(call.params.first().and_then(Value::as_text) == Some(DATABASE))),
            "server_version" => Ok(Value::from(self.like().server_version())),
            "create_database"
            | "duplicate_database"
            | "drop"
            | "dump"
            | "restore"
            | "rename"
            | "change_admin_password"
            | "migrate_databases" => Err(faults::access_denied()),
            method => Err(traceback("KeyError", &format!("'Method not found: {method}'"))),
        }
    }

    fn object(&self, call: Call) -> Outcome {
        let count = call.params.len();
        if count < 5 {
            let message = format!("not enough values to unpack (expected at least 5, got {count})");
            return Err(value_error(message));
        }
        let mut params = call.params.into_iter();
        let database = text_of(params.next());
        let uid = params.next().and_then(|value| value.as_int()).unwrap_or(0);
        let (password, model, method) =
            (text_of(params.next()), text_of(params.next()), text_of(params.next()));
        let (args, kwargs) = match call.method.as_str() {
            "execute" => (params.collect(), Struct::new()),
            "execute_kw" => (list_of(params.next()), members_of(params.next())),
            other => return Err(traceback("NameError", &format!("Method not available {other}"))),
        };
        self.transact(&database, uid, &password, &model, &method, args, kwargs)
    }
}

/// The names of the databases there are.
pub(super) fn databases() -> Value {
    Value::Array(vec![Value::from(DATABASE)])
}

impl Env<'_> {
    /// Whether the caller is who it says.
    pub(super) fn check_login(&self, uid: i64, password: &str) -> Outcome<()> {
        if !self.db.store.contains("res.users", uid) {
            return Err(faults::missing("res.users", uid, uid));
        }
        let known = self.text("res.users", uid, "password") == Some(password) || is_key(uid, password);
        if self.flag("res.users", uid, "active") && known {
            return Ok(());
        }
        Err(faults::access_denied())
    }
}

fn login(db: &Database, login: &str, password: &str) -> Option<i64> {
    let ids = db.store.indexed("res.users", "login", &Key::Text(login.to_owned()))?;
    let id = *ids.first()?;
    let row = db.store.row("res.users", id)?;
    let active = row.get("active") == Some(&Value::Bool(true));
    let known = row.get("password").and_then(Value::as_text) == Some(password) || is_key(id, password);
    (active && known).then_some(id)
}

/// Whether it is the administrator with the key.
fn is_key(uid: i64, secret: &str) -> bool {
    uid == 2 && secret == API_KEY
}

fn text_of(value: Option<Value>) -> String {
    match value {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    }
}

fn list_of(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

fn members_of(value: Option<Value>) -> Struct {
    match value {
        Some(Value::Struct(members)) => members,
        _ => Struct::new(),
    }
}

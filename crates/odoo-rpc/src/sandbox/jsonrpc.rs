//! JSON-RPC, as older clients and the web client speak it: `/jsonrpc` with login and password in every call, and
//! `/web/dataset/call_kw` within a session.

use serde_json::{Map, Value as Json, json};

use crate::sandbox::env::Env;
use crate::sandbox::exception::Exception;
use crate::sandbox::faults::{self, traceback};
use crate::sandbox::json::{json_of, value_of};
use crate::sandbox::service::{Service, databases};
use crate::sandbox::sessions::{Session, cookie};
use crate::sandbox::transport::{Asked, Reply, Worked, page};
use crate::sandbox::{DATABASE, Sandbox, lock};
use crate::transport::Response;
use crate::wire::{Call, Fault, Struct, Value};

/// What a path leads to.
#[derive(Clone, Copy)]
enum Route {
    /// A service's method, with login and password.
    Service,
    /// A model's method, by whoever the session is.
    Method,
    Version,
    Databases,
    LogIn,
    LogOut,
    /// What the session's user is told of itself.
    Info,
}

fn route(path: &str) -> Option<Route> {
    Some(match path.trim_end_matches('/') {
        "/jsonrpc" => Route::Service,
        "/web/webclient/version_info" => Route::Version,
        "/web/database/list" => Route::Databases,
        "/web/session/authenticate" => Route::LogIn,
        "/web/session/destroy" => Route::LogOut,
        "/web/session/get_session_info" => Route::Info,
        // The web client adds model and method to the path, for the server's log.
        path => match path.strip_prefix("/web/dataset/call_kw")? {
            "" => Route::Method,
            rest if rest.starts_with('/') => Route::Method,
            _ => return None,
        },
    })
}

/// Whether a path is answered here.
pub(super) fn answers(path: &str) -> bool {
    route(path).is_some()
}

/// Why there is no result.
enum Refusal {
    Fault(Fault),
    SessionExpired,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A request taken apart.
struct Ask {
    id: Json,
    params: Map<String, Json>,
    bytes: usize,
    session: Option<String>,
}

impl Ask {
    fn read(asked: &Asked) -> Option<Self> {
        let Ok(Json::Object(mut request)) = serde_json::from_slice::<Json>(&asked.body) else { return None };
        let params = match request.remove("params") {
            Some(Json::Object(params)) => params,
            _ => Map::new(),
        };
        let id = request.remove("id").unwrap_or(Json::Null);
        Some(Self { id, params, bytes: asked.body.len(), session: cookie(&asked.headers).map(str::to_owned) })
    }

    fn text(&self, name: &str) -> String {
        self.params.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.params.remove(name).map(value_of)
    }

    fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        }
    }
}

impl Sandbox {
    /// Answers a JSON-RPC request. A method that answers nothing is answered without a result.
    pub(super) async fn json_rpc(&self, asked: Asked) -> Reply {
        let (Some(route), Some(mut ask)) = (route(&asked.path), Ask::read(&asked)) else {
            return Reply::Answer(page(400, "Bad Request", "Invalid JSON data"));
        };
        let session = ask.session.as_ref().and_then(|token| lock(&self.0.sessions).find(token));
        let worked = match route {
            Route::Service => self.json_service(&mut ask).await,
            Route::Version => self.common_call("version", Vec::new(), &ask).await,
            Route::Databases => Worked::Done(Ok(databases())),
            Route::LogIn => return self.json_log_in(&ask).await,
            Route::LogOut | Route::Info | Route::Method => match session {
                None => return self.json_answer(&ask.id, Err(Refusal::SessionExpired)),
                Some(session) => self.within(route, session, &mut ask).await,
            },
        };
        match worked {
            Worked::Done(outcome) => self.json_answer(&ask.id, outcome.map_err(Refusal::from)),
            Worked::Page(response) => Reply::Answer(response),
            Worked::Nothing => Reply::Nothing,
        }
    }

    async fn common_call(&self, method: &str, params: Vec<Value>, ask: &Ask) -> Worked {
        self.run(Service::Common, Call { method: method.to_owned(), params }, ask.bytes).await
    }

    async fn json_service(&self, ask: &mut Ask) -> Worked {
        let params = ask.list("args");
        let (service, method) = (ask.text("service"), ask.text("method"));
        match service.as_str() {
            "common" => self.common_call(&method, params, ask).await,
            "object" => self.run(Service::JsonRpc, Call { method, params }, ask.bytes).await,
            "db" => self.run(Service::Databases, Call { method, params }, ask.bytes).await,
            other if self.like().at_least(16) => {
                Worked::Done(Err(traceback("KeyError", &format!("'{other}'"))))
            }
            _ => {
                let message = "local variable 'dispatch' referenced before assignment";
                Worked::Done(Err(traceback("UnboundLocalError", message)))
            }
        }
    }

    /// What the path of a session's user leads to.
    async fn within(&self, route: Route, session: Session, ask: &mut Ask) -> Worked {
        match route {
            Route::Method => {
                let (model, method) = (ask.text("model"), ask.text("method"));
                let kwargs = ask.take("kwargs").unwrap_or_else(|| Struct::new().into());
                let params = vec![
                    DATABASE.into(),
                    session.uid.into(),
                    session.password.into(),
                    model.into(),
                    method.into(),
                    ask.list("args").into(),
                    kwargs,
                ];
                let call = Call { method: "execute_kw".to_owned(), params };
                self.run(Service::JsonRpc, call, ask.bytes).await
            }
            Route::LogOut => {
                if let Some(token) = &ask.session {
                    lock(&self.0.sessions).end(token);
                }
                Worked::Done(Ok(Value::Nil))
            }
            _ => Worked::Done(Ok(self.session_info(session.uid))),
        }
    }

    /// Begins a session: its cookie goes with the answer.
    async fn json_log_in(&self, ask: &Ask) -> Reply {
        let (database, login, password) = (ask.text("db"), ask.text("login"), ask.text("password"));
        if database != DATABASE && self.like().at_least(16) {
            let refusal = Refusal::Fault(Fault::new(4, "Database not found."));
            return self.json_answer(&ask.id, Err(refusal));
        }
        let mut params: Vec<Value> = [database, login, password.clone()].map(Value::from).into();
        params.push(Struct::new().into());
        let outcome = match self.common_call("authenticate", params, ask).await {
            Worked::Done(outcome) => outcome,
            Worked::Page(response) => return Reply::Answer(response),
            Worked::Nothing => return Reply::Nothing,
        };
        let uid = outcome.and_then(|answer| answer.as_int().ok_or_else(faults::access_denied));
        let uid = match uid {
            Ok(uid) => uid,
            Err(fault) => return self.json_answer(&ask.id, Err(fault.into())),
        };
        let token = lock(&self.0.sessions).begin(&self.now(), Session { uid, password });
        match self.json_answer(&ask.id, Ok(self.session_info(uid))) {
            Reply::Answer(response) => Reply::Session(response, token),
            other => other,
        }
    }

    fn session_info(&self, uid: i64) -> Value {
        let mut db = lock(&self.0.database);
        let env = Env { db: &mut db, uid, context: Struct::new(), now: self.now(), sudo: 1 };
        env.session_info().into()
    }

    fn json_answer(&self, id: &Json, outcome: Result<Value, Refusal>) -> Reply {
        let mut answer = Map::new();
        answer.insert("jsonrpc".to_owned(), json!("2.0"));
        answer.insert("id".to_owned(), id.clone());
        match outcome {
            Ok(Value::Nil) => {}
            Ok(value) => drop(answer.insert("result".to_owned(), json_of(&value))),
            Err(refusal) => drop(answer.insert("error".to_owned(), self.json_error(&refusal))),
        }
        let body = Json::Object(answer).to_string().into_bytes();
        let kind =
            if self.like().at_least(16) { "application/json; charset=utf-8" } else { "application/json" };
        Reply::Answer(Response::new(200, kind, body))
    }

    fn json_error(&self, refusal: &Refusal) -> Json {
        let usual = if self.like().is_19() { 0 } else { 200 };
        let expired = || Exception {
            class: "odoo.http.SessionExpiredException".to_owned(),
            message: "Session expired".to_owned(),
        };
        let (code, title, exception) = match refusal {
            Refusal::Fault(fault) => (usual, "Odoo Server Error", Exception::of(fault)),
            Refusal::SessionExpired => (100, "Odoo Session Expired", expired()),
        };
        let Exception { class, message } = exception;
        // Python quotes a key as it tells of it; 19 shows the exception's arguments.
        let bare = if class == "builtins.KeyError" { message.trim_matches('\'') } else { message.as_str() };
        let shown = if self.like().is_19() { bare } else { message.as_str() };
        let debug = match refusal {
            Refusal::Fault(fault) if fault.code == 1 => fault.text.clone(),
            _ => traceback(&class, &message).text,
        };
        let data = json!({
            "name": class, "message": shown, "arguments": [bare], "context": {}, "debug": debug,
        });
        json!({"code": code, "message": title, "data": data})
    }
}

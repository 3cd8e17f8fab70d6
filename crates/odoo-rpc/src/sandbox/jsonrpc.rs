//! JSON-RPC, as older clients speak it: `/jsonrpc`, and what the web client asks before it logs in.

use serde_json::{Map, Value as Json, json};

use crate::sandbox::Sandbox;
use crate::sandbox::service::Service;
use crate::transport::Response;
use crate::wire::{Call, Fault, Struct, Value};

const PATHS: [&str; 3] = ["/jsonrpc", "/web/session/authenticate", "/web/webclient/version_info"];

/// Whether a path is answered here.
pub(super) fn answers(path: &str) -> bool {
    PATHS.contains(&path.trim_end_matches('/'))
}

impl Sandbox {
    /// Answers a JSON-RPC request. A method that answers nothing is answered without a result.
    pub(super) fn json_rpc(&self, path: &str, body: &[u8]) -> Response {
        let Ok(Json::Object(request)) = serde_json::from_slice::<Json>(body) else {
            return crate::sandbox::transport::page(400, "Bad Request", "Invalid JSON data");
        };
        let params = request.get("params").cloned().unwrap_or_else(|| json!({}));
        let outcome = match path.trim_end_matches('/') {
            "/web/webclient/version_info" => self.rpc_call(Service::Common, "version", Vec::new()),
            "/web/session/authenticate" => self.json_session(&params),
            _ => {
                let text = |name: &str| params.get(name).and_then(Json::as_str).unwrap_or_default();
                let args = params.get("args").and_then(Json::as_array).cloned().unwrap_or_default();
                let args = args.iter().map(value_of).collect();
                match text("service") {
                    "common" => self.rpc_call(Service::Common, text("method"), args),
                    "object" => self.rpc_call(Service::Object, text("method"), args),
                    "db" => Ok(Some(json!([crate::sandbox::DATABASE]))),
                    other => Err(Fault::new(1, format!("KeyError: '{other}'"))),
                }
            }
        };
        let mut answer = Map::new();
        answer.insert("jsonrpc".to_owned(), json!("2.0"));
        answer.insert("id".to_owned(), request.get("id").cloned().unwrap_or(Json::Null));
        match outcome {
            Ok(Some(result)) => drop(answer.insert("result".to_owned(), result)),
            Ok(None) => {}
            Err(fault) => drop(answer.insert("error".to_owned(), self.json_error(&fault))),
        }
        let body = Json::Object(answer).to_string().into_bytes();
        Response::new(200, "application/json; charset=utf-8", body)
    }

    fn rpc_call(&self, service: Service, method: &str, params: Vec<Value>) -> Result<Option<Json>, Fault> {
        let name = |place: usize| params.get(place).and_then(Value::as_text).unwrap_or_default();
        // Written as JSON, the caller's context is an answer on every version.
        let context = (name(3), name(4)) == ("res.users", "context_get") && !self.like().is_19();
        let uid = params.get(1).and_then(Value::as_int);
        let outcome = self.dispatch(service, Call { method: method.to_owned(), params });
        match outcome {
            Ok(value) => Ok(Some(json_of(&value))),
            Err(fault) if fault.text.contains("cannot marshal None") => Ok(None),
            Err(fault) if context && fault.text.contains("cannot marshal") => {
                Ok(Some(json!({"lang": "en_US", "tz": false, "uid": uid})))
            }
            Err(fault) => Err(fault),
        }
    }

    fn json_session(&self, params: &Json) -> Result<Option<Json>, Fault> {
        let text = |name: &str| params.get(name).and_then(Json::as_str).unwrap_or_default();
        let login = [text("db"), text("login"), text("password")];
        let params =
            login.iter().map(|text| Value::from(*text)).chain([Value::Struct(Struct::new())]).collect();
        let uid = self.rpc_call(Service::Common, "authenticate", params)?;
        let Some(uid) = uid.filter(|uid| uid.is_number()) else {
            return Err(Fault::new(3, "Access Denied"));
        };
        Ok(Some(json!({
            "uid": uid,
            "db": text("db"),
            "username": text("login"),
            "user_context": {"lang": "en_US", "tz": false, "uid": uid},
            "server_version": self.like().server_version(),
        })))
    }

    fn json_error(&self, fault: &Fault) -> Json {
        let last = fault.text.trim_end().lines().last().unwrap_or_default();
        let (name, message) = match fault.code {
            2 if fault.text.starts_with("Record does not exist") => {
                ("odoo.exceptions.MissingError".to_owned(), fault.text.as_str())
            }
            2 => ("odoo.exceptions.ValidationError".to_owned(), fault.text.as_str()),
            3 => ("odoo.exceptions.AccessDenied".to_owned(), fault.text.as_str()),
            4 => ("odoo.exceptions.AccessError".to_owned(), fault.text.as_str()),
            _ => match last.split_once(": ") {
                Some((name, message)) if name.contains('.') => (name.to_owned(), message),
                Some((name, message)) => (format!("builtins.{name}"), message),
                None => ("builtins.Exception".to_owned(), last),
            },
        };
        let code = if self.like().is_19() { 0 } else { 200 };
        json!({
            "code": code,
            "message": "Odoo Server Error",
            "data": {
                "name": name,
                "debug": fault.text,
                "message": message,
                "arguments": [message],
                "context": {},
            },
        })
    }
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::Double(number) => json!(number),
        Value::Text(text) | Value::DateTime(text) => json!(text),
        Value::Array(values) => Json::Array(values.iter().map(json_of).collect()),
        Value::Struct(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.to_owned(), json_of(value))).collect())
        }
        // No answer holds bytes: they are base64 texts.
        _ => Json::Null,
    }
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::Double(number),
            (None, None) => Value::Nil,
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(values) => Value::Array(values.iter().map(value_of).collect()),
        Json::Object(members) => {
            Value::Struct(members.iter().map(|(name, value)| (name.as_str(), value_of(value))).collect())
        }
    }
}

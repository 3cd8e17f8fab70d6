//! JSON-2 of Odoo 19: a request becomes a call of the same services, and the answer a status with a bare value.

use crate::sandbox::exception::Exception;
use crate::sandbox::faults::Outcome;
use crate::sandbox::json::written;
use crate::sandbox::methods::places;
use crate::sandbox::transport::page;
use crate::sandbox::{API_KEY, DATABASE, Sandbox};
use crate::transport::Response;
use crate::wire::{Call, Fault, Limits, Struct, Value, decode_json};

/// The path of what it answers.
const PATH: &str = "/json/2/";

/// The model and method that a path names; nothing where it is no path of JSON-2.
pub(super) fn target(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(PATH)?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// What Odoo 19 tells anybody of itself.
pub(super) fn version_page() -> Response {
    json(200, br#"{"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}"#.to_vec())
}

impl Sandbox {
    /// The call that a request stands for, or the answer that it gets at once.
    pub(super) fn json_call(
        &self,
        model: &str,
        method: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Call, Response> {
        let header = |wanted: &str| {
            headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.as_str())
        };
        if header("x-odoo-database").is_some_and(|database| database != DATABASE) {
            let text =
                "No database is selected and the requested URL was not found in the server-wide controllers.";
            return Err(page(404, "Not Found", text));
        }
        if !header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            let text = "Request inferred type is compatible with ['http'] but '/json/2/<__model__>/<__method__>' is type='json2'.";
            return Err(page(415, "Unsupported Media Type", text));
        }
        let scheme_and_key = header("authorization").and_then(|value| value.split_once(' '));
        match scheme_and_key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
            Some((_, key)) if key.trim() == API_KEY => {}
            Some(_) => return Err(werkzeug(401, "Unauthorized", "Invalid apikey")),
            None => {
                let text = "User not authenticated, use an API Key with a Bearer Authorization header.";
                return Err(werkzeug(401, "Unauthorized", text));
            }
        }
        if method.is_empty() || method.contains('/') {
            return Err(werkzeug(404, "NotFound", "Did you mean POST /json/2/<model>/<method>?"));
        }
        let named = match body {
            [] => Struct::new(),
            body => match decode_json(body, &Limits::default()) {
                Ok(Value::Struct(named)) => named,
                Ok(_) => Struct::new(),
                Err(_) => {
                    let text = "could not parse the body as json: Expecting value: line 1 column 1 (char 0)";
                    return Err(werkzeug(400, "BadRequest", text));
                }
            },
        };
        let (args, kwargs) = self.by_place(model, method, named)?;
        let params = vec![
            DATABASE.into(),
            2.into(),
            API_KEY.into(),
            model.into(),
            method.into(),
            args.into(),
            kwargs.into(),
        ];
        Ok(Call { method: "execute_kw".to_owned(), params })
    }

    /// The arguments as XML-RPC has them: what has a place, in order, and the others by name.
    fn by_place(&self, model: &str, method: &str, named: Struct) -> Result<(Vec<Value>, Struct), Response> {
        let (on_records, names) = places(self.like(), method).unwrap_or((named.get("ids").is_some(), &[]));
        if !on_records && named.get("ids").is_some() {
            return Err(werkzeug(
                422,
                "UnprocessableEntity",
                &format!("cannot call {model}.{method} with ids"),
            ));
        }
        let mut args = Vec::new();
        if on_records {
            args.push(named.get("ids").cloned().unwrap_or_else(|| Vec::<Value>::new().into()));
        }
        let placed: Vec<&str> = names
            .iter()
            .map(|name| name.trim_end_matches('='))
            .take_while(|name| *name != "**" && named.get(name).is_some())
            .collect();
        let mut kwargs = Struct::new();
        let mut values: Vec<Option<Value>> = vec![None; placed.len()];
        for (name, value) in named {
            match placed.iter().position(|known| *known == name.as_str()) {
                Some(place) => values[place] = Some(value),
                None if name.as_str() == "ids" => {}
                None => kwargs.push(name, value),
            }
        }
        args.extend(values.into_iter().flatten());
        Ok((args, kwargs))
    }
}

/// The answer to a call.
pub(super) fn answer(outcome: Outcome) -> Response {
    match outcome {
        Ok(value) => json(200, written(&value)),
        Err(fault) => failure(&fault),
    }
}

fn failure(fault: &Fault) -> Response {
    let text = fault.text.as_str();
    let exception = Exception::of(fault);
    let status = match exception.class.as_str() {
        "odoo.exceptions.UserError" if text.starts_with("Object ") => {
            let model = text.split(' ').nth(1).unwrap_or_default();
            return werkzeug(404, "NotFound", &format!("the model '{model}' does not exist"));
        }
        "odoo.exceptions.AccessDenied" => return werkzeug(401, "Unauthorized", "Invalid apikey"),
        "odoo.exceptions.MissingError" => 404,
        "odoo.exceptions.ValidationError" | "odoo.exceptions.UserError" => 422,
        "odoo.exceptions.AccessError" => 403,
        _ => return raised(&exception),
    };
    told(status, &exception.class, text)
}

/// Anything that is not one of Odoo's own.
fn raised(exception: &Exception) -> Response {
    let Exception { class, message } = exception;
    let about_arguments = message.split_once("() ").map(|(_, rest)| rest);
    match (class.as_str(), about_arguments) {
        ("builtins.AttributeError", _) if message.starts_with("The method '") => {
            werkzeug(404, "NotFound", message)
        }
        ("builtins.TypeError", Some(rest)) if rest.starts_with("missing ") => {
            let name = rest.rsplit(' ').next().unwrap_or_default();
            werkzeug(422, "UnprocessableEntity", &format!("missing a required argument: {name}"))
        }
        ("builtins.TypeError", Some(rest)) if rest.starts_with("got an unexpected") => {
            werkzeug(422, "UnprocessableEntity", rest)
        }
        ("builtins.KeyError", _) => told(500, class, message.trim_matches('\'')),
        _ => told(500, class, message),
    }
}

fn werkzeug(status: u16, class: &str, message: &str) -> Response {
    told(status, &format!("werkzeug.exceptions.{class}"), message)
}

/// An exception as Odoo tells it, with a traceback that holds the message, too.
fn told(status: u16, class: &str, message: &str) -> Response {
    let debug = format!(
        "Traceback (most recent call last):\n  File \"/odoo/http.py\", line 1, in dispatch\n{class}: {message}\n"
    );
    let members = Struct::new()
        .with("name", class)
        .with("message", message)
        .with("arguments", vec![Value::from(message)])
        .with("context", Struct::new())
        .with("debug", debug);
    json(status, written(&members.into()))
}

fn json(status: u16, body: Vec<u8>) -> Response {
    Response::new(status, "application/json; charset=utf-8", body)
}

//! From an HTTP answer to a value or a fault.

use crate::client::fault::{Failure, Outcome, Site, classify, classify_error};
use crate::client::protocol::Protocol;
use crate::client::traceback::is_behind_the_commit;
use crate::error::{Error, Result};
use crate::transport::Response;
use crate::wire::{DecodeErrorKind, Limits, Value, decode_json, decode_response};

/// Reads the answer to a call whose body was `sent` bytes long.
pub(crate) fn read(
    protocol: Protocol,
    site: Site<'_>,
    sent: usize,
    answer: &Response,
    limits: &Limits,
) -> Result<Value> {
    match (protocol, answer.status) {
        (_, 413) => Err(Error::TooLarge { call: site.call(), bytes: sent }),
        // A proxy can say so when the server has the whole call, and is at work on it (Envoy does where its own patience ends).
        (_, 408) => Err(waited_no_longer(site)),
        (_, 429) => Err(Error::TooMany { call: site.call(), retry_after: answer.retry_after }),
        (Protocol::XmlRpc, 200..300) if looks_like_xml(&answer.body) => {
            let read = decode_response(&answer.body, limits).map_err(|error| {
                let advice = "the call may have been applied; if it was a read, some record may hold control characters (Odoo 14 and 16 send them as they are)";
                Error::protocol(&site.call(), format!("the answer is {error}; {advice}"))
            })?;
            read.or_else(|fault| match classify(&fault, site) {
                Outcome::Done => Ok(Value::Nil),
                Outcome::Failed(error) => Err(error),
            })
        }
        (Protocol::Json2, 200..300) => match decode_json(&answer.body, limits) {
            Ok(value) => Ok(value),
            Err(error) if error.kind() == DecodeErrorKind::NotJson => Err(not_odoo(protocol, answer, site)),
            Err(error) => {
                let reason = format!("the answer is {error}; the call may have been applied");
                Err(Error::protocol(&site.call(), reason))
            }
        },
        // What stands before the server can speak JSON too, and the server may be at work still.
        (Protocol::Json2, 502..=504 | 520..=530) => Err(not_odoo(protocol, answer, site)),
        (Protocol::Json2, 400..) => match failure(&answer.body, limits) {
            Some(failure) => Err(classify_error(&failure, site)),
            None => Err(not_odoo(protocol, answer, site)),
        },
        _ => Err(not_odoo(protocol, answer, site)),
    }
}

fn waited_no_longer(site: Site<'_>) -> Error {
    let reason = "the server, or a proxy before it, waited no longer (HTTP 408): look before sending the call again, and see how long the proxy waits";
    Error::Lost { call: site.call(), reason: reason.to_owned() }
}

/// Odoo's XML-RPC answers are XML whatever their media type says.
fn looks_like_xml(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    body.starts_with(b"<?xml") || body.starts_with(b"<methodResponse")
}

/// The exception that JSON-2 tells of: a class with its module, and all five members (Odoo 19's `serialize_exception`). Of its `debug`,
/// a whole traceback, nothing is kept.
fn failure(body: &[u8], limits: &Limits) -> Option<Failure> {
    let value = decode_json(body, limits).ok()?;
    let members = value.as_struct()?;
    let text = |name| members.get(name).and_then(Value::as_text).map(str::to_owned);
    let class = text("name").filter(|name| name.contains('.'))?;
    if !["message", "arguments", "context", "debug"].iter().all(|name| members.get(name).is_some()) {
        return None;
    }
    let is_behind_the_commit = text("debug").is_some_and(|debug| is_behind_the_commit(&debug));
    Some(Failure { class, message: text("message").unwrap_or_default(), is_behind_the_commit })
}

/// Another server, or Odoo before it knows for which database it answers.
fn not_odoo(protocol: Protocol, answer: &Response, site: Site<'_>) -> Error {
    let status = answer.status;
    let page = answer.body.get(..answer.body.len().min(2000)).unwrap_or_default();
    if (protocol, status) == (Protocol::Json2, 404)
        && memchr::memmem::find(page, b"No database is selected").is_some()
    {
        return Error::no_such_database();
    }
    let path = match protocol {
        Protocol::XmlRpc => "/xmlrpc/2/",
        Protocol::Json2 => "/json/2/",
    };
    let what = match status {
        200..300 => format!(
            "something else than Odoo's {protocol} answered, such as a login page of a proxy: check the address; the call may have been applied"
        ),
        300..=399 => {
            "the server sends elsewhere: use the address that it leads to (often https:// instead of http://, or another host name)".to_owned()
        }
        401 | 403 | 407 => {
            format!("a proxy or firewall before the server refuses: let it pass POST requests to {path}")
        }
        404 | 405 => {
            format!("there is no Odoo {protocol} at this address: check host and port, and that a proxy passes {path} on")
        }
        502..=504 => {
            "a proxy before the server gave up: the server may be down, or still at work on the call; look before sending it again".to_owned()
        }
        500.. => "the server failed without an answer of Odoo's: look before sending the call again".to_owned(),
        _ => "the server does not take the request: check the address, and proxies before it".to_owned(),
    };
    Error::NotOdoo { call: site.call(), status, reason: format!("HTTP {status}: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Retry;
    use crate::reason::Reason;

    fn refused(field: Option<&str>, reason: Reason) -> Error {
        crate::client::refusal::refused("res.partner", field, reason)
    }

    const SITE: Site<'_> = Site { model: "res.partner", method: "create", fields: &[] };

    fn answer(protocol: Protocol, status: u16, body: &str) -> Result<Value> {
        let response = Response::new(status, "text/html", body.into());
        let result = read(protocol, SITE, 7, &response, &Limits::default());
        if let Err(error) = &result {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("Canary"), "{shown}");
        }
        result
    }

    fn json(status: u16, name: &str, message: &str) -> Error {
        let body = format!(
            r#"{{"name": "{name}", "message": "{message}", "arguments": ["{message}", {status}], "context": {{}}, "debug": "Canary"}}"#
        );
        answer(Protocol::Json2, status, &body).unwrap_err()
    }

    #[test]
    fn pages_are_not_answers() {
        for protocol in [Protocol::XmlRpc, Protocol::Json2] {
            for (status, retry) in [
                (200, Retry::AfterLookup),
                (301, Retry::Never),
                (401, Retry::Never),
                (403, Retry::Never),
                (404, Retry::Never),
                (415, Retry::Never),
                (500, Retry::AfterLookup),
                (502, Retry::AfterLookup),
            ] {
                let error = answer(protocol, status, "<html>Canary-Rao</html>").unwrap_err();
                assert!(matches!(error, Error::NotOdoo { .. }), "{error:?}");
                assert_eq!(error.retry(), retry);
                assert!(error.to_string().contains(&format!("HTTP {status}")), "{error}");
            }
        }
        // A proxy's own JSON is no answer of Odoo's either.
        for body in [r#"{"error": "Canary"}"#, r#"{"name": "GatewayTimeout", "message": "Canary"}"#] {
            for status in [500, 502, 504, 524] {
                let error = answer(Protocol::Json2, status, body).unwrap_err();
                assert_eq!(error.retry(), Retry::AfterLookup, "{status} {body}");
            }
        }
    }

    #[test]
    fn what_fails_behind_the_commit_leaves_the_call_in_doubt() {
        let body = r#"{"name": "psycopg2.OperationalError", "message": "FATAL:  sorry, too many clients already", "arguments": [], "context": {}, "debug": "Traceback\n  in commit\n    self.postcommit.run()\n"}"#;
        let error = answer(Protocol::Json2, 500, body).unwrap_err();
        assert_eq!(error.retry(), Retry::AfterLookup);
    }

    #[test]
    fn who_waited_no_longer_leaves_the_call_in_doubt() {
        for protocol in [Protocol::XmlRpc, Protocol::Json2] {
            assert_eq!(answer(protocol, 408, "<html>").unwrap_err().retry(), Retry::AfterLookup);
        }
    }

    #[test]
    fn sizes_and_paces_have_their_own_errors() {
        for protocol in [Protocol::XmlRpc, Protocol::Json2] {
            let error = answer(protocol, 413, r#"{"name": "x"}"#).unwrap_err();
            assert_eq!(error, Error::TooLarge { call: "res.partner.create".to_owned(), bytes: 7 });
            assert_eq!(answer(protocol, 429, "<html>").unwrap_err().retry(), Retry::Safe);
        }
    }

    #[test]
    fn a_half_answer_leaves_the_call_in_doubt() {
        for (protocol, body) in [
            (
                Protocol::XmlRpc,
                "<?xml version='1.0'?><methodResponse><params><param><value><string>Canary-Rao",
            ),
            (Protocol::Json2, r#"[{"name": "Canary-Rao"#),
        ] {
            let error = answer(protocol, 200, body).unwrap_err();
            assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
            assert_eq!(error.retry(), Retry::AfterLookup);
        }
    }

    #[test]
    fn a_bare_value_is_the_result() {
        assert_eq!(answer(Protocol::Json2, 200, "null"), Ok(Value::Nil));
        assert_eq!(answer(Protocol::Json2, 200, "[7]"), Ok(vec![Value::from(7)].into()));
    }

    /// Answers of a real Odoo 19.
    #[test]
    fn odoos_exceptions_are_told_apart() {
        let call = "res.partner.create".to_owned();
        for (status, name, message, error) in [
            (
                422,
                "odoo.exceptions.ValidationError",
                "The operation cannot be completed: Contacts require a name",
                refused(Some("name"), Reason::Required),
            ),
            (
                500,
                "builtins.ValueError",
                "Invalid field 'nope' in 'res.partner'",
                refused(Some("nope"), Reason::UnknownField),
            ),
            (
                500,
                "builtins.ValueError",
                "Wrong value for res.partner.type: 'Canary'",
                refused(Some("type"), Reason::Selection),
            ),
            (
                404,
                "odoo.exceptions.MissingError",
                r"Record does not exist or has been deleted.\n(Record: res.partner(9,), User: 2)",
                refused(None, Reason::Missing),
            ),
            (
                404,
                "werkzeug.exceptions.NotFound",
                "the model 'x_none' does not exist",
                refused(None, Reason::UnknownModel),
            ),
            (
                404,
                "werkzeug.exceptions.NotFound",
                "The method 'res.partner.zz' does not exist",
                refused(None, Reason::UnknownMethod),
            ),
            (
                403,
                "odoo.exceptions.AccessError",
                "Private methods (such as 'res.partner._write') cannot be called remotely.",
                refused(None, Reason::UnknownMethod),
            ),
            (
                422,
                "werkzeug.exceptions.UnprocessableEntity",
                "missing a required argument: 'vals_list'",
                refused(None, Reason::Arguments),
            ),
            (
                500,
                "builtins.ValueError",
                "A string literal cannot contain NUL (0x00) characters.",
                refused(None, Reason::Text),
            ),
            (
                500,
                "psycopg2.errors.NumericValueOutOfRange",
                r"integer out of range\n",
                refused(None, Reason::Value),
            ),
            (
                500,
                "psycopg2.errors.SerializationFailure",
                "could not serialize access due to concurrent update",
                Error::Busy { call: call.clone() },
            ),
            (
                403,
                "odoo.exceptions.AccessError",
                "You are not allowed to create 'Contact' (res.partner) records.",
                Error::Rights { model: "res.partner".into(), operation: "create".into() },
            ),
            (422, "odoo.exceptions.UserError", "The patient Canary is blocked", refused(None, Reason::Rule)),
            (
                500,
                "builtins.ZeroDivisionError",
                "Canary",
                Error::Server { call: call.clone(), class: "ZeroDivisionError".into() },
            ),
            (
                400,
                "werkzeug.exceptions.BadRequest",
                "could not parse the body as json: Canary",
                Error::Server { call, class: "werkzeug.exceptions.BadRequest".into() },
            ),
        ] {
            assert_eq!(json(status, name, message), error, "{name}");
        }
        assert!(matches!(
            json(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey"),
            Error::Login { .. }
        ));
        let nowhere = "<!DOCTYPE html>\n<title>404 Not Found</title>\n<p>No database is selected and the requested URL was not found";
        assert!(matches!(answer(Protocol::Json2, 404, nowhere), Err(Error::Login { .. })));
    }
}

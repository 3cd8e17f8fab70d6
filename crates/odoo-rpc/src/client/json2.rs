//! Calls as JSON-2 carries them: arguments by name, the key in a header.

use crate::client::Login;
use crate::client::call::Call;
use crate::client::fault::Site;
use crate::client::{places, xml_rpc};
use crate::error::{Error, Result};
use crate::transport::{Body, Request};
use crate::wire::{Document, Name, Struct, Value, encode_json_document};

/// The body of a call.
pub(crate) fn body(call: Call, site: Site<'_>) -> Result<Document> {
    encode_json_document(&arguments(call)?.into()).map_err(|error| xml_rpc::unsendable(&error, site))
}

/// A call with that body.
pub(crate) fn request(body: Body, login: &Login, site: Site<'_>) -> Request {
    let Site { model, method, .. } = site;
    Request::json(format!("/json/2/{model}/{method}"), body)
        .header("authorization", format!("bearer {}", login.secret.expose()))
        .header("x-odoo-database", login.database.as_str())
}

/// Refuses what cannot stand in a path or a header, before anything is sent: it would reach another page, or none.
pub(crate) fn check_path(call: &Call) -> Result<()> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    // Two points alone would be taken for the folder above.
    if is_name(&call.model)
        && is_name(&call.method)
        && !call.model.contains("..")
        && !call.method.contains('.')
    {
        return Ok(());
    }
    Err(Error::config(
        "a model or method of this name cannot be called over JSON-2: names have letters, digits, _ and, in models, points",
    ))
}

/// Whether Odoo could have made the secret as an API key. It writes 20 bytes as hexadecimal digits (seen on 14 to 19).
pub(crate) fn is_key(secret: &str) -> bool {
    secret.len() == 40 && secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a text may stand in a header.
pub(crate) fn fits_header(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
}

/// Everything a call says, by name.
fn arguments(call: Call) -> Result<Struct> {
    check_path(&call)?;
    let Call { model, method, ids, args, options } = call;
    let mut named = Struct::with_capacity(args.len() + options.len() + 2);
    let has_ids = ids.is_some();
    if let Some(ids) = ids {
        named.push("ids".into(), Value::Array(ids.into_iter().map(Value::from).collect()));
    }
    // The names of what is given by its place alone. Records given with `on` have taken theirs already.
    let mut names = places::names(&method).map(|names| names.filter(|name| !(has_ids && *name == "ids")));
    for (name, value) in args {
        let place = names.as_mut().and_then(Iterator::next);
        let name = if name.as_str().is_empty() { place.map(Name::from) } else { Some(name) };
        let Some(name) = name else {
            return Err(Error::config(format!(
                "{model}.{method}: JSON-2 knows arguments by name, and the names of this one's are not known here: use Client::call with a Call that names them"
            )));
        };
        named.push(name, value);
    }
    for (name, value) in options {
        named.push(name, value);
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;

    fn written(call: Call) -> Result<String> {
        let (model, method) = (call.model.clone(), call.method.clone());
        let site = Site { model: &model, method: &method, fields: &[] };
        body(call, site)
            .map(|body| String::from_utf8(Body::from(body).in_memory().unwrap().to_vec()).unwrap())
    }

    fn by_place(method: &str, args: Vec<Value>) -> Call {
        args.into_iter().fold(Call::new("res.partner", method), |call, arg| call.arg("", arg))
    }

    #[test]
    fn arguments_go_by_name() {
        let call = Call::new("res.partner", "write")
            .on([7, 8])
            .arg("vals", Struct::new().with("city", "Pune"))
            .option("context", Struct::new().with("tz", "UTC"));
        assert_eq!(written(call).unwrap(), r#"{"ids":[7,8],"vals":{"city":"Pune"},"context":{"tz":"UTC"}}"#);
        assert_eq!(written(Call::new("res.users", "context_get")).unwrap(), "{}");
    }

    #[test]
    fn places_get_their_names() {
        let ids = Value::from(vec![Value::from(7)]);
        let call = by_place("read", vec![ids.clone(), vec![Value::from("name")].into()]);
        assert_eq!(written(call).unwrap(), r#"{"ids":[7],"fields":["name"]}"#);
        let call = Call::new("res.partner", "read").on([7]).arg("", vec![Value::from("name")]);
        assert_eq!(written(call).unwrap(), r#"{"ids":[7],"fields":["name"]}"#);
        for call in [by_place("unlink", vec![ids.clone(), 1.into()]), by_place("action_set_lost", vec![ids])]
        {
            let error = written(call).unwrap_err();
            assert!(
                matches!(&error, Error::Config { reason } if reason.contains("Client::call")),
                "{error:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_sent_is_told_by_its_path() {
        let rows =
            vec![Struct::new().with("name", "Asha").into(), Struct::new().with("name", "R\u{1}").into()];
        let error =
            written(Call::new("res.partner", "create").arg("vals_list", Value::Array(rows))).unwrap_err();
        let (call, path) = ("res.partner.create".to_owned(), "vals_list[1].name".to_owned());
        assert_eq!(error, Error::Unsendable { call, path, reason: Reason::Text });
    }

    #[test]
    fn a_name_leads_to_no_other_page() {
        for (model, method) in
            [("res.partner/x", "read"), ("..", "read"), ("res.partner", ""), ("m", "f?x=1"), ("m", ".")]
        {
            assert!(
                matches!(written(Call::new(model, method)), Err(Error::Config { .. })),
                "{model} {method}"
            );
        }
    }

    #[test]
    fn a_key_is_known_by_its_form() {
        assert!(is_key("0123456789abcdef0123456789abcdef01234567"));
        assert!(!is_key("admin") && !is_key(&"A".repeat(40)) && !is_key(&"a".repeat(41)));
        assert!(fits_header("a-b~!") && !fits_header("a b") && !fits_header("é") && !fits_header(""));
    }
}

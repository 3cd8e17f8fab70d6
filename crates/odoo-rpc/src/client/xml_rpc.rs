//! Calls as XML-RPC carries them: arguments by their place, the secret in the body.

use crate::client::Login;
use crate::client::call::Call;
use crate::client::fault::Site;
use crate::error::{Error, Result};
use crate::reason::Reason;
use crate::wire::{Document, EncodeError, EncodeErrorKind, Struct, Value, encode_call, encode_call_document};

/// The body of a call of `execute_kw`.
pub(crate) fn object(call: Call, login: &Login, uid: i64, site: Site<'_>) -> Result<Document> {
    let Call { model, method, ids, args, options } = call;
    let ids = ids.map(|ids| Value::Array(ids.into_iter().map(Value::from).collect()));
    let args: Vec<Value> = ids.into_iter().chain(args.into_iter().map(|(_, value)| value)).collect();
    let params = [
        login.database.as_str().into(),
        uid.into(),
        login.secret.expose().into(),
        model.into(),
        method.into(),
        args.into(),
        options.into(),
    ];
    encode_call_document("execute_kw", &params).map_err(|error| unsendable(&error, site))
}

/// The body of a call of the service `common`.
pub(crate) fn common(method: &str, params: &[Value], site: Site<'_>) -> Result<Vec<u8>> {
    encode_call(method, params).map_err(|error| unsendable(&error, site))
}

/// What `authenticate` takes.
pub(crate) fn credentials(login: &Login) -> [Value; 4] {
    [
        login.database.as_str().into(),
        login.login.as_str().into(),
        login.secret.expose().into(),
        Struct::new().into(),
    ]
}

/// An argument that cannot be sent, over either protocol.
pub(crate) fn unsendable(error: &EncodeError, site: Site<'_>) -> Error {
    let path = error.path().replacen("params[5]", "args", 1).replacen("params[6]", "kwargs", 1);
    let reason = match error.kind() {
        EncodeErrorKind::Character => Reason::Text,
        _ => Reason::Value,
    };
    Error::Unsendable { call: site.call(), path, reason }
}

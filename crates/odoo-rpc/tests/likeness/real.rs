//! A real server, called by XML-RPC as it is.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use odoo_rpc::wire::{Limits, Struct, Value, decode_response, encode_call};

use crate::servers::Server;
use crate::{Answer, PASSWORD};

/// A real server, and its administrator.
pub(crate) struct Real {
    server: Server,
    uid: i64,
}

impl Real {
    /// Logs in.
    pub(crate) fn of(server: Server) -> Self {
        let mut real = Self { server, uid: 0 };
        let Server { database, login, password, .. } = &real.server;
        let params = [database, login, password].map(|text| Value::from(text.as_str()));
        let params = params.into_iter().chain([Struct::new().into()]).collect::<Vec<_>>();
        let answer = real.post("common", "authenticate", &params).unwrap();
        real.uid = answer.as_int().expect("the server refused the login");
        real.spend_ids();
        real
    }

    /// The first leads have the ids of the first users: one would be taken for the other.
    fn spend_ids(&self) {
        let quiet = || Struct::new().with("context", Struct::new().with("tracking_disable", true));
        let leads = vec![Value::Struct(Struct::new().with("name", "Likeness")); 9];
        let ids = self.call(None, "crm.lead", "create", vec![leads.into()], quiet()).unwrap();
        self.call(None, "crm.lead", "unlink", vec![ids], quiet()).unwrap();
    }

    /// A call of the administrator, or of a user that a case made.
    pub(crate) fn call(
        &self,
        user: Option<i64>,
        model: &str,
        method: &str,
        args: Vec<Value>,
        kwargs: Struct,
    ) -> Answer {
        let password = user.map_or(self.server.password.as_str(), |_| PASSWORD).into();
        let params = [
            self.server.database.as_str().into(),
            user.unwrap_or(self.uid).into(),
            password,
            model.into(),
            method.into(),
            Value::Array(args),
            kwargs.into(),
        ];
        self.post("object", "execute_kw", &params)
    }

    fn post(&self, service: &str, method: &str, params: &[Value]) -> Answer {
        let body = encode_call(method, params).unwrap();
        let host = self.server.url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "POST /xmlrpc/2/{service} HTTP/1.0\r\nHost: {host}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        decode_response(&answer[end..], &Limits::default()).unwrap()
    }
}

//! A call that is written already and not sent yet.

use std::fmt;
use std::time::Duration;

use crate::client::call::Call;
use crate::client::fault::Site;
use crate::client::protocol::Protocol;
use crate::client::{Client, Session, json2, xml_rpc};
use crate::error::Result;
use crate::transport::{Body, Request};
use crate::wire::Value;

/// A call that is written already and not sent yet, so that the writing can be done while the server works on another.
///
/// Over XML-RPC it holds the client's secret, as every call does; `Debug` shows the method and the size alone.
pub struct EncodedCall {
    pub(crate) body: Body,
    protocol: Protocol,
    model: String,
    method: String,
    fields: Vec<String>,
    rows: usize,
}

impl EncodedCall {
    /// The size of its body in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    fn site(&self) -> Site<'_> {
        Site { model: &self.model, method: &self.method, fields: &self.fields }
    }
}

impl fmt::Debug for EncodedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EncodedCall({}.{}, {} rows, {} bytes)",
            self.model,
            self.method,
            self.rows,
            self.body.len()
        )
    }
}

impl Client {
    /// Writes a call, as [`call`](Self::call) would send it. No call.
    ///
    /// # Errors
    ///
    /// [`Error::Unsendable`](crate::Error::Unsendable): an argument cannot be written. [`Error::Config`](crate::Error::Config): over
    /// JSON-2 an argument has no name, or the model or method one that no model or method has.
    pub fn encode(&self, call: Call) -> Result<EncodedCall> {
        let Session { login, uid, protocol, .. } = &*self.session;
        let (rows, fields) = (call.rows(), call.fields());
        let (model, method) = (call.model.clone(), call.method.clone());
        let site = Site { model: &model, method: &method, fields: &fields };
        let call = Call { options: self.with_kwargs(call.options), ..call };
        let body = match protocol {
            Protocol::XmlRpc => xml_rpc::object(call, login, *uid, site)?,
            Protocol::Json2 => json2::body(call, site)?,
        };
        Ok(EncodedCall { body: body.into(), protocol: *protocol, model, method, fields, rows })
    }

    /// Sends a call: one call. It can be sent again.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn send(&self, call: &EncodedCall) -> Result<Value> {
        self.send_timed(call).await.0
    }

    /// The same, with how long it took from the moment it left, where the transport tells of that moment.
    pub(crate) async fn send_timed(&self, call: &EncodedCall) -> (Result<Value>, Duration) {
        let Session { line, login, .. } = &*self.session;
        let body = call.body.clone();
        let request = match call.protocol {
            Protocol::XmlRpc => Request::xml("/xmlrpc/2/object", body),
            Protocol::Json2 => json2::request(body, login, call.site()),
        };
        line.timed(call.protocol, request, call.site(), call.rows).await
    }
}

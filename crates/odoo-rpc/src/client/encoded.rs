//! A call that is written already and not sent yet.

use std::fmt;

use crate::client::call::Call;
use crate::client::fault::Site;
use crate::client::{Client, line};
use crate::error::Result;
use crate::transport::Body;
use crate::wire::Value;

/// A call that is written already and not sent yet, so that the writing can be done while the server works on another.
///
/// It holds the client's secret, as every call does; `Debug` shows the method and the size alone.
pub struct EncodedCall {
    pub(crate) body: Body,
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

    pub(crate) fn site(&self) -> Site<'_> {
        Site { model: &self.model, method: &self.method, fields: &self.fields }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
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
    /// [`Error::Unsendable`](crate::Error::Unsendable): an argument cannot be written.
    pub fn encode(&self, call: Call) -> Result<EncodedCall> {
        let (rows, fields) = (call.rows(), call.fields());
        let (model, method) = (call.model.clone(), call.method.clone());
        let site = Site { model: &model, method: &method, fields: &fields };
        let body = line::encode(self.params(call), site)?.into();
        Ok(EncodedCall { body, model, method, fields, rows })
    }

    /// Sends a call: one call. It can be sent again.
    ///
    /// # Errors
    ///
    /// As [`execute_kw`](Self::execute_kw).
    pub async fn send(&self, call: &EncodedCall) -> Result<Value> {
        self.session.line.encoded(call.body.clone(), call.site(), call.rows()).await
    }
}

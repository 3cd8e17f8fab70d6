//! A call that is written already and not sent yet.

use std::fmt;
use std::time::Duration;

use crate::client::fault::Site;
use crate::client::{Client, line};
use crate::error::Result;
use crate::wire::{Struct, Value};

/// A call that is written already and not sent yet, so that the writing can be done while the server works on another.
///
/// It holds the client's secret, as every call does; `Debug` shows the method and the size alone.
pub struct EncodedCall {
    pub(crate) body: Vec<u8>,
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
    /// Writes a call of a model's method, as [`execute_kw`](Self::execute_kw) would send it. No call.
    ///
    /// # Errors
    ///
    /// [`Error::Unsendable`](crate::Error::Unsendable): an argument cannot be written.
    pub fn encode(&self, model: &str, method: &str, args: Vec<Value>, kwargs: Struct) -> Result<EncodedCall> {
        let (rows, fields) = (line::rows(&args), line::fields(&args));
        let site = Site { model, method, fields: &fields };
        let body = line::encode(self.params(model, method, args, kwargs), site)?;
        Ok(EncodedCall { body, model: model.to_owned(), method: method.to_owned(), fields, rows })
    }

    /// Sends a call: one call. Its body is copied, so that it can be sent again.
    ///
    /// # Errors
    ///
    /// As [`execute_kw`](Self::execute_kw).
    pub async fn send(&self, call: &EncodedCall) -> Result<Value> {
        self.send_timed(call).await.0
    }

    /// The same, with how long it took from the moment it left, where the transport tells of that moment.
    pub(crate) async fn send_timed(&self, call: &EncodedCall) -> (Result<Value>, Duration) {
        self.session.line.timed(call.body.clone(), call.site(), call.rows()).await
    }
}

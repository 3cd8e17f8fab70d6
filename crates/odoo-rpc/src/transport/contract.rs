//! The contract of a transport: a request, its answer, and what is known when there is none.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::transport::body::Body;
use crate::transport::departure::Departure;
use crate::transport::reading::FileError;

/// Sends one request and waits for its answer.
///
/// # Contract
///
/// - One `send` is at most one request on the wire: a transport never repeats by itself.
/// - An answer with any HTTP status is `Ok`; `Err` means that no complete answer came.
/// - The error's [`Delivery`] is `NotSent` only where the server cannot have the whole body: of a beginning it makes nothing (measured
///   on 14 and 19: an upload that was cut midway left nothing).
/// - Dropping the future gives up waiting. It does not call the request back: the server may still carry it out.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request`.
    ///
    /// # Errors
    ///
    /// No complete answer came.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

const _: fn(&dyn Transport) = |_| {};

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        (**self).send(request).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        (**self).send(request).await
    }
}

/// A request to a server. `Debug` shows neither headers nor body: they hold secrets and patients.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path, beginning with a slash.
    pub path: Cow<'static, str>,
    /// Headers besides those that any request has: the body's media type, and what a protocol asks for.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
    /// Where the transport notes the moment at which the body left.
    pub departure: Departure,
}

impl Request {
    /// A request that only asks.
    #[must_use]
    pub fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Method::Get, path.into(), Body::default())
    }

    /// A request with an XML body.
    #[must_use]
    pub fn xml(path: impl Into<Cow<'static, str>>, body: impl Into<Body>) -> Self {
        Self::new(Method::Post, path.into(), body.into()).header("content-type", "text/xml; charset=utf-8")
    }

    /// A request with a JSON body.
    #[must_use]
    pub fn json(path: impl Into<Cow<'static, str>>, body: impl Into<Body>) -> Self {
        Self::new(Method::Post, path.into(), body.into()).header("content-type", "application/json")
    }

    /// The same, with one more header, its name in small letters.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn new(method: Method, path: Cow<'static, str>, body: Body) -> Self {
        Self { method, path, headers: Vec::new(), body, departure: Departure::default() }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:?} {}, {} bytes)", self.method, self.path, self.body.len())
    }
}

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "Odoo's interfaces know these two")]
pub enum Method {
    /// It asks.
    Get,
    /// It calls.
    Post,
}

/// A server's answer. `Debug` does not show the body.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body's media type, as the server named it.
    pub content_type: Option<String>,
    /// How long the server asks to be left alone (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The server's time as it answered (`Date`), in whole seconds.
    pub date: Option<Timestamp>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer of that status and media type.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, content_type: Some(content_type.to_owned()), retry_after: None, date: None, body }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

/// What is known of a request that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a fourth answer would change every caller")]
pub enum Delivery {
    /// The server has nothing of it, or a beginning that it cannot carry out: it may be sent again.
    NotSent,
    /// A file of its body could not be read as it was looked at, so the server has a beginning at most, which it cannot carry out.
    Unreadable {
        /// Which file of the body, counted from 0.
        file: usize,
    },
    /// The server may have carried it out, or may be at it still.
    Unknown,
}

/// No complete answer came. Holds no part of request or answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct TransportError {
    /// What is known of the request.
    pub delivery: Delivery,
    /// What happened, and what to do about it.
    pub reason: String,
}

impl TransportError {
    /// The server has seen nothing.
    #[must_use]
    pub fn not_sent(reason: impl Into<String>) -> Self {
        Self { delivery: Delivery::NotSent, reason: reason.into() }
    }

    /// A file of the body could not be read as it was looked at.
    #[must_use]
    pub fn unreadable(error: &FileError) -> Self {
        let reason = format!("{error}; nothing of the call was applied; look at the file again");
        Self { delivery: Delivery::Unreadable { file: error.file() }, reason }
    }

    /// The server may have carried it out.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self { delivery: Delivery::Unknown, reason: reason.into() }
    }
}

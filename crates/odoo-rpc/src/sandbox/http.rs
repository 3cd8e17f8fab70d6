//! The sandbox on a socket, as a real server answers on one: one request a connection.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::sandbox::jsonrpc;
use crate::sandbox::service::Service;
use crate::sandbox::transport::{Asked, LARGEST_17, Reply, page, too_large};
use crate::sandbox::{Like, Sandbox, json2};
use crate::transport::Response;

/// Odoo 14 was seen to take 146 MiB; nobody looked for its end.
const LARGEST_14: usize = 256 * 1024 * 1024;

/// A sandbox that answers on a socket. Dropping it closes the socket.
#[derive(Debug)]
pub struct Served {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Served {
    /// Where it answers.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Takes no more requests, and returns when those under way are answered.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            let _ended = task.await;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Sandbox {
    /// Answers on a socket: XML-RPC, JSON-RPC (`/jsonrpc`, and a session of `/web/session/authenticate` with
    /// `/web/dataset/call_kw`), and on Odoo 19 JSON-2, `GET /web/version` and `/web/health`. There is no encryption, so the
    /// address should be a loopback one, as `127.0.0.1:0`.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on.
    pub async fn serve(&self, addr: impl ToSocketAddrs) -> io::Result<Served> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(self.clone(), listener, stopped));
        Ok(Served { addr, stop, task: Some(task) })
    }
}

async fn accept(sandbox: Sandbox, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = told(&mut stopped) => break,
            accepted = listener.accept() => {
                // A connection that broke while it was made is the other side's affair.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(converse(sandbox.clone(), stream, stopped.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn converse(sandbox: Sandbox, stream: TcpStream, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| handle(sandbox.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // An error means that the connection broke, by script or by the client: nobody is left to tell.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = told(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            let _ended = connection.await;
        }
    }
}

/// Returns when the server is to stop.
async fn told(stopped: &mut watch::Receiver<bool>) {
    let _told = stopped.wait_for(|stop| *stop).await;
}

/// The connection is to break without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer is withheld")]
struct Withheld;

async fn handle(
    sandbox: Sandbox,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Withheld> {
    let path = request.uri().path().to_owned();
    let service = Service::at(sandbox.like(), &path);
    let posted = service.is_some_and(|service| service != Service::Json2) || jsonrpc::answers(&path);
    let known = service.is_some() || posted;
    if posted && request.method() != Method::POST {
        let mut response =
            finished(page(405, "Method Not Allowed", "The method is not allowed for the requested URL."));
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("OPTIONS, POST"));
        return Ok(response);
    }
    if !known || request.method() != Method::POST {
        return Ok(finished(other_page(sandbox.like(), request.method(), &path)));
    }
    let largest = if sandbox.like().at_least(17) { LARGEST_17 } else { LARGEST_14 };
    let length =
        request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > largest) {
        return Ok(finished(too_large()));
    }
    let like = sandbox.like();
    let headers = ["authorization", "content-type", "cookie", "x-odoo-database"]
        .into_iter()
        .filter_map(|name| Some((name, request.headers().get(name)?.to_str().ok()?.to_owned())))
        .collect();
    let body = match Limited::new(request.into_body(), largest).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(finished(too_large())),
        Err(_) => return Err(Withheld),
    };
    match tokio::spawn(sandbox.receive(Asked { get: false, path, headers, body })).await {
        Ok(Reply::Answer(response)) => Ok(finished(response)),
        Ok(Reply::Session(response, token)) => {
            let mut response = finished(response);
            let days = if like.at_least(16) { 7 } else { 90 };
            let cookie = format!("session_id={token}; Max-Age={}; HttpOnly; Path=/", days * 24 * 60 * 60);
            // A token is hexadecimal digits.
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Ok(Reply::Nothing) | Err(_) => Err(Withheld),
    }
}

/// What is not XML-RPC. Odoo 14 knows neither of the two pages.
fn other_page(like: Like, method: &Method, path: &str) -> Response {
    let text = match (method == Method::GET, path, like.major()) {
        (true, "/web/version" | "/json/version", 19..) => return json2::version_page(),
        (true, "/web/health", 16..) => r#"{"status": "pass"}"#,
        (true, "/web/version" | "/json/version" | "/web/health", ..16) => {
            return page(
                400,
                "Bad Request",
                "The browser (or proxy) sent a request that this server could not understand.",
            );
        }
        _ => return page(404, "Not Found", "The requested URL was not found on the server."),
    };
    Response::new(200, "application/json; charset=utf-8", text.as_bytes().to_vec())
}

fn finished(answer: Response) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    if let Some(kind) = answer.content_type.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
        headers.insert(CONTENT_TYPE, kind);
    }
    response
}

//! A proxy that does what bad proxies and servers do, as a test says for each call.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::proxy::name;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Pass,
    /// The server answers; half of its answer comes through.
    CutReply,
    /// The connection is closed, and the server never sees the call.
    CutRequest,
    /// A page with this status that repeats the whole request, and the server never sees the call.
    Page(u16),
    /// The same, after the server has carried out the call.
    PageAfter(u16),
}

type Judge = dyn Fn(usize, &str) -> Deed + Send + Sync;

/// Listens on a port of its own.
#[derive(Clone)]
pub(crate) struct Breaker {
    pub(crate) url: String,
    server: SocketAddr,
    judge: Arc<Judge>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Breaker {
    /// Before `server`; `judge` is told how many calls of that name came, this one included, and its name: `res.partner.create`.
    pub(crate) async fn before(
        server: SocketAddr,
        judge: impl Fn(usize, &str) -> Deed + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let breaker = Self { url, server, judge: Arc::new(judge), calls: Arc::default() };
        let working = breaker.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let working = working.clone();
                // A connection that broke is the other side's affair.
                tokio::spawn(async move { working.pass(client).await });
            }
        });
        breaker
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn pass(&self, mut client: TcpStream) -> Option<()> {
        let request = whole(&mut client).await?;
        let call = name(&request);
        let count = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(call.clone());
            calls.iter().filter(|other| **other == call).count()
        };
        match (self.judge)(count, &call) {
            Deed::Pass => {
                let reply = self.forward(&request).await?;
                client.write_all(&reply).await.ok()?;
            }
            Deed::CutReply => {
                let reply = self.forward(&request).await?;
                client.write_all(&reply[..reply.len() - reply.len() / 4]).await.ok()?;
            }
            Deed::CutRequest => {}
            Deed::Page(status) => client.write_all(&page(status, &request)).await.ok()?,
            Deed::PageAfter(status) => {
                self.forward(&request).await?;
                client.write_all(&page(status, &request)).await.ok()?;
            }
        }
        client.shutdown().await.ok()
    }

    async fn forward(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut server = TcpStream::connect(self.server).await.ok()?;
        server.write_all(request).await.ok()?;
        let mut reply = Vec::new();
        server.read_to_end(&mut reply).await.ok()?;
        Some(reply)
    }
}

/// A request, head and body.
async fn whole(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = client.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        all.extend_from_slice(&buffer[..count]);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        if all.len() >= end + 4 + length {
            return Some(all);
        }
    }
}

fn page(status: u16, request: &[u8]) -> Vec<u8> {
    let said = String::from_utf8_lossy(request).replace('<', "&lt;");
    let body = format!("<html><body><h1>Something is wrong</h1><pre>{said}</pre></body></html>");
    let head = format!(
        "HTTP/1.1 {status} Page\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

//! A web server that says what a test tells it to.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Writes these bytes, and closes.
    Say(Vec<u8>),
    /// Reads the request to its end and closes without a word.
    Hang,
    /// Reads the request to its end and says nothing for long.
    Sleep,
}

impl Act {
    /// An answer with a status line, headers and a body.
    pub(crate) fn answer(status: &str, headers: &[&str], body: &str) -> Self {
        let mut text =
            format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            text += &format!("{header}\r\n");
        }
        Self::Say(format!("{text}\r\n{body}").into_bytes())
    }

    /// An answer of XML-RPC.
    pub(crate) fn value(value: &odoo_rpc::wire::Value) -> Self {
        let body = String::from_utf8(odoo_rpc::wire::encode_response(value).unwrap()).unwrap();
        Self::answer("200 OK", &["Content-Type: text/xml"], &body)
    }
}

/// A server on this machine.
pub(crate) struct Server {
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Server {
    /// Does one act a connection, in order; after the last one the port is closed.
    pub(crate) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let acts: Vec<_> = acts.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            for act in acts {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream, act, &seen).await;
            }
        });
        Self { url, requests }
    }

    /// Every request so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, act: Act, seen: &std::sync::Mutex<Vec<String>>) {
    let request = read(&mut stream).await;
    seen.lock().unwrap().push(request);
    match act {
        Act::Say(bytes) => stream.write_all(&bytes).await.unwrap(),
        Act::Hang => {}
        Act::Sleep => tokio::time::sleep(Duration::from_secs(600)).await,
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        assert_ne!(count, 0, "the request ends early");
        bytes.extend_from_slice(&piece[..count]);
    }
}

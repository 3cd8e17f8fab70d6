//! A proxy between a program and a server, that notes each call: when it came, when it was answered, and what it was.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One call, as the server would see it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) began: Instant,
    pub(crate) ended: Option<Instant>,
    /// `res.partner.create`, where the beginning of the request says so.
    pub(crate) call: String,
}

/// Listens on a port of its own, and passes everything on.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Proxy {
    /// A proxy before the server at `url`, such as `http://127.0.0.1:8069`.
    pub(crate) async fn before(url: &str) -> Self {
        let server = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { url: format!("http://{}", listener.local_addr().unwrap()), seen: Arc::default() };
        let noting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, noting) = (server.clone(), noting.clone());
                tokio::spawn(async move { noting.pass(client, &server).await });
            }
        });
        proxy
    }

    /// Every call so far, in the order in which they came.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many calls of that method came.
    pub(crate) fn count(&self, method: &str) -> usize {
        self.seen().iter().filter(|seen| seen.call.ends_with(&format!(".{method}"))).count()
    }

    async fn pass(&self, mut client: TcpStream, server: &str) {
        let began = Instant::now();
        let Ok(mut upstream) = TcpStream::connect(server).await else { return };
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = upstream.split();
        let mut head = Vec::new();
        let mut mine = None;
        let up = async {
            let mut buffer = vec![0; 1 << 16];
            loop {
                match from_client.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => {
                        // A call counts from its first byte on.
                        let number = *mine.get_or_insert_with(|| {
                            let mut seen = self.seen.lock().unwrap();
                            seen.push(Seen { began, ended: None, call: String::new() });
                            seen.len() - 1
                        });
                        if head.len() < 8192 {
                            head.extend_from_slice(&buffer[..count]);
                            self.seen.lock().unwrap()[number].call = name(&head);
                        }
                        if to_server.write_all(&buffer[..count]).await.is_err() {
                            break;
                        }
                    }
                }
            }
            let _ = to_server.shutdown().await;
            std::future::pending::<()>().await;
        };
        // Ended when the last byte goes out: what the program does next it does after that.
        let mut sent = None;
        let down = async {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count) = from_server.read(&mut buffer).await {
                let now = Instant::now();
                if count == 0 || to_client.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
                sent = Some(now);
            }
        };
        tokio::select! {
            () = up => {}
            () = down => {}
        }
        if let Some(number) = mine {
            self.seen.lock().unwrap()[number].ended = sent;
        }
    }
}

/// Model and method: over JSON-2 in the path, over XML-RPC the fourth and fifth argument of `execute_kw`.
pub(super) fn name(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    if let Some(path) = text.strip_prefix("POST /json/2/") {
        return path.split(' ').next().unwrap_or_default().replace('/', ".");
    }
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    if !body.contains("execute_kw") {
        return body
            .split_once("<methodName>")
            .and_then(|(_, rest)| rest.split_once('<'))
            .map_or("", |(name, _)| name)
            .into();
    }
    let texts =
        body.split("<string>").skip(1).filter_map(|rest| rest.split_once("</string>")).map(|(text, _)| text);
    let texts: Vec<&str> = texts.take(4).collect();
    match texts.as_slice() {
        [_database, _secret, model, method, ..] => format!("{model}.{method}"),
        _ => String::new(),
    }
}

//! Two programs, one pace: measured where it counts, at the server.
#![cfg(feature = "http")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use odoo_rpc::transport::{Address, Http, HttpOptions, PaceLock, Request, Throttle, Transport};

const GAP: Duration = Duration::from_millis(200);
/// How late this program may notice a connection, on a machine that is busy with other tests. Programs that do not wait for
/// each other come within a few milliseconds.
const LATE: Duration = Duration::from_millis(60);
const CALLS: usize = 6;

#[test]
fn two_programs_never_call_at_once_nor_within_the_gap() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start();
    let programs: Vec<_> = (0..2).map(|_| program(&server.url, dir.path())).collect();
    for mut program in programs {
        assert!(program.wait().unwrap().success());
    }
    let seen = server.seen.lock().unwrap();
    assert_eq!(seen.len(), 2 * CALLS);
    assert_eq!(server.most_at_once.load(Ordering::SeqCst), 1);
    for pair in seen.windows(2) {
        let gap = pair[1].0 - pair[0].0;
        assert!(gap + LATE >= GAP, "{gap:?}");
    }
    // They took turns: neither waited until the other was done.
    let first: Vec<_> = seen.iter().take(CALLS).map(|(_, program)| program).collect();
    assert!(first.iter().any(|program| *program != first[0]), "{first:?}");
}

#[test]
fn a_killed_program_leaves_no_lock_behind() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start();
    let mut killed = program(&server.url, dir.path());
    while server.seen.lock().unwrap().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // The server is busy with its call, so it holds the lock.
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(program(&server.url, dir.path()).wait().unwrap().success());
}

fn program(url: &str, dir: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_program_of_its_own", "--ignored"])
        .env("PACE_TEST_URL", url)
        .env("PACE_TEST_DIR", dir)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "the tests above run it as a program of its own"]
async fn a_program_of_its_own() {
    let address = Address::parse(&std::env::var("PACE_TEST_URL").unwrap(), false).unwrap();
    let lock = PaceLock::new(std::env::var("PACE_TEST_DIR").unwrap(), &address, "clinic");
    let throttle = Throttle::new(Http::new(address, HttpOptions::new()).unwrap(), GAP).shared(lock);
    for _ in 0..CALLS {
        let name = std::process::id().to_string();
        throttle.send(Request::xml("/", format!("<{name:0>20}>").into_bytes())).await.unwrap();
    }
}

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<(Instant, String)>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { url, seen: Arc::default(), most_at_once: Arc::default() };
        let (seen, most) = (Arc::clone(&server.seen), Arc::clone(&server.most_at_once));
        let at_once = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let arrived = Instant::now();
                let (seen, most, at_once) = (Arc::clone(&seen), Arc::clone(&most), Arc::clone(&at_once));
                std::thread::spawn(move || {
                    let now = at_once.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    serve(stream.unwrap(), arrived, &seen, &at_once);
                });
            }
        });
        server
    }
}

fn serve(
    mut stream: TcpStream,
    arrived: Instant,
    seen: &Mutex<Vec<(Instant, String)>>,
    at_once: &AtomicUsize,
) {
    let mut bytes = Vec::new();
    while bytes.last() != Some(&b'>') {
        let mut piece = [0; 1024];
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
            // The program that is killed.
            _ => break,
        }
    }
    let name = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(22)..]).into_owned();
    seen.lock().unwrap().push((arrived, name));
    std::thread::sleep(Duration::from_millis(40));
    at_once.fetch_sub(1, Ordering::SeqCst);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

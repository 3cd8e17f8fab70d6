//! How much memory it takes to send files, and how fast they go: 2 GB of mixed sizes, the largest 90 MB, and one of 200 MB that
//! must be refused beforehand. Fails where the process that sends takes 120 MB.
//!
//! The server is another process, which counts and throws away; with `MIGRATION_BENCH_ODOO=http://host:port`,
//! `MIGRATION_BENCH_DB` and `MIGRATION_BENCH_SECRET` it is an Odoo, whose attachments are deleted afterwards. `MIGRATION_BENCH_MB=64`
//! sends less.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks to the terminal")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use odoo_rpc::client::Client;
use odoo_rpc::files::{Attachment, Attachments, Outcome, Refusal};
use odoo_rpc::wire::{Limits, Struct, Value, decode_call, encode_response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LIMIT_KB: u64 = 120_000;
const MEGABYTE: u64 = 1_000_000;
const LARGEST: u64 = 90 * MEGABYTE;
const TOO_LARGE: u64 = 200 * MEGABYTE;
/// Tells this program which part it plays.
const PART: &str = "MIGRATION_BENCH_PART";
const FOLDER: &str = "MIGRATION_BENCH_FOLDER";
const URL: &str = "MIGRATION_BENCH_ODOO";

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() {
    match std::env::var(PART).as_deref() {
        Ok("server") => serve().await,
        Ok("sender") => send().await,
        _ => measure().await,
    }
}

async fn measure() {
    let megabytes = std::env::var("MIGRATION_BENCH_MB").map_or(2_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let sizes = sizes(megabytes * MEGABYTE);
    for (number, size) in sizes.iter().enumerate() {
        write(&folder.path().join(format!("{number}")), number as u64, *size);
    }
    let largest = *sizes.iter().max().unwrap();
    File::create(folder.path().join("too-large")).unwrap().set_len(TOO_LARGE).unwrap();
    println!(
        "{} files, {} MB, the largest {} MB",
        sizes.len(),
        sizes.iter().sum::<u64>() / MEGABYTE,
        largest / MEGABYTE
    );

    let mut sender = Command::new(std::env::current_exe().unwrap());
    sender.env(PART, "sender").env(FOLDER, folder.path()).stdout(Stdio::piped());
    let server = match std::env::var(URL) {
        Ok(_) => None,
        Err(_) => {
            let (server, url) = Server::start();
            sender.env(URL, url);
            Some(server)
        }
    };
    let output = sender.output().unwrap();
    drop(server);
    let told = String::from_utf8(output.stdout).unwrap();
    print!("{told}");
    assert!(output.status.success(), "the files were not sent");
    let peak: u64 = told.lines().find_map(|line| line.strip_prefix("peak kB: ")?.parse().ok()).unwrap();
    assert!(peak < LIMIT_KB, "more than {LIMIT_KB} kB");
}

/// Half of the bytes in files of up to the largest size, half in files of up to a megabyte.
fn sizes(total: u64) -> Vec<u64> {
    let largest = LARGEST.min(total / 4);
    let mut sizes = vec![largest];
    let mut left = total - largest;
    let mut seed = 1_u64;
    while left > 0 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = seed >> 33;
        let most = if left > total / 2 { largest } else { MEGABYTE };
        let size = (dice % most + 1).min(left);
        sizes.push(size);
        left -= size;
    }
    sizes
}

/// A file of noise, no two alike.
fn write(path: &Path, seed: u64, size: u64) {
    let mut block = vec![0; 1 << 20];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for word in block.chunks_exact_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        word.copy_from_slice(&state.to_le_bytes());
    }
    let mut file = File::create(path).unwrap();
    let mut left = size;
    while left > 0 {
        let count = left.min(block.len() as u64);
        block[..8].copy_from_slice(&left.to_le_bytes());
        file.write_all(&block[..usize::try_from(count).unwrap()]).unwrap();
        left -= count;
    }
}

/// Sends every file of the folder.
async fn send() {
    let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
    let variable = |name: &str, other: &str| std::env::var(name).unwrap_or_else(|_| other.to_owned());
    let (database, secret) =
        (variable("MIGRATION_BENCH_DB", "bench"), variable("MIGRATION_BENCH_SECRET", "admin"));
    let client = Client::builder(variable(URL, ""), database, "admin", secret).gap(Duration::ZERO);
    let client = client.connect().await.unwrap();
    let partner = client.create("res.partner", vec![Struct::new().with("name", "Bench")]).await.unwrap()[0];
    let mut files = Vec::new();
    let mut bytes = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name != "too-large" {
            bytes += entry.metadata().unwrap().len();
        }
        files.push(Attachment::new(entry.path(), format!("{name}.bin"), "res.partner", partner).key(name));
    }
    let before = client.calls();
    let began = Instant::now();
    let outcomes = Attachments::new(client.clone()).send(&files).await;
    let seconds = began.elapsed().as_secs_f64();
    for outcome in outcomes.iter().filter(|outcome| outcome.stored().is_none()) {
        let Outcome::Refused { place, refusal } = outcome else { panic!("{outcome:?}") };
        println!("refused: {place}: {refusal}");
        assert!(matches!(refusal, Refusal::TooLarge { size: TOO_LARGE, .. }));
    }
    let stored = outcomes.iter().filter(|outcome| outcome.stored().is_some_and(|stored| stored.new)).count();
    assert_eq!(stored, files.len() - 1);
    println!(
        "{stored} files in {} calls, {seconds:.1} s, {:.0} MB/s",
        client.calls() - before,
        bytes as f64 / MEGABYTE as f64 / seconds
    );
    client.unlink("res.partner", &[partner]).await.unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak kB: {}", peak.trim().trim_end_matches(" kB"));
}

/// The counting server's process.
struct Server(Child);

impl Server {
    fn start() -> (Self, String) {
        let mut server = Command::new(std::env::current_exe().unwrap());
        let mut server = server.env(PART, "server").stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
        (Self(server), url.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Answers as an Odoo that keeps of each attachment its checksum and its size.
async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let mut kept: Vec<Value> = Vec::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        answer(stream, &mut kept).await;
    }
}

async fn answer(mut stream: TcpStream, kept: &mut Vec<Value>) {
    let mut bytes = Vec::new();
    let mut length = None;
    while length.is_none_or(|length| bytes.len() < length) {
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return;
        }
        if length.is_none()
            && let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head = String::from_utf8(bytes.drain(..end + 4).collect()).unwrap().to_ascii_lowercase();
            assert!(!head.contains("transfer-encoding"), "{head}");
            let told = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            length = Some(told.unwrap().parse::<usize>().unwrap());
        }
    }
    let call = decode_call(&bytes, &Limits::default()).unwrap();
    let text = |at: usize| call.params.get(at).and_then(Value::as_text).unwrap_or_default();
    let value = match (call.method.as_str(), text(3), text(4)) {
        ("version", ..) => Struct::new()
            .with(
                "server_version_info",
                vec![19.into(), 0.into(), 0.into(), "final".into(), 0.into(), "".into()],
            )
            .into(),
        ("authenticate", ..) => 2.into(),
        (_, "res.partner", "search" | "create") => vec![Value::from(1)].into(),
        (_, "ir.attachment", "search_read") => Vec::<Value>::new().into(),
        (_, "ir.attachment", "read") => std::mem::take(kept).into(),
        (_, "ir.attachment", "create") => {
            let rows = call.params[5].as_array().unwrap()[0].as_array().unwrap();
            let datas = |row: &Value| {
                content(row.as_struct().unwrap().get("datas").and_then(Value::as_text).unwrap())
            };
            let first = kept.len() as i64 + 1;
            kept.extend(rows.iter().zip(first..).map(|(row, id)| Value::from(datas(row).with("id", id))));
            let ids: Vec<Value> = (first..).take(rows.len()).map(Value::from).collect();
            ids.into()
        }
        _ => true.into(),
    };
    let body = encode_response(&value).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
}

/// The checksum and size of a content in base64.
fn content(base64: &str) -> Struct {
    use base64::Engine as _;
    use sha1::Digest as _;
    let content = base64::engine::general_purpose::STANDARD.decode(base64).unwrap();
    let checksum: String = sha1::Sha1::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    Struct::new().with("checksum", checksum).with("file_size", content.len() as i64)
}

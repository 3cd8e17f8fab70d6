//! A bridge on this machine, which serves what a test gives it, and misbehaves as told.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test takes what it needs; the helpers of tests may panic"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use sha1::{Digest, Sha1};
use url::Url;

/// What the bridge has.
#[derive(Clone, Default)]
pub(crate) struct Data {
    pub(crate) tables: Vec<Table>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// When each row was changed, and its cells as JSON.
    pub(crate) rows: Vec<(Timestamp, Vec<String>)>,
}

impl Table {
    pub(crate) fn new(name: &str, columns: &[&str], rows: &[&[&str]]) -> Self {
        let rows =
            rows.iter().map(|cells| (Timestamp::UNIX_EPOCH, cells.iter().map(|cell| json(cell)).collect()));
        Self {
            name: name.to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: rows.collect(),
        }
    }

    /// A table of that many patients.
    pub(crate) fn patients(rows: usize) -> Self {
        let cells: Vec<[String; 2]> =
            (0..rows).map(|at| [format!("P-{at:04}"), format!("Patient {at}")]).collect();
        let cells: Vec<Vec<&str>> =
            cells.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let cells: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
        Self::new("Patients", &["Patient ID", "Patient Name"], &cells)
    }
}

impl Data {
    /// The CSV files of a folder as tables.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        let mut data = Self::default();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "csv") {
                continue;
            }
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(&path).unwrap();
            let mut rows =
                reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
            let columns = rows.next().unwrap();
            let rows = rows
                .map(|row| (Timestamp::UNIX_EPOCH, row.iter().map(|cell| json(cell)).collect()))
                .collect();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            data.tables.push(Table { name, columns, rows });
        }
        data
    }
}

/// A cell as a bridge over a database has it: what is a number there is one in JSON, and what is nothing is null.
pub(crate) fn json(cell: &str) -> String {
    let digits = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    match cell {
        "" => "null".to_owned(),
        _ if digits && !cell.starts_with('0') => cell.to_owned(),
        _ => serde_json::to_string(cell).unwrap(),
    }
}

/// What the bridge does instead of answering.
#[derive(Clone)]
pub(crate) enum Act {
    /// Says this: a status, headers, a body.
    Say(u16, Vec<String>, Vec<u8>),
    /// Says what it would say, and ends the connection after so many bytes of the body.
    CutAfter(usize),
    /// Says nothing, for as long as the test runs.
    Silence,
}

impl Act {
    pub(crate) fn status(status: u16) -> Self {
        Self::Say(status, Vec::new(), Vec::new())
    }

    pub(crate) fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::Say(200, Vec::new(), body.into())
    }
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Request {
    /// Its path and query, with percent signs.
    pub(crate) target: String,
    pub(crate) token: Option<String>,
    url: Url,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

type Plan = Mutex<Box<dyn FnMut(usize, &Request) -> Option<Act> + Send>>;

/// A server on this machine.
pub(crate) struct Bridge {
    /// `http://127.0.0.1:port/pulse/v1`.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Bridge {
    /// Serves the data.
    pub(crate) fn serve(data: Data) -> Self {
        Self::start(data, |_, _| None)
    }

    /// The same; but what the plan tells for a request, by its number and what it is, goes before.
    pub(crate) fn start(
        data: Data,
        plan: impl FnMut(usize, &Request) -> Option<Act> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/pulse/v1", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (seen, data) = (Arc::clone(&requests), Arc::new(data));
        let plan: Arc<Plan> = Arc::new(Mutex::new(Box::new(plan)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, data, plan) = (Arc::clone(&seen), Arc::clone(&data), Arc::clone(&plan));
                // A client that has gone is no concern of the bridge.
                std::thread::spawn(move || drop(answer(&mut stream.unwrap(), &data, &plan, &seen)));
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Paths and queries of the requests so far.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.target).collect()
    }
}

fn answer(
    stream: &mut TcpStream,
    data: &Data,
    plan: &Plan,
    seen: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let request = read(stream)?;
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let act = (plan.lock().unwrap())(number, &request);
    let (status, headers, body, until) = match act {
        Some(Act::Silence) => {
            std::thread::sleep(std::time::Duration::from_secs(600));
            return Ok(());
        }
        Some(Act::Say(status, headers, body)) => (status, headers, body, usize::MAX),
        Some(Act::CutAfter(until)) => {
            let (status, body) = served(data, &request);
            (status, Vec::new(), body, until)
        }
        None => {
            let (status, body) = served(data, &request);
            (status, Vec::new(), body, usize::MAX)
        }
    };
    let mut head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    headers.iter().for_each(|header| head += &format!("{header}\r\n"));
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&body[..until.min(body.len())])
}

fn read(stream: &mut TcpStream) -> std::io::Result<Request> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 4096];
        match stream.read(&mut piece)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&piece[..count]),
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let target = text.split(' ').nth(1).unwrap().to_owned();
    let token = text.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then(|| value.to_owned())
    });
    let url = Url::parse(&format!("http://x{target}")).unwrap();
    Ok(Request { target, token, url })
}

/// What a bridge that keeps to the shape says.
fn served(data: &Data, request: &Request) -> (u16, Vec<u8>) {
    let since = request.query("modified_since").map(|since| since.parse::<Timestamp>().unwrap());
    let size: usize = request.query("page_size").map_or(1000, |size| size.parse().unwrap());
    let from: usize =
        request.query("cursor").map_or(0, |cursor| cursor.strip_prefix("after ").unwrap().parse().unwrap());
    let next = |all: usize| {
        if from + size < all { format!("\"after {}\"", from + size) } else { "null".to_owned() }
    };
    let steps: Vec<String> = request.url.path_segments().unwrap().skip(2).map(percent_decoded).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    match steps.as_slice() {
        ["tables"] => {
            let table = |table: &Table| {
                let (name, columns, rows) = (&table.name, names(table), changed(table, since).len());
                format!(r#"{{"name": "{name}", "columns": {columns}, "rows": {rows}}}"#)
            };
            let tables: Vec<String> = data.tables.iter().map(table).collect();
            let (tables, files) = (tables.join(", "), data.files.len());
            let body =
                format!(r#"{{"now": "2024-05-31T09:30:00Z", "tables": [{tables}], "files": {files}}}"#);
            (200, body.into_bytes())
        }
        ["tables", name] => {
            let Some(table) = data.tables.iter().find(|table| table.name == *name) else {
                return (404, Vec::new());
            };
            let rows = changed(table, since);
            let page: Vec<String> =
                rows.iter().skip(from).take(size).map(|cells| format!("[{}]", cells.join(", "))).collect();
            let (columns, page, next) = (names(table), page.join(",\n"), next(rows.len()));
            (200, format!(r#"{{"columns": {columns}, "rows": [{page}], "next": {next}}}"#).into_bytes())
        }
        ["files"] => {
            let file = |(path, bytes): &(String, Vec<u8>)| {
                let sha1: String = Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                let (path, size) = (serde_json::to_string(path).unwrap(), bytes.len());
                format!(r#"{{"path": {path}, "size": {size}, "sha1": "{sha1}"}}"#)
            };
            let page: Vec<String> = data.files.iter().skip(from).take(size).map(file).collect();
            let (page, next) = (page.join(", "), next(data.files.len()));
            (200, format!(r#"{{"files": [{page}], "next": {next}}}"#).into_bytes())
        }
        ["files", path @ ..] => {
            let path = path.join("/");
            match data.files.iter().find(|(known, _)| *known == path) {
                Some((_, bytes)) => (200, bytes.clone()),
                None => (404, Vec::new()),
            }
        }
        _ => (404, Vec::new()),
    }
}

fn changed(table: &Table, since: Option<Timestamp>) -> Vec<&Vec<String>> {
    table
        .rows
        .iter()
        .filter(|(at, _)| since.is_none_or(|since| *at >= since))
        .map(|(_, cells)| cells)
        .collect()
}

fn names(table: &Table) -> String {
    serde_json::to_string(&table.columns).unwrap()
}

fn percent_decoded(step: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = step.as_bytes();
    while let [first, after @ ..] = rest {
        if let ([b'%', ..], [high, low, after @ ..]) = (rest, after) {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

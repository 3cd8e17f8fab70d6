//! A clinic over HTTP: pages, trouble on the way, cuts, and bridges that do not keep to the shape.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod bridge;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bridge::{Act, Bridge, Data, Table};
use futures::StreamExt;
use jiff::Timestamp;
use mapping_core::error::{Error, ErrorKind, Retry};
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::unpack::UnpackLimits;
use source_pulse::export::PulseExport;
use source_pulse::fixtures::Clinic;
use source_pulse::options::PulseOptions;
use source_pulse::rest::{Fetched, RestSource};
use tempfile::TempDir;

const CANARY: &str = "canary-7f3a";

fn source(bridge: &Bridge) -> RestSource {
    RestSource::new(&bridge.url).unwrap().token(CANARY).page_size(10).first_wait(Duration::from_millis(1))
}

async fn fetch(bridge: &Bridge, into: &TempDir) -> Result<Fetched, Error> {
    told(source(bridge).fetch(into.path()).await)
}

/// No error tells the token, or what an answer held.
#[track_caller]
fn told(fetched: Result<Fetched, Error>) -> Result<Fetched, Error> {
    if let Err(error) = &fetched {
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error}");
    }
    fetched
}

/// What comes of a bridge that does so.
async fn failing(
    data: Data,
    plan: impl FnMut(usize, &bridge::Request) -> Option<Act> + Send + 'static,
) -> (Error, Bridge) {
    let (bridge, dir) = (Bridge::start(data, plan), TempDir::new().unwrap());
    let error = fetch(&bridge, &dir).await.unwrap_err();
    (error, bridge)
}

fn patients(rows: usize) -> Data {
    Data { tables: vec![Table::patients(rows)], files: Vec::new() }
}

fn files(files: &[(&str, &[u8])]) -> Data {
    let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
    Data { files, ..patients(3) }
}

async fn ids(folder: &Path) -> Vec<String> {
    let export = PulseExport::open(folder, PulseOptions::default()).unwrap();
    let readings: Vec<_> = export.read(&Query::all("patient")).collect().await;
    let record = |reading| match reading {
        Ok(Reading::Record(record)) => Some(record.key().id().to_string()),
        _ => None,
    };
    readings.into_iter().filter_map(record).collect()
}

fn expected(rows: usize) -> Vec<String> {
    (0..rows).map(|at| format!("P-{at:04}")).collect()
}

#[tokio::test]
async fn a_clinic_comes_page_by_page_with_the_token_in_each_request() {
    let (made, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    Clinic::new(25).appointments_per_patient(2).write_to(made.path()).unwrap();
    let mut data = Data::of_folder(made.path());
    data.files.push(("files/P-0001/\u{930}\u{93e}\u{935} #1 100%?.pdf".to_owned(), vec![7; 100_000]));
    data.files.push(("files/empty.txt".to_owned(), Vec::new()));
    let bridge = Bridge::serve(data);
    let fetched = fetch(&bridge, &dir).await.unwrap();

    let mut rows: Vec<_> = fetched.tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    rows.sort_unstable();
    assert_eq!(rows[..2], [("Appointments", 50), ("Patients", 25)]);
    assert_eq!((fetched.files, fetched.as_of.to_string().as_str()), (2, "2024-05-31T09:30:00Z"));
    let requests = bridge.requests();
    assert_eq!(fetched.requests, requests.len() as u64);
    assert!(requests.iter().all(|request| request.token.as_deref() == Some("Bearer canary-7f3a")));
    let pages: Vec<_> =
        requests.iter().filter(|request| request.path() == "/pulse/v1/tables/Patients").collect();
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.query("page_size").as_deref() == Some("10")));
    assert_eq!(pages[1].query("cursor").as_deref(), Some("after 10"));

    assert_eq!(ids(dir.path()).await.len(), 25);
    let at = dir.path().join("files/P-0001/\u{930}\u{93e}\u{935} #1 100%?.pdf");
    assert_eq!(fs::read(&at).unwrap(), vec![7; 100_000]);
    assert_eq!(fs::read(dir.path().join("files/empty.txt")).unwrap(), b"");
    #[cfg(unix)]
    for (path, mode) in [
        (dir.path(), 0o700),
        (at.parent().unwrap(), 0o700),
        (&at, 0o600),
        (&dir.path().join("Patients.csv"), 0o600),
    ] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_asked_for_again() {
    let dir = TempDir::new().unwrap();
    let mut data = patients(35);
    data.files.push(("files/scan.pdf".to_owned(), vec![9; 300_000]));
    let bridge = Bridge::start(data, |number, _| match number {
        0 => Some(Act::CutAfter(0)),
        2 => Some(Act::status(503)),
        3 => Some(Act::Say(429, vec!["Retry-After: 1".to_owned()], Vec::new())),
        5 => Some(Act::CutAfter(100)),
        7 => Some(Act::status(502)),
        8 => Some(Act::Say(504, Vec::new(), CANARY.into())),
        12 => Some(Act::CutAfter(200_000)),
        _ => None,
    });
    let began = Instant::now();
    let fetched = fetch(&bridge, &dir).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1), "the pause that was asked for");
    assert_eq!((fetched.requests, fetched.tables[0].rows), (1 + 4 + 2 + 7, 35));
    assert_eq!(ids(dir.path()).await, expected(35));
    assert_eq!(fs::read(dir.path().join("files/scan.pdf")).unwrap(), vec![9; 300_000]);
}

#[tokio::test]
async fn trouble_without_end_ends() {
    let dir = TempDir::new().unwrap();
    for (act, said) in
        [(Act::status(503), "not ready"), (Act::status(429), "too often"), (Act::CutAfter(5), "broke off")]
    {
        let bridge = Bridge::start(patients(1), move |_, _| Some(act.clone()));
        let error = told(source(&bridge).attempts(3).fetch(dir.path().join(said)).await).unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Safe), "{error}");
        assert!(error.message().contains(said), "{error}");
        assert_eq!((error.place("attempts"), bridge.requests().len()), (Some("3"), 3));
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let source = RestSource::new(format!("http://{closed}")).unwrap().attempts(2).first_wait(Duration::ZERO);
    let error = source.fetch(dir.path().join("closed")).await.unwrap_err();
    assert!(error.message().contains("cannot be reached"), "{error}");
    assert_eq!((error.place("server"), error.retry()), (Some(closed.to_string().as_str()), Retry::Safe));
}

#[tokio::test]
async fn a_fetch_that_was_killed_goes_on_where_it_was() {
    let (dir, straight) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let staff = Table::new("Staff", &["Name"], &[&["Dr. Meera Nair"]]);
    let data =
        Data { tables: vec![staff, Table::patients(45)], files: vec![("files/a.txt".into(), b"a".to_vec())] };
    // Silence at the fourth page of the patients.
    let dying = Bridge::start(data.clone(), |_, request| {
        (request.query("cursor").as_deref() == Some("after 30")).then_some(Act::Silence)
    });
    let asked = source(&dying);
    let into = dir.path().to_owned();
    let killed = tokio::spawn(async move { asked.fetch(into).await });
    while !dying.targets().iter().any(|target| target.contains("after+30")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());
    assert!(dir.path().join("Staff.csv").exists() && !dir.path().join("Patients.csv").exists());
    // What was added since the state was kept, as by a program killed between the two.
    let part = dir.path().join(".fetch/Patients.part");
    let torn = [fs::read(&part).unwrap(), b"\"P-9999\",\"torn\"\n".repeat(1000)].concat();
    fs::write(&part, torn).unwrap();

    let bridge = Bridge::serve(data);
    // It is the same bridge, at another port.
    let state = dir.path().join(".fetch/state.json");
    let moved = fs::read_to_string(&state).unwrap().replace(&dying.url, &bridge.url);
    fs::write(&state, moved).unwrap();
    let fetched = fetch(&bridge, &dir).await.unwrap();
    assert_eq!(
        bridge.targets(),
        [
            "/pulse/v1/tables",
            "/pulse/v1/tables/Patients?page_size=10&cursor=after+30",
            "/pulse/v1/tables/Patients?page_size=10&cursor=after+40",
            "/pulse/v1/files?page_size=10",
            "/pulse/v1/files/files/a.txt",
        ]
    );
    assert_eq!(fetched.tables.iter().map(|table| table.rows).collect::<Vec<_>>(), [1, 45]);
    fetch(&bridge, &straight).await.unwrap();
    for file in ["Staff.csv", "Patients.csv", "files/a.txt"] {
        let read = |dir: &TempDir| fs::read(dir.path().join(file)).unwrap();
        assert_eq!(read(&dir), read(&straight), "{file}");
    }
    // All is there: nothing but the tables' names is asked for.
    let before = bridge.requests().len();
    fetch(&bridge, &dir).await.unwrap();
    assert_eq!(bridge.requests().len(), before + 1);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_told_and_never_shown() {
    for (status, said) in [(401, "does not take the token"), (403, "may not read")] {
        let (error, bridge) =
            failing(patients(1), move |_, _| Some(Act::Say(status, vec![], CANARY.into()))).await;
        assert_eq!((error.kind(), bridge.requests().len()), (ErrorKind::Config, 1));
        assert!(error.message().contains(said), "{error}");
    }
    let bridge = Bridge::start(patients(1), |_, request| request.token.is_none().then(|| Act::status(401)));
    let dir = TempDir::new().unwrap();
    let error = RestSource::new(&bridge.url).unwrap().fetch(dir.path()).await.unwrap_err();
    assert!(error.message().contains("wants a token"), "{error}");
    assert!(!format!("{:?}", source(&bridge)).contains(CANARY));
    let bad = RestSource::new(&bridge.url).unwrap().token(format!("{CANARY}\n"));
    assert!(told(bad.fetch(dir.path()).await).unwrap_err().message().contains("no header can hold"));
}

#[tokio::test]
async fn no_redirect_takes_the_token_along() {
    let other = Bridge::serve(patients(1));
    let location = format!("Location: {}/tables", other.url);
    let (error, _) =
        failing(patients(1), move |_, _| Some(Act::Say(307, vec![location.clone()], vec![]))).await;
    assert!(error.message().contains("elsewhere"), "{error}");
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn what_is_no_bridge_is_told_without_what_it_said() {
    let (error, bridge) = failing(patients(1), |_, _| Some(Act::status(404))).await;
    assert!(error.message().contains("no bridge at the address"), "{error}");
    assert_eq!(bridge.requests().len(), 1);
    for body in [format!("<html>{CANARY}"), format!("{{\"now\": \"{CANARY}\"}}"), format!("[\"{CANARY}\"")] {
        let (error, _) = failing(patients(1), move |_, _| Some(Act::body(body.clone()))).await;
        assert!(error.message().contains("shape"), "{error}");
    }
    for (status, kind) in [(400, ErrorKind::Invalid), (500, ErrorKind::Unavailable)] {
        let (error, bridge) =
            failing(patients(1), move |_, _| Some(Act::Say(status, vec![], CANARY.into()))).await;
        assert_eq!((error.kind(), bridge.requests().len()), (kind, 1), "{error}");
    }
}

#[tokio::test]
async fn pages_without_end_are_noticed() {
    let page = |next: usize| {
        Act::body(format!(
            r#"{{"columns": ["Patient ID", "Patient Name"], "rows": [["P", "x"]], "next": "{next}"}}"#
        ))
    };
    for round in [1, 3] {
        let (error, bridge) =
            failing(patients(5), move |number, _| (number > 0).then(|| page(number % round))).await;
        assert!(error.message().contains("comes round"), "{error}");
        assert!(bridge.requests().len() < 12);
    }
    let empty = |next: usize| {
        Act::body(format!(r#"{{"columns": ["Patient ID", "Patient Name"], "rows": [], "next": "{next}"}}"#))
    };
    let (error, bridge) = failing(patients(5), move |number, _| (number > 0).then(|| empty(number))).await;
    assert!(error.message().contains("no end"), "{error}");
    assert_eq!(bridge.requests().len(), 1 + 1001);

    let listing = r#"{"files": [], "next": "a"}"#;
    let (error, _) = failing(files(&[("files/a", b"x")]), move |_, request| {
        (request.path() == "/pulse/v1/files").then(|| Act::body(listing))
    })
    .await;
    assert!(error.message().contains("comes round"), "{error}");
}

#[tokio::test]
async fn rows_that_are_missing_are_told_and_fetched_from_the_beginning_next_time() {
    let dir = TempDir::new().unwrap();
    let lie = r#"{"now": "2024-05-31T09:30:00Z", "tables": [{"name": "Patients", "columns": ["Patient ID", "Patient Name"], "rows": 13}], "files": 0}"#;
    let bridge = Bridge::start(patients(12), move |number, _| (number == 0).then(|| Act::body(lie)));
    let error = fetch(&bridge, &dir).await.unwrap_err();
    assert!(error.message().contains("told of 13 rows and gave 12"), "{error}");
    assert_eq!(error.place("table"), Some("Patients"));
    assert!(!dir.path().join("Patients.csv").exists(), "no table that lacks rows looks whole");
    assert_eq!(fetch(&bridge, &dir).await.unwrap().tables[0].rows, 12);
    assert_eq!(ids(dir.path()).await, expected(12));

    let mut lied = files(&[("files/a", b"x")]);
    lied.files.truncate(1);
    let lie = r#"{"files": [], "next": null}"#;
    let (error, _) =
        failing(lied, move |_, request| (request.path() == "/pulse/v1/files").then(|| Act::body(lie))).await;
    assert!(error.message().contains("told of 1 files and listed 0"), "{error}");
}

#[tokio::test]
async fn a_table_that_changes_its_columns_is_not_patched_together() {
    let other = r#"{"columns": ["Patient Name", "Patient ID"], "rows": [["Asha Rao", "P-1"]], "next": null}"#;
    let (error, _) = failing(patients(12), move |number, _| (number == 2).then(|| Act::body(other))).await;
    assert!(error.message().contains("columns"), "{error}");
}

#[tokio::test]
async fn a_cursor_that_has_gone_begins_the_table_again() {
    let dir = TempDir::new().unwrap();
    let bridge = Bridge::start(patients(25), |number, _| (number == 3).then(|| Act::status(410)));
    assert_eq!(fetch(&bridge, &dir).await.unwrap().requests, 1 + 2 + 1 + 3);
    assert_eq!(ids(dir.path()).await, expected(25));
    let gone = |_: usize, request: &bridge::Request| request.query("cursor").map(|_| Act::status(410));
    let (error, _) = failing(patients(25), gone).await;
    assert!(error.message().contains("its own cursor"), "{error}");
    let many: Vec<(String, Vec<u8>)> = (0..25).map(|file| (format!("files/{file}"), vec![1])).collect();
    let (error, _) = failing(Data { tables: Vec::new(), files: many }, gone).await;
    assert!(error.message().contains("its own cursor"), "{error}");
}

#[tokio::test]
async fn a_page_longer_than_the_limit_is_not_read() {
    let (error, _) =
        failing(patients(1), |number, _| (number == 1).then(|| Act::body(vec![b' '; (32 << 20) + 1]))).await;
    assert!(error.message().contains("longer than 32 MiB"), "{error}");
}

#[tokio::test]
async fn a_cell_that_is_none_is_told_by_table_and_row() {
    let page = format!(
        r#"{{"columns": ["Patient ID", "Patient Name"], "rows": [["P-1", "x"], ["P-2", {{"{CANARY}": 1}}]], "next": null}}"#
    );
    let (error, _) =
        failing(patients(1), move |number, _| (number == 1).then(|| Act::body(page.clone()))).await;
    assert_eq!((error.place("table"), error.place("row")), (Some("Patients"), Some("2")), "{error}");
}

#[tokio::test]
async fn no_file_lies_outside_of_the_folder_or_in_a_tables_place() {
    let parent = TempDir::new().unwrap();
    for path in [
        "../canary-7f3a.txt",
        "/tmp/canary-7f3a",
        "files/../../canary-7f3a",
        "C:\\canary-7f3a",
        "Patients.csv",
        ".fetch/state.json",
    ] {
        let (bridge, into) = (Bridge::serve(files(&[(path, b"x")])), parent.path().join("export"));
        let error = told(source(&bridge).fetch(&into).await).unwrap_err();
        assert_eq!((error.kind(), error.place("file")), (ErrorKind::Invalid, Some("1")), "{path}: {error}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1, "{path}");
        fs::remove_dir_all(&into).unwrap();
    }
}

#[tokio::test]
async fn a_file_is_the_one_of_the_list_or_an_error() {
    let data = files(&[("files/scan.pdf", b"0123456789")]);
    for body in ["0123456789+", "012345678", "0123456780"] {
        let (error, _) = failing(data.clone(), move |_, request| {
            request.path().ends_with("scan.pdf").then(|| Act::body(body))
        })
        .await;
        assert!(error.message().contains("not the one of the list"), "{error}");
    }
    let (error, _) = failing(files(&[("files/a", b"x"), ("files/a", b"y")]), |_, _| None).await;
    assert!(error.message().contains("another file is in its place"), "{error}");
    assert_eq!(error.place("file"), Some("2"));
    let (error, _) = failing(files(&[("files/a", b"x"), ("files/a/b", b"y")]), |_, _| None).await;
    assert_eq!((error.kind(), error.place("file")), (ErrorKind::Invalid, Some("2")), "{error}");
}

#[tokio::test]
async fn no_bridge_fills_the_disk() {
    let dir = TempDir::new().unwrap();
    let bridge = Bridge::serve(files(&[("files/a", &[0; 4000]), ("files/b", &[0; 4000])]));
    let limited = async |limits: UnpackLimits, name: &str| {
        told(source(&bridge).limits(limits).fetch(dir.path().join(name)).await)
    };
    let error = limited(UnpackLimits::default().bytes(8000), "few bytes").await.unwrap_err();
    assert_eq!((error.place("file"), error.message().contains("limits")), (Some("2"), true), "{error}");
    let error = limited(UnpackLimits::default().files(1), "few files").await.unwrap_err();
    assert_eq!(error.place("file"), Some("2"), "{error}");
    let error = limited(UnpackLimits::default().bytes(50), "few rows").await.unwrap_err();
    assert_eq!(error.place("table"), Some("Patients"), "{error}");
    assert!(limited(UnpackLimits::default().bytes(9000), "enough").await.is_ok());
}

#[tokio::test]
async fn only_changed_rows_come_of_tables_to_which_nothing_refers() {
    let (dir, day): (_, Timestamp) = (TempDir::new().unwrap(), "2024-05-01T00:00:00Z".parse().unwrap());
    let visit = |id: &str, at: Timestamp| {
        (at, vec![bridge::json(id), bridge::json("P-0001"), bridge::json("02/05/2024")])
    };
    let mut visits = Table::new("Appointments", &["Appointment ID", "Patient ID", "Date"], &[]);
    visits.rows = vec![
        visit("A-1", day - Duration::from_secs(1)),
        visit("A-2", day),
        visit("A-3", day + Duration::from_secs(1)),
    ];
    let bridge = Bridge::serve(Data { tables: vec![Table::patients(5), visits], files: Vec::new() });
    let fetched = source(&bridge).modified_since(day).fetch(dir.path()).await.unwrap();
    let rows: Vec<_> = fetched.tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    assert_eq!(rows, [("Patients", 5), ("Appointments", 2)]);
    assert_eq!(
        bridge.targets(),
        [
            "/pulse/v1/tables",
            "/pulse/v1/tables?modified_since=2024-05-01T00%3A00%3A00Z",
            "/pulse/v1/tables/Patients?page_size=10",
            "/pulse/v1/tables/Appointments?page_size=10&modified_since=2024-05-01T00%3A00%3A00Z",
        ]
    );
    let export = PulseExport::open(dir.path(), PulseOptions::default()).unwrap();
    let readings: Vec<_> = export.read(&Query::all("appointment")).collect().await;
    let records = readings.iter().filter(|reading| matches!(reading, Ok(Reading::Record(_))));
    assert_eq!(records.count(), 2, "their patients are there: {readings:?}");
    // Another fetch than that one does not go on in its folder.
    let error = fetch(&bridge, &dir).await.unwrap_err();
    assert!(error.message().contains("modified-since"), "{error}");
}

#[tokio::test]
async fn the_pace_is_kept_and_must_be_one() {
    let (bridge, dir) = (Bridge::serve(patients(25)), TempDir::new().unwrap());
    let began = Instant::now();
    source(&bridge).calls_per_second(20.0).unwrap().fetch(dir.path()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(3 * 50), "{:?}", began.elapsed());
    for none in [0.0, -1.0, f64::NAN, 1e-300] {
        assert!(source(&bridge).calls_per_second(none).is_err(), "{none}");
    }
    assert!(source(&bridge).calls_per_second(f64::INFINITY).is_ok(), "no pause at all");
}

#[test]
fn a_fetch_may_go_from_thread_to_thread() {
    fn sends(_: impl Future<Output = Result<Fetched, Error>> + Send) {}
    sends(RestSource::new("https://bridge.example.org").unwrap().fetch("nowhere"));
}

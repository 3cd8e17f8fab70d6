//! The journal on disk, as a program sees it: its contract, its file, and processes that come and go.
#![expect(clippy::unwrap_used, reason = "the helpers of tests")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use futures::TryStreamExt;
use jiff::Timestamp;
use mapping_core::conformance;
use mapping_core::digest::Digest;
use mapping_core::error::{Error, ErrorKind};
use mapping_core::identity::SourceId;
use mapping_core::journal::{Binding, Decided, Entry, Journal, MigrationId, Verdict};
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::receipt::{Action, How, Intent, Receipt};
use mapping_core::record::Fields;
use mapping_core::value::Value;
use reconcile::journal::SqliteJournal;
use tempfile::tempdir;

#[tokio::test]
async fn it_keeps_the_contract() {
    let folder = tempdir().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    conformance::journal(async || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        SqliteJournal::open(folder.path().join(format!("{number}.journal"))).unwrap()
    })
    .await;
}

#[tokio::test]
async fn what_was_appended_is_there_when_it_is_opened_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let entries: Vec<_> = (0..3).flat_map(|n| group(n).into_iter().take(GROUP - 1)).collect();
    let keys: Vec<_> = (0..3).flat_map(|n| (0..PAIRS).map(move |m| key(n, m))).collect();
    let journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(journal.bind(&migration("north-street")).await.unwrap(), Binding::New);
    journal.append(&entries).await.unwrap();
    let states = journal.states(&keys).await.unwrap();
    let doubts: Vec<_> = journal.doubts().try_collect().await.unwrap();
    assert_eq!(doubts.len(), 3);
    drop(journal);

    let journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(journal.bind(&migration("north-street")).await.unwrap(), Binding::Known);
    assert_eq!(journal.entries().try_collect::<Vec<_>>().await.unwrap(), entries);
    assert_eq!(journal.doubts().try_collect::<Vec<_>>().await.unwrap(), doubts);
    assert_eq!(journal.states(&keys).await.unwrap(), states);
    let error = journal.bind(&migration("south-street")).await.unwrap_err();
    let said = error.to_string();
    assert!(said.contains("(north-street of pulse, to https://clinic.example.org)"), "{said}");
    assert!(said.contains("south-street") && said.contains("a.journal"), "{said}");
}

#[tokio::test]
async fn killed_at_any_moment_it_has_every_append_that_was_answered_and_none_in_part() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("killed.journal");
    let mut next = 0;
    let mut unanswered = 0;
    for round in 0..20_u32 {
        let mut child = ChildProcess::start(&path, next);
        // Some are killed while they open it, some after a few appends, at all distances from an answer.
        let mut answered = next;
        for _ in 0..(round % 5) * 3 {
            answered = child.answered().unwrap() + 1;
        }
        sleep(Duration::from_micros(u64::from(round) * 737 % 4_000));
        child.kill();
        while let Some(last) = child.answered() {
            answered = last + 1;
        }

        let journal = SqliteJournal::open(&path).unwrap();
        journal.bind(&migration("north-street")).await.unwrap();
        let entries: Vec<Entry> = journal.entries().try_collect().await.unwrap();
        assert_eq!(entries.len() % GROUP, 0, "an append is there in part");
        let groups = entries.len() / GROUP;
        assert!(groups >= answered, "an append that was answered is gone");
        assert!(groups <= answered + 1, "more appends than were begun");
        for (n, entries) in entries.chunks(GROUP).enumerate() {
            assert_eq!(entries, group(n), "another append than was made");
        }
        assert_eq!(journal.doubts().try_collect::<Vec<_>>().await.unwrap(), []);
        unanswered += groups - answered;
        next = groups;
    }
    assert!(next > 20, "the journals were killed before they had anything to lose");
    println!("{next} appends, {unanswered} of them cut off before their answer");
}

#[tokio::test]
async fn a_second_process_is_turned_away_until_the_first_is_gone_however_it_goes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("held.journal");
    let mut child = ChildProcess::start(&path, 0);
    assert_eq!(child.answered(), Some(0));
    let error = SqliteJournal::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("another process is at work with it; wait"), "{error}");
    assert!(error.to_string().contains("held.journal"), "{error}");
    child.kill();

    let first = SqliteJournal::open(&path).unwrap();
    SqliteJournal::open(&path).unwrap_err();
    first.append(&group(0)).await.unwrap();
    drop(first);
    SqliteJournal::open(&path).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn one_file_by_two_names_is_still_one_journal() {
    let folder = tempdir().unwrap();
    let (path, link, hard) = ("a.journal", "soft.journal", "hard.journal");
    let [path, link, hard] = [path, link, hard].map(|name| folder.path().join(name));
    let first = SqliteJournal::open(&path).unwrap();
    first.append(&group(0)).await.unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    fs::hard_link(&path, &hard).unwrap();
    for other in [link, hard] {
        let error = SqliteJournal::open(other).unwrap_err();
        assert!(error.to_string().contains("another process"), "{error}");
    }
    first.append(&group(1)).await.unwrap();
}

#[cfg(unix)]
#[test]
fn its_files_are_for_their_owner_only_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    for umask in ["000", "022", "777"] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("a.journal");
        let mut child = ChildProcess::start_with(umask, &path, 0);
        assert_eq!(child.answered(), Some(0));
        let mut seen = Vec::new();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            assert_eq!(
                entry.metadata().unwrap().permissions().mode() & 0o777,
                0o600,
                "{name} at umask {umask}"
            );
            seen.push(name);
        }
        seen.sort();
        assert_eq!(seen, ["a.journal", "a.journal-wal", "a.journal.lock"]);
        child.kill();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn rights_that_others_were_given_are_taken_back() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let wal = folder.path().join("a.journal-wal");
    let mut child = ChildProcess::start(&path, 0);
    assert_eq!(child.answered(), Some(0));
    child.kill();
    for file in [&path, &wal] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o664)).unwrap();
    }
    let _journal = SqliteJournal::open(&path).unwrap();
    for file in [path, wal] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_is_no_journal_is_left_as_it_is() {
    let folder = tempdir().unwrap();
    let text = folder.path().join("Patients.csv");
    fs::write(&text, "id,name\nP-1,Asha Rao\n").unwrap();
    let long = folder.path().join("long.csv");
    fs::write(&long, "P-1,Asha Rao\n".repeat(10_000)).unwrap();
    let foreign = folder.path().join("shop.sqlite");
    let shop = rusqlite::Connection::open(&foreign).unwrap();
    shop.execute_batch("CREATE TABLE sale (id INTEGER)").unwrap();
    drop(shop);
    for path in [text, long, foreign] {
        let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().permissions());
        let error = opening(&path);
        assert!(error.to_string().contains("is no journal and was left as it is"), "{error}");
        assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
        assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().permissions()), before);
    }
}

#[tokio::test]
async fn damage_is_found_when_it_is_opened() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let journal = SqliteJournal::open(&path).unwrap();
    for n in 0..200 {
        journal.append(&group(n)).await.unwrap();
    }
    drop(journal);
    let whole = fs::read(&path).unwrap();
    let middle = whole.len() / 2 / 4096 * 4096;

    let mut torn = whole.clone();
    torn[middle..middle + 4096].fill(0xa5);
    let mut scribbled = whole.clone();
    scribbled[middle + 3..middle + 5].fill(0xff);
    let cut = whole[..middle].to_vec();
    let mut header = whole.clone();
    header[100..200].fill(0);
    for (damage, bytes) in [("torn", torn), ("scribbled", scribbled), ("cut", cut), ("header", header)] {
        fs::write(&path, &bytes).unwrap();
        let error = opening(&path);
        assert!(error.to_string().contains("it is damaged; keep it"), "{damage}: {error}");
        assert_eq!(error.kind(), ErrorKind::Config, "{damage}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{damage}: the file was changed");
    }
    fs::write(&path, &whole).unwrap();
    SqliteJournal::open(&path).unwrap();
}

#[test]
fn a_journal_of_a_newer_version_is_told_by_its_format() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.journal");
    drop(SqliteJournal::open(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA user_version=3").unwrap();
    drop(other);
    let error = opening(&path);
    assert!(error.to_string().contains("it is of format 3, and this version knows format 2"), "{error}");
}

/// A program that knows no decisions would otherwise find an entry it cannot read, and call the journal damaged.
#[tokio::test]
async fn a_journal_is_of_the_format_with_decisions_once_it_has_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let format = || -> i64 {
        let other = rusqlite::Connection::open(&path).unwrap();
        other.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    drop(SqliteJournal::open(&path).unwrap());
    assert_eq!(format(), 1);
    let (one, other) = (RecordKey::new("patient", "P-1"), RecordKey::new("patient", "P-2"));
    let decided = Decided { verdict: Verdict::Apart { one, other }, by: None, at: Timestamp::UNIX_EPOCH };
    SqliteJournal::open(&path).unwrap().append(&[Entry::Decided(decided.clone())]).await.unwrap();
    assert_eq!(format(), 2);
    let journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(journal.decisions().try_collect::<Vec<_>>().await.unwrap(), [decided]);
}

#[test]
fn a_place_that_takes_no_file_is_told_apart_from_the_others() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let places = [
        (folder.path().to_path_buf(), "that is a folder"),
        (folder.path().join("none").join("a.journal"), "its folder does not exist"),
        (file.join("a.journal"), "its folder does not exist"),
        // Closed to everybody, even to a superuser.
        #[cfg(target_os = "linux")]
        ("/sys/kernel/a.journal".into(), "gives no right to write there"),
    ];
    for (path, why) in places {
        let error = opening(&path);
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_journal_and_a_name_is_never_more_than_a_name() {
    let folder = tempdir().unwrap();
    let odd = folder.path().join("file:a?mode=memory");
    fs::write(&odd, "").unwrap();
    let journal = SqliteJournal::open(&odd).unwrap();
    journal.append(&group(0)).await.unwrap();
    drop(journal);
    assert!(fs::metadata(&odd).unwrap().len() > 0);
    let journal = SqliteJournal::open(&odd).unwrap();
    assert_eq!(journal.entries().try_collect::<Vec<_>>().await.unwrap(), group(0));
}

/// No test: what [`ChildProcess`] runs.
#[tokio::test]
#[ignore = "it runs until it is killed"]
async fn child_appends_until_it_is_killed() {
    let journal = SqliteJournal::open(std::env::var_os("JOURNAL").unwrap()).unwrap();
    let first = std::env::var("NEXT").unwrap().parse().unwrap();
    journal.bind(&migration("north-street")).await.unwrap();
    for n in first.. {
        journal.append(&group(n)).await.unwrap();
        let mut out = std::io::stdout().lock();
        write!(out, "\n{ANSWERED}{n}\n").unwrap();
        out.flush().unwrap();
    }
}

const ANSWERED: &str = "answered ";

/// This program once more, appending to a journal until it is killed.
struct ChildProcess {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl ChildProcess {
    fn start(journal: &Path, next: usize) -> Self {
        Self::spawn(Command::new(std::env::current_exe().unwrap()), journal, next)
    }

    #[cfg(unix)]
    fn start_with(umask: &str, journal: &Path, next: usize) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask $1; shift; exec \"$@\"", "sh", umask]).arg(std::env::current_exe().unwrap());
        Self::spawn(shell, journal, next)
    }

    fn spawn(mut command: Command, journal: &Path, next: usize) -> Self {
        command.args(["child_appends_until_it_is_killed", "--exact", "--ignored", "--nocapture"]);
        command
            .env("JOURNAL", journal)
            .env("NEXT", next.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The number of the next append that was answered; none when the process has ended.
    fn answered(&mut self) -> Option<usize> {
        let number = |line: String| line.strip_prefix(ANSWERED)?.parse().ok();
        self.lines.by_ref().find_map(|line| number(line.unwrap()))
    }

    /// Kills it as `kill -9` does, at once.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn opening(path: &Path) -> Error {
    SqliteJournal::open(path).unwrap_err()
}

const PAIRS: usize = 10;
const GROUP: usize = 2 * PAIRS;

/// What is appended at once: some drafts, intended and written. Those of an even number are updates.
fn group(n: usize) -> Vec<Entry> {
    let before = Fields::default().with("name", format!("Asha Rao {n}"));
    let before = n.is_multiple_of(2).then_some(before);
    let digest = Digest::builder().value(&Value::from(n as i64)).finish();
    let at = jiff::Timestamp::from_second(1_767_225_600).unwrap();
    let (model, id) = ("res.partner", 7);
    let intent = |m| {
        let key = key(n, m);
        let identity = migration("north-street").source.identity(&key);
        let action = if before.is_some() { Action::Update(id.into()) } else { Action::Create };
        Entry::Intent(Intent {
            key,
            model: model.into(),
            identity,
            action,
            digest,
            before: before.clone(),
            at,
        })
    };
    let receipt = |m| {
        let how = if before.is_some() { How::Updated } else { How::Created };
        Entry::Receipt(Receipt {
            key: key(n, m),
            model: model.into(),
            id: id.into(),
            how,
            digest,
            before: before.clone(),
            at,
        })
    };
    (0..PAIRS).map(intent).chain((0..PAIRS).map(receipt)).collect()
}

fn key(n: usize, m: usize) -> DraftKey {
    RecordKey::new("patient", format!("P-{n}-{m}")).into()
}

fn migration(clinic: &str) -> MigrationId {
    let source = SourceId::new("pulse", clinic).unwrap();
    MigrationId { source, destination: "https://clinic.example.org".into() }
}

//! Files on their way: the transport against a web server, and attachments against an Odoo that keeps nothing but them.
#![cfg(feature = "http")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

#[path = "support/drawer.rs"]
mod drawer;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use drawer::{Mishap, attachments};
use odoo_rpc::Error;
use odoo_rpc::client::{Client, Login};
use odoo_rpc::files::{Attachment, Attachments, Outcome, Refusal};
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::transport::{Address, Body, Delivery, Http, HttpOptions, Request, Transport};
use odoo_rpc::wire::{File, Struct, Value, encode_call_document};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const CANARY: &str = "canary-7f3a";

fn noise(seed: u64, size: usize) -> Vec<u8> {
    (0..size as u64).map(|n| ((n + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8).collect()
}

/// A folder of files, whose names must never be told.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix(CANARY).tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// So many files of that size, each on a record of its own.
    fn many(&self, count: usize, size: usize) -> Vec<Attachment> {
        let one = |number: usize| {
            let path = self.file(&format!("f{number}"), &noise(number as u64, size));
            Attachment::new(path, format!("{CANARY} {number}.pdf"), "res.partner", number as i64 + 1)
        };
        (0..count).map(one).collect()
    }
}

fn news(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| outcome.stored().is_some_and(|stored| stored.new)).count()
}

fn refusal(outcome: &Outcome) -> &Refusal {
    let told = format!("{outcome:?} {}", outcome.refusal().map(ToString::to_string).unwrap_or_default());
    assert!(!told.contains(CANARY), "{told}");
    outcome.refusal().unwrap()
}

/// Takes one request, of which it reads `limit` bytes of the body at most, and answers if it came whole.
async fn take(listener: TcpListener, limit: usize) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    let (mut head, mut length) = (String::new(), usize::MAX);
    while bytes.len() < length.min(limit) {
        let count = stream.read(&mut piece).await.unwrap_or(0);
        if count == 0 {
            return (head, bytes);
        }
        bytes.extend_from_slice(&piece[..count]);
        if head.is_empty()
            && let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n")
        {
            head = String::from_utf8(bytes.drain(..end + 4).collect()).unwrap().to_ascii_lowercase();
            let told = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            length = told.unwrap().parse().unwrap();
        }
    }
    if bytes.len() == length {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
    }
    (head, bytes)
}

async fn served(
    body: Body,
    limit: usize,
) -> (Result<u16, odoo_rpc::transport::TransportError>, String, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap()), false).unwrap();
    let server = tokio::spawn(take(listener, limit));
    let http = Http::new(address, HttpOptions::new()).unwrap();
    let answer = http.send(Request::xml("/xmlrpc/2/object", body)).await;
    let (head, bytes) = server.await.unwrap();
    (answer.map(|answer| answer.status), head, bytes)
}

fn call_with(files: &[File]) -> Body {
    let params: Vec<Value> = files.iter().cloned().map(Value::from).collect();
    encode_call_document("f", &params).unwrap().into()
}

#[tokio::test]
async fn a_call_with_files_has_a_length_and_comes_whole() {
    let folder = Folder::new();
    let files = [3_000_001, 0, 5]
        .map(|size| File::new(folder.file(&size.to_string(), &noise(size, size as usize)), size));
    let body = call_with(&files);
    let expected = body.clone().read().await.unwrap();
    let (answer, head, bytes) = served(body, usize::MAX).await;
    assert_eq!(answer.unwrap(), 200);
    assert!(head.contains(&format!("content-length: {}\r\n", expected.len())), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert!(bytes == expected, "other bytes came");
}

#[tokio::test]
async fn a_file_that_changed_since_ends_the_call_before_it_is_whole() {
    let folder = Folder::new();
    let path = folder.file("scan", &noise(1, 3_000_000));
    let sound = File::new(folder.file("sound", b"abc"), 3);
    let body = call_with(&[sound, File::new(path, 3_000_000).with_sha1([7; 20])]);
    let length = body.len();
    let (answer, _, bytes) = served(body, usize::MAX).await;
    let error = answer.unwrap_err();
    assert_eq!(error.delivery, Delivery::Unreadable { file: 1 });
    assert!(!error.to_string().contains(CANARY), "{error}");
    assert!(bytes.len() < length - 100, "{} of {length} came", bytes.len());
}

#[tokio::test]
async fn a_connection_cut_while_the_call_leaves_means_that_nothing_was_applied() {
    let folder = Folder::new();
    let file = File::new(folder.file("scan", &noise(1, 30_000_000)), 30_000_000);
    let (answer, _, _) = served(call_with(&[file]), 1_000_000).await;
    let error = answer.unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent, "{error}");
}

#[tokio::test]
async fn many_files_go_in_few_calls_and_are_read_back() {
    let folder = Folder::new();
    let files = folder.many(50, 100_000);
    let (drawer, to) = attachments().await;
    let to = to.bytes_per_call(1_000_000);
    let outcomes = to.send(&files).await;
    assert_eq!(news(&outcomes), 50);
    // 7 files of 134 kB a call; one question for the records, one for what is there, one to read back.
    assert_eq!(drawer.calls(), ["search", "search_read"].len() + 8 + 1);
    assert!(drawer.largest() < 1_000_000, "{}", drawer.largest());
    for (number, outcome) in outcomes.iter().enumerate() {
        let stored = outcome.stored().unwrap();
        assert_eq!(drawer.content(stored.id), noise(number as u64, 100_000));
        assert_eq!(stored.size, 100_000);
    }
    assert!(drawer.contexts().iter().all(|context| context.get("image_no_postprocess").is_some()));

    // Once more: all are there.
    let again = to.send(&files).await;
    assert_eq!((news(&again), again.iter().filter_map(Outcome::stored).count()), (0, 50));
    assert_eq!((drawer.calls(), drawer.stored()), (13, 50));
}

#[tokio::test]
async fn a_content_of_many_records_travels_once() {
    let folder = Folder::new();
    let content = noise(9, 500_000);
    let path = folder.file("consent", &content);
    let files: Vec<_> = (1..=40).map(|id| Attachment::new(&path, "Consent.pdf", "res.partner", id)).collect();
    let (drawer, to) = attachments().await;
    let outcomes = to.send(&files).await;
    assert_eq!((news(&outcomes), drawer.calls(), drawer.stored()), (40, 4, 40));
    assert!(drawer.largest() < 720_000, "{}", drawer.largest());
    assert!(outcomes.iter().all(|outcome| drawer.content(outcome.stored().unwrap().id) == content));
}

#[tokio::test]
async fn texts_go_beside_files_by_the_same_rules() {
    let folder = Folder::new();
    let (drawer, to) = attachments().await;
    let to = to.largest_body(2_000_000);
    let text = |name: &str, text: &str, id| Attachment::in_memory(text.as_bytes(), name, "res.partner", id);
    let chat = format!("{CANARY}\n").repeat(30_000);
    let consent = noise(5, 400_000);
    let mut files = vec![
        text("Chat.txt", &chat, 1),
        text("Empty.txt", "", 1),
        Attachment::new(folder.file("consent", &consent), "Consent.pdf", "res.partner", 2),
        // The same content as on disk, from memory; and what is twice the same.
        Attachment::in_memory(consent.clone(), "Consent.pdf", "res.partner", 3),
        text("Chat.txt", &chat, 1),
        text("Large.txt", &"x".repeat(2_000_000), 4),
        text("Nowhere.txt", "x", 7_000),
    ];
    files.extend((4..12).map(|id| Attachment::in_memory(consent.clone(), "Consent.pdf", "res.partner", id)));
    let outcomes = to.send(&files).await;
    assert_eq!(*refusal(&outcomes[6]), Refusal::NoRecord);
    assert!(matches!(refusal(&outcomes[5]), Refusal::TooLarge { size: 2_000_000, .. }));
    assert_eq!(outcomes[4].stored().unwrap().id, outcomes[0].stored().unwrap().id);
    assert_eq!(outcomes[2].stored().unwrap().checksum, outcomes[3].stored().unwrap().checksum);
    // Chat, the empty one, and ten consents.
    assert_eq!((drawer.stored(), drawer.creates()), (12, 2), "a content that many share travels once");
    assert_eq!((news(&to.send(&files).await), drawer.stored()), (0, 12), "what is there is not sent again");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_beforehand_with_its_reason() {
    let folder = Folder::new();
    let sound = folder.file("sound", b"abc");
    let large = fs::File::create(folder.0.path().join("large")).unwrap();
    large.set_len(200_000_000).unwrap();
    let of = |path: PathBuf, name: &str, id| Attachment::new(path, name, "res.partner", id);
    let files = [
        of(folder.0.path().join("gone"), "a", 1).key("doc:1"),
        of(folder.0.path().to_owned(), "a", 1),
        of(folder.0.path().join("large"), "a", 1),
        of(sound.clone(), " ", 1),
        of(sound.clone(), "a", 7_000),
        of(sound.clone(), "a", 1).key("doc:2"),
        of(sound.clone(), "a", 2).key("doc:2"),
        of(sound.clone(), "a", 1).key("doc:2"),
    ];
    let (drawer, to) = attachments().await;
    let to = to.keys_in("x_migration_key");
    let outcomes = to.send(&files).await;
    assert!(
        matches!(&outcomes[0], Outcome::Refused { place, .. } if place.contains("doc:1")),
        "{:?}",
        outcomes[0]
    );
    assert!(matches!(refusal(&outcomes[0]), Refusal::Unreadable(_)));
    assert_eq!(*refusal(&outcomes[1]), Refusal::NoFile);
    assert_eq!(*refusal(&outcomes[2]), Refusal::TooLarge { size: 200_000_000, most: 100_614_144 });
    assert_eq!(*refusal(&outcomes[3]), Refusal::NoName);
    assert_eq!(*refusal(&outcomes[4]), Refusal::NoRecord);
    assert!(outcomes[5].stored().unwrap().new);
    assert_eq!(*refusal(&outcomes[6]), Refusal::SameKey);
    assert_eq!(outcomes[7].stored().unwrap().id, outcomes[5].stored().unwrap().id);
    assert_eq!(drawer.stored(), 1);

    // The key is known, its content is another one.
    let other = of(folder.file("other", b"abcd"), "a", 1).key("doc:2");
    assert!(matches!(refusal(&to.send(&[other]).await[0]), Refusal::Different { .. }));
    assert_eq!(drawer.stored(), 1);
}

#[tokio::test]
async fn a_file_that_changes_meanwhile_is_refused_and_the_others_go() {
    let folder = Folder::new();
    let files = folder.many(5, 1_000);
    let (drawer, to) = attachments().await;
    let changed = folder.0.path().join("f3");
    drawer.before_creating(Mishap::Do(Box::new(move || fs::write(&changed, noise(77, 1_000)).unwrap())));
    let outcomes = to.send(&files).await;
    assert!(matches!(refusal(&outcomes[3]), Refusal::Changed(_)));
    assert_eq!((news(&outcomes), drawer.stored()), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_up_and_nothing_is_stored_twice() {
    let folder = Folder::new();
    let files = folder.many(3, 1_000);
    let (drawer, to) = attachments().await;
    drawer.before_creating(Mishap::LoseTheAnswer);
    assert_eq!((news(&to.send(&files).await), drawer.stored(), drawer.creates()), (3, 3, 1));

    // One that never arrived is sent again, and only when it cannot come any more.
    let more = folder.many(3, 2_000);
    drawer.before_creating(Mishap::LoseTheCall);
    let began = tokio::time::Instant::now();
    assert_eq!((news(&to.send(&more).await), drawer.stored(), drawer.creates()), (3, 6, 3));
    assert!(began.elapsed() >= Duration::from_secs(180), "{:?}", began.elapsed());
}

/// Half a minute without a server is longer than a question is repeated for.
#[tokio::test(start_paused = true)]
async fn a_lost_call_is_looked_for_also_where_the_server_cannot_be_asked_for_a_while() {
    let folder = Folder::new();
    let sandbox = Sandbox::new(Like::Odoo19);
    let client =
        Client::over(sandbox.clone(), Login::new("sandbox", "admin", "admin")).connect().await.unwrap();
    let patient =
        client.create("res.partner", vec![Struct::new().with("name", "Asha Rao")]).await.unwrap()[0];
    let before = sandbox.count("ir.attachment");
    let files = [Attachment::new(folder.file("scan", b"abc"), "Scan.pdf", "res.partner", patient)];
    // The first question is before the call.
    sandbox.trouble(Trouble::bad_gateway().on("ir.attachment", "search_read").at_call(2).times(8));
    sandbox.trouble(Trouble::commit_later(Duration::from_secs(90)).on("ir.attachment", "create"));
    assert_eq!(news(&Attachments::new(client).send(&files).await), 1);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(sandbox.count("ir.attachment"), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_takes_less_is_learned_from() {
    let folder = Folder::new();
    let files = folder.many(64, 10_000);
    let (drawer, to) = attachments().await;
    drawer.take_at_most(300_000);
    let outcomes = to.send(&files).await;
    assert_eq!((news(&outcomes), drawer.stored()), (64, 64));
    // 64 files are 900 kB: refused at 900 and at 450, then four calls of 225.
    assert!(drawer.creates() <= 8, "{}", drawer.creates());

    let large = folder.many(1, 400_000);
    assert!(matches!(refusal(&to.send(&large).await[0]), Refusal::Server(Error::TooLarge { .. })));
    // A shared content that does not go through is not tried once for each of its records.
    let path = folder.file("consent", &noise(1, 400_000));
    let shared: Vec<_> =
        (1..=50).map(|id| Attachment::new(&path, "Consent.pdf", "res.partner", id)).collect();
    let before = drawer.creates();
    assert!(to.send(&shared).await.iter().all(|outcome| outcome.refusal().is_some()));
    assert_eq!(drawer.creates() - before, 1);
}

/// Each `&` of a name becomes five characters on its way.
#[tokio::test(start_paused = true)]
async fn a_call_that_names_make_too_large_is_not_made_for_ever() {
    let folder = Folder::new();
    let one = |number: usize| {
        let path = folder.file(&number.to_string(), &noise(number as u64, 10));
        Attachment::new(path, "&".repeat(1000), "res.partner", number as i64 + 1)
    };
    let files: Vec<_> = (0..4).map(one).collect();
    let (drawer, to) = attachments().await;
    drawer.take_at_most(7_000);
    assert_eq!(news(&to.bytes_per_call(4_000).send(&files).await), 4);
    assert!(drawer.creates() <= 6, "{}", drawer.creates());
}

#[tokio::test]
async fn a_file_that_the_server_refuses_takes_no_other_with_it() {
    let folder = Folder::new();
    let files = folder.many(16, 1_000);
    let (drawer, to) = attachments().await;
    drawer.refuse_record(12);
    let outcomes = to.send(&files).await;
    assert!(matches!(refusal(&outcomes[11]), Refusal::Server(_)));
    assert_eq!((news(&outcomes), drawer.stored()), (15, 15));
}

#[tokio::test]
async fn a_content_that_comes_back_otherwise_is_told() {
    let folder = Folder::new();
    let files = folder.many(2, 1_000);
    let (drawer, to) = attachments().await;
    drawer.spoil_record(2);
    let outcomes = to.send(&files).await;
    assert!(outcomes[0].stored().is_some());
    assert!(matches!(refusal(&outcomes[1]), Refusal::Different { .. }));
}

#[tokio::test]
async fn after_a_wrong_address_the_rest_is_left_unsent() {
    let folder = Folder::new();
    let files = folder.many(3, 1_000);
    let (drawer, to) = attachments().await;
    drawer.before_creating(Mishap::SendElsewhere);
    let outcomes = to.rows_per_call(1).send(&files).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unsent(Error::NotOdoo { .. }))));
    assert_eq!(drawer.creates(), 1);
}

#[tokio::test]
async fn nothing_tells_the_name_of_a_file() {
    let folder = Folder::new();
    let files = folder.many(1, 10);
    let (drawer, to) = attachments().await;
    let sending = to.send(&files);
    may_go_to_another_thread(&sending);
    let outcomes = sending.await;
    let told = format!("{files:?} {to:?} {outcomes:?} {:?}", Arc::clone(&drawer));
    assert!(!told.contains(CANARY), "{told}");
}

fn may_go_to_another_thread(_: &impl Send) {}

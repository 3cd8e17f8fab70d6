//! Files to real servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::identity::SourceId;
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, Outcome as Written, Row};
use mapping_core::record::Fields;
use mapping_core::schema::Needs;
use mapping_core::value::{FileContent, FileHandle};
use odoo_rpc::Error;
use odoo_rpc::client::{Client, Domain, Protocol};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::files::{Attachment, Attachments, Outcome, Refusal, Stored};
use odoo_rpc::wire::{File, Struct, Value, encode_call, encode_json};
use servers::{Server, fresh, quietly};
use sha1::{Digest, Sha1};

#[tokio::test]
async fn files_arrive_whole_or_not_at_all_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, files(&server)).await;
    }
}

#[tokio::test]
async fn files_arrive_whole_or_not_at_all_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, files(&server)).await;
    }
}

/// One after the other: the last one makes a field, and a server that does so should have nothing else to do.
async fn files(server: &Server) {
    files_arrive_as_they_are(Ground::new(server).await).await;
    a_large_image_stays_as_it_is(Ground::new(server).await).await;
    an_upload_cut_midway_leaves_nothing(Ground::new(server).await).await;
    if server.version == 19 {
        a_body_that_is_too_large_is_told(Ground::new(server).await).await;
    }
    the_writer_sends_files_of_rows(Ground::new(server).await).await;
}

/// A server with contacts of this test's own, and a folder of files.
struct Ground {
    server: Server,
    client: Client,
    partners: Vec<i64>,
    folder: tempfile::TempDir,
}

impl Ground {
    async fn new(server: &Server) -> Self {
        let client = server.client().await;
        let partner = |number: u32| Struct::new().with("name", format!("Asha {number}"));
        let partners = client.create("res.partner", (0..40).map(partner).collect()).await.unwrap();
        Self { server: server.clone(), client, partners, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(hex(content));
        fs::write(&path, content).unwrap();
        path
    }

    fn attachment(&self, name: &str, content: &[u8], partner: usize) -> Attachment {
        Attachment::new(self.file(content), name, "res.partner", self.partners[partner])
    }

    /// How many attachments of these contacts there are.
    async fn count(&self) -> u64 {
        let of = Domain::field("res_id").is_in(self.partners.clone());
        let of = of.and(Domain::field("res_model").eq("res.partner"));
        self.client.search_count("ir.attachment", of).await.unwrap()
    }

    async fn clean(self) {
        self.client.unlink("res.partner", &self.partners).await.unwrap();
        assert_eq!(self.count().await, 0);
    }
}

async fn files_arrive_as_they_are(ground: Ground) {
    let before = ground.client.calls();
    let mut files = vec![
        ground.attachment("एक्स-रे रिपोर्ट.pdf", &noise(1, 70_000), 0),
        ground.attachment("検査結果 🩻.txt", b"plain", 0),
        ground.attachment("أشعة", &noise(2, 5), 1),
        ground.attachment("a/b\\c \"d\" <e> & f.bin", &noise(3, 1), 1),
        ground.attachment("empty.pdf", b"", 2),
        ground.attachment("no ending, empty", b"", 2),
        ground.attachment("page.html", b"<html><script>1</script></html>", 3),
        ground.attachment("large.bin", &noise(4, 9_000_001), 3),
    ];
    // One content for all contacts.
    let consent = noise(5, 300_000);
    files.extend(
        (0..ground.partners.len()).map(|partner| ground.attachment("Consent.pdf", &consent, partner)),
    );
    let to = Attachments::new(ground.client.clone()).bytes_per_call(2_000_000);
    let outcomes = to.send(&files).await;
    // Records, what is there; all small ones, the large one, the shared one; read back.
    assert_eq!(ground.client.calls() - before, 6);
    let fields = ["name", "checksum", "file_size", "datas", "mimetype"];
    for (outcome, file) in outcomes.iter().zip(&files) {
        let stored = stored(outcome);
        assert!(stored.new, "{file:?}");
        let record = ground.client.read("ir.attachment", &[stored.id], &fields).await.unwrap().remove(0);
        let content = match record.get("datas").and_then(Value::as_text) {
            Some(text) => STANDARD.decode(text).unwrap(),
            None => Vec::new(),
        };
        assert_eq!((content.len() as u64, hex(&content)), (stored.size, stored.checksum.clone()));
    }
    assert_eq!(ground.count().await, files.len() as u64);

    let again = to.send(&files).await;
    assert!(
        again
            .iter()
            .zip(&outcomes)
            .all(|(again, first)| { (stored(again).id, stored(again).new) == (stored(first).id, false) })
    );

    // On 14 a record that is not there would be taken, and a deleted one.
    let gone = ground.client.create("res.partner", vec![Struct::new().with("name", "gone")]).await.unwrap();
    ground.client.unlink("res.partner", &gone).await.unwrap();
    let lost = Attachment::new(ground.file(b"x"), "x.txt", "res.partner", gone[0]);
    let nowhere = Attachment::new(ground.file(b"x"), "x.txt", "no.such.model", 1);
    let outcomes = to.send(&[lost, nowhere]).await;
    assert_eq!(outcomes[0].refusal(), Some(&Refusal::NoRecord));
    assert!(matches!(outcomes[1].refusal(), Some(Refusal::Server(_))), "{:?}", outcomes[1]);
    println!("Odoo {}, {}: {} files", ground.server.version, ground.server.protocol, files.len());
    ground.clean().await;
}

async fn a_large_image_stays_as_it_is(ground: Ground) {
    let image = png(2_000, 100);
    let row = Struct::new().with("name", "x.png").with("res_model", "res.partner");
    let row = row.with("res_id", ground.partners[0]).with("datas", STANDARD.encode(&image));
    let ids = ground.client.create("ir.attachment", vec![row]).await.unwrap();
    let careless = ground.client.read("ir.attachment", &ids, &["checksum"]).await.unwrap();
    let kept = careless[0].get("checksum").and_then(Value::as_text) == Some(hex(&image).as_str());
    // Without our care: 19 shrinks it, 14 knows no such thing.
    assert_eq!(kept, ground.server.version == 14);

    let sent = [ground.attachment("y.png", &image, 0)];
    let outcomes = Attachments::new(ground.client.clone()).send(&sent).await;
    assert_eq!(stored(&outcomes[0]).checksum, hex(&image));
    ground.clean().await;
}

async fn an_upload_cut_midway_leaves_nothing(ground: Ground) {
    let content = STANDARD.encode(noise(6, 3_000_000));
    let row = Struct::new().with("name", "cut.bin").with("res_model", "res.partner");
    let row = row.with("res_id", ground.partners[0]).with("datas", content.as_str());
    let (head, body) = create_by_hand(&ground, row);
    // All but the last byte of the file's base64, and half; then the whole, so that it is the cut that does it.
    let end = body.len() - 200;
    for (length, made) in [(body.len() / 2, 0), (end, 0), (body.len(), 1)] {
        let mut stream = TcpStream::connect(ground.server.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body[..length]).unwrap();
        if length == body.len() {
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
        drop(stream);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(ground.count().await, made, "{length} of {} bytes", body.len());
    }

    // A file that is another one than was looked at, over the whole way.
    let path = ground.file(&noise(7, 2_000_000));
    let file = File::new(path, 2_000_000).with_sha1([7; 20]);
    let row = Struct::new().with("name", "changed.bin").with("res_model", "res.partner");
    let row = row.with("res_id", ground.partners[1]).with("datas", file);
    let error = ground.client.create("ir.attachment", vec![row]).await.unwrap_err();
    assert!(matches!(error, Error::File { file: 0, .. }), "{error}");
    assert_eq!(ground.count().await, 1);
    ground.clean().await;
}

/// A whole request, head and body, that makes an attachment.
fn create_by_hand(ground: &Ground, row: Struct) -> (String, Vec<u8>) {
    let Server { database, protocol, secret, .. } = &ground.server;
    let rows = Value::from(vec![Value::from(row)]);
    let (path, headers, body) = match protocol {
        Protocol::XmlRpc => {
            let (model, method) = ("ir.attachment".into(), "create".into());
            let (database, user, password) =
                (database.as_str().into(), ground.client.uid().into(), secret.as_str().into());
            let params =
                [database, user, password, model, method, vec![rows].into(), Value::from(Struct::new())];
            let body = encode_call("execute_kw", &params).unwrap();
            ("/xmlrpc/2/object", "Content-Type: text/xml\r\n".to_owned(), body)
        }
        Protocol::Json2 => {
            let body = encode_json(&Struct::new().with("vals_list", rows).into()).unwrap();
            let headers = format!(
                "Content-Type: application/json\r\nAuthorization: bearer {secret}\r\nX-Odoo-Database: {database}\r\n"
            );
            ("/json/2/ir.attachment/create", headers, body)
        }
    };
    let length = body.len();
    (format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n"), body)
}

/// Where the limit is not known beforehand the server's answer tells it, while the call still leaves.
async fn a_body_that_is_too_large_is_told(ground: Ground) {
    let path = ground.file(b"large");
    fs::File::create(&path).unwrap().set_len(105_000_000).unwrap();
    let file = Attachment::new(path, "large.bin", "res.partner", ground.partners[0]);
    let to = Attachments::new(ground.client.clone());
    let refused = to.send(std::slice::from_ref(&file)).await;
    assert!(matches!(refused[0].refusal(), Some(Refusal::TooLarge { .. })), "{:?}", refused[0]);
    let outcomes = to.largest_body(300 << 20).send(&[file]).await;
    let refusal = outcomes[0].refusal();
    assert!(matches!(refusal, Some(Refusal::Server(Error::TooLarge { .. }))), "{:?}", outcomes[0]);
    ground.clean().await;
}

async fn the_writer_sends_files_of_rows(ground: Ground) {
    let writer = OdooWriter::new(ground.client.clone()).settle(Duration::from_secs(5));
    let needs = ["name", "res_model", "res_id", "datas"]
        .into_iter()
        .fold(Needs::new(), |needs, field| needs.uses("ir.attachment", field));
    let plan = writer.plan(&needs).await.unwrap();
    let made = writer.apply(&plan).await.unwrap();
    writer.describe(&"ir.attachment".into()).await.unwrap();

    let source = SourceId::new("suite", &fresh("run")).unwrap();
    let row = |number: usize, path: PathBuf, size: u64| {
        let key = RecordKey::new("document", format!("D-{number}")).into();
        let file = FileHandle::look(&path, "scan.pdf").map(|file| FileHandle { size, ..file });
        let file = file.unwrap_or_else(|_| FileHandle {
            content: FileContent::OnDisk(path),
            name: "scan.pdf".into(),
            size,
            sha1: [0; 20],
        });
        let fields = Fields::default()
            .with("name", "scan.pdf")
            .with("res_model", "res.partner")
            .with("res_id", ground.partners[number])
            .with("datas", file);
        let identity = source.identity(&key);
        Row { key, model: "ir.attachment".into(), identity, action: Action::Create, fields }
    };
    let size = 4_000_000;
    let mut rows: Vec<Row> =
        (0..12).map(|number| row(number, ground.file(&noise(number as u64, size)), size as u64)).collect();
    // One shorter than it was, one that is not there, one too large.
    rows.push(row(12, ground.file(b"short"), 9));
    rows.push(row(13, ground.folder.path().join("gone"), 9));
    rows.push(row(14, ground.file(b"x"), 200_000_000));
    let outcomes = writer.write(writer.prepare(rows)).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Written::Written(id) if number < 12 => {
                let ids = [id.number().unwrap()];
                let record =
                    ground.client.read("ir.attachment", &ids, &["checksum", "file_size"]).await.unwrap();
                let checksum = record[0].get("checksum").and_then(Value::as_text);
                assert_eq!(checksum, Some(hex(&noise(number as u64, size)).as_str()));
            }
            Written::Refused(_) if number >= 12 => {}
            other => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(ground.count().await, 12);
    writer.revert_schema(&made).await.unwrap();
    ground.clean().await;
}

#[track_caller]
fn stored(outcome: &Outcome) -> &Stored {
    outcome.stored().unwrap_or_else(|| panic!("{outcome:?}"))
}

fn hex(content: &[u8]) -> String {
    Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..size).map(|_| byte()).collect()
}

/// A black image, stored without compression.
fn png(width: u32, height: u32) -> Vec<u8> {
    let line = vec![0; width as usize * 3 + 1];
    let (mut packed, lines) = (vec![0x78, 0x01], height as usize);
    for number in 1..=lines {
        let length = line.len() as u16;
        packed.push(u8::from(number == lines));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(&line);
    }
    // The Adler-32 of so many zeros: the sum stays 1, and the sum of sums counts them.
    let sums = (line.len() * lines % 65_521) as u32;
    packed.extend(((sums << 16) | 1).to_be_bytes());
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (kind, content) in [(b"IHDR", head), (b"IDAT", packed), (b"IEND", Vec::new())] {
        image.extend((content.len() as u32).to_be_bytes());
        let chunk = [&kind[..], &content].concat();
        image.extend(&chunk);
        image.extend(crc32(&chunk).to_be_bytes());
    }
    image
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

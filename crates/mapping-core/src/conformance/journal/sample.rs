//! Entries of a made-up migration.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::{date, datetime};
use rust_decimal::Decimal;

use crate::digest::Digest;
use crate::error::Error;
use crate::finding::{Flag, Refusal};
use crate::identity::{Identity, SourceId};
use crate::journal::{
    Counts, Decided, Entry, MigrationId, PhaseEnd, Refused, RunEnd, RunStart, Verdict, Withdrawn,
};
use crate::key::{DraftKey, Origin, RecordKey};
use crate::receipt::{Action, DestinationId, How, Intent, Made, Receipt, SchemaIntent, SchemaReceipt};
use crate::record::Fields;
use crate::value::{FileContent, FileHandle, Value};

pub(super) fn migration() -> MigrationId {
    let source = match SourceId::new("pulse", "north-street") {
        Ok(source) => source,
        Err(error) => panic!("the suite's own source: {error}"),
    };
    MigrationId { source, destination: "https://clinic.example.org".into() }
}

/// The `n`th intent of a draft: the first makes it, the others change it.
pub(super) fn intent(key: &DraftKey, n: i64) -> Entry {
    let before = Fields::default().with("name", format!("Asha Rao {n}"));
    Entry::Intent(Intent {
        key: key.clone(),
        model: "res.partner".into(),
        identity: migration().source.identity(key),
        action: if n == 1 { Action::Create } else { Action::Update(n.into()) },
        digest: digest(n),
        before: (n > 1).then_some(before),
        at: time(n),
    })
}

/// The receipt of the `n`th intent.
pub(super) fn receipt(key: &DraftKey, n: i64) -> Entry {
    let before = Fields::default().with("name", format!("Asha Rao {n}"));
    Entry::Receipt(Receipt {
        key: key.clone(),
        model: "res.partner".into(),
        id: n.into(),
        how: if n == 1 { How::Created } else { How::Updated },
        digest: digest(n),
        before: (n > 1).then_some(before),
        at: time(n),
    })
}

pub(super) fn refused(key: &DraftKey) -> Entry {
    let refusal = Refusal::of(key.record(), None, &Error::refused("no such day").at("field", "birthday"));
    Entry::Refused(Refused { draft: Some(key.clone()), refusal })
}

/// The refusal of the whole record, which answers no draft's intent.
pub(super) fn refused_record(key: &DraftKey) -> Entry {
    let refusal = Refusal::of(key.record(), Some(&Origin::new("Visits.csv", 9)), &Error::invalid("no day"));
    Entry::Refused(Refused { draft: None, refusal })
}

pub(super) fn withdrawn(key: &DraftKey) -> Entry {
    Entry::Withdrawn(Withdrawn { draft: key.clone() })
}

pub(super) fn flag(key: &DraftKey) -> Entry {
    let origin = Origin::new("Visits.csv", 7);
    Entry::Flag(Flag::new("unreadable-date", "kept as text").field("day").of(key.record(), Some(&origin)))
}

pub(super) fn phase(key: &DraftKey) -> Entry {
    let counts = Counts { read: u64::MAX, written: 1, updated: 2, unchanged: 3, refused: 4, flags: 5 };
    Entry::Phase(PhaseEnd { entity: key.record().entity().clone(), counts, at: time(3) })
}

/// A part of a schema.
pub(super) fn part(number: i64) -> Made {
    Made::Field("res.partner".into(), format!("x_{number}").as_str().into())
}

pub(super) fn schema_intent(parts: &[i64]) -> Entry {
    let parts = parts.iter().map(|number| part(*number)).collect();
    Entry::SchemaIntent(SchemaIntent { parts, at: time(4) })
}

pub(super) fn schema_receipt(number: i64) -> Entry {
    Entry::Schema(SchemaReceipt { made: part(number), id: number.into(), at: time(5) })
}

/// Each kind of decision on two records, one after the other.
pub(super) fn decisions() -> Vec<Decided> {
    let (one, other) =
        (RecordKey::new("patient", "P-1"), RecordKey::new("patient", "P-3 'twice' \" \0 नमस्ते"));
    let verdicts = [
        Verdict::Same { stays: one.clone(), goes: other.clone() },
        Verdict::Apart { one: one.clone(), other: other.clone() },
        Verdict::Open { one: other, other: one },
    ];
    let by = [Some("Meera Iyer".to_owned()), None, Some(String::new())];
    let decided = verdicts.into_iter().zip(by).zip(11..);
    decided.map(|((verdict, by), n)| Decided { verdict, by, at: time(n) }).collect()
}

/// Of every kind one, with every kind of value, name and id that may turn up.
pub(super) fn every_kind_of_entry() -> Vec<Entry> {
    let note =
        DraftKey::from(RecordKey::new("clinical note", "N-7 'quoted' \"twice\" \\ \0 नमस्ते")).part("page-1");
    let fields = every_kind_of_value();
    let odd_intent = Intent {
        key: note.clone(),
        model: "ir.attachment".into(),
        identity: Identity::from("a name of another rule"),
        action: Action::Update(DestinationId::Text("17".into())),
        digest: digest(8),
        before: Some(fields.clone()),
        at: time(8),
    };
    let odd_receipt = Receipt {
        key: note.clone(),
        model: "ir.attachment".into(),
        id: DestinationId::Text("17".into()),
        how: How::Updated,
        digest: digest(8),
        before: Some(fields),
        at: time(8),
    };
    let schema = |made, id: &str| {
        Entry::Schema(SchemaReceipt { made, id: DestinationId::Text(id.into()), at: time(0) })
    };
    let mut all = vec![
        Entry::Started(RunStart {
            at: time(1),
            looked_for: vec!["res.partner".into(), "mail.activity".into()],
        }),
        schema(Made::Model("x_visit".into()), ""),
        schema(Made::Field("res.partner".into(), "x_blood_group".into()), "0"),
        schema(Made::View("res.partner".into(), vec!["x_blood_group".into()]), "view"),
        schema(Made::Choice("res.partner".into(), "x_blood_group".into(), "\"AB\" +".into()), "9"),
        schema_intent(&[1, 2]),
        schema_intent(&[]),
        intent(&note, 1),
        receipt(&note, 1),
        intent(&note, 2),
        receipt(&note, 2),
        // The before-image is that of the intent, or another one, or none, or there is no intent.
        Entry::Intent(odd_intent.clone()),
        Entry::Receipt(odd_receipt.clone()),
        Entry::Intent(odd_intent.clone()),
        Entry::Receipt(Receipt { before: Some(Fields::default()), ..odd_receipt.clone() }),
        Entry::Intent(Intent { before: Some(Fields::default()), ..odd_intent }),
        Entry::Receipt(Receipt { before: None, ..odd_receipt.clone() }),
        Entry::Receipt(odd_receipt.clone()),
        Entry::Receipt(Receipt { how: How::Matched, id: i64::MIN.into(), before: None, ..odd_receipt }),
        refused(&note),
        refused_record(&note),
        withdrawn(&note),
        flag(&note),
        Entry::Flag(Flag::new("empty-file", "").about("bill")),
        phase(&note),
        Entry::Finished(RunEnd { at: time(9) }),
    ];
    all.extend(decisions().into_iter().map(Entry::Decided));
    all
}

fn every_kind_of_value() -> Fields {
    let map = [("nested".to_owned(), Value::List(vec![Value::Null, Value::from("x")]))];
    let content = FileContent::OnDisk(PathBuf::from("scans/page one.pdf"));
    let file = FileHandle { content, name: "page one.pdf".into(), size: u64::MAX, sha1: [0xA5; 20] };
    let text = FileHandle::text("Chat.txt", "a text that no journal holds");
    Fields::default()
        .with("null", Value::Null)
        .with("bool", true)
        .with("integer", i64::MIN)
        .with("decimal", Decimal::new(-12_500, 3))
        .with("text", "two\nlines, \0 and 🩺; e\u{301} is not é")
        .with("date", date(2024, 2, 29))
        .with("datetime", datetime(1969, 12, 31, 23, 59, 59, 999_999_999))
        .with("instant", Timestamp::MIN)
        .with("list", vec![Value::from(1), Value::List(Vec::new())])
        .with("map", Value::Map(map.into()))
        .with("file", file)
        .with("text-file", text)
}

/// Entries that a journal may turn away.
pub(super) fn perhaps_too_much() -> Vec<Entry> {
    let deep = (0..100).fold(Value::Null, |value, _| Value::List(vec![value]));
    let long_ago = Timestamp::MIN;
    let key = DraftKey::from(RecordKey::new("patient", "P-3"));
    let hard = |before, at| {
        Entry::Intent(Intent {
            key: key.clone(),
            model: "res.partner".into(),
            identity: Identity::from("pulse:north-street:patient:P-3"),
            action: Action::Update(3.into()),
            digest: digest(3),
            before,
            at,
        })
    };
    let mut all = vec![hard(None, long_ago), hard(Some(Fields::default().with("deep", deep)), time(3))];
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = PathBuf::from(std::ffi::OsStr::from_bytes(b"scan-\xff.pdf"));
        let content = FileContent::OnDisk(path);
        let file = FileHandle { content, name: "scan.pdf".into(), size: 1, sha1: [0; 20] };
        all.push(hard(Some(Fields::default().with("file", file)), time(3)));
    }
    all
}

/// Keys that a careless journal takes for each other: some to be appended, others only to be asked for.
pub(super) fn lookalikes() -> (Vec<DraftKey>, Vec<DraftKey>) {
    let of = |keys: &[(&str, &str, &str)]| {
        let key =
            |&(entity, id, part): &(&str, &str, &str)| DraftKey::from(RecordKey::new(entity, id)).part(part);
        keys.iter().map(key).collect()
    };
    let here = of(&[
        ("patient", "P-1", ""),
        ("patient", "P-1", "a"),
        ("patient", "P-1#a", ""),
        ("patient", "P-1a", ""),
        ("patient", "p-1", ""),
        ("patient", "P-1 ", ""),
        ("patient", "1", ""),
        ("patient", "01", ""),
        ("patient", "1.0", ""),
        ("patient", "P-1\0", ""),
        ("patient", "\u{e9}", ""),
        ("patient", "e\u{301}", ""),
        ("note", "P-1", ""),
        ("a", "b/c", ""),
        ("a/b", "c", ""),
        ("", "", ""),
    ]);
    let absent = of(&[
        ("patient", "P-1", "A"),
        ("patient", " P-1", ""),
        ("patient", "P-1\0\0", ""),
        ("patient", "1e0", ""),
        ("patient", "%", ""),
        ("Patient", "P-1", ""),
        ("bill", "P-1", ""),
        ("a/b/c", "", ""),
        ("", "a", "b/c"),
    ]);
    (here, absent)
}

fn digest(n: i64) -> Digest {
    Digest::builder().value(&Value::from(n)).finish()
}

fn time(n: i64) -> Timestamp {
    Timestamp::from_nanosecond(1_767_225_600_123_456_789 + i128::from(n)).unwrap_or(Timestamp::UNIX_EPOCH)
}

//! The part of the destination's suite that is about files: a text in memory beside a file on disk.

use std::path::PathBuf;

use crate::conformance::destination::FileGround;
use crate::destination::DestinationWriter;
use crate::identity::SourceId;
use crate::key::{DraftKey, RecordKey};
use crate::receipt::{DestinationId, Outcome, Receipt, Row};
use crate::value::{FileHandle, Value};

const TEXT: &str = "Asha: Is it broken?\nDr. राव: No fracture. 🦴\n";

/// Runs the checks, and leaves nothing behind.
pub(super) async fn files(writer: &dyn DestinationWriter, source: &SourceId, ground: &FileGround) {
    let page = Page::new(source);
    let on_disk = FileHandle::look(&page.0, "Page & one.txt");
    let on_disk = on_disk.unwrap_or_else(|e| panic!("the suite's own file: {e}"));
    let text = FileHandle::text("बातचीत.txt", TEXT);
    let empty = FileHandle::text("Empty.txt", "");
    let row = |id: &str, file: &FileHandle| {
        let fields = ground.others.clone().with(ground.field.clone(), file.clone());
        Row::create(source, key(id), ground.model.clone(), fields)
    };
    let all = [on_disk, text, empty];
    let rows = vec![row("page", &all[0]), row("chat", &all[1]), row("empty", &all[2])];
    let made = write(writer, rows.clone(), "a text and a file on disk are written beside each other").await;
    let ids: Vec<_> = made.iter().map(|receipt| receipt.id.clone()).collect();
    assert_eq!(
        marks(writer, ground, &ids).await,
        all.each_ref().map(mark),
        "what is read of a file is its size and its SHA-1, of a text like of one on disk"
    );

    let changed = FileHandle::text("बातचीत.txt", format!("{TEXT}Asha: Thank you!\n"));
    let update = row("chat", &changed).updating(ids[1].clone());
    let field = std::slice::from_ref(&ground.field);
    let before =
        writer.read(&ground.model, &ids[1..2], field).await.unwrap_or_else(|e| panic!("read: {e:?}"));
    let before = before.into_iter().next().flatten().unwrap_or_default();
    let held: usize =
        before.iter().map(|(_, value)| if let Value::File(file) = value { file.held() } else { 0 }).sum();
    assert_eq!(held, 0, "what is read of a file does not hold its bytes");
    let mut updates = write(writer, vec![update.clone()], "a changed text is an update").await;
    assert_eq!(updates[0].id, ids[1], "an update of a text keeps the record's id");
    let now = [mark(&all[0]), mark(&changed), mark(&all[2])];
    assert_eq!(marks(writer, ground, &ids).await, now, "an update of a text changes its record alone");

    updates[0] = update.intent(Some(before)).receipt(ids[1].clone());
    let undone = writer.revert(&updates).await;
    let put_back = marks(writer, ground, &ids[1..2]).await[0] == mark(&all[1]);
    assert!(
        matches!(undone.as_slice(), [answer] if answer.is_ok() == put_back),
        "revert of a text says whether it was put back"
    );

    let whole: Vec<Receipt> = updates.into_iter().chain(made.into_iter().rev()).collect();
    for answer in writer.revert(&whole).await {
        answer.unwrap_or_else(|e| panic!("revert of all that was done with a file succeeds: {e:?}"));
    }
    let left = writer.read(&ground.model, &ids, field).await.unwrap_or_else(|e| panic!("read: {e:?}"));
    assert!(left.iter().all(Option::is_none), "files are gone after revert");
}

async fn write(writer: &dyn DestinationWriter, rows: Vec<Row>, clause: &str) -> Vec<Receipt> {
    let outcomes = writer.write(writer.prepare(rows.clone())).await;
    assert_eq!(outcomes.len(), rows.len(), "every row with a file is answered");
    let receipt = |(row, outcome): (&Row, Outcome)| match outcome {
        Outcome::Written(id) => row.intent(None).receipt(id),
        outcome => panic!("{clause}: {outcome:?}"),
    };
    rows.iter().zip(outcomes).map(receipt).collect()
}

/// Size and SHA-1 of the files of records. Where a file lies by its name, that is another field's matter.
async fn marks(
    writer: &dyn DestinationWriter,
    ground: &FileGround,
    ids: &[DestinationId],
) -> Vec<Option<(u64, [u8; 20])>> {
    let field = std::slice::from_ref(&ground.field);
    let read = writer.read(&ground.model, ids, field).await.unwrap_or_else(|e| panic!("read: {e:?}"));
    let one = |fields: &Option<crate::record::Fields>| match fields.as_ref()?.value(ground.field.as_str()) {
        Value::File(file) => mark(file),
        _ => None,
    };
    read.iter().map(one).collect()
}

fn mark(file: &FileHandle) -> Option<(u64, [u8; 20])> {
    Some((file.size, file.sha1))
}

fn key(id: &str) -> DraftKey {
    RecordKey::new("conformance-file", id).into()
}

/// A file on disk that goes when the suite ends, however it does.
struct Page(PathBuf);

impl Page {
    fn new(source: &SourceId) -> Self {
        let mark = crate::digest::Digest::builder().text(&source.prefix()).finish();
        let path = std::env::temp_dir().join(format!("conformance-{}-{mark}.txt", std::process::id()));
        std::fs::write(&path, "page one\0\u{1}\u{2}").unwrap_or_else(|e| panic!("the suite's own file: {e}"));
        Self(path)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

//! What needs a look, or a hand, inside the file.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use mapping_core::digest::Digest;
use mapping_core::error::{ErrorKind, Retry};
use mapping_core::identity::SourceId;
use mapping_core::journal::Refused;
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, How, Receipt};
use mapping_core::record::Fields;
use mapping_core::value::Value;
use tempfile::TempDir;

use super::*;

#[test]
fn every_commit_reaches_the_disk() {
    let (_folder, journal) = journal();
    let pragma = |name: &str| -> String {
        let value = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        let value = journal.store().connection.query_row(&format!("PRAGMA {name}"), [], value).unwrap();
        format!("{value:?}")
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)");
    assert_eq!(pragma("fullfsync"), "Integer(1)");
    assert_eq!(pragma("checkpoint_fullfsync"), "Integer(1)");
    assert_eq!(pragma("locking_mode"), "Text(\"exclusive\")");
}

#[tokio::test]
async fn an_append_that_finds_the_disk_full_leaves_nothing_and_goes_through_when_there_is_room() {
    let (_folder, journal) = journal();
    journal.bind(&migration()).await.unwrap();
    journal.append(&[intent("first", None)]).await.unwrap();
    limit(&journal, "max(page_count, 8) FROM pragma_page_count");

    // The names are new too: they must not be taken for known afterwards.
    let many: Vec<_> =
        (0..5_000).map(|n| intent_of("visit", "mail.activity", &n.to_string(), None)).collect();
    let error = journal.append(&many).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Safe));
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(error.to_string().contains("north-street.journal"), "{error}");
    assert_eq!(all(&journal).await, [intent("first", None)]);
    assert_eq!(journal.doubts().count().await, 1);

    limit(&journal, "1000000");
    journal.append(&many).await.unwrap();
    assert_eq!(all(&journal).await.len(), 5_001);
    assert_eq!(journal.doubts().count().await, 5_001);
}

#[test]
fn names_are_forgotten_with_the_append_that_brought_them() {
    let (_folder, journal) = journal();
    let mut store = journal.store();
    let Store { connection, names, .. } = &mut *store;
    let transaction = connection.transaction().unwrap();
    assert_eq!(names.id_or_add(&transaction, "patient").unwrap(), 1);
    transaction.commit().unwrap();
    let known = names.len();
    let transaction = connection.transaction().unwrap();
    names.id_or_add(&transaction, "visit").unwrap();
    drop(transaction);
    names.forget(known);
    assert_eq!((names.id("patient"), names.id("visit"), names.text(2)), (Some(1), None, None));
}

#[test]
fn doubts_are_found_by_their_index() {
    let (_folder, journal) = journal();
    let store = journal.store();
    let query = format!("EXPLAIN QUERY PLAN {}", read::NEXT_DOUBTS);
    let mut plan = store.connection.prepare(&query).unwrap();
    let steps = plan.query_map([0, 1], |row| row.get::<_, String>(3)).unwrap();
    let steps: Vec<_> = steps.map(Result::unwrap).collect();
    assert!(steps[0].contains("INDEX doubt (doubt>?)"), "{steps:?}");
    assert!(steps.iter().all(|step| !step.contains("SCAN") && !step.contains("TEMP B-TREE")), "{steps:?}");
}

#[tokio::test]
async fn a_before_image_is_stored_once_and_an_identity_not_at_all() {
    let (_folder, journal) = journal();
    journal.bind(&migration()).await.unwrap();
    let before = Fields::default().with("name", "Asha Rao");
    let receipt = receipt("P-1", Some(before.clone()));
    journal.append(&[intent("P-1", Some(before)), receipt]).await.unwrap();
    let count =
        |query: &str| -> i64 { journal.store().connection.query_row(query, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(body) FROM entry"), 1);
    assert_eq!(count("SELECT count(identity) FROM entry"), 0);
}

#[tokio::test]
async fn a_damaged_entry_is_named_by_its_number_and_never_shown() {
    let (_folder, journal) = journal();
    journal.bind(&migration()).await.unwrap();
    let before = || Some(Fields::default().with("name", "Asha Rao"));
    let refusal = Entry::Refused(Refused {
        draft: None,
        refusal: mapping_core::finding::Refusal::new("patient", "no day"),
    });
    let damages = [
        (1, "body = '[[\"name\",\"Asha Rao\"]]'"),
        (1, "body = 'Asha Rao'"),
        (1, "entity = 77"),
        (1, "model = 'Asha Rao'"),
        (1, "digest = x'00'"),
        (1, "kind = 9"),
        (1, "at = NULL"),
        (2, "target = NULL"),
        (2, "target = x'00'"),
        (3, "body = '{\"entry\":\"Asha Rao\"}'"),
        (3, "body = NULL"),
    ];
    for (seq, damage) in damages {
        let (_folder, journal) = self::journal();
        journal.bind(&migration()).await.unwrap();
        let entries = [intent("P-1", before()), receipt("P-1", None), refusal.clone()];
        journal.append(&entries).await.unwrap();
        let damaged = format!("PRAGMA ignore_check_constraints=ON; DROP TABLE IF EXISTS loose;
            CREATE TABLE loose AS SELECT * FROM entry; DROP TABLE entry; CREATE TABLE entry (seq INTEGER PRIMARY KEY,
            kind, entity, record, part, model, target, digest, at, identity, same, body);
            INSERT INTO entry SELECT * FROM loose; UPDATE entry SET {damage} WHERE seq = {seq}");
        journal.store().connection.execute_batch(&damaged).unwrap();
        let told: Vec<_> = journal.entries().collect().await;
        let error = told.last().unwrap().as_ref().unwrap_err();
        assert!(error.to_string().contains("damaged"), "{damage}: {error}");
        assert!(!format!("{error:?}").contains("Asha"), "{damage}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_virtual_time_passes_while_the_disk_is_written() {
    let (_folder, journal) = journal();
    let hour = tokio::spawn(tokio::time::sleep(Duration::from_secs(3600)));
    journal.bind(&migration()).await.unwrap();
    journal.append(&[intent("P-1", None)]).await.unwrap();
    assert_eq!(all(&journal).await.len(), 1);
    assert!(!hour.is_finished());
}

fn journal() -> (TempDir, SqliteJournal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("north-street.journal")).unwrap();
    (folder, journal)
}

fn limit(journal: &SqliteJournal, pages: &str) {
    let store = journal.store();
    let pages: i64 = store.connection.query_row(&format!("SELECT {pages}"), [], |row| row.get(0)).unwrap();
    store.connection.query_row(&format!("PRAGMA max_page_count={pages}"), [], |_| Ok(())).unwrap();
}

async fn all(journal: &SqliteJournal) -> Vec<Entry> {
    journal.entries().try_collect().await.unwrap()
}

fn migration() -> MigrationId {
    let source = SourceId::new("pulse", "north-street").unwrap();
    MigrationId { source, destination: "https://clinic.example.org".into() }
}

fn intent(id: &str, before: Option<Fields>) -> Entry {
    intent_of("patient", "res.partner", id, before)
}

fn intent_of(entity: &str, model: &str, id: &str, before: Option<Fields>) -> Entry {
    let key = DraftKey::from(RecordKey::new(entity, id));
    Entry::Intent(Intent {
        identity: migration().source.identity(&key),
        key,
        model: model.into(),
        action: before.as_ref().map_or(Action::Create, |_| Action::Update(7.into())),
        digest: Digest::builder().value(&Value::from(id)).finish(),
        before,
        at: jiff::Timestamp::UNIX_EPOCH,
    })
}

fn receipt(id: &str, before: Option<Fields>) -> Entry {
    Entry::Receipt(Receipt {
        key: RecordKey::new("patient", id).into(),
        model: "res.partner".into(),
        id: 7.into(),
        how: before.as_ref().map_or(How::Created, |_| How::Updated),
        digest: Digest::builder().value(&Value::from(id)).finish(),
        before,
        at: jiff::Timestamp::UNIX_EPOCH,
    })
}

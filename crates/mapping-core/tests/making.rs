//! Look-ups that make what they do not find, and schemas whose maker died.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::TryStreamExt;
use futures::executor::block_on;
use futures::stream::BoxStream;
use mapping_core::destination::DestinationWriter;
use mapping_core::draft::{Draft, DraftValue, Lookup, Missing};
use mapping_core::error::{Error, Result};
use mapping_core::identity::SourceId;
use mapping_core::journal::{Binding, Entry, Journal, MigrationId, State};
use mapping_core::key::DraftKey;
use mapping_core::mapper::{RecordMapper, mapper_fn};
use mapping_core::memory::destination::{MemoryDestination, Trouble};
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::migration::observer::Event;
use mapping_core::receipt::{How, Intent, Receipt, SchemaIntent};
use mapping_core::record::{Fields, Record};
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use mapping_core::source::Entity;
use mapping_core::value::{Value, ValueKind};

/// Patients, each with the insurers written in `all`.
fn clinic(all: &[&str]) -> MemorySource {
    let mut clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("patient").field("insurers", ValueKind::Text));
    for (number, insurers) in all.iter().enumerate() {
        clinic = clinic.record(Record::new("patient", format!("P-{number}")).with("insurers", *insurers));
    }
    clinic
}

fn mapper() -> impl RecordMapper {
    let needs = Needs::new()
        .uses("res.partner", "category_id")
        .field(FieldNeed::new("res.partner", "x_notes", FieldKind::Text, "Notes"))
        .makes("res.partner.category", "name");
    mapper_fn(needs, |patient: &Record| {
        let tags =
            patient.text("insurers").unwrap_or_default().split(',').map(|name| {
                Lookup::new("res.partner.category", "name", name).folded().or(Missing::Make).into()
            });
        let draft = Draft::new("res.partner", patient.key().clone());
        Ok(draft.with("category_id", DraftValue::Several(tags.collect())).into())
    })
}

fn crm() -> MemoryDestination {
    MemoryDestination::new()
        .model("res.partner.category", [("name", FieldKind::Line)])
        .model("res.partner", [("category_id", FieldKind::Links("res.partner.category".into()))])
}

fn tags(crm: &MemoryDestination) -> Vec<String> {
    let rows = crm.rows("res.partner.category");
    rows.iter().map(|row| row.value("name").as_text().unwrap().to_owned()).collect()
}

async fn entries(journal: &MemoryJournal) -> Vec<Entry> {
    journal.entries().try_collect().await.unwrap()
}

async fn made(journal: &MemoryJournal) -> Vec<Receipt> {
    let receipts = entries(journal).await.into_iter().filter_map(|entry| match entry {
        Entry::Receipt(receipt) => Some(receipt),
        _ => None,
    });
    receipts.filter(|receipt| receipt.model.as_str() == "res.partner.category").collect()
}

const SPELLINGS: [&str; 5] = ["Insurance ", "insurance", "Blue  Cross,INSURANCE", "blue cross", "Insurance"];

#[test]
fn what_is_missing_is_made_once_however_it_is_written() {
    block_on(async {
        for chunk in [1, 2, 1000] {
            let (clinic, mapper, crm, journal) =
                (clinic(&SPELLINGS), mapper(), crm(), MemoryJournal::default());
            let migration = Migration::new(&clinic, &mapper, &crm, &journal).chunk(chunk);
            let report = migration.run().await.unwrap();
            assert_eq!((report.made, report.counts("patient").written), (2, 5));
            assert_eq!(tags(&crm), ["Insurance", "Blue Cross"]);
            let partners = crm.rows("res.partner");
            assert!(partners.iter().all(|row| row.value("category_id") != &Value::List(Vec::new())));
            let second = migration.run().await.unwrap();
            assert_eq!((second.made, second.counts("patient").unchanged), (0, 5));
        }
    });
}

#[test]
fn what_is_there_is_used_and_what_was_made_goes_when_it_is_undone() {
    block_on(async {
        let (clinic, mapper, journal) = (clinic(&SPELLINGS), mapper(), MemoryJournal::default());
        let crm =
            crm().record("res.partner.category", Fields::default().with("name", Value::from("INSURANCE")));
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap();
        assert_eq!(report.made, 1);
        assert_eq!(tags(&crm), ["INSURANCE", "Blue Cross"]);
        let receipts = made(&journal).await;
        assert_eq!((receipts.len(), receipts[0].how), (1, How::Created));
        assert!(!format!("{:?}", receipts[0].key).contains("Cross"), "a key tells nothing of the value");
        crm.revert(&receipts).await.into_iter().for_each(|answer| answer.unwrap());
        assert_eq!(tags(&crm), ["INSURANCE"]);
    });
}

#[test]
fn of_several_the_first_is_taken_and_none_is_made() {
    block_on(async {
        let tag = |name: &str| Fields::default().with("name", Value::from(name));
        let crm = crm()
            .record("res.partner.category", tag("insurance"))
            .record("res.partner.category", tag("Insurance"));
        let (clinic, mapper, journal) = (clinic(&["Insurance"]), mapper(), MemoryJournal::default());
        let flags = Mutex::new(Vec::new());
        let note = |event: &Event<'_>| {
            if let Event::Flagged(flag) = event {
                flags.lock().unwrap().push(flag.kind.to_string());
            }
        };
        Migration::new(&clinic, &mapper, &crm, &journal).run_observed(&note).await.unwrap();
        assert_eq!(tags(&crm).len(), 2);
        assert_eq!(crm.rows("res.partner")[0].value("category_id"), &Value::List(vec![1.into()]));
        assert_eq!(flags.into_inner().unwrap(), ["several-found"]);
    });
}

#[test]
fn whatever_answer_is_lost_nothing_is_made_twice() {
    block_on(async {
        for trouble in [Trouble::AnswerLost, Trouble::RequestLost, Trouble::Down] {
            for at in 0..6 {
                let (clinic, mapper, crm, journal) =
                    (clinic(&SPELLINGS), mapper(), crm(), MemoryJournal::default());
                crm.script((0..at).map(|_| Trouble::None).chain([trouble]));
                let migration = Migration::new(&clinic, &mapper, &crm, &journal).chunk(2);
                let mut runs = 0;
                while migration.run().await.is_err() {
                    runs += 1;
                    assert!(runs < 3, "{trouble:?} at {at} is not overcome");
                }
                assert_eq!(tags(&crm), ["Insurance", "Blue Cross"], "{trouble:?} at {at}");
                let mut receipts = made(&journal).await;
                receipts.dedup_by_key(|receipt| receipt.id.clone());
                assert_eq!(receipts.len(), 2, "{trouble:?} at {at}: both can be undone");
            }
        }
    });
}

#[test]
fn what_the_destination_does_not_take_refuses_the_records_that_want_it() {
    block_on(async {
        let crm = crm().refusing(|row| row.fields.value("name").as_text() == Some("Blue Cross"));
        let (clinic, mapper, journal) = (clinic(&SPELLINGS), mapper(), MemoryJournal::default());
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap();
        assert_eq!((report.counts("patient").written, report.counts("patient").refused), (3, 2));
        assert_eq!(tags(&crm), ["Insurance"]);
        let told: Vec<_> = entries(&journal).await.iter().filter_map(refusal).collect();
        assert!(told[0].contains("could not be made") && !told[0].contains("Blue"), "{told:?}");
    });
}

fn refusal(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Refused(refused) => Some(refused.refusal.to_string()),
        _ => None,
    }
}

#[test]
fn a_run_without_a_fallback_makes_nothing() {
    block_on(async {
        let needs = Needs::new().uses("res.partner", "category_id").makes("res.partner.category", "name");
        let mapper = mapper_fn(needs, |patient: &Record| {
            let tag = Lookup::new("res.partner.category", "name", "Insurance").or(Missing::Make);
            let user = Lookup::new("res.users", "login", "nobody").or(Missing::Fallback);
            let draft = Draft::new("res.partner", patient.key().clone());
            Ok(draft.with("category_id", tag).with("user_id", user).into())
        });
        let (clinic, journal) = (clinic(&["a"]), MemoryJournal::default());
        let crm = crm().model("res.users", [("login", FieldKind::Line)]);
        let error = Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap_err();
        assert!(error.to_string().contains("patient/P-0"), "{error}");
        assert_eq!(crm.rows_written(), 0);
    });
}

/// Dies when it is to note what was made of the schema, once.
#[derive(Debug, Default)]
struct Dying {
    inner: MemoryJournal,
    dead: AtomicBool,
}

#[async_trait]
impl Journal for Dying {
    async fn bind(&self, migration: &MigrationId) -> Result<Binding> {
        self.inner.bind(migration).await
    }
    async fn append(&self, entries: &[Entry]) -> Result<()> {
        let made = entries.iter().any(|entry| matches!(entry, Entry::Schema(_)));
        if made && !self.dead.swap(true, Ordering::Relaxed) {
            return Err(Error::config("killed"));
        }
        self.inner.append(entries).await
    }
    async fn states(&self, keys: &[DraftKey]) -> Result<Vec<State>> {
        self.inner.states(keys).await
    }
    fn doubts(&self) -> BoxStream<'_, Result<Intent>> {
        self.inner.doubts()
    }
    async fn schema_doubts(&self) -> Result<Option<SchemaIntent>> {
        self.inner.schema_doubts().await
    }
    fn entries(&self) -> BoxStream<'_, Result<Entry>> {
        self.inner.entries()
    }
}

#[test]
fn a_schema_that_was_made_and_not_noted_has_its_receipt_after_the_next_run() {
    block_on(async {
        let (clinic, mapper, crm, journal) = (clinic(&["Insurance"]), mapper(), crm(), Dying::default());
        let migration = Migration::new(&clinic, &mapper, &crm, &journal);
        assert!(migration.run().await.is_err());
        let schema = |entries: Vec<Entry>| -> Vec<_> {
            let receipts = entries.into_iter().filter_map(|entry| match entry {
                Entry::Schema(receipt) => Some(receipt),
                _ => None,
            });
            receipts.collect()
        };
        assert_eq!(schema(entries(&journal.inner).await), []);
        migration.run().await.unwrap();
        let receipts = schema(entries(&journal.inner).await);
        assert_eq!(receipts.len(), 1, "the field is known to be ours");
        assert_eq!(journal.schema_doubts().await.unwrap(), None);
        crm.revert_schema(&receipts).await.unwrap();
        assert_eq!(crm.plan(&mapper.needs().clone()).await.unwrap().fields.len(), 1);

        // What somebody else makes later is not ours.
        migration.run().await.unwrap();
        assert_eq!(schema(entries(&journal.inner).await).len(), 1);
    });
}

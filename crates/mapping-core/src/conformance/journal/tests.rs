//! Journals that are broken on purpose, each in one way: the suite must name the clause.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;

use async_trait::async_trait;
use futures::stream;

use super::*;
use crate::error::Error;
use crate::journal::Decided;
use crate::memory::journal::MemoryJournal;
use crate::receipt::SchemaIntent;

#[tokio::test]
async fn the_binding_is_checked() {
    assert_fails(Fault::NeverNew, "it is new until it has entries").await;
    assert_fails(Fault::AlwaysNew, "it is new until it has entries").await;
    assert_fails(Fault::BindsAnything, "another migration is turned away").await;
    assert_fails(Fault::DoesNotSayWhose, "another migration is turned away").await;
}

#[tokio::test]
async fn entries_are_compared() {
    assert_fails(Fault::ForgetsAnEntry, "entries come back whole and in order").await;
    assert_fails(Fault::Reorders, "entries come back whole and in order").await;
    assert_fails(Fault::LosesBeforeImages, "entries come back whole and in order").await;
    assert_fails(Fault::EndsAfterAPage, "it takes thousands at once").await;
}

#[tokio::test]
async fn an_append_in_parts_is_found() {
    assert_fails(Fault::AppendsOneByOne, "append is all or nothing").await;
    assert_fails(Fault::FailsHalfway, "append is all or nothing").await;
}

#[tokio::test]
async fn states_are_compared() {
    assert_fails(Fault::ReceiptsDoNotAnswer, "states tell what the entries amount to").await;
    assert_fails(Fault::RefusalsDoNotAnswer, "states tell what the entries amount to").await;
    assert_fails(Fault::RefusedRecordsAnswer, "states tell what the entries amount to").await;
    assert_fails(Fault::FirstReceiptStays, "states tell what the entries amount to").await;
    assert_fails(Fault::IgnoresParts, "every key has its own state").await;
    assert_fails(Fault::FoldsCase, "every key has its own state").await;
    assert_fails(Fault::AnswersInKeyOrder, "every key has its own state").await;
    assert_fails(Fault::TellsAKeyOnce, "every key has its own state").await;
    assert_fails(Fault::TooManyVariables, "it takes thousands at once").await;
}

#[tokio::test]
async fn doubts_are_compared() {
    assert_fails(Fault::SchemaDoubtsForever, "schema doubts are what the last intent lacks").await;
    assert_fails(Fault::DoubtsForever, "doubts are the unanswered intents, in order").await;
    assert_fails(Fault::DoubtsInKeyOrder, "doubts are the unanswered intents, in order").await;
}

#[tokio::test]
async fn decisions_are_compared() {
    assert_fails(Fault::TellsTheLastDecision, "decisions come back alone and in order").await;
}

#[tokio::test]
async fn a_stream_that_misses_what_came_before_an_append_is_found() {
    assert_fails(Fault::ReadersEndAtAnAppend, "reading and appending go together").await;
}

#[tokio::test]
async fn a_journal_without_a_fault_passes() {
    super::journal(async || Box::new(Broken::new(Fault::None)) as Box<dyn Journal>).await;
}

async fn assert_fails(fault: Fault, clause: &str) {
    let suite = super::journal(async || Broken::new(fault));
    let panic = AssertUnwindSafe(suite).catch_unwind().await.expect_err("the suite passed a broken journal");
    let said = panic.downcast_ref::<String>().expect("a sentence");
    assert!(said.contains(&format!(" {clause}: ")), "{fault:?} failed at another clause: {said}");
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    NeverNew,
    AlwaysNew,
    BindsAnything,
    DoesNotSayWhose,
    ForgetsAnEntry,
    Reorders,
    LosesBeforeImages,
    EndsAfterAPage,
    AppendsOneByOne,
    FailsHalfway,
    ReceiptsDoNotAnswer,
    RefusalsDoNotAnswer,
    RefusedRecordsAnswer,
    FirstReceiptStays,
    IgnoresParts,
    FoldsCase,
    AnswersInKeyOrder,
    TellsAKeyOnce,
    TooManyVariables,
    DoubtsForever,
    SchemaDoubtsForever,
    DoubtsInKeyOrder,
    TellsTheLastDecision,
    ReadersEndAtAnAppend,
}

/// A journal in memory that tells `entries` from what was appended and `states` and `doubts` from what it made of it.
#[derive(Debug)]
struct Broken {
    fault: Fault,
    told: Mutex<Vec<Entry>>,
    inner: MemoryJournal,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self { fault, told: Mutex::default(), inner: MemoryJournal::default() }
    }

    fn told(&self) -> Vec<Entry> {
        self.told.lock().unwrap().clone()
    }

    /// The entry as the broken journal understands it.
    fn understood(&self, entry: &Entry) -> Option<Entry> {
        match (self.fault, entry) {
            (Fault::RefusalsDoNotAnswer, Entry::Refused(_)) => None,
            (Fault::RefusedRecordsAnswer, Entry::Refused(whole)) => {
                let id = whole.refusal.key.clone()?;
                Some(withdrawn(&RecordKey::new(whole.refusal.entity.clone(), id).into()))
            }
            (Fault::FirstReceiptStays, Entry::Receipt(receipt)) => {
                let again = |told: &Entry| matches!(told, Entry::Receipt(one) if one.key == receipt.key);
                let again = self.told().iter().any(again);
                Some(if again { withdrawn(&receipt.key) } else { entry.clone() })
            }
            (Fault::IgnoresParts | Fault::FoldsCase, Entry::Receipt(receipt)) => {
                let mut receipt = receipt.clone();
                receipt.key = self.key(&receipt.key);
                Some(Entry::Receipt(receipt))
            }
            _ => Some(entry.clone()),
        }
    }

    fn key(&self, key: &DraftKey) -> DraftKey {
        match self.fault {
            Fault::IgnoresParts => key.record().clone().into(),
            Fault::FoldsCase => {
                let record = RecordKey::new(key.record().entity().clone(), key.record().id().to_lowercase());
                DraftKey::from(record).part(key.part_name())
            }
            _ => key.clone(),
        }
    }
}

#[async_trait]
impl Journal for Broken {
    async fn bind(&self, migration: &MigrationId) -> Result<Binding> {
        match self.fault {
            Fault::NeverNew => self.inner.bind(migration).await.map(|_| Binding::Known),
            Fault::AlwaysNew => self.inner.bind(migration).await.map(|_| Binding::New),
            Fault::BindsAnything => self.inner.bind(&sample::migration()).await,
            Fault::DoesNotSayWhose => self.inner.bind(migration).await.map_err(|_| Error::config("no")),
            _ => self.inner.bind(migration).await,
        }
    }

    async fn append(&self, entries: &[Entry]) -> Result<()> {
        let mut entries = entries.to_vec();
        match self.fault {
            Fault::ForgetsAnEntry if entries.len() > 1 => entries.truncate(entries.len() - 1),
            Fault::Reorders => entries.reverse(),
            _ => {}
        }
        for mut entry in entries {
            if let (Fault::LosesBeforeImages, Entry::Receipt(receipt)) = (self.fault, &mut entry) {
                receipt.before = None;
            }
            if let (Fault::FailsHalfway, Entry::Intent(intent)) = (self.fault, &entry)
                && intent.key.record().id().as_ref() == "P-3"
            {
                return Err(Error::config("not this one"));
            }
            let understood = self.understood(&entry);
            self.told.lock().unwrap().push(entry);
            self.inner.append(understood.as_slice()).await?;
            if self.fault == Fault::AppendsOneByOne {
                breathe().await;
            }
        }
        Ok(())
    }

    async fn states(&self, keys: &[DraftKey]) -> Result<Vec<State>> {
        let mut keys: Vec<_> = keys.iter().map(|key| self.key(key)).collect();
        match self.fault {
            Fault::AnswersInKeyOrder => keys.sort(),
            Fault::TellsAKeyOnce => {
                let mut seen = HashSet::new();
                keys.retain(|key| seen.insert(key.clone()));
            }
            Fault::TooManyVariables if keys.len() > 999 => return Err(Error::config("too many variables")),
            _ => {}
        }
        let mut states = self.inner.states(&keys).await?;
        if self.fault == Fault::ReceiptsDoNotAnswer {
            let told = self.told();
            for (key, state) in keys.iter().zip(&mut states) {
                state.doubt = told.iter().rev().filter_map(intended).find(|intent| intent.key == *key);
            }
        }
        Ok(states)
    }

    fn doubts(&self) -> BoxStream<'_, Result<Intent>> {
        match self.fault {
            Fault::DoubtsForever => {
                stream::iter(self.told()).filter_map(async |e| intended(&e).map(Ok)).boxed()
            }
            Fault::DoubtsInKeyOrder => self
                .inner
                .doubts()
                .collect::<Vec<_>>()
                .map(|mut all| {
                    all.sort_by_key(|doubt| doubt.as_ref().unwrap().key.clone());
                    stream::iter(all)
                })
                .flatten_stream()
                .boxed(),
            _ => self.inner.doubts(),
        }
    }

    async fn schema_doubts(&self) -> Result<Option<SchemaIntent>> {
        if self.fault == Fault::SchemaDoubtsForever {
            let told = self.told();
            return Ok(told.iter().rev().find_map(|entry| match entry {
                Entry::SchemaIntent(intent) => Some(intent.clone()),
                _ => None,
            }));
        }
        self.inner.schema_doubts().await
    }

    fn entries(&self) -> BoxStream<'_, Result<Entry>> {
        let told = self.told();
        let first = told.len();
        let limit = if self.fault == Fault::EndsAfterAPage { 1000 } else { usize::MAX };
        let ends =
            move || self.fault == Fault::ReadersEndAtAnAppend && self.told.lock().unwrap().len() != first;
        stream::iter(told).take(limit).map(Ok).take_while(move |_| std::future::ready(!ends())).boxed()
    }

    fn decisions(&self) -> BoxStream<'_, Result<Decided>> {
        match self.fault {
            Fault::TellsTheLastDecision => {
                let last = self.told().into_iter().rev().find_map(|entry| match entry {
                    Entry::Decided(decided) => Some(Ok(decided)),
                    _ => None,
                });
                stream::iter(last).boxed()
            }
            _ => self.inner.decisions(),
        }
    }
}

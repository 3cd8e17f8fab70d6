//! A journal in memory.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::future::ready;
use futures::stream::{self, BoxStream};

use crate::error::{Error, Result};
use crate::journal::{Binding, Entry, Journal, Known, MigrationId, State};
use crate::key::DraftKey;
use crate::receipt::{Intent, SchemaIntent};

/// The journal as the contract has it, and no more: it lives as long as the value does.
///
/// For tests, previews and rehearsals. A migration that writes needs one on disk.
///
/// # Example
///
/// ```
/// use mapping_core::identity::SourceId;
/// use mapping_core::journal::{Binding, Journal, MigrationId};
/// use mapping_core::memory::journal::MemoryJournal;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let journal = MemoryJournal::default();
/// let migration = MigrationId {
///     source: SourceId::new("pulse", "north-street")?,
///     destination: "https://clinic.example.org".into(),
/// };
/// assert_eq!(journal.bind(&migration).await?, Binding::New);
/// # Ok::<(), mapping_core::error::Error>(())
/// # }).unwrap();
/// ```
#[derive(Default)]
pub struct MemoryJournal(Mutex<History>);

impl MemoryJournal {
    fn history(&self) -> MutexGuard<'_, History> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let history = self.history();
        f.debug_struct("MemoryJournal")
            .field("migration", &history.migration)
            .field("entries", &history.entries.len())
            .field("doubts", &history.doubts.len())
            .finish()
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn bind(&self, migration: &MigrationId) -> Result<Binding> {
        let mut history = self.history();
        match &history.migration {
            Some(known) if known != migration => {
                return Err(Error::config(format!(
                    "the journal is of another migration ({known}), and not of {migration}: take another journal"
                )));
            }
            Some(_) => {}
            None => history.migration = Some(migration.clone()),
        }
        Ok(if history.entries.is_empty() { Binding::New } else { Binding::Known })
    }

    async fn append(&self, entries: &[Entry]) -> Result<()> {
        let mut history = self.history();
        for entry in entries {
            history.append(entry.clone());
        }
        Ok(())
    }

    async fn states(&self, keys: &[DraftKey]) -> Result<Vec<State>> {
        let history = self.history();
        Ok(keys.iter().map(|key| history.state(key)).collect())
    }

    fn doubts(&self) -> BoxStream<'_, Result<Intent>> {
        let next = |from| {
            let history = self.history();
            let at = *history.doubts.range(from..).next()?;
            Some((Ok(history.intent(at)?.clone()), at + 1))
        };
        stream::unfold(0, move |from| ready(next(from))).boxed()
    }

    async fn schema_doubts(&self) -> Result<Option<SchemaIntent>> {
        Ok(self.history().schema.clone().filter(|intent| !intent.parts.is_empty()))
    }

    fn entries(&self) -> BoxStream<'_, Result<Entry>> {
        let next = |at: usize| Some((Ok(self.history().entries.get(at)?.clone()), at + 1));
        stream::unfold(0, move |at| ready(next(at))).boxed()
    }
}

/// What was appended; the rest follows from it.
#[derive(Default)]
struct History {
    migration: Option<MigrationId>,
    entries: Vec<Entry>,
    drafts: HashMap<DraftKey, Draft>,
    /// Where the unanswered intents are.
    doubts: BTreeSet<usize>,
    /// The last intent about the schema, with the parts that have no receipt.
    schema: Option<SchemaIntent>,
}

#[derive(Default)]
struct Draft {
    known: Option<Known>,
    doubt: Option<usize>,
}

impl History {
    fn append(&mut self, entry: Entry) {
        let at = self.entries.len();
        match &entry {
            Entry::Intent(intent) => {
                self.answer(&intent.key);
                self.drafts.entry(intent.key.clone()).or_default().doubt = Some(at);
                self.doubts.insert(at);
            }
            Entry::Receipt(receipt) => {
                self.answer(&receipt.key);
                self.drafts.entry(receipt.key.clone()).or_default().known = Some(Known::from(receipt));
            }
            Entry::Refused(refused) => refused.draft.iter().for_each(|draft| self.answer(draft)),
            Entry::Withdrawn(withdrawn) => self.answer(&withdrawn.draft),
            Entry::SchemaIntent(intent) => self.schema = Some(intent.clone()),
            Entry::Schema(receipt) => {
                self.schema.iter_mut().for_each(|open| open.parts.retain(|part| *part != receipt.made));
            }
            Entry::Started(_) | Entry::Flag(_) | Entry::Decided(_) | Entry::Phase(_) | Entry::Finished(_) => {
            }
        }
        self.entries.push(entry);
    }

    fn answer(&mut self, key: &DraftKey) {
        if let Some(at) = self.drafts.get_mut(key).and_then(|draft| draft.doubt.take()) {
            self.doubts.remove(&at);
        }
    }

    fn state(&self, key: &DraftKey) -> State {
        let Some(draft) = self.drafts.get(key) else { return State::default() };
        State { known: draft.known.clone(), doubt: draft.doubt.and_then(|at| self.intent(at)).cloned() }
    }

    fn intent(&self, at: usize) -> Option<&Intent> {
        match self.entries.get(at) {
            Some(Entry::Intent(intent)) => Some(intent),
            _ => None,
        }
    }
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        crate::conformance::journal(async || MemoryJournal::default()).await;
    }
}

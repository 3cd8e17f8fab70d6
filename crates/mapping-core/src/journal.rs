//! The history of a migration: the journal trait and its entries.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use futures::future::ready;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::Result;
use crate::finding::{Flag, Refusal};
use crate::identity::SourceId;
use crate::key::{DraftKey, RecordKey};
use crate::name::{EntityName, ModelName};
use crate::receipt::{DestinationId, How, Intent, Receipt, SchemaIntent, SchemaReceipt};

/// What a migration remembers: one history, from which resuming, delta, verification, audit and undoing all read.
///
/// # Contract
///
/// - `bind` ties a new journal to a migration; a journal of another migration answers with an error that says which. It is
///   [`New`](Binding::New) until it has entries, however often it is bound: a run that died before its first entry has not begun.
/// - `append` is durable and all or nothing: when it has answered, the entries outlive a crash of the machine.
/// - `states` tells of each key what the entries so far amount to: the last receipt, and the intent that no later receipt,
///   refusal or [`Entry::Withdrawn`] of the same key has answered. Of two such intents the later one counts.
/// - `doubts` yields just those intents, in the order they were appended.
/// - `schema_doubts` tells what of the last [`Entry::SchemaIntent`] no later [`Entry::Schema`] has answered. An intent of no parts
///   says that the one before is over.
/// - `entries` yields all of them, in the order they were appended.
/// - `decisions` yields just what is in its [`Entry::Decided`], in the order they were appended.
/// - One process at a time may hold a journal; a second one gets an error that says so.
///
/// The suite in [`conformance::journal`](crate::conformance::journal()) checks each clause but the crash and the second process.
#[async_trait]
pub trait Journal: Debug + Send + Sync {
    /// Ties the journal to a migration, or checks that it is tied to it.
    ///
    /// # Errors
    ///
    /// It is another migration's journal, or cannot be read or written.
    async fn bind(&self, migration: &MigrationId) -> Result<Binding>;

    /// Adds entries, all or none.
    ///
    /// # Errors
    ///
    /// They could not be made durable; none of them is there.
    async fn append(&self, entries: &[Entry]) -> Result<()>;

    /// What is known of each draft, in the order asked.
    ///
    /// # Errors
    ///
    /// The journal cannot be read.
    async fn states(&self, keys: &[DraftKey]) -> Result<Vec<State>>;

    /// Intents that nothing has answered.
    fn doubts(&self) -> BoxStream<'_, Result<Intent>>;

    /// What of the schema was about to be made last, and has no receipt; `None` where there is nothing of that kind.
    ///
    /// # Errors
    ///
    /// The journal cannot be read.
    async fn schema_doubts(&self) -> Result<Option<SchemaIntent>>;

    /// The whole history.
    fn entries(&self) -> BoxStream<'_, Result<Entry>>;

    /// What people decided. Where nothing else is said, all entries are looked through for it.
    fn decisions(&self) -> BoxStream<'_, Result<Decided>> {
        let decided = self.entries().try_filter_map(|entry| {
            ready(Ok(match entry {
                Entry::Decided(decided) => Some(decided),
                _ => None,
            }))
        });
        decided.boxed()
    }
}

const _: fn(&dyn Journal) = |_| {};

/// Which migration it is: from where to where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationId {
    /// The system and the clinic.
    pub source: SourceId,
    /// The destination's [address](crate::destination::DestinationReader::address).
    pub destination: String,
}

/// `north-street of pulse, to https://clinic.example.org`.
impl fmt::Display for MigrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, to {}", self.source, self.destination)
    }
}

/// What [`Journal::bind`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third case")]
pub enum Binding {
    /// A journal without history.
    New,
    /// This migration's journal, from an earlier run.
    Known,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Entry {
    /// A run began.
    Started(RunStart),
    /// The destination's schema is about to be changed.
    SchemaIntent(SchemaIntent),
    /// The destination's schema was changed.
    Schema(SchemaReceipt),
    /// A row is about to be written.
    Intent(Intent),
    /// A row was written, or a record matched.
    Receipt(Receipt),
    /// A record, or one draft of it, was not taken.
    Refused(Refused),
    /// An intent came to nothing: the row is not at the destination and will not come.
    Withdrawn(Withdrawn),
    /// Something a person should look at.
    Flag(Flag),
    /// A person decided on two records.
    Decided(Decided),
    /// An entity is done.
    Phase(PhaseEnd),
    /// A run came to its end.
    Finished(RunEnd),
}

/// The beginning of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStart {
    /// When.
    pub at: Timestamp,
    /// Models that held records of this source already when the journal was new: what is not in the journal must be looked for
    /// there before it is written.
    pub looked_for: Vec<ModelName>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// When.
    pub at: Timestamp,
}

/// A record, or one draft of it, that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The draft, where it came that far: its open intent is answered.
    pub draft: Option<DraftKey>,
    /// The record, and why.
    pub refusal: Refusal,
}

/// An intent that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The draft.
    pub draft: DraftKey,
}

/// What a person decided on two records of the source, and when it was taken in.
///
/// A later one on the same two counts in place of an earlier one. It is no part of a run, and may come before the first.
///
/// ```
/// use jiff::Timestamp;
/// use mapping_core::journal::{Decided, Entry, Verdict};
/// use mapping_core::key::RecordKey;
///
/// let verdict = Verdict::Same { stays: RecordKey::new("patient", "P-1"), goes: RecordKey::new("patient", "P-3") };
/// let decided = Entry::Decided(Decided { verdict, by: Some("Meera".into()), at: Timestamp::now() });
/// let line = serde_json::to_string(&decided).unwrap();
/// assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), decided);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What was decided, and on which.
    pub verdict: Verdict,
    /// Who decided, where that was said.
    pub by: Option<String>,
    /// When it was taken in.
    pub at: Timestamp,
}

/// Whether two records are of one person or thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// They are one.
    Same {
        /// The record that is to stay.
        stays: RecordKey,
        /// The record that is to be joined to it.
        goes: RecordKey,
    },
    /// They are two.
    Apart {
        /// The one.
        one: RecordKey,
        /// The other.
        other: RecordKey,
    },
    /// It is not decided: what was decided before is taken back.
    Open {
        /// The one.
        one: RecordKey,
        /// The other.
        other: RecordKey,
    },
}

/// The end of a phase, with its count of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseEnd {
    /// The entity.
    pub entity: EntityName,
    /// What became of its records.
    pub counts: Counts,
    /// When.
    pub at: Timestamp,
}

/// What became of the records of an entity. `read = written + updated + unchanged + refused`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Records the source holds, those among them that could not be read as records.
    pub read: u64,
    /// Records of which something new was made at the destination.
    pub written: u64,
    /// Records of which something was changed, and nothing new made.
    pub updated: u64,
    /// Records that are at the destination as they should be; matched ones too.
    pub unchanged: u64,
    /// Records of which at least a part was not taken.
    pub refused: u64,
    /// Flags, of records and of files.
    pub flags: u64,
}

impl Counts {
    /// Whether every record read is accounted for.
    #[must_use]
    pub fn add_up(&self) -> bool {
        self.read == self.written + self.updated + self.unchanged + self.refused
    }
}

/// What the history amounts to, for one draft.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct State {
    /// Where it is, if it was written or matched.
    pub known: Option<Known>,
    /// The write that was intended and that nothing has answered.
    pub doubt: Option<Intent>,
}

/// Where a draft is, by its last receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The model.
    pub model: ModelName,
    /// The id.
    pub id: DestinationId,
    /// What was done last.
    pub how: How,
    /// The digest of what was written.
    pub digest: Digest,
}

impl From<&Receipt> for Known {
    fn from(receipt: &Receipt) -> Self {
        Self {
            model: receipt.model.clone(),
            id: receipt.id.clone(),
            how: receipt.how,
            digest: receipt.digest,
        }
    }
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<J: Journal + ?Sized> Journal for $type {
            async fn bind(&self, migration: &MigrationId) -> Result<Binding> {
                (**self).bind(migration).await
            }
            async fn append(&self, entries: &[Entry]) -> Result<()> {
                (**self).append(entries).await
            }
            async fn states(&self, keys: &[DraftKey]) -> Result<Vec<State>> {
                (**self).states(keys).await
            }
            fn doubts(&self) -> BoxStream<'_, Result<Intent>> {
                (**self).doubts()
            }
            async fn schema_doubts(&self) -> Result<Option<SchemaIntent>> {
                (**self).schema_doubts().await
            }
            fn entries(&self) -> BoxStream<'_, Result<Entry>> {
                (**self).entries()
            }
            fn decisions(&self) -> BoxStream<'_, Result<Decided>> {
                (**self).decisions()
            }
        }
    )*};
}

forward!(&J, Box<J>, std::sync::Arc<J>);

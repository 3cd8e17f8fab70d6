//! Reading and mapping, so many records at a time.

use std::collections::HashMap;

use futures::StreamExt;

use crate::draft::{Draft, DraftValue};
use crate::error::{Error, Result};
use crate::finding::{Flag, Refusal};
use crate::journal::{Counts, Entry, Refused};
use crate::key::{Origin, RecordKey};
use crate::mapper::RecordMapper;
use crate::migration::fate::Fate;
use crate::migration::observer::{Event, Observer};
use crate::name::EntityName;
use crate::record::Record;
use crate::source::{Reading, ReadingStream};
use crate::value::Value;

/// After so many records others have a turn: what is being sent meanwhile must not wait for the reading.
const BREATH: usize = 32;

/// A chunk ends when the files in memory of its drafts come to so many bytes: one is written while the next
/// is made ready, so twice as many are held.
const HELD: usize = 16 << 20;

/// Records that were read and mapped, and what is to be journaled of those that could not be.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) records: Vec<Gathered>,
    pub(super) entries: Vec<Entry>,
    pub(super) counts: Counts,
    /// How many bytes of files in memory the drafts hold.
    held: usize,
}

/// A record as its drafts.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) key: RecordKey,
    pub(super) origin: Option<Origin>,
    pub(super) drafts: Vec<Draft>,
}

impl Chunk {
    /// Notes a flag.
    pub(super) fn flag(&mut self, flag: Flag, observer: &dyn Observer) {
        observer.notice(&Event::Flagged(&flag));
        self.counts.flags += 1;
        self.entries.push(Entry::Flag(flag));
    }

    /// Notes a refusal of a whole record. It is not counted here.
    pub(super) fn refuse(&mut self, refusal: Refusal, observer: &dyn Observer) {
        observer.notice(&Event::Refused(&refusal));
        self.entries.push(Entry::Refused(Refused { draft: None, refusal }));
    }

    fn push(&mut self, record: Gathered) {
        self.held += record.drafts.iter().map(held).sum::<usize>();
        self.records.push(record);
    }

    fn take(&mut self, mut record: Record, mapper: &dyn RecordMapper, observer: &dyn Observer) {
        record.take_flags().into_iter().for_each(|flag| self.flag(flag, observer));
        let nothing = || Error::refused("the mapping makes nothing of this record");
        match mapper.map(&record).and_then(|m| if m.drafts.is_empty() { Err(nothing()) } else { Ok(m) }) {
            Ok(mapped) => {
                let (key, origin) = (record.key().clone(), record.origin().cloned());
                mapped.flags.into_iter().for_each(|flag| self.flag(flag.of(&key, origin.as_ref()), observer));
                self.push(Gathered { key, origin, drafts: mapped.drafts });
            }
            Err(error) => {
                self.counts.refused += 1;
                self.refuse(Refusal::of(record.key(), record.origin(), &error), observer);
            }
        }
    }
}

/// Reads and maps up to `limit` records, or fewer that hold much in memory; `None` when there are no more. Where only some are
/// wanted, a pass before this one has told what reading and mapping say.
///
/// # Errors
///
/// The source cannot be read on.
pub(super) async fn gather(
    readings: &mut ReadingStream<'_>,
    entity: &EntityName,
    mapper: &dyn RecordMapper,
    limit: usize,
    only: Option<&HashMap<RecordKey, Fate>>,
    observer: &dyn Observer,
) -> Result<Option<Chunk>> {
    let mut chunk = Chunk::default();
    let mut seen = 0;
    while chunk.records.len() < limit && chunk.entries.len() < limit && chunk.held < HELD {
        match readings.next().await {
            None if seen == 0 => return Ok(None),
            None => break,
            Some(Err(error)) => return Err(error),
            Some(Ok(Reading::Record(record))) => match only {
                None => {
                    chunk.counts.read += 1;
                    chunk.take(record, mapper, observer);
                }
                Some(wanted) if wanted.contains_key(record.key()) => {
                    let (key, origin) = (record.key().clone(), record.origin().cloned());
                    // It could be mapped before.
                    let drafts = mapper.map(&record)?.drafts;
                    chunk.push(Gathered { key, origin, drafts });
                }
                Some(_) => {}
            },
            Some(Ok(_)) if only.is_some() => {}
            Some(Ok(Reading::Refused(refusal))) => {
                chunk.counts.read += 1;
                chunk.counts.refused += 1;
                chunk.refuse(refusal, observer);
            }
            Some(Ok(Reading::Flag(flag))) => {
                let flag = if flag.entity.is_some() { flag } else { flag.about(entity.clone()) };
                chunk.flag(flag, observer);
            }
        }
        seen += 1;
        if seen % BREATH == 0 {
            breathe().await;
        }
    }
    Ok(Some(chunk))
}

fn held(draft: &Draft) -> usize {
    let files = draft.fields().iter().map(|(_, value)| match value {
        DraftValue::Value(Value::File(file)) => file.held(),
        _ => 0,
    });
    files.sum()
}

/// Gives others a turn.
async fn breathe() {
    let mut rested = false;
    std::future::poll_fn(|context| {
        if rested {
            return std::task::Poll::Ready(());
        }
        rested = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

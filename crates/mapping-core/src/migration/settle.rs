//! What an earlier run left in doubt is settled before anything else happens.

use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::destination::DestinationWriter;
use crate::digest::Digest;
use crate::error::Result;
use crate::journal::{Entry, Journal, Withdrawn};
use crate::migration::observer::{Event, Observer};
use crate::receipt::{Action, DestinationId, Intent, Receipt, SchemaIntent, SchemaReceipt};

/// How many are looked for in one question.
const AT_ONCE: usize = 1000;

/// Finds out what became of every intent that nothing has answered. Tells how many were written.
///
/// # Errors
///
/// The journal or the destination does not answer.
pub(super) async fn settle(
    journal: &dyn Journal,
    destination: &dyn DestinationWriter,
    observer: &dyn Observer,
) -> Result<u64> {
    let mut written = 0;
    loop {
        let doubts: Vec<Intent> = journal.doubts().take(AT_ONCE).try_collect().await?;
        if doubts.is_empty() {
            return Ok(written);
        }
        observer.notice(&Event::Recovering { rows: doubts.len() });
        let found = destination.recover(&doubts).await?;
        let entries: Vec<Entry> =
            doubts.into_iter().zip(found).map(|(intent, id)| answer(intent, id)).collect();
        written += entries.iter().filter(|entry| matches!(entry, Entry::Receipt(_))).count() as u64;
        journal.append(&entries).await?;
    }
}

/// Gives receipts to what an earlier run made of the schema and did not come to journal.
///
/// # Errors
///
/// The journal or the destination does not answer.
pub(super) async fn settle_schema(journal: &dyn Journal, destination: &dyn DestinationWriter) -> Result<()> {
    let Some(open) = journal.schema_doubts().await? else { return Ok(()) };
    let found = destination.recover_schema(&open).await?;
    let at = Timestamp::now();
    let made = open.parts.into_iter().zip(found);
    let made = made.filter_map(|(made, id)| Some(SchemaReceipt { made, id: id?, at })).collect();
    journal.append(&closed(made)).await
}

/// The entries that end what was intended: what was made of it, and that nothing more is to come.
pub(super) fn closed(made: Vec<SchemaReceipt>) -> Vec<Entry> {
    let end = SchemaIntent { parts: Vec::new(), at: Timestamp::now() };
    made.into_iter().map(Entry::Schema).chain([Entry::SchemaIntent(end)]).collect()
}

fn answer(intent: Intent, found: Option<DestinationId>) -> Entry {
    let Some(found) = found else { return Entry::Withdrawn(Withdrawn { draft: intent.key }) };
    Entry::Receipt(match intent.action.clone() {
        Action::Create => intent.receipt(found),
        // Nobody can tell whether it was carried out, and to do it twice does no harm: it is kept so that the values from before
        // are not forgotten, under a mark that no row has.
        Action::Update(id) => Receipt { digest: Digest::builder().finish(), ..intent.receipt(id) },
    })
}

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
        let answer = |(intent, id): (Intent, _)| {
            let in_part = destination.is_made_in_steps(&intent.model);
            answer(intent, id, in_part)
        };
        let entries: Vec<Entry> = doubts.into_iter().zip(found).map(answer).collect();
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

fn answer(intent: Intent, found: Option<DestinationId>, in_part: bool) -> Entry {
    let Some(found) = found else { return Entry::Withdrawn(Withdrawn { draft: intent.key }) };
    Entry::Receipt(match intent.action.clone() {
        Action::Create if !in_part => intent.receipt(found),
        // Under the same mark as below: what is missing of it comes with the next row.
        Action::Create => Receipt { digest: Digest::builder().finish(), ..intent.receipt(found) },
        // Nobody can tell whether it was carried out, and to do it twice does no harm: it is kept so that the values from before
        // are not forgotten, under a mark that no row has.
        Action::Update(id) => Receipt { digest: Digest::builder().finish(), ..intent.receipt(id) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SourceId;
    use crate::key::RecordKey;
    use crate::receipt::{How, Row};
    use crate::record::Fields;

    #[test]
    fn what_may_be_there_in_part_is_known_and_not_taken_for_written() -> Result<()> {
        let clinic = SourceId::new("paper", "main")?;
        let row = Row::create(
            &clinic,
            RecordKey::new("bill", "B-1"),
            "x_bill",
            Fields::default().with("x_sum", 5_i64),
        );
        let found = |in_part| match answer(row.intent(None), Some(7.into()), in_part) {
            Entry::Receipt(receipt) => receipt,
            other => panic!("{other:?}"),
        };
        let (whole, part) = (found(false), found(true));
        assert_eq!((whole.how, whole.digest), (How::Created, row.digest()));
        assert_eq!((part.how, part.id), (How::Created, 7.into()));
        assert_ne!(part.digest, row.digest(), "its next row would be passed over");
        assert!(matches!(answer(row.intent(None), None, true), Entry::Withdrawn(_)));
        Ok(())
    }
}

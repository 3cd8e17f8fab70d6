//! Reading: the state of drafts, and the history a page at a time.

use mapping_core::identity::SourceId;
use mapping_core::journal::{Decided, Entry, MigrationId, State};
use mapping_core::key::DraftKey;
use mapping_core::receipt::{Intent, SchemaIntent};
use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::journal::Store;
use crate::journal::failure::Failed;
use crate::journal::row::{self, columns};

/// The migration the journal is tied to.
pub(super) fn migration(connection: &Connection) -> Result<Option<MigrationId>, Failed> {
    let text = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(String, String, String)> =
        connection.query_row("SELECT system, clinic, destination FROM migration", [], text).optional()?;
    found
        .map(|(system, clinic, destination)| {
            let source = SourceId::new(&system, &clinic).map_err(|_| Failed::Damaged)?;
            Ok(MigrationId { source, destination })
        })
        .transpose()
}

/// Whether nothing was ever appended.
pub(super) fn is_empty(connection: &Connection) -> Result<bool, Failed> {
    Ok(connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM entry)", [], |row| row.get(0))?)
}

/// What is known of each draft, in the order asked.
pub(super) fn states(store: &Store, keys: &[DraftKey]) -> Result<Vec<State>, Failed> {
    // One look at the file, not one a key.
    let transaction = store.connection.unchecked_transaction()?;
    let states = keys.iter().map(|key| state(store, key)).collect();
    transaction.finish()?;
    states
}

fn state(store: &Store, key: &DraftKey) -> Result<State, Failed> {
    let Some(entity) = store.names.id(key.record().entity().as_str()) else { return Ok(State::default()) };
    let mut find = store.connection.prepare_cached(
        "SELECT d.doubt, e.kind, e.model, e.target, e.digest FROM draft d LEFT JOIN entry e ON e.seq = d.receipt \
         WHERE d.entity = ?1 AND d.record = ?2 AND d.part = ?3",
    )?;
    let mut rows = find.query(params![entity, key.record().id(), key.part_name()])?;
    let Some(row) = rows.next()? else { return Ok(State::default()) };
    let doubt: Option<i64> = row.get(0)?;
    Ok(State {
        known: row::known(row, 1, &store.names)?,
        doubt: doubt.map(|seq| intent(store, seq)).transpose()?,
    })
}

fn intent(store: &Store, seq: i64) -> Result<Intent, Failed> {
    let found = lines(
        store,
        concat!(columns!(), "FROM entry e LEFT JOIN entry i ON i.seq = e.same WHERE e.seq = ?1"),
        [seq],
    )?;
    match found.into_iter().next() {
        Some((_, Entry::Intent(intent))) => Ok(intent),
        _ => Err(Failed::DamagedEntry(seq)),
    }
}

/// The next of the intents that nothing has answered.
pub(super) fn doubts(store: &Store, after: i64) -> Result<Vec<(i64, Intent)>, Failed> {
    lines(store, NEXT_DOUBTS, [after, PAGE])?
        .into_iter()
        .map(|(seq, entry)| match entry {
            Entry::Intent(intent) => Ok((seq, intent)),
            _ => Err(Failed::DamagedEntry(seq)),
        })
        .collect()
}

pub(super) const NEXT_DOUBTS: &str = concat!(
    columns!(),
    "FROM draft d CROSS JOIN entry e ON e.seq = d.doubt LEFT JOIN entry i ON i.seq = e.same \
     WHERE d.doubt > ?1 ORDER BY d.doubt LIMIT ?2"
);

/// What of the schema was intended last and has no receipt.
pub(super) fn schema_doubts(store: &Store) -> Result<Option<SchemaIntent>, Failed> {
    // The form in which serde writes these two: the name of the kind first.
    const LAST: &str =
        "SELECT max(seq) FROM entry WHERE kind = 0 AND body LIKE '{\"entry\":\"schema-intent\"%'";
    const RECEIPTS: &str = concat!(
        columns!(),
        "FROM entry e LEFT JOIN entry i ON i.seq = e.same \
         WHERE e.seq >= ?1 AND e.kind = 0 AND e.body LIKE '{\"entry\":\"schema%' ORDER BY e.seq"
    );
    let Some(last) = store.connection.query_row(LAST, [], |row| row.get::<_, Option<i64>>(0))? else {
        return Ok(None);
    };
    let mut open = None;
    for (_, entry) in lines(store, RECEIPTS, [last])? {
        match (entry, &mut open) {
            (Entry::SchemaIntent(intent), open) => *open = Some(intent),
            (Entry::Schema(receipt), Some(SchemaIntent { parts, .. })) => {
                parts.retain(|part| *part != receipt.made);
            }
            _ => {}
        }
    }
    Ok(open.filter(|intent| !intent.parts.is_empty()))
}

/// The next of what was decided.
pub(super) fn decisions(store: &Store, after: i64) -> Result<Vec<(i64, Decided)>, Failed> {
    // The form in which serde writes it: the name of the kind first.
    const NEXT: &str = concat!(
        columns!(),
        "FROM entry e LEFT JOIN entry i ON i.seq = e.same \
         WHERE e.seq > ?1 AND e.kind = 0 AND e.body LIKE '{\"entry\":\"decided\"%' ORDER BY e.seq LIMIT ?2"
    );
    lines(store, NEXT, [after, PAGE])?
        .into_iter()
        .map(|(seq, entry)| match entry {
            Entry::Decided(decided) => Ok((seq, decided)),
            _ => Err(Failed::DamagedEntry(seq)),
        })
        .collect()
}

/// The next of all entries.
pub(super) fn entries(store: &Store, after: i64) -> Result<Vec<(i64, Entry)>, Failed> {
    const NEXT: &str = concat!(
        columns!(),
        "FROM entry e LEFT JOIN entry i ON i.seq = e.same WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2"
    );
    lines(store, NEXT, [after, PAGE])
}

/// How many entries are held in memory at once.
const PAGE: i64 = 500;

fn lines(store: &Store, query: &str, parameters: impl Params) -> Result<Vec<(i64, Entry)>, Failed> {
    let source = store.migration.as_ref().map(|migration| &migration.source);
    let mut statement = store.connection.prepare_cached(query)?;
    let mut rows = statement.query(parameters)?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(row::entry(row, &store.names, source)?);
    }
    Ok(lines)
}

//! Writing: what becomes a line of the history, and what it changes of the state of its draft.

use mapping_core::identity::SourceId;
use mapping_core::journal::{Entry, MigrationId};
use mapping_core::key::DraftKey;
use mapping_core::receipt::{Action, Intent, Receipt};
use mapping_core::record::Fields;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::journal::Store;
use crate::journal::failure::Failed;
use crate::journal::names::Names;
use crate::journal::row::{Kind, Target, nanoseconds};
use crate::journal::schema;

/// Ties the journal to a migration.
pub(super) fn migration(connection: &Connection, migration: &MigrationId) -> Result<(), Failed> {
    let source = &migration.source;
    connection.execute(
        "INSERT INTO migration (id, system, clinic, destination) VALUES (1, ?1, ?2, ?3)",
        [source.system(), source.clinic(), &migration.destination],
    )?;
    Ok(())
}

/// Adds entries, all or none.
pub(super) fn entries(store: &mut Store, entries: &[Entry]) -> Result<(), Failed> {
    if entries.is_empty() {
        return Ok(());
    }
    let known = store.names.len();
    let done = in_one_transaction(store, entries);
    if done.is_err() {
        store.names.forget(known);
    }
    done
}

fn in_one_transaction(store: &mut Store, entries: &[Entry]) -> Result<(), Failed> {
    let transaction = store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let source = store.migration.as_ref().map(|migration| &migration.source);
    let mut writer = Writer { connection: &transaction, names: &mut store.names, source };
    for entry in entries {
        writer.add(entry)?;
    }
    Ok(transaction.commit()?)
}

struct Writer<'a> {
    connection: &'a Connection,
    names: &'a mut Names,
    source: Option<&'a SourceId>,
}

impl Writer<'_> {
    fn add(&mut self, entry: &Entry) -> Result<(), Failed> {
        match entry {
            Entry::Intent(intent) => self.intent(intent),
            Entry::Receipt(receipt) => self.receipt(receipt),
            other => {
                self.other(other)?;
                match other {
                    Entry::Refused(refused) => refused.draft.iter().try_for_each(|key| self.answer(key)),
                    Entry::Withdrawn(withdrawn) => self.answer(&withdrawn.draft),
                    Entry::Decided(_) => schema::mark_decided(self.connection),
                    _ => Ok(()),
                }
            }
        }
    }

    fn intent(&mut self, intent: &Intent) -> Result<(), Failed> {
        let usual = self.source.is_some_and(|source| source.identity(&intent.key) == intent.identity);
        let (kind, target) = match &intent.action {
            Action::Create => (Kind::ToCreate, None),
            Action::Update(id) => (Kind::ToUpdate, Some(id)),
        };
        let before = intent.before.as_ref().map(|before| json(before, &intent.key)).transpose()?;
        let draft = self.draft(&intent.key)?;
        self.connection.prepare_cached(INSERT)?.execute(params![
            kind,
            draft.entity,
            draft.record,
            draft.part,
            self.names.id_or_add(self.connection, intent.model.as_str())?,
            target.map(Target::of).transpose()?,
            intent.digest.as_bytes(),
            nanoseconds(intent.at, &intent.key)?,
            (!usual).then_some(intent.identity.as_str()),
            None::<i64>,
            before,
        ])?;
        let seq = self.connection.last_insert_rowid();
        draft.set(
            self.connection,
            "INSERT INTO draft (entity, record, part, doubt) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (entity, record, part) DO UPDATE SET doubt = excluded.doubt",
            seq,
        )
    }

    fn receipt(&mut self, receipt: &Receipt) -> Result<(), Failed> {
        let before = receipt.before.as_ref().map(|before| json(before, &receipt.key)).transpose()?;
        let draft = self.draft(&receipt.key)?;
        let same =
            before.as_ref().map(|before| draft.intent_with(self.connection, before)).transpose()?.flatten();
        self.connection.prepare_cached(INSERT)?.execute(params![
            Kind::of(receipt.how)?,
            draft.entity,
            draft.record,
            draft.part,
            self.names.id_or_add(self.connection, receipt.model.as_str())?,
            Target::of(&receipt.id)?,
            receipt.digest.as_bytes(),
            nanoseconds(receipt.at, &receipt.key)?,
            None::<&str>,
            same,
            before.filter(|_| same.is_none()),
        ])?;
        let seq = self.connection.last_insert_rowid();
        draft.set(
            self.connection,
            "INSERT INTO draft (entity, record, part, receipt) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (entity, record, part) DO UPDATE SET receipt = excluded.receipt, doubt = NULL",
            seq,
        )
    }

    fn other(&self, entry: &Entry) -> Result<(), Failed> {
        let body = serde_json::to_string(entry).map_err(|_| Failed::Unencodable)?;
        let mut insert = self.connection.prepare_cached("INSERT INTO entry (kind, body) VALUES (?1, ?2)")?;
        insert.execute(params![Kind::Other, body])?;
        Ok(())
    }

    fn answer(&self, key: &DraftKey) -> Result<(), Failed> {
        let Some(entity) = self.names.id(key.record().entity().as_str()) else { return Ok(()) };
        let mut update = self.connection.prepare_cached(
            "UPDATE draft SET doubt = NULL WHERE entity = ?1 AND record = ?2 AND part = ?3",
        )?;
        update.execute(params![entity, key.record().id(), key.part_name()])?;
        Ok(())
    }

    fn draft<'k>(&mut self, key: &'k DraftKey) -> Result<Draft<'k>, Failed> {
        let entity = self.names.id_or_add(self.connection, key.record().entity().as_str())?;
        Ok(Draft { entity, record: key.record().id(), part: key.part_name() })
    }
}

const INSERT: &str = "INSERT INTO entry (kind, entity, record, part, model, target, digest, at, identity, same, body) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// A draft's key, as the tables have it.
struct Draft<'k> {
    entity: i64,
    record: &'k str,
    part: &'k str,
}

impl Draft<'_> {
    fn set(&self, connection: &Connection, statement: &str, seq: i64) -> Result<(), Failed> {
        let mut set = connection.prepare_cached(statement)?;
        set.execute(params![self.entity, self.record, self.part, seq])?;
        Ok(())
    }

    /// The open intent, if it holds that before-image: then the receipt need not hold it again.
    fn intent_with(&self, connection: &Connection, before: &str) -> Result<Option<i64>, Failed> {
        let mut find = connection.prepare_cached(
            "SELECT seq FROM entry WHERE body = ?4 AND seq = \
             (SELECT doubt FROM draft WHERE entity = ?1 AND record = ?2 AND part = ?3)",
        )?;
        let seq = find.query_row(params![self.entity, self.record, self.part, before], |row| row.get(0));
        Ok(seq.optional()?)
    }
}

/// A before-image in JSON, read once more: what cannot be read back cannot be undone.
fn json(before: &Fields, key: &DraftKey) -> Result<String, Failed> {
    let text = serde_json::to_string(before).ok();
    let same = |text: &String| serde_json::from_str::<Fields>(text).is_ok_and(|read| read == *before);
    text.filter(same)
        .ok_or_else(|| Failed::Unfit(Box::new(key.clone()), "what its fields held has no form in JSON"))
}

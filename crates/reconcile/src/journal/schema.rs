//! The tables, and how a file is known to be a journal.

use rusqlite::Connection;

use crate::journal::failure::Failed;

/// The format of a journal without decisions, as the file's `user_version`.
const FORMAT: i64 = 1;

/// The same with decisions in it, which programs that know format 1 alone cannot read. The tables are the same.
const DECIDED: i64 = 2;

/// `MIGJ`, as the file's `application_id`.
const APPLICATION: i64 = 0x4d49_474a;

/// The comments stay in the file, for whoever opens it with another tool.
///
/// What an intent's identity is by rule (format 1: system:clinic:entity:id#part) is not stored. Bulk is in columns, all else in
/// JSON: 400,000 receipts with their intents would take half a gigabyte in JSON.
const TABLES: &str = "
CREATE TABLE migration (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    system      TEXT NOT NULL,
    clinic      TEXT NOT NULL,
    destination TEXT NOT NULL
) STRICT;

CREATE TABLE name ( -- names of entities and models
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE entry ( -- the history; nothing is ever changed or deleted
    seq      INTEGER PRIMARY KEY,
    kind     INTEGER NOT NULL, -- 1 intent to create, 2 to update; 3 receipt: created, 4 updated, 5 matched; 0 else: see body
    entity   INTEGER, -- of the draft, in name
    record   TEXT,    -- of the draft: the record's id at the source
    part     TEXT,    -- of the draft; empty for the first
    model    INTEGER, -- in name
    target   ANY,     -- the id at the destination, a number or a text
    digest   BLOB,    -- of the row
    at       INTEGER, -- nanoseconds since 1970, UTC
    identity TEXT,    -- of an intent, where it is not the usual one
    same     INTEGER, -- of a receipt: the intent that holds its body
    body     TEXT     -- JSON: the whole entry for kind 0, else what the fields held before
) STRICT;

CREATE TABLE draft ( -- what the history amounts to
    entity  INTEGER NOT NULL,
    record  TEXT NOT NULL,
    part    TEXT NOT NULL,
    receipt INTEGER, -- the last receipt, in entry
    doubt   INTEGER, -- the intent that nothing has answered, in entry
    PRIMARY KEY (entity, record, part)
) STRICT, WITHOUT ROWID;

CREATE INDEX doubt ON draft (doubt) WHERE doubt IS NOT NULL;
";

/// What a file turned out to be.
pub(super) enum Found {
    Nothing,
    Journal,
}

/// Tells a journal from an empty file, and both from all else. Changes nothing.
pub(super) fn recognise(connection: &Connection) -> Result<Found, Failed> {
    let number = |query| connection.query_row(query, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let found = number("PRAGMA user_version")?;
    let parts = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, found, parts) {
        (APPLICATION, FORMAT | DECIDED, _) => Ok(Found::Journal),
        (APPLICATION, ..) => Err(Failed::Format { found, known: DECIDED }),
        (0, 0, 0) => Ok(Found::Nothing),
        _ => Err(Failed::NoJournal),
    }
}

/// Makes the tables, all or none.
pub(super) fn create(connection: &Connection) -> Result<(), Failed> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction
        .execute_batch(&format!("PRAGMA application_id={APPLICATION}; PRAGMA user_version={FORMAT}"))?;
    Ok(transaction.commit()?)
}

/// Says that there are decisions in it, together with the first of them or not at all.
pub(super) fn mark_decided(transaction: &Connection) -> Result<(), Failed> {
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found < DECIDED {
        transaction.execute_batch(&format!("PRAGMA user_version={DECIDED}"))?;
    }
    Ok(())
}

/// Looks for damage to the file's structure.
pub(super) fn check(connection: &Connection) -> Result<(), Failed> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Failed::Damaged) }
}

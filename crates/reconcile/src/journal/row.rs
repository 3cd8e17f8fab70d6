//! How entries stand in columns.

use jiff::Timestamp;
use mapping_core::digest::Digest;
use mapping_core::identity::{Identity, SourceId};
use mapping_core::journal::{Entry, Known};
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::name::ModelName;
use mapping_core::receipt::{Action, DestinationId, How, Intent, Receipt};
use mapping_core::record::Fields;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::journal::failure::Failed;
use crate::journal::names::Names;

/// What `entry.kind` says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Other = 0,
    ToCreate = 1,
    ToUpdate = 2,
    Created = 3,
    Updated = 4,
    Matched = 5,
}

impl Kind {
    pub(super) fn of(how: How) -> Result<Self, Failed> {
        match how {
            How::Created => Ok(Self::Created),
            How::Updated => Ok(Self::Updated),
            How::Matched => Ok(Self::Matched),
            _ => Err(Failed::Unencodable),
        }
    }

    fn how(self) -> Option<How> {
        match self {
            Self::Created => Some(How::Created),
            Self::Updated => Some(How::Updated),
            Self::Matched => Some(How::Matched),
            Self::Other | Self::ToCreate | Self::ToUpdate => None,
        }
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let all = [Self::Other, Self::ToCreate, Self::ToUpdate, Self::Created, Self::Updated, Self::Matched];
        let number = value.as_i64()?;
        all.into_iter().find(|kind| *kind as i64 == number).ok_or(FromSqlError::OutOfRange(number))
    }
}

/// An id at the destination: a number or a text, each as itself.
pub(super) enum Target<'a> {
    Number(i64),
    Text(&'a str),
}

impl<'a> Target<'a> {
    pub(super) fn of(id: &'a DestinationId) -> Result<Self, Failed> {
        match id {
            DestinationId::Number(number) => Ok(Self::Number(*number)),
            DestinationId::Text(text) => Ok(Self::Text(text)),
            _ => Err(Failed::Unencodable),
        }
    }
}

impl ToSql for Target<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Number(number) => Ok((*number).into()),
            Self::Text(text) => text.to_sql(),
        }
    }
}

/// The same, read.
struct Id(DestinationId);

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(number) => Ok(Self(DestinationId::Number(number))),
            other => Ok(Self(DestinationId::Text(other.as_str()?.to_owned()))),
        }
    }
}

/// A time as `entry.at` has it, which reaches from 1677 to 2262.
pub(super) fn nanoseconds(at: Timestamp, key: &DraftKey) -> Result<i64, Failed> {
    i64::try_from(at.as_nanosecond())
        .map_err(|_| Failed::Unfit(Box::new(key.clone()), "its time is far off; set the clock"))
}

/// The columns that [`entry`] reads, in its order, and whence.
macro_rules! columns {
    () => {
        "SELECT e.seq, e.kind, e.entity, e.record, e.part, e.model, e.target, e.digest, e.at, e.identity, \
         coalesce(e.body, i.body) "
    };
}
pub(super) use columns;

/// A line of the history.
pub(super) fn entry(row: &Row<'_>, names: &Names, source: Option<&SourceId>) -> Result<(i64, Entry), Failed> {
    let seq = row.get(0)?;
    let damaged = || Failed::DamagedEntry(seq);
    let kind: Kind = row.get(1)?;
    let body = row.get_ref(10)?.as_str_or_null().map_err(|_| damaged())?;
    if let Kind::Other = kind {
        let entry = body.and_then(|body| serde_json::from_str(body).ok()).ok_or_else(damaged)?;
        return Ok((seq, entry));
    }
    let entity = names.text(row.get(2)?).ok_or_else(damaged)?.clone();
    let key = DraftKey::from(RecordKey::new(entity, row.get::<_, String>(3)?));
    let part: String = row.get(4)?;
    let key = if part.is_empty() { key } else { key.part(part) };
    let model = ModelName::from(names.text(row.get(5)?).ok_or_else(damaged)?.clone());
    let id = row.get::<_, Option<Id>>(6)?.map(|Id(id)| id);
    let digest = Digest::from(row.get::<_, [u8; 16]>(7)?);
    let at = Timestamp::from_nanosecond(row.get::<_, i64>(8)?.into()).map_err(|_| damaged())?;
    let before = body.map(serde_json::from_str::<Fields>).transpose().map_err(|_| damaged())?;
    if let Some(how) = kind.how() {
        let id = id.ok_or_else(damaged)?;
        return Ok((seq, Entry::Receipt(Receipt { key, model, id, how, digest, before, at })));
    }
    let identity = match row.get::<_, Option<String>>(9)? {
        Some(identity) => Identity::from(identity.as_str()),
        None => source.ok_or_else(damaged)?.identity(&key),
    };
    let action = id.map_or(Action::Create, Action::Update);
    Ok((seq, Entry::Intent(Intent { key, model, identity, action, digest, before, at })))
}

/// Kind, model, target and digest of a draft's last receipt, from column `from` on; nothing where there is none.
pub(super) fn known(row: &Row<'_>, from: usize, names: &Names) -> Result<Option<Known>, Failed> {
    let Some(kind) = row.get::<_, Option<Kind>>(from)? else { return Ok(None) };
    Ok(Some(Known {
        how: kind.how().ok_or(Failed::Damaged)?,
        model: ModelName::from(names.text(row.get(from + 1)?).ok_or(Failed::Damaged)?.clone()),
        id: row.get::<_, Id>(from + 2)?.0,
        digest: Digest::from(row.get::<_, [u8; 16]>(from + 3)?),
    }))
}

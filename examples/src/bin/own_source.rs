//! A source of one's own: one trait, three methods, and the suite that proves it.
#![allow(clippy::print_stdout, reason = "a program speaks to the terminal")]

use std::collections::HashSet;
use std::fmt;

use futures::{StreamExt, stream};
use jiff::civil::Date;
use mapping_core::conformance;
use mapping_core::error::{Error, Result};
use mapping_core::finding::Refusal;
use mapping_core::identity::SourceId;
use mapping_core::key::{Origin, RecordKey};
use mapping_core::record::Record;
use mapping_core::source::{Entity, Query, Reading, ReadingStream, SourceReader};
use mapping_core::value::ValueKind;

/// A clinic that kept its patients in a text file: `id | name | born`.
struct Roster {
    source: SourceId,
    entities: Vec<Entity>,
    lines: Vec<String>,
}

impl SourceReader for Roster {
    fn source(&self) -> &SourceId {
        &self.source
    }

    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn read(&self, query: &Query) -> ReadingStream<'_> {
        let lines = if query.entity.as_str() == "patient" { self.lines.as_slice() } else { &[] };
        let mut seen = HashSet::new();
        let readings = lines.iter().zip(1..).map(move |(line, number)| {
            let (id, rest) = line.split_once('|').unwrap_or((line, ""));
            let (key, at) = (RecordKey::new("patient", id.trim()), Origin::new("roster.txt", number));
            let first = seen.insert(id.trim()).then_some(());
            let first = first.ok_or_else(|| Error::invalid("this id was there already"));
            match first.and_then(|()| patient(&key, rest)) {
                Ok(record) => Ok(record.at(at).into()),
                Err(error) => Ok(Reading::Refused(Refusal::of(&key, Some(&at), &error))),
            }
        });
        stream::iter(readings).boxed()
    }
}

fn patient(key: &RecordKey, rest: &str) -> Result<Record> {
    let parts = rest.split_once('|').filter(|(name, _)| !name.trim().is_empty() && !key.id().is_empty());
    let (name, born) = parts.ok_or_else(|| Error::invalid("expected id | name | born"))?;
    let born: Result<Date, _> = born.trim().parse();
    let born = born.map_err(|_| Error::invalid("no day like 1984-02-29").at("field", "born"))?;
    Ok(Record::new("patient", key.id().clone()).with("name", name.trim()).with("born", born))
}

/// How many lines, and never what they say.
impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roster({} lines)", self.lines.len())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let text = "P-1 | Asha Rao | 1984-02-29\nP-2 | Ravi Iyer | 1990-11-05\nP-3 | Mary Lopez | around 1950";
    let patient = Entity::new("patient").field("name", ValueKind::Text).field("born", ValueKind::Date);
    let roster = Roster {
        source: SourceId::new("roster", "main")?,
        entities: vec![patient],
        lines: text.lines().map(String::from).collect(),
    };
    conformance::source(&roster).await;
    println!("Roster keeps the contract of SourceReader");
    Ok(())
}

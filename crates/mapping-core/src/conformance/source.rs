//! The suite of [`SourceReader`].

use std::collections::HashSet;

use futures::TryStreamExt;

use crate::source::{Query, Reading, SourceReader};

/// Proves of a reader what can be proved of the contract by reading it.
///
/// Its data must be such that it can be read to the end, with at least one entity and one record.
///
/// # Panics
///
/// With the name of the clause that is broken:
///
/// - `declares-entities-once`: at least one entity, no two of one name, no two fields of one name in it;
/// - `links-lead-to-entities`: every link names an entity of the source;
/// - `answers-the-same`: `source` and `entities` do not change over reading;
/// - `reads-to-the-end`: no stream ends with an error;
/// - `yields-records`: there is at least one;
/// - `yields-the-entity-asked-for`: records and refusals are of it;
/// - `yields-each-key-once`;
/// - `holds-declared-fields`: no record has a field that its entity does not declare;
/// - `repeats-itself`: a second reading gives the same in the same order, also one read beside another;
/// - `knows-no-stranger`: an entity that is not declared yields nothing.
///
/// # Example
///
/// ```
/// use mapping_core::conformance;
/// use mapping_core::identity::SourceId;
/// use mapping_core::memory::source::MemorySource;
/// use mapping_core::record::Record;
/// use mapping_core::source::Entity;
///
/// let source = MemorySource::new(SourceId::new("pulse", "main")?)
///     .entity(Entity::new("patient"))
///     .record(Record::new("patient", "P-1"));
/// futures::executor::block_on(conformance::source(&source));
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
pub async fn source(reader: &dyn SourceReader) {
    let entities = reader.entities().to_vec();
    let source = reader.source().clone();
    declared(reader);

    let mut records = 0;
    for entity in &entities {
        let query = Query::all(entity.name().clone());
        let all = read(reader, &query).await;
        let mut keys = HashSet::new();
        for reading in &all {
            match reading {
                Reading::Record(record) => {
                    records += 1;
                    holds(
                        "yields-the-entity-asked-for",
                        record.key().entity() == entity.name(),
                        entity.name(),
                    );
                    holds("yields-each-key-once", keys.insert(record.key().id().clone()), entity.name());
                    let declared = record.fields().iter().all(|(field, _)| entity.has(field.as_str()));
                    holds("holds-declared-fields", declared, entity.name());
                }
                Reading::Refused(refusal) => {
                    holds("yields-the-entity-asked-for", refusal.entity == *entity.name(), entity.name());
                }
                Reading::Flag(_) => {}
            }
        }
        holds("repeats-itself", read(reader, &query).await == all, entity.name());
        let beside = futures::join!(read(reader, &query), read(reader, &query));
        holds("repeats-itself", beside.0 == all && beside.1 == all, entity.name());
    }
    holds("yields-records", records > 0, "any entity");
    holds("answers-the-same", reader.entities() == entities && *reader.source() == source, "the source");

    let strange = "no-entity-has-this-name";
    let stranger = reader.read(&Query::all(strange)).try_collect::<Vec<_>>().await;
    holds("knows-no-stranger", stranger.is_ok_and(|all| all.is_empty()), strange);
}

fn declared(reader: &dyn SourceReader) {
    let entities = reader.entities();
    let mut names = HashSet::new();
    holds("declares-entities-once", !entities.is_empty(), "the source");
    for entity in entities {
        holds("declares-entities-once", names.insert(entity.name()), entity.name());
        let mut fields = HashSet::new();
        let once = entity.fields().iter().all(|field| fields.insert(&field.name));
        holds("declares-entities-once", once, entity.name());
    }
    for entity in entities {
        let lead = entity.links().all(|(_, to)| names.contains(to));
        holds("links-lead-to-entities", lead, entity.name());
    }
}

async fn read(reader: &dyn SourceReader, query: &Query) -> Vec<Reading> {
    let all = reader.read(query).try_collect::<Vec<_>>().await;
    holds("reads-to-the-end", all.is_ok(), &query.entity);
    all.unwrap_or_default()
}

#[track_caller]
fn holds(clause: &str, held: bool, of: impl std::fmt::Display) {
    assert!(held, "{clause}: broken by {of}");
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::executor::block_on;
    use futures::{StreamExt, stream};

    use super::*;
    use crate::error::{Error, Result};
    use crate::finding::Refusal;
    use crate::identity::SourceId;
    use crate::memory::source::MemorySource;
    use crate::record::Record;
    use crate::source::{Entity, ReadingStream};
    use crate::value::ValueKind;

    /// A reader that breaks one clause, on purpose.
    #[derive(Debug)]
    struct Broken {
        source: SourceId,
        entities: Vec<Entity>,
        other_entities: Option<Vec<Entity>>,
        asked: AtomicU32,
        read: fn(&Query, u32) -> Vec<Result<Reading>>,
    }

    impl Broken {
        fn new(read: fn(&Query, u32) -> Vec<Result<Reading>>) -> Self {
            Self {
                source: SourceId::new("pulse", "main").unwrap(),
                entities: vec![patient()],
                other_entities: None,
                asked: AtomicU32::new(0),
                read,
            }
        }

        fn clause(&self) -> String {
            let panic = catch_unwind(AssertUnwindSafe(|| block_on(source(self)))).unwrap_err();
            panic.downcast_ref::<String>().unwrap().split(':').next().unwrap().to_owned()
        }
    }

    impl SourceReader for Broken {
        fn source(&self) -> &SourceId {
            &self.source
        }

        fn entities(&self) -> &[Entity] {
            let read = self.asked.load(Ordering::Relaxed) > 0;
            self.other_entities.as_ref().filter(|_| read).unwrap_or(&self.entities)
        }

        fn read(&self, query: &Query) -> ReadingStream<'_> {
            let asked = self.asked.fetch_add(1, Ordering::Relaxed);
            stream::iter((self.read)(query, asked)).boxed()
        }
    }

    fn patient() -> Entity {
        Entity::new("patient").field("name", ValueKind::Text)
    }

    fn one(id: &str) -> Result<Reading> {
        Ok(Record::new("patient", id).with("name", "Asha").into())
    }

    fn sound(query: &Query, _: u32) -> Vec<Result<Reading>> {
        if query.entity.as_str() == "patient" { vec![one("1"), one("2")] } else { Vec::new() }
    }

    #[test]
    fn a_sound_reader_passes_and_so_does_the_memory_source() {
        block_on(source(&Broken::new(sound)));
        let memory = MemorySource::new(SourceId::new("pulse", "main").unwrap())
            .entity(patient())
            .record(Record::new("patient", "1").with("name", "Asha"))
            .record(Record::new("patient", "1"));
        block_on(source(&memory));
    }

    #[test]
    fn each_broken_reader_is_told_by_its_clause() {
        type Read = fn(&Query, u32) -> Vec<Result<Reading>>;
        let broken: [(Read, &str); 9] = [
            (|_, _| vec![one("1"), one("1")], "yields-each-key-once"),
            (|_, _| Vec::new(), "yields-records"),
            (|_, _| vec![one("1"), Err(Error::invalid("cut short"))], "reads-to-the-end"),
            (|_, _| vec![one("1"), Ok(Record::new("staff", "1").into())], "yields-the-entity-asked-for"),
            (
                |_, _| vec![Ok(Reading::Refused(Refusal::new("staff", "no name")))],
                "yields-the-entity-asked-for",
            ),
            (|_, _| vec![Ok(Record::new("patient", "1").with("age", 7).into())], "holds-declared-fields"),
            (
                |_, asked| if asked == 1 { vec![one("2"), one("1")] } else { vec![one("1"), one("2")] },
                "repeats-itself",
            ),
            (|_, asked| if asked == 3 { vec![one("1")] } else { vec![one("1"), one("2")] }, "repeats-itself"),
            (|_, _| vec![one("1")], "knows-no-stranger"),
        ];
        for (read, clause) in broken {
            assert_eq!(Broken::new(read).clause(), clause);
        }
    }

    #[test]
    fn entities_that_are_wrong_or_change_are_told() {
        let with = |entities: Vec<Entity>| Broken { entities, ..Broken::new(sound) };
        assert_eq!(with(vec![]).clause(), "declares-entities-once");
        assert_eq!(with(vec![patient(), patient()]).clause(), "declares-entities-once");
        assert_eq!(with(vec![patient().field("name", ValueKind::Text)]).clause(), "declares-entities-once");
        assert_eq!(with(vec![patient().link("doctor", "staff")]).clause(), "links-lead-to-entities");
        let other = Broken { other_entities: Some(vec![Entity::new("patient")]), ..Broken::new(sound) };
        assert_eq!(other.clause(), "answers-the-same");
    }
}

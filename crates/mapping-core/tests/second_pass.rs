//! Links among records of one kind, which are set in a second pass: what only that pass finds out.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::sync::Mutex;

use futures::executor::block_on;
use mapping_core::draft::{Draft, Link};
use mapping_core::error::Result;
use mapping_core::identity::SourceId;
use mapping_core::mapper::{Mapped, RecordMapper, mapper_fn};
use mapping_core::memory::destination::MemoryDestination;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::migration::observer::Event;
use mapping_core::receipt::Action;
use mapping_core::record::Record;
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use mapping_core::source::Entity;
use mapping_core::value::{Value, ValueKind};

/// P-0 was referred by P-1, and P-1 by somebody who is not in the source.
fn clinic() -> MemorySource {
    let patient = |key: &str, referrer: &str| {
        Record::new("patient", key).with("name", "Asha Rao").with("referred_by", referrer)
    };
    MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("patient").field("name", ValueKind::Text).link("referred_by", "patient"))
        .record(patient("P-0", "P-1"))
        .record(patient("P-1", "P-nobody"))
}

fn mapper() -> impl RecordMapper {
    let link = FieldKind::Link("res.partner".into());
    let needs = Needs::new().uses("res.partner", "name").field(FieldNeed::new(
        "res.partner",
        "x_referrer_id",
        link,
        "Referrer",
    ));
    mapper_fn(needs, |record: &Record| -> Result<Mapped> {
        let draft = Draft::new("res.partner", record.key().clone())
            .with("name", record.value("name").clone())
            .with("x_referrer_id", Link::to("patient", record.text("referred_by").unwrap_or_default()));
        Ok(draft.into())
    })
}

fn crm() -> MemoryDestination {
    MemoryDestination::new().model("res.partner", [("name", FieldKind::Line)])
}

#[test]
fn a_link_that_leads_nowhere_is_told_in_each_run_and_written_in_the_first_alone() {
    block_on(async {
        let (clinic, mapper, crm, journal) = (clinic(), mapper(), crm(), MemoryJournal::default());
        let migration = Migration::new(&clinic, &mapper, &crm, &journal);
        let mut written = None;
        for run in 0..3 {
            let flags = Mutex::new(Vec::new());
            let note = |event: &Event<'_>| {
                if let Event::Flagged(flag) = event {
                    flags.lock().unwrap().push((flag.kind.clone(), flag.key.clone()));
                }
            };
            let report = migration.run_observed(&note).await.unwrap();
            let flags = flags.into_inner().unwrap();
            assert_eq!(flags.len(), 1, "run {run}: {flags:?}");
            assert_eq!(report.counts("patient").flags, 1);
            assert!(report.counts("patient").add_up());
            let partners = crm.rows("res.partner");
            assert!(matches!(partners[0].value("x_referrer_id"), Value::Integer(_)));
            assert_eq!(partners[1].value("x_referrer_id"), &Value::Null);
            let rows = *written.get_or_insert(crm.rows_written());
            assert_eq!(crm.rows_written(), rows, "run {run} writes what is there already");
        }
    });
}

#[test]
fn a_record_whose_link_is_refused_is_counted_as_refused() {
    block_on(async {
        let (clinic, mapper, journal) = (clinic(), mapper(), MemoryJournal::default());
        let crm = crm().refusing(|row| {
            matches!(row.action, Action::Update(_))
                && matches!(row.fields.value("x_referrer_id"), Value::Integer(_))
        });
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap();
        let counts = report.counts("patient");
        assert_eq!((counts.read, counts.written, counts.refused), (2, 1, 1));
    });
}

//! Links among records of one kind, which are set in a second pass: what only that pass finds out.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::sync::Mutex;

use futures::TryStreamExt;
use futures::executor::block_on;
use mapping_core::draft::{Draft, Link, Lookup};
use mapping_core::error::Result;
use mapping_core::identity::SourceId;
use mapping_core::journal::{Entry, Journal};
use mapping_core::key::{DraftKey, RecordKey};
use mapping_core::mapper::{Mapped, RecordMapper, mapper_fn};
use mapping_core::memory::destination::MemoryDestination;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::migration::observer::Event;
use mapping_core::receipt::Action;
use mapping_core::record::{Fields, Record};
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use mapping_core::source::Entity;
use mapping_core::value::{Value, ValueKind};

/// P-0 was referred by P-1, and P-1 by somebody who is not in the source.
fn clinic() -> MemorySource {
    clinic_of(&[("P-0", "Asha Rao", "P-1"), ("P-1", "Asha Rao", "P-nobody")])
}

/// Patients by key, name and who referred them.
fn clinic_of(patients: &[(&str, &str, &str)]) -> MemorySource {
    let clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("patient").field("name", ValueKind::Text).link("referred_by", "patient"));
    patients.iter().fold(clinic, |clinic, (key, name, referrer)| {
        clinic.record(Record::new("patient", *key).with("name", *name).with("referred_by", *referrer))
    })
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

/// The journal's refusals.
async fn refusals(journal: &MemoryJournal) -> Vec<Entry> {
    let entries: Vec<Entry> = journal.entries().try_collect().await.unwrap();
    entries.into_iter().filter(|entry| matches!(entry, Entry::Refused(_))).collect()
}

#[test]
fn a_change_that_was_refused_is_not_sent_again_in_the_second_pass() {
    block_on(async {
        let (mapper, journal) = (mapper(), MemoryJournal::default());
        let crm = crm().refusing(|row| row.fields.value("name").as_text() == Some("Nobody's Name"));
        let first = clinic();
        Migration::new(&first, &mapper, &crm, &journal).run().await.unwrap();
        let changed = [("P-0", "Nobody's Name", "P-1"), ("P-1", "Asha Rao", "P-nobody")];
        let report = Migration::new(&clinic_of(&changed), &mapper, &crm, &journal).run().await.unwrap();
        let counts = report.counts("patient");
        assert_eq!((counts.read, counts.unchanged, counts.refused), (2, 1, 1));
        assert_eq!(refusals(&journal).await.len(), 1);
    });
}

#[test]
fn a_link_whose_end_came_later_is_an_update() {
    block_on(async {
        let (mapper, crm, journal) = (mapper(), crm(), MemoryJournal::default());
        Migration::new(&clinic(), &mapper, &crm, &journal).run().await.unwrap();
        let later =
            [("P-0", "Asha Rao", "P-1"), ("P-1", "Asha Rao", "P-nobody"), ("P-nobody", "Tom Lee", "P-0")];
        let report = Migration::new(&clinic_of(&later), &mapper, &crm, &journal).run().await.unwrap();
        let counts = report.counts("patient");
        assert_eq!((counts.written, counts.updated, counts.unchanged, counts.flags), (1, 1, 1, 0));
    });
}

/// What a refused record matches is nobody's to point at.
#[test]
fn a_record_that_was_refused_has_no_part_in_the_second_pass() {
    block_on(async {
        let needs = Needs::new().uses("res.partner", "name").uses("res.users", "email");
        let mapper = mapper_fn(needs, |record: &Record| -> Result<Mapped> {
            let key = DraftKey::from(record.key().clone());
            let user = Lookup::new("res.users", "email", "asha@example.org");
            let matched = Draft::matching(user, key.clone().part("user"));
            let referrer = Link::to("patient", record.text("referred_by").unwrap_or_default());
            let partner = Draft::new("res.partner", key).with("name", "Asha Rao").with("parent_id", referrer);
            let partner = match record.text("name") {
                Some("Asha Rao") => partner,
                _ => partner.with("user_id", Lookup::new("res.users", "email", "tom@example.org")),
            };
            Ok(Mapped { drafts: vec![matched, partner], flags: Vec::new() })
        });
        let crm = MemoryDestination::new()
            .model("res.users", [("email", FieldKind::Line)])
            .record("res.users", Fields::default().with("email", "asha@example.org"))
            .model(
                "res.partner",
                [
                    ("name", FieldKind::Line),
                    ("parent_id", FieldKind::Link("res.partner".into())),
                    ("user_id", FieldKind::Link("res.users".into())),
                ],
            );
        let journal = MemoryJournal::default();
        let clinic = clinic_of(&[("P-0", "Asha Rao", "P-1"), ("P-1", "Tom Lee", "P-0")]);
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap();
        let counts = report.counts("patient");
        assert_eq!((counts.written, counts.refused), (1, 1));
        assert_eq!(refusals(&journal).await.len(), 1);
        let of_refused = DraftKey::from(RecordKey::new("patient", "P-1"));
        let states = journal.states(&[of_refused.clone().part("user"), of_refused]).await.unwrap();
        assert!(states.iter().all(|state| state.known.is_none()), "{states:?}");
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
        // P-0 is refused in the first pass now, and P-1 in the second: whoever is new is written all the same.
        let more = [("P-0", "Asha Rao", "P-1"), ("P-1", "Asha Rao", "P-nobody"), ("P-nobody", "Tom Lee", "")];
        let report = Migration::new(&clinic_of(&more), &mapper, &crm, &journal).run().await.unwrap();
        let counts = report.counts("patient");
        assert_eq!((counts.written, counts.unchanged, counts.refused), (1, 0, 2));
    });
}

//! Whole migrations in memory: what happens when things go wrong, and when they do not.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::sync::Mutex;

use futures::executor::block_on;
use futures::{StreamExt, TryStreamExt};
use mapping_core::draft::{Draft, Link, Lookup, Missing};
use mapping_core::error::Result;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::identity::SourceId;
use mapping_core::journal::{Entry, Journal};
use mapping_core::key::Origin;
use mapping_core::mapper::{Mapped, RecordMapper, mapper_fn};
use mapping_core::memory::destination::{MemoryDestination, Trouble};
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::migration::observer::Event;
use mapping_core::receipt::Row;
use mapping_core::record::{Fields, Record};
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use mapping_core::source::Entity;
use mapping_core::spec::mapping::MappingSpec;
use mapping_core::value::{FileHandle, Value, ValueKind};

/// A clinic of `patients` patients, each with two visits; the last visit is of a patient who is not there.
fn clinic(patients: usize) -> MemorySource {
    let mut clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("visit").field("notes", ValueKind::Text).link("patient", "patient"))
        .entity(
            Entity::new("patient")
                .field("name", ValueKind::Text)
                .link("doctor", "staff")
                .link("referred_by", "patient"),
        )
        .entity(Entity::new("staff").field("email", ValueKind::Text));
    clinic = clinic.record(Record::new("staff", "rao").with("email", "RAO@example.org"));
    for n in 0..patients {
        let patient = Record::new("patient", format!("P-{n}"))
            .with("name", format!("Patient {n}"))
            .with("doctor", "rao");
        // Referred by somebody further down.
        clinic = clinic.record(patient.with("referred_by", format!("P-{}", (n + 1) % patients)));
        for visit in 0..2 {
            let visit = Record::new("visit", format!("V-{n}-{visit}"))
                .with("notes", "well")
                .with("patient", format!("P-{n}"));
            clinic = clinic.record(visit);
        }
    }
    clinic
        .record(Record::new("visit", "V-lost").at(Origin::new("visits.csv", 99)).with("patient", "P-nobody"))
}

fn mapper() -> impl RecordMapper {
    let needs = Needs::new()
        .uses("res.partner", "name")
        .uses("res.partner", "user_id")
        .uses_if_there("res.partner", "mobile")
        .field(FieldNeed::new(
            "res.partner",
            "x_referrer_id",
            FieldKind::Link("res.partner".into()),
            "Referrer",
        ))
        .uses("mail.activity", "note")
        .uses("mail.activity", "res_id");
    mapper_fn(needs, |record: &Record| -> Result<Mapped> {
        let key = record.key().clone();
        Ok(match key.entity().as_str() {
            "staff" => {
                let user = Lookup::new("res.users", "email", record.value("email").clone()).folded();
                Draft::matching(user.or(Missing::Fallback), key).into()
            }
            "patient" => {
                let mut draft = Draft::new("res.partner", key)
                    .with("name", record.value("name").clone())
                    .with("mobile", "0")
                    .with("user_id", Link::to("staff", record.text("doctor").unwrap_or_default()));
                if let Some(referrer) = record.text("referred_by") {
                    draft.set("x_referrer_id", Link::to("patient", referrer));
                }
                draft.into()
            }
            _ => Draft::new("mail.activity", key)
                .with("note", record.value("notes").clone())
                .with("res_id", Link::to("patient", record.text("patient").unwrap_or_default()))
                .into(),
        })
    })
}

fn crm() -> MemoryDestination {
    MemoryDestination::new()
        .model("res.users", [("email", FieldKind::Line), ("login", FieldKind::Line)])
        .model("res.partner", [("name", FieldKind::Line), ("user_id", FieldKind::Link("res.users".into()))])
        .model("mail.activity", [("note", FieldKind::Html), ("res_id", FieldKind::Integer)])
        .record("res.users", Fields::default().with("login", "admin").with("email", "rao@example.org"))
}

fn links_hold(crm: &MemoryDestination, patients: usize) {
    let partners = crm.rows("res.partner");
    assert_eq!(partners.len(), patients);
    assert_eq!(crm.rows("mail.activity").len(), 2 * patients);
    for partner in &partners {
        assert_eq!(partner.value("user_id"), &Value::Integer(1));
        assert!(partner.find("mobile").is_none());
        assert!(matches!(partner.value("x_referrer_id"), Value::Integer(_)));
    }
    for visit in crm.rows("mail.activity") {
        assert!(matches!(visit.value("res_id"), Value::Integer(_)));
    }
}

#[test]
fn a_migration_writes_everything_once_and_says_what_it_could_not() {
    block_on(async {
        let (clinic, mapper, crm, journal) = (clinic(25), mapper(), crm(), MemoryJournal::default());
        let migration = Migration::new(&clinic, &mapper, &crm, &journal).chunk(7);
        let refused = Mutex::new(Vec::<Refusal>::new());
        let note = |event: &Event<'_>| {
            if let Event::Refused(refusal) = event {
                refused.lock().unwrap().push((*refusal).clone());
            }
        };
        let first = migration.run_observed(&note).await.unwrap();
        assert_eq!((first.counts("patient").read, first.counts("patient").written), (25, 25));
        assert_eq!((first.counts("visit").written, first.counts("visit").refused), (50, 1));
        assert_eq!(first.counts("staff").unchanged, 1);
        assert_eq!(first.dropped.len(), 1);
        links_hold(&crm, 25);
        let refused = refused.into_inner().unwrap();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].origin, Some(Origin::new("visits.csv", 99)));
        assert!(refused[0].reason.contains("patient"), "{}", refused[0].reason);

        let written = crm.rows_written();
        let second = migration.run().await.unwrap();
        assert_eq!(crm.rows_written(), written, "a second run writes nothing");
        assert_eq!((second.counts("patient").unchanged, second.counts("visit").unchanged), (25, 50));
        assert_eq!(second.counts("visit").refused, 1);
    });
}

#[test]
fn whatever_goes_wrong_the_next_run_finishes_it() {
    block_on(async {
        for trouble in [Trouble::AnswerLost, Trouble::RequestLost, Trouble::Down] {
            for at in 0..20 {
                let (clinic, mapper, crm, journal) = (clinic(10), mapper(), crm(), MemoryJournal::default());
                let migration = Migration::new(&clinic, &mapper, &crm, &journal).chunk(4);
                crm.script((0..at).map(|_| Trouble::None).chain([trouble]));
                let mut runs = 0;
                while migration.run().await.is_err() {
                    runs += 1;
                    assert!(runs < 3, "{trouble:?} at {at} is not overcome");
                }
                links_hold(&crm, 10);
            }
        }
    });
}

#[test]
fn a_new_journal_finds_what_is_there_already() {
    block_on(async {
        let (clinic, mapper, crm) = (clinic(10), mapper(), crm());
        for _ in 0..2 {
            let journal = MemoryJournal::default();
            Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap();
            links_hold(&crm, 10);
        }
    });
}

#[test]
fn a_changed_record_is_updated_and_what_it_was_is_kept() {
    block_on(async {
        let source = || {
            MemorySource::new(SourceId::new("paper", "main").unwrap())
                .entity(Entity::new("patient").field("name", ValueKind::Text))
        };
        let (mapper, crm, journal) = (mapper_of_names(), crm(), MemoryJournal::default());
        let before = source().record(Record::new("patient", "P-1").with("name", "Asha Rao"));
        Migration::new(&before, &mapper, &crm, &journal).run().await.unwrap();
        let after = source().record(Record::new("patient", "P-1").with("name", "Asha Rao-Iyer"));
        let report = Migration::new(&after, &mapper, &crm, &journal).run().await.unwrap();
        assert_eq!(report.counts("patient").updated, 1);
        assert_eq!(crm.rows("res.partner")[0].value("name").as_text(), Some("Asha Rao-Iyer"));
        let kept: Vec<Entry> = journal.entries().try_collect().await.unwrap();
        let kept = kept.iter().filter_map(|entry| match entry {
            Entry::Receipt(receipt) => receipt.before.as_ref(),
            _ => None,
        });
        let kept: Vec<_> = kept.map(|fields| fields.value("name").as_text()).collect();
        assert_eq!(kept, [Some("Asha Rao")]);
    });
}

fn mapper_of_names() -> impl RecordMapper {
    mapper_fn(Needs::new().uses("res.partner", "name"), |record: &Record| {
        Ok(Draft::new("res.partner", record.key().clone()).with("name", record.value("name").clone()).into())
    })
}

#[test]
fn staff_without_a_user_stop_the_run_before_its_first_write() {
    block_on(async {
        let (clinic, mapper, journal) = (clinic(3), mapper(), MemoryJournal::default());
        let crm = MemoryDestination::new()
            .model("res.users", [("email", FieldKind::Line), ("login", FieldKind::Line)])
            .model(
                "res.partner",
                [("name", FieldKind::Line), ("user_id", FieldKind::Link("res.users".into()))],
            )
            .model("mail.activity", [("note", FieldKind::Html), ("res_id", FieldKind::Integer)])
            .record("res.users", Fields::default().with("login", "admin"));
        let migration = Migration::new(&clinic, &mapper, &crm, &journal);
        let error = migration.run().await.unwrap_err();
        assert!(error.to_string().contains("staff/rao"), "{error}");
        assert_eq!(crm.rows_written(), 0);
        assert!(crm.rows("res.partner").is_empty());

        let flags = Mutex::new(Vec::<Flag>::new());
        let note = |event: &Event<'_>| {
            if let Event::Flagged(flag) = event {
                flags.lock().unwrap().push((*flag).clone());
            }
        };
        migration.fallback(Lookup::new("res.users", "login", "admin")).run_observed(&note).await.unwrap();
        links_hold(&crm, 3);
        assert_eq!(flags.into_inner().unwrap()[0].kind, "fallback-used");
    });
}

#[test]
fn a_row_the_destination_refuses_is_told_with_its_place() {
    block_on(async {
        let clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
            .entity(Entity::new("patient").field("name", ValueKind::Text))
            .record(Record::new("patient", "P-1").at(Origin::new("p.csv", 2)).with("name", "Asha Rao"))
            .record(Record::new("patient", "P-2").at(Origin::new("p.csv", 3)).with("name", "Ravi Iyer"));
        let crm = crm().refusing(|row| row.key.record().id().as_ref() == "P-2");
        let (mapper, journal) = (mapper_of_names(), MemoryJournal::default());
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap();
        assert_eq!((report.counts("patient").written, report.counts("patient").refused), (1, 1));
        let refused = journal.entries().try_filter_map(|entry| async move {
            Ok(match entry {
                Entry::Refused(refused) => Some(refused.refusal.to_string()),
                _ => None,
            })
        });
        let refused: Vec<String> = refused.try_collect().await.unwrap();
        assert_eq!(refused, ["patient/P-2: the destination was told to refuse this row (p.csv line 3)"]);
        assert!(journal.doubts().next().await.is_none());
    });
}

#[test]
fn a_record_refused_once_is_not_sent_again_for_its_links() {
    block_on(async {
        let refuses = |row: &Row| row.key.record().id().as_ref() == "P-2";
        let (clinic, mapper, crm, journal) =
            (clinic(5), mapper(), crm().refusing(refuses), MemoryJournal::default());
        let told = Mutex::new(Vec::<String>::new());
        let note = |event: &Event<'_>| {
            if let Event::Refused(refusal) = event {
                told.lock().unwrap().push(refusal.to_string());
            }
        };
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run_observed(&note).await.unwrap();
        assert_eq!((report.counts("patient").written, report.counts("patient").refused), (4, 1));
        let told = told.into_inner().unwrap();
        let once = told.iter().filter(|refusal| refusal.starts_with("patient/P-2")).count();
        assert_eq!(once, 1, "{told:?}");
    });
}

#[test]
fn a_journal_of_another_migration_is_not_written_to() {
    block_on(async {
        let (clinic, mapper, journal) = (clinic(1), mapper(), MemoryJournal::default());
        Migration::new(&clinic, &mapper, &crm(), &journal).run().await.unwrap();
        let elsewhere = crm().named("elsewhere");
        let error = Migration::new(&clinic, &mapper, &elsewhere, &journal).run().await.unwrap_err();
        assert!(error.to_string().contains("memory"), "{error}");
        assert_eq!(elsewhere.rows_written(), 0);
    });
}

/// A mapping of chats, wholly as data.
const CHATS: &str = r#"
version = 1

[[draft]]
entity = "chat"
model = "ir.attachment"

[draft.fields]
res_model = { constant = "res.partner" }
datas = { file = { lines = [{ label = "With", value = "with" }, "text"] }, name = { template = "Chat {with}" }, required = true }
"#;

fn chats(texts: impl IntoIterator<Item = String>) -> MemorySource {
    let entity = Entity::new("chat").field("with", ValueKind::Text).field("text", ValueKind::Text);
    let clinic = MemorySource::new(SourceId::new("paper", "main").unwrap()).entity(entity);
    texts.into_iter().enumerate().fold(clinic, |clinic, (n, text)| {
        clinic.record(Record::new("chat", format!("C-{n}")).with("with", "Asha").with("text", text))
    })
}

fn drawer() -> MemoryDestination {
    MemoryDestination::new()
        .model("ir.attachment", [("res_model", FieldKind::Line), ("datas", FieldKind::Binary)])
}

#[test]
fn a_text_becomes_a_file_once_and_a_changed_one_is_an_update_that_no_journal_holds() {
    block_on(async {
        let mapper = MappingSpec::from_toml(CHATS).unwrap().compile().unwrap();
        let (crm, journal) = (drawer(), MemoryJournal::default());
        let run = async |text: &str| {
            let clinic = chats([text.to_owned(), "second".to_owned()]);
            Migration::new(&clinic, &mapper, &crm, &journal).run().await.unwrap()
        };
        assert_eq!(run("canary of the first").await.counts("chat").written, 2);
        assert_eq!(run("canary of the first").await.counts("chat").unchanged, 2);
        let changed = run("canary of another").await;
        assert_eq!((changed.counts("chat").updated, changed.counts("chat").unchanged), (1, 1));
        let files: Vec<_> = crm.rows("ir.attachment").iter().map(|row| row.value("datas").clone()).collect();
        let text = |text: &str| Value::from(FileHandle::text("Chat Asha.txt", format!("With: Asha\n{text}")));
        assert_eq!(files, [text("canary of another"), text("second")]);
        let entries: Vec<Entry> = journal.entries().try_collect().await.unwrap();
        let written = serde_json::to_string(&entries).unwrap();
        assert!(written.contains("Chat Asha.txt") && !written.contains("canary"), "{written}");
    });
}

#[test]
fn a_chunk_ends_where_its_texts_are_heavy() {
    block_on(async {
        let mapper = MappingSpec::from_toml(CHATS).unwrap().compile().unwrap();
        let (crm, journal) = (drawer(), MemoryJournal::default());
        // 40 MiB, in chunks of 16 MiB and what goes over it.
        let clinic = chats((0..40).map(|_| "x".repeat(1 << 20)));
        let chunks = Mutex::new(0);
        let count = |event: &Event<'_>| {
            if let Event::Progress { .. } = event {
                *chunks.lock().unwrap() += 1;
            }
        };
        let report = Migration::new(&clinic, &mapper, &crm, &journal).run_observed(&count).await.unwrap();
        assert_eq!((report.counts("chat").written, chunks.into_inner().unwrap()), (40, 3));
    });
}

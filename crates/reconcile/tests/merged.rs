//! Decisions obeyed: what is read where records are one, and what is not done behind anybody's back.
#![expect(clippy::unwrap_used, reason = "the helpers of tests")]

use futures::TryStreamExt as _;
use futures::executor::block_on;
use jiff::Timestamp;
use jiff::civil::date;
use mapping_core::conformance;
use mapping_core::destination::DestinationWriter as _;
use mapping_core::draft::{Draft, Link};
use mapping_core::error::Result;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::identity::SourceId;
use mapping_core::journal::{Entry, Journal as _, MigrationId};
use mapping_core::key::{Origin, RecordKey};
use mapping_core::mapper::{Mapped, RecordMapper, mapper_fn};
use mapping_core::memory::destination::MemoryDestination;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::record::Record;
use mapping_core::schema::{FieldKind, Needs};
use mapping_core::source::{Entity, Query, Reading, SourceReader};
use mapping_core::value::{Value, ValueKind};
use reconcile::duplicates::{Decisions, Merged};

fn patient() -> Entity {
    ["patient_id", "name", "mobile", "email"]
        .into_iter()
        .fold(Entity::new("patient"), |entity, field| entity.field(field, ValueKind::Text))
        .field("born", ValueKind::Date)
        .field("extra", ValueKind::Map)
        .link("referred_by", "patient")
}

/// Three records of Asha, one of Ravi, and visits of all of them.
fn clinic() -> MemorySource {
    let asha = |id: &str, line| {
        Record::new("patient", id).at(Origin::new("Patients.csv", line)).with("patient_id", id)
    };
    let mut second = asha("P-3", 4)
        .with("name", "RAO ASHA")
        .with("mobile", "98765 43212")
        .with("email", " ")
        .with("born", date(1984, 2, 29))
        .with("extra", map(&[("Village", "Wai"), ("Religion", "Jain")]));
    second.flag(Flag::new("two-phones", "several numbers").field("mobile"));
    MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(patient())
        .entity(
            Entity::new("visit")
                .link("patient_id", "patient")
                .field("patient_id_text", ValueKind::Text)
                .link("seen_with", "patient")
                .field("extra", ValueKind::Map),
        )
        .entity(Entity::new("call").link("patient", "patient"))
        .record(
            asha("P-1", 2)
                .with("name", "Asha Rao")
                .with("email", "rao@example.org")
                .with("referred_by", "P-3"),
        )
        .record(asha("P-2", 3).with("name", "Ravi Iyer").with("referred_by", "P-3"))
        .record(second)
        .record(
            asha("P-4", 5)
                .with("name", "Asha Rao")
                .with("mobile", "91234 56781")
                .with("extra", map(&[("Village", "Pune")])),
        )
        .refusal(Refusal::new("patient", "no name").key("P-5").at(Origin::new("Patients.csv", 6)))
        .record(Record::new("visit", "V-1").with("patient_id", "P-3").with("seen_with", "P-4"))
        .record(Record::new("visit", "V-2").with("patient_id", "P-4").with("patient_id_text", "4"))
        .record(Record::new("visit", "V-3").with("patient_id", "P-2"))
        .record(Record::new("call", "C-1").with("patient", "P-3"))
}

fn map(values: &[(&str, &str)]) -> Value {
    Value::Map(values.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect())
}

fn decided(text: &str) -> Decisions {
    Decisions::from_toml(text, "d.toml").unwrap()
}

/// The fourth goes for the third, and that for the first.
fn three() -> Decisions {
    decided("[[same]]\nstays = \"P-1\"\ngoes = [\"P-3\"]\n[[same]]\nstays = \"P-3\"\ngoes = [\"P-4\"]")
}

fn read(source: &impl SourceReader, entity: &str) -> Vec<Reading> {
    block_on(source.read(&Query::all(entity)).try_collect()).unwrap()
}

fn records(source: &impl SourceReader, entity: &str) -> Vec<Record> {
    let record = |reading| match reading {
        Reading::Record(record) => Some(record),
        _ => None,
    };
    read(source, entity).into_iter().filter_map(record).collect()
}

fn merged(decisions: &Decisions) -> Merged<MemorySource> {
    block_on(Merged::new(clinic(), decisions)).unwrap()
}

#[test]
fn it_keeps_the_contract_of_a_source() {
    for decisions in [Decisions::default(), three(), decided("[[same]]\nstays = \"P-9\"\ngoes = [\"P-3\"]")] {
        block_on(conformance::source(&merged(&decisions)));
    }
}

#[test]
fn the_one_that_stays_gets_what_it_lacks_and_keeps_what_differs() {
    let patients = records(&merged(&three()), "patient");
    let ids: Vec<&str> = patients.iter().map(|record| &**record.key().id()).collect();
    assert_eq!(ids, ["P-1", "P-2"]);
    let asha = &patients[0];
    assert_eq!(asha.text("name"), Some("Asha Rao"));
    assert_eq!(asha.text("email"), Some("rao@example.org"));
    assert_eq!(asha.text("mobile"), Some("98765 43212"));
    assert_eq!(asha.date("born"), Some(date(1984, 2, 29)));
    let kept = map(&[
        ("P-3: patient_id", "P-3"),
        ("P-3: name", "RAO ASHA"),
        ("Village", "Wai"),
        ("Religion", "Jain"),
        ("P-4: patient_id", "P-4"),
        ("P-4: mobile", "91234 56781"),
        ("P-4: Village", "Pune"),
        ("referred_by", "P-3"),
    ]);
    assert_eq!(asha.value("extra"), &kept);
    // It had referred to itself.
    assert!(asha.value("referred_by").is_blank());
    let flag = &asha.flags()[0];
    assert_eq!((&*flag.kind, flag.origin.clone()), ("two-phones", Some(Origin::new("Patients.csv", 4))));
}

#[test]
fn the_one_that_goes_is_a_flag_with_its_place() {
    let flags: Vec<Flag> = read(&merged(&three()), "patient")
        .into_iter()
        .filter_map(|reading| if let Reading::Flag(flag) = reading { Some(flag) } else { None })
        .collect();
    let told: Vec<_> =
        flags.iter().map(|flag| (&*flag.kind, flag.key.as_deref(), flag.origin.as_ref())).collect();
    let place = |line| Origin::new("Patients.csv", line);
    assert_eq!(told, [("merged", Some("P-3"), Some(&place(4))), ("merged", Some("P-4"), Some(&place(5)))]);
    assert!(flags.iter().all(|flag| flag.message.contains("patient/P-1")));
}

#[test]
fn links_lead_to_the_one_that_stays_and_the_written_id_is_kept() {
    let merged = merged(&three());
    let visits = records(&merged, "visit");
    let links: Vec<_> =
        visits.iter().map(|visit| (visit.text("patient_id"), visit.text("patient_id_text"))).collect();
    assert_eq!(links, [(Some("P-1"), Some("P-3")), (Some("P-1"), Some("4")), (Some("P-2"), None)]);
    assert_eq!(
        (visits[0].text("seen_with"), visits[0].value("extra")),
        (Some("P-1"), &map(&[("seen_with", "P-4")]))
    );
    let call = &records(&merged, "call")[0];
    assert_eq!((call.text("patient"), &*call.flags()[0].kind), (Some("P-1"), "merged-link"));
    let ravi = &records(&merged, "patient")[1];
    assert_eq!(
        (ravi.text("referred_by"), ravi.value("extra")),
        (Some("P-1"), &map(&[("referred_by", "P-3")]))
    );
}

#[test]
fn nobody_goes_for_nobody() {
    // P-5 is no record, and P-9 not there at all.
    for stays in ["P-5", "P-9"] {
        let merged = merged(&decided(&format!("[[same]]\nstays = {stays:?}\ngoes = [\"P-3\"]")));
        assert_eq!(records(&merged, "patient"), records(&clinic(), "patient"));
        assert_eq!(read(&merged, "visit"), read(&clinic(), "visit"));
        let Reading::Flag(flag) = &read(&merged, "patient")[0] else { panic!() };
        assert_eq!((&*flag.kind, flag.key.as_deref()), ("unknown-decision", Some(stays)));
    }
}

#[test]
fn what_differs_needs_a_place() {
    let source = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("patient").field("name", ValueKind::Text))
        .record(Record::new("patient", "P-1").with("name", "Asha Rao"))
        .record(Record::new("patient", "P-3").with("name", "A. Rao"));
    let error =
        block_on(Merged::new(source, &decided("[[same]]\nstays = \"P-1\"\ngoes = [\"P-3\"]"))).unwrap_err();
    assert!(error.to_string().contains("patient has no field extra"), "{error}");
}

#[test]
fn nothing_of_a_patient_is_shown() {
    let merged = merged(&three());
    for text in [format!("{merged:?}"), format!("{:?}", read(&merged, "patient"))] {
        for value in ["Asha", "RAO", "43212", "Wai", "1984"] {
            assert!(!text.contains(value), "{text}");
        }
    }
}

fn mapper() -> impl RecordMapper {
    let needs = Needs::new()
        .uses("res.partner", "name")
        .uses("res.partner", "mobile")
        .uses("mail.activity", "res_id");
    mapper_fn(needs, |record: &Record| -> Result<Mapped> {
        let key = record.key().clone();
        Ok(match key.entity().as_str() {
            "patient" => Draft::new("res.partner", key)
                .with("name", record.value("name").clone())
                .with("mobile", record.value("mobile").clone())
                .into(),
            "visit" => Draft::new("mail.activity", key)
                .with("res_id", Link::to("patient", record.text("patient_id").unwrap_or_default()))
                .into(),
            _ => Mapped::default(),
        })
    })
}

fn crm() -> MemoryDestination {
    MemoryDestination::new()
        .model("res.partner", [("name", FieldKind::Line), ("mobile", FieldKind::Line)])
        .model("mail.activity", [("res_id", FieldKind::Integer)])
}

/// Takes decisions in as a program does, and runs.
async fn run(newer: &Decisions, crm: &MemoryDestination, journal: &MemoryJournal) -> Result<()> {
    let source = clinic();
    use mapping_core::destination::DestinationReader as _;
    let id = MigrationId { source: source.source().clone(), destination: crm.address() };
    journal.bind(&id).await?;
    let known = Decisions::journaled(journal).await?;
    let merged = Merged::new(&source, &known.and(newer)?).await?;
    merged.unwritten(journal, crm).await?;
    journal.append(&known.news(newer, Timestamp::now())).await?;
    let mapper = mapper();
    Migration::new(&merged, &mapper, crm, journal).run().await.map(drop)
}

async fn entries(journal: &MemoryJournal) -> Vec<Entry> {
    journal.entries().try_collect().await.unwrap()
}

#[test]
fn decisions_are_obeyed_by_every_later_run_and_can_be_taken_back() {
    block_on(async {
        let (crm, journal, none) = (crm(), MemoryJournal::default(), Decisions::default());
        run(&three(), &crm, &journal).await.unwrap();
        assert_eq!(crm.rows("res.partner").len(), 2);
        let partner = |visit: usize| crm.rows("mail.activity")[visit].value("res_id").clone();
        assert_eq!(partner(0), partner(1));
        assert_ne!(partner(0), partner(2));
        let asha = partner(0);

        // Later runs are told nothing, and find no work; the beginning of the first one is still known to be its.
        run(&none, &crm, &journal).await.unwrap();
        assert_eq!(crm.rows("res.partner").len(), 2);
        let receipts = |all: &[Entry]| all.iter().filter(|entry| matches!(entry, Entry::Receipt(_))).count();
        assert_eq!(receipts(&entries(&journal).await), 5);
        let looked_for: Vec<usize> = entries(&journal)
            .await
            .iter()
            .filter_map(
                |entry| if let Entry::Started(start) = entry { Some(start.looked_for.len()) } else { None },
            )
            .collect();
        assert_eq!(looked_for, [0, 0]);

        run(&decided("[[undecided]]\nkeys = [\"P-1\", \"P-3\"]"), &crm, &journal).await.unwrap();
        assert_eq!(crm.rows("res.partner").len(), 3);
        assert_ne!(partner(0), asha);
        assert_eq!(partner(0), partner(1), "the fourth still goes for the third");
    });
}

#[test]
fn what_was_written_already_is_not_joined_behind_anybodys_back() {
    block_on(async {
        let (crm, journal) = (crm(), MemoryJournal::default());
        run(&Decisions::default(), &crm, &journal).await.unwrap();
        assert_eq!(crm.rows("res.partner").len(), 4);
        let before = entries(&journal).await;
        let error = run(&three(), &crm, &journal).await.unwrap_err().to_string();
        assert!(error.starts_with("nothing was written: "), "{error}");
        assert!(error.contains("patient/P-3 for patient/P-1, patient/P-4 for patient/P-1"), "{error}");
        assert_eq!(entries(&journal).await, before);
        assert_eq!(crm.rows("res.partner").len(), 4);

        // Undone at the destination, they may go.
        let key = |id: &str| RecordKey::new("patient", id);
        let receipts: Vec<_> = before
            .iter()
            .filter_map(|entry| match entry {
                Entry::Receipt(receipt) if [key("P-3"), key("P-4")].contains(receipt.key.record()) => {
                    Some(receipt.clone())
                }
                _ => None,
            })
            .collect();
        crm.revert(&receipts).await.into_iter().collect::<Result<Vec<()>>>().unwrap();
        run(&three(), &crm, &journal).await.unwrap();
        assert_eq!(crm.rows("res.partner").len(), 2);
    });
}

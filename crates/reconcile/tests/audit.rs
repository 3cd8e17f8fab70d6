//! The audit, over records given by hand.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use futures::executor::block_on;
use mapping_core::draft::{Draft, Link, Missing};
use mapping_core::error::Error;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::identity::SourceId;
use mapping_core::key::Origin;
use mapping_core::mapper::{Mapped, RecordMapper, mapper_fn};
use mapping_core::memory::source::MemorySource;
use mapping_core::record::Record;
use mapping_core::schema::Needs;
use mapping_core::source::Entity;
use mapping_core::value::{Value, ValueKind};
use reconcile::audit::Audit;
use reconcile::audit::report::{AuditReport, Finding, Severity, Table};

#[test]
fn a_sound_source_has_nothing_to_clean() {
    let clinic = clinic()
        .record(patient("P-1", 2).with("email", "asha@example.org"))
        .record(visit("V-1", 2).with("patient", "P-1"));
    let report = audited(&Audit::new(&clinic));
    assert_eq!(report.findings, []);
    assert_eq!((report.records(), report.refused()), (2, 0));
    let text = report.to_string();
    assert!(text.ends_with("0 notes: nothing to clean (nothing written)"), "{text}");
}

#[test]
fn fields_are_counted_as_filled_only_where_they_say_something() {
    let clinic = clinic()
        .record(patient("P-1", 2).with("email", "asha@example.org").with("name", "Asha Rao"))
        .record(patient("P-2", 3).with("email", "  ").with("extra", Value::Map([].into())))
        .record(patient("P-3", 4))
        .refusal(Refusal::new("patient", "no id"));
    let report = audited(&Audit::new(&clinic).wanted("name"));
    let patients = report.entities.iter().find(|entity| entity.entity.as_str() == "patient").unwrap();
    assert_eq!((patients.records, patients.refused), (4, 1));
    let filled: Vec<_> =
        patients.fields.iter().map(|field| (field.field.as_str(), field.filled, field.of)).collect();
    assert_eq!(filled, [("name", 1, 3), ("email", 1, 3), ("extra", 0, 3), ("referred_by", 0, 3)]);
    assert_eq!(
        found(&report, "missing-email"),
        [(Severity::Note, vec!["Patients.csv line 3".to_owned(), "Patients.csv line 4".to_owned()])]
    );
    assert_eq!(report.of_kind("missing-name").map(|finding| finding.count).sum::<u64>(), 2);
}

#[test]
fn links_are_checked_whatever_the_order_of_entities_and_records() {
    // Visits are listed first, and patients refer to patients further down.
    let clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("visit").link("patient", "patient"))
        .entity(Entity::new("patient").link("referred_by", "patient"))
        .record(visit("V-1", 2).with("patient", "P-2"))
        .record(visit("V-2", 3).with("patient", "P-9"))
        .record(visit("V-3", 4).with("patient", "P-3"))
        .record(patient("P-1", 2).with("referred_by", "P-2"))
        .record(patient("P-2", 3).with("referred_by", "P-7"))
        .refusal(Refusal::new("patient", "no name").key("P-3").at(Origin::new("Patients.csv", 4)));
    let report = audited(&Audit::new(&clinic));
    let entities: Vec<_> = report.entities.iter().map(|entity| entity.entity.as_str()).collect();
    assert_eq!(entities, ["patient", "visit"]);
    let orphans = [
        (Severity::Look, vec!["Patients.csv line 3".to_owned()]),
        (Severity::Look, vec!["Visits.csv line 3".to_owned()]),
    ];
    assert_eq!(found(&report, "orphan"), orphans);
    assert_eq!(found(&report, "refused-link"), [(Severity::Look, vec!["Visits.csv line 4".to_owned()])]);
    assert_eq!(report.refused(), 1, "without a mapping nobody says that a visit needs its patient");
}

#[test]
fn entities_in_a_circle_are_read_and_their_links_checked() {
    let clinic = MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(Entity::new("visit").link("bill", "bill"))
        .entity(Entity::new("bill").link("visit", "visit"))
        .record(visit("V-1", 2).with("bill", "B-1"))
        .record(visit("V-2", 3).with("bill", "B-8"))
        .record(Record::new("bill", "B-1").with("visit", "V-1"))
        .record(Record::new("bill", "B-2").with("visit", "V-9"));
    let report = audited(&Audit::new(&clinic));
    let orphans = [
        (Severity::Look, vec!["record B-2".to_owned()]),
        (Severity::Look, vec!["Visits.csv line 3".to_owned()]),
    ];
    assert_eq!(found(&report, "orphan"), orphans);
}

#[test]
fn what_a_mapping_refuses_takes_along_what_needs_it() {
    let clinic = clinic()
        .record(patient("P-1", 2).with("email", "a@example.org").with("name", "Asha Rao"))
        .record(patient("P-2", 3).with("email", "b@example.org"))
        .record(patient("P-3", 4).with("email", "c@example.org").with("name", "skip"))
        .record(visit("V-1", 2).with("patient", "P-1"))
        .record(visit("V-2", 3).with("patient", "P-2"))
        .record(visit("V-3", 4).with("patient", "P-3"))
        .record(visit("V-4", 5).with("patient", "P-9"));
    for (missing, severity) in [(Missing::Refuse, Severity::Refused), (Missing::Leave, Severity::Look)] {
        let mapper = mapper(missing);
        let report = audited(&Audit::new(&clinic).mapper(&mapper));
        let at = |line: u64| vec![format!("Visits.csv line {line}")];
        assert_eq!(
            found(&report, "refused-by-mapping"),
            [(Severity::Refused, vec!["Patients.csv line 3".into()])]
        );
        assert_eq!(found(&report, "refused-link"), [(severity, at(3))]);
        assert_eq!(found(&report, "orphan"), [(severity, at(5))]);
        let needed = severity == Severity::Refused;
        assert_eq!(found(&report, "not-mapped-link").len(), usize::from(needed));
        assert_eq!(report.refused(), if needed { 4 } else { 1 });
        assert_eq!(found(&report, "unknown-choice"), [(Severity::Look, vec!["Patients.csv line 2".into()])]);
    }
}

#[test]
fn a_mapping_that_does_not_fit_the_source_is_an_error() {
    #[derive(Debug)]
    struct Unfit(Needs);
    impl RecordMapper for Unfit {
        fn needs(&self) -> &Needs {
            &self.0
        }
        fn check(&self, _: &[Entity]) -> mapping_core::error::Result<()> {
            Err(Error::config("there is no such field"))
        }
        fn map(&self, _: &Record) -> mapping_core::error::Result<Mapped> {
            Ok(Mapped::default())
        }
    }
    let unfit = Unfit(Needs::new());
    let clinic = clinic();
    let error = block_on(Audit::new(&clinic).mapper(&unfit).run()).unwrap_err();
    assert_eq!(error.message(), "there is no such field");
}

#[test]
fn flags_are_counted_and_the_first_places_told_and_notes_come_last() {
    let mut clinic = clinic()
        .flag(Flag::new("blank-row", "skipped").about("patient").at(Origin::new("Patients.csv", 9)))
        .flag(Flag::new("no-file", "the export has no Visits.csv").about("visit"));
    for number in 0..30 {
        let mut odd = patient(&format!("P-{number}"), number + 10).with("email", "a@example.org");
        odd.flag(Flag::new("unreadable-date", "no day").field("date_of_birth"));
        clinic = clinic.record(odd);
    }
    let report = audited(&Audit::new(&clinic).places(2).note("blank-row"));
    let told: Vec<_> =
        report.findings.iter().map(|finding| (&*finding.kind, finding.count, finding.places.len())).collect();
    assert_eq!(told, [("unreadable-date", 30, 2), ("no-file", 1, 0), ("blank-row", 1, 1)]);
    assert_eq!(report.findings[2].severity, Severity::Note);
    let text = report.to_string();
    assert!(text.contains("LOOK         30  patient.date_of_birth  unreadable-date"), "{text}");
    assert!(text.contains("Patients.csv line 10, 11 and 28 more"), "{text}");
    assert!(text.contains("31 findings to look at, 1 notes: all would arrive"), "{text}");
}

#[test]
fn no_value_is_in_text_json_or_debug() {
    let clinic = clinic()
        .record(patient("CANARY-1", 2).with("name", "Canary Rao").with("referred_by", "CANARY-9"))
        .record(visit("CANARY-2", 2).with("patient", "CANARY-8"))
        .refusal(Refusal::new("visit", "no date").key("CANARY-3").at(Origin::new("Visits.csv", 3)));
    let mapper = mapper(Missing::Refuse);
    let mut report = audited(&Audit::new(&clinic).mapper(&mapper));
    report.tables.push(Table::new("files", ["file"]).row(["Patients.csv"]));
    for text in [report.to_string(), serde_json::to_string(&report).unwrap(), format!("{report:?}")] {
        assert!(!text.to_lowercase().contains("canary"), "{text}");
        assert!(text.contains("orphan") && text.contains("files"), "{text}");
    }
    assert_eq!(report.refused(), 2);
}

fn clinic() -> MemorySource {
    MemorySource::new(SourceId::new("paper", "main").unwrap())
        .entity(
            Entity::new("patient")
                .field("name", ValueKind::Text)
                .field("email", ValueKind::Text)
                .field("extra", ValueKind::Map)
                .link("referred_by", "patient"),
        )
        .entity(Entity::new("visit").link("patient", "patient"))
}

fn patient(id: &str, line: u64) -> Record {
    Record::new("patient", id).at(Origin::new("Patients.csv", line))
}

fn visit(id: &str, line: u64) -> Record {
    Record::new("visit", id).at(Origin::new("Visits.csv", line))
}

/// Needs a name, flags one, and makes nothing of who is called `skip`.
fn mapper(missing: Missing) -> impl RecordMapper {
    mapper_fn(
        Needs::new().uses("res.partner", "name").uses("mail.activity", "res_id"),
        move |record: &Record| {
            if record.key().entity().as_str() == "visit" {
                let link = Link::to("patient", record.text("patient").unwrap_or_default()).or(missing);
                return Ok(Draft::new("mail.activity", record.key().clone()).with("res_id", link).into());
            }
            let Some(name) = record.text("name") else {
                return Err(Error::invalid("a name is needed").at("field", "name"));
            };
            if name == "skip" {
                return Ok(Mapped::default());
            }
            let mut mapped = Mapped::from(Draft::new("res.partner", record.key().clone()).with("name", name));
            mapped.flags.push(Flag::new("unknown-choice", "not in the list").field("name"));
            Ok(mapped)
        },
    )
}

fn audited(audit: &Audit<'_>) -> AuditReport {
    block_on(audit.run()).unwrap()
}

/// The findings of a kind: how bad, and where.
fn found(report: &AuditReport, kind: &str) -> Vec<(Severity, Vec<String>)> {
    let places = |finding: &Finding| finding.places.iter().map(ToString::to_string).collect();
    report.of_kind(kind).map(|finding| (finding.severity, places(finding))).collect()
}

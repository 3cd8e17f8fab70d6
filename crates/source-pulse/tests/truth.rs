//! Made-up clinics read, against the truth about them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

mod reading;

use std::collections::{BTreeMap, BTreeSet};

use mapping_core::finding::Flag;
use mapping_core::key::Origin;
use reading::{FILE_NOTES, Read, made};
use source_pulse::fixtures::{
    self, Clinic, Defect, Delimiter, Dialect, Encoding, Expectation, LineEnd, NameColumns, Shape, Truth,
};

#[test]
fn a_clean_clinic_is_read_whole_whatever_its_dialect() {
    for dialect in dialects() {
        for (ids, names) in [(true, NameColumns::Whole), (false, NameColumns::Split)] {
            let clinic = Clinic::new(120)
                .everything()
                .dialect(dialect.clone())
                .shape(Shape::new().appointment_ids(ids).names(names));
            let (_dir, truth, all) = made(&clinic);
            for (entity, counts) in &truth.entities {
                let read = &all[entity.as_ref()];
                assert_eq!(read.records.len() as u64, counts.rows, "{entity} in {dialect:?}");
                assert_eq!(read.refusals, [], "{entity} in {dialect:?}");
            }
            let skipped: BTreeSet<(&str, u64)> = planted(&truth, Expectation::Skipped);
            for flag in all.values().flat_map(|read| &read.flags) {
                let place = flag.origin.as_ref().map(|origin| (origin.file.as_ref(), origin.line));
                let told = FILE_NOTES.contains(&flag.kind.as_ref())
                    || place.is_some_and(|place| skipped.contains(&place));
                assert!(told, "{flag:?} in {dialect:?}");
            }
            every_link_leads_somewhere(&all);
            let usual = ["scheduled", "completed", "cancelled", "no-show", "rescheduled", "waitlisted"];
            for status in &all["appointment-status"].records {
                assert!(usual.contains(&&**status.key().id()), "{:?} in {dialect:?}", status.key());
            }
        }
    }
}

#[test]
fn the_same_clinic_reads_the_same_in_every_dialect_of_one_alphabet() {
    let read = |dialect: Dialect| {
        let (_dir, _, all) = made(&Clinic::new(60).everything().dialect(dialect));
        let records = all.into_values().flat_map(|read| read.records);
        records.map(|record| (record.key().clone(), record.fields().clone())).collect::<Vec<_>>()
    };
    let plain = read(Dialect::new());
    for dialect in [
        Dialect::new().encoding(Encoding::Utf8Bom).delimiter(Delimiter::Semicolon),
        Dialect::new().encoding(Encoding::Utf16Le).delimiter(Delimiter::Tab).line_end(LineEnd::CrLf),
        Dialect::new().apostrophes(true).preamble_lines(3),
        Dialect::new().dates(fixtures::DateOrder::MonthFirst),
        Dialect::new().dates(fixtures::DateOrder::Iso),
        Dialect::new().line_end(LineEnd::Cr),
    ] {
        assert!(read(dialect.clone()) == plain, "{dialect:?}");
    }
}

#[test]
fn every_planted_defect_is_found_where_it_was_planted() {
    for dialect in dialects() {
        for seed in 1..4 {
            let clinic = Clinic::new(160)
                .everything()
                .campaign_touches(200)
                .dirt(0.3)
                .seed(seed)
                .dialect(dialect.clone());
            let clinic = clinic.all_kinds(seed > 1);
            let clinic = if seed == 2 { clinic.shape(Shape::new().appointment_ids(false)) } else { clinic };
            let (_dir, truth, all) = made(&clinic);
            let context = format!("seed {seed} in {dialect:?}");

            for planted in &truth.defects {
                let read = &all[planted.entity.as_ref()];
                let here = |origin: Option<&Origin>| {
                    origin == Some(&Origin::new(planted.file.as_ref(), planted.line))
                };
                let refused = read.refusals.iter().any(|refusal| here(refusal.origin.as_ref()));
                let record = read.records.iter().find(|record| here(record.origin()));
                let flagged =
                    read.flags.iter().any(|flag| here(flag.origin.as_ref()) && fits(planted.kind, flag));
                let found = match planted.kind {
                    // The link of the record leads nowhere, which the pipeline refuses.
                    Defect::OrphanAppointment | Defect::PatientRefused => record.is_some_and(|record| {
                        let patient = record.text("patient_id").unwrap();
                        all["patient"].records.iter().all(|other| &**other.key().id() != patient)
                    }),
                    // What is in the mapping's list, the reader does not know.
                    Defect::UnknownType => record.is_some_and(|record| record.flags().is_empty()),
                    kind if kind.expect() == Expectation::Refused => refused && record.is_none(),
                    kind if kind.expect() == Expectation::Flagged => flagged && record.is_some(),
                    _ => flagged && record.is_none() && !refused,
                };
                assert!(found, "{planted:?}, {context}");
            }

            // And nothing else is found.
            let lines: BTreeSet<(&str, u64)> =
                truth.defects.iter().map(|planted| (planted.file.as_ref(), planted.line)).collect();
            let known = |origin: &Option<Origin>| {
                origin.as_ref().is_some_and(|origin| lines.contains(&(origin.file.as_ref(), origin.line)))
            };
            for (entity, read) in &all {
                for refusal in &read.refusals {
                    assert!(known(&refusal.origin), "{refusal}, {context}");
                }
                for flag in &read.flags {
                    assert!(
                        known(&flag.origin) || FILE_NOTES.contains(&flag.kind.as_ref()),
                        "{flag:?}, {context}"
                    );
                }
                if let Some(counts) = truth.entities.get(*entity) {
                    let strangers = read.flags.iter().filter(|flag| flag.kind == "unknown-staff").count();
                    let yielded = read.records.len() - strangers + read.refusals.len();
                    assert_eq!(yielded as u64, counts.rows, "{entity}, {context}");
                }
            }
        }
    }
}

fn dialects() -> Vec<Dialect> {
    let new = Dialect::new;
    vec![
        new().totals_row(true).repeated_header(true),
        new().encoding(Encoding::Utf8Bom).delimiter(Delimiter::Semicolon).preamble_lines(2).totals_row(true),
        new().encoding(Encoding::Utf16Le).delimiter(Delimiter::Tab).line_end(LineEnd::CrLf),
        new().encoding(Encoding::Windows1252).line_end(LineEnd::CrLf).dates(fixtures::DateOrder::MonthFirst),
        new().apostrophes(true).preamble_lines(1).repeated_header(true).totals_row(true),
        new().apostrophes(true).delimiter(Delimiter::Tab).dates(fixtures::DateOrder::Iso),
        new().line_end(LineEnd::Cr).totals_row(true),
    ]
}

/// Whether a flag speaks of that defect.
fn fits(kind: Defect, flag: &Flag) -> bool {
    let kinds: &[&str] = match kind {
        Defect::UnknownBloodGroup => &["unknown-blood-group"],
        Defect::UnreadableBirthDate => &["unreadable-date"],
        Defect::PlaceholderBirthDate => &["placeholder-date"],
        Defect::ExponentPhone => &["damaged-number"],
        Defect::DecimalPhone => &["repaired-number"],
        Defect::TwoPhones => &["two-phones"],
        Defect::MalformedEmail => &["malformed-email"],
        Defect::UnknownDoctor => &["unknown-doctor"],
        Defect::LongRow => &["long-row"],
        Defect::StrayQuote => &["stray-quote"],
        Defect::ControlCharacter => &["control-character"],
        Defect::FormulaText => &["formula-text"],
        Defect::PlaceholderText => &["placeholder-text"],
        Defect::LostZeros => &["id-normalised"],
        Defect::BlankRow => &["blank-row"],
        Defect::RepeatedHeader => &["repeated-header"],
        Defect::TotalsRow => &["totals-row"],
        Defect::PreambleLine => &["preamble-line"],
        Defect::UnreadableTime => &["unreadable-time"],
        Defect::UnreadableDuration => &["unreadable-duration"],
        Defect::TwoTimes => &["two-times"],
        Defect::RepeatedAppointment => &["repeated-appointment"],
        Defect::UnreadableOtherDate | Defect::SwappedBirthDate => &["unreadable-date"],
        Defect::ZeroDate => &["placeholder-date"],
        Defect::SpreadsheetDate => &["spreadsheet-date"],
        Defect::ShortYear => &["short-year"],
        Defect::TwoEmails => &["malformed-email"],
        Defect::ShortPhone => &["short-number"],
        Defect::LostCharacter => &["undecodable-text"],
        Defect::MissingFile => &["missing-file"],
        Defect::EmptyFile => &["empty-file"],
        Defect::OutsideFile => &["file-outside"],
        _ => &[],
    };
    kinds.contains(&flag.kind.as_ref())
}

fn planted(truth: &Truth, expect: Expectation) -> BTreeSet<(&str, u64)> {
    let planted = truth.defects.iter().filter(|planted| planted.expect == expect);
    planted.map(|planted| (planted.file.as_ref(), planted.line)).collect()
}

fn every_link_leads_somewhere(all: &BTreeMap<&'static str, Read>) {
    let ids = |entity: &str| -> BTreeSet<&str> {
        all[entity].records.iter().map(|record| &**record.key().id()).collect()
    };
    for (entity, field, to) in [
        ("patient", "doctor", "staff"),
        ("appointment", "doctor", "staff"),
        ("appointment", "patient_id", "patient"),
        ("appointment", "status_id", "appointment-status"),
        ("campaign-touch", "patient_id", "patient"),
        ("prescription", "patient_id", "patient"),
        ("prescription", "doctor", "staff"),
        ("clinical-note", "patient_id", "patient"),
        ("clinical-note", "doctor", "staff"),
        ("bill", "patient_id", "patient"),
        ("chat", "patient_id", "patient"),
    ] {
        let known = ids(to);
        for record in &all[entity].records {
            assert!(
                record.text(field).is_none_or(|id| known.contains(id)),
                "{field} of {:?}",
                record.origin()
            );
        }
    }
}

//! The way through a source: every entity after those it refers to, then the links that could not be checked yet.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt;
use mapping_core::draft::{Draft, DraftValue, Missing};
use mapping_core::error::Result;
use mapping_core::finding::{Flag, Refusal};
use mapping_core::key::{Origin, RecordKey};
use mapping_core::name::{EntityName, FieldName};
use mapping_core::record::Record;
use mapping_core::source::{Entity, Query, Reading, in_order};

use crate::audit::Audit;
use crate::audit::collect::{Findings, Found};
use crate::audit::complete::Counted;
use crate::audit::ids::{Fate, Ids};
use crate::audit::report::{AuditReport, Severity};

/// An audit under way.
pub(super) struct Walk<'a> {
    audit: &'a Audit<'a>,
    ids: Ids,
    findings: Findings,
    /// The entities that were read to the end.
    done: BTreeSet<EntityName>,
}

/// What became of a record where links are concerned.
#[derive(Default)]
struct Links {
    refused: bool,
    /// The targets that were told of.
    told: Vec<RecordKey>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(audit: &'a Audit<'a>) -> Self {
        Self {
            audit,
            ids: Ids::of(audit.source.entities()),
            findings: Findings::new(audit.places),
            done: BTreeSet::new(),
        }
    }

    pub(super) async fn complete(mut self) -> Result<AuditReport> {
        let mut entities = Vec::new();
        let mut late = Vec::new();
        let (ordered, circle) = in_order(self.audit.source.entities());
        for entity in ordered.into_iter().chain(circle) {
            let mut counted = Counted::new(entity);
            let mut readings = self.audit.source.read(&Query::all(entity.name().clone()));
            while let Some(reading) = readings.next().await {
                self.reading(reading?, entity, &mut counted);
            }
            let known = |to: &&EntityName| self.audit.source.entities().iter().any(|one| one.name() == *to);
            if entity.links().map(|(_, to)| to).filter(known).any(|to| !self.done.contains(to)) {
                late.push((entity, self.done.clone()));
            }
            self.done.insert(entity.name().clone());
            entities.push(counted.finish());
        }
        for (entity, before) in late {
            self.late_links(entity, &before).await?;
        }
        Ok(AuditReport { entities, findings: self.findings.finish(), tables: Vec::new() })
    }

    fn reading(&mut self, reading: Reading, entity: &Entity, counted: &mut Counted<'_>) {
        match reading {
            Reading::Record(record) => self.record(record, entity, counted),
            Reading::Refused(refusal) => {
                counted.refused_unread += 1;
                if let Some(id) = &refusal.key {
                    self.ids.insert(refusal.entity.as_str(), id, Fate::Refused);
                }
                self.refusal(&refusal);
            }
            Reading::Flag(flag) => self.flag(flag, entity.name(), None, None),
        }
    }

    fn record(&mut self, mut record: Record, entity: &Entity, counted: &mut Counted<'_>) {
        counted.add(&record);
        for flag in record.take_flags() {
            self.flag(flag, entity.name(), Some(record.key().id()), record.origin());
        }
        for field in entity.fields() {
            if self.audit.wanted.contains(&field.name) && record.value(field.name.as_str()).is_blank() {
                let message = format!("no {}; ask for it where it is needed, or leave it so", field.name);
                let kind = format!("missing-{}", field.name).into();
                self.of_record(&record, Severity::Note, kind, Some(field.name.clone()), &message);
            }
        }
        let fate = self.fate(&record, entity);
        counted.refused += u64::from(fate == Fate::Refused);
        self.ids.insert(entity.name().as_str(), record.key().id(), fate);
    }

    /// What would become of a record, as far as can be told without a destination.
    fn fate(&mut self, record: &Record, entity: &Entity) -> Fate {
        let Some(mapper) = self.audit.mapper else {
            self.links(record, entity, &[]);
            return Fate::Arrives;
        };
        match mapper.map(record) {
            Ok(mapped) => {
                for flag in mapped.flags {
                    self.flag(flag, entity.name(), Some(record.key().id()), record.origin());
                }
                match (self.links(record, entity, &mapped.drafts).refused, mapped.drafts.is_empty()) {
                    (true, _) => Fate::Refused,
                    (false, true) => Fate::Unmapped,
                    (false, false) => Fate::Arrives,
                }
            }
            Err(error) => {
                // Without its places: one may be the record's id.
                let field = error.place("field").map(FieldName::from);
                let kind = "refused-by-mapping".into();
                self.of_record(record, Severity::Refused, kind, field, error.message());
                Fate::Refused
            }
        }
    }

    /// Checks the links that a record declares and those that its drafts hold, as far as they lead to entities read before.
    fn links(&mut self, record: &Record, entity: &Entity, drafts: &[Draft]) -> Links {
        let mut links = Links::default();
        let needed = needed(drafts, entity.name());
        for (field, to) in entity.links() {
            if !self.done.contains(to) {
                continue;
            }
            let Some(id) = record.text(field.as_str()) else { continue };
            let target = RecordKey::new(to.clone(), id);
            if matches!(self.ids.fate(&target), None | Some(Fate::Refused)) {
                let refused = needed.iter().any(|(_, needed)| **needed == target);
                self.bad_link(record, field, &target, refused);
                links.refused |= refused;
                links.told.push(target);
            }
        }
        for (field, target) in needed {
            let bad = self.done.contains(target.entity()) && self.ids.fate(target) != Some(Fate::Arrives);
            if bad && !links.told.contains(target) {
                self.bad_link(record, field, target, true);
                links.refused = true;
                links.told.push(target.clone());
            }
        }
        links
    }

    fn bad_link(&mut self, record: &Record, field: &FieldName, target: &RecordKey, refused: bool) {
        let to = target.entity();
        let (kind, message) = match self.ids.fate(target) {
            None => (
                "orphan",
                format!("the {to} it names is nowhere in the source; mend the id, or add the {to}"),
            ),
            Some(Fate::Refused) => {
                ("refused-link", format!("the {to} it names would be refused itself; mend the {to} first"))
            }
            Some(_) => (
                "not-mapped-link",
                format!("the mapping makes nothing of the {to} it names; change the mapping"),
            ),
        };
        let severity = if refused { Severity::Refused } else { Severity::Look };
        self.of_record(record, severity, kind.into(), Some(field.clone()), &message);
    }

    /// Reads an entity once more, for its links to itself and to entities read after it. A run sets them in a second pass and
    /// refuses no record for them.
    async fn late_links(&mut self, entity: &Entity, before: &BTreeSet<EntityName>) -> Result<()> {
        let mut readings = self.audit.source.read(&Query::all(entity.name().clone()));
        while let Some(reading) = readings.next().await {
            let Reading::Record(record) = reading? else { continue };
            for (field, to) in entity.links().filter(|(_, to)| !before.contains(*to)) {
                let Some(id) = record.text(field.as_str()) else { continue };
                let target = RecordKey::new(to.clone(), id);
                if matches!(self.ids.fate(&target), None | Some(Fate::Refused)) {
                    self.bad_link(&record, field, &target, false);
                }
            }
        }
        Ok(())
    }

    fn of_record(
        &mut self,
        record: &Record,
        severity: Severity,
        kind: Cow<'static, str>,
        field: Option<FieldName>,
        message: &str,
    ) {
        let (entity, key) = (record.key().entity(), Some(record.key().id()));
        self.findings.add(Found { severity, kind, entity, field, message, origin: record.origin(), key });
    }

    fn refusal(&mut self, refusal: &Refusal) {
        self.findings.add(Found {
            severity: Severity::Refused,
            kind: "refused".into(),
            entity: &refusal.entity,
            field: refusal.field.clone(),
            message: &refusal.reason,
            origin: refusal.origin.as_ref(),
            key: refusal.key.as_ref(),
        });
    }

    fn flag(&mut self, flag: Flag, entity: &EntityName, key: Option<&Arc<str>>, origin: Option<&Origin>) {
        let note = self.audit.notes.contains(&flag.kind);
        self.findings.add(Found {
            severity: if note { Severity::Note } else { Severity::Look },
            kind: flag.kind,
            entity: flag.entity.as_ref().unwrap_or(entity),
            field: flag.field,
            message: &flag.message,
            origin: flag.origin.as_ref().or(origin),
            key: flag.key.as_ref().or(key),
        });
    }
}

/// The links of drafts for which a record is refused where they lead nowhere, with their fields.
fn needed<'d>(drafts: &'d [Draft], own: &EntityName) -> Vec<(&'d FieldName, &'d RecordKey)> {
    let mut needed = Vec::new();
    for (field, value) in drafts.iter().flat_map(Draft::fields) {
        value.visit(&mut |value| {
            if let DraftValue::Link(link) = value
                && matches!(link.missing, Missing::Refuse | Missing::Make)
                && link.target.record().entity() != own
            {
                needed.push((field, link.target.record()));
            }
        });
    }
    needed
}

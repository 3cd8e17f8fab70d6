//! Findings on their way to a report: counted, and the first places of each kept.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use mapping_core::key::Origin;
use mapping_core::name::{EntityName, FieldName};

use crate::audit::report::{Finding, Place, Severity};

/// More kinds of findings than this are not told apart: a source with a reason of its own for each record must not fill memory.
const MOST: usize = 2_000;

/// One thing that was found.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) severity: Severity,
    pub(super) kind: Cow<'static, str>,
    pub(super) entity: &'a EntityName,
    pub(super) field: Option<FieldName>,
    pub(super) message: &'a str,
    pub(super) origin: Option<&'a Origin>,
    pub(super) key: Option<&'a Arc<str>>,
}

/// All that was found so far.
#[derive(Debug)]
pub(super) struct Findings {
    places: usize,
    all: HashMap<Kind, Gathered>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    severity: Severity,
    kind: Cow<'static, str>,
    entity: EntityName,
    field: Option<FieldName>,
    /// Without its numbers: two refusals that name different lines are of one kind.
    sense: String,
}

#[derive(Debug)]
struct Gathered {
    message: String,
    alike: bool,
    count: u64,
    places: Vec<Place>,
}

impl Findings {
    pub(super) fn new(places: usize) -> Self {
        Self { places, all: HashMap::new() }
    }

    pub(super) fn add(&mut self, found: Found<'_>) {
        let Found { severity, kind, entity, field, message, origin, key } = found;
        let mut kind =
            Kind { severity, kind, entity: entity.clone(), field, sense: without_numbers(message) };
        let mut message = message;
        if self.all.len() >= MOST && !self.all.contains_key(&kind) {
            message = "further kinds, which are not told apart; mend the others first";
            kind.kind = "other".into();
            kind.field = None;
            kind.sense.clear();
        }
        let gathered = self.all.entry(kind).or_insert_with(|| Gathered {
            message: message.to_owned(),
            alike: true,
            count: 0,
            places: Vec::new(),
        });
        gathered.count += 1;
        gathered.alike &= gathered.message == message;
        if gathered.places.len() < self.places {
            gathered.places.extend(place(origin, key));
        }
    }

    /// The worst first, then what was found most often.
    pub(super) fn finish(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.all.into_iter().map(told).collect();
        findings.sort_by(|one, other| {
            let rank = |finding: &Finding| (Reverse(finding.severity), Reverse(finding.count));
            let name = |finding: &Finding| {
                (finding.entity.clone(), finding.field.clone(), finding.kind.clone(), finding.message.clone())
            };
            rank(one).cmp(&rank(other)).then_with(|| name(one).cmp(&name(other)))
        });
        findings
    }
}

fn told((kind, gathered): (Kind, Gathered)) -> Finding {
    let Kind { severity, kind, entity, field, sense } = kind;
    let Gathered { message, alike, count, places } = gathered;
    let message = if alike || sense.is_empty() { message } else { sense };
    Finding { severity, kind, entity, field, count, message, places }
}

fn place(origin: Option<&Origin>, key: Option<&Arc<str>>) -> Option<Place> {
    match (origin, key) {
        (Some(Origin { file, line }), _) => Some(Place::Line { file: file.clone(), line: *line }),
        (None, Some(key)) => Some(Place::Record { key: key.clone() }),
        (None, None) => None,
    }
}

/// The text with a sign in the place of each number.
fn without_numbers(text: &str) -> String {
    let mut sense = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_digit() {
            sense.push(c);
        } else if !sense.ends_with('…') {
            sense.push('…');
        }
    }
    sense
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(findings: &mut Findings, severity: Severity, message: &str, line: u64) {
        findings.add(Found {
            severity,
            kind: "refused".into(),
            entity: &"patient".into(),
            field: None,
            message,
            origin: Some(&Origin::new("Patients.csv", line)),
            key: None,
        });
    }

    #[test]
    fn reasons_that_differ_in_a_line_are_one_finding() {
        let mut findings = Findings::new(2);
        for line in 1..=5 {
            add(&mut findings, Severity::Refused, &format!("the same as line {}", line * 7), line);
        }
        let findings = findings.finish();
        let [one] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!((one.count, one.places.len(), &*one.message), (5, 2, "the same as line …"));
        assert_eq!(one.places[1].to_string(), "Patients.csv line 2");
    }

    #[test]
    fn the_worst_come_first_and_then_the_most_frequent() {
        let mut findings = Findings::new(9);
        add(&mut findings, Severity::Note, "note", 1);
        add(&mut findings, Severity::Look, "seldom", 2);
        for line in 3..6 {
            add(&mut findings, Severity::Look, "often", line);
        }
        add(&mut findings, Severity::Refused, "refused", 7);
        let findings = findings.finish();
        let messages: Vec<&str> = findings.iter().map(|finding| &*finding.message).collect();
        assert_eq!(messages, ["refused", "often", "seldom", "note"]);
    }

    #[test]
    fn a_reason_of_its_own_for_each_record_does_not_fill_memory() {
        let mut findings = Findings::new(3);
        let word = |mut number: usize| {
            let mut word = String::new();
            while number > 0 {
                word.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
                number /= 26;
            }
            word
        };
        for number in 0..MOST + 500 {
            add(&mut findings, Severity::Look, &word(number), 1);
        }
        let findings = findings.finish();
        assert_eq!(findings.len(), MOST + 1);
        assert_eq!(findings.iter().map(|finding| finding.count).sum::<u64>(), (MOST + 500) as u64);
        assert_eq!((&*findings[0].kind, findings[0].count), ("other", 500));
    }
}

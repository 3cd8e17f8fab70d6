//! The suite of [`RecordMapper`].

use std::collections::BTreeSet;
use std::error::Error as _;

use crate::error::Error;
use crate::mapper::{Mapped, RecordMapper};
use crate::record::Record;
use crate::value::Value;

/// Runs every check of the contract on these records, which should show every way the mapper can take: what it maps, what it flags
/// and what it refuses.
///
/// # Panics
///
/// At the first clause that does not hold, with its name.
///
/// # Example
///
/// ```
/// use mapping_core::conformance;
/// use mapping_core::record::Record;
/// use mapping_core::spec::mapping::MappingSpec;
///
/// let spec = MappingSpec::from_toml(r#"
/// version = 1
/// [[draft]]
/// entity = "patient"
/// model = "res.partner"
/// [draft.fields]
/// name = { copy = "name", required = true }
/// "#)?;
/// let samples = [Record::new("patient", "P-1").with("name", "Asha Rao"), Record::new("patient", "P-2")];
/// conformance::mapper(&spec.compile()?, &samples);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
pub fn mapper(mapper: &dyn RecordMapper, samples: &[Record]) {
    the_samples_show_something(mapper, samples);
    needs_are_the_same_each_time(mapper);
    equal_records_give_equal_answers(mapper, samples);
    a_stranger_gives_nothing(mapper);
    for sample in samples {
        match mapper.map(sample) {
            Ok(mapped) => {
                drafts_are_of_their_record(&mapped, sample);
                keys_are_unique(&mapped, sample);
                fields_are_needed(mapper, &mapped);
                no_flag_holds_a_value(&mapped, sample, &texts(sample));
            }
            Err(error) => {
                a_refusal_names_its_field(&error, sample);
                no_error_holds_a_value(&error, sample, &texts(sample));
            }
        }
        no_planted_value_comes_back(mapper, sample);
    }
}

fn the_samples_show_something(mapper: &dyn RecordMapper, samples: &[Record]) {
    let maps = |sample| mapper.map(sample).is_ok_and(|mapped| !mapped.drafts.is_empty());
    assert!(samples.iter().any(maps), "the samples show something: not one of them gives a draft");
}

fn needs_are_the_same_each_time(mapper: &dyn RecordMapper) {
    assert!(mapper.needs() == mapper.needs(), "needs are the same each time");
}

/// Once forwards and once backwards: what was remembered of the others shows.
fn equal_records_give_equal_answers(mapper: &dyn RecordMapper, samples: &[Record]) {
    let answer =
        |sample: &Record| mapper.map(&sample.clone()).map_err(|error| (error.kind(), error.to_string()));
    let forwards: Vec<_> = samples.iter().map(answer).collect();
    let mut backwards: Vec<_> = samples.iter().rev().map(answer).collect();
    backwards.reverse();
    for ((one, other), sample) in forwards.iter().zip(&backwards).zip(samples) {
        assert!(one == other, "equal records give equal answers: {} does not", sample.key());
    }
}

fn a_stranger_gives_nothing(mapper: &dyn RecordMapper) {
    let stranger = Record::new("an entity that no mapping names", "1");
    let nothing = mapper.map(&stranger).is_ok_and(|mapped| mapped == Mapped::default());
    assert!(nothing, "an entity that the mapping does not name gives nothing");
}

fn drafts_are_of_their_record(mapped: &Mapped, sample: &Record) {
    let own = mapped.drafts.iter().all(|draft| draft.key().record() == sample.key());
    assert!(own, "a draft is of the record it was made from: {} gives another's", sample.key());
}

fn keys_are_unique(mapped: &Mapped, sample: &Record) {
    let mut keys = BTreeSet::new();
    let unique = mapped.drafts.iter().all(|draft| keys.insert(draft.key()));
    assert!(unique, "no two drafts of one answer have the same key: those of {} do", sample.key());
}

fn fields_are_needed(mapper: &dyn RecordMapper, mapped: &Mapped) {
    let needs = mapper.needs();
    for draft in &mapped.drafts {
        for (field, _) in draft.fields() {
            let needed = needs.uses.iter().any(|used| used.model == *draft.model() && used.field == *field);
            assert!(needed, "a draft holds only fields that `needs` names: not {}.{field}", draft.model());
        }
    }
}

fn a_refusal_names_its_field(error: &Error, sample: &Record) {
    let named = error.place("field").is_some_and(|field| !field.is_empty());
    assert!(named, "an error's place `field` names the record's field: that of {} does not", sample.key());
}

fn no_flag_holds_a_value(mapped: &Mapped, sample: &Record, values: &[String]) {
    for flag in &mapped.flags {
        let told = [
            flag.kind.as_ref(),
            flag.message.as_ref(),
            flag.field.as_ref().map_or("", |field| field.as_str()),
        ];
        let holds = values.iter().any(|value| told.iter().any(|text| text.contains(value)));
        assert!(
            !holds,
            "no value of the record stands in a flag: one of {} does, in `{}`",
            sample.key(),
            flag.kind
        );
    }
}

fn no_error_holds_a_value(error: &Error, sample: &Record, values: &[String]) {
    let mut told = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        told.push_str(&inner.to_string());
        cause = inner.source();
    }
    let holds = values.iter().any(|value| told.contains(value));
    assert!(!holds, "no value of the record stands in an error: one of {} does", sample.key());
}

/// Each text by turns, and then all at once, is one that nobody else would write.
fn no_planted_value_comes_back(mapper: &dyn RecordMapper, sample: &Record) {
    let planted = |number: usize| format!("Qz{number}-planted value");
    let fields: Vec<_> = sample.fields().iter().map(|(name, _)| name.clone()).collect();
    let mut all = sample.clone();
    let mut records = Vec::new();
    for (number, field) in fields.iter().enumerate() {
        let mut one = sample.clone();
        one.set(field.clone(), planted(number));
        all.set(field.clone(), planted(number));
        records.push(one);
    }
    records.push(all);
    let values: Vec<_> = (0..fields.len()).map(planted).collect();
    for record in records {
        match mapper.map(&record) {
            Ok(mapped) => no_flag_holds_a_value(&mapped, sample, &values),
            Err(error) => no_error_holds_a_value(&error, sample, &values),
        }
    }
}

/// The texts of a record that cannot be mistaken for a mapper's own words.
fn texts(record: &Record) -> Vec<String> {
    let telling = |text: &&str| text.len() >= 6 && text.contains(|c: char| c.is_ascii_digit() || c == '@');
    let texts = record.fields().iter().filter_map(|(_, value)| Value::as_text(value));
    texts.map(str::trim).filter(telling).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::draft::Draft;
    use crate::error::Result;
    use crate::finding::Flag;
    use crate::key::DraftKey;
    use crate::mapper::mapper_fn;
    use crate::schema::Needs;

    fn samples() -> [Record; 2] {
        [
            Record::new("patient", "P-1").with("name", "Asha Rao").with("born", "29/02/1984"),
            Record::new("patient", "P-2").with("name", "Ravi Iyer").with("born", "31/02/1984"),
        ]
    }

    /// A good mapper, but for what `change` does to its answers.
    fn changed(change: impl Fn(&Record, Draft) -> Result<Mapped> + Send + Sync) -> impl RecordMapper {
        mapper_fn(Needs::new().uses("res.partner", "name"), move |record: &Record| {
            if record.key().entity().as_str() != "patient" {
                return Ok(Mapped::default());
            }
            let name = record.value("name").clone();
            change(record, Draft::new("res.partner", record.key().clone()).with("name", name))
        })
    }

    /// The clause at which the suite panics.
    fn fails(broken: &dyn RecordMapper) -> String {
        let panic = catch_unwind(AssertUnwindSafe(|| mapper(broken, &samples()))).unwrap_err();
        let clause = panic.downcast_ref::<String>().cloned();
        clause.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap()
    }

    #[test]
    fn a_good_mapper_passes() {
        mapper(&changed(|_, draft| Ok(draft.into())), &samples());
        let refusing = |record: &Record, draft: Draft| match record.text("born") {
            Some("31/02/1984") => Err(Error::invalid("not a date").at("field", "born")),
            _ => Ok(draft.into()),
        };
        mapper(&changed(refusing), &samples());
    }

    #[test]
    fn a_mapper_that_does_nothing_is_not_believed() {
        assert!(fails(&changed(|_, _| Ok(Mapped::default()))).starts_with("the samples show something"));
    }

    #[test]
    fn a_mapper_that_remembers_fails() {
        let seen = AtomicU32::new(0);
        let counting = changed(move |_, draft| {
            let number = seen.fetch_add(1, Ordering::Relaxed);
            Ok(draft.with("name", i64::from(number)).into())
        });
        assert!(fails(&counting).starts_with("equal records give equal answers"));
    }

    #[test]
    fn a_mapper_that_takes_any_entity_fails() {
        let needs = Needs::new().uses("res.partner", "name");
        let any =
            mapper_fn(needs, |record: &Record| Ok(Draft::new("res.partner", record.key().clone()).into()));
        assert!(fails(&any).starts_with("an entity that the mapping does not name gives nothing"));
    }

    #[test]
    fn a_draft_of_another_record_fails() {
        let other = Record::new("patient", "P-9").key().clone();
        let foreign = changed(move |_, _| Ok(Draft::new("res.partner", other.clone()).into()));
        assert!(fails(&foreign).starts_with("a draft is of the record it was made from"));
    }

    #[test]
    fn two_drafts_of_one_key_fail() {
        let twice = changed(|_, draft| Ok(Mapped { drafts: vec![draft.clone(), draft], flags: Vec::new() }));
        assert!(fails(&twice).starts_with("no two drafts of one answer have the same key"));
        let parts = changed(|record, draft| {
            let part = Draft::new("res.partner", DraftKey::from(record.key().clone()).part("b"));
            Ok(Mapped { drafts: vec![draft, part], flags: Vec::new() })
        });
        mapper(&parts, &samples());
    }

    #[test]
    fn a_field_that_needs_does_not_name_fails() {
        let more = changed(|_, draft| Ok(draft.with("email", "a@example.org").into()));
        assert!(fails(&more).ends_with("not res.partner.email"));
    }

    #[test]
    fn an_error_without_a_field_fails() {
        let silent = changed(|record, draft| match record.text("born") {
            Some("31/02/1984") => Err(Error::invalid("not a date")),
            _ => Ok(draft.into()),
        });
        assert!(fails(&silent).starts_with("an error's place `field` names the record's field"));
    }

    #[test]
    fn a_value_in_a_flag_fails() {
        let telling = changed(|record, draft| {
            let message = format!("cannot read {}", record.text("born").unwrap_or_default());
            Ok(Mapped { drafts: vec![draft], flags: vec![Flag::new("unreadable-date", message)] })
        });
        assert!(fails(&telling).starts_with("no value of the record stands in a flag"));
        let name = changed(|record, draft| {
            let message = record.text("name").unwrap_or_default().to_owned();
            Ok(Mapped { drafts: vec![draft], flags: vec![Flag::new("odd", message)] })
        });
        assert!(fails(&name).starts_with("no value of the record stands in a flag"));
    }

    #[test]
    fn a_value_in_an_error_or_its_cause_fails() {
        let telling = changed(|record, draft| match record.text("born") {
            Some(born) if born.starts_with("31") => {
                let cause = std::io::Error::other(born.to_owned());
                Err(Error::invalid("not a date").at("field", "born").because(cause))
            }
            _ => Ok(draft.into()),
        });
        assert!(fails(&telling).starts_with("no value of the record stands in an error"));
        let planted = changed(|record, draft| match record.text("born") {
            Some(born) if !born.contains('/') => Err(Error::invalid(born).at("field", "born")),
            _ => Ok(draft.into()),
        });
        assert!(fails(&planted).starts_with("no value of the record stands in an error"));
    }
}

//! A rule, compiled from its TOML, run on one record: for the tests of the rules.

use crate::draft::DraftValue;
use crate::error::Result;
use crate::finding::Flag;
use crate::mapper::{Mapped, RecordMapper};
use crate::record::Record;
use crate::spec::mapping::MappingSpec;
use crate::value::Value;

/// A mapping whose one field `x` has this rule.
pub(crate) fn spec(rule: &str) -> MappingSpec {
    let text =
        format!("version = 1\n[[draft]]\nentity = \"patient\"\nmodel = \"m\"\n[draft.fields]\nx = {rule}\n");
    MappingSpec::from_toml(&text).unwrap()
}

/// What becomes of the record as a whole.
pub(crate) fn mapped(rule: &str, record: &Record) -> Result<Mapped> {
    spec(rule).compile().unwrap().map(record)
}

/// The field and the flags.
pub(crate) fn points(rule: &str, record: &Record) -> Result<(DraftValue, Vec<Flag>)> {
    let mapped = mapped(rule, record)?;
    let fields = mapped.drafts[0].fields();
    Ok((fields.iter().find(|(name, _)| name.as_str() == "x").unwrap().1.clone(), mapped.flags))
}

/// The value and the flags.
pub(crate) fn maps(rule: &str, record: &Record) -> Result<(Value, Vec<Flag>)> {
    match points(rule, record)? {
        (DraftValue::Value(value), flags) => Ok((value, flags)),
        (other, _) => panic!("{other:?} is no value"),
    }
}

pub(crate) fn record(fields: &[(&str, Value)]) -> Record {
    fields
        .iter()
        .fold(Record::new("patient", "P-1"), |record, (name, value)| record.with(*name, value.clone()))
}

/// The value, where there is no flag.
pub(crate) fn gives(rule: &str, fields: &[(&str, Value)]) -> Value {
    let (value, flags) = maps(rule, &record(fields)).unwrap();
    assert_eq!(flags, []);
    value
}

/// The value and the kind of the one flag.
pub(crate) fn flags(rule: &str, fields: &[(&str, Value)]) -> (Value, String) {
    let (value, flags) = maps(rule, &record(fields)).unwrap();
    let [flag] = flags.as_slice() else { panic!("{flags:?} is not one flag") };
    assert_eq!(flag.key.as_deref(), Some("P-1"));
    (value, flag.kind.to_string())
}

/// The field that a refusal names.
pub(crate) fn refuses(rule: &str, fields: &[(&str, Value)]) -> String {
    maps(rule, &record(fields)).unwrap_err().place("field").unwrap().to_owned()
}

/// What the compiler says of a rule that it does not take.
pub(crate) fn complains(rule: &str) -> String {
    spec(rule).compile().unwrap_err().to_string()
}

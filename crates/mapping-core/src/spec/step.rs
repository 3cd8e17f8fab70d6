//! What a compiled rule does with a record.

use std::borrow::Cow;
use std::fmt::Debug;

use crate::draft::DraftValue;
use crate::error::{Error, Result};
use crate::finding::Flag;
use crate::name::FieldName;
use crate::record::Record;
use crate::value::Value;

/// A rule that is ready to run.
pub(crate) trait Step: Debug + Send + Sync {
    /// What it makes of the record.
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>>;
}

/// What a step makes.
#[derive(Debug)]
pub(crate) enum Given<'a> {
    Value(Cow<'a, Value>),
    /// A link or a look-up.
    Pointer(DraftValue),
}

impl<'a> Given<'a> {
    pub(crate) const BLANK: Self = Self::Value(Cow::Owned(Value::Null));

    pub(crate) fn owned(value: impl Into<Value>) -> Self {
        Self::Value(Cow::Owned(value.into()))
    }

    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Self::Value(value) if value.is_blank())
    }

    pub(crate) fn into_draft_value(self) -> DraftValue {
        match self {
            Self::Value(value) => DraftValue::Value(value.into_owned()),
            Self::Pointer(pointer) => pointer,
        }
    }
}

/// One record, on its way through the rules of a draft.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) record: &'a Record,
    pub(crate) flags: Vec<Flag>,
    /// Texts that go to another field: the number of the keeper, the field they come from, and the text.
    pub(crate) kept: Vec<(usize, &'a FieldName, String)>,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(record: &'a Record) -> Self {
        Self { record, flags: Vec::new(), kept: Vec::new() }
    }

    /// Flags the record, once: two rules may stumble over one value.
    pub(crate) fn flag(&mut self, flag: &Flag) {
        if !self.flags.contains(flag) {
            self.flags.push(flag.clone());
        }
    }
}

/// A step inside another, which must give a value.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) step: Box<dyn Step>,
    /// The field to name when something is wrong with the value; the record's id where the step reads none.
    pub(crate) field: FieldName,
}

impl Input {
    /// The value, unless it is blank.
    pub(crate) fn value<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Option<Cow<'a, Value>>> {
        match self.step.give(turn)? {
            Given::Value(value) if value.is_blank() => Ok(None),
            Given::Value(value) => Ok(Some(value)),
            Given::Pointer(_) => {
                Err(Error::config("a function gave a link or a look-up where a value is needed")
                    .at("field", &self.field))
            }
        }
    }
}

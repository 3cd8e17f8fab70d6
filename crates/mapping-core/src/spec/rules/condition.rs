//! Conditions that are ready to be asked.

use std::borrow::Cow;

use crate::error::Result;
use crate::record::Record;
use crate::spec::read::Read;
use crate::spec::site::Site;
use crate::spec::when::When;
use crate::spec::words::{fold, words};
use crate::value::Value;

/// A condition that is ready to be asked.
#[derive(Debug)]
pub(crate) enum Test {
    Present(Read),
    Blank(Read),
    OneOf { field: Read, texts: Vec<String>, folded: bool },
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

impl Test {
    pub(crate) fn new(when: &When, site: &Site<'_>) -> Result<Self> {
        let each = |others: &[When]| -> Result<Vec<Self>> {
            if others.is_empty() {
                return Err(site.fail("`all` and `any` need at least one condition"));
            }
            others.iter().map(|other| Self::new(other, site)).collect()
        };
        Ok(match when {
            When::Present(field) => Self::Present(Read::new(field, site)?),
            When::Blank(field) => Self::Blank(Read::new(field, site)?),
            When::OneOf { values, .. } if values.is_empty() => {
                return Err(site.fail("`one_of` needs at least one value"));
            }
            When::OneOf { field, values, fold: folded } => {
                let text =
                    |value: &Value| if *folded { fold(&words(value)) } else { words(value).into_owned() };
                Self::OneOf {
                    field: Read::new(field, site)?,
                    texts: values.iter().map(text).collect(),
                    folded: *folded,
                }
            }
            When::Not(other) => Self::Not(Box::new(Self::new(other, site)?)),
            When::All(others) => Self::All(each(others)?),
            When::Any(others) => Self::Any(each(others)?),
        })
    }

    pub(crate) fn holds(&self, record: &Record) -> bool {
        match self {
            Self::Present(field) => !field.of(record).is_blank(),
            Self::Blank(field) => field.of(record).is_blank(),
            Self::OneOf { field, texts, folded } => {
                let value = field.of(record);
                let found = words(&value);
                let found = if *folded { Cow::Owned(fold(&found)) } else { found };
                !value.is_blank() && texts.iter().any(|text| *text == found)
            }
            Self::Not(other) => !other.holds(record),
            Self::All(others) => others.iter().all(|other| other.holds(record)),
            Self::Any(others) => others.iter().any(|other| other.holds(record)),
        }
    }
}

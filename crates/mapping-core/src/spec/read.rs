//! Reading a record's fields, and what is told of the record itself under names with `@`.

use std::borrow::Cow;

use crate::error::Result;
use crate::name::FieldName;
use crate::record::Record;
use crate::spec::site::Site;
use crate::value::Value;

/// A field that is read.
#[derive(Debug)]
pub(crate) enum Read {
    Field(FieldName),
    Id,
    Entity,
    File,
    Line,
}

impl Read {
    pub(crate) fn new(field: &FieldName, site: &Site<'_>) -> Result<Self> {
        Ok(match field.as_str() {
            "@id" => Self::Id,
            "@entity" => Self::Entity,
            "@file" => Self::File,
            "@line" => Self::Line,
            "" => return Err(site.fail("a field without a name")),
            name if name.starts_with('@') => {
                return Err(
                    site.fail(format!("there is no `{name}`; there are @id, @entity, @file and @line"))
                );
            }
            _ => Self::Field(field.clone()),
        })
    }

    pub(crate) fn of<'a>(&self, record: &'a Record) -> Cow<'a, Value> {
        let place = || record.origin();
        Cow::Owned(match self {
            Self::Field(field) => return Cow::Borrowed(record.value(field.as_str())),
            Self::Id => Value::from(&**record.key().id()),
            Self::Entity => Value::from(record.key().entity().as_str()),
            Self::File => place().map(|origin| &*origin.file).into(),
            Self::Line => place().and_then(|origin| i64::try_from(origin.line).ok()).into(),
        })
    }
}

/// Whether a name is of a field that a source must have.
pub(crate) fn is_field(name: &FieldName) -> bool {
    !name.as_str().starts_with('@')
}

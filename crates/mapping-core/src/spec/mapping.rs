//! A whole mapping, as data.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::name::{EntityName, ModelName};
use crate::spec::draft::{Becomes, DraftSpec, FieldRules};
use crate::spec::needs::NeedsSpec;
use crate::spec::rule::LookupRule;
use crate::spec::when::When;
use crate::value::Value;

/// The version of the mapping language that is read and written here.
pub const VERSION: u32 = 1;

/// What becomes of every record of a source, as data that a person reads, edits and signs.
///
/// The form in TOML is told in [`spec`](crate::spec).
///
/// # Example
///
/// ```
/// use mapping_core::spec::mapping::MappingSpec;
///
/// let spec = MappingSpec::from_toml(r#"
/// version = 1
///
/// [[draft]]
/// entity = "patient"
/// model = "res.partner"
///
/// [draft.fields]
/// name = { copy = "full_name", required = true }
/// is_company = { constant = false }
/// "#)?;
/// assert_eq!(spec.drafts.len(), 1);
/// assert_eq!(MappingSpec::from_toml(&spec.to_toml()?)?, spec);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct MappingSpec {
    /// What the destination must have first.
    pub needs: NeedsSpec,
    /// The drafts, in the order in which they are made of a record.
    pub drafts: Vec<DraftSpec>,
}

impl MappingSpec {
    /// A mapping that makes nothing of anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with a draft.
    #[must_use]
    pub fn draft(mut self, draft: DraftSpec) -> Self {
        self.drafts.push(draft);
        self
    }

    /// The draft of that entity and part, to be changed.
    pub fn draft_mut(&mut self, entity: &str, part: &str) -> Option<&mut DraftSpec> {
        self.drafts.iter_mut().find(|draft| draft.entity.as_str() == entity && draft.part == part)
    }

    /// A mark of all that it says: the same for mappings that say the same, however their TOML is laid out. An approval names it.
    ///
    /// # Errors
    ///
    /// It holds a constant that TOML cannot hold.
    pub fn hash(&self) -> Result<Digest> {
        let json = serde_json::to_value(self).map_err(|error| unwritable(&error))?;
        Ok(Digest::builder().text("mapping").value(&canonical(json)).finish())
    }
}

/// The error of a mapping that was put together in code and has no TOML form.
pub(crate) fn unwritable(error: &dyn std::fmt::Display) -> Error {
    Error::config(format!("the mapping cannot be written: {error}"))
}

/// The same with every map sorted by its keys.
fn canonical(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::List(vec![number.to_string().into()]),
        },
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(values) => values.into_iter().map(canonical).collect::<Vec<_>>().into(),
        serde_json::Value::Object(values) => {
            Value::Map(values.into_iter().map(|(key, value)| (key, canonical(value))).collect())
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: Version,
    #[serde(default, skip_serializing_if = "NeedsSpec::is_empty")]
    needs: NeedsSpec,
    #[serde(default)]
    draft: Vec<DraftSpec>,
}

#[derive(Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
#[derive(Clone)]
struct Version;

impl TryFrom<u32> for Version {
    type Error = String;

    fn try_from(version: u32) -> Result<Self, String> {
        if version == VERSION { Ok(Self) } else { Err(format!("this program reads version {VERSION}")) }
    }
}

impl From<Version> for u32 {
    fn from(_: Version) -> Self {
        VERSION
    }
}

impl Serialize for MappingSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Table { version: Version, needs: self.needs.clone(), draft: self.drafts.clone() }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MappingSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Table { version: Version, needs, draft } = Table::deserialize(deserializer)?;
        Ok(Self { needs, drafts: draft })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftTable {
    entity: EntityName,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    part: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<ModelName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<When>,
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    matched: Option<LookupRule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<FieldRules>,
}

impl Serialize for DraftSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { entity, part, when, becomes } = self.clone();
        let (model, fields, matched) = match becomes {
            Becomes::Written(model, fields) => (Some(model), Some(fields), None),
            Becomes::Matched(lookup) => (None, None, Some(lookup)),
        };
        DraftTable { entity, part, model, when, matched, fields }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DraftSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let DraftTable { entity, part, model, when, matched, fields } =
            DraftTable::deserialize(deserializer)?;
        let becomes = match (model, fields, matched) {
            (Some(model), Some(fields), None) => Becomes::Written(model, fields),
            (None, None, Some(lookup)) => Becomes::Matched(lookup),
            _ => return Err(D::Error::custom("a draft has either `model` and `fields`, or `match`")),
        };
        Ok(Self { entity, part, when, becomes })
    }
}

//! What the destination must have first, as a mapping says it.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::{FieldName, ModelName};
use crate::schema::{Choice, FieldKind, FieldNeed, ModelNeed};

/// Models and fields to make where they are missing.
///
/// ```toml
/// [[needs.model]]
/// name = "x_appointment_stage"
/// label = "Appointment Stage"
///
/// [[needs.field]]
/// model = "res.partner"
/// name = "x_studio_blood_group"
/// kind = "choice"
/// label = "Blood Group"
/// page = "Medical"
/// choices = ["A+", "A-", { value = "unknown", label = "Not known" }]
///
/// [[needs.field]]
/// model = "mail.activity"
/// name = "x_stage_id"
/// kind = "link"
/// to = "x_appointment_stage"
/// label = "Stage"
/// ```
///
/// Kinds are `line`, `text`, `html`, `integer`, `decimal`, `money`, `boolean`, `date`, `instant`, `choice` (with `choices`), `link` and
/// `links` (with `to`), and `binary`. Besides there are `help = "..."`, `indexed = true`, `not_copied = true`, and, for `money`,
/// `currency = "..."`, the field that holds the currency.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct NeedsSpec {
    /// Models, in the order in which they are made.
    pub models: Vec<ModelNeed>,
    /// Fields.
    pub fields: Vec<FieldNeed>,
}

impl NeedsSpec {
    /// Whether nothing is to be made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty() && self.fields.is_empty()
    }

    /// The field to make of that model and name, if there is one.
    #[must_use]
    pub fn field(&self, model: &ModelName, name: &FieldName) -> Option<&FieldNeed> {
        self.fields.iter().find(|need| need.model == *model && need.name == *name)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    model: Vec<ModelNeed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    field: Vec<Need>,
}

impl Serialize for NeedsSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = self.fields.iter().cloned().map(Need).collect();
        Tables { model: self.models.clone(), field }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NeedsSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tables = Tables::deserialize(deserializer)?;
        Ok(Self { models: tables.model, fields: tables.field.into_iter().map(|need| need.0).collect() })
    }
}

struct Need(FieldNeed);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    model: ModelName,
    name: FieldName,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<ModelName>,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    choices: Option<Vec<Chosen>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<FieldName>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    indexed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    not_copied: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a choice is a text, or a table of `value` and `label`")]
enum Chosen {
    Plain(String),
    Labelled(Labelled),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    value: String,
    label: String,
}

impl Serialize for Need {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let FieldNeed { model, name, kind, label, page, help, currency, indexed, not_copied } =
            self.0.clone();
        let (mut to, mut choices) = (None, None);
        let kind = match kind {
            FieldKind::Choice(all) => {
                choices = Some(all.into_iter().map(chosen).collect());
                "choice".to_owned()
            }
            FieldKind::Link(model) => {
                to = Some(model);
                "link".to_owned()
            }
            FieldKind::Links(model) => {
                to = Some(model);
                "links".to_owned()
            }
            FieldKind::Other(_) => return Err(S::Error::custom("a field of a foreign kind cannot be made")),
            plain => plain.to_string(),
        };
        let table =
            Table { model, name, kind, to, label, page, choices, help, currency, indexed, not_copied };
        table.serialize(serializer)
    }
}

fn chosen(choice: Choice) -> Chosen {
    if choice.value == choice.label {
        Chosen::Plain(choice.value)
    } else {
        Chosen::Labelled(Labelled { value: choice.value, label: choice.label })
    }
}

impl<'de> Deserialize<'de> for Need {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Table { model, name, kind, to, label, page, choices, help, currency, indexed, not_copied } =
            Table::deserialize(deserializer)?;
        if currency.is_some() && kind != "money" {
            return Err(D::Error::custom(format!("kind `{kind}` takes no `currency`, which is for money")));
        }
        let kind = match (kind.as_str(), to, choices) {
            ("choice", None, Some(choices)) => FieldKind::Choice(
                choices
                    .into_iter()
                    .map(|choice| match choice {
                        Chosen::Plain(value) => Choice { label: value.clone(), value },
                        Chosen::Labelled(Labelled { value, label }) => Choice { value, label },
                    })
                    .collect(),
            ),
            ("choice", ..) => return Err(D::Error::custom("kind `choice` needs `choices`, and no `to`")),
            ("link", Some(to), None) => FieldKind::Link(to),
            ("links", Some(to), None) => FieldKind::Links(to),
            ("link" | "links", ..) => {
                return Err(D::Error::custom("kinds `link` and `links` need `to`, and no `choices`"));
            }
            (word, None, None) => plain(word).ok_or_else(|| {
                D::Error::custom(format!(
                    "unknown kind `{word}`; there are line, text, html, integer, decimal, money, boolean, date, instant, \
                     choice, link, links, binary"
                ))
            })?,
            (word, ..) => {
                return Err(D::Error::custom(format!(
                    "kind `{word}` takes neither `to`, which is for links, nor `choices`, which are for a choice"
                )));
            }
        };
        Ok(Self(FieldNeed { model, name, kind, label, page, help, currency, indexed, not_copied }))
    }
}

fn plain(word: &str) -> Option<FieldKind> {
    Some(match word {
        "line" => FieldKind::Line,
        "text" => FieldKind::Text,
        "html" => FieldKind::Html,
        "integer" => FieldKind::Integer,
        "decimal" => FieldKind::Decimal,
        "money" => FieldKind::Money,
        "boolean" => FieldKind::Boolean,
        "date" => FieldKind::Date,
        "instant" => FieldKind::Instant,
        "binary" => FieldKind::Binary,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_can_be_said_of_a_field_is_read_and_written() {
        let text = "[[field]]\nmodel = \"res.partner\"\nname = \"x_fee\"\nkind = \"money\"\nlabel = \"Fee\"\nhelp = \"As billed\"\n\
                    currency = \"x_currency_id\"\nindexed = true\nnot_copied = true\n";
        let spec: NeedsSpec = toml::from_str(text).unwrap();
        let need = FieldNeed::new("res.partner", "x_fee", FieldKind::Money, "Fee");
        let need = need.help("As billed").currency("x_currency_id").indexed().not_copied();
        assert_eq!(spec.fields, [need]);
        assert_eq!(toml::from_str::<NeedsSpec>(&toml::to_string(&spec).unwrap()).unwrap(), spec);
        let wrong = text.replace("money", "decimal");
        assert!(toml::from_str::<NeedsSpec>(&wrong).unwrap_err().to_string().contains("is for money"));
    }
}

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
///
/// [[needs.field]]
/// model = "x_appointment_stage"
/// name = "x_activity_ids"
/// kind = "linked-from"
/// from = "mail.activity"
/// by = "x_stage_id"
/// label = "Appointments"
///
/// [[needs.field]]
/// model = "res.partner"
/// name = "x_parent_phone"
/// kind = "line"
/// related = "parent_id.phone"
/// label = "Phone of the family"
/// ```
///
/// Kinds are `line`, `text`, `html`, `integer`, `decimal`, `money`, `boolean`, `date`, `instant`, `choice` (with `choices`), `link` and
/// `links` (with `to`), `binary`, and `linked-from` (with `from` and `by`). Besides there are `help = "..."`, `indexed = true`,
/// `not_copied = true`, and, for `money`, `currency = "..."`, the field that holds the currency.
///
/// A field with `related = "..."` shows what the field at the end of that path holds, and `kind` is that field's (a related choice needs no
/// `choices`); with `stored = true` the destination keeps a copy. Such a field, and one of kind `linked-from`, takes no values: a
/// rule for it is refused.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<ModelName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<FieldName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    related: Option<FieldName>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stored: bool,
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
        let (mut to, mut choices, mut from, mut by) = (None, None, None, None);
        let (kind, related, stored) = match kind {
            FieldKind::Related { path, kind, stored } => (*kind, Some(path), stored),
            kind => (kind, None, false),
        };
        let kind = match kind {
            FieldKind::Choice(all) => {
                choices = related.is_none().then(|| all.into_iter().map(chosen).collect());
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
            FieldKind::LinkedFrom { model, by: link } => {
                (from, by) = (Some(model), Some(link));
                "linked-from".to_owned()
            }
            FieldKind::Related { .. } => {
                return Err(S::Error::custom("a field related to a related one names the whole path"));
            }
            FieldKind::Other(_) => return Err(S::Error::custom("a field of a foreign kind cannot be made")),
            plain => plain.to_string(),
        };
        let table = Table {
            model,
            name,
            kind,
            to,
            from,
            by,
            related,
            stored,
            label,
            page,
            choices,
            help,
            currency,
            indexed,
            not_copied,
        };
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
        let Table {
            model,
            name,
            kind,
            to,
            from,
            by,
            related,
            stored,
            label,
            page,
            choices,
            help,
            currency,
            indexed,
            not_copied,
        } = Table::deserialize(deserializer)?;
        if currency.is_some() && kind != "money" {
            return Err(D::Error::custom(format!("kind `{kind}` takes no `currency`, which is for money")));
        }
        if stored && related.is_none() {
            return Err(D::Error::custom("`stored` is for a field that is `related` to another"));
        }
        let choices = match (choices, &related) {
            // They are those of the field it shows.
            (None, Some(_)) if kind == "choice" => Some(Vec::new()),
            (Some(_), Some(_)) => {
                return Err(D::Error::custom(
                    "a related field takes no `choices`: it has those of the field it shows",
                ));
            }
            (choices, _) => choices,
        };
        let kind = match (from, by) {
            (None, None) if kind != "linked-from" => held(&kind, to, choices).map_err(D::Error::custom)?,
            (Some(model), Some(by)) if kind == "linked-from" && to.is_none() && choices.is_none() => {
                FieldKind::LinkedFrom { model, by }
            }
            _ => {
                return Err(D::Error::custom(
                    "kind `linked-from` needs `from` and `by`, and they belong to no other",
                ));
            }
        };
        let kind = match related {
            Some(path) => FieldKind::Related { path, kind: Box::new(kind), stored },
            None => kind,
        };
        Ok(Self(FieldNeed { model, name, kind, label, page, help, currency, indexed, not_copied }))
    }
}

/// The kind of a field that holds its values itself.
fn held(word: &str, to: Option<ModelName>, choices: Option<Vec<Chosen>>) -> Result<FieldKind, String> {
    Ok(match (word, to, choices) {
        ("choice", None, Some(choices)) => FieldKind::Choice(
            choices
                .into_iter()
                .map(|choice| match choice {
                    Chosen::Plain(value) => Choice { label: value.clone(), value },
                    Chosen::Labelled(Labelled { value, label }) => Choice { value, label },
                })
                .collect(),
        ),
        ("choice", ..) => return Err("kind `choice` needs `choices`, and no `to`".into()),
        ("link", Some(to), None) => FieldKind::Link(to),
        ("links", Some(to), None) => FieldKind::Links(to),
        ("link" | "links", ..) => return Err("kinds `link` and `links` need `to`, and no `choices`".into()),
        (word, None, None) => plain(word).ok_or_else(|| {
            format!(
                "unknown kind `{word}`; there are line, text, html, integer, decimal, money, boolean, date, instant, choice, \
                 link, links, linked-from, binary"
            )
        })?,
        (word, ..) => {
            return Err(format!(
                "kind `{word}` takes neither `to`, which is for links, nor `choices`, which are for a choice"
            ));
        }
    })
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

    #[test]
    fn fields_that_show_other_records_are_read_and_written() {
        let read = |said: &str| {
            let text = format!("[[field]]\nmodel = \"res.partner\"\nname = \"x_a\"\nlabel = \"A\"\n{said}\n");
            toml::from_str::<NeedsSpec>(&text)
        };
        let choice = FieldKind::related("parent_id.x_group", FieldKind::Choice(Vec::new()));
        let kept = FieldKind::Related {
            path: "parent_id.phone".into(),
            kind: Box::new(FieldKind::Line),
            stored: true,
        };
        for (said, kind) in [
            (
                "kind = \"linked-from\"\nfrom = \"x_visit\"\nby = \"x_patient_id\"",
                FieldKind::linked_from("x_visit", "x_patient_id"),
            ),
            (
                "kind = \"line\"\nrelated = \"parent_id.phone\"",
                FieldKind::related("parent_id.phone", FieldKind::Line),
            ),
            ("kind = \"line\"\nrelated = \"parent_id.phone\"\nstored = true", kept),
            ("kind = \"choice\"\nrelated = \"parent_id.x_group\"", choice),
            (
                "kind = \"link\"\nto = \"res.country\"\nrelated = \"parent_id.country_id\"",
                FieldKind::related("parent_id.country_id", FieldKind::Link("res.country".into())),
            ),
        ] {
            let spec = read(said).unwrap();
            assert_eq!(spec.fields, [FieldNeed::new("res.partner", "x_a", kind, "A")]);
            assert_eq!(toml::from_str::<NeedsSpec>(&toml::to_string(&spec).unwrap()).unwrap(), spec);
        }
        for (said, told) in [
            ("kind = \"linked-from\"\nfrom = \"x_visit\"", "needs `from` and `by`"),
            ("kind = \"line\"\nby = \"x_patient_id\"", "needs `from` and `by`"),
            (
                "kind = \"linked-from\"\nfrom = \"x_visit\"\nby = \"x_a\"\nto = \"x_visit\"",
                "needs `from` and `by`",
            ),
            ("kind = \"line\"\nstored = true", "is for a field that is `related`"),
            ("kind = \"choice\"\nrelated = \"parent_id.x_a\"\nchoices = [\"A\"]", "takes no `choices`"),
            ("kind = \"link\"\nrelated = \"parent_id.x_a\"", "need `to`"),
        ] {
            let error = read(said).unwrap_err().to_string();
            assert!(error.contains(told), "{said}: {error}");
        }
    }
}

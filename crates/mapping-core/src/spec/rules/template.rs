//! Texts with fields in them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::Result;
use crate::name::FieldName;
use crate::spec::rule::Rule;
use crate::spec::site::Site;
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::template::{Piece, Template as Text};
use crate::spec::words::words;

#[derive(Debug)]
pub(crate) struct Template {
    parts: Vec<Input>,
    pieces: Vec<Ready>,
}

/// A piece whose field is known by its number.
#[derive(Debug)]
enum Ready {
    Text(String),
    Part(usize),
    Section(Vec<Ready>),
}

impl Template {
    pub(crate) fn new(text: &str, parts: &BTreeMap<String, Rule>, site: &mut Site<'_>) -> Result<Self> {
        let template = Text::parse(text).map_err(|why| site.fail(why))?;
        let names = template.names();
        if names.is_empty() {
            return Err(site.fail("the template has no field; write a constant instead"));
        }
        if let Some(idle) = parts.keys().find(|part| !names.iter().any(|name| name.as_str() == *part)) {
            return Err(site.fail(format!("the part `{idle}` does not stand in the template")));
        }
        let mut inputs = Vec::with_capacity(names.len());
        for name in &names {
            inputs.push(match parts.get(name.as_str()) {
                Some(rule) => site.input(format_args!("parts.{name}"), rule)?,
                None => site.input("template", &Rule::Copy((*name).clone()))?,
            });
        }
        let pieces = ready(&template.pieces, &names);
        Ok(Self { parts: inputs, pieces })
    }
}

fn ready(pieces: &[Piece], names: &[&FieldName]) -> Vec<Ready> {
    let number = |name: &FieldName| names.iter().position(|known| *known == name).unwrap_or_default();
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Ready::Text(text.clone()),
            Piece::Field(name) => Ready::Part(number(name)),
            Piece::Section(inner) => Ready::Section(ready(inner, names)),
        })
        .collect()
}

impl Step for Template {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let mut parts: Vec<Option<String>> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let value = part.value(turn)?;
            let text = value.as_deref().map(|value| words(value)).map(Cow::into_owned);
            parts.push(text.filter(|text| !text.is_empty()));
        }
        if parts.iter().all(Option::is_none) {
            return Ok(Given::BLANK);
        }
        let mut text = String::new();
        fill(&self.pieces, &parts, &mut text);
        Ok(Given::owned(text.trim()))
    }
}

fn fill(pieces: &[Ready], parts: &[Option<String>], text: &mut String) {
    for piece in pieces {
        match piece {
            Ready::Text(fixed) => text.push_str(fixed),
            Ready::Part(part) => text.push_str(parts[*part].as_deref().unwrap_or_default()),
            Ready::Section(inner) => {
                let whole = |piece: &Ready| !matches!(piece, Ready::Part(part) if parts[*part].is_none());
                if inner.iter().all(whole) {
                    fill(inner, parts, text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::spec::rules::testing::{complains, gives};
    use crate::value::Value;

    #[test]
    fn a_section_is_left_out_when_a_field_in_it_is_blank() {
        let rule = r#"{ template = "{name}[ (born {dob})] {{x}}" }"#;
        let asha = ("name", Value::from("Asha"));
        let dob = ("dob", date(1984, 2, 29).into());
        assert_eq!(gives(rule, &[asha.clone(), dob]), "Asha (born 1984-02-29) {x}".into());
        assert_eq!(gives(rule, &[asha]), "Asha {x}".into());
        assert_eq!(gives(rule, &[]), Value::Null);
    }

    #[test]
    fn a_part_may_be_a_rule() {
        let rule =
            r#"{ template = "{who}: {name}", parts = { who = { map = "sex", values = { F = "Ms" } } } }"#;
        assert_eq!(gives(rule, &[("sex", "F".into()), ("name", "Rao".into())]), "Ms: Rao".into());
    }

    #[test]
    fn what_is_no_template_is_said_before_the_run() {
        for rule in [
            r#"{ template = "{name" }"#,
            r#"{ template = "name" }"#,
            r#"{ template = "{name:upper}" }"#,
            r#"{ template = "{a}", parts = { b = "c" } }"#,
        ] {
            assert!(complains(rule).contains("(rule draft[1].fields.x)"), "{rule}");
        }
    }
}

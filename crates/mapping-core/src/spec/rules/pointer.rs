//! Links to other records of the source, and look-ups at the destination.

use std::sync::Arc;

use crate::draft::{DraftValue, Link as Target, Lookup as Search, Missing};
use crate::error::{Error, Result};
use crate::key::{DraftKey, RecordKey};
use crate::name::{EntityName, FieldName, ModelName};
use crate::spec::rule::{Case, LinkRule, LookupRule};
use crate::spec::rules::several::gather;
use crate::spec::site::Site;
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::words;
use crate::value::Value;

#[derive(Debug)]
pub(crate) struct Link {
    to: EntityName,
    of: Input,
    part: Arc<str>,
    case: Option<Case>,
    missing: Missing,
}

impl Link {
    pub(crate) fn new(rule: &LinkRule, site: &mut Site<'_>) -> Result<Self> {
        Ok(Self {
            to: rule.to.clone(),
            of: site.input("from", &rule.of)?,
            part: rule.part.as_str().into(),
            case: rule.case,
            missing: rule.missing,
        })
    }

    fn one(&self, id: &Value) -> DraftValue {
        let id = words(id);
        let id: Arc<str> = match self.case {
            Some(Case::Upper) => id.to_uppercase().into(),
            Some(Case::Lower) => id.to_lowercase().into(),
            None => id.as_ref().into(),
        };
        let target = DraftKey::from(RecordKey::new(self.to.clone(), id)).part(self.part.clone());
        DraftValue::Link(Target { target, missing: self.missing })
    }
}

impl Step for Link {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        Ok(each(&value, |id| self.one(id)))
    }
}

#[derive(Debug)]
pub(crate) struct Lookup {
    of: Input,
    model: ModelName,
    by: FieldName,
    within: Vec<(FieldName, Value)>,
    fold: bool,
    missing: Missing,
}

impl Lookup {
    pub(crate) fn new(rule: &LookupRule, site: &mut Site<'_>) -> Result<Self> {
        Ok(Self {
            of: site.input("from", &rule.of)?,
            model: rule.model.clone(),
            by: rule.by.clone(),
            within: rule.within.iter().map(|(name, value)| (name.as_str().into(), value.clone())).collect(),
            fold: rule.fold,
            missing: rule.missing,
        })
    }

    fn one(&self, value: &Value) -> Search {
        let value = match value {
            Value::Text(text) => Value::from(text.trim()),
            other => other.clone(),
        };
        Search {
            model: self.model.clone(),
            by: self.by.clone(),
            value,
            within: self.within.clone(),
            fold: self.fold,
            missing: self.missing,
        }
    }

    /// The search of a whole draft. One for nothing finds nothing; whether that refuses the record is the rule for missing ones.
    pub(crate) fn search<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Search> {
        match self.of.value(turn)? {
            Some(value) => Ok(self.one(&value)),
            None if self.missing == Missing::Refuse => {
                Err(Error::invalid(format!("blank, so no {} can be found by it", self.model))
                    .at("field", &self.of.field))
            }
            None => Ok(self.one(&Value::Null)),
        }
    }
}

impl Step for Lookup {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        Ok(each(&value, |value| DraftValue::Lookup(self.one(value))))
    }
}

fn each<'a>(value: &Value, one: impl Fn(&Value) -> DraftValue) -> Given<'a> {
    match value {
        Value::List(values) => gather(values.iter().filter(|value| !value.is_blank()).map(one).collect()),
        value => Given::Pointer(one(value)),
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::{DraftValue, Link, Lookup, Missing};
    use crate::spec::rules::testing::{complains, gives, points, record};
    use crate::value::Value;

    #[test]
    fn a_link_points_to_a_record_and_its_part() {
        let rule = r#"{ link = "patient", from = "p", part = "note", case = "upper", missing = "leave" }"#;
        let (link, _) = points(rule, &record(&[("p", " p-1 ".into())])).unwrap();
        let DraftValue::Link(link) = link else { panic!() };
        assert_eq!((link.target.to_string().as_str(), link.missing), ("patient/P-1#note", Missing::Leave));
        let (link, _) =
            points(r#"{ link = "patient", from = "p" }"#, &record(&[("p", 7_i64.into())])).unwrap();
        assert_eq!(link, Link::to("patient", "7").into());
        assert_eq!(gives(rule, &[]), Value::Null);
    }

    #[test]
    fn a_look_up_takes_a_field_a_rule_or_a_constant() {
        let rule = r#"{ lookup = "res.country.state", by = "code", from = { map = "s", values = { Kerala = "KL" } }, within = { "country_id.code" = "IN" }, fold = true, missing = "fallback" }"#;
        let expected =
            Lookup::new("res.country.state", "code", "KL").within("country_id.code", "IN").folded();
        let (found, _) = points(rule, &record(&[("s", "Kerala".into())])).unwrap();
        assert_eq!(found, expected.or(Missing::Fallback).into());
        let (found, _) =
            points(r#"{ lookup = "res.country", by = "code", value = "IN" }"#, &record(&[])).unwrap();
        assert_eq!(found, Lookup::new("res.country", "code", "IN").into());
    }

    #[test]
    fn of_a_list_there_is_one_each() {
        let rule = r#"{ lookup = "res.partner.category", by = "name", from = { split = "t", separator = ";", take = "all" } }"#;
        let (found, _) = points(rule, &record(&[("t", "a; b".into())])).unwrap();
        let one = |name: &str| DraftValue::from(Lookup::new("res.partner.category", "name", name));
        assert_eq!(found, DraftValue::Several(vec![one("a"), one("b")]));
    }

    #[test]
    fn a_pointer_is_no_value() {
        let rule = r#"{ template = "{p}", parts = { p = { link = "patient", from = "p" } } }"#;
        assert!(complains(rule).contains("(rule draft[1].fields.x.parts.p)"));
    }
}

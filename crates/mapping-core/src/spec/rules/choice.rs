//! One value for another.

use std::collections::HashMap;

use crate::error::Result;
use crate::spec::rule::MapRule;
use crate::spec::site::{Site, UNKNOWN_CHOICE, Unread};
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::{fold, words};
use crate::value::Value;

#[derive(Debug)]
pub(crate) struct Map {
    of: Input,
    values: HashMap<String, Value>,
    folded: bool,
    unread: Unread,
}

impl Map {
    pub(crate) fn new(rule: &MapRule, site: &mut Site<'_>) -> Result<Self> {
        let mut values = HashMap::new();
        let mut put = |from: &str, to: &Value, site: &Site<'_>| {
            let key = if rule.fold { fold(from) } else { from.trim().to_owned() };
            match values.insert(key, to.clone()) {
                Some(other) if other != *to => {
                    Err(site.fail(format!("`{from}` stands for two values at once")))
                }
                _ => Ok(()),
            }
        };
        for (from, to) in &rule.values {
            put(from, to, site)?;
        }
        for (to, spellings) in &rule.spellings {
            let value = Value::from(to.as_str());
            put(to, &value, site)?;
            spellings.iter().try_for_each(|from| put(from, &value, site))?;
        }
        if values.is_empty() {
            return Err(site.fail("`map` needs `values` or `spellings`"));
        }
        let unread = site.unread(
            &rule.unknown,
            &rule.of,
            UNKNOWN_CHOICE,
            "a value that the mapping's list does not have",
        )?;
        Ok(Self { of: site.input("map", &rule.of)?, values, folded: rule.fold, unread })
    }

    fn one<'a>(&'a self, value: &Value, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let text = words(value);
        let known = if self.folded { self.values.get(&fold(&text)) } else { self.values.get(&*text) };
        match known {
            Some(known) => Ok(Given::Value(std::borrow::Cow::Borrowed(known))),
            None => self.unread.settle(value, turn),
        }
    }
}

impl Step for Map {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        let Value::List(values) = &*value else { return self.one(&value, turn) };
        let mut all = Vec::with_capacity(values.len());
        for value in values.iter().filter(|value| !value.is_blank()) {
            if let Given::Value(value) = self.one(value, turn)?
                && !value.is_blank()
            {
                all.push(value.into_owned());
            }
        }
        Ok(if all.is_empty() { Given::BLANK } else { Given::owned(all) })
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::DraftValue;
    use crate::spec::rules::testing::{complains, flags, gives, mapped, record, refuses};
    use crate::value::Value;

    const GROUPS: &str =
        r#"map = "g", fold = true, spellings = { "A+" = ["A positive", "A +ve"], "O-" = [] }"#;

    #[test]
    fn a_value_stands_for_another() {
        let rule = r#"{ map = "s", values = { done = "Completed", 1 = true } }"#;
        assert_eq!(gives(rule, &[("s", "done".into())]), "Completed".into());
        assert_eq!(gives(rule, &[("s", 1_i64.into())]), true.into());
        assert_eq!(gives(rule, &[("s", " ".into())]), Value::Null);
        assert_eq!(refuses(rule, &[("s", "Done".into())]), "s");
    }

    #[test]
    fn spellings_are_folded_on_request() {
        let rule = format!("{{ {GROUPS} }}");
        for spelling in ["a  POSITIVE", "A +ve", "a+"] {
            assert_eq!(gives(&rule, &[("g", spelling.into())]), "A+".into());
        }
    }

    #[test]
    fn an_unknown_value_is_flagged_and_never_dropped() {
        let odd = [("g", "Bombay ".into())];
        let with = |unknown: &str| format!("{{ {GROUPS}, unknown = {unknown} }}");
        assert_eq!(flags(&with(r#""leave""#), &odd), (Value::Null, "unknown-choice".to_owned()));
        assert_eq!(flags(&with(r#"{ default = "O-" }"#), &odd), ("O-".into(), "unknown-choice".to_owned()));
        assert_eq!(gives(&with(r#""as_is""#), &odd), "Bombay ".into());
        let kept = mapped(&with(r#"{ keep_in = "text" }"#), &record(&odd)).unwrap();
        assert_eq!(kept.flags[0].field.as_ref().unwrap().as_str(), "g");
        let fields: Vec<_> = kept.drafts[0].fields().to_vec();
        assert_eq!(
            fields,
            [("text".into(), DraftValue::from("Bombay ")), ("x".into(), DraftValue::from(Value::Null))]
        );
    }

    #[test]
    fn of_a_list_every_value_is_mapped() {
        let rule = r#"{ map = { split = "s", separator = ",", take = "all" }, values = { a = 1, b = 2 }, unknown = "leave" }"#;
        assert_eq!(gives(rule, &[("s", "b, a".into())]), vec![2_i64.into(), 1_i64.into()].into());
        assert_eq!(flags(rule, &[("s", "b, z".into())]).0, vec![2_i64.into()].into());
    }

    #[test]
    fn a_spelling_for_two_values_is_refused() {
        let rule = r#"{ map = "g", fold = true, values = { "A pos" = "A+", "a POS" = "A-" } }"#;
        assert!(complains(rule).contains("stands for two values"));
        assert!(complains(r#"{ map = "g" }"#).contains("needs `values`"));
    }
}

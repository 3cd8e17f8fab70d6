//! Lists, the first of several, and rules for some records.

use crate::draft::DraftValue;
use crate::error::Result;
use crate::spec::rule::Rule;
use crate::spec::rules::condition::Test;
use crate::spec::site::{Site, makes_file};
use crate::spec::step::{Given, Step, Turn};
use crate::spec::when::When;
use crate::value::Value;

#[derive(Debug)]
pub(crate) struct List(Vec<Box<dyn Step>>);

impl List {
    pub(crate) fn new(of: &[Rule], site: &mut Site<'_>) -> Result<Self> {
        if of.iter().any(makes_file) {
            return Err(
                site.fail("a field takes one file, and no list of them: let each be a draft of its own")
            );
        }
        site.steps("list", of).map(Self)
    }
}

impl Step for List {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let mut given = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            let one = step.give(turn)?;
            if !one.is_blank() {
                given.push(one.into_draft_value());
            }
        }
        Ok(gather(given))
    }
}

/// Several values as one: a list, or several pointers.
pub(crate) fn gather<'a>(given: Vec<DraftValue>) -> Given<'a> {
    if given.is_empty() {
        return Given::BLANK;
    }
    let values: Option<Vec<Value>> = given
        .iter()
        .map(|one| match one {
            DraftValue::Value(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    match values {
        Some(values) => Given::owned(values),
        None => Given::Pointer(DraftValue::Several(given)),
    }
}

#[derive(Debug)]
pub(crate) struct FirstOf(Vec<Box<dyn Step>>);

impl FirstOf {
    pub(crate) fn new(of: &[Rule], site: &mut Site<'_>) -> Result<Self> {
        site.steps("first_of", of).map(Self)
    }
}

impl Step for FirstOf {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        for step in &self.0 {
            let given = step.give(turn)?;
            if !given.is_blank() {
                return Ok(given);
            }
        }
        Ok(Given::BLANK)
    }
}

#[derive(Debug)]
pub(crate) struct If {
    when: Test,
    then: Box<dyn Step>,
}

impl If {
    pub(crate) fn new(when: &When, then: &Rule, site: &mut Site<'_>) -> Result<Self> {
        let when = site.inside("when", |site| Test::new(when, site))?;
        Ok(Self { when, then: site.step("then", then)? })
    }
}

impl Step for If {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        if self.when.holds(turn.record) { self.then.give(turn) } else { Ok(Given::BLANK) }
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::rules::testing::{complains, gives, mapped, record};
    use crate::value::Value;

    #[test]
    fn a_list_holds_what_is_not_blank() {
        let fields = [("a", "1".into()), ("b", " ".into()), ("c", "3".into())];
        assert_eq!(gives(r#"{ list = ["a", "b", "c"] }"#, &fields), vec!["1".into(), "3".into()].into());
        assert_eq!(gives(r#"{ list = ["b"] }"#, &fields), Value::Null);
        assert!(complains("{ list = [] }").contains("at least one"));
    }

    #[test]
    fn the_first_that_is_not_blank_is_taken() {
        let rule =
            r#"{ first_of = ["a", { constant = "c", when = { present = "b" } }, { constant = "none" }] }"#;
        assert_eq!(gives(rule, &[("a", "1".into())]), "1".into());
        assert_eq!(gives(rule, &[("b", "2".into())]), "c".into());
        assert_eq!(gives(rule, &[]), "none".into());
    }

    #[test]
    fn a_field_whose_condition_fails_is_left_out() {
        let rule = r#"{ constant = true, when = { field = "s", one_of = ["Done", "Closed"], fold = true } }"#;
        assert_eq!(gives(rule, &[("s", " done".into())]), true.into());
        assert!(mapped(rule, &record(&[("s", "open".into())])).unwrap().drafts[0].fields().is_empty());
    }

    #[test]
    fn conditions_are_combined() {
        let holds = |when: &str, fields: &[(&str, Value)]| {
            let rule =
                format!("{{ first_of = [{{ constant = true, when = {when} }}, {{ constant = false }}] }}");
            gives(&rule, fields) == true.into()
        };
        let fields = [("a", "1".into()), ("n", 3_i64.into())];
        assert!(holds(r#"{ all = [{ present = "a" }, { blank = "b" }] }"#, &fields));
        assert!(!holds(r#"{ all = [{ present = "a" }, { present = "b" }] }"#, &fields));
        assert!(holds(r#"{ any = [{ present = "b" }, { field = "n", equals = 3 }] }"#, &fields));
        assert!(holds(r#"{ not = { field = "a", equals = "2" } }"#, &fields));
        assert!(!holds(r#"{ field = "b", equals = "" }"#, &fields));
    }
}

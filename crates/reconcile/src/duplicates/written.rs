//! Decisions as people write them: a TOML file.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use mapping_core::error::{Error, Result};
use mapping_core::journal::Verdict;
use mapping_core::key::{Origin, RecordKey};
use mapping_core::name::EntityName;
use serde::Deserialize;
use toml::Spanned;

use crate::duplicates::decisions::{Decisions, Made};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    entity: Option<EntityName>,
    by: Option<String>,
    #[serde(default)]
    same: Vec<Same>,
    #[serde(default)]
    apart: Vec<Several>,
    #[serde(default)]
    undecided: Vec<Several>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    stays: Spanned<String>,
    goes: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    keys: Vec<Spanned<String>>,
}

impl Decisions {
    /// Reads what `file` holds.
    ///
    /// # Errors
    ///
    /// The text is not TOML or not decisions, or contradicts itself: the error's places `file` and `line` say where.
    pub fn from_toml(text: &str, file: &str) -> Result<Self> {
        // Some editors put a mark in front.
        let text = Text { text: text.strip_prefix('\u{feff}').unwrap_or(text), file };
        let written: Written = toml::from_str(text.text).map_err(|error| {
            text.error(format!("the decisions do not read: {}", error.message()), error.span())
        })?;
        let entity = written.entity.clone().unwrap_or_else(|| "patient".into());
        let mut list = List {
            text,
            entity,
            by: written.by,
            made: Vec::new(),
            lines: HashMap::new(),
            decided: HashMap::new(),
        };
        list.same(&written.same)?;
        list.pairs(&written.apart, |one, other| Verdict::Apart { one, other })?;
        list.pairs(&written.undecided, |one, other| Verdict::Open { one, other })?;
        let List { made, lines, .. } = list;
        Self::of_all(made).map_err(|contradiction| {
            text.error(contradiction.to_string(), lines.get(&contradiction.at).cloned())
        })
    }
}

#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a str,
    file: &'a str,
}

impl Text<'_> {
    fn line(self, span: &Range<usize>) -> u64 {
        self.text.get(..span.start).unwrap_or(self.text).matches('\n').count() as u64 + 1
    }

    fn error(self, message: String, span: Option<Range<usize>>) -> Error {
        let error = Error::config(message).at("file", self.file);
        match span {
            Some(span) => error.at("line", self.line(&span)),
            None => error,
        }
    }
}

/// The file's decisions, one by one.
struct List<'a> {
    text: Text<'a>,
    entity: EntityName,
    by: Option<String>,
    made: Vec<Made>,
    /// Where each record is named last.
    lines: HashMap<RecordKey, Range<usize>>,
    /// What was decided on two, the lesser first.
    decided: HashMap<(RecordKey, RecordKey), Verdict>,
}

/// A record where it is named.
struct Named {
    key: RecordKey,
    span: Range<usize>,
}

impl List<'_> {
    fn named(&mut self, id: &Spanned<String>) -> Named {
        let key = RecordKey::new(self.entity.clone(), id.get_ref().as_str());
        self.lines.insert(key.clone(), id.span());
        Named { key, span: id.span() }
    }

    /// Adds one on two records, which is to be the only one on them.
    fn push(&mut self, verdict: Verdict, (one, other): (&Named, &Named)) -> Result<()> {
        let pair = if one.key <= other.key { (&one.key, &other.key) } else { (&other.key, &one.key) };
        let pair = (pair.0.clone(), pair.1.clone());
        if self.decided.insert(pair, verdict.clone()).is_some_and(|before| before != verdict) {
            let message =
                format!("{} and {} are decided on twice, and not alike; decide on one", one.key, other.key);
            return Err(self.text.error(message, Some(other.span.clone())));
        }
        let origin = |named: &Named| Origin::new(self.text.file, self.text.line(&named.span));
        self.made.push(Made { verdict, by: self.by.clone(), origins: Some((origin(one), origin(other))) });
        Ok(())
    }

    fn same(&mut self, all: &[Same]) -> Result<()> {
        let mut gone = HashMap::new();
        for same in all {
            let stays = self.named(&same.stays);
            for id in &same.goes {
                let goes = self.named(id);
                let other = gone.insert(goes.key.clone(), stays.key.clone());
                if goes.key == stays.key || other.is_some_and(|other| other != stays.key) {
                    let message = format!(
                        "{} is to go for {}, and stays or goes for another; decide on one",
                        goes.key, stays.key
                    );
                    return Err(self.text.error(message, Some(goes.span)));
                }
                let verdict = Verdict::Same { stays: stays.key.clone(), goes: goes.key.clone() };
                self.push(verdict, (&stays, &goes))?;
            }
        }
        Ok(())
    }

    /// Each with each other of a list.
    fn pairs(&mut self, all: &[Several], verdict: fn(RecordKey, RecordKey) -> Verdict) -> Result<()> {
        for several in all {
            let mut before: Vec<Named> = Vec::new();
            let mut once = HashSet::new();
            for id in &several.keys {
                let named = self.named(id);
                if !once.insert(named.key.clone()) {
                    let message = format!("{} stands twice in a list; take it out once", named.key);
                    return Err(self.text.error(message, Some(named.span)));
                }
                for other in &before {
                    // In one order, so that a list and the same list turned round say one thing.
                    let (one, two) = if other.key <= named.key { (other, &named) } else { (&named, other) };
                    self.push(verdict(one.key.clone(), two.key.clone()), (other, &named))?;
                }
                before.push(named);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Decisions::from_toml(text, "d.toml").unwrap_err().to_string()
    }

    #[test]
    fn what_contradicts_itself_is_told_with_its_line() {
        assert_eq!(
            error("[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[apart]]\nkeys = [\n  \"2\",\n  \"1\"\n]"),
            "patient/2 and patient/1 are decided on twice, and not alike; decide on one (file d.toml) (line 7)"
        );
        assert_eq!(
            error("[[same]]\nstays = \"1\"\ngoes = [\"2\"]\n[[same]]\nstays = \"3\"\ngoes = [\"2\"]"),
            "patient/2 is to go for patient/3, and stays or goes for another; decide on one (file d.toml) (line 6)"
        );
        let same = |stays: &str, goes: &str| format!("[[same]]\nstays = {stays:?}\ngoes = [{goes:?}]\n");
        let circle = error(&(same("1", "2") + &same("2", "3") + &same("3", "1")));
        assert!(circle.contains("patient/1 goes in a circle and none stays"), "{circle}");
        assert!(circle.ends_with("(line 9)"), "{circle}");
        let apart = error(&(same("1", "2") + &same("2", "3") + "[[apart]]\nkeys = [\"1\", \"3\"]"));
        assert!(
            apart.starts_with("patient/1 and patient/3 are apart here and the same elsewhere"),
            "{apart}"
        );
        assert!(error("[[same]]\nstays = \"1\"\ngoes = [\"1\"]").ends_with("(line 3)"));
        assert!(error("[[apart]]\nkeys = [\"1\",\n\"1\"]").ends_with("(line 3)"));
    }

    #[test]
    fn the_mark_that_some_editors_put_in_front_is_nothing() {
        assert_eq!(Decisions::from_toml("\u{feff}by = \"Meera\"\n", "d.toml").unwrap(), Decisions::default());
    }

    #[test]
    fn what_is_no_decision_is_told_with_its_line() {
        for text in ["\n[[same]\n", "\n[[merge]]\n", "\n[[same]]\nstays = 1", "\n[[apart]]\nkey = []"] {
            let error = error(text);
            assert!(error.starts_with("the decisions do not read: ") && error.contains("(line "), "{error}");
        }
    }
}

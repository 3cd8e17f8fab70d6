//! True or false, by words.

use std::collections::HashMap;

use crate::error::Result;
use crate::spec::rule::BooleanRule;
use crate::spec::site::{Site, Unread};
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::{fold, words};
use crate::value::Value;

const YES: [&str; 5] = ["yes", "y", "true", "t", "1"];
const NO: [&str; 5] = ["no", "n", "false", "f", "0"];

#[derive(Debug)]
pub(crate) struct Boolean {
    of: Input,
    words: HashMap<String, bool>,
    unread: Unread,
}

impl Boolean {
    pub(crate) fn new(rule: &BooleanRule, site: &mut Site<'_>) -> Result<Self> {
        let mut words = HashMap::new();
        for (given, usual, meaning) in [(&rule.yes, YES, true), (&rule.no, NO, false)] {
            let given = given.iter().map(|word| fold(word));
            let usual = usual.into_iter().map(str::to_owned).filter(|_| given.len() == 0);
            for word in given.clone().chain(usual) {
                if words.insert(word.clone(), meaning) == Some(!meaning) {
                    return Err(site.fail(format!("`{word}` is both yes and no")));
                }
            }
        }
        let unread = site.unread(&rule.unknown, &rule.of, "unreadable-boolean", "neither a yes nor a no")?;
        Ok(Self { of: site.input("boolean", &rule.of)?, words, unread })
    }
}

impl Step for Boolean {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        let known = match &*value {
            Value::Bool(known) => Some(*known),
            other => self.words.get(&fold(&words(other))).copied(),
        };
        match known {
            Some(known) => Ok(Given::owned(known)),
            None => self.unread.settle(&value, turn),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::rules::testing::{complains, flags, gives};
    use crate::value::Value;

    #[test]
    fn words_are_true_or_false() {
        let rule = r#"{ boolean = "a" }"#;
        assert_eq!(gives(rule, &[("a", "YES".into())]), true.into());
        assert_eq!(gives(rule, &[("a", 0_i64.into())]), false.into());
        assert_eq!(gives(rule, &[("a", true.into())]), true.into());
        assert_eq!(gives(rule, &[]), Value::Null);
    }

    #[test]
    fn ones_own_words_replace_the_usual_ones() {
        let rule = r#"{ boolean = "a", yes = ["Active"], no = ["Archived"], unknown = "leave" }"#;
        assert_eq!(gives(rule, &[("a", "active".into())]), true.into());
        assert_eq!(flags(rule, &[("a", "yes".into())]), (Value::Null, "unreadable-boolean".to_owned()));
        assert!(complains(r#"{ boolean = "a", yes = ["n"] }"#).contains("both yes and no"));
    }
}

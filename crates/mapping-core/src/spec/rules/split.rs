//! Texts from several fields, and pieces of one.

use std::borrow::Cow;

use crate::error::Result;
use crate::spec::rule::{Rule, Take};
use crate::spec::site::Site;
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::words;
use crate::value::Value;

#[derive(Debug)]
pub(crate) struct Join {
    of: Vec<Input>,
    separator: String,
}

impl Join {
    pub(crate) fn new(of: &[Rule], separator: &str, site: &mut Site<'_>) -> Result<Self> {
        Ok(Self { of: site.inputs("join", of)?, separator: separator.to_owned() })
    }
}

impl Step for Join {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let mut text = String::new();
        for input in &self.of {
            let Some(value) = input.value(turn)? else { continue };
            let part = words(&value);
            if !text.is_empty() && !part.is_empty() {
                text.push_str(&self.separator);
            }
            text.push_str(&part);
        }
        Ok(if text.is_empty() { Given::BLANK } else { Given::owned(text) })
    }
}

#[derive(Debug)]
pub(crate) struct Split {
    of: Input,
    separator: Option<String>,
    take: Take,
}

impl Split {
    pub(crate) fn new(of: &Rule, separator: Option<&str>, take: Take, site: &mut Site<'_>) -> Result<Self> {
        if separator == Some("") {
            return Err(site.fail("`separator` is empty; leave it out to split at white space"));
        }
        if take == Take::Nth(0) {
            return Err(site.fail("pieces are counted from 1"));
        }
        Ok(Self { of: site.input("split", of)?, separator: separator.map(str::to_owned), take })
    }
}

impl Step for Split {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        let text = words(&value);
        let found = match &self.separator {
            Some(separator) => take(self.take, &text, text.split(separator.as_str()), |text| {
                text.split_once(separator.as_str()).map(|(_, rest)| rest)
            }),
            None => take(self.take, &text, text.split_whitespace(), |text| {
                text.split_once(char::is_whitespace).map(|(_, rest)| rest)
            }),
        };
        Ok(Given::Value(Cow::Owned(found)))
    }
}

fn take<'t>(
    which: Take,
    text: &'t str,
    mut pieces: impl Iterator<Item = &'t str>,
    rest: impl Fn(&'t str) -> Option<&'t str>,
) -> Value {
    let piece = match which {
        Take::First => pieces.next(),
        Take::Last => pieces.last(),
        Take::Rest => rest(text),
        Take::Nth(number) => {
            usize::try_from(number).ok().and_then(|number| pieces.nth(number.checked_sub(1)?))
        }
        Take::All => {
            let all: Vec<_> =
                pieces.map(str::trim).filter(|piece| !piece.is_empty()).map(Value::from).collect();
            return if all.is_empty() { Value::Null } else { Value::List(all) };
        }
    };
    piece.map(str::trim).filter(|piece| !piece.is_empty()).into()
}

#[cfg(test)]
mod tests {
    use crate::spec::rules::testing::{complains, gives};
    use crate::value::Value;

    #[test]
    fn blank_parts_are_left_out_of_a_join() {
        let fields = [("a", "Asha".into()), ("b", "  ".into()), ("c", "Rao".into())];
        assert_eq!(gives(r#"{ join = ["a", "b", "c"] }"#, &fields), "Asha Rao".into());
        assert_eq!(gives(r#"{ join = ["a", "c"], separator = ", " }"#, &fields), "Asha, Rao".into());
        assert_eq!(gives(r#"{ join = ["b"] }"#, &fields), Value::Null);
    }

    #[test]
    fn pieces_are_taken_by_place() {
        let name = [("n", " Asha  Devi Rao ".into())];
        let piece = |take: &str| gives(&format!(r#"{{ split = "n", take = {take} }}"#), &name);
        assert_eq!(piece(r#""first""#), "Asha".into());
        assert_eq!(piece(r#""last""#), "Rao".into());
        assert_eq!(piece(r#""rest""#), "Devi Rao".into());
        assert_eq!(piece("2"), "Devi".into());
        assert_eq!(piece("4"), Value::Null);
        assert_eq!(piece(r#""all""#), vec!["Asha".into(), "Devi".into(), "Rao".into()].into());
    }

    #[test]
    fn a_separator_of_ones_own_splits() {
        let tags = [("t", "diabetic; ; senior".into())];
        let all = gives(r#"{ split = "t", separator = ";", take = "all" }"#, &tags);
        assert_eq!(all, vec!["diabetic".into(), "senior".into()].into());
        assert_eq!(gives(r#"{ split = "t", separator = ";", take = 2 }"#, &tags), Value::Null);
        assert!(complains(r#"{ split = "t", separator = "" }"#).contains("(rule draft[1].fields.x)"));
    }
}

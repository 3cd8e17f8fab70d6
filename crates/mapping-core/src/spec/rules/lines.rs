//! Text of several lines, each with its label.

use crate::error::Result;
use crate::spec::rule::Line;
use crate::spec::site::Site;
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::words;

#[derive(Debug)]
pub(crate) struct Lines(Vec<(Option<String>, Input)>);

impl Lines {
    pub(crate) fn new(lines: &[Line], site: &mut Site<'_>) -> Result<Self> {
        if lines.is_empty() {
            return Err(site.fail("`lines` needs at least one"));
        }
        let ready = (1..).zip(lines).map(|(at, line)| {
            Ok((line.label.clone(), site.input(format_args!("lines[{at}]"), &line.value)?))
        });
        ready.collect::<Result<_>>().map(Self)
    }
}

impl Step for Lines {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let mut text = String::new();
        for (label, input) in &self.0 {
            let Some(value) = input.value(turn)? else { continue };
            if !text.is_empty() {
                text.push('\n');
            }
            if let Some(label) = label {
                text.push_str(label);
                text.push_str(": ");
            }
            text.push_str(&words(&value));
        }
        Ok(if text.is_empty() { Given::BLANK } else { Given::owned(text) })
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::rules::testing::gives;
    use crate::value::Value;

    #[test]
    fn blank_values_have_no_line() {
        let rule = r#"{ lines = [{ label = "Complaint", value = "c" }, { label = "Diagnosis", value = "d" }, "n"] }"#;
        let fields = [("c", "Fever".into()), ("d", " ".into()), ("n", "Rest".into())];
        assert_eq!(gives(rule, &fields), "Complaint: Fever\nRest".into());
        assert_eq!(gives(rule, &[]), Value::Null);
    }
}

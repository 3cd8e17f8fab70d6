//! Numbers, out of what people write in tables.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::error::Result;
use crate::spec::rule::{NumberRule, Percent};
use crate::spec::site::{Site, Unread};
use crate::spec::step::{Given, Input, Step, Turn};
use crate::value::Value;

/// What may stand before or after an amount, in small letters.
const MARKS: [&str; 13] = ["₹", "$", "€", "£", "¥", "rs.", "rs", "inr", "usd", "eur", "gbp", "/-", "/="];

#[derive(Debug)]
pub(crate) struct Number {
    of: Input,
    whole: bool,
    grouping: char,
    point: char,
    percent: Option<Percent>,
    unread: Unread,
}

impl Number {
    pub(crate) fn new(rule: &NumberRule, whole: bool, site: &mut Site<'_>) -> Result<Self> {
        let NumberRule { of, grouping, point, percent, unknown } = rule;
        let foreign = |c: char| c.is_alphanumeric() || "+-()%".contains(c);
        if grouping == point || foreign(*grouping) || foreign(*point) || point.is_whitespace() {
            return Err(
                site.fail("`grouping` and `point` must be two different signs, and no digits or letters")
            );
        }
        let what = if whole { "not a whole number" } else { "not a number" };
        let unread = site.unread(unknown, of, "unreadable-number", what)?;
        let of = site.input(if whole { "integer" } else { "number" }, of)?;
        Ok(Self { of, whole, grouping: *grouping, point: *point, percent: *percent, unread })
    }

    fn read(&self, value: &Value) -> Option<Value> {
        let number = match value {
            Value::Integer(number) => Decimal::from(*number),
            Value::Decimal(number) => *number,
            Value::Text(text) => self.parse(text)?,
            _ => return None,
        };
        if !self.whole {
            return Some(number.into());
        }
        let number = number.normalize();
        if number.scale() == 0 { number.to_i64().map(Value::Integer) } else { None }
    }

    fn parse(&self, text: &str) -> Option<Decimal> {
        let mut text = text.trim();
        let mut negative = false;
        if let Some(inner) = text.strip_prefix('(') {
            text = inner.strip_suffix(')')?.trim();
            negative = true;
        }
        let mut percent = None;
        if let Some(inner) = text.strip_suffix('%') {
            percent = Some(self.percent?);
            text = inner.trim_end();
        }
        text = unmarked(text);
        if let Some(inner) = text.strip_prefix(['-', '\u{2212}']) {
            // Less than zero is said once.
            if negative {
                return None;
            }
            negative = true;
            text = unmarked(inner.trim_start());
        } else if let Some(inner) = text.strip_prefix('+') {
            text = unmarked(inner.trim_start());
        }
        let mut number = Decimal::from_str_exact(&self.digits(text)?).ok()?;
        if percent == Some(Percent::Fraction) {
            number.set_scale(number.scale() + 2).ok()?;
        }
        number.set_sign_negative(negative && !number.is_zero());
        Some(number)
    }

    /// The digits alone, with a `.` for the point, if the groups are whole ones: of three, or of two before the last as in India.
    fn digits(&self, text: &str) -> Option<String> {
        let (whole, fraction) = match text.split_once(self.point) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let between = |c: char| c == self.grouping || (self.grouping.is_whitespace() && c.is_whitespace());
        let groups: Vec<&str> = whole.split(between).collect();
        if let [first, middle @ .., last] = groups.as_slice() {
            let even = |size: usize| middle.iter().all(|group| group.len() == size);
            if !digits(first)
                || first.len() > 3
                || last.len() != 3
                || !(even(3) || (even(2) && first.len() <= 2))
            {
                return None;
            }
        }
        let mut number = groups.concat();
        if number.is_empty() && fraction.is_some() {
            number.push('0');
        }
        if !digits(&number) {
            return None;
        }
        match fraction {
            Some(fraction) if digits(fraction) => Some(format!("{number}.{fraction}")),
            Some(_) => None,
            None => Some(number),
        }
    }
}

/// The text without one currency's mark before it and one after it.
fn unmarked(text: &str) -> &str {
    let cut =
        |text: &str, mark: &str| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    let before = MARKS.iter().find(|mark| cut(text, mark)).map_or(0, |mark| mark.len());
    let text = text[before..].trim_start();
    let ends = |mark: &&&str| {
        let at = text.len().checked_sub(mark.len());
        at.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(mark))
    };
    let after = MARKS.iter().find(ends).map_or(0, |mark| mark.len());
    text[..text.len() - after].trim_end()
}

impl Step for Number {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        match self.read(&value) {
            Some(number) => Ok(Given::owned(number)),
            None => self.unread.settle(&value, turn),
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use crate::spec::rules::testing::{complains, flags, gives, refuses};
    use crate::value::Value;

    fn amount(text: &str) -> Option<String> {
        let rule = r#"{ number = "a", percent = "number", unknown = { default = "none" } }"#;
        let record = crate::spec::rules::testing::record(&[("a", text.into())]);
        match crate::spec::rules::testing::maps(rule, &record).unwrap().0 {
            Value::Decimal(number) => Some(number.to_string()),
            _ => None,
        }
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, number) in [
            ("1234.50", "1234.50"),
            ("₹ 1,23,456.50", "123456.50"),
            ("Rs. 500/-", "500"),
            ("$1,200", "1200"),
            ("-$5", "-5"),
            ("$ -5.00", "-5.00"),
            ("(12.50)", "-12.50"),
            ("1,234,567", "1234567"),
            ("1,00,00,000", "10000000"),
            ("INR 75", "75"),
            ("75 usd", "75"),
            (".5", "0.5"),
            ("+3", "3"),
            ("18 %", "18"),
            ("-0", "0"),
        ] {
            assert_eq!(amount(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        for text in [
            "1,5", "12,34", "1,2345", "1234,567", "1.2.3", "1e5", "5.", "--5", "(-5)", "abc", "12 34", "₹",
            "1,,000",
        ] {
            assert_eq!(amount(text), None, "{text}");
        }
        assert_eq!(amount("99999999999999999999999999999999"), None);
    }

    #[test]
    fn other_countries_have_other_signs() {
        let rule = r#"{ number = "a", grouping = ".", point = "," }"#;
        assert_eq!(gives(rule, &[("a", "1.234,50".into())]), "1234.50".parse::<Decimal>().unwrap().into());
        assert!(complains(r#"{ number = "a", grouping = "." }"#).contains("two different signs"));
    }

    #[test]
    fn a_percentage_is_what_the_mapping_says() {
        let rule = r#"{ number = "a", percent = "fraction" }"#;
        assert_eq!(gives(rule, &[("a", "18%".into())]), "0.18".parse::<Decimal>().unwrap().into());
        assert_eq!(refuses(r#"{ number = "a" }"#, &[("a", "18%".into())]), "a");
    }

    #[test]
    fn a_whole_number_has_no_fraction() {
        let rule = r#"{ integer = "a", unknown = "leave" }"#;
        assert_eq!(gives(rule, &[("a", "3.0".into())]), 3_i64.into());
        assert_eq!(gives(rule, &[("a", 3_i64.into())]), 3_i64.into());
        assert_eq!(flags(rule, &[("a", "3.5".into())]), (Value::Null, "unreadable-number".to_owned()));
    }
}

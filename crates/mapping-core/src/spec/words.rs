//! Values as a person reads them, and texts made comparable.

use std::borrow::Cow;

use crate::destination::LookupQuery;
use crate::value::Value;

/// The value as text, without white space at its ends. Empty for a blank one.
pub(crate) fn words(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Text(text) => Cow::Borrowed(text.trim()),
        Value::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Decimal(number) => Cow::Owned(number.to_string()),
        Value::Date(date) => Cow::Owned(date.to_string()),
        Value::DateTime(time) => Cow::Owned(time.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        Value::Instant(instant) => Cow::Owned(instant.to_string()),
        Value::List(values) => {
            let parts: Vec<_> = values.iter().map(words).filter(|part| !part.is_empty()).collect();
            Cow::Owned(parts.join(", "))
        }
        Value::Map(values) => {
            let parts: Vec<_> = values
                .iter()
                .filter(|(_, value)| !value.is_blank())
                .map(|(name, value)| format!("{name}: {}", words(value)))
                .collect();
            Cow::Owned(parts.join(", "))
        }
        Value::File(file) => Cow::Borrowed(&file.name),
    }
}

/// The value as it was written, to be kept: text with every character of it.
pub(crate) fn verbatim(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => words(other).into_owned(),
    }
}

/// The text in small letters, every white space one space, none at the ends.
pub(crate) fn fold(text: &str) -> String {
    LookupQuery::folded(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_space_are_folded() {
        assert_eq!(fold("  O \t Positive "), "o positive");
    }

    #[test]
    fn blank_parts_leave_no_comma() {
        let list = Value::List(vec!["a".into(), " ".into(), Value::Null, 3_i64.into()]);
        assert_eq!(words(&list), "a, 3");
    }
}

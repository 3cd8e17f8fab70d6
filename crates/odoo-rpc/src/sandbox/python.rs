//! How Python would write a value: silent coercions and fault texts show it.

use crate::wire::Value;

/// `repr(value)`.
pub(super) fn repr(value: &Value) -> String {
    match value {
        Value::Nil => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => float(*number),
        Value::Text(text) => quoted(text),
        Value::DateTime(text) => format!("<DateTime '{text}'>"),
        Value::Base64(bytes) => format!("<Binary of {} bytes>", bytes.len()),
        Value::File(file) => format!("<Binary of {} bytes>", file.size()),
        Value::Array(values) => format!("[{}]", values.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Struct(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", quoted(name), repr(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// `str(value)`.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::DateTime(text) => text.clone(),
        value => repr(value),
    }
}

/// A list as the tuple it stands for.
pub(super) fn tuple(values: &[Value]) -> String {
    let parts: Vec<String> = values.iter().map(repr).collect();
    if parts.len() == 1 { format!("({},)", parts[0]) } else { format!("({})", parts.join(", ")) }
}

/// Whether Python takes it for true.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Nil => false,
        Value::Bool(truth) => *truth,
        Value::Int(number) => *number != 0,
        Value::Double(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::DateTime(_) | Value::Base64(_) | Value::File(_) => true,
        Value::Array(values) => !values.is_empty(),
        Value::Struct(members) => !members.is_empty(),
    }
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |rest| ("-", rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = number.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Struct;

    #[test]
    fn values_read_as_python_writes_them() {
        let cases = [
            (Value::from("it's"), "\"it's\""),
            (Value::from("a\nb"), "'a\\nb'"),
            (Value::from(5.0), "5.0"),
            (Value::from(1e20), "1e+20"),
            (Value::from(1.5e-7), "1.5e-07"),
            (Value::from(true), "True"),
            (Value::Nil, "None"),
            (Value::from(vec![Value::from(1), Value::from("a")]), "[1, 'a']"),
            (Value::from(Struct::new().with("a", 1)), "{'a': 1}"),
        ];
        for (value, expected) in cases {
            assert_eq!(repr(&value), expected);
        }
    }

    #[test]
    fn a_tuple_of_one_keeps_its_comma() {
        assert_eq!(tuple(&[Value::from(1)]), "(1,)");
        assert_eq!(tuple(&[Value::from("a"), Value::from(1)]), "('a', 1)");
    }
}

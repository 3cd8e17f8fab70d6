//! From the ground's values to Odoo's and back, by the type of the field; and the checks that spare a call.
//!
//! Odoo coerces silently or refuses a whole call without naming the row (measured on 14 and 19: `"False"` becomes true, a number
//! becomes text, a list its Python form), so nothing goes out whose type is not just right.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::value::{FileContent, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use crate::destination::model::{Field, Ttype};
use crate::files::LARGEST_FILE;
use crate::wire::{File, Value as Wire};

/// How text for a field with markup comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// As plain text: it is escaped, and its line breaks are kept.
    Plain,
    /// As markup that the server itself gave.
    AsRead,
}

/// The value as the field takes it.
///
/// # Errors
///
/// The field does not take such a value; the error does not show it.
pub(crate) fn encode(field: &Field, value: &Value, markup: Markup) -> Result<Wire> {
    if field.shows_others() {
        return Err(Error::refused(field.kind().not_written().unwrap_or_default()));
    }
    let empty = match (&field.ttype, value) {
        (_, Value::Null) => true,
        // What looks empty to people must not pass for a value where one is required.
        (Ttype::Char, value) => field.required && value.is_blank(),
        // Odoo 14 takes no empty text for these; 19 reads it as nothing.
        (Ttype::Date | Ttype::Datetime | Ttype::Selection(_), Value::Text(text)) => text.is_empty(),
        _ => false,
    };
    if empty {
        return if field.required {
            Err(Error::refused("a required field has no value"))
        } else {
            Ok(Wire::Bool(false))
        };
    }
    match (&field.ttype, value) {
        (Ttype::Char, value) => line(value).and_then(|text| fits(field, text)).and_then(sendable),
        (Ttype::Text, value) => line(value).and_then(sendable),
        (Ttype::Html, value) if markup == Markup::Plain => {
            line(value).map(|text| html(&text)).and_then(sendable)
        }
        (Ttype::Html, Value::Text(text)) => sendable(text.clone()),
        (Ttype::Integer, Value::Integer(number)) => match i32::try_from(*number) {
            Ok(number) => Ok(number.into()),
            Err(_) => Err(Error::refused("the number is too large for the field")),
        },
        (Ttype::Float | Ttype::Monetary, Value::Integer(number)) => float(Decimal::from(*number)),
        (Ttype::Float | Ttype::Monetary, Value::Decimal(number)) => float(*number),
        (Ttype::Boolean, Value::Bool(truth)) => Ok((*truth).into()),
        (Ttype::Date, Value::Date(date)) => day(*date).map(Wire::Text),
        (Ttype::Datetime, Value::Instant(instant)) => moment(*instant).map(Wire::Text),
        (Ttype::Datetime, Value::DateTime(_)) => {
            Err(Error::refused("a time without a zone is no point in time"))
        }
        (Ttype::Selection(choices), Value::Text(text)) => {
            let known = choices.iter().any(|(value, _)| value == text);
            if known {
                Ok(text.as_str().into())
            } else {
                Err(Error::refused("the value is not among the choices"))
            }
        }
        (Ttype::Many2one(_), Value::Integer(id)) if is_id(*id) => Ok((*id).into()),
        (Ttype::Many2one(_), Value::Integer(_)) => Err(Error::refused("the number is no record's id")),
        (Ttype::X2many(_), Value::List(ids)) => {
            let id = |id: &Value| id.as_integer().filter(|id| is_id(*id)).map(Wire::from);
            let ids: Option<Vec<Wire>> = ids.iter().map(id).collect();
            let ids = ids.ok_or_else(|| Error::refused("a list of ids is wanted"))?;
            // "Replace all by these", in Odoo's words.
            Ok(vec![Wire::Array(vec![6.into(), 0.into(), ids.into()])].into())
        }
        (Ttype::Binary, Value::File(file)) if file.size > LARGEST_FILE => Err(Error::refused(format!(
            "the file has {} bytes, and one call carries a file of {LARGEST_FILE} bytes at most",
            file.size
        ))),
        (Ttype::Binary, Value::File(file)) => match &file.content {
            FileContent::OnDisk(path) => Ok(File::new(path, file.size).with_sha1(file.sha1).into()),
            FileContent::InMemory(bytes) => {
                Ok(File::in_memory(Arc::clone(bytes)).with_sha1(file.sha1).into())
            }
            _ => Err(Error::refused("of the file it is only known what it was; its content is not at hand")),
        },
        (ttype, value) => Err(Error::refused(format!(
            "a field of kind '{}' does not take a {:?}",
            ttype.kind(),
            value.kind()
        ))),
    }
}

/// The value that the server gave for a field.
///
/// # Errors
///
/// It is not what such a field holds.
pub(crate) fn decode(field: &Field, value: &Wire) -> Result<Value> {
    let odd = || {
        Error::config(format!(
            "the server gave a {} for a field of kind '{}'",
            value.kind(),
            field.ttype.kind()
        ))
    };
    Ok(match (&field.ttype, value) {
        (Ttype::Boolean, Wire::Bool(truth)) => Value::Bool(*truth),
        (_, value) if value.is_unset() => Value::Null,
        (Ttype::Char | Ttype::Text | Ttype::Html | Ttype::Selection(_), Wire::Text(text)) => {
            Value::Text(text.clone())
        }
        (Ttype::Integer, Wire::Int(number)) => Value::Integer(*number),
        (Ttype::Float | Ttype::Monetary, Wire::Int(number)) => Value::Decimal((*number).into()),
        // By its shortest form: 0.1 comes back as 0.1.
        (Ttype::Float | Ttype::Monetary, Wire::Double(number)) => Value::Decimal(
            number.to_string().parse().ok().or_else(|| Decimal::from_f64(*number)).ok_or_else(odd)?,
        ),
        (Ttype::Date, Wire::Text(text)) => Value::Date(text.parse().map_err(|_| odd())?),
        (Ttype::Datetime, Wire::Text(text)) => {
            let local: jiff::civil::DateTime = text.parse().map_err(|_| odd())?;
            Value::Instant(local.to_zoned(TimeZone::UTC).map_err(|_| odd())?.timestamp())
        }
        (Ttype::Many2one(_), Wire::Int(id)) => Value::Integer(*id),
        (Ttype::Many2one(_), Wire::Array(pair)) => {
            Value::Integer(pair.first().and_then(Wire::as_int).ok_or_else(odd)?)
        }
        (Ttype::X2many(_), Wire::Array(ids)) => Value::List(
            ids.iter().map(|id| id.as_int().map(Value::from).ok_or_else(odd)).collect::<Result<_>>()?,
        ),
        _ => return Err(odd()),
    })
}

/// What Odoo's fields of text can hold of a value, as text.
fn line(value: &Value) -> Result<String> {
    Ok(match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        other => return Err(Error::refused(format!("a field of text does not take a {:?}", other.kind()))),
    })
}

/// A longer text is cut by Odoo without a word (measured on 14 and 19).
fn fits(field: &Field, text: String) -> Result<String> {
    match field.size {
        Some(size) if text.chars().count() > size => {
            Err(Error::refused(format!("the text is longer than the {size} characters the field takes")))
        }
        _ => Ok(text),
    }
}

/// Ids are numbers of 32 bits; a larger one breaks the whole call off.
fn is_id(number: i64) -> bool {
    i32::try_from(number).is_ok_and(|number| number > 0)
}

/// A text that the codecs and Odoo take.
///
/// # Errors
///
/// It holds a character that breaks the call off.
pub(crate) fn sendable(text: String) -> Result<Wire> {
    let bad = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.contains(bad) {
        Err(Error::refused("the text holds a control character"))
    } else {
        Ok(text.into())
    }
}

/// Plain text as markup: Odoo would lose what looks like a tag, and join the lines (measured on 19).
fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    html.push_str("<p>");
    while let Some(c) = chars.next() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' => html.push_str("<br>"),
            other => html.push(other),
        }
    }
    html.push_str("</p>");
    html
}

fn float(number: Decimal) -> Result<Wire> {
    number.to_f64().map(Wire::Double).ok_or_else(|| Error::refused("the number is too large for the field"))
}

/// Odoo writes the year without leading zeros and cannot read that again (measured on 14 and 19).
fn day(date: Date) -> Result<String> {
    if date.year() < 1000 { Err(Error::refused("the year is before 1000")) } else { Ok(date.to_string()) }
}

fn moment(instant: Timestamp) -> Result<String> {
    let utc = instant.to_zoned(TimeZone::UTC).datetime();
    let date = day(utc.date())?;
    Ok(format!("{date} {:02}:{:02}:{:02}", utc.hour(), utc.minute(), utc.second()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::destination::model::Model;
    use crate::wire::Struct;
    use mapping_core::value::FileHandle;

    fn field(ttype: &str) -> Field {
        let (ttype, size) = if ttype == "sized" { ("char", 5) } else { (ttype, 0) };
        let about = Struct::new().with("type", ttype).with("relation", "res.users").with("size", size);
        let choice = Wire::Array(vec!["A+".into(), "A positive".into()]);
        let about = about.with("selection", vec![choice]);
        Model::parse(&Struct::new().with("f", about)).fields.pop_first().unwrap().1
    }

    #[test]
    fn each_value_comes_back_as_it_went() {
        let values = [
            ("char", Value::from("Asha & <Ravi>")),
            ("sized", Value::from("O'Hara"[..5].to_owned())),
            ("integer", Value::from(7)),
            ("float", Value::Decimal("12.35".parse().unwrap())),
            ("boolean", Value::from(false)),
            ("date", Value::Date("1984-02-29".parse().unwrap())),
            ("datetime", Value::Instant("2026-01-05T05:00:00Z".parse().unwrap())),
            ("selection", Value::from("A+")),
            ("many2one", Value::from(3)),
            ("char", Value::Null),
            ("date", Value::Null),
        ];
        for (ttype, value) in values {
            let field = field(ttype);
            let sent = encode(&field, &value, Markup::Plain).unwrap();
            assert_eq!(decode(&field, &sent).unwrap(), value, "{ttype}");
        }
    }

    #[test]
    fn plain_text_becomes_markup_that_shows_the_same() {
        let sent = encode(&field("html"), &"BP < 120\r\nR&D".into(), Markup::Plain).unwrap();
        assert_eq!(sent.as_text(), Some("<p>BP &lt; 120<br>R&amp;D</p>"));
        let again = encode(&field("html"), &"<p>a</p>".into(), Markup::AsRead).unwrap();
        assert_eq!(again.as_text(), Some("<p>a</p>"));
    }

    #[test]
    fn what_the_server_would_bend_or_refuse_never_leaves() {
        for (ttype, value) in [
            ("boolean", Value::from("False")),
            ("selection", Value::from("C+")),
            ("integer", Value::from(1_i64 << 40)),
            ("date", Value::from("31/01/2024")),
            ("date", Value::Date("0201-01-01".parse().unwrap())),
            ("datetime", Value::DateTime("2024-01-31T10:00:00".parse().unwrap())),
            ("char", Value::from("a\u{1}b")),
            ("char", Value::List(Vec::new())),
            ("many2one", Value::from(0)),
            ("many2one", Value::from(1_i64 << 31)),
            ("many2many", Value::List(vec![Value::from(1_i64 << 31)])),
            ("sized", Value::from("नमस्ते")),
            ("binary", Value::from("x")),
        ] {
            assert!(encode(&field(ttype), &value, Markup::Plain).is_err(), "{ttype} {value:?}");
        }
    }

    #[test]
    fn a_file_goes_by_its_handle_and_one_too_large_does_not_go() {
        let handle = |size| FileHandle {
            content: FileContent::OnDisk("/x/scan.pdf".into()),
            name: "Scan".into(),
            size,
            sha1: [7; 20],
        };
        let file = |size| Value::File(handle(size));
        let sent = encode(&field("binary"), &file(LARGEST_FILE), Markup::Plain).unwrap();
        assert_eq!(sent, Wire::File(File::new("/x/scan.pdf", LARGEST_FILE).with_sha1([7; 20])));
        let error = encode(&field("binary"), &file(200_000_000), Markup::Plain).unwrap_err();
        assert!(error.to_string().contains("200000000 bytes"), "{error}");
        assert!(encode(&field("char"), &file(3), Markup::Plain).is_err());
    }

    #[test]
    fn what_a_field_shows_of_others_is_never_written() {
        let phone =
            Struct::new().with("type", "char").with("manual", true).with("related", "parent_id.phone");
        let visits =
            Struct::new().with("type", "one2many").with("relation", "x_visit").with("relation_field", "x_a");
        let fields = Model::parse(&Struct::new().with("phone", phone).with("visits", visits)).fields;
        for (name, value, told) in
            [("phone", "1".into(), "parent_id.phone"), ("visits", Value::List(vec![3.into()]), "x_visit")]
        {
            let error = encode(&fields[name], &value, Markup::Plain).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains("takes no values"), "{error}");
        }
    }

    #[test]
    fn a_blank_name_is_no_name() {
        let mut name = field("char");
        name.required = true;
        assert!(encode(&name, &" ".into(), Markup::Plain).is_err());
        assert!(encode(&field("char"), &" ".into(), Markup::Plain).is_ok());
    }
}

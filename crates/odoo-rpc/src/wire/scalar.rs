//! The text of one element into the value it stands for.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::wire::error::DecodeErrorKind;
use crate::wire::tag::Tag;
use crate::wire::value::Value;

/// As CPython, and so Odoo, reads it: the bits behind the last whole byte may be anything.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The value of an element that holds text alone.
pub(crate) fn value(tag: Tag, text: Cow<'_, str>) -> Result<Value, DecodeErrorKind> {
    match tag {
        Tag::Text => Ok(Value::Text(text.into_owned())),
        Tag::DateTime => Ok(Value::DateTime(text.into_owned())),
        Tag::Int => int(&text).map(Value::Int),
        Tag::Boolean => match &*text {
            "0" => Ok(Value::Bool(false)),
            "1" => Ok(Value::Bool(true)),
            _ => Err(DecodeErrorKind::Boolean),
        },
        Tag::Double => text.trim_ascii().parse().map(Value::Double).map_err(|_| DecodeErrorKind::Double),
        Tag::Base64 => base64(&text).map(Value::Base64),
        Tag::Nil if is_blank(&text) => Ok(Value::Nil),
        Tag::Nil => Err(DecodeErrorKind::Text),
        _ => Err(DecodeErrorKind::Element),
    }
}

/// Whether the text is made of what XML calls white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r'))
}

pub(crate) fn int(text: &str) -> Result<i64, DecodeErrorKind> {
    text.trim_ascii().parse().map_err(|_| DecodeErrorKind::Integer)
}

fn base64(text: &str) -> Result<Vec<u8>, DecodeErrorKind> {
    let joined: Cow<'_, [u8]> = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>().into()
    } else {
        text.as_bytes().into()
    };
    BASE64.decode(joined).map_err(|_| DecodeErrorKind::Base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: Tag, text: &str) -> Result<Value, DecodeErrorKind> {
        value(tag, text.into())
    }

    #[test]
    fn integers_reach_to_64_bits_and_no_further() {
        assert_eq!(read(Tag::Int, "-9223372036854775808"), Ok(Value::Int(i64::MIN)));
        assert_eq!(read(Tag::Int, "9223372036854775807"), Ok(Value::Int(i64::MAX)));
        assert_eq!(read(Tag::Int, "\n +07 "), Ok(Value::Int(7)));
        for wrong in ["9223372036854775808", "", " ", "1.0", "1_000", "0x1", "--1"] {
            assert_eq!(read(Tag::Int, wrong), Err(DecodeErrorKind::Integer), "{wrong:?}");
        }
    }

    #[test]
    fn doubles_are_read_in_every_form_python_writes() {
        for (text, number) in
            [("1e+16", 1e16), ("5e-324", 5e-324), ("-0.0", -0.0), (" 1.5\n", 1.5), ("7", 7.0), ("1E5", 1e5)]
        {
            let read = read(Tag::Double, text).unwrap();
            assert!(
                matches!(read, Value::Double(double) if double.to_bits() == f64::to_bits(number)),
                "{text:?}"
            );
        }
        assert_eq!(read(Tag::Double, "inf"), Ok(Value::Double(f64::INFINITY)));
        assert_eq!(read(Tag::Double, "-inf"), Ok(Value::Double(f64::NEG_INFINITY)));
        assert!(matches!(read(Tag::Double, "nan"), Ok(Value::Double(double)) if double.is_nan()));
        for wrong in ["", "1,5", "abc", "1e", "0x1p3"] {
            assert_eq!(read(Tag::Double, wrong), Err(DecodeErrorKind::Double), "{wrong:?}");
        }
    }

    #[test]
    fn booleans_are_0_and_1() {
        assert_eq!(read(Tag::Boolean, "1"), Ok(Value::Bool(true)));
        for wrong in ["", "true", "2", " 1", "01"] {
            assert_eq!(read(Tag::Boolean, wrong), Err(DecodeErrorKind::Boolean), "{wrong:?}");
        }
    }

    #[test]
    fn base64_may_be_broken_into_lines() {
        assert_eq!(read(Tag::Base64, "\nQXNo\r\nYQ==\n"), Ok(Value::Base64(b"Asha".to_vec())));
        assert_eq!(read(Tag::Base64, ""), Ok(Value::Base64(Vec::new())));
        for wrong in ["QXNoYQ", "Q", "QX*o", "QXNoYQ==QXNo"] {
            assert_eq!(read(Tag::Base64, wrong), Err(DecodeErrorKind::Base64), "{wrong:?}");
        }
    }

    #[test]
    fn texts_and_times_are_kept_as_they_are() {
        assert_eq!(read(Tag::Text, " \n"), Ok(Value::Text(" \n".into())));
        assert_eq!(read(Tag::DateTime, "20240131T10:20:30"), Ok(Value::DateTime("20240131T10:20:30".into())));
    }
}

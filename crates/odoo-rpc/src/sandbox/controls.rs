//! Control characters, which JSON brings in and XML cannot carry: up to 16 they go out as they are, so that the answer is no XML;
//! from 17 on they are left out. Measured on 14, 16, 17 and 19.

use crate::sandbox::version::Like;
use crate::wire::{EncodeError, Struct, Value, encode_response};

/// What a control character stands as while the answer is written: one of Unicode's private characters.
const PRIVATE: u32 = 0xF_0000;
/// How UTF-8 begins each of them.
const BEGINNING: [u8; 3] = [0xF3, 0xB0, 0x80];

/// Writes an answer that holds control characters.
pub(super) fn encode(like: Like, value: &Value) -> Result<Vec<u8>, EncodeError> {
    if like.at_least(17) {
        return encode_response(&with_texts(value, &|text| {
            text.chars().filter(|c| !is_control(*c)).collect()
        }));
    }
    let disguise = |c: char| match is_control(c) {
        true => char::from_u32(PRIVATE + u32::from(c)).unwrap_or(c),
        false => c,
    };
    let written = encode_response(&with_texts(value, &|text| text.chars().map(disguise).collect()))?;
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.as_slice();
    while let Some(byte) = rest.first() {
        match rest.strip_prefix(&BEGINNING).and_then(<[u8]>::first) {
            Some(last) if *last < 0xA0 => {
                bytes.push(last & 0x1F);
                rest = rest.get(4..).unwrap_or_default();
            }
            _ => {
                bytes.push(*byte);
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    Ok(bytes)
}

fn is_control(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}')
}

fn with_texts(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Text(text) => Value::Text(change(text)),
        Value::Array(values) => Value::Array(values.iter().map(|value| with_texts(value, change)).collect()),
        Value::Struct(members) => Value::Struct(
            members.iter().map(|(name, value)| (name, with_texts(value, change))).collect::<Struct>(),
        ),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_character_goes_out_bare_or_not_at_all() {
        let value = Value::from(vec![Value::from("a\u{1}b\u{1f}\u{e000}")]);
        let holds = |like, part: &[u8]| {
            encode(like, &value).is_ok_and(|bytes| bytes.windows(part.len()).any(|window| window == part))
        };
        for like in [Like::Odoo14, Like::Odoo16] {
            assert!(holds(like, b"a\x01b\x1f\xee\x80\x80"), "{like:?}");
        }
        for like in [Like::Odoo17, Like::Odoo19] {
            assert!(holds(like, b"ab\xee\x80\x80"), "{like:?}");
        }
    }
}

//! What holds for every value and for every byte.

use odoo_rpc::wire::{
    DecodeErrorKind, Limits, Struct, Value, decode_call, decode_json, decode_response, encode_call,
    encode_fault, encode_json, encode_response,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Any text XML can carry.
fn text() -> impl Strategy<Value = String> {
    let allowed = |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let any_character = prop_oneof![
        3 => prop::sample::select(vec!['a', ' ', '&', '<', '>', ']', '\r', '\n', '\t', '"', 'é', '\u{feff}', '🙂']),
        1 => any::<char>().prop_filter("XML cannot carry it", allowed),
    ];
    prop::collection::vec(any_character, 0..80).prop_map(String::from_iter)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<i32>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("XML-RPC cannot carry it", |double| double.is_finite())
            .prop_map(Value::Double),
        text().prop_map(Value::Text),
        text().prop_map(Value::DateTime),
        any::<Vec<u8>>().prop_map(Value::Base64),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..6).prop_map(|members| {
                Value::Struct(
                    members.iter().map(|(name, value)| (name.as_str(), value.clone())).collect::<Struct>(),
                )
            }),
        ]
    })
}

/// A change somebody or something made to a document on its way.
#[derive(Clone, Debug)]
enum Damage {
    Set(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    let pieces = [
        "<",
        "</",
        "&",
        "&#",
        ";",
        "<value>",
        "</value>",
        "<struct>",
        "<nil/>",
        "<!--",
        "<![CDATA[",
        "<!DOCTYPE a>",
        "\0",
        "\r",
        "{",
        "[",
        "\"",
        ":",
        ",",
        "\\u00",
        "NaN",
        "-Infinity",
        "1e999",
    ];
    prop_oneof![
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<prop::sample::Index>(), 1..40_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<prop::sample::Index>(), 1..40_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (any::<prop::sample::Index>(), prop::sample::select(pieces.to_vec()))
            .prop_map(|(at, piece)| Damage::Insert(at, piece)),
    ]
}

fn damaged(mut document: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if document.is_empty() {
            break;
        }
        let length = document.len();
        match damage {
            Damage::Set(at, byte) => document[at.index(length)] = *byte,
            Damage::Remove(at, count) => {
                let start = at.index(length);
                document.drain(start..length.min(start + count));
            }
            Damage::Repeat(at, count) => {
                let start = at.index(length);
                let piece = document[start..length.min(start + count)].to_vec();
                document.splice(start..start, piece);
            }
            Damage::Insert(at, piece) => {
                let start = at.index(length);
                document.splice(start..start, piece.bytes());
            }
        }
    }
    document
}

/// Reads a document as JSON. Whatever serde_json reads is read, and besides it the numbers Python writes alone.
fn read_json(document: &[u8]) {
    let limits = Limits::default();
    let strict = serde_json::from_slice::<serde_json::Value>(document);
    match decode_json(document, &limits) {
        Err(error) => {
            assert!(error.position() <= document.len(), "{error}");
            let limited = matches!(error.kind(), DecodeErrorKind::TooDeep | DecodeErrorKind::TooManyElements);
            assert!(strict.is_err() || limited, "{error}");
        }
        Ok(value) => {
            let python = ["NaN", "Infinity"]
                .iter()
                .any(|name| memchr::memmem::find(document, name.as_bytes()).is_some());
            assert!(strict.is_ok() || python || document.starts_with("\u{feff}".as_bytes()));
            if let Ok(bytes) = encode_json(&value) {
                assert!(decode_json(&bytes, &limits) == Ok(value));
            }
        }
    }
}

/// The value as JSON brings it back: moments as text of Odoo's form, bytes as text of base64.
fn as_json(value: Value) -> Value {
    use base64::Engine as _;
    match value {
        Value::DateTime(text) => {
            Value::Text(format!("{}-{}-{} {}", &text[..4], &text[4..6], &text[6..8], &text[9..]))
        }
        Value::Base64(bytes) => Value::Text(base64::engine::general_purpose::STANDARD.encode(bytes)),
        Value::Array(values) => Value::Array(values.into_iter().map(as_json).collect()),
        Value::Struct(members) => {
            let mut brought = Struct::new();
            for (name, value) in members {
                brought.push(name, as_json(value));
            }
            Value::Struct(brought)
        }
        value => value,
    }
}

/// Moments as XML-RPC writes them, in place of any text.
fn with_moments(value: Value) -> Value {
    match value {
        Value::DateTime(text) => {
            let number = text.len();
            Value::DateTime(format!("20240131T{:02}:{:02}:30", number % 24, number % 60))
        }
        Value::Array(values) => Value::Array(values.into_iter().map(with_moments).collect()),
        Value::Struct(members) => {
            let mut with = Struct::new();
            for (name, value) in members {
                with.push(name, with_moments(value));
            }
            Value::Struct(with)
        }
        value => value,
    }
}

/// Reads a document both ways. What is refused is refused at a byte of it; what is read can be read again once written.
fn read_both_ways(document: &[u8]) {
    let limits = Limits::default();
    match decode_response(document, &limits) {
        Err(error) => assert!(error.position() <= document.len(), "{error}"),
        Ok(Err(fault)) => assert!(matches!(decode_response(&encode_fault(&fault), &limits), Ok(Err(_)))),
        Ok(Ok(value)) => {
            if let Ok(bytes) = encode_response(&value) {
                assert!(decode_response(&bytes, &limits) == Ok(Ok(value)));
            }
        }
    }
    match decode_call(document, &limits) {
        Err(error) => assert!(error.position() <= document.len(), "{error}"),
        Ok(call) => {
            if let Ok(bytes) = encode_call(&call.method, &call.params) {
                assert!(decode_call(&bytes, &limits) == Ok(call));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_reads_back_as_it_was(value in value()) {
        let bytes = encode_response(&value).unwrap();
        prop_assert!(decode_response(&bytes, &Limits::default()) == Ok(Ok(value)));
    }

    #[test]
    fn a_call_reads_back_as_it_was(method in text(), params in prop::collection::vec(value(), 0..4)) {
        let bytes = encode_call(&method, &params).unwrap();
        let call = decode_call(&bytes, &Limits::default()).unwrap();
        prop_assert!(call.method == method && call.params == params);
    }

    #[test]
    fn any_text_is_written_or_refused_and_never_changed(text in any::<String>()) {
        let value = Value::Text(text);
        if let Ok(bytes) = encode_response(&value) {
            prop_assert!(decode_response(&bytes, &Limits::default()) == Ok(Ok(value)));
        }
    }

    #[test]
    fn what_is_written_as_json_reads_back_as_odoo_takes_it(value in value().prop_map(with_moments)) {
        let bytes = encode_json(&value).unwrap();
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        prop_assert!(decode_json(&bytes, &Limits::default()) == Ok(as_json(value)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        read_both_ways(&bytes);
        read_json(&bytes);
        read_json(text.as_bytes());
        read_json(format!("[{text}]").as_bytes());
        read_both_ways(format!("<methodResponse><params><param><value>{text}</value></param></params></methodResponse>").as_bytes());
    }

    #[test]
    fn no_damage_makes_it_panic(
        value in value(),
        method in prop::option::of(text()),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let document = match method {
            None => encode_response(&value),
            Some(method) => encode_call(&method, &[value]),
        };
        read_both_ways(&damaged(document.unwrap(), &damages));
    }

    #[test]
    fn no_damage_to_json_makes_it_panic(
        value in value().prop_map(with_moments),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        read_json(&damaged(encode_json(&value).unwrap(), &damages));
    }
}

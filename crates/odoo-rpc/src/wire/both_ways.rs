//! The way through the bytes and the XML parser alone read the same, or refuse the same at the same byte.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::wire::decode::{decode_call, decode_call_by_parser, decode_response, decode_response_by_parser};
use crate::wire::limits::Limits;

fn assert_same(document: &[u8]) {
    // Small enough for the limits to be met.
    for limits in [Limits::default(), Limits::default().with_depth(3).with_elements(12)] {
        let shown = document.escape_ascii();
        let found = decode_response(document, &limits);
        let expected = decode_response_by_parser(document, &limits);
        assert!(is_same(&found, &expected), "{found:?} and not {expected:?}: {shown}");
        let found = decode_call(document, &limits);
        let expected = decode_call_by_parser(document, &limits);
        assert!(is_same(&found, &expected), "{found:?} and not {expected:?}: {shown}");
    }
}

/// Equal, or both hold a NaN, which is not even equal to itself.
fn is_same<T: PartialEq>(one: &T, other: &T) -> bool {
    let equals_itself = |it: &T| {
        let again = it;
        it == again
    };
    one == other || !(equals_itself(one) || equals_itself(other))
}

/// White space and what else may stand between elements.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just(""),
        8 => Just("\n"),
        4 => select(vec![" ", "\r\n", "\n    ", "\t", "<!-- a > b -->", "<?pi a='>'?>", "\n<!--x-->\n"]),
        1 => select(vec!["x", "&amp;", "<![CDATA[ ]]>", "\u{feff}", "&#32;", "<x/>"]),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Z0-9 .:@-]{0,12}",
        4 => select(vec![
            "&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&#13;", "&#x20AC;", "\n", "\r\n", "\r", " ", "é", "आशा", "🙂",
            "\u{feff}", "]]>", "'", "\"", ">", "<![CDATA[a<b&]]>", "<!--c-->", "<?p?>",
        ])
        .prop_map(String::from),
        1 => select(vec!["&", "&lt", "&nbsp;", "&;", "&#0;", "&#xFFFE;", "<", "</", "\u{ffff}", "<b>"]).prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// The beginning and the end of an element, mostly plain.
fn element(name: &'static str, inside: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let style = prop_oneof![
        30 => Just(("", "")),
        1 => Just((" a='1'", "")),
        1 => Just((" a=\"'>\"", " ")),
        1 => Just((" ", "\n")),
        1 => Just(("", "x")),
        1 => Just((" '", "'")),
    ];
    (style, inside, gap(), 0..40_u8)
        .prop_map(move |((begin, end), inside, gap, unusual)| match unusual {
            0 => format!("<{name}/>{gap}"),
            1 => format!("<{name} />{gap}"),
            2 => format!("<ex:{name}>{inside}</ex:{name}>{gap}"),
            3 => format!("<{name}>{inside}{gap}"),
            _ => format!("<{name}{begin}>{inside}</{name}{end}>{gap}"),
        })
        .boxed()
}

fn between(inside: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    (gap(), inside).prop_map(|(gap, inside)| format!("{gap}{inside}")).boxed()
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        element("string", text()),
        element("string", text()),
        element("int", any::<i32>().prop_map(|int| int.to_string())),
        element("i4", text()),
        element("i8", any::<i64>().prop_map(|int| int.to_string())),
        element("boolean", select(vec!["0", "1", " 1", "2"]).prop_map(String::from)),
        element("double", any::<f32>().prop_map(|double| double.to_string())),
        element("base64", select(vec!["QXNo\nYQ==\n", "", "Q"]).prop_map(String::from)),
        element("dateTime.iso8601", Just("20240131T10:20:30".to_owned())),
        Just("<nil/>".to_owned()),
        element("nil", Just(String::new())),
        element("'q:nil", Just(String::new())),
        text(),
    ]
}

fn value() -> impl Strategy<Value = String> {
    element("value", between(scalar())).prop_recursive(3, 16, 4, |inner| {
        let values = prop::collection::vec(between(inner.clone()), 0..4).prop_map(|values| values.concat());
        let member =
            (element("name", text()), inner).prop_map(|(name, value)| format!("{name}{value}")).boxed();
        let members = prop::collection::vec(between(element("member", between(member))), 0..4)
            .prop_map(|members| members.concat());
        prop_oneof![
            element("value", between(element("array", between(element("data", between(values)))))),
            element("value", between(element("struct", between(members)))),
        ]
    })
}

fn document() -> impl Strategy<Value = String> {
    let head = select(vec![
        "<?xml version='1.0'?>\n",
        "<?xml version='1.0'?>\n",
        "",
        "\u{feff}",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "\n",
        "<!-- a -->",
    ]);
    let param = || between(element("params", between(element("param", between(value())))));
    let root = prop_oneof![
        4 => element("methodResponse", param()),
        1 => element("methodResponse", between(element("fault", between(value())))),
        2 => element("methodCall", between((element("methodName", text()), param()).prop_map(|(name, params)| name + &params))),
    ];
    (head, between(root)).prop_map(|(head, root)| format!("{head}{root}"))
}

/// What somebody or something did to a document on its way.
#[derive(Clone, Debug)]
enum Damage {
    Cut(Index),
    Flip(Index, u8),
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, &'static str),
}

const PIECES: [&str; 36] = [
    "<",
    "</",
    "/>",
    ">",
    "&",
    "&#",
    ";",
    "'",
    "\"",
    "<value>",
    "</value>",
    "<value/>",
    "<value a='>'>",
    "<int>",
    "</int>",
    "</i4>",
    "<array><data>",
    "</struct>",
    "<nil/>",
    "<ex:nil/>",
    "<!--",
    "-->",
    "<!-- -->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a>",
    "<?",
    "?>",
    "&lt;",
    "&#65;",
    "&amp",
    "\r",
    " ",
    "x",
    "\0",
    "\u{feff}",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        1 => any::<Index>().prop_map(Damage::Cut),
        3 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        2 => (any::<Index>(), 1..20_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        4 => (any::<Index>(), select(PIECES.to_vec())).prop_map(|(at, piece)| Damage::Insert(at, piece)),
    ]
}

fn damaged(document: &[u8], damage: &Damage) -> Vec<u8> {
    let mut bytes = document.to_vec();
    let length = bytes.len();
    match damage {
        _ if bytes.is_empty() => {}
        Damage::Cut(at) => bytes.truncate(at.index(length)),
        Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
        Damage::Set(at, byte) => bytes[at.index(length)] = *byte,
        Damage::Remove(at, count) => {
            let start = at.index(length);
            bytes.drain(start..length.min(start + count));
        }
        Damage::Insert(at, piece) => {
            let start = at.index(length);
            bytes.splice(start..start, piece.bytes());
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_and_any_damage_to_it(document in document(), damages in prop::collection::vec(damage(), 16)) {
        assert_same(document.as_bytes());
        let mut twice = document.clone().into_bytes();
        for damage in &damages {
            assert_same(&damaged(document.as_bytes(), damage));
        }
        for damage in &damages[..3] {
            twice = damaged(&twice, damage);
            assert_same(&twice);
        }
    }
}

#[test]
fn every_reply_that_was_kept_whole_and_damaged() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![home.join("tests/wire"), home.join("../../fuzz/seeds")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let document = fs::read(path).unwrap();
            files += 1;
            assert_same(&document);
            for (number, at) in (0..document.len()).step_by(document.len() / 30 + 1).enumerate() {
                assert_same(&document[..at]);
                let mut changed = document.clone();
                changed[at] ^= 0x10;
                assert_same(&changed);
                changed = document.clone();
                changed.splice(at..at, PIECES[number % PIECES.len()].bytes());
                assert_same(&changed);
            }
        }
    }
    assert!(files > 30);
}

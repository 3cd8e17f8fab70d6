//! JSON, lists and maps as lines that a person reads.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::Result;
use crate::spec::rule::Rule;
use crate::spec::site::Site;
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::words;
use crate::value::Value;

/// More digits than this in a row, and a number of JSON may have lost some on the way.
const EXACT_DIGITS: usize = 15;

#[derive(Debug)]
pub(crate) struct Flatten(Input);

impl Flatten {
    pub(crate) fn new(of: &Rule, site: &mut Site<'_>) -> Result<Self> {
        site.input("flatten", of).map(Self)
    }
}

impl Step for Flatten {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.0.value(turn)? else { return Ok(Given::BLANK) };
        let node = match &*value {
            Value::Text(text) => match parse(text.trim()) {
                Some(node) => node,
                None => return Ok(Given::Value(value)),
            },
            Value::List(_) | Value::Map(_) => node(&value),
            other => return Ok(Given::owned(words(other).into_owned())),
        };
        let mut lines = Vec::new();
        node.lines(0, &mut lines);
        Ok(if lines.is_empty() { Given::BLANK } else { Given::owned(lines.join("\n")) })
    }
}

/// A tree of texts. Unlike a JSON map, it keeps the order, and a key that stands twice.
#[derive(Debug)]
enum Node {
    Leaf(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    fn is_blank(&self) -> bool {
        match self {
            Self::Leaf(text) => text.trim().is_empty(),
            Self::List(nodes) => nodes.iter().all(Self::is_blank),
            Self::Map(nodes) => nodes.iter().all(|(_, node)| node.is_blank()),
        }
    }

    /// The node in one line, if it is simple enough: a leaf, or a list of leaves.
    fn short(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Leaf(text) => Some(Cow::Borrowed(text.trim())),
            Self::List(nodes) => {
                let leaves: Option<Vec<&str>> = nodes
                    .iter()
                    .filter(|node| !node.is_blank())
                    .map(|node| match node {
                        Self::Leaf(text) => Some(text.trim()),
                        _ => None,
                    })
                    .collect();
                leaves.map(|leaves| Cow::Owned(leaves.join(", ")))
            }
            Self::Map(_) => None,
        }
    }

    fn lines(&self, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        match self {
            Self::Leaf(text) => lines.extend(text.trim().lines().map(|line| format!("{indent}{line}"))),
            Self::List(nodes) => {
                for node in nodes.iter().filter(|node| !node.is_blank()) {
                    match node.entry() {
                        Some(line) => lines.push(format!("{indent}{line}")),
                        None => node.lines(depth, lines),
                    }
                }
            }
            Self::Map(nodes) => {
                for (key, node) in nodes.iter().filter(|(_, node)| !node.is_blank()) {
                    match node.short() {
                        Some(text) => lines.push(format!("{indent}{key}: {text}")),
                        None => {
                            lines.push(format!("{indent}{key}:"));
                            node.lines(depth + 1, lines);
                        }
                    }
                }
            }
        }
    }

    /// A map of simple values, as one entry of a list: `substance: Penicillin, severity: high`.
    fn entry(&self) -> Option<String> {
        let Self::Map(nodes) = self else { return None };
        let parts: Option<Vec<String>> = nodes
            .iter()
            .filter(|(_, node)| !node.is_blank())
            .map(|(key, node)| node.short().map(|text| format!("{key}: {text}")))
            .collect();
        parts.map(|parts| parts.join(", "))
    }
}

fn node(value: &Value) -> Node {
    match value {
        Value::List(values) => Node::List(values.iter().map(node).collect()),
        Value::Map(values) => {
            Node::Map(values.iter().map(|(key, value)| (key.clone(), node(value))).collect())
        }
        other => Node::Leaf(words(other).into_owned()),
    }
}

/// The tree, if the text is a JSON list or map that can be told in full.
fn parse(text: &str) -> Option<Node> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte.is_ascii_digit() || byte == b'.' { run + 1 } else { 0 };
        if run > EXACT_DIGITS {
            return None;
        }
    }
    serde_json::from_str(text).ok()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Nodes)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(String::new()))
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(if value { "yes" } else { "no" }.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = seq.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(entry) = map.next_entry()? {
            nodes.push(entry);
        }
        Ok(Node::Map(nodes))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::spec::rules::testing::gives;
    use crate::value::Value;

    fn flat(text: &str) -> String {
        match gives(r#"{ flatten = "a" }"#, &[("a", text.into())]) {
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn free_text_is_kept_as_it_is() {
        for text in ["Penicillin ", "[see chart]", "{broken", "3", "\"quoted\""] {
            assert_eq!(flat(text), text);
        }
        assert_eq!(gives(r#"{ flatten = "a" }"#, &[("a", "[]".into())]), Value::Null);
    }

    #[test]
    fn json_becomes_lines() {
        assert_eq!(flat(r#"["Penicillin", "Dust", ""]"#), "Penicillin\nDust");
        assert_eq!(
            flat(
                r#"[{"substance": "Penicillin", "severity": "high"}, {"substance": "Dust", "since": null}]"#
            ),
            "substance: Penicillin, severity: high\nsubstance: Dust"
        );
        assert_eq!(
            flat(r#"{"drug": ["Penicillin", "Aspirin"], "food": {"peanut": true, "dose": 0.5}}"#),
            "drug: Penicillin, Aspirin\nfood:\n  peanut: yes\n  dose: 0.5"
        );
    }

    #[test]
    fn nothing_is_lost_where_json_would_lose_it() {
        assert_eq!(flat(r#"{"drug": "A", "drug": "B"}"#), "drug: A\ndrug: B");
        let long = r#"{"id": 12345678901234567890123}"#;
        assert_eq!(flat(long), long);
    }

    #[test]
    fn values_that_are_maps_already_become_lines_too() {
        let map = Value::Map(BTreeMap::from([
            ("drug".to_owned(), "Aspirin".into()),
            ("food".to_owned(), Value::Null),
        ]));
        assert_eq!(gives(r#"{ flatten = "a" }"#, &[("a", map)]), "drug: Aspirin".into());
    }
}

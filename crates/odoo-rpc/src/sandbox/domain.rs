//! Search domains: from Polish notation to a tree.

use crate::sandbox::faults::{Outcome, traceback, type_error, value_error};
use crate::sandbox::python;
use crate::sandbox::version::Like;
use crate::wire::Value;

/// A domain as a tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Always(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Leaf { path: String, operator: String, value: Value },
}

const OPERATORS: &[&str] = &[
    "=",
    "!=",
    "<>",
    "in",
    "not in",
    "<",
    "<=",
    ">",
    ">=",
    "like",
    "ilike",
    "not like",
    "not ilike",
    "=like",
    "=ilike",
    "=?",
];

impl Node {
    /// Whether some leaf is about that very field.
    pub(super) fn mentions(&self, field: &str) -> bool {
        match self {
            Self::Always(_) => false,
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(|node| node.mentions(field)),
            Self::Not(node) => node.mentions(field),
            Self::Leaf { path, .. } => path == field,
        }
    }
}

/// Reads a domain.
///
/// # Errors
///
/// The faults of the version, for anything that is not one.
pub(super) fn parse(like: Like, domain: &Value) -> Outcome<Node> {
    let terms = match domain {
        Value::Array(terms) => terms.as_slice(),
        value if !python::truth(value) => &[],
        value => return Err(no_list(like, value)),
    };
    // From the end: an operator takes what already stands on the stack. No recursion, however deep the domain.
    let mut stack: Vec<Node> = Vec::new();
    for term in terms.iter().rev() {
        let node = match term {
            Value::Text(operator) if operator == "!" => {
                let node = stack.pop().ok_or_else(|| malformed(like, domain))?;
                Node::Not(Box::new(node))
            }
            Value::Text(operator) if operator == "&" || operator == "|" => {
                let (Some(first), Some(second)) = (stack.pop(), stack.pop()) else {
                    return Err(malformed(like, domain));
                };
                join(operator == "&", first, second)
            }
            term => leaf(like, term)?,
        };
        stack.push(node);
    }
    stack.reverse();
    Ok(match stack.len() {
        0 => Node::Always(true),
        1 => stack.remove(0),
        _ => Node::And(stack),
    })
}

/// Joins two nodes flatly, so that a chain of a thousand `|` is one list.
fn join(and: bool, first: Node, second: Node) -> Node {
    let mut nodes = match (and, first) {
        (true, Node::And(nodes)) | (false, Node::Or(nodes)) => nodes,
        (_, first) => vec![first],
    };
    match (and, second) {
        (true, Node::And(more)) | (false, Node::Or(more)) => nodes.extend(more),
        (_, second) => nodes.push(second),
    }
    if and { Node::And(nodes) } else { Node::Or(nodes) }
}

fn leaf(like: Like, term: &Value) -> Outcome<Node> {
    let parts = term.as_array().unwrap_or_default();
    let [path, operator, value] = parts else { return Err(bad_item(like, term)) };
    let Some(operator) = operator.as_text() else { return Err(bad_item(like, term)) };
    if let (Value::Int(left), Value::Int(right)) = (path, value) {
        let parts = python::tuple(parts);
        return match operator {
            "=" => Ok(Node::Always(left == right)),
            _ if like.is_19() => Err(type_error(format!("Domain() invalid arguments: {parts}"))),
            _ => Err(value_error(format!("Invalid leaf {parts}"))),
        };
    }
    let Some(path) = path.as_text() else { return Err(bad_item(like, term)) };
    let operator = match operator.to_lowercase() {
        other if like.is_19() && other == "==" => "=".to_owned(),
        other => other,
    };
    if like.at_least(17) && matches!(operator.as_str(), "any" | "not any") {
        return Ok(Node::Leaf { path: path.to_owned(), operator, value: value.clone() });
    }
    if !OPERATORS.contains(&operator.as_str()) {
        return Err(match like {
            Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => {
                value_error(format!("Invalid leaf {}", python::tuple(parts)))
            }
            Like::Odoo19 => value_error(format!("Invalid operator in condition {}", python::tuple(parts))),
        });
    }
    let operator = if operator == "<>" { "!=".to_owned() } else { operator };
    Ok(Node::Leaf { path: path.to_owned(), operator, value: value.clone() })
}

fn bad_item(like: Like, term: &Value) -> crate::wire::Fault {
    // Before 19 a term is looked into before it is judged.
    match term {
        Value::Text(text) if !like.is_19() && text.chars().count() < 2 => {
            return traceback("IndexError", "string index out of range");
        }
        Value::Array(parts) if !like.is_19() && parts.len() < 2 => {
            return traceback("IndexError", "tuple index out of range");
        }
        _ => {}
    }
    value_error(match (like, term) {
        (Like::Odoo14 | Like::Odoo16 | Like::Odoo17, Value::Array(parts)) => {
            format!("Invalid leaf {}", python::tuple(parts))
        }
        (Like::Odoo14 | Like::Odoo16 | Like::Odoo17, term) => format!("Invalid leaf {}", python::text(term)),
        (Like::Odoo19, term) => format!("Domain() invalid item in domain: {}", python::repr(term)),
    })
}

fn no_list(like: Like, domain: &Value) -> crate::wire::Fault {
    if like.is_19() {
        return type_error(format!("Domain() invalid argument type for domain: {}", python::repr(domain)));
    }
    traceback(
        "AssertionError",
        "Domains to normalize must have a 'domain' form: a list or tuple of domain components",
    )
}

fn malformed(like: Like, domain: &Value) -> crate::wire::Fault {
    let text = python::repr(domain);
    match like {
        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => {
            traceback("AssertionError", &format!("This domain is syntactically not correct: {text}"))
        }
        Like::Odoo19 => value_error(format!("Domain() malformed domain {text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(path: &str, operator: &str, value: impl Into<Value>) -> Value {
        Value::from(vec![Value::from(path), Value::from(operator), value.into()])
    }

    fn leaf_of(path: &str, value: i32) -> Node {
        Node::Leaf { path: path.to_owned(), operator: "=".to_owned(), value: Value::from(value) }
    }

    #[test]
    fn terms_without_an_operator_are_joined_by_and() {
        let domain = Value::from(vec![term("a", "=", 1), term("b", "=", 2)]);
        assert_eq!(parse(Like::Odoo19, &domain), Ok(Node::And(vec![leaf_of("a", 1), leaf_of("b", 2)])));
    }

    #[test]
    fn polish_notation_binds_what_follows() {
        let domain = Value::from(vec![
            Value::from("|"),
            Value::from("!"),
            term("a", "=", 1),
            term("b", "=", 2),
            term("c", "=", 3),
        ]);
        let either = Node::Or(vec![Node::Not(Box::new(leaf_of("a", 1))), leaf_of("b", 2)]);
        assert_eq!(parse(Like::Odoo14, &domain), Ok(Node::And(vec![either, leaf_of("c", 3)])));
    }

    #[test]
    fn an_operator_without_its_terms_is_refused() {
        for like in [Like::Odoo14, Like::Odoo19] {
            let domain = Value::from(vec![Value::from("|"), term("a", "=", 1)]);
            assert_eq!(parse(like, &domain).map_err(|fault| fault.code), Err(1));
        }
    }

    #[test]
    fn five_thousand_alternatives_are_one_flat_list() {
        let mut terms = vec![Value::from("|"); 4_999];
        terms.extend((0..5_000).map(|number| term("a", "=", number)));
        let Ok(Node::Or(nodes)) = parse(Like::Odoo19, &Value::from(terms)) else { panic!("not a list") };
        assert_eq!(nodes.len(), 5_000);
    }
}

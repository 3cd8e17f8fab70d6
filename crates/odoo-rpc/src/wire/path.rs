//! Where a value stands that is being written.

use crate::wire::value::{Name, Value};

/// An array or struct that is being written, and how many of its members have been begun.
pub(crate) enum Open<'a> {
    Array(&'a [Value], usize),
    Struct(&'a [(Name, Value)], usize),
}

/// The path of the value that was begun last: arguments, elements and members, never their content.
pub(crate) fn path(root: &str, open: &[Open<'_>]) -> String {
    let mut path = root.to_owned();
    for open in open {
        let step = match open {
            Open::Array(_, next) => format!("[{}]", next.saturating_sub(1)),
            Open::Struct(members, next) => {
                let index = next.saturating_sub(1);
                let dot = if path.is_empty() { "" } else { "." };
                match members.get(index) {
                    Some((name, _)) if is_plain(name.as_str()) => format!("{dot}{}", name.as_str()),
                    _ => format!("{dot}#{index}"),
                }
            }
        };
        path.push_str(&step);
    }
    path
}

/// Whether a name is one of a field, and not something a person typed.
fn is_plain(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

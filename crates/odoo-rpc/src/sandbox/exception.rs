//! The Python exceptions behind faults: an answer in JSON names the class, where XML-RPC has a code alone.

use crate::wire::Fault;

/// An exception as a fault tells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception {
    /// With its module.
    pub(super) class: String,
    pub(super) message: String,
}

impl Exception {
    /// What was raised, as far as code and text tell it.
    pub(super) fn of(fault: &Fault) -> Self {
        let text = fault.text.as_str();
        let name = match fault.code {
            2 if text.contains("does not exist or has been deleted") => "MissingError",
            2 if is_constraint(text) => "ValidationError",
            2 => "UserError",
            3 => "AccessDenied",
            4 => "AccessError",
            _ => return raised(text),
        };
        Self { class: format!("odoo.exceptions.{name}"), message: text.to_owned() }
    }
}

/// What the database refused. Odoo 14 has the constraint's bare name, where the context has no language.
fn is_constraint(text: &str) -> bool {
    text.starts_with("The operation cannot be completed") || !text.contains(' ')
}

/// What a traceback ends with. The sandbox's have their frames indented, as Python's.
fn raised(traceback: &str) -> Exception {
    let last = traceback.lines().skip_while(|line| line.starts_with("Traceback") || line.starts_with(' '));
    let last = last.collect::<Vec<_>>().join("\n");
    let (class, message) = last.split_once(": ").unwrap_or((&last, ""));
    let class = if class.contains('.') { class.to_owned() } else { format!("builtins.{class}") };
    Exception { class, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::faults::{missing, refused, traceback, value_error};

    #[test]
    fn a_fault_tells_what_was_raised() {
        let cases = [
            (missing("res.partner", 7, 2), "odoo.exceptions.MissingError"),
            (refused("crm_tag_name_uniq"), "odoo.exceptions.ValidationError"),
            (refused("You need to add a line before posting."), "odoo.exceptions.UserError"),
            (Fault::new(3, "Access Denied"), "odoo.exceptions.AccessDenied"),
            (Fault::new(4, "No."), "odoo.exceptions.AccessError"),
            (
                traceback("psycopg2.errors.NumericValueOutOfRange", "x"),
                "psycopg2.errors.NumericValueOutOfRange",
            ),
        ];
        for (fault, class) in cases {
            assert_eq!(Exception::of(&fault).class, class);
        }
        let expected = Exception { class: "builtins.ValueError".to_owned(), message: "no: never".to_owned() };
        assert_eq!(Exception::of(&value_error("no: never")), expected);
    }
}

//! The faults, with the codes and texts of each version.

use crate::sandbox::registry::{Field, Model};
use crate::sandbox::version::Like;
use crate::wire::{Fault, Value};

/// What a call comes to.
pub(super) type Outcome<T = Value> = Result<T, Fault>;

/// Anything that is not one of Odoo's own exceptions: code 1 and a whole traceback, whose last line names it.
pub(super) fn traceback(exception: &str, message: &str) -> Fault {
    let place = "  File \"/usr/lib/python3/dist-packages/odoo/http.py\", line 1, in dispatch_rpc";
    Fault::new(
        1,
        format!(
            "Traceback (most recent call last):\n{place}\n    result = dispatch(method, params)\n{exception}: {message}\n"
        ),
    )
}

/// The call is done, and its result cannot be written as XML: the traceback ends in the writer.
pub(super) fn unwritable(what: &str) -> Fault {
    let place = "  File \"/usr/lib/python3/xmlrpc/client.py\", line 514, in __dump";
    let message = format!("cannot marshal {what}");
    Fault::new(
        1,
        format!("Traceback (most recent call last):\n{place}\n    raise TypeError\nTypeError: {message}\n"),
    )
}

/// PostgreSQL adds lines below the exception's.
pub(super) fn sql(exception: &str, message: &str) -> Fault {
    let more = "LINE 1: ...\n        ^";
    traceback(&format!("psycopg2.errors.{exception}"), &format!("{message}\n{more}"))
}

pub(super) fn value_error(message: impl AsRef<str>) -> Fault {
    traceback("ValueError", message.as_ref())
}

pub(super) fn type_error(message: impl AsRef<str>) -> Fault {
    traceback("TypeError", message.as_ref())
}

/// `UserError`, `ValidationError`: code 2, the message alone.
pub(super) fn refused(message: impl Into<String>) -> Fault {
    Fault::new(2, message)
}

pub(super) fn access_denied() -> Fault {
    Fault::new(3, "Access Denied")
}

pub(super) fn missing(model: &str, id: i64, uid: i64) -> Fault {
    refused(format!("Record does not exist or has been deleted.\n(Record: {model}({id},), User: {uid})"))
}

pub(super) fn unknown_model(model: &str) -> Fault {
    refused(format!("Object {model} doesn't exist"))
}

pub(super) fn unknown_method(like: Like, model: &str, method: &str) -> Fault {
    let message = match like {
        Like::Odoo14 | Like::Odoo16 => format!("type object '{model}' has no attribute '{method}'"),
        Like::Odoo17 => format!("The method '{method}' does not exist on the model '{model}'"),
        Like::Odoo19 => format!("The method '{model}.{method}' does not exist"),
    };
    traceback("AttributeError", &message)
}

pub(super) fn private_method(like: Like, model: &str, method: &str) -> Fault {
    let name = match like {
        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => method.to_owned(),
        Like::Odoo19 => format!("'{model}.{method}'"),
    };
    Fault::new(4, format!("Private methods (such as {name}) cannot be called remotely."))
}

/// Where an unknown field was named: each place has its own words.
#[derive(Clone, Copy)]
pub(super) enum Naming {
    Create,
    Write,
    Read,
    Order,
}

pub(super) fn bad_field(like: Like, naming: Naming, model: &str, field: &str) -> Fault {
    match (like, naming) {
        (Like::Odoo19, Naming::Write) => traceback("KeyError", &format!("'{field}'")),
        (Like::Odoo19, Naming::Create) => value_error(format!("Invalid field '{field}' in '{model}'")),
        (Like::Odoo19, Naming::Read) => value_error(format!("Invalid field '{field}' on '{model}'")),
        _ => value_error(format!("Invalid field '{field}' on model '{model}'")),
    }
}

pub(super) fn wrong_value(model: &str, field: &str, value: &str) -> Fault {
    value_error(format!("Wrong value for {model}.{field}: {value}"))
}

/// A NOT NULL that is not kept.
pub(super) fn mandatory(like: Like, model: &Model, field: &Field) -> Fault {
    let (label, name, field_label, field_name) =
        (&model.label, model.name.as_str(), &field.label, field.name.as_str());
    refused(match like {
        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => format!(
            "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another model requires the record being deleted. If possible, archive it instead.\n\nModel: {label} ({name}), Field: {field_label} ({field_name})"
        ),
        Like::Odoo19 => format!(
            "The operation cannot be completed: Missing required value for the field '{field_label}' ({field_name}).\nModel: '{label}' ({name})\n- create/update: a mandatory field is not set\n- delete: another model requires the record being deleted, you can archive it instead\n"
        ),
    })
}

/// A foreign key that leads nowhere, or a record that others need. The text is the same, and as misleading.
pub(super) fn foreign_key(like: Like, model: &Model, field: &Field) -> Fault {
    let (label, name, field_label, field_name) =
        (&model.label, model.name.as_str(), &field.label, field.name.as_str());
    refused(match like {
        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => format!(
            "The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead.\n\nModel: {label} ({name}), Constraint: {}_{field_name}_fkey",
            model.table()
        ),
        Like::Odoo19 => format!(
            "The operation cannot be completed: Another model is using the record you are trying to delete.\n\nThe troublemaker is: '{label}' ({name})\nThanks to the following constraint: '{field_label}' ({field_name})\nHow about archiving the record instead?"
        ),
    })
}

/// The same for a row of a relation table.
pub(super) fn relation_key(like: Like, constraint: &str) -> Fault {
    refused(match like {
        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 => format!(
            "The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead.\n\nModel: Unknown (Unknown), Constraint: {constraint}"
        ),
        Like::Odoo19 => format!(
            "The operation cannot be completed: Another model is using the record you are trying to delete.\n\nThe troublemaker is: Unknown\nThanks to the following constraint: {constraint}\nHow about archiving the record instead?"
        ),
    })
}

/// A check or unique constraint of the database. Odoo 14 knows its message only with a language in the context.
pub(super) fn constraint(like: Like, key: &str, message: &str, has_lang: bool) -> Fault {
    refused(match like {
        Like::Odoo14 if has_lang => message.to_owned(),
        Like::Odoo14 => key.to_owned(),
        Like::Odoo16 | Like::Odoo17 | Like::Odoo19 => format!("The operation cannot be completed: {message}"),
    })
}

/// What each right is called, and how a refusal says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Right {
    Read,
    Write,
    Create,
    Unlink,
}

impl Right {
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Read => "perm_read",
            Self::Write => "perm_write",
            Self::Create => "perm_create",
            Self::Unlink => "perm_unlink",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Read => "access",
            Self::Write => "modify",
            Self::Create => "create",
            Self::Unlink => "delete",
        }
    }
}

pub(super) fn not_allowed(model: &Model, right: Right, groups: &[String]) -> Fault {
    let who = if groups.is_empty() {
        "No group currently allows this operation.".to_owned()
    } else {
        let lines: Vec<String> = groups.iter().map(|group| format!("\t- {group}")).collect();
        format!("This operation is allowed for the following groups:\n{}", lines.join("\n"))
    };
    let (verb, label, name) = (right.verb(), &model.label, model.name.as_str());
    Fault::new(
        4,
        format!(
            "You are not allowed to {verb} '{label}' ({name}) records.\n\n{who}\n\nContact your administrator to request access if necessary."
        ),
    )
}

/// What Odoo 19 says where a rule keeps a record away.
pub(super) fn restricted(model: &Model, operation: &str, id: i64, uid: i64) -> Fault {
    let label = &model.label;
    Fault::new(
        4,
        format!(
            "The requested operation cannot be completed due to security restrictions. Please contact your system administrator.\n\n(Document type: {label}, Operation: {operation})\n\nRecords: {id}, User: {uid}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_traceback_names_the_exception() {
        let fault = value_error("no");
        assert_eq!(fault.code, 1);
        assert_eq!(fault.text.trim_end().lines().last(), Some("ValueError: no"));
    }

    #[test]
    fn odoo_14_knows_a_constraints_message_only_with_a_language() {
        assert_eq!(constraint(Like::Odoo14, "k", "Taken!", false).text, "k");
        assert_eq!(constraint(Like::Odoo14, "k", "Taken!", true).text, "Taken!");
        assert_eq!(
            constraint(Like::Odoo19, "k", "Taken!", false).text,
            "The operation cannot be completed: Taken!"
        );
    }
}

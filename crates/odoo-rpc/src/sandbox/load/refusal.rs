//! What a load says of a row that the database or the model refused.

use crate::sandbox::env::Env;
use crate::sandbox::load::Info;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::wire::{Fault, Struct, Value};

const SQL_19: &str = "The operation cannot be completed: ";

impl Env<'_> {
    /// The message of a row written alone.
    pub(super) fn refusal(&self, model: &Model, info: Info, fault: &Fault) -> Struct {
        if !self.is_19() {
            return self.refusal_before_19(model, info, fault);
        }
        if let Some(text) = fault.text.strip_prefix(SQL_19) {
            let message = info.message("error", text);
            return match self.column(model, text) {
                Some(field) => message.with("field", field),
                None => message,
            };
        }
        if fault.code != 1 {
            return info.message("error", &fault.text);
        }
        self.unknown(info, fault)
    }

    /// The message of all rows written together, where Odoo's own exception refused them.
    pub(super) fn refusal_together(&self, info: Info, fault: &Fault) -> Option<Struct> {
        let own = fault.code != 1 && !fault.text.starts_with(SQL_19) && self.is_19();
        own.then(|| info.message("error", &fault.text))
    }

    fn refusal_before_19(&self, model: &Model, info: Info, fault: &Fault) -> Struct {
        let text = fault.text.strip_prefix(SQL_19).unwrap_or(&fault.text);
        if text.contains("a mandatory field is not set") {
            let named = text.rsplit_once("Field: ").map_or(text, |(_, named)| named);
            let name = named.rsplit_once('(').map_or("", |(_, name)| name.trim_end_matches(')'));
            let what = format!("Missing required value for the field '{}'", named.replace(" (", "' ("));
            let what = what.strip_suffix('\'').unwrap_or(&what);
            return info.message("error", what).with("field", name);
        }
        let unique = model.uniques.iter().find(|unique| {
            unique.in_python.is_none() && (unique.key == text || unique.message14 == text) && !text.is_empty()
        });
        if let Some(unique) = unique {
            let label =
                |name: &&str| model.field(name).map_or(*name, |field| field.label.as_str()).to_owned();
            let labels: Vec<String> = unique.fields.iter().map(label).collect();
            let (names, labels) = (unique.fields.join(", "), labels.join(", "));
            return match unique.fields {
                [name] => info
                    .message("error", &format!("The value for the field '{names}' already exists (this is probably '{labels}' in the current model)."))
                    .with("field", *name),
                _ => info.message("error", &format!("The values for the fields '{names}' already exist (they are probably '{labels}' in the current model).")),
            };
        }
        if let Some(message) = check_message(text) {
            return info.message("error", &format!("'{message}'"));
        }
        self.unknown(info, fault)
    }

    fn unknown(&self, info: Info, fault: &Fault) -> Struct {
        let line = fault.text.trim_end().lines().rev().find(|line| names_exception(line));
        let (class, message) = match (fault.code, line.and_then(|line| line.split_once(": "))) {
            (1, Some((class, message))) => (class, message),
            (4, _) => ("odoo.exceptions.AccessError", fault.text.as_str()),
            _ if fault.text.starts_with("Record does not exist") => {
                ("odoo.exceptions.MissingError", fault.text.as_str())
            }
            _ => ("odoo.exceptions.ValidationError", fault.text.as_str()),
        };
        if class.starts_with("psycopg2.") {
            return info.message("error", &format!("{message}\n"));
        }
        let message = match class {
            // str() of a KeyError quotes its argument.
            "KeyError" if !message.starts_with('\'') => python::repr(&Value::from(message)),
            _ => message.to_owned(),
        };
        info.message("error", &format!("Unknown error during import: <class '{class}'>: {message}"))
            .with("moreinfo", "Resolve other errors first")
    }

    /// The one column a constraint of Odoo 19 is about.
    fn column(&self, model: &Model, text: &str) -> Option<String> {
        let unique = model.uniques.iter().find(|unique| unique.message == text && !text.is_empty());
        if let Some(unique) = unique {
            return match unique.fields {
                [name] => Some((*name).to_owned()),
                _ => None,
            };
        }
        let first = text.strip_prefix("Missing required value for the field ")?.lines().next()?;
        let (_, name) = first.rsplit_once('(')?;
        Some(name.trim_end_matches(").").to_owned())
    }
}

fn names_exception(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    !name.contains(' ') && (name.ends_with("Error") || name.starts_with("psycopg2.errors."))
}

/// The message behind the name of a check.
fn check_message(key: &str) -> Option<&'static str> {
    match key {
        "res_partner_check_name" | "Contacts require a name" => Some("Contacts require a name"),
        _ => None,
    }
}

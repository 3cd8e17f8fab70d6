//! Reads model, field, constraint and kind out of the texts with which Odoo refuses data.
//!
//! The patterns are those measured on 14, 16, 17 and 19. Only names are taken out of a text, and only at places where the server
//! itself puts a name: what does not fit is left out.

use crate::error::Error;
use crate::reason::Reason;

/// The text of a refusal (fault 2, or the message of an exception of that kind).
pub(crate) fn from_text(text: &str, model: &str) -> Error {
    let (field, reason) = field_and_reason(text);
    let told = between(text, "(Record: ", "(")
        .or_else(|| between(text, "\" does not exist in model \"", "\""))
        .or_else(|| last_paren(line_after(text, "Model: ")?.split(", ").next()?))
        .filter(|told| is_model(told));
    refused(told.unwrap_or(model), field, reason)
}

/// The text of a `ValueError`; `None` where it says nothing that is known.
pub(crate) fn from_value_error(text: &str, model: &str) -> Option<Error> {
    if let Some(rest) = text.strip_prefix("Invalid field ") {
        // 'f' on model 'm', 'f' in 'm', 'f' on 'm'; or m.f in leaf ..., m.f in condition ...
        let token = rest.split_whitespace().next()?;
        let field = token.trim_matches('\'').rsplit('.').next();
        return Some(refused(model, field.filter(|f| is_field(f)), Reason::UnknownField));
    }
    if let Some(rest) = text.strip_prefix("Wrong value for ") {
        let (told, field) = rest.split(':').next()?.rsplit_once('.')?;
        let told = if is_model(told) { told } else { model };
        return Some(refused(told, Some(field).filter(|f| is_field(f)), Reason::Selection));
    }
    if text.contains("NUL (0x00)") {
        return Some(refused(model, None, Reason::Text));
    }
    let form = [
        "does not match format",
        "unconverted data remains",
        "could not convert",
        "invalid literal for",
        "isoformat",
    ];
    form.iter().any(|part| text.contains(part)).then(|| refused(model, None, Reason::Value))
}

/// The text of an access error (fault 4).
pub(crate) fn from_access_error(text: &str, model: &str, method: &str) -> Error {
    if text.starts_with("Private methods") {
        return refused(model, None, Reason::UnknownMethod);
    }
    // 19, for a record of another model that does not exist, too.
    if text.contains("security restrictions") && text.contains("Records: ") {
        return refused(model, None, Reason::OutOfReach);
    }
    let operations = [("create", "create"), ("access", "read"), ("modify", "write"), ("delete", "unlink")];
    let operation = operations
        .iter()
        .find(|(verb, _)| text.contains(&format!("not allowed to {verb} ")))
        .map_or(method, |(_, operation)| operation);
    let told = text.find(" records").and_then(|end| last_paren(&text[..end])).filter(|told| is_model(told));
    Error::Rights { model: told.unwrap_or(model).to_owned(), operation: operation.to_owned() }
}

/// What PostgreSQL says, or what Odoo makes of it.
fn field_and_reason(text: &str) -> (Option<&str>, Reason) {
    let named = |start| between(text, start, "\"").filter(|name| is_field(name)).map(str::to_owned);
    if let Some(line) = line_after(text, "Missing required value for the field ") {
        return (last_paren(line).filter(|f| is_field(f)), Reason::Required);
    }
    if text.contains("mandatory field is not set") {
        return (line_after(text, "Field: ").and_then(last_paren).filter(|f| is_field(f)), Reason::Required);
    }
    if text.contains("Contacts require a name") {
        return (Some("name"), Reason::Required);
    }
    if text.contains("violates not-null") {
        return (between(text, "null value in column \"", "\"").filter(|f| is_field(f)), Reason::Required);
    }
    if text.contains("Another model is using the record") {
        let field = line_after(text, "following constraint: ").and_then(last_paren);
        return (field.filter(|f| is_field(f)), Reason::Link { constraint: None });
    }
    if text.contains("nother model requires the record") {
        let constraint = line_after(text, "Constraint: ").map(str::trim).filter(|name| is_field(name));
        return (None, Reason::Link { constraint: constraint.map(str::to_owned) });
    }
    if text.contains("violates foreign key constraint") {
        return (None, Reason::Link { constraint: named("violates foreign key constraint \"") });
    }
    if text.contains("violates unique constraint") {
        let field = between(text, "Key (", ")=").filter(|f| is_field(f));
        return (field, Reason::Unique { constraint: named("violates unique constraint \"") });
    }
    if text.contains("violates check constraint") {
        return (None, Reason::Check { constraint: named("violates check constraint \"") });
    }
    if text.contains("does not exist or has been deleted") {
        return (None, Reason::Missing);
    }
    if text.starts_with("Object ") && text.contains("doesn't exist") {
        return (None, Reason::UnknownModel);
    }
    if text.starts_with("Error while validating view") {
        let field = between(text, "\nField \"", "\" does not exist").filter(|f| is_field(f));
        return (field, if field.is_some() { Reason::UnknownField } else { Reason::Rule });
    }
    if text.starts_with("Cannot rename/delete fields that are still present in views") {
        let field = line_after(text, "Fields: ").and_then(|name| name.trim().rsplit('.').next());
        return (field.filter(|f| is_field(f)), Reason::Link { constraint: None });
    }
    if text.starts_with("Invalid language code") {
        return (Some("lang"), Reason::Value);
    }
    // 14, without a language in the context: nothing but the constraint's key.
    if is_constraint(text) {
        let constraint = Some(text.to_owned());
        let reason =
            if text.contains("uniq") { Reason::Unique { constraint } } else { Reason::Check { constraint } };
        return (None, reason);
    }
    if ["already exists", "already has this", "must be unique"].iter().any(|part| text.contains(part)) {
        return (None, Reason::Unique { constraint: None });
    }
    if text.starts_with("The operation cannot be completed: ") {
        return (None, Reason::Check { constraint: None });
    }
    (None, Reason::Rule)
}

pub(crate) fn refused(model: &str, field: Option<&str>, reason: Reason) -> Error {
    Error::Refused { model: model.to_owned(), field: field.map(str::to_owned), reason }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    rest.split_once(end).map(|(found, _)| found)
}

fn line_after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text[text.find(start)? + start.len()..].lines().next()
}

/// What stands in the last parentheses of a line: `Contact (res.partner), Field: Name (name)`.
fn last_paren(line: &str) -> Option<&str> {
    let (before, _) = line.rsplit_once(')')?;
    before.rsplit_once('(').map(|(_, inside)| inside)
}

fn is_field(name: &str) -> bool {
    name.len() <= 63 && is_word(name)
}

fn is_model(name: &str) -> bool {
    name.len() <= 127 && name.split('.').all(is_word)
}

/// The key of a constraint of Odoo's own tables. A person's word is no such key.
fn is_constraint(text: &str) -> bool {
    let tables = ["account_", "calendar_", "crm_", "ir_", "mail_", "product_", "res_", "utm_", "x_"];
    is_field(text) && tables.iter().any(|table| text.starts_with(table)) && text.matches('_').count() >= 2
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, Option<String>, Reason) {
        match from_text(text, "res.partner") {
            Error::Refused { model, field, reason } => (model, field, reason),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(text: &str, model: &str, field: Option<&str>, reason: Reason) {
        assert_eq!(told(text), (model.to_owned(), field.map(str::to_owned), reason));
    }

    #[test]
    fn a_missing_value_names_its_field() {
        let of_14 = "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another model requires the record being deleted. If possible, archive it instead.\n\nModel: CRM Stages (crm.stage), Field: Stage Name (name)\n";
        check(of_14, "crm.stage", Some("name"), Reason::Required);
        let of_19 = "The operation cannot be completed: Missing required value for the field 'Stage Name' (name).\nModel: 'CRM Stages' (crm.stage)\n- create/update: a mandatory field is not set\n";
        check(of_19, "crm.stage", Some("name"), Reason::Required);
        let of_postgres = "null value in column \"name\" of relation \"crm_stage\" violates not-null constraint\nDETAIL:  Failing row contains (1, Asha).";
        check(of_postgres, "res.partner", Some("name"), Reason::Required);
    }

    #[test]
    fn a_contact_without_a_name_is_told_from_its_check() {
        let text = "The operation cannot be completed: Contacts require a name";
        check(text, "res.partner", Some("name"), Reason::Required);
    }

    #[test]
    fn a_link_to_nowhere_is_told_from_its_misleading_text() {
        let of_14 = "The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead.\n\nModel: Contact (res.partner), Constraint: res_partner_country_id_fkey";
        let constraint = Some("res_partner_country_id_fkey".to_owned());
        check(of_14, "res.partner", None, Reason::Link { constraint });
        let of_19 = "The operation cannot be completed: Another model is using the record you are trying to delete.\n\nThe troublemaker is: 'Contact' (res.partner)\nThanks to the following constraint: 'Country' (country_id)\nHow about archiving the record instead?";
        check(of_19, "res.partner", Some("country_id"), Reason::Link { constraint: None });
    }

    #[test]
    fn what_is_there_already_is_told() {
        let uniq = |name: Option<&str>| Reason::Unique { constraint: name.map(str::to_owned) };
        check("crm_tag_name_uniq", "res.partner", None, uniq(Some("crm_tag_name_uniq")));
        check("The operation cannot be completed: Tag name already exists!", "res.partner", None, uniq(None));
        let index = "duplicate key value violates unique constraint \"ir_model_data_module_name_uniq_index\"\nDETAIL:  Key (module, name)=(clinic, patient_7) already exists.\n";
        check(index, "res.partner", None, uniq(Some("ir_model_data_module_name_uniq_index")));
        let one = "duplicate key value violates unique constraint \"res_users_login_key\"\nDETAIL:  Key (login)=(asha) already exists.";
        check(one, "res.partner", Some("login"), uniq(Some("res_users_login_key")));
        let check_name = Reason::Check { constraint: Some("res_partner_check_name".to_owned()) };
        check("res_partner_check_name", "res.partner", None, check_name);
    }

    #[test]
    fn what_is_not_there_is_told() {
        let gone = "Record does not exist or has been deleted.\n(Record: crm.lead(7,), User: 2)";
        check(gone, "crm.lead", None, Reason::Missing);
        check("Object res.partner.title doesn't exist", "res.partner", None, Reason::UnknownModel);
        check("Invalid language code: xx_YY", "res.partner", Some("lang"), Reason::Value);
    }

    #[test]
    fn a_word_that_may_be_a_value_is_kept_back() {
        for text in
            ["asha_k_rao", "Asha Rao has fever", "res_x", "(Record: Asha Rao(7,)", "Model: X (Asha Rao)"]
        {
            assert_eq!(told(text), ("res.partner".to_owned(), None, Reason::Rule), "{text}");
        }
    }

    #[test]
    fn value_errors_name_field_and_kind() {
        for (text, model, field, reason) in [
            ("Invalid field 'zz' on model 'res.partner'", "crm.lead", Some("zz"), Reason::UnknownField),
            ("Invalid field 'zz' in 'res.partner'", "crm.lead", Some("zz"), Reason::UnknownField),
            (
                "Invalid field res.partner.zz in leaf ('zz', '=', 1)",
                "crm.lead",
                Some("zz"),
                Reason::UnknownField,
            ),
            (
                "Invalid field res.partner.zz in condition ('zz', '=', 'Asha')",
                "crm.lead",
                Some("zz"),
                Reason::UnknownField,
            ),
            (
                "Wrong value for res.partner.x_sex: 'Asha.Rao'",
                "res.partner",
                Some("x_sex"),
                Reason::Selection,
            ),
            ("time data 'Asha' does not match format '%Y-%m-%d'", "crm.lead", None, Reason::Value),
        ] {
            let error = from_value_error(text, "crm.lead").unwrap();
            assert_eq!(error, refused(model, field, reason), "{text}");
        }
        assert_eq!(from_value_error("Asha Rao", "crm.lead"), None);
        assert_eq!(from_value_error("Invalid field ", "crm.lead"), None);
    }

    #[test]
    fn rights_name_model_and_operation() {
        let text = "You are not allowed to create 'CRM Stages' (crm.stage) records.\n\nThis operation is allowed for the following groups:\n\t- Sales/Administrator";
        let error = from_access_error(text, "res.partner", "create");
        assert_eq!(error, Error::Rights { model: "crm.stage".to_owned(), operation: "create".to_owned() });
        let error = from_access_error("Sie dürfen das nicht", "res.partner", "message_post");
        assert_eq!(
            error,
            Error::Rights { model: "res.partner".to_owned(), operation: "message_post".to_owned() }
        );
        let private = "Private methods (such as _x) cannot be called remotely.";
        assert_eq!(from_access_error(private, "m", "_x"), refused("m", None, Reason::UnknownMethod));
    }
}

//! What the client makes of the faults that real servers sent. They are XML-RPC's: JSON-2 answers the same errors in another form, see
//! `json2`, and `real_json2` for real ones.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what went wrong by stopping"
)]

#[path = "support/script.rs"]
mod script;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use odoo_rpc::transport::Response;
use odoo_rpc::wire::{Struct, Value};
use odoo_rpc::{Error, Reason, Result};
use script::connected;

fn folder(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/wire/real/{version}"))
}

/// The answer of `method` on `res.partner`, with one row that has one field.
async fn answer(version: u32, name: &str, method: &str, field: &str) -> Result<Value> {
    let (client, script) = connected(19).await;
    let bytes = std::fs::read(folder(version).join(format!("fault_{name}.xml"))).unwrap();
    script.say(Ok(Response::new(200, "text/xml", bytes)));
    let args = vec![Struct::new().with(field, 1).into()];
    let answer = client.execute_kw("res.partner", method, args, Struct::new()).await;
    assert!(script.last().0.len() == 1 && script.calls.lock().unwrap().len() == 3);
    answer
}

fn refused(model: &str, field: Option<&str>, reason: Reason) -> Error {
    Error::Refused { model: model.to_owned(), field: field.map(str::to_owned), reason }
}

fn rights(model: &str, operation: &str) -> Error {
    Error::Rights { model: model.to_owned(), operation: operation.to_owned() }
}

/// The error that a recorded fault is.
fn expected(version: u32, name: &str) -> Error {
    let partner = |field, reason| refused("res.partner", field, reason);
    let of_14 = |constraint: &str| (version == 14).then(|| constraint.to_owned());
    let link = |field, constraint| {
        partner((version == 19).then_some(field), Reason::Link { constraint: of_14(constraint) })
    };
    match name {
        "access_denied_create" => rights("res.partner", "create"),
        "access_denied_model" => rights("ir.ui.view", "read"),
        "bad_custom_many2one" => link("x_studio_m", "res_partner_x_studio_m_fkey"),
        "bad_many2one" => link("country_id", "res_partner_country_id_fkey"),
        "bad_date" | "bad_datetime" | "integer_out_of_range" => partner(None, Reason::Value),
        "bad_selection" => partner(Some("x_studio_s"), Reason::Selection),
        "control_character" | "control_character_reference" | "malformed_request" => {
            partner(None, Reason::Text)
        }
        "field_exists" => partner(None, Reason::Unique { constraint: of_14("ir_model_fields_name_unique") }),
        "field_in_view" => partner(Some("x_studio_c"), Reason::Link { constraint: None }),
        "field_name_not_x" if version == 14 => partner(None, Reason::Rule),
        "field_name_not_x" => partner(None, Reason::Check { constraint: None }),
        "missing_argument" => partner(None, Reason::Arguments),
        "missing_document" if version == 19 => partner(None, Reason::OutOfReach),
        "missing_document" | "missing_record_unlink" | "missing_record_write" => {
            partner(None, Reason::Missing)
        }
        "private_method" | "unknown_method" => partner(None, Reason::UnknownMethod),
        "required_missing" => refused("mail.activity", Some("date_deadline"), Reason::Required),
        "required_missing_name" if version == 14 => {
            partner(None, Reason::Check { constraint: of_14("res_partner_check_name") })
        }
        "required_missing_lang" | "required_missing_name" => partner(Some("name"), Reason::Required),
        "unique" => partner(None, Reason::Unique { constraint: of_14("crm_tag_name_uniq") }),
        "unique_lang" => partner(None, Reason::Unique { constraint: None }),
        "unknown_field_create"
        | "unknown_field_domain"
        | "unknown_field_read"
        | "unknown_field_write"
        | "view_unknown_field" => partner(Some("x_studio_nowhere"), Reason::UnknownField),
        "unknown_model" => partner(None, Reason::UnknownModel),
        "unknown_uid" => refused("res.users", None, Reason::Missing),
        other => panic!("what should {other} become?"),
    }
}

#[tokio::test]
async fn every_recorded_fault_is_understood() {
    for version in [14, 19] {
        let names: BTreeSet<String> = std::fs::read_dir(folder(version))
            .unwrap()
            .filter_map(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                Some(name.strip_prefix("fault_")?.strip_suffix(".xml")?.to_owned())
            })
            .collect();
        assert!(names.len() >= 30, "{names:?}");
        for name in &names {
            let method = if name == "missing_argument" { "create" } else { "write" };
            let answer = answer(version, name, method, "x_studio_nowhere").await;
            match name.as_str() {
                "after_success" => assert_eq!(answer.unwrap(), Value::Nil),
                "wrong_password" | "archived_user" => {
                    assert!(matches!(&answer, Err(Error::Login { reason }) if reason.contains("password")));
                }
                "authenticate_wrong_database" | "execute_wrong_database" => {
                    assert!(
                        matches!(&answer, Err(Error::Login { reason }) if reason.contains("no database"))
                    );
                }
                _ => assert_eq!(answer.unwrap_err(), expected(version, name), "{version}: {name}"),
            }
        }
    }
}

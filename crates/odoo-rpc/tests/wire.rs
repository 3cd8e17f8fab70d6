//! Replies as Odoo writes them, byte for byte.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are a test too")]

use odoo_rpc::wire::{Fault, Limits, Struct, Value, decode_call, decode_response};

fn answer(document: &[u8]) -> Result<Value, Fault> {
    decode_response(document, &Limits::default()).unwrap()
}

fn list(values: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    Value::Array(values.into_iter().map(Into::into).collect())
}

fn pair(id: i64, name: &str) -> Value {
    Value::Array(vec![id.into(), name.into()])
}

#[test]
fn logins_are_read() {
    assert_eq!(answer(include_bytes!("wire/authenticated.xml")), Ok(Value::Int(2)));
    assert_eq!(answer(include_bytes!("wire/refused_login.xml")), Ok(Value::Bool(false)));
}

#[test]
fn lists_of_ids_are_read() {
    assert_eq!(answer(include_bytes!("wire/created.xml")), Ok(list([41, 42, 43])));
    assert_eq!(answer(include_bytes!("wire/nothing_found.xml")), Ok(list([0; 0])));
}

#[test]
fn records_are_read() {
    let first = Struct::new()
        .with("id", 41)
        .with("name", "Asha Rao & Sons <Clinic>")
        .with("email", "asha.rao@example.org")
        .with("phone", "+91 80 5550 0101")
        .with("parent_id", false)
        .with("country_id", pair(104, "India"))
        .with("category_id", list([3, 7]))
        .with("is_company", false)
        .with("partner_latitude", 12.9716)
        .with("credit_limit", 0.0)
        .with("comment", "<p>Allergic to penicillin</p>\n<p>  </p>")
        .with("x_born_on", "1984-02-29")
        .with("create_date", "2024-01-31 10:20:30")
        .with("x_balance", 1e16);
    let second = Struct::new()
        .with("id", 42)
        .with("name", "आशा राव 🙂")
        .with("email", false)
        .with("phone", false)
        .with("parent_id", pair(41, "Asha Rao & Sons <Clinic>"))
        .with("country_id", pair(233, "United States"))
        .with("category_id", list([0; 0]))
        .with("is_company", false)
        .with("partner_latitude", -33.8688)
        .with("credit_limit", -0.5)
        .with("comment", " ")
        .with("x_born_on", false)
        .with("create_date", "2024-01-31 10:20:31")
        .with("x_balance", 5e-324);
    assert_eq!(answer(include_bytes!("wire/search_read.xml")), Ok(list([first, second])));
}

#[test]
fn descriptions_of_fields_are_read() {
    let choices = list([list(["contact", "Contact"]), list(["invoice", "Invoice Address"])]);
    let of_type = Struct::new()
        .with("type", "selection")
        .with("selection", choices)
        .with("required", false)
        .with("string", "Address Type");
    let of_name =
        Struct::new().with("type", "char").with("required", false).with("string", "Name").with("trim", true);
    let fields = Struct::new().with("type", of_type).with("name", of_name);
    assert_eq!(answer(include_bytes!("wire/fields_get.xml")), Ok(fields.into()));
}

#[test]
fn the_version_is_read() {
    let answer = answer(include_bytes!("wire/version.xml")).unwrap();
    let info = answer.as_struct().and_then(|version| version.get("server_version_info"));
    let expected: Vec<Value> = vec![19.into(), 0.into(), 0.into(), "final".into(), 0.into(), "".into()];
    assert_eq!(info.and_then(Value::as_array), Some(expected.as_slice()));
}

#[test]
fn binary_values_and_times_are_read() {
    let record = Struct::new()
        .with("id", 7)
        .with("raw", Value::Base64((0..=255).collect()))
        .with("seen", Value::DateTime("20240131T10:20:30".into()));
    assert_eq!(answer(include_bytes!("wire/attachment.xml")), Ok(list([record])));
}

#[test]
fn faults_are_read() {
    let refused = answer(include_bytes!("wire/fault_data.xml")).unwrap_err();
    assert_eq!(refused.code, 2);
    assert!(
        refused.text.ends_with("record you are trying to delete.\n\nThe troublemaker is: Lead (crm.lead)")
    );
    let done = answer(include_bytes!("wire/fault_none.xml")).unwrap_err();
    assert_eq!(done.code, 1);
    assert!(done.text.ends_with("TypeError: cannot marshal None unless allow_none is enabled\n"));
}

#[test]
fn calls_are_read() {
    let call = decode_call(include_bytes!("wire/call.xml"), &Limits::default()).unwrap();
    let record = Struct::new()
        .with("name", "Ravi & Co")
        .with("active", true)
        .with("note", Value::Nil)
        .with("tags", list([Value::Array(vec![6.into(), 0.into(), list([1])])]));
    let options = Struct::new().with("context", Struct::new().with("tracking_disable", true));
    let params: Vec<Value> = vec![
        "crm".into(),
        2.into(),
        "secret".into(),
        "res.partner".into(),
        "create".into(),
        list([list([record])]),
        options.into(),
    ];
    assert_eq!(call.method, "execute_kw");
    assert_eq!(call.params, params);
}

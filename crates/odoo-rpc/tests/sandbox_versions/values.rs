//! Fields and values: which there are, what they hold, in which words they are refused.

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Struct, Value};

use crate::{ALL, call, domain, each, has, made, read, where_it_holds};

#[test]
fn notes_are_html_from_16_on() {
    let html = |odoo: &Sandbox| {
        let partner = made(odoo, "res.partner", Struct::new().with("name", "Asha").with("comment", "a < b"));
        read(odoo, "res.partner", partner, "comment") == Value::from("<p>a &lt; b</p>")
    };
    assert_eq!(where_it_holds(html), [16, 17, 19]);
}

#[test]
fn what_must_be_unique_is_told_in_words_from_16_on() {
    let told = |odoo: &Sandbox| {
        let tag = || Struct::new().with("name", "red");
        made(odoo, "crm.tag", tag());
        call(odoo, "crm.tag", "create", vec![tag().into()]).unwrap_err().text
    };
    let texts: Vec<String> = ALL.into_iter().map(|like| told(&Sandbox::new(like))).collect();
    assert_eq!(texts[0], "crm_tag_name_uniq");
    assert!(texts[1].ends_with("Tag name already exists !"));
    assert!(texts[2].ends_with("Tag name already exists!"));
    assert!(texts[3].ends_with("Tag name already exists!"));
}

#[test]
fn fields_come_and_go_with_the_versions() {
    let has = |model: &str, field: &str| has(Sandbox::new, model, field);
    for field in ["mobile", "title", "date", "team_id", "additional_info"] {
        assert_eq!(has("res.partner", field), [14, 16, 17], "{field}");
    }
    for field in ["mobile", "title", "kanban_state"] {
        assert_eq!(has("crm.lead", field), [14, 16, 17], "{field}");
    }
    assert_eq!(has("res.partner", "__last_update"), [14, 16]);
    assert_eq!(has("res.users", "groups_id"), [14, 16, 17]);
    assert_eq!(has("crm.lead", "lost_reason_id"), [16, 17, 19]);
    assert_eq!(has("crm.lead", "won_status"), [19]);
    assert_eq!(has("crm.lead", "lost_reason"), [14]);
    assert_eq!(has("res.users", "group_ids"), [19]);
    assert_eq!(has("mail.activity", "active"), [17, 19]);
    assert_eq!(has("mail.activity", "date_done"), [17, 19]);
    assert_eq!(has("mail.activity", "feedback"), [19]);
    assert_eq!(has("ir.model.fields", "currency_field"), [17, 19]);
}

#[test]
fn a_private_address_ends_with_17() {
    let private = |odoo: &Sandbox| {
        let home = Struct::new().with("name", "Home").with("type", "private");
        call(odoo, "res.partner", "create", vec![home.into()]).is_ok()
    };
    assert_eq!(where_it_holds(private), [14, 16]);
}

#[test]
fn what_is_missing_is_told_by_its_field_on_19() {
    let told = |odoo: &Sandbox| {
        let nameless = Struct::new().with("color", 1);
        call(odoo, "res.partner.category", "create", vec![nameless.into()]).unwrap_err()
    };
    for (like, fault) in ALL.into_iter().zip(each(told)) {
        let words = match like {
            Like::Odoo19 => "Missing required value for the field",
            _ => "a mandatory field is not set",
        };
        assert_eq!((fault.code, fault.text.contains(words)), (2, true), "{like:?}");
    }
}

#[test]
fn a_field_that_is_not_there_is_told_as_the_version_does() {
    let nope = || Value::from(Struct::new().with("nope", 1));
    let told = |args: Vec<Value>, method: &'static str| {
        each(move |odoo| call(odoo, "res.partner", method, args.clone()).unwrap_err().text)
    };
    let created = told(vec![nope()], "create");
    assert!(created[..3].iter().all(|text| text.contains("Invalid field 'nope' on model 'res.partner'")));
    assert!(created[3].contains("Invalid field 'nope' in 'res.partner'"));
    let written = told(vec![vec![Value::Int(1)].into(), nope()], "write");
    assert!(written[..3].iter().all(|text| text.contains("on model 'res.partner'")));
    assert!(written[3].contains("KeyError: 'nope'"));
    let searched = told(vec![domain("nope", "=", 1)], "search");
    assert!(searched[..3].iter().all(|text| text.contains("in leaf")));
    assert!(searched[3].contains("in condition"));
}

#[test]
fn a_link_to_what_is_not_there_is_told_by_the_record_on_16_and_17() {
    let told = |field: &'static str, value: Value| {
        each(move |odoo| {
            let asha = Struct::new().with("name", "Asha").with(field, value.clone());
            call(odoo, "res.partner", "create", vec![asha.into()]).unwrap_err()
        })
    };
    let tag = Value::from(vec![Value::from(vec![4.into(), 999_999.into()])]);
    let tags = told("category_id", tag);
    assert!(tags[0].text.contains("another model requires the record being deleted"));
    // On 19 too as a contact is made, and not elsewhere: `likeness/differences.txt` has it.
    assert!(tags[1..3].iter().all(|fault| fault.text.starts_with("Record does not exist")));
    let countries = told("country_id", 999_999.into());
    assert!(countries[..3].iter().all(|fault| fault.text.contains("another model requires")));
    assert!(countries[3].text.contains("Another model is using"));
    assert!(tags.iter().chain(&countries).all(|fault| fault.code == 2));
}

#[test]
fn a_time_of_xml_rpc_is_read_on_19_alone() {
    let taken = |odoo: &Sandbox| {
        let lead = Struct::new()
            .with("name", "A")
            .with("date_deadline", Value::DateTime("20240131T10:20:30".to_owned()));
        call(odoo, "crm.lead", "create", vec![lead.into()]).is_ok()
    };
    assert_eq!(where_it_holds(taken), [19]);
}

#[test]
fn a_file_of_a_record_that_is_not_there_is_refused_on_19_and_plain_content_taken_on_all() {
    let lost = |odoo: &Sandbox| {
        let file =
            Struct::new().with("name", "a.txt").with("res_model", "res.partner").with("res_id", 999_999);
        call(odoo, "ir.attachment", "create", vec![file.into()])
    };
    let [on_14, on_16, on_17, on_19] = each(lost);
    assert!([on_14, on_16, on_17].iter().all(Result::is_ok));
    assert_eq!(on_19.unwrap_err().code, 4);
    let plain = |odoo: &Sandbox| {
        let file = Struct::new().with("name", "a.txt").with("raw", "hello");
        let answer = call(odoo, "ir.attachment", "create", vec![file.into()]);
        answer.is_ok_and(|id| read(odoo, "ir.attachment", id.as_int().unwrap(), "file_size") == Value::Int(5))
    };
    assert_eq!(where_it_holds(plain), [14, 16, 17, 19]);
}

#[test]
fn a_childs_new_street_is_its_parents_on_19_alone() {
    let carried = |odoo: &Sandbox| {
        let parent = made(odoo, "res.partner", Struct::new().with("name", "Clinic").with("street", "Old"));
        let child = Struct::new().with("name", "Asha").with("parent_id", parent).with("street", "Own");
        let child = made(odoo, "res.partner", child);
        assert_eq!(read(odoo, "res.partner", child, "street"), Value::from("Old"));
        crate::write(odoo, "res.partner", child, Struct::new().with("street", "New")).unwrap();
        read(odoo, "res.partner", parent, "street") == Value::from("New")
    };
    assert_eq!(where_it_holds(carried), [19]);
}

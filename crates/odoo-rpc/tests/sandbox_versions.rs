//! The sandbox as Odoo 16 and 17: where they differ from 14 and 19, each fact as it was measured on those versions.

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Fault, Struct, Value};

const ALL: [Like; 4] = [Like::Odoo14, Like::Odoo16, Like::Odoo17, Like::Odoo19];

fn call(odoo: &Sandbox, model: &str, method: &str, args: Vec<Value>) -> Result<Value, Fault> {
    odoo.execute("sandbox", 2, "admin", model, method, args, Struct::new())
}

fn made(odoo: &Sandbox, model: &str, vals: Struct) -> i64 {
    call(odoo, model, "create", vec![vals.into()]).unwrap().as_int().unwrap()
}

fn read(odoo: &Sandbox, model: &str, id: i64, field: &str) -> Value {
    let answer =
        call(odoo, model, "read", vec![vec![Value::Int(id)].into(), vec![Value::from(field)].into()]);
    answer.unwrap().as_array().unwrap()[0].as_struct().unwrap().get(field).unwrap().clone()
}

fn domain(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    vec![Value::from(vec![Value::from(field), operator.into(), value.into()])].into()
}

/// Which of the four versions something holds for.
fn where_it_holds(fact: impl Fn(&Sandbox) -> bool) -> Vec<i64> {
    ALL.into_iter().filter(|like| fact(&Sandbox::new(*like))).map(Like::major).collect()
}

#[test]
fn two_activities_of_one_user_on_one_record_are_refused_in_one_create_on_16_and_17() {
    let refused = |odoo: &Sandbox| {
        let partner = odoo.rows("res.partner")[0].get("id").unwrap().as_int().unwrap();
        let models = call(odoo, "ir.model", "search", vec![domain("model", "=", "res.partner")]).unwrap();
        let activity = || {
            Value::from(
                Struct::new()
                    .with("res_model_id", models.as_array().unwrap()[0].clone())
                    .with("res_id", partner)
                    .with("user_id", 2),
            )
        };
        let outcome = call(odoo, "mail.activity", "create", vec![vec![activity(), activity()].into()]);
        assert!(outcome.is_ok() || outcome.as_ref().unwrap_err().text.contains("cannot follow twice"));
        outcome.is_err()
    };
    assert_eq!(where_it_holds(refused), [16, 17]);
}

#[test]
fn counting_by_search_ends_with_17_and_a_limited_count_begins_with_16() {
    let none = || Value::from(Vec::<Value>::new());
    let counts = |odoo: &Sandbox| {
        let args = vec![none(), 0.into(), false.into(), false.into(), true.into()];
        call(odoo, "res.partner", "search", args).is_ok()
    };
    assert_eq!(where_it_holds(counts), [14, 16]);
    let limited = |odoo: &Sandbox| call(odoo, "res.partner", "search_count", vec![none(), 1.into()]).is_ok();
    assert_eq!(where_it_holds(limited), [16, 17, 19]);
}

#[test]
fn names_are_got_up_to_17_and_many_are_saved_at_once_on_19_alone() {
    let ids = || Value::from(vec![Value::Int(1)]);
    let named = |odoo: &Sandbox| call(odoo, "res.partner", "name_get", vec![ids()]).is_ok();
    assert_eq!(where_it_holds(named), [14, 16, 17]);
    let saved = |odoo: &Sandbox| {
        let vals = Value::from(vec![Value::from(Struct::new().with("city", "Pune"))]);
        call(odoo, "res.partner", "web_save_multi", vec![ids(), vals, Struct::new().into()]).is_ok()
    };
    assert_eq!(where_it_holds(saved), [19]);
    let asked = |odoo: &Sandbox| {
        call(odoo, "res.partner", "has_access", vec![Vec::<Value>::new().into(), "read".into()]).is_ok()
    };
    assert_eq!(where_it_holds(asked), [19]);
}

#[test]
fn the_web_reads_by_specification_from_17_on() {
    let by_specification = |odoo: &Sandbox| {
        let spec = Struct::new().with("name", Struct::new());
        call(odoo, "res.partner", "web_read", vec![vec![Value::Int(1)].into(), spec.into()]).is_ok()
    };
    assert_eq!(where_it_holds(by_specification), [17, 19]);
}

#[test]
fn the_operator_any_begins_with_17() {
    let any = |odoo: &Sandbox| {
        let term = domain("country_id", "any", domain("code", "=", "IN"));
        call(odoo, "res.partner", "search", vec![term]).is_ok()
    };
    assert_eq!(where_it_holds(any), [17, 19]);
}

#[test]
fn notes_are_html_from_16_on() {
    let html = |odoo: &Sandbox| {
        let partner = made(odoo, "res.partner", Struct::new().with("name", "Asha").with("comment", "a < b"));
        read(odoo, "res.partner", partner, "comment") == Value::from("<p>a &lt; b</p>")
    };
    assert_eq!(where_it_holds(html), [16, 17, 19]);
}

#[test]
fn a_source_whose_name_is_taken_gets_a_number_from_16_on() {
    let numbered = |odoo: &Sandbox| {
        let walk_in = || Struct::new().with("name", "Walk-in");
        made(odoo, "utm.source", walk_in());
        let second = made(odoo, "utm.source", walk_in());
        read(odoo, "utm.source", second, "name") == Value::from("Walk-in [2]")
    };
    assert_eq!(where_it_holds(numbered), [16, 17, 19]);
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
fn an_empty_email_of_a_lead_erases_its_customers_up_to_17() {
    let erased = |odoo: &Sandbox| {
        let asha = Struct::new().with("name", "Asha").with("email", "asha@example.org");
        let partner = made(odoo, "res.partner", asha);
        let lead = Struct::new().with("name", "A").with("partner_id", partner).with("email_from", false);
        made(odoo, "crm.lead", lead);
        read(odoo, "res.partner", partner, "email") == Value::from(false)
    };
    assert_eq!(where_it_holds(erased), [14, 16, 17]);
}

#[test]
fn a_leads_own_assignment_date_is_kept_from_17_on() {
    let kept = |odoo: &Sandbox| {
        let lead = Struct::new().with("name", "A").with("date_open", "2020-01-01 10:00:00");
        let lead = made(odoo, "crm.lead", lead);
        read(odoo, "crm.lead", lead, "date_open") == Value::from("2020-01-01 10:00:00")
    };
    assert_eq!(where_it_holds(kept), [17, 19]);
}

#[test]
fn fields_come_and_go_with_the_versions() {
    let has = |model: &'static str, field: &'static str| {
        where_it_holds(move |odoo| {
            let fields = call(odoo, model, "fields_get", vec![vec![Value::from(field)].into()]).unwrap();
            !fields.as_struct().unwrap().is_empty()
        })
    };
    assert_eq!(has("res.partner", "mobile"), [14, 16, 17]);
    assert_eq!(has("res.partner", "__last_update"), [14, 16]);
    assert_eq!(has("res.users", "groups_id"), [14, 16, 17]);
    assert_eq!(has("crm.lead", "lost_reason_id"), [16, 17, 19]);
    assert_eq!(has("crm.lead", "won_status"), [19]);
    assert_eq!(has("mail.activity", "active"), [17, 19]);
    assert_eq!(has("mail.activity", "feedback"), [19]);
    assert_eq!(has("ir.model.fields", "currency_field"), [17, 19]);
}

#[test]
fn an_unknown_method_is_told_in_the_words_of_the_version() {
    let told = |like| call(&Sandbox::new(like), "res.partner", "nope", Vec::new()).unwrap_err().text;
    assert!(told(Like::Odoo16).contains("type object 'res.partner' has no attribute 'nope'"));
    assert!(told(Like::Odoo17).contains("The method 'nope' does not exist on the model 'res.partner'"));
}

#[test]
fn a_new_rule_comes_too_late_from_16_on() {
    let late = |odoo: &Sandbox| {
        let model = Struct::new().with("name", "Rank").with("model", "x_rank");
        let model = made(odoo, "ir.model", model);
        // Looked up before the rule is there, as any client's first call would.
        let _refused = call(odoo, "x_rank", "create", vec![Struct::new().with("x_name", "a").into()]);
        let rule = Struct::new().with("name", "rank").with("model_id", model);
        let rule = ["perm_read", "perm_write", "perm_create", "perm_unlink"]
            .into_iter()
            .fold(rule, |rule, right| rule.with(right, true));
        made(odoo, "ir.model.access", rule);
        call(odoo, "x_rank", "create", vec![Struct::new().with("x_name", "a").into()]).is_err()
    };
    assert_eq!(where_it_holds(late), [16, 17, 19]);
}

#[test]
fn load_says_the_fields_label_from_16_on() {
    let labelled = |odoo: &Sandbox| {
        let fields = Value::from(vec![Value::from("name"), "color".into()]);
        let rows = Value::from(vec![Value::from(vec![Value::from("Asha"), "x".into()])]);
        let answer = call(odoo, "res.partner", "load", vec![fields, rows]).unwrap();
        let messages = answer.as_struct().unwrap().get("messages").unwrap().as_array().unwrap().to_vec();
        messages[0].as_struct().unwrap().get("field_name").is_some()
    };
    assert_eq!(where_it_holds(labelled), [16, 17, 19]);
}

//! Methods and operators: which there are, and what they answer.

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Struct, Value};

use crate::{ALL, call, domain, each, is_nothing, made, on, read, where_it_holds};

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
fn an_unknown_method_is_told_in_the_words_of_the_version() {
    let told = |like| call(&Sandbox::new(like), "res.partner", "nope", Vec::new()).unwrap_err().text;
    assert!(told(Like::Odoo16).contains("type object 'res.partner' has no attribute 'nope'"));
    assert!(told(Like::Odoo17).contains("The method 'nope' does not exist on the model 'res.partner'"));
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

#[test]
fn a_record_is_saved_and_read_at_once_from_17_on() {
    let saved = |odoo: &Sandbox| {
        let (asha, spec) = (Struct::new().with("name", "Asha"), Struct::new().with("name", Struct::new()));
        let none = Value::from(Vec::<Value>::new());
        let answer = call(odoo, "res.partner", "web_save", vec![none, asha.into(), spec.clone().into()]);
        let Ok(Value::Array(records)) = answer else { return false };
        let made = records[0].as_struct().unwrap();
        assert_eq!(made.get("name"), Some(&Value::from("Asha")));
        let ids = Value::from(vec![made.get("id").unwrap().clone()]);
        let ravi = Struct::new().with("name", "Ravi");
        let answer = call(odoo, "res.partner", "web_save", vec![ids, ravi.into(), spec.into()]).unwrap();
        answer.as_array().unwrap()[0].as_struct().unwrap().get("name") == Some(&Value::from("Ravi"))
    };
    assert_eq!(where_it_holds(saved), [17, 19]);
}

#[test]
fn searching_and_fetching_can_be_called_on_17_alone_and_existence_asked_up_to_17() {
    let none = || Value::from(Vec::<Value>::new());
    let fetched = |odoo: &Sandbox| {
        call(odoo, "res.partner", "search_fetch", vec![none(), vec![Value::from("name")].into()])
    };
    let [on_14, on_16, on_17, on_19] = each(fetched);
    assert_eq!((on_14.unwrap_err().code, on_16.unwrap_err().code), (1, 1));
    assert!(on_17.is_ok_and(|ids| ids.as_array().is_some()));
    assert_eq!(on_19.unwrap_err().code, 4);
    let [on_14, on_16, on_17, on_19] = each(|odoo| on(odoo, "res.partner", "exists", 1));
    assert!([on_14, on_16, on_17].iter().all(Result::is_ok));
    assert_eq!(on_19.unwrap_err().code, 4);
}

#[test]
fn a_check_of_rights_answers_nothing_on_19() {
    let asked = |odoo: &Sandbox| call(odoo, "res.partner", "check_access_rights", vec!["read".into()]);
    let nothing = where_it_holds(|odoo| is_nothing(&asked(odoo)));
    assert_eq!(nothing, [19]);
    assert_eq!(where_it_holds(|odoo| asked(odoo) == Ok(Value::Bool(true))), [14, 16, 17]);
}

#[test]
fn a_name_search_takes_its_domain_by_that_name_on_19_alone() {
    let by = |name: &'static str| {
        where_it_holds(move |odoo| {
            let named = Struct::new().with("name", "Asha").with(name, domain("active", "=", true));
            odoo.execute("sandbox", 2, "admin", "res.partner", "name_search", Vec::new(), named).is_ok()
        })
    };
    assert_eq!(by("domain"), [19]);
    assert_eq!(by("args"), [14, 16, 17]);
}

#[test]
fn a_copy_and_a_message_are_told_as_a_list_on_19_alone() {
    let listed = |method: &'static str| {
        where_it_holds(move |odoo| {
            let asha = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
            on(odoo, "res.partner", method, asha).unwrap().as_array().is_some()
        })
    };
    assert_eq!(listed("copy"), [19]);
    assert_eq!(listed("message_post"), [19]);
}

#[test]
fn a_record_is_found_by_its_own_change_time_up_to_17() {
    let again = |odoo: &Sandbox| {
        let asha = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
        let time = read(odoo, "res.partner", asha, "write_date");
        let later = domain("write_date", ">", time.as_text().unwrap());
        let ids = call(odoo, "res.partner", "search", vec![later]).unwrap();
        ids.as_array().unwrap().contains(&Value::Int(asha))
    };
    // Microseconds are compared that are not shown: all but never none.
    assert_eq!(where_it_holds(again), [14, 16, 17]);
}

#[test]
fn a_language_that_is_not_installed_is_refused_in_the_context_on_19_and_in_the_field_before() {
    let in_context = |odoo: &Sandbox| {
        let german = Struct::new().with("context", Struct::new().with("lang", "de_DE"));
        let none = Value::from(Vec::<Value>::new());
        odoo.execute("sandbox", 2, "admin", "res.partner", "search", vec![none], german).is_ok()
    };
    assert_eq!(where_it_holds(in_context), [14, 16, 17]);
    let in_field = |odoo: &Sandbox| {
        let asha = Struct::new().with("name", "Asha").with("lang", "de_DE");
        let answer = call(odoo, "res.partner", "create", vec![asha.into()]);
        assert!(answer.is_ok() || answer.as_ref().unwrap_err().code == 1);
        answer.is_ok()
    };
    assert_eq!(where_it_holds(in_field), [19]);
}

#[test]
fn an_unknown_column_of_a_load_is_a_key_error_up_to_17() {
    let told = |odoo: &Sandbox| {
        let rows = Value::from(vec![Value::from(vec![Value::from("x")])]);
        call(odoo, "res.partner", "load", vec![vec![Value::from("nope")].into(), rows]).unwrap_err().text
    };
    for (like, text) in ALL.into_iter().zip(each(told)) {
        let class = if like == Like::Odoo19 { "ValueError" } else { "KeyError" };
        assert!(text.contains(class), "{like:?}");
    }
}

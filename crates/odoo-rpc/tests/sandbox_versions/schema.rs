//! Custom models and fields, and views.

use odoo_rpc::sandbox::Sandbox;
use odoo_rpc::wire::{Struct, Value};

use crate::{call, each, found, made, where_it_holds};

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
fn a_new_rule_works_at_once_where_it_comes_with_its_model_or_is_written_again() {
    let works = |odoo: &Sandbox, with_its_model: bool| {
        let rights = ["perm_read", "perm_write", "perm_create", "perm_unlink"];
        let rule =
            rights.into_iter().fold(Struct::new().with("name", "rank"), |rule, right| rule.with(right, true));
        let model = Struct::new().with("name", "Rank").with("model", "x_rank");
        let line = Value::from(vec![0.into(), 0.into(), Value::from(rule.clone())]);
        let lines = Value::from(vec![line]);
        let model = if with_its_model { model.with("access_ids", lines) } else { model };
        let model = made(odoo, "ir.model", model);
        if !with_its_model {
            let _refused = call(odoo, "x_rank", "create", vec![Struct::new().with("x_name", "a").into()]);
            let rule = made(odoo, "ir.model.access", rule.with("model_id", model));
            crate::write(odoo, "ir.model.access", rule, Struct::new().with("name", "rank")).unwrap();
        }
        call(odoo, "x_rank", "create", vec![Struct::new().with("x_name", "a").into()]).is_ok()
    };
    assert_eq!(where_it_holds(|odoo| works(odoo, true)), [14, 16, 17, 19]);
    assert_eq!(where_it_holds(|odoo| works(odoo, false)), [14, 16, 17, 19]);
}

#[test]
fn an_amount_without_a_currency_is_an_id_and_no_field_on_all() {
    let none = |odoo: &Sandbox| {
        let field = Struct::new()
            .with("name", "x_fee")
            .with("ttype", "monetary")
            .with("model_id", found(odoo, "ir.model", "model", "res.country"));
        made(odoo, "ir.model.fields", field);
        let fields =
            call(odoo, "res.country", "fields_get", vec![vec![Value::from("x_fee")].into()]).unwrap();
        fields.as_struct().unwrap().is_empty()
    };
    assert_eq!(where_it_holds(none), [14, 16, 17, 19]);
}

#[test]
fn a_field_shows_one_that_comes_after_it_in_the_call_from_16_on() {
    let shown = |odoo: &Sandbox| {
        let contacts = found(odoo, "ir.model", "model", "res.partner");
        let field = |name: &str, ttype: &str, path: &str| {
            let field = Struct::new().with("name", name).with("ttype", ttype).with("related", path);
            field.with("model_id", contacts)
        };
        let code = field("x_code", "char", "x_home_id.code");
        let home = field("x_home_id", "many2one", "parent_id.country_id").with("relation", "res.country");
        let both = vec![Value::from(code), home.into()];
        let made = call(odoo, "ir.model.fields", "create", vec![both.into()]);
        let fields = call(odoo, "res.partner", "fields_get", vec![vec![Value::from("x_code")].into()]);
        made.is_ok() && !fields.unwrap().as_struct().unwrap().is_empty()
    };
    assert_eq!(where_it_holds(shown), [16, 17, 19]);
}

#[test]
fn a_name_for_the_currency_is_an_unknown_field_up_to_16() {
    let taken = |odoo: &Sandbox| {
        let field = Struct::new()
            .with("name", "x_fee")
            .with("ttype", "monetary")
            .with("currency_field", "x_money")
            .with("model_id", found(odoo, "ir.model", "model", "res.partner"));
        call(odoo, "ir.model.fields", "create", vec![field.into()]).is_ok()
    };
    assert_eq!(where_it_holds(taken), [17, 19]);
}

/// What a view of contacts comes to: the code of its refusal, or 0.
fn view(odoo: &Sandbox, arch: &str) -> i64 {
    let view = Struct::new().with("name", "own").with("model", "res.partner").with("arch", arch);
    call(odoo, "ir.ui.view", "create", vec![view.into()]).map_or_else(|fault| fault.code, |_| 0)
}

#[test]
fn attributes_that_depend_on_others_are_refused_from_17_on() {
    let attrs = "<form><field name=\"name\"/><field name=\"ref\" attrs=\"{'invisible': [('name', '=', False)]}\"/></form>";
    assert_eq!(each(|odoo| view(odoo, attrs)), [0, 0, 2, 2]);
    let states = "<form><field name=\"ref\" states=\"draft\"/></form>";
    assert_eq!(each(|odoo| view(odoo, states)), [0, 0, 2, 2]);
}

#[test]
fn an_expression_of_fields_is_read_from_17_on() {
    let hidden = "<form><field name=\"name\"/><field name=\"ref\" invisible=\"not name\"/></form>";
    assert_eq!(each(|odoo| view(odoo, hidden)), [2, 1, 0, 0]);
    let always = "<form><field name=\"ref\" invisible=\"1\"/></form>";
    assert_eq!(each(|odoo| view(odoo, always)), [0, 0, 0, 0]);
}

#[test]
fn a_view_of_rows_is_a_tree_up_to_17_and_a_list_on_19() {
    assert_eq!(each(|odoo| view(odoo, "<tree><field name=\"ref\"/></tree>")), [0, 0, 0, 2]);
    let [.., on_17, on_19] = each(|odoo| view(odoo, "<list><field name=\"ref\"/></list>"));
    assert_eq!((on_17, on_19), (1, 0));
}

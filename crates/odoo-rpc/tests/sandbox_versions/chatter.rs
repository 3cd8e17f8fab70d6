//! Activities and messages.

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Struct, Value};

use crate::{call, domain, each, found, is_nothing, made, on, read, where_it_holds};

fn activity(odoo: &Sandbox) -> Struct {
    let partner = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
    let model = found(odoo, "ir.model", "model", "res.partner");
    Struct::new().with("res_model_id", model).with("res_id", partner)
}

/// Whether it is there, and not archived.
fn is_open(odoo: &Sandbox, id: i64) -> bool {
    call(odoo, "mail.activity", "search_count", vec![domain("id", "=", id)]).unwrap() == Value::Int(1)
}

fn all(odoo: &Sandbox) -> usize {
    odoo.count("mail.activity")
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
fn an_activity_can_be_made_as_done_long_ago_from_17_on() {
    let kept = |odoo: &Sandbox| {
        let done = activity(odoo).with("active", false).with("date_done", "2020-01-01");
        let Ok(id) = call(odoo, "mail.activity", "create", vec![done.into()]) else { return false };
        let id = id.as_int().unwrap();
        read(odoo, "mail.activity", id, "date_done") == Value::from("2020-01-01")
            && read(odoo, "mail.activity", id, "state") == Value::from("done")
    };
    assert_eq!(where_it_holds(kept), [17, 19]);
}

#[test]
fn what_is_done_stays_on_19_and_on_17_where_its_type_keeps_it() {
    let stays = |odoo: &Sandbox, keep: bool| {
        let kind = Struct::new().with("name", "Visit");
        let kind = if keep { kind.with("keep_done", true) } else { kind };
        let Ok(kind) = call(odoo, "mail.activity.type", "create", vec![kind.into()]) else { return false };
        let id = made(odoo, "mail.activity", activity(odoo).with("activity_type_id", kind));
        on(odoo, "mail.activity", "action_feedback", id).unwrap();
        assert!(!is_open(odoo, id));
        all(odoo) == 1
    };
    assert_eq!(where_it_holds(|odoo| stays(odoo, false)), [19]);
    assert_eq!(where_it_holds(|odoo| stays(odoo, true)), [17]);
}

#[test]
fn what_is_done_outlives_its_record_on_17_alone() {
    let left = |odoo: &Sandbox| {
        let done = activity(odoo);
        let partner = done.get("res_id").unwrap().as_int().unwrap();
        if call(odoo, "mail.activity", "create", vec![done.with("active", false).into()]).is_err() {
            return false;
        }
        on(odoo, "res.partner", "unlink", partner).unwrap();
        all(odoo) == 1
    };
    assert_eq!(where_it_holds(left), [17]);
}

#[test]
fn an_activity_is_the_callers_up_to_17_and_a_to_do_on_19() {
    let made = |odoo: &Sandbox| {
        let id = made(odoo, "mail.activity", activity(odoo));
        let is = |field: &str| read(odoo, "mail.activity", id, field) != Value::from(false);
        (is("user_id"), is("activity_type_id"))
    };
    assert_eq!(each(made), [(true, false), (true, false), (true, false), (false, true)]);
    let nobodys = |odoo: &Sandbox| {
        let activity = activity(odoo).with("user_id", false);
        call(odoo, "mail.activity", "create", vec![activity.into()]).is_ok()
    };
    assert_eq!(where_it_holds(nobodys), [19]);
}

#[test]
fn an_activity_of_nothing_is_refused_as_missing_up_to_17_and_for_its_rights_on_19() {
    let code = |odoo: &Sandbox| {
        let lost = Struct::new()
            .with("res_model_id", found(odoo, "ir.model", "model", "res.partner"))
            .with("res_id", 999_999);
        call(odoo, "mail.activity", "create", vec![lost.into()]).unwrap_err().code
    };
    assert_eq!(each(code), [2, 2, 2, 4]);
}

#[test]
fn planning_by_a_call_answers_on_19_alone_and_is_done_on_all() {
    let planned = |odoo: &Sandbox| {
        let partner = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
        let named = Struct::new()
            .with("act_type_xmlid", "mail.mail_activity_data_todo")
            .with("summary", "Call back")
            .with("date_deadline", "2030-01-01");
        let args = vec![vec![Value::Int(partner)].into()];
        let answer = odoo.execute("sandbox", 2, "admin", "res.partner", "activity_schedule", args, named);
        let made = odoo.rows("mail.activity");
        assert_eq!((made.len(), made[0].get("summary")), (1, Some(&Value::from("Call back"))));
        assert_eq!(made[0].get("res_id"), Some(&Value::Int(partner)));
        assert!(answer.is_ok() || is_nothing(&answer));
        answer.is_ok_and(|ids| ids.as_array().is_some_and(|ids| ids.len() == 1))
    };
    assert_eq!(where_it_holds(planned), [19]);
}

#[test]
fn a_message_of_html_is_kept_up_to_16_and_escaped_from_17_on() {
    let kept = |odoo: &Sandbox, options: Struct| {
        let asha = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
        let args = vec![vec![Value::Int(asha)].into()];
        let named = options.with("body", "<b>well</b>");
        let posted = odoo.execute("sandbox", 2, "admin", "res.partner", "message_post", args, named).unwrap();
        let id = posted.as_int().or_else(|| posted.as_array()?[0].as_int()).unwrap();
        read(odoo, "mail.message", id, "body").as_text().unwrap().contains("<b>")
    };
    assert_eq!(where_it_holds(|odoo| kept(odoo, Struct::new())), [14, 16]);
    let as_html = || Struct::new().with("body_is_html", true);
    for like in [Like::Odoo16, Like::Odoo17, Like::Odoo19] {
        assert!(kept(&Sandbox::new(like), as_html()), "{like:?}");
    }
}

#[test]
fn no_body_is_the_word_none_up_to_17() {
    let body = |odoo: &Sandbox| {
        let message = made(odoo, "mail.message", Struct::new().with("body", Value::Nil));
        read(odoo, "mail.message", message, "body")
    };
    let none = || Value::from("<p>None</p>");
    assert_eq!(each(body), [none(), none(), none(), Value::from("")]);
}

//! Leads, their customers and where they came from.

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Struct, Value};

use crate::{found, is_nothing, made, on, read, where_it_holds};

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
fn a_leads_own_email_is_its_customers_and_that_customers_other_leads_too_on_all() {
    let spread = |odoo: &Sandbox| {
        let asha = Struct::new().with("name", "Asha").with("email", "old@example.org");
        let partner = made(odoo, "res.partner", asha);
        let lead = || Struct::new().with("name", "A").with("partner_id", partner);
        let first = made(odoo, "crm.lead", lead());
        made(odoo, "crm.lead", lead().with("email_from", "new@example.org"));
        read(odoo, "res.partner", partner, "email") == Value::from("new@example.org")
            && read(odoo, "crm.lead", first, "email_from") == Value::from("new@example.org")
    };
    assert_eq!(where_it_holds(spread), [14, 16, 17, 19]);
}

#[test]
fn a_lead_made_as_won_has_its_day_on_19_alone() {
    let closed = |odoo: &Sandbox| {
        let won = found(odoo, "crm.stage", "name", "Won");
        let lead = made(odoo, "crm.lead", Struct::new().with("name", "A").with("stage_id", won));
        read(odoo, "crm.lead", lead, "date_closed") != Value::from(false)
    };
    assert_eq!(where_it_holds(closed), [19]);
}

#[test]
fn a_lead_is_lost_without_an_answer_on_all() {
    let lost = |odoo: &Sandbox| {
        let lead = made(odoo, "crm.lead", Struct::new().with("name", "A"));
        is_nothing(&on(odoo, "crm.lead", "action_set_lost", lead))
            && read(odoo, "crm.lead", lead, "active") == Value::from(false)
    };
    assert_eq!(where_it_holds(lost), [14, 16, 17, 19]);
}

#[test]
fn the_pipeline_of_up_to_17_shows_when_something_is_to_be_done() {
    let shown = |odoo: &Sandbox| {
        let lead = made(odoo, "crm.lead", Struct::new().with("name", "A"));
        let grey = read(odoo, "crm.lead", lead, "kanban_state");
        let model = found(odoo, "ir.model", "model", "crm.lead");
        let due = Struct::new()
            .with("res_model_id", model)
            .with("res_id", lead)
            .with("date_deadline", "2020-01-01");
        made(odoo, "mail.activity", due);
        (grey, read(odoo, "crm.lead", lead, "kanban_state")) == ("grey".into(), "red".into())
    };
    for like in [Like::Odoo14, Like::Odoo16, Like::Odoo17] {
        assert!(shown(&Sandbox::new(like)), "{like:?}");
    }
}

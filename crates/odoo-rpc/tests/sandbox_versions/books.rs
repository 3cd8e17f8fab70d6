//! Accounting: charts, bills, their numbers, days and taxes.

use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::wire::{Fault, Struct, Value};

use crate::{ALL, call, has, is_nothing, made, on, read, write};

const MOVE: &str = "account.move";

/// What each version with accounting makes of the same.
fn each<T>(fact: impl Fn(&Sandbox) -> T) -> [T; 4] {
    ALL.map(|like| fact(&Sandbox::with_accounting(like)))
}

/// A bill of one line, of the past.
fn bill(odoo: &Sandbox, line: Struct) -> i64 {
    let partner = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
    let line = line.with("name", "Visit").with("price_unit", 100.0);
    let lines = Value::from(vec![Value::from(vec![0.into(), 0.into(), Value::from(line)])]);
    let bill = Struct::new()
        .with("move_type", "out_invoice")
        .with("partner_id", partner)
        .with("invoice_date", "2024-01-31")
        .with("invoice_line_ids", lines);
    made(odoo, MOVE, bill)
}

fn untaxed() -> Struct {
    Struct::new().with("tax_ids", Vec::<Value>::new())
}

fn posted(odoo: &Sandbox) -> (i64, Result<Value, Fault>) {
    let bill = bill(odoo, untaxed());
    let answer = on(odoo, MOVE, "action_post", bill);
    assert_eq!(read(odoo, MOVE, bill, "state"), Value::from("posted"));
    (bill, answer)
}

#[test]
fn posting_answers_false_from_16_on() {
    let [on_14, rest @ ..] = each(|odoo| posted(odoo).1);
    assert!(is_nothing(&on_14));
    assert!(rest.iter().all(|answer| *answer == Ok(Value::Bool(false))));
}

#[test]
fn posting_twice_is_harmless_on_14_and_refused_in_the_words_of_the_version_after() {
    let again = |odoo: &Sandbox| {
        let (bill, _) = posted(odoo);
        on(odoo, MOVE, "action_post", bill)
    };
    let [on_14, on_16, on_17, on_19] = each(again);
    assert!(is_nothing(&on_14));
    for (answer, words) in
        [(on_16, "is already posted"), (on_17, "must be in draft"), (on_19, "must be in draft")]
    {
        let fault = answer.unwrap_err();
        assert_eq!((fault.code, fault.text.contains(words)), (2, true), "{words}");
    }
}

#[test]
fn drawing_back_answers_nothing_on_all() {
    let drawn = |odoo: &Sandbox| {
        let (bill, _) = posted(odoo);
        is_nothing(&on(odoo, MOVE, "button_draft", bill))
            && read(odoo, MOVE, bill, "state") == Value::from("draft")
    };
    assert_eq!(each(drawn), [true; 4]);
}

#[test]
fn a_line_that_names_no_taxes_gets_the_companys_on_16_alone() {
    let total = |odoo: &Sandbox| read(odoo, MOVE, bill(odoo, Struct::new()), "amount_total");
    assert_eq!(each(total), [100.0, 115.0, 100.0, 100.0].map(Value::from));
    let total = |odoo: &Sandbox| read(odoo, MOVE, bill(odoo, untaxed()), "amount_total");
    assert_eq!(each(total), [100.0; 4].map(Value::from));
}

#[test]
fn a_bill_of_the_past_is_due_on_its_day_on_14_and_today_after() {
    let due = |odoo: &Sandbox| {
        read(odoo, MOVE, bill(odoo, untaxed()), "invoice_date_due") == Value::from("2024-01-31")
    };
    assert_eq!(each(due), [true, false, false, false]);
}

#[test]
fn the_first_draft_of_a_journal_has_its_number_on_16_and_17() {
    let names = |odoo: &Sandbox| {
        let name = |bill| read(odoo, MOVE, bill, "name").as_text().map(|name| name.len() > 1);
        (name(bill(odoo, untaxed())), name(bill(odoo, untaxed())))
    };
    let [_, on_16, on_17, on_19] = each(names);
    assert_eq!((on_16, on_17), ((Some(true), Some(false)), (Some(true), Some(false))));
    assert_eq!(on_19, (None, None));
}

#[test]
fn a_posted_bills_day_is_fixed_on_19_alone() {
    let changed = |odoo: &Sandbox| {
        let (bill, _) = posted(odoo);
        write(odoo, MOVE, bill, Struct::new().with("invoice_date", "2024-02-01")).map_err(|fault| fault.code)
    };
    let done = || Ok(Value::Bool(true));
    assert_eq!(each(changed), [done(), done(), done(), Err(2)]);
}

#[test]
fn an_own_number_is_kept_and_followed() {
    for like in [Like::Odoo16, Like::Odoo17, Like::Odoo19] {
        let odoo = Sandbox::with_accounting(like);
        let first = bill(&odoo, untaxed());
        write(&odoo, MOVE, first, Struct::new().with("name", "LEGACY/0001")).unwrap();
        on(&odoo, MOVE, "action_post", first).unwrap();
        let second = bill(&odoo, untaxed());
        on(&odoo, MOVE, "action_post", second).unwrap();
        assert_eq!(read(&odoo, MOVE, first, "name"), Value::from("LEGACY/0001"), "{like:?}");
        assert_eq!(read(&odoo, MOVE, second, "name"), Value::from("LEGACY/0002"), "{like:?}");
    }
}

#[test]
fn the_fields_of_the_books_come_and_go() {
    let has = |model: &str, field: &str| has(Sandbox::with_accounting, model, field);
    assert_eq!(has("account.account", "user_type_id"), [14]);
    assert_eq!(has("account.account", "account_type"), [16, 17, 19]);
    assert_eq!(has("account.account", "company_id"), [14, 16, 17]);
    assert_eq!(has("account.account", "company_ids"), [19]);
    assert_eq!(has("account.payment", "ref"), [14, 16, 17]);
    assert_eq!(has("account.payment", "memo"), [19]);
    assert_eq!(has(MOVE, "payment_id"), [14, 16, 17]);
    assert_eq!(has(MOVE, "to_check"), [14, 16, 17]);
}

#[test]
fn posting_by_itself_is_a_choice_from_16_on_and_a_contacts_accounts_are_required_up_to_17() {
    let told = |odoo: &Sandbox, model: &str, field: &str, attribute: &str| {
        let fields = call(odoo, model, "fields_get", vec![vec![Value::from(field)].into()]).unwrap();
        let field = fields.as_struct().unwrap().get(field).unwrap().clone();
        field.as_struct().unwrap().get(attribute).unwrap().clone()
    };
    let kinds = each(|odoo| told(odoo, MOVE, "auto_post", "type"));
    assert_eq!(kinds, ["boolean", "selection", "selection", "selection"].map(Value::from));
    let required = each(|odoo| told(odoo, "res.partner", "property_account_receivable_id", "required"));
    assert_eq!(required, [true, true, true, false].map(Value::from));
    let kept = |odoo: &Sandbox| {
        let partner = made(odoo, "res.partner", Struct::new().with("name", "Asha"));
        read(odoo, "res.partner", partner, "property_account_receivable_id").as_array().is_some()
    };
    assert_eq!(each(kept), [true; 4]);
}

#[test]
fn a_payment_has_states_of_its_own_on_19_alone() {
    let state = |odoo: &Sandbox| {
        let journal = crate::found(odoo, "account.journal", "code", "BNK1");
        let payment = Struct::new().with("amount", 10.0).with("journal_id", journal);
        let payment = made(odoo, "account.payment", payment);
        assert!(is_nothing(&on(odoo, "account.payment", "action_post", payment)));
        read(odoo, "account.payment", payment, "state")
    };
    assert_eq!(each(state), ["posted", "posted", "posted", "in_process"].map(Value::from));
}

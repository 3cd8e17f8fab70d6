//! Bills against the sandbox: what stands in the way, what is lost on the way, and what is left afterwards.
#![cfg(feature = "sandbox")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod books;
#[path = "support/electronic.rs"]
mod electronic;
mod sandboxed;

use std::collections::BTreeSet;
use std::time::Duration;

use books::{STATES, amount, bills};
use electronic::Electronic;
use jiff::civil::date;
use odoo_rpc::accounting::{Bill, Hindrance, Journal, Keys, Ledger, LedgerError, Line, Payment, Setup};
use odoo_rpc::client::{Client, Context, Domain, SearchOptions};
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::{Struct, Value};
use rust_decimal::Decimal;
use sandboxed::{BOTH, client_over};
use tokio::time::{Instant, sleep, timeout};

/// The tables of accounting.
const TABLES: [&str; 8] = [
    "account.move",
    "account.move.line",
    "account.payment",
    "account.partial.reconcile",
    "account.full.reconcile",
    "account.journal",
    "account.account",
    "ir.model.fields",
];

async fn connected(sandbox: &Sandbox) -> Client {
    client_over(sandbox.clone()).await
}

async fn patients(client: &Client, count: usize) -> Vec<i64> {
    let row = |number| Struct::new().with("name", format!("Patient {number}"));
    client.create("res.partner", (0..count).map(row).collect()).await.unwrap()
}

fn own() -> Setup {
    Setup::new()
        .bills_in(Journal::own("OLD", "Bills before Odoo"))
        .payments_in(Journal::own("OLDP", "Payments before Odoo"))
        .settle(Duration::from_secs(30))
}

fn counts(sandbox: &Sandbox) -> Vec<(&'static str, usize)> {
    TABLES.iter().map(|table| (*table, sandbox.count(table))).collect()
}

fn simple(key: &str, patient: i64) -> Bill {
    Bill::new(key, patient, date(2024, 3, 5)).line(Line::new("Consultation", Decimal::from(300)))
}

#[track_caller]
fn as_the_source_says(sandbox: &Sandbox, all: &[(Bill, &str, Decimal)]) {
    let rows = sandbox.rows("account.move");
    let text = |row: &Struct, field| row.get(field).and_then(Value::as_text).unwrap_or_default().to_owned();
    let invoices: Vec<_> = rows.iter().filter(|row| text(row, "move_type") == "out_invoice").collect();
    assert_eq!(invoices.len(), all.len());
    let keys: BTreeSet<String> = invoices.iter().map(|row| text(row, "x_migration_key")).collect();
    assert_eq!(keys.len(), all.len());
    for (bill, state, residual) in all {
        let row = invoices.iter().find(|row| text(row, "x_migration_key") == bill.key).unwrap();
        assert_eq!(
            (text(row, "payment_state").as_str(), amount(row, "amount_residual")),
            (*state, *residual)
        );
        assert_eq!(text(row, "date"), bill.date.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn bills_go_in_as_their_source_says_and_out_without_a_row_left() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let client = connected(&sandbox).await;
        let before = counts(&sandbox);
        let all = bills(120, &patients(&client, 7).await, Some(1));
        let list: Vec<Bill> = all.iter().map(|(bill, ..)| bill.clone()).collect();
        let mut ledger = Ledger::open(&client, own().batch(50)).await.unwrap();
        assert_eq!(ledger.check(&list).await.unwrap(), vec![]);

        let posted = ledger.post(&list).await.unwrap();
        as_the_source_says(&sandbox, &all);
        assert_eq!(posted.bills.len(), 120);
        assert_eq!(ledger.differences(&list).await.unwrap(), vec![]);
        let filled = counts(&sandbox);
        assert_eq!(ledger.post(&list).await.unwrap(), posted, "again");
        assert_eq!(counts(&sandbox), filled);

        // Another process, with another ledger, takes them out.
        let mut ledger = Ledger::open(&client, own()).await.unwrap();
        let gone = ledger.revert(&Keys::of(&list)).await.unwrap();
        assert_eq!((gone.bills, gone.payments), (120, posted.payments));
        ledger.close().await.unwrap();
        assert_eq!(counts(&sandbox), before, "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_call_goes_wrong_each_bill_is_there_once() {
    for like in BOTH {
        let calls = spent(like).await;
        assert!((20..80).contains(&calls), "{calls}");
        for call in 1..=calls {
            let lost: [fn(usize) -> Trouble; 2] =
                [Trouble::lose_reply_of_call, |call| Trouble::cut_before_commit().on("", "").at_call(call)];
            for trouble in lost {
                let sandbox = Sandbox::with_accounting(like);
                let (mut ledger, all, list) = ten(&sandbox).await;
                sandbox.trouble(trouble(call));
                ledger.post(&list).await.unwrap_or_else(|error| panic!("call {call} of {like:?}: {error}"));
                as_the_source_says(&sandbox, &all);
                assert_eq!(sandbox.count("account.payment"), ledger_payments(&list));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_call_goes_wrong_on_the_way_out_nothing_is_left() {
    for like in BOTH {
        for call in 1..=14 {
            let sandbox = Sandbox::with_accounting(like);
            let before = counts(&sandbox);
            let (mut ledger, _, list) = ten(&sandbox).await;
            ledger.post(&list).await.unwrap();
            sandbox.trouble(Trouble::lose_reply_of_call(call));
            ledger.revert(&Keys::of(&list)).await.unwrap_or_else(|error| panic!("call {call}: {error}"));
            ledger.close().await.unwrap_or_else(|error| panic!("call {call}: {error}"));
            assert_eq!(counts(&sandbox), before, "call {call} of {like:?}");
        }
    }
}

/// The calls that write, in the middle of each of which a process may end.
const WRITES: [(&str, &str); 7] = [
    ("account.journal", "create"),
    ("account.move", "create"),
    ("account.move", "action_post"),
    ("account.payment", "create"),
    ("account.payment", "action_post"),
    ("account.partial.reconcile", "create"),
    ("account.full.reconcile", "create"),
];

/// Nobody waits any more for that call, which the server carries out 20 s later.
async fn cut_off<T>(
    sandbox: &Sandbox,
    (model, method): (&str, &str),
    at: usize,
    work: impl Future<Output = T>,
) -> bool {
    sandbox.trouble(Trouble::delay(Duration::from_secs(20)).on(model, method).at_call(at));
    let cut = timeout(Duration::from_secs(1), work).await.is_err();
    sandbox.calm();
    cut
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_in_the_middle_of_a_call_leaves_nothing_twice() {
    for like in BOTH {
        let whole = {
            let sandbox = Sandbox::with_accounting(like);
            let (mut ledger, _, list) = ten(&sandbox).await;
            ledger.post(&list).await.unwrap();
            counts(&sandbox)
        };
        for write in WRITES {
            // Another process goes on, or the same one, where the run was dropped.
            for is_other in [true, false] {
                let case = format!("{write:?} of {like:?}, another one: {is_other}");
                let sandbox = Sandbox::with_accounting(like);
                let (mut ledger, all, list) = ten(&sandbox).await;
                assert!(cut_off(&sandbox, write, 1, ledger.post(&list)).await, "{case}");
                if is_other {
                    ledger = Ledger::open(&connected(&sandbox).await, own().batch(5)).await.unwrap();
                }
                ledger.post(&list).await.unwrap_or_else(|error| panic!("{case}: {error}"));
                sleep(Duration::from_secs(60)).await;
                as_the_source_says(&sandbox, &all);
                assert_eq!(ledger.differences(&list).await.unwrap(), vec![], "{case}");
                assert_eq!(counts(&sandbox), whole, "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_cut_off_run_puts_in_late_is_taken_out_too() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let before = counts(&sandbox);
        let (mut ledger, _, list) = ten(&sandbox).await;
        assert!(cut_off(&sandbox, ("account.move", "create"), 2, ledger.post(&list)).await);
        let mut ledger = Ledger::open(&connected(&sandbox).await, own()).await.unwrap();
        assert_eq!(ledger.revert(&Keys::of(&list)).await.unwrap().bills, 10);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(sandbox.count("account.move"), 0, "{like:?}");
        ledger.close().await.unwrap();
        assert_eq!(counts(&sandbox), before, "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_who_goes_on_where_another_one_ended_waits_and_once() {
    let sandbox = Sandbox::with_accounting(BOTH.into_iter().last().unwrap());
    let (mut first, _, list) = ten(&sandbox).await;
    let client = connected(&sandbox).await;
    let began = Instant::now();
    first.post(&list[..2]).await.unwrap();
    first.post(&list[..4]).await.unwrap();
    let mut second = Ledger::open(&client, own()).await.unwrap();
    second.post(&list[..4]).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 0, "a first one, its own next bills, and all is there");
    second.post(&list[..6]).await.unwrap();
    second.post(&list[..8]).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 30, "since it was opened, once");
    let mut third = Ledger::open(&client, own().no_earlier_calls()).await.unwrap();
    third.post(&list).await.unwrap();
    let mut fourth = Ledger::open(&client, own()).await.unwrap();
    fourth.revert(&Keys::of(&list)).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 30, "it was told, and what is whole is taken out at once");
}

#[tokio::test]
async fn two_bills_of_one_key_are_told_and_can_be_taken_out() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let client = connected(&sandbox).await;
        let patient = patients(&client, 1).await[0];
        let mut ledger = Ledger::open(&client, own()).await.unwrap();
        let bill = simple("bill", patient);
        ledger.post(std::slice::from_ref(&bill)).await.unwrap();
        let row = by_hand_row(patient).with("x_migration_key", "bill");
        client.create("account.move", vec![row]).await.unwrap();
        let error = ledger.differences(std::slice::from_ref(&bill)).await.unwrap_err();
        assert!(error.to_string().contains("two records of account.move"), "{error}");
        let gone = ledger.revert(&Keys::of(&[bill])).await.unwrap();
        assert_eq!((gone.bills, sandbox.count("account.move")), (2, 0), "{like:?}");
    }
}

/// Odoo 14 keeps, of a field of entries that is gone, the row that describes it on payments.
#[tokio::test(start_paused = true)]
async fn closing_leaves_no_row_behind_though_contacts_have_a_field_of_that_name() {
    for like in BOTH {
        for is_cut_off in [false, true] {
            let sandbox = Sandbox::with_accounting(like);
            let client = connected(&sandbox).await;
            let contacts = Domain::field("model").eq("res.partner");
            let contacts = client.search("ir.model", contacts, SearchOptions::new()).await.unwrap()[0];
            let row = Struct::new().with("name", "x_migration_key").with("model_id", contacts);
            let row = row.with("ttype", "char").with("field_description", "Identity");
            client.create("ir.model.fields", vec![row]).await.unwrap();
            let before = counts(&sandbox);

            let bill = simple("bill", patients(&client, 1).await[0]);
            let mut ledger = Ledger::open(&client, own()).await.unwrap();
            ledger.post(std::slice::from_ref(&bill)).await.unwrap();
            ledger.revert(&Keys::of(&[bill])).await.unwrap();
            if is_cut_off {
                assert!(cut_off(&sandbox, ("ir.model.fields", "unlink"), 1, ledger.close()).await);
                sleep(Duration::from_secs(60)).await;
                ledger = Ledger::open(&client, own()).await.unwrap();
            }
            ledger.close().await.unwrap();
            assert_eq!(counts(&sandbox), before, "{like:?}, cut off: {is_cut_off}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bill_s_electronic_file_goes_with_it_wherever_the_undoing_is_cut_off() {
    for like in BOTH.into_iter().filter(|like| *like == Like::Odoo14) {
        let mut calls = 0;
        let mut cut = true;
        while cut {
            calls += 1;
            let sandbox = Sandbox::with_accounting(like);
            let files = sandbox.count("ir.attachment");
            let electronic = Electronic::over(sandbox.clone());
            let client = client_over(electronic.clone()).await;
            let patient = patients(&client, 1).await[0];
            let list: Vec<Bill> = (0..10).map(|number| simple(&format!("bill-{number}"), patient)).collect();
            let mut ledger = Ledger::open(&client, own().batch(4)).await.unwrap();
            let posted = ledger.post(&list).await.unwrap();
            let ids: Vec<i64> = posted.bills.iter().map(|bill| bill.id).collect();
            Electronic::write_files(&client, &ids).await;

            cut = cut_off(&sandbox, ("", "unlink"), calls, ledger.revert(&Keys::of(&list))).await;
            sleep(Duration::from_secs(60)).await;
            let mut ledger = Ledger::open(&client, own().batch(4)).await.unwrap();
            ledger.revert(&Keys::of(&list)).await.unwrap_or_else(|error| panic!("call {calls}: {error}"));
            assert_eq!(sandbox.count("account.move"), 0);
            assert_eq!(sandbox.count("ir.attachment"), files, "call {calls}");
            let asked = electronic.asked.lock().unwrap();
            assert!(asked.iter().all(|bills| *bills <= 4), "{asked:?}");
        }
        assert_eq!(calls, 7, "three portions, two calls each, and one that is not cut off");
    }
}

/// How many calls ten bills take.
async fn spent(like: Like) -> usize {
    let sandbox = Sandbox::with_accounting(like);
    let (mut ledger, _, list) = ten(&sandbox).await;
    let before = sandbox.log().len();
    ledger.post(&list).await.unwrap();
    sandbox.log().len() - before
}

type Ten = (Ledger, Vec<(Bill, &'static str, Decimal)>, Vec<Bill>);

async fn ten(sandbox: &Sandbox) -> Ten {
    let client = connected(sandbox).await;
    let all = bills(10, &patients(&client, 3).await, Some(1));
    let list = all.iter().map(|(bill, ..)| bill.clone()).collect();
    (Ledger::open(&client, own().batch(5)).await.unwrap(), all, list)
}

fn ledger_payments(list: &[Bill]) -> usize {
    list.iter().map(|bill| bill.payments.len()).sum()
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_before_anything_is_written() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let client = connected(&sandbox).await;
        let patient = patients(&client, 1).await[0];
        client
            .write("res.company", &[1], Struct::new().with("fiscalyear_lock_date", "2023-12-31"))
            .await
            .unwrap();
        let mut ledger = Ledger::open(&client, Setup::new()).await.unwrap();
        let money = |cents| Decimal::new(cents, 2);
        let on = date(2024, 3, 5);
        let cases = [
            (Bill::new("a", patient, date(2023, 12, 31)).line(Line::new("x", money(100))), "date"),
            (simple("b", patient).payment(Payment::new("p1", date(2023, 1, 1), money(100))), "date"),
            (simple("c", patient).line(Line::new("x", Decimal::new(1, 3))), "price"),
            (simple("d", patient).line(Line::new("x", money(1)).quantity(Decimal::new(1, 3))), "quantity"),
            (simple("e", patient).payment(Payment::new("p2", on, money(30_001))), "payments"),
            (simple("f", patient).payment(Payment::new("p3", on, Decimal::ZERO)), "amount"),
            (simple("g", patient).payment(Payment::new("p4", on, Decimal::new(1, 3))), "amount"),
            (simple("h", patient).due(date(2024, 3, 4)), "due"),
            (simple("i", patient).currency("INR"), "currency"),
            (Bill::new("j", patient, on), "lines"),
            (simple("k", patient).line(Line::new("x", money(-30_001))), "lines"),
            (simple("l", patient).stated(money(29_999)), "stated"),
            (simple("m", patient).line(Line::new("x", money(1)).taxes([1])), "stated"),
            (simple("n", 999_999), "partner"),
            (simple("o", patient).line(Line::new("x", money(1)).account(999_999)), "account"),
            (simple("q", patient).line(Line::new("x", money(1)).taxes([999_999])).stated(money(1)), "taxes"),
        ];
        for (bill, field) in cases {
            let found = ledger.check(std::slice::from_ref(&bill)).await.unwrap();
            assert!(found.iter().any(|obstacle| obstacle.field == field), "{}: {found:?}", bill.key);
            let Err(LedgerError::Obstacles(_)) = ledger.post(&[bill]).await else {
                panic!("{field}: it went")
            };
        }
        let twice =
            [simple("s", patient).number("7"), simple("s", patient), simple("t", patient).number("7")];
        let found = ledger.check(&twice).await.unwrap();
        assert_eq!(found.iter().filter(|obstacle| obstacle.what == Hindrance::Twice).count(), 2, "{found:?}");
        // The key of a bill and that of a payment, whichever comes first.
        let paid = || simple("u", patient).payment(Payment::new("v", on, money(100)));
        for alike in [[paid(), simple("v", patient)], [simple("v", patient), paid()]] {
            let found = ledger.check(&alike).await.unwrap();
            assert!(found.iter().any(|obstacle| obstacle.what == Hindrance::Twice), "{found:?}");
        }
        assert_eq!(sandbox.count("account.move"), 0);
        assert!(
            sandbox
                .rows("ir.model.fields")
                .iter()
                .all(|row| { row.get("name").and_then(Value::as_text) != Some("x_migration_key") })
        );
    }
}

#[tokio::test]
async fn a_number_that_another_bill_has_is_not_used_again() {
    let sandbox = Sandbox::with_accounting(Like::Odoo19);
    let client = connected(&sandbox).await;
    let patient = patients(&client, 1).await[0];
    let mut ledger = Ledger::open(&client, Setup::new()).await.unwrap();
    ledger.post(&[simple("first", patient).number("A-1")]).await.unwrap();
    let found = ledger.check(&[simple("second", patient).number("A-1")]).await.unwrap();
    assert_eq!(found.iter().map(|obstacle| &obstacle.what).collect::<Vec<_>>(), [&Hindrance::Taken]);
    assert_eq!(ledger.check(&[simple("first", patient).number("A-1")]).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_journal_that_locks_by_hash_is_not_used() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let client = connected(&sandbox).await;
        client
            .write("account.journal", &[1], Struct::new().with("restrict_mode_hash_table", true))
            .await
            .unwrap();
        let Err(LedgerError::Obstacles(found)) = Ledger::open(&client, Setup::new()).await else {
            panic!("it was opened")
        };
        assert_eq!(found[0].what, Hindrance::Hashed);
        assert!(Ledger::open(&client, own()).await.is_ok());
    }
}

#[tokio::test]
async fn without_the_app_it_says_so() {
    let client = connected(&Sandbox::new(Like::Odoo19)).await;
    let error = Ledger::open(&client, Setup::new()).await.unwrap_err();
    assert!(error.to_string().contains("install the app"), "{error}");
}

#[tokio::test]
async fn what_is_not_as_the_source_says_is_named_by_key_and_field() {
    let sandbox = Sandbox::with_accounting(Like::Odoo19);
    let client = connected(&sandbox).await;
    let patient = patients(&client, 1).await[0];
    let mut ledger = Ledger::open(&client, Setup::new()).await.unwrap();
    let paid = Payment::new("paid", date(2024, 3, 5), Decimal::from(300));
    let bill = simple("bill", patient).number("77").payment(paid);
    let id = ledger.post(std::slice::from_ref(&bill)).await.unwrap().bills[0].id;
    client.write("account.move", &[id], Struct::new().with("invoice_date_due", "2024-09-09")).await.unwrap();
    let other = bill.clone().payment(Payment::new("more", date(2024, 3, 6), Decimal::ONE));
    let found = ledger.differences(&[bill.clone(), simple("unknown", patient)]).await.unwrap();
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["bill: invoice_date_due", "unknown: id"]);
    assert!(matches!(ledger.post(&[other]).await, Err(LedgerError::Obstacles(_))));
}

#[tokio::test]
async fn the_sandbox_counts_every_kind_of_bill() {
    // What the tests' bills are: each state is among them.
    let all = bills(120, &[1], Some(1));
    for state in STATES {
        assert!(all.iter().filter(|(_, of, _)| *of == state).count() > 15, "{state}");
    }
}

/// Each of these was measured on real servers; see `real_accounting.rs`.
#[tokio::test]
async fn the_sandbox_has_the_traps_of_the_real_servers() {
    for like in BOTH {
        let is_19 = like == Like::Odoo19;
        let sandbox = Sandbox::with_accounting(like);
        let client = connected(&sandbox).await;
        let patient = patients(&client, 1).await[0];

        // A number in `name` is the journal's next one's neighbour.
        let usual = if is_19 { "INV/2024/00001" } else { "INV/2024/03/0001" };
        let first = by_hand(&client, by_hand_row(patient)).await.unwrap();
        assert_eq!(read(&client, first, "name").await, Value::from(usual));
        remove(&client, first).await;
        let old = by_hand(&client, by_hand_row(patient).with("name", "LEGACY/2024/0041")).await.unwrap();
        let next = by_hand(&client, by_hand_row(patient)).await.unwrap();
        assert_eq!(read(&client, next, "name").await, Value::from("LEGACY/2024/0042"));

        // Posting twice; deleting what is posted, and what was.
        let again = client.call_method("account.move", "action_post", &[old], Struct::new()).await;
        assert_eq!(again.is_err(), is_19);
        assert!(client.unlink("account.move", &[old]).await.is_err());
        client.call_method("account.move", "button_draft", &[old], Struct::new()).await.unwrap();
        assert_eq!(client.unlink("account.move", &[old]).await.is_ok(), is_19);

        // A closed year.
        close_books(&client, Value::from("2024-12-31")).await;
        let closed = by_hand(&client, by_hand_row(patient)).await;
        match is_19 {
            true => assert_eq!(read(&client, closed.unwrap(), "date").await, Value::from("2025-01-31")),
            false => assert!(closed.is_err()),
        }
        close_books(&client, Value::from(false)).await;

        // The taxes of the account, where a line says nothing (19).
        let account =
            sandbox.rows("account.journal")[0].get("default_account_id").and_then(Value::as_int).unwrap();
        let taxes = Value::from(vec![Value::from(vec![6.into(), 0.into(), vec![Value::from(1)].into()])]);
        client.write("account.account", &[account], Struct::new().with("tax_ids", taxes)).await.unwrap();
        let taxed = by_hand(&client, by_hand_row(patient)).await.unwrap();
        let total = if is_19 { 115.0 } else { 100.0 };
        assert_eq!(read(&client, taxed, "amount_total").await, Value::Double(total));

        // Nothing to post, nobody to pay.
        let empty = by_hand_row(patient).with("invoice_line_ids", Vec::<Value>::new());
        assert!(by_hand(&client, empty).await.is_err());
        assert!(by_hand(&client, by_hand_row(patient).with("partner_id", false)).await.is_err());
    }
}

fn by_hand_row(patient: i64) -> Struct {
    let line = Struct::new().with("name", "Cream").with("price_unit", 100.0);
    Struct::new()
        .with("move_type", "out_invoice")
        .with("partner_id", patient)
        .with("invoice_date", "2024-03-05")
        .with("invoice_line_ids", vec![Value::from(vec![0.into(), 0.into(), line.into()])])
}

/// Makes a bill, and posts it.
async fn by_hand(client: &Client, row: Struct) -> odoo_rpc::Result<i64> {
    let made = client.create("account.move", vec![row]).await?;
    client.call_method("account.move", "action_post", &made, Struct::new()).await?;
    Ok(made[0])
}

async fn close_books(client: &Client, until: Value) {
    client.write("res.company", &[1], Struct::new().with("fiscalyear_lock_date", until)).await.unwrap();
}

async fn read(client: &Client, bill: i64, field: &str) -> Value {
    client.read("account.move", &[bill], &[field]).await.unwrap()[0].get(field).unwrap().clone()
}

async fn remove(client: &Client, bill: i64) {
    client.call_method("account.move", "button_draft", &[bill], Struct::new()).await.unwrap();
    let forced = client.with_context(Context::new().with("force_delete", true));
    forced.unlink("account.move", &[bill]).await.unwrap();
}

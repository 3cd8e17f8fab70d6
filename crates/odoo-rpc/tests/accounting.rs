//! Bills against the sandbox: what stands in the way, what is lost on the way, and what is left afterwards.
#![cfg(feature = "sandbox")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod books;
mod ledgers;
mod sandboxed;

use books::{STATES, bills};
use jiff::civil::date;
use ledgers::{
    as_the_source_says, by_hand, by_hand_row, close_books, connected, counts, ledger_payments, own, patients,
    read, remove, simple, spent, ten,
};
use odoo_rpc::accounting::{Bill, Hindrance, Keys, Ledger, LedgerError, Line, Payment, Setup};
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::{Struct, Value};
use rust_decimal::Decimal;
use sandboxed::BOTH;

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

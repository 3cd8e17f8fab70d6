//! Ledgers that go on, or take out, where another one ended in the middle.
#![cfg(feature = "sandbox")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod books;
#[path = "support/electronic.rs"]
mod electronic;
mod ledgers;
mod sandboxed;

use std::time::Duration;

use electronic::Electronic;
use ledgers::{as_the_source_says, by_hand_row, connected, counts, own, patients, simple, ten};
use odoo_rpc::accounting::{Bill, Keys, Ledger};
use odoo_rpc::client::{Domain, SearchOptions};
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::Struct;
use sandboxed::{BOTH, client_over};
use tokio::time::{Instant, sleep, timeout};

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

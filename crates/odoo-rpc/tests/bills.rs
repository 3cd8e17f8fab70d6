//! Bills through the pipeline, over the sandbox: from a mapping to what stands in the books, and back.
#![cfg(feature = "sandbox")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod billing;
mod books;
mod ledgers;
mod sandboxed;

use std::collections::BTreeMap;
use std::time::Duration;

use billing::{Clinic, entries, map, of_2019, record, refused, undo};
use books::bills;
use jiff::civil::date;
use ledgers::{close_books, connected, counts, patients};
use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::key::RecordKey;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::receipt::{How, Outcome, Row};
use mapping_core::record::Fields;
use mapping_core::schema::Needs;
use mapping_core::value::Value as Plain;
use odoo_rpc::accounting::{Bill, Journal, Ledger, Line, Payment, Setup};
use odoo_rpc::client::Client;
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::{Fault, Struct, Value};
use rust_decimal::Decimal;
use sandboxed::{BOTH, SETTLE};
use tokio::time::{Instant, timeout};

/// The calls that write, in the middle of each of which a process may end.
const WRITES: [(&str, &str); 8] = [
    ("account.journal", "create"),
    ("account.move", "create"),
    ("account.move", "action_post"),
    ("account.payment", "create"),
    ("account.payment", "action_post"),
    ("account.partial.reconcile", "create"),
    ("account.full.reconcile", "create"),
    ("account.move", "read"),
];

async fn writer(sandbox: &Sandbox) -> OdooWriter {
    OdooWriter::new(connected(sandbox).await).settle(SETTLE)
}

fn text(row: &Struct, field: &str) -> String {
    row.get(field).and_then(Value::as_text).unwrap_or_default().to_owned()
}

/// The books hold these bills, as their source has them, and no others.
#[track_caller]
fn as_the_source_says(sandbox: &Sandbox, clinic: &Clinic) {
    let expected = clinic.bills.iter().map(|(bill, state, residual)| {
        let mut bill = bill.clone();
        bill.key = clinic.identity(&bill);
        (bill, *state, *residual)
    });
    let expected: Vec<_> = expected.collect();
    ledgers::as_the_source_says(sandbox, &expected);
    assert_eq!(sandbox.count("account.payment"), clinic.payments());
    let patients =
        sandbox.rows("res.partner").iter().filter(|row| text(row, "name").starts_with("Patient ")).count();
    assert_eq!(patients, clinic.patients);
    for row in sandbox.rows("account.move").iter().filter(|row| text(row, "move_type") == "out_invoice") {
        assert_eq!(
            (text(row, "state").as_str(), text(row, "x_studio_bill_status").as_str()),
            ("posted", clinic.status)
        );
        assert!(text(row, "narration").contains("Paid at the desk"));
        assert!(text(row, "name").starts_with("OLD/"), "{}", text(row, "name"));
    }
}

#[tokio::test(start_paused = true)]
async fn three_hundred_bills_arrive_once_though_the_run_was_killed_and_go_again() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let before = counts(&sandbox);
        let client = connected(&sandbox).await;
        close_books(&client, "2019-12-31".into()).await;
        let mut clinic = Clinic::new("main", 40, 300);
        clinic.more = vec![
            of_2019("closed"),
            record(
                &Bill::new("overpaid", 2, date(2024, 2, 1))
                    .line(Line::new("Fee", 100.into()))
                    .payment(Payment::new("r", date(2024, 2, 1), 150.into())),
            ),
            of_2019("shape")
                .with("date", date(2024, 5, 6))
                .with("payments", vec![map([("amount", 5_i64.into())])]),
        ];
        let journal = MemoryJournal::default();

        // The call is carried out after its process is gone.
        sandbox.trouble(Trouble::delay(Duration::from_secs(20)).on("account.payment", "action_post"));
        let killed = writer(&sandbox).await;
        assert!(timeout(Duration::from_secs(1), clinic.run(&killed, &journal)).await.is_err());
        sandbox.calm();

        let odoo = writer(&sandbox).await;
        let start = Instant::now();
        let report = clinic.run(&odoo, &journal).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(20), "what was under way was not waited for");
        as_the_source_says(&sandbox, &clinic);
        let counts_of = report.counts("bill");
        assert_eq!((counts_of.read, counts_of.refused), (303, 3), "{counts_of:?}");
        let told = refused(&journal).await;
        assert!(
            told["closed"].starts_with("invoice_date: the company's books are closed until 2019-12-31"),
            "{told:?}"
        );
        assert!(told["overpaid"].starts_with("payments: more was paid than billed"), "{told:?}");
        assert!(told["shape"].starts_with("payments: a payment has no key"), "{told:?}");
        assert_eq!(told.len(), 3);

        // Found by their identities, and alone: on 14 the entries of payments carry keys too.
        let model = "account.move".into();
        assert_eq!(odoo.count(&model, &clinic.id).await.unwrap(), 300);

        // Once more, with the same journal and with a new one: nothing is written.
        let log = sandbox.count("account.move");
        let again = clinic.run(&odoo, &journal).await.unwrap();
        assert_eq!((again.counts("bill").unchanged, again.counts("bill").refused), (300, 3));
        let lost = MemoryJournal::default();
        let again = clinic.run(&odoo, &lost).await.unwrap();
        assert_eq!((again.counts("bill").updated, again.counts("bill").refused), (300, 3));
        assert_eq!(sandbox.count("account.move"), log);
        as_the_source_says(&sandbox, &clinic);

        close_books(&client, Value::Bool(false)).await;
        undo(&odoo, &journal, 0).await;
        assert_eq!(counts(&sandbox), before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_in_the_middle_of_any_call_leaves_nothing_twice() {
    for like in BOTH {
        for write in WRITES {
            let case = format!("{write:?} of {like:?}");
            let sandbox = Sandbox::with_accounting(like);
            let before = counts(&sandbox);
            let clinic = Clinic::new("main", 4, 20);
            let journal = MemoryJournal::default();
            let setup = || {
                Setup::new()
                    .bills_in(Journal::own("OLD", "Bills"))
                    .payments_in(Journal::own("OLDP", "Paid"))
                    .batch(8)
            };
            sandbox.trouble(Trouble::delay(Duration::from_secs(20)).on(write.0, write.1));
            let killed = writer(&sandbox).await.accounting(setup());
            assert!(timeout(Duration::from_secs(1), clinic.run(&killed, &journal)).await.is_err(), "{case}");
            sandbox.calm();
            let odoo = writer(&sandbox).await.accounting(setup());
            clinic.run(&odoo, &journal).await.unwrap_or_else(|error| panic!("{case}: {error}"));
            tokio::time::sleep(Duration::from_secs(60)).await;
            as_the_source_says(&sandbox, &clinic);
            assert_eq!(clinic.run(&odoo, &journal).await.unwrap().counts("bill").unchanged, 20, "{case}");
            undo(&odoo, &journal, 0).await;
            assert_eq!(counts(&sandbox), before, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_is_looked_for() {
    for like in BOTH {
        for write in WRITES {
            let sandbox = Sandbox::with_accounting(like);
            let clinic = Clinic::new("main", 4, 20);
            let (odoo, journal) = (writer(&sandbox).await, MemoryJournal::default());
            sandbox.trouble(Trouble::lose_reply().on(write.0, write.1));
            let report = clinic.run(&odoo, &journal).await.unwrap();
            assert_eq!(report.counts("bill").written, 20, "{write:?} of {like:?}");
            as_the_source_says(&sandbox, &clinic);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bill_that_the_server_refuses_takes_no_other_with_it() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let mut clinic = Clinic::new("main", 4, 20);
        let bad = |key: &str| record(&Bill::new(key, 1, date(2024, 3, 3)).line(Line::new("Fee", 100.into())));
        clinic.more = vec![bad("bad-1").with("status", "bad"), bad("bad-2").with("status", "bad")];
        let is_bad = |row: &Struct| text(row, "x_studio_bill_status") == "bad";
        sandbox.trouble(Trouble::refuse_rows("account.move", move |row: &Struct| {
            is_bad(row).then(|| Fault::new(2, "The bill is not wanted"))
        }));
        let (odoo, journal) = (writer(&sandbox).await, MemoryJournal::default());
        let report = clinic.run(&odoo, &journal).await.unwrap();
        assert_eq!((report.counts("bill").written, report.counts("bill").refused), (20, 2));
        assert_eq!(refused(&journal).await.into_keys().collect::<Vec<_>>(), ["bad-1", "bad-2"]);
        sandbox.calm();
        as_the_source_says(&sandbox, &clinic);
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_that_another_bill_has_is_not_taken_again() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let mut clinic = Clinic::new("main", 4, 20);
        let (odoo, journal) = (writer(&sandbox).await, MemoryJournal::default());
        clinic.run(&odoo, &journal).await.unwrap();
        let whole = counts(&sandbox);
        let twin = Bill::new("twin", 1, date(2024, 3, 3)).number("OPD/00001");
        clinic.more = vec![record(&twin.line(Line::new("Fee", 100.into())))];
        let report = clinic.run(&odoo, &journal).await.unwrap();
        assert_eq!((report.counts("bill").unchanged, report.counts("bill").refused), (20, 1));
        let told = refused(&journal).await;
        assert!(told["twin"].starts_with("ref: another bill of this journal has it already"), "{told:?}");
        assert_eq!(counts(&sandbox), whole);
    }
}

#[tokio::test(start_paused = true)]
async fn two_clinics_may_have_bills_of_one_number() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        for name in ["north", "south"] {
            let clinic = Clinic::new(name, 4, 20);
            let report = clinic.run(&writer(&sandbox).await, &MemoryJournal::default()).await.unwrap();
            assert_eq!((report.counts("bill").written, report.counts("bill").refused), (20, 0), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bill_that_odoo_makes_something_else_of_is_taken_out_again() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let clinic = Clinic::new("main", 4, 20);
        let (odoo, journal) = (writer(&sandbox).await, MemoryJournal::default());
        clinic.run(&odoo, &journal).await.unwrap();
        let whole = counts(&sandbox);
        // The books are closed after they were looked at: 19 takes another day without a word, 14 refuses the call.
        close_books(&connected(&sandbox).await, "2025-12-31".into()).await;
        let patient =
            sandbox.rows("res.partner").iter().find(|row| text(row, "name") == "Patient 1").unwrap().clone();
        let patient = patient.get("id").and_then(Value::as_int).unwrap();
        let row = |key: &str, day| {
            let line = map([("name", "Fee".into()), ("price_unit", 100_i64.into())]);
            let fields = Fields::default().with("partner_id", patient).with("invoice_date", day);
            Row::create(
                &clinic.id,
                RecordKey::new("bill", key),
                "account.move",
                fields.with("invoice_line_ids", vec![line]),
            )
        };
        let rows = vec![
            row("late", date(2025, 3, 4)),
            row("open", date(2026, 3, 4)),
            row("late too", date(2025, 3, 5)),
        ];
        let outcomes = odoo.write(odoo.prepare(rows)).await;
        let told: Vec<String> = outcomes.iter().map(|outcome| format!("{outcome:?}")).collect();
        assert!(matches!(outcomes[1], Outcome::Written(_)), "{told:?}");
        assert!(
            matches!((&outcomes[0], &outcomes[2]), (Outcome::Refused(_), Outcome::Refused(_))),
            "{told:?}"
        );
        let grown: Vec<usize> =
            counts(&sandbox).iter().zip(&whole).map(|((_, now), (_, before))| now - before).collect();
        assert_eq!(grown, [1, 2, 0, 0, 0, 0, 0, 0], "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_run_adds_payments_and_never_rewrites_a_bill() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let mut clinic = Clinic::new("main", 4, 20);
        let (odoo, journal) = (writer(&sandbox).await, MemoryJournal::default());
        clinic.run(&odoo, &journal).await.unwrap();
        let (first, after_first) = (entries(&journal).await.len(), sandbox.rows("account.move"));
        let first_payments = sandbox.count("account.payment");

        // Bill 4 was never paid, and is now; bill 8 has another price; all have another status.
        clinic.status = "closed";
        let paid = clinic.bills[4].2;
        let (bill, ..) = &clinic.bills[4];
        let bill = bill.clone().payment(Payment::new("late", date(2025, 1, 2), paid));
        clinic.bills[4] = (bill, "paid", Decimal::ZERO);
        let price = clinic.bills[8].0.lines[0].price;
        clinic.bills[8].0.lines[0].price = price + Decimal::ONE;
        clinic.bills[5].0.payments.clear();
        let report = clinic.run(&odoo, &journal).await.unwrap();
        assert_eq!((report.counts("bill").updated, report.counts("bill").refused), (18, 2));
        let told = refused(&journal).await;
        assert!(told["bill-8"].starts_with("amount_total: a posted bill is not rewritten"), "{told:?}");
        assert!(told["bill-5"].contains("a posted bill is not rewritten"), "{told:?}");
        assert_eq!(sandbox.count("account.payment"), first_payments + 1);
        let rows = sandbox.rows("account.move");
        let late = rows.iter().find(|row| text(row, "ref") == "OPD/00004").unwrap();
        assert_eq!(
            (text(late, "payment_state").as_str(), text(late, "x_studio_bill_status").as_str()),
            ("paid", "closed")
        );

        // The later run alone is undone: its payment goes, the first status is back.
        undo(&odoo, &journal, first).await;
        let without = |rows: Vec<Struct>| -> BTreeMap<String, (String, String, String)> {
            let bills = rows.into_iter().filter(|row| text(row, "move_type") == "out_invoice");
            let about = |row: Struct| {
                (
                    text(&row, "x_migration_key"),
                    (text(&row, "payment_state"), text(&row, "x_studio_bill_status"), text(&row, "state")),
                )
            };
            bills.map(about).collect()
        };
        assert_eq!(without(sandbox.rows("account.move")), without(after_first));
        assert_eq!(sandbox.count("account.payment"), first_payments);
        assert!(entries(&journal).await.len() > first);
    }
}

#[tokio::test(start_paused = true)]
async fn a_chunk_of_bills_costs_no_more_calls_than_the_ledger_alone() {
    for like in BOTH {
        let alone = {
            let sandbox = Sandbox::with_accounting(like);
            let client = connected(&sandbox).await;
            let list: Vec<Bill> =
                bills(300, &patients(&client, 40).await, None).into_iter().map(|(bill, ..)| bill).collect();
            let before = client.calls();
            Ledger::open(&client, ledgers::own()).await.unwrap().post(&list).await.unwrap();
            client.calls() - before
        };
        let sandbox = Sandbox::with_accounting(like);
        let client = connected(&sandbox).await;
        let (odoo, journal) = (OdooWriter::new(client.clone()), MemoryJournal::default());
        let mut clinic = Clinic::new("main", 40, 0);
        clinic.run(&odoo, &journal).await.unwrap();
        let before = client.calls();
        clinic.run(&odoo, &journal).await.unwrap();
        let nothing = client.calls() - before;
        clinic.bills = Clinic::new("main", 40, 300).bills;
        let before = client.calls();
        clinic.run(&odoo, &journal).await.unwrap();
        let through = client.calls() - before - nothing;
        assert!(through <= alone, "{like:?}: {through} calls, and {alone} by the ledger alone");
    }
}

#[tokio::test]
async fn without_accounting_the_plan_says_what_to_do() {
    for like in BOTH {
        let without = writer(&Sandbox::new(like)).await;
        let with = writer(&Sandbox::with_accounting(like)).await;
        assert_eq!(
            (without.has_accounting().await.unwrap(), with.has_accounting().await.unwrap()),
            (false, true)
        );
        let needs = Needs::new().uses("account.move", "partner_id").uses("account.move", "payments");
        let plan = without.plan(&needs).await.unwrap();
        let told: Vec<String> = plan.conflicts.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("install the app Invoicing or Accounting"), "{told:?}");
        let plan = with.plan(&needs).await.unwrap();
        assert_eq!(plan.conflicts, []);
        let plan = with.plan(&needs.uses("account.move", "journal_id")).await.unwrap();
        assert!(plan.conflicts[0].to_string().contains("a bill takes no such field"), "{:?}", plan.conflicts);
    }
}

#[tokio::test]
async fn a_chart_of_accounts_without_journals_is_no_accounting() {
    for like in BOTH {
        let sandbox = Sandbox::with_accounting(like);
        let client: Client = connected(&sandbox).await;
        let sale = odoo_rpc::client::Domain::field("type").eq("sale");
        let journals = client.search("account.journal", sale, Default::default()).await.unwrap();
        client.unlink("account.journal", &journals).await.unwrap();
        assert!(!Ledger::is_possible(&client).await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn payments_are_read_as_what_is_there() {
    let sandbox = Sandbox::with_accounting(Like::Odoo19);
    let clinic = Clinic::new("main", 4, 20);
    let (odoo, journal) = (writer(&sandbox).await, MemoryJournal::default());
    clinic.run(&odoo, &journal).await.unwrap();
    let bill = &clinic.bills[1].0;
    let identity = clinic.id.identity(&RecordKey::new("bill", bill.key.as_str()).into());
    let id =
        odoo.find(&"account.move".into(), std::slice::from_ref(&identity)).await.unwrap().remove(0).unwrap();
    let fields = ["payments".into(), "ref".into()];
    let read = odoo.read(&"account.move".into(), &[id], &fields).await.unwrap().remove(0).unwrap();
    let keys =
        bill.payments.iter().map(|payment| Plain::from(format!("{}:{}", identity.as_str(), payment.key)));
    assert_eq!(read.value("payments"), &Plain::List(keys.collect()));
    assert_eq!(read.value("ref").as_text(), bill.number.as_deref());
    let made = entries(&journal).await.into_iter().filter_map(|entry| match entry {
        mapping_core::journal::Entry::Receipt(receipt) if receipt.how == How::Created => Some(receipt),
        _ => None,
    });
    assert_eq!(made.count(), 24);
}

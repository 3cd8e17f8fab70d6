//! Bills through the pipeline, against real servers with accounting. `ODOO_BILLS` says how many; 100 unless set.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod accounts;
mod billing;
mod books;
mod servers;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use accounts::{Real, grown};
use billing::{Clinic, entries, of_2019, refused, undo};
use books::amount;
use mapping_core::destination::DestinationReader;
use mapping_core::memory::journal::MemoryJournal;
use odoo_rpc::accounting::{Ledger, Payment};
use odoo_rpc::client::{Domain, SearchOptions};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::wire::{Struct, Value};
use rust_decimal::Decimal;
use servers::{fresh, quietly};

#[tokio::test]
async fn bills_of_a_mapping_are_as_their_source_says_and_leave_no_row_behind_in_odoo_19() {
    if let Some(odoo) = Real::connect(19).await {
        quietly(&odoo.client, bills_of_a_mapping(&odoo)).await;
    }
}

#[tokio::test]
async fn bills_of_a_mapping_are_as_their_source_says_and_leave_no_row_behind_in_odoo_14() {
    if let Some(odoo) = Real::connect(14).await {
        quietly(&odoo.client, bills_of_a_mapping(&odoo)).await;
    }
}

async fn bills_of_a_mapping(odoo: &Real) {
    assert!(Ledger::is_possible(&odoo.client).await.unwrap());
    odoo.company("fiscalyear_lock_date", "2019-12-31").await;
    let before = odoo.rows();
    let version = odoo.server.version;
    let count = std::env::var("ODOO_BILLS").map_or(100, |count| count.parse().unwrap());
    let (mut clinic, journal) = (Clinic::new(&fresh("bills"), 60, 0), MemoryJournal::default());
    clinic.more = vec![of_2019("closed")];
    let writer = || OdooWriter::new(odoo.client.clone()).settle(Duration::from_secs(15));
    // The patients, and what is made for bills, before: what is counted is what the bills cost.
    clinic.run(&writer(), &journal).await.unwrap();
    let nothing = calls(odoo, async || drop(clinic.run(&writer(), &journal).await.unwrap())).await;
    let one = entries(&journal).await.len();

    clinic.bills = Clinic::new("main", 60, count).bills;
    let start = Instant::now();
    let spent = calls(odoo, async || drop(clinic.run(&writer(), &journal).await.unwrap())).await - nothing;
    let seconds = start.elapsed().as_secs();
    println!(
        "Odoo {version}: {count} bills, {} payments by the pipeline: {spent} calls, {seconds} s",
        clinic.payments()
    );
    assert!(spent <= 200, "{spent} calls");
    as_the_source_says(odoo, &clinic).await;
    let told = refused(&journal).await;
    assert_eq!(told.len(), 1);
    assert!(
        told["closed"].starts_with("invoice_date: the company's books are closed until 2019-12-31"),
        "{told:?}"
    );

    // Once more, and by a journal that knows nothing: nothing is written.
    let filled = odoo.rows();
    assert_eq!(clinic.run(&writer(), &journal).await.unwrap().counts("bill").unchanged, count as u64);
    let lost = MemoryJournal::default();
    assert_eq!(clinic.run(&writer(), &lost).await.unwrap().counts("bill").updated, count as u64);
    assert_eq!(grown(&filled, &odoo.rows()), BTreeMap::new());
    as_the_source_says(odoo, &clinic).await;

    a_later_run(odoo, &mut clinic, &writer(), &journal).await;

    // The bills are taken out and come again, by a run that is killed while the server is at work on payments.
    let start = Instant::now();
    let spent = calls(odoo, async || undo(&writer(), &journal, one).await).await;
    println!("Odoo {version}: taken out again: {spent} calls, {} s", start.elapsed().as_secs());
    assert_eq!(there(odoo, &clinic).await.len(), 0);
    let second = MemoryJournal::default();
    killed(odoo, &clinic, &writer(), &second).await;
    let start = Instant::now();
    let report = clinic.run(&writer(), &second).await.unwrap();
    let recovered = report.recovered;
    println!(
        "Odoo {version}: {recovered} bills found after a kill, whole {} s later",
        start.elapsed().as_secs()
    );
    assert_eq!((recovered, report.counts("bill").refused), (count as u64, 1));
    as_the_source_says(odoo, &clinic).await;

    undo(&writer(), &second, 0).await;
    // The patients, and what was made of the schema.
    undo(&writer(), &journal, 0).await;
    assert_eq!(grown(&before, &odoo.rows()), BTreeMap::new());
    odoo.company("fiscalyear_lock_date", false).await;
}

/// A payment comes, a price changes: the one is added, the other refused, and the run is undone alone.
async fn a_later_run(odoo: &Real, clinic: &mut Clinic, writer: &OdooWriter, journal: &MemoryJournal) {
    let (first, bills) = (entries(journal).await.len(), clinic.bills.clone());
    let filled = odoo.rows();
    let (bill, state, residual) = clinic.bills[4].clone();
    assert_eq!(state, "not_paid");
    clinic.bills[4] =
        (bill.clone().payment(Payment::new("late", bill.date, residual)), "paid", Decimal::ZERO);
    clinic.bills[8].0.lines[0].price += Decimal::ONE;
    clinic.status = "closed";
    let report = clinic.run(writer, journal).await.unwrap();
    let count = clinic.bills.len() as u64;
    assert_eq!((report.counts("bill").updated, report.counts("bill").refused), (count - 1, 2));
    let told = refused(journal).await;
    assert!(told["bill-8"].starts_with("amount_total: a posted bill is not rewritten"), "{told:?}");
    let found = there(odoo, clinic).await;
    let paid = &found[&clinic.identity(&bill)];
    assert!(matches!(text(paid, "payment_state").as_str(), "paid" | "in_payment"));
    assert_eq!(text(paid, "x_studio_bill_status"), "closed");
    undo(writer, journal, first).await;
    (clinic.bills, clinic.status) = (bills, "open");
    let mut left = grown(&filled, &odoo.rows());
    // Odoo notes on a bill that it was paid (19), and the bill stays.
    left.retain(|table, _| !matches!(table.as_str(), "mail_message" | "mail_tracking_value"));
    assert_eq!(left, BTreeMap::new());
    as_the_source_says(odoo, clinic).await;
}

/// A run whose process ends while the server is at work on it.
async fn killed(odoo: &Real, clinic: &Clinic, writer: &OdooWriter, journal: &MemoryJournal) {
    let payments = async || {
        let keyed = Domain::field("x_migration_key").compared("=like", format!("{}%", clinic.id.prefix()));
        odoo.client.search_count("account.payment", keyed).await.unwrap_or_default()
    };
    let watching = async {
        while payments().await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        report = clinic.run(writer, journal) => panic!("it was over before: {report:?}"),
        () = watching => {}
    }
}

async fn calls(odoo: &Real, work: impl AsyncFnOnce()) -> u64 {
    let before = odoo.client.calls();
    work().await;
    odoo.client.calls() - before
}

fn text(record: &Struct, field: &str) -> String {
    record.get(field).and_then(Value::as_text).unwrap_or_default().to_owned()
}

/// The clinic's bills that are there, by their identities, read by the test itself.
async fn there(odoo: &Real, clinic: &Clinic) -> BTreeMap<String, Struct> {
    let of = Domain::field("x_migration_key").compared("=like", format!("{}%", clinic.id.prefix()));
    let of = of.and(Domain::field("move_type").eq("out_invoice"));
    let wanted = [
        "x_migration_key",
        "ref",
        "name",
        "state",
        "payment_state",
        "amount_residual",
        "date",
        "invoice_date_due",
        "narration",
        "x_studio_bill_status",
    ];
    let found = odoo.client.search_read("account.move", of, &wanted, SearchOptions::new()).await.unwrap();
    let rows = found.len();
    let found: BTreeMap<_, _> = found.into_iter().map(|row| (text(&row, "x_migration_key"), row)).collect();
    assert_eq!(found.len(), rows, "a bill is there twice");
    found
}

async fn as_the_source_says(odoo: &Real, clinic: &Clinic) {
    let found = there(odoo, clinic).await;
    assert_eq!(found.len(), clinic.bills.len());
    for (bill, state, residual) in &clinic.bills {
        let row = &found[&clinic.identity(bill)];
        let paid = text(row, "payment_state").replace("in_payment", "paid");
        assert_eq!((text(row, "state").as_str(), paid.as_str()), ("posted", *state), "{}", bill.key);
        assert_eq!(amount(row, "amount_residual"), *residual, "{}", bill.key);
        assert_eq!(text(row, "date"), bill.date.to_string());
        assert_eq!(text(row, "invoice_date_due"), bill.due.to_string());
        assert_eq!(text(row, "ref"), bill.number.clone().unwrap_or_default());
        assert_eq!(text(row, "x_studio_bill_status"), clinic.status);
        assert!(text(row, "narration").contains("Paid at the desk"));
        assert!(text(row, "name").starts_with("OLD/"));
    }
    let keyed = Domain::field("x_migration_key").compared("=like", format!("{}%", clinic.id.prefix()));
    let payments = odoo.client.search_count("account.payment", keyed).await.unwrap();
    assert_eq!(payments as usize, clinic.payments());
    let writer = OdooWriter::new(odoo.client.clone());
    assert_eq!(writer.count(&"account.move".into(), &clinic.id).await.unwrap() as usize, clinic.bills.len());
}

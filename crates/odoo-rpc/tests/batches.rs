//! How many calls things take, and how large they are, told to a sandbox whose time passes only while everybody waits.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use mapping_core::destination::DestinationWriter;
use mapping_core::receipt::{Action, How, Outcome, Receipt, Row};
use mapping_core::record::Fields;
use mapping_core::value::Value;
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use odoo_rpc::wire::Struct;
use sandboxed::{
    BOTH, apply, calls, execute, ids, is_json2, migrated, once_each, ready, rows, sorts, text, write,
    writer_over,
};
use tokio::time::{Instant, sleep};

const BAD: [usize; 10] = [3, 17, 120, 250, 251, 402, 470, 497, 498, 499];

/// Contacts of which ten have a value of their own in that field.
fn ten_bad(field: &str, value: impl Into<Value>) -> Vec<Row> {
    let (mut rows, value) = (rows(500), value.into());
    BAD.iter().for_each(|at| rows[*at].fields.set(field, value.clone()));
    rows
}

#[tokio::test(start_paused = true)]
async fn ten_bad_rows_in_five_hundred_cost_at_most_four_calls_more() {
    let nowhere = Value::List(vec![Value::from(999_999)]);
    for like in BOTH {
        for rows in [
            ten_bad("country_id", 999_999),
            ten_bad("category_id", nowhere.clone()),
            ten_bad("name", Value::Null),
        ] {
            let (sandbox, writer) = ready(like).await;
            let writer = writer.rows_at_first(500);
            let before = sandbox.log().len();
            let outcomes = write(&writer, &rows).await;
            assert_eq!(sorts(&outcomes), [490, 10, 0, 0], "{like:?}");
            once_each(&sandbox, &rows, &outcomes);
            for at in BAD {
                let Outcome::Refused(error) = &outcomes[at] else { panic!("{at}: {:?}", outcomes[at]) };
                let said = format!("{error} {error:?}");
                assert!(said.contains("res.partner") && !said.contains("999"), "{said}");
            }
            let calls = sandbox.log().len() - before;
            assert!(calls <= 5, "{like:?}: {calls}");
        }
    }
}

/// Contacts that are there, each with other notes than it has.
async fn changes(
    writer: &odoo_rpc::destination::OdooWriter,
    count: usize,
    notes: impl Fn(usize) -> String,
) -> Vec<Row> {
    let rows = rows(count);
    let ids = ids(&write(writer, &rows).await);
    let change = |(at, (mut row, id)): (usize, (Row, _))| {
        row.action = Action::Update(id);
        row.fields = Fields::default().with("x_notes", notes(at));
        row
    };
    rows.into_iter().zip(ids).enumerate().map(change).collect()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_changes_take_a_few_calls() {
    for (like, most) in [(Like::Odoo14, 4), (Like::Odoo19, 2)] {
        let (sandbox, writer) = ready(like).await;
        let different = changes(&writer, 1000, |at| format!("changed {at}")).await;
        let before = sandbox.log().len();
        ids(&write(&writer, &different).await);
        let calls = sandbox.log().len() - before;
        assert!(calls <= most, "{like:?}: {calls}");
        let wanted = |at: usize| format!("changed {at}");
        assert!(
            migrated(&sandbox, "res.partner")
                .iter()
                .enumerate()
                .all(|(at, row)| text(row, "x_notes") == wanted(at))
        );

        let mut same = different;
        same.iter_mut().for_each(|row| row.fields = Fields::default().with("x_notes", "all alike"));
        let before = sandbox.log().len();
        ids(&write(&writer, &same).await);
        assert!(sandbox.log().len() - before <= 2);
        assert!(migrated(&sandbox, "res.partner").iter().all(|row| text(row, "x_notes") == "all alike"));
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_get_the_same_values_get_their_identity_as_well_where_they_lack_it() {
    let (sandbox, writer) = ready(Like::Odoo14).await;
    let same = changes(&writer, 30, |_| "all alike".to_owned()).await;
    let Action::Update(first) = &same[0].action else { panic!() };
    let adopted = Struct::new().with("x_migration_key", false);
    execute(
        &sandbox,
        "res.partner",
        "write",
        vec![vec![first.number().unwrap().into()].into(), adopted.into()],
    );
    let outcomes = write(&writer, &same).await;
    once_each(&sandbox, &same, &outcomes);
    assert!(migrated(&sandbox, "res.partner").iter().all(|row| text(row, "x_notes") == "all alike"));
}

#[tokio::test(start_paused = true)]
async fn five_thousand_records_are_deleted_in_five_calls() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let rows = rows(5000);
        let receipts = receipts(&rows, &write(&writer, &rows).await, How::Created);
        let before = sandbox.log().len();
        assert!(writer.revert(&receipts).await.iter().all(Result::is_ok));
        let calls = sandbox.log().len() - before;
        assert!(calls <= 5, "{calls}");
        assert!(migrated(&sandbox, "res.partner").is_empty());
        assert!(writer.revert(&receipts).await.iter().all(Result::is_ok), "what is gone needs no deleting");
    }
}

#[tokio::test(start_paused = true)]
async fn values_from_before_come_back_in_a_few_calls() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let rows = changes(&writer, 1000, |at| format!("changed {at}")).await;
        let mut receipts = receipts(&rows, &write(&writer, &rows).await, How::Updated);
        for (at, receipt) in receipts.iter_mut().enumerate() {
            // As it stands there an empty text cannot be loaded: it takes a call of its own on 14.
            let notes = if at == 7 { String::new() } else { format!("before {at}") };
            receipt.before = Some(Fields::default().with("x_notes", notes));
        }
        let before = sandbox.log().len();
        assert!(writer.revert(&receipts).await.iter().all(Result::is_ok));
        let calls = sandbox.log().len() - before;
        assert!(calls <= 4, "{calls}");
        let wanted = |at: usize| if at == 7 { String::new() } else { format!("before {at}") };
        assert!(
            migrated(&sandbox, "res.partner")
                .iter()
                .enumerate()
                .all(|(at, row)| text(row, "x_notes") == wanted(at))
        );
    }
}

fn receipts(rows: &[Row], outcomes: &[Outcome], how: How) -> Vec<Receipt> {
    let receipt = |(row, id): (&Row, _)| Receipt {
        key: row.key.clone(),
        model: row.model.clone(),
        id,
        how,
        digest: row.digest(),
        before: None,
        at: Timestamp::now(),
    };
    rows.iter().zip(ids(outcomes)).map(receipt).collect()
}

/// The milliseconds that a slow server takes for a kilobyte: JSON says in one what takes XML three.
fn cost() -> u32 {
    if is_json2() { 16 } else { 5 }
}

/// A server that takes that long, and so many times as long as it is told.
#[derive(Debug)]
struct Slow(Sandbox, Arc<AtomicU32>);

#[async_trait]
impl Transport for Slow {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let bytes = u32::try_from(request.body.len()).unwrap();
        request.departure.mark();
        sleep(Duration::from_millis(1) * cost() * bytes / 1000 * self.1.load(Ordering::Relaxed)).await;
        self.0.send(request).await
    }
}

#[tokio::test(start_paused = true)]
async fn calls_become_as_long_as_they_are_to_be_and_shorter_when_the_server_slows_down() {
    let (sandbox, slow) = (Sandbox::new(Like::Odoo19), Arc::new(AtomicU32::new(1)));
    let writer = writer_over(Slow(sandbox.clone(), Arc::clone(&slow))).await;
    apply(&writer).await;
    let rows = rows(14_000);
    let took = |slow: u32, before: usize| -> Vec<f64> {
        let time = |bytes: usize| f64::from(cost() * slow) / 1000.0 * bytes as f64 / 1000.0;
        calls(&sandbox, "create", before).iter().map(|call| time(call.bytes)).collect()
    };
    let mut outcomes = write(&writer, &rows[..12_000]).await;
    let quick = took(1, 0);
    assert!(quick.iter().skip(9).take(3).all(|time| *time > 0.8 && *time < 2.2), "{quick:?}");
    slow.store(4, Ordering::Relaxed);
    let (before, began) = (sandbox.log().len(), Instant::now());
    outcomes.extend(write(&writer, &rows[12_000..]).await);
    let slower = took(4, before);
    assert!(slower.iter().all(|time| *time < 60.0), "{slower:?}");
    assert!(slower.iter().skip(4).all(|time| *time < 2.3), "{slower:?}");
    assert!(began.elapsed() > Duration::from_secs(10), "it was slow indeed");
    once_each(&sandbox, &rows, &outcomes);
}

/// Notes how many calls are under way.
#[derive(Debug)]
struct Busy(Sandbox, Arc<AtomicU32>, Arc<AtomicU32>);

#[async_trait]
impl Transport for Busy {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let now = self.1.fetch_add(1, Ordering::SeqCst) + 1;
        self.2.fetch_max(now, Ordering::SeqCst);
        sleep(Duration::from_millis(100)).await;
        let answer = self.0.send(request).await;
        self.1.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_calls_are_under_way_as_were_asked_for() {
    for (asked, most) in [(1, 1), (3, 3)] {
        let (sandbox, busiest) = (Sandbox::new(Like::Odoo19), Arc::new(AtomicU32::new(0)));
        let writer =
            writer_over(Busy(sandbox.clone(), Arc::default(), Arc::clone(&busiest))).await.parallel(asked);
        apply(&writer).await;
        let rows = rows(1000);
        let outcomes = write(&writer, &rows).await;
        once_each(&sandbox, &rows, &outcomes);
        assert_eq!(busiest.load(Ordering::SeqCst), most);
    }
}

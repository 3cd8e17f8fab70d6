//! Undoing what was written, where not all of it goes smoothly.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use std::time::Duration;

use jiff::Timestamp;
use mapping_core::destination::DestinationWriter;
use mapping_core::receipt::{DestinationId, How, Receipt, Row};
use mapping_core::record::Fields;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::{Fault, Struct, Value};
use sandboxed::{BOTH, calls, execute, ids, migrated, ready, rows, text, write};

fn receipt(row: &Row, id: &DestinationId, how: How, before: Option<Fields>) -> Receipt {
    let (key, model, digest) = (row.key.clone(), row.model.clone(), row.digest());
    Receipt { key, model, id: id.clone(), how, digest, before, at: Timestamp::now() }
}

/// The receipts of contacts that were made.
fn created(rows: &[Row], ids: &[DestinationId]) -> Vec<Receipt> {
    rows.iter().zip(ids).map(|(row, id)| receipt(row, id, How::Created, None)).collect()
}

/// Somebody became a user meanwhile: Odoo does not let go of the contact.
fn makes_a_user(sandbox: &Sandbox, contact: &DestinationId) {
    let contact = contact.number().unwrap();
    let user = Struct::new().with("login", format!("user{contact}@example.org")).with("partner_id", contact);
    execute(sandbox, "res.users", "create", vec![user.with("name", "Asha Rao").into()]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_was_changed_twice_is_as_it_was_at_first() {
    for like in BOTH {
        // An empty text takes another call than one that is not; and so do other fields.
        let notes = |text: &str| Fields::default().with("x_notes", text);
        for (first, second) in [
            (notes("at first"), notes("")),
            (notes(""), notes("between")),
            (notes("at first").with("city", "Pune"), notes("between")),
            (notes("at first"), notes("between").with("city", "Pune")),
            (notes("at first"), notes("between")),
        ] {
            let (sandbox, writer) = ready(like).await;
            let rows = rows(3);
            let ids = ids(&write(&writer, &rows).await);
            let changes = rows.iter().zip(&ids).flat_map(|(row, id)| {
                // The last change first.
                [&second, &first].map(|before| receipt(row, id, How::Updated, Some(before.clone())))
            });
            let answers = writer.revert(&changes.collect::<Vec<_>>()).await;
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            let wanted = first.value("x_notes").as_text().unwrap();
            for row in migrated(&sandbox, "res.partner") {
                assert_eq!(text(&row, "x_notes"), wanted, "{like:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_deleted_keeps_no_other() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let rows = rows(40);
        let ids = ids(&write(&writer, &rows).await);
        makes_a_user(&sandbox, &ids[17]);
        let receipts = created(&rows, &ids);
        let before = sandbox.log().len();
        let answers = writer.revert(&receipts).await;
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(answer.is_err(), number == 17, "{like:?} {number}: {answer:?}");
        }
        assert_eq!(migrated(&sandbox, "res.partner").len(), 1);
        let calls = calls(&sandbox, "unlink", before).len();
        assert!(calls <= 13, "{calls}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_not_taken_back_keeps_no_other_and_costs_few_calls() {
    let (sandbox, writer) = ready(Like::Odoo19).await;
    let rows = rows(300);
    let ids = ids(&write(&writer, &rows).await);
    let before = |number| Some(Fields::default().with("x_notes", format!("before {number}")));
    let receipts = rows.iter().zip(&ids).enumerate();
    let receipts: Vec<_> =
        receipts.map(|(number, (row, id))| receipt(row, id, How::Updated, before(number))).collect();
    sandbox.trouble(Trouble::refuse_rows("res.partner", |row| {
        let refused = row.get("x_notes").and_then(Value::as_text) == Some("before 217");
        refused.then(|| Fault::new(2, "Asha Rao is not welcome"))
    }));
    let since = sandbox.log().len();
    for (number, answer) in writer.revert(&receipts).await.into_iter().enumerate() {
        assert_eq!(answer.is_err(), number == 217, "{number}: {answer:?}");
    }
    for (number, row) in migrated(&sandbox, "res.partner").iter().enumerate() {
        let wanted = if number == 217 { "well & good".to_owned() } else { format!("before {number}") };
        assert_eq!(text(row, "x_notes"), wanted);
    }
    let calls = sandbox.log().len() - since;
    assert!(calls <= 22, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn records_that_a_lost_call_deletes_late_are_deleted_and_none_of_them_failed() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let rows = rows(40);
        let ids = ids(&write(&writer, &rows).await);
        // The second call has to wait until the server is done with the first.
        let unlink = |trouble: Trouble| trouble.on("res.partner", "unlink");
        sandbox.trouble(unlink(Trouble::commit_later(Duration::from_secs(3))));
        sandbox.trouble(unlink(Trouble::delay(Duration::from_secs(5))).at_call(2));
        let receipts = created(&rows, &ids);
        let before = sandbox.log().len();
        let answers = writer.revert(&receipts).await;
        assert!(answers.iter().all(Result::is_ok), "{like:?}: {answers:?}");
        assert!(migrated(&sandbox, "res.partner").is_empty());
        assert_eq!(calls(&sandbox, "unlink", before).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_somebody_else_deletes_meanwhile_is_deleted() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let rows = rows(40);
        let ids = ids(&write(&writer, &rows).await);
        sandbox.trouble(Trouble::delay(Duration::from_secs(5)).on("res.partner", "unlink"));
        let (other, gone) = (sandbox.clone(), ids[17].number().unwrap());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            execute(&other, "res.partner", "unlink", vec![vec![Value::Int(gone)].into()]);
        });
        let receipts = created(&rows, &ids);
        let before = sandbox.log().len();
        let answers = writer.revert(&receipts).await;
        assert!(answers.iter().all(Result::is_ok), "{like:?}: {answers:?}");
        assert!(migrated(&sandbox, "res.partner").is_empty());
        assert_eq!(calls(&sandbox, "unlink", before).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_cannot_go_keep_no_others_however_many_they_are() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.refusals_per_call(5);
        let rows = rows(30);
        let ids = ids(&write(&writer, &rows).await);
        // The newest, which are to go first.
        ids[20..].iter().for_each(|contact| makes_a_user(&sandbox, contact));
        let receipts = created(&rows, &ids);
        let answers = writer.revert(&receipts).await;
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(answer.is_err(), number >= 20, "{like:?} {number}: {answer:?}");
        }
        assert_eq!(migrated(&sandbox, "res.partner").len(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_server_fails_at_each_record_it_stops_and_says_so() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.refusals_per_call(5);
        let rows = rows(30);
        let ids = ids(&write(&writer, &rows).await);
        let text = "Traceback (most recent call last):\n  File \"/odoo/models.py\", line 1, in unlink\n    x\nKeyError: None\n";
        sandbox.trouble(Trouble::refuse(Fault::new(1, text)).on("res.partner", "unlink").always());
        let receipts = created(&rows, &ids);
        let answers = writer.revert(&receipts).await;
        let said: Vec<String> =
            answers.iter().map(|answer| answer.as_ref().unwrap_err().to_string()).collect();
        let stopped = said.iter().filter(|said| said.contains("refusals_per_call")).count();
        assert_eq!(stopped, 25, "{like:?}: {said:?}");
    }
}

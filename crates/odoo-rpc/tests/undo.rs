//! Undoing what was written, where not all of it goes smoothly.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use jiff::Timestamp;
use mapping_core::destination::DestinationWriter;
use mapping_core::receipt::{DestinationId, How, Receipt, Row};
use mapping_core::record::Fields;
use odoo_rpc::sandbox::{Like, Trouble};
use odoo_rpc::wire::{Fault, Struct, Value};
use sandboxed::{BOTH, calls, execute, ids, migrated, ready, rows, text, write};

fn receipt(row: &Row, id: &DestinationId, how: How, before: Option<Fields>) -> Receipt {
    let (key, model, digest) = (row.key.clone(), row.model.clone(), row.digest());
    Receipt { key, model, id: id.clone(), how, digest, before, at: Timestamp::now() }
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
        // She became a user meanwhile: Odoo does not let go of her contact.
        let user =
            Struct::new().with("login", "asha@example.org").with("partner_id", ids[17].number().unwrap());
        let user = user.with("name", "Asha Rao");
        execute(&sandbox, "res.users", "create", vec![user.into()]);
        let receipts: Vec<_> =
            rows.iter().zip(&ids).map(|(row, id)| receipt(row, id, How::Created, None)).collect();
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

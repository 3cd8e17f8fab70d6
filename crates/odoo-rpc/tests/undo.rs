//! Undoing what was written, where not all of it goes smoothly.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use jiff::Timestamp;
use mapping_core::destination::DestinationWriter;
use mapping_core::receipt::{DestinationId, How, Receipt, Row};
use mapping_core::record::Fields;
use odoo_rpc::wire::Struct;
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

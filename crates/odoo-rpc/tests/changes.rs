//! Changes of what is there, when something goes wrong.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::receipt::{Action, DestinationId, Made, Outcome, Row};
use mapping_core::record::Fields;
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::wire::{Fault, Struct};
use sandboxed::{BOTH, calls, ids, migrated, needs, ready, row, rows, sorts, text, write, writer_over};

/// Writes some contacts, and tells of rows that change them.
async fn changes(writer: &OdooWriter, count: usize) -> Vec<Row> {
    let rows = rows(count);
    let ids = ids(&write(writer, &rows).await);
    let change = |(mut row, id): (Row, _)| {
        row.action = Action::Update(id);
        row.fields.set("x_notes", format!("changed {}", row.identity.as_str()));
        row
    };
    rows.into_iter().zip(ids).map(change).collect()
}

fn changed(sandbox: &Sandbox) -> usize {
    let told = |row: &&Struct| text(row, "x_notes") == format!("changed {}", text(row, "x_migration_key"));
    migrated(sandbox, "res.partner").iter().filter(told).count()
}

#[tokio::test(start_paused = true)]
async fn one_bad_change_among_many_takes_none_with_it() {
    for (like, method) in [(Like::Odoo14, "load"), (Like::Odoo19, "web_save_multi")] {
        let (sandbox, writer) = ready(like).await;
        let mut rows = changes(&writer, 100).await;
        // Somebody has deleted it meanwhile.
        rows[41].action = Action::Update(9041.into());
        rows[42].action = Action::Update(DestinationId::Text("forty-two".into()));
        let before = sandbox.log().len();
        let outcomes = write(&writer, &rows).await;
        assert_eq!(sorts(&outcomes), [98, 2, 0, 0]);
        assert!(matches!((&outcomes[41], &outcomes[42]), (Outcome::Refused(_), Outcome::Refused(_))));
        assert_eq!(changed(&sandbox), 98);
        assert_eq!(migrated(&sandbox, "res.partner").len(), 100);
        let calls = calls(&sandbox, method, before).len();
        assert!((2..=3).contains(&calls), "{calls}");
        assert!(sandbox.log().len() - before <= 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_is_lost_is_made_again() {
    for (like, method) in [(Like::Odoo14, "load"), (Like::Odoo19, "web_save_multi")] {
        for trouble in [Trouble::lose_reply, Trouble::cut_before_commit] {
            let (sandbox, writer) = ready(like).await;
            let rows = changes(&writer, 20).await;
            sandbox.trouble(trouble().on("res.partner", method));
            assert_eq!(ids(&write(&writer, &rows).await).len(), 20);
            assert_eq!((changed(&sandbox), migrated(&sandbox, "res.partner").len()), (20, 20));

            sandbox.trouble(trouble().on("res.partner", method).always());
            let outcomes = write(&writer, &rows[..1]).await;
            assert_eq!(sorts(&outcomes), [0, 0, 0, 1], "and in doubt where no answer comes at all");
        }
    }
}

/// What was there before is kept only for changes that may have been made.
#[tokio::test(start_paused = true)]
async fn changes_whose_answer_is_lost_stay_in_doubt_whatever_stops_the_next_attempt() {
    for (like, method) in [(Like::Odoo14, "load"), (Like::Odoo19, "web_save_multi")] {
        for count in [1, 20] {
            let (sandbox, writer) = ready(like).await;
            let rows = changes(&writer, count).await;
            sandbox.trouble(Trouble::lose_reply().on("res.partner", method));
            sandbox.trouble(
                Trouble::refuse(Fault::new(3, "Access Denied")).on("res.partner", method).at_call(2).always(),
            );
            let outcomes = write(&writer, &rows).await;
            assert_eq!(changed(&sandbox), count, "they were made");
            assert_eq!(sorts(&outcomes), [0, 0, 0, count], "{like:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rows_whose_field_was_taken_back_since_they_were_prepared_are_not_called_written() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let made = writer.apply(&writer.plan(&needs()).await.unwrap()).await.unwrap();
        // Side by side they are encoded anew when they are sent.
        let writer = writer.parallel(2);
        let mut rows = changes(&writer, 4).await;
        rows[3].fields = Fields::default().with("name", "Asha Rao");
        let prepared = writer.prepare(rows);
        let goes = |made: &Made| match made {
            Made::Field(_, name) => name.as_str() == "x_notes",
            Made::View(..) => true,
            _ => false,
        };
        let gone: Vec<_> = made.into_iter().filter(|receipt| goes(&receipt.made)).collect();
        writer.revert_schema(&gone).await.unwrap();
        writer.describe(&"res.partner".into()).await.unwrap();
        let outcomes = writer.write(prepared).await;
        assert_eq!(sorts(&outcomes), [1, 3, 0, 0], "{like:?}: {outcomes:?}");
        let Outcome::Refused(error) = &outcomes[0] else { panic!("{:?}", outcomes[0]) };
        assert!(error.to_string().contains("x_notes"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_nothing_more_is_asked() {
    let (sandbox, writer) = ready(Like::Odoo14).await;
    // Alike, so that their identities would be looked at before they are written in one call.
    let mut all = changes(&writer, 30).await;
    all.iter_mut().for_each(|row| row.fields = Fields::default().with("x_notes", "all alike"));
    all.push(row(1000));
    sandbox.trouble(Trouble::refuse(Fault::new(3, "Access Denied")).on("res.partner", "create"));
    let before = sandbox.log().len();
    assert_eq!(sorts(&write(&writer, &all).await), [0, 0, 31, 0]);
    assert_eq!(sandbox.log().len() - before, 1);
}

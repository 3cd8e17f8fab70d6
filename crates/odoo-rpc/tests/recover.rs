//! How long rows in doubt are waited for.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mapping_core::destination::DestinationWriter;
use mapping_core::receipt::{Action, Intent, Row};
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use sandboxed::{BOTH, SETTLE, ids, migrated, ready, row, rows, write, writer_over};
use tokio::time::Instant;

fn intent(row: &Row, ago: SignedDuration) -> Intent {
    Intent {
        key: row.key.clone(),
        model: row.model.clone(),
        identity: row.identity.clone(),
        action: row.action.clone(),
        digest: row.digest(),
        before: None,
        at: Timestamp::now() - ago,
    }
}

const MINUTES: SignedDuration = SignedDuration::from_mins(20);

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_given_up_only_when_it_cannot_come_any_more() {
    for like in BOTH {
        let (_sandbox, writer) = ready(like).await;
        let began = Instant::now();
        assert_eq!(writer.recover(&[intent(&row(1), SignedDuration::ZERO)]).await.unwrap(), [None]);
        assert!(began.elapsed() >= SETTLE && began.elapsed() < SETTLE + Duration::from_secs(5));
        // It is over now, for everything that was sent before.
        let began = Instant::now();
        assert_eq!(writer.recover(&[intent(&row(2), SignedDuration::ZERO)]).await.unwrap(), [None]);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_not_waited_for() {
    for like in BOTH {
        let (_sandbox, writer) = ready(like).await;
        let id = ids(&write(&writer, &[row(1)]).await).remove(0);
        let mut update = row(1);
        update.action = Action::Update(id.clone());
        let began = Instant::now();
        let intents = [intent(&row(1), SignedDuration::ZERO), intent(&update, SignedDuration::ZERO)];
        assert_eq!(writer.recover(&intents).await.unwrap(), [Some(id.clone()), Some(id)]);
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}

/// The time at which a row was intended says nothing of when its call was made: pauses and repetitions may lie between.
#[tokio::test(start_paused = true)]
async fn an_old_intent_whose_call_was_made_just_now_is_waited_for() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let rows = rows(3);
        sandbox.trouble(Trouble::commit_later(Duration::from_secs(60)).on("res.partner", "create"));
        let prepared = writer.prepare(rows.clone());
        let died = tokio::time::timeout(Duration::from_millis(500), writer.write(prepared)).await;
        assert!(died.is_err());
        drop(writer);
        // The next program.
        let writer = writer_over(sandbox.clone()).await;
        let intents: Vec<Intent> = rows.iter().map(|row| intent(row, MINUTES)).collect();
        let found = writer.recover(&intents).await.unwrap();
        assert!(found.iter().all(Option::is_some), "{found:?}");
        assert_eq!(migrated(&sandbox, "res.partner").len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_begins_with_the_last_call_of_the_same_writer() {
    let (sandbox, writer) = ready(Like::Odoo19).await;
    tokio::time::sleep(SETTLE * 2).await;
    sandbox.trouble(Trouble::commit_later(Duration::from_secs(170)).on("res.partner", "create"));
    let prepared = writer.prepare(rows(1));
    assert!(tokio::time::timeout(Duration::from_millis(500), writer.write(prepared)).await.is_err());
    let found = writer.recover(&[intent(&row(0), MINUTES)]).await.unwrap();
    assert!(found[0].is_some());
}

#[tokio::test(start_paused = true)]
async fn what_was_intended_yesterday_is_not_waited_for() {
    let (_sandbox, writer) = ready(Like::Odoo19).await;
    let began = Instant::now();
    let yesterday = intent(&row(1), SignedDuration::from_hours(24));
    assert_eq!(writer.recover(&[yesterday]).await.unwrap(), [None]);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_looked_up_nothing_is_said() {
    let (sandbox, writer) = ready(Like::Odoo19).await;
    sandbox.trouble(Trouble::bad_gateway().on("res.partner", "search_read").always());
    assert!(writer.recover(&[intent(&row(1), SignedDuration::ZERO)]).await.is_err());
    let elsewhere = writer_over(Sandbox::new(Like::Odoo19)).await;
    assert_eq!(
        elsewhere.recover(&[intent(&row(1), MINUTES)]).await.unwrap(),
        [None],
        "there is no such field there"
    );
}

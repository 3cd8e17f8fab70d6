//! What the writer does when calls go wrong, told to a sandbox whose time passes only while everybody waits.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod ground;
mod sandboxed;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mapping_core::conformance;
use mapping_core::destination::{DestinationReader, DestinationWriter, LookupQuery, Prepared};
use mapping_core::error::ErrorKind;
use mapping_core::receipt::{Action, DestinationId, Outcome, Row};
use mapping_core::record::Fields;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Fault, Struct};
use sandboxed::{
    BOTH, SETTLE, calls, execute, identity, ids, migrated, once_each, ready, refusing, row, rows, sorts,
    write, writer_over,
};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn the_writer_keeps_its_contract() {
    for like in BOTH {
        let writer = writer_over(Sandbox::new(like)).await;
        conformance::destination(&writer, &ground::contacts("one")).await;
        conformance::destination(&writer, &ground::own_model("two")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_row_among_a_thousand_takes_none_with_it() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.rows_at_first(1000);
        sandbox.trouble(refusing(|number| number == 417));
        let (rows, before) = (rows(1000), sandbox.log().len());
        let outcomes = write(&writer, &rows).await;
        assert_eq!(sorts(&outcomes), [999, 1, 0, 0]);
        let Outcome::Refused(error) = &outcomes[417] else { panic!("{:?}", outcomes[417]) };
        let said = format!("{error} {error:?}");
        assert!(said.contains("res.partner") && !said.contains("Asha"), "{said}");
        once_each(&sandbox, &rows, &outcomes);
        // Looking does not tell of this one: it is found by halving.
        let calls = sandbox.log().len() - before;
        assert!(calls <= 23, "{calls}");
    }
}

#[tokio::test(start_paused = true)]
async fn several_bad_rows_are_found_wherever_they_stand() {
    let bad = [0, 1, 500, 501, 998, 999];
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        sandbox.trouble(refusing(move |number| bad.contains(&number)));
        let rows = rows(1000);
        let outcomes = write(&writer, &rows).await;
        for (number, outcome) in outcomes.iter().enumerate() {
            assert_eq!(
                matches!(outcome, Outcome::Refused(_)),
                bad.contains(&number),
                "{number}: {outcome:?}"
            );
        }
        once_each(&sandbox, &rows, &outcomes);
    }
}

#[tokio::test(start_paused = true)]
async fn where_every_row_is_refused_it_stops_and_says_so() {
    let (sandbox, writer) = ready(Like::Odoo19).await;
    sandbox.trouble(refusing(|_| true));
    let (rows, before) = (rows(2500), sandbox.log().len());
    let outcomes = write(&writer, &rows).await;
    assert_eq!(sorts(&outcomes), [0, 60, 2440, 0]);
    let Outcome::Unwritten(error) = &outcomes[60] else { panic!("{:?}", outcomes[60]) };
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("60 rows") && error.to_string().contains("res.partner"), "{error}");
    let calls = sandbox.log().len() - before;
    assert!(calls <= 140, "{calls}");
    assert!(migrated(&sandbox, "res.partner").is_empty());

    let writer = writer.refusals_per_call(2000);
    assert_eq!(sorts(&write(&writer, &rows[..100]).await), [0, 100, 0, 0], "unless it is told to go on");
}

#[tokio::test(start_paused = true)]
async fn rows_whose_answer_is_lost_are_looked_up_and_not_sent_again() {
    let lost = [Trouble::lose_reply, Trouble::bad_gateway_after_commit, Trouble::html_page_after_commit];
    for (like, trouble) in BOTH.into_iter().flat_map(|like| lost.map(|trouble| (like, trouble))) {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.rows_per_call(100);
        sandbox.trouble(trouble().on("res.partner", "create").at_call(2));
        let (rows, before, began) = (rows(300), sandbox.log().len(), Instant::now());
        let outcomes = write(&writer, &rows).await;
        assert_eq!(ids(&outcomes).len(), 300);
        once_each(&sandbox, &rows, &outcomes);
        assert_eq!(calls(&sandbox, "create", before).len(), 3);
        assert!(began.elapsed() < Duration::from_secs(5), "what is there need not be waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_never_arrived_are_sent_again_when_they_cannot_come_any_more() {
    let lost = [Trouble::cut_before_commit, Trouble::bad_gateway, Trouble::html_page];
    for (like, trouble) in BOTH.into_iter().flat_map(|like| lost.map(|trouble| (like, trouble))) {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.rows_at_first(300);
        sandbox.trouble(trouble().on("res.partner", "create"));
        let (rows, before) = (rows(300), sandbox.log().len());
        let outcomes = write(&writer, &rows).await;
        once_each(&sandbox, &rows, &outcomes);
        assert_eq!(ids(&outcomes).len(), 300);
        let creates = calls(&sandbox, "create", before);
        assert_eq!(creates.len(), 3, "in two halves: they may have been too many");
        assert!(creates[1].started - creates[0].started >= SETTLE);
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_come_long_after_the_connection_broke_come_once() {
    for (like, seconds) in BOTH.into_iter().flat_map(|like| [1, 60, 179].map(|seconds| (like, seconds))) {
        let (sandbox, writer) = ready(like).await;
        let (writer, later) = (writer.rows_at_first(300), Duration::from_secs(seconds));
        sandbox.trouble(Trouble::commit_later(later).on("res.partner", "create"));
        let (rows, before, began) = (rows(300), sandbox.log().len(), Instant::now());
        let outcomes = write(&writer, &rows).await;
        assert!(began.elapsed() >= later);
        tokio::time::sleep(SETTLE * 2).await;
        assert_eq!(ids(&outcomes).len(), 300);
        once_each(&sandbox, &rows, &outcomes);
        assert_eq!(calls(&sandbox, "create", before).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_too_large_is_halved_and_so_are_those_after_it() {
    let (sandbox, writer) = ready(Like::Odoo19).await;
    let writer = writer.rows_at_first(1000);
    sandbox.trouble(Trouble::too_large(40_000));
    let (all, before) = (rows(2000), sandbox.log().len());
    let outcomes = write(&writer, &all[..1000]).await;
    assert_eq!(ids(&outcomes).len(), 1000);
    let learned = sandbox.log().len();
    let more = write(&writer, &all[1000..]).await;
    let outcomes = [outcomes, more].concat();
    once_each(&sandbox, &all, &outcomes);
    assert!(calls(&sandbox, "create", before).iter().any(|call| call.bytes > 40_000));
    assert!(calls(&sandbox, "create", learned).iter().all(|call| call.bytes <= 40_000));

    let mut huge = row(5000);
    huge.fields.set("x_notes", "x".repeat(200_000));
    let outcomes = write(&writer, &[row(5001), huge, row(5002)]).await;
    assert_eq!(sorts(&outcomes), [2, 1, 0, 0], "a row that is too large alone is refused alone");
    assert!(matches!(outcomes[1], Outcome::Refused(_)));
}

#[tokio::test(start_paused = true)]
async fn a_call_has_no_more_bytes_than_it_may() {
    let (sandbox, writer) = ready(Like::Odoo14).await;
    let (writer, before) = (writer.bytes_per_call(20_000), sandbox.log().len());
    let outcomes = write(&writer, &rows(500)).await;
    assert_eq!(ids(&outcomes).len(), 500);
    let creates = calls(&sandbox, "create", before);
    assert!(creates.len() > 3);
    assert!(creates.iter().all(|call| call.bytes < 23_000), "{creates:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_counts_too_many_calls_is_left_alone_as_long_as_it_asks() {
    /// Answers the first calls by 429.
    #[derive(Debug)]
    struct Grumpy(Sandbox, AtomicUsize);

    #[async_trait]
    impl Transport for Grumpy {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            let body = String::from_utf8_lossy(request.body.in_memory().unwrap());
            let create = body.contains(">create<") || request.path.ends_with("/create");
            if create
                && self
                    .1
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_ok()
            {
                let mut answer = Response::new(429, "text/html", b"<p>slow down</p>".to_vec());
                answer.retry_after = Some(Duration::from_secs(40));
                return Ok(answer);
            }
            self.0.send(request).await
        }
    }

    let (sandbox, writer) = ready(Like::Odoo19).await;
    drop(writer);
    let writer = writer_over(Grumpy(sandbox.clone(), AtomicUsize::new(2))).await;
    let (rows, before, began) = (rows(10), sandbox.log().len(), Instant::now());
    let outcomes = write(&writer, &rows).await;
    once_each(&sandbox, &rows, &outcomes);
    assert_eq!(ids(&outcomes).len(), 10);
    assert!(began.elapsed() >= Duration::from_secs(80) && began.elapsed() < Duration::from_secs(90));
    assert_eq!(calls(&sandbox, "create", before).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_with_the_same_records_is_asked_again() {
    let busy = || {
        let text = "Traceback (most recent call last):\n  File \"/usr/lib/odoo/sql_db.py\", line 1, in execute\n    x\npsycopg2.errors.SerializationFailure: could not serialize access due to concurrent update\n";
        Trouble::refuse(Fault::new(1, text)).on("res.partner", "create")
    };
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        sandbox.trouble(busy().times(3));
        let rows = rows(10);
        let outcomes = write(&writer, &rows).await;
        once_each(&sandbox, &rows, &outcomes);
        assert_eq!(ids(&outcomes).len(), 10);

        sandbox.trouble(busy().always());
        let outcomes = write(&writer, &[row(11)]).await;
        assert_eq!(sorts(&outcomes), [0, 0, 1, 0], "and not for ever");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_ends_midway_stops_the_rest() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.rows_per_call(100);
        sandbox.trouble(
            Trouble::refuse(Fault::new(3, "Access Denied")).on("res.partner", "").at_call(2).always(),
        );
        let (rows, before) = (rows(300), sandbox.log().len());
        let outcomes = write(&writer, &rows).await;
        assert_eq!(sorts(&outcomes), [100, 0, 200, 0]);
        once_each(&sandbox, &rows, &outcomes);
        assert_eq!(calls(&sandbox, "create", before).len(), 2);
        let Outcome::Unwritten(error) = &outcomes[299] else { panic!("{:?}", outcomes[299]) };
        assert!(error.kind() == ErrorKind::Config && error.to_string().contains("login"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_cannot_even_be_looked_up_are_in_doubt_and_nothing_more_is_sent() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let writer = writer.rows_per_call(100);
        sandbox.trouble(Trouble::lose_reply().on("res.partner", "create").at_call(2));
        sandbox.trouble(Trouble::html_page().on("res.partner", "search_read").always());
        let (rows, before) = (rows(300), sandbox.log().len());
        let outcomes = write(&writer, &rows).await;
        assert_eq!(sorts(&outcomes), [100, 0, 100, 100]);
        assert!(
            matches!(outcomes[100], Outcome::Unknown(_)) && matches!(outcomes[200], Outcome::Unwritten(_))
        );
        assert_eq!(calls(&sandbox, "create", before).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn rows_prepared_before_their_model_is_known_are_written_all_the_same() {
    let (sandbox, writer) = ready(Like::Odoo19).await;
    drop(writer);
    let writer = writer_over(sandbox.clone()).await;
    let mut rows = rows(3);
    rows[1].model = "x_no.such_model".into();
    let prepared: Prepared = writer.prepare(rows.clone());
    let outcomes = writer.write(prepared).await;
    assert_eq!(sorts(&outcomes), [2, 1, 0, 0]);
    let Outcome::Refused(error) = &outcomes[1] else { panic!("{:?}", outcomes[1]) };
    assert!(error.to_string().contains("x_no.such_model"), "{error}");
    once_each(&sandbox, &rows, &outcomes);
}

#[tokio::test(start_paused = true)]
async fn what_a_model_has_no_field_for_is_refused_before_it_is_sent() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let mut plain = row(0);
        plain.fields = Fields::default().with("name", "Patient 0");
        let outcomes = write(&writer, &[plain, row(1)]).await;
        assert_eq!(sorts(&outcomes), [0, 2, 0, 0]);
        let Outcome::Refused(error) = &outcomes[0] else { panic!("{:?}", outcomes[0]) };
        assert!(
            error.to_string().contains("x_migration_key") && error.to_string().contains("schema"),
            "{error}"
        );
        assert!(calls(&sandbox, "create", 0).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_disturbed() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let doctor = Struct::new()
            .with("name", "Meera Iyer")
            .with("login", "meera@example.org")
            .with("email", "meera@example.org");
        let doctor = execute(&sandbox, "res.users", "create", vec![doctor.into()]).as_int().unwrap();
        let before = ["mail.mail", "mail.message"].map(|model| sandbox.count(model));
        let mut patients = rows(50);
        for patient in &mut patients {
            patient.fields.set("user_id", doctor);
        }
        let contacts = ids(&write(&writer, &patients).await);
        let (model, by) = ("ir.model".into(), "model".into());
        let query = LookupQuery { model, by, within: Vec::new(), fold: false };
        let model = writer.look_up(&query, &["res.partner".into()]).await.unwrap()[0][0].number().unwrap();
        let activity = |(number, contact): (usize, &DestinationId)| {
            let mut row = row(number);
            row.model = "mail.activity".into();
            row.fields = Fields::default()
                .with("res_model_id", model)
                .with("res_id", contact.number().unwrap())
                .with("summary", "Consultation")
                .with("user_id", doctor);
            row
        };
        let activities: Vec<Row> = contacts.iter().enumerate().map(activity).collect();
        assert_eq!(ids(&write(&writer, &activities).await).len(), 50);
        let changes = patients.into_iter().zip(&contacts).map(|(mut patient, id)| {
            patient.action = Action::Update(id.clone());
            patient.fields.set("user_id", 2);
            patient
        });
        assert_eq!(ids(&write(&writer, &changes.collect::<Vec<_>>()).await).len(), 50);
        assert_eq!(["mail.mail", "mail.message"].map(|model| sandbox.count(model)), before);
    }
}

#[tokio::test(start_paused = true)]
async fn records_are_found_by_identity_when_they_are_archived_and_never_guessed_when_there_are_two() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let id = ids(&write(&writer, &[row(1)]).await).remove(0);
        let archived = Struct::new().with("active", false);
        execute(
            &sandbox,
            "res.partner",
            "write",
            vec![vec![id.number().unwrap().into()].into(), archived.into()],
        );
        let found = writer.find(&"res.partner".into(), &[identity(1), identity(2)]).await.unwrap();
        assert_eq!(found, [Some(id), None]);

        let twin = Struct::new().with("name", "Asha Rao").with("x_migration_key", identity(1).as_str());
        execute(&sandbox, "res.partner", "create", vec![twin.into()]);
        let error = writer.find(&"res.partner".into(), &[identity(1)]).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains("two records") && said.contains(identity(1).as_str()), "{said}");
    }
}

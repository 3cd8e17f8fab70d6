//! What the writer keeps from happening to other people's records, where a sandbox is enough to show it.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use mapping_core::destination::DestinationWriter;
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, How, Made, Outcome, Receipt, Row};
use mapping_core::record::Fields;
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use mapping_core::value::Value;
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::transport::Transport;
use odoo_rpc::wire::{Struct, Value as Wire};
use sandboxed::{BOTH, calls, execute, ids, source, text, write, writer_over};

#[tokio::test(start_paused = true)]
async fn activities_of_one_user_on_one_record_take_two_calls_where_odoo_refuses_them_in_one() {
    for like in [Like::Odoo16, Like::Odoo17] {
        let sandbox = Sandbox::new(like);
        let writer = ready(sandbox.clone()).await;
        let (contacts, patients) =
            (contacts(&sandbox), [patient(&sandbox, "Asha"), patient(&sandbox, "Ravi")]);
        let task = |number: usize| {
            let fields =
                Fields::default().with("res_model_id", contacts).with("res_id", patients[number % 2]);
            let day = Value::Date("2024-01-31".parse().unwrap());
            let fields = fields
                .with("user_id", 2)
                .with("summary", format!("Visit {number}"))
                .with("date_deadline", day);
            row("mail.activity", number, Action::Create, fields)
        };
        let rows: Vec<Row> = (0..10).map(task).collect();
        let both = [0, 2].map(|number| rows[number].fields.clone());
        let both = both.map(|fields| {
            let number = |field| fields.value(field).as_integer().unwrap();
            let values =
                Struct::new().with("res_model_id", number("res_model_id")).with("res_id", number("res_id"));
            Wire::from(values.with("user_id", 2).with("date_deadline", "2024-01-31"))
        });
        let args = vec![Wire::Array(both.to_vec())];
        let (database, login) = (odoo_rpc::sandbox::DATABASE, odoo_rpc::sandbox::LOGIN);
        let refused = sandbox.execute(database, 2, login, "mail.activity", "create", args, Struct::new());
        assert!(refused.is_err(), "the trap is gone");
        let before = sandbox.log().len();
        let outcomes = write(&writer, &rows).await;
        for (number, id) in ids(&outcomes).iter().enumerate() {
            let stored = sandbox.rows("mail.activity");
            let stored =
                stored.iter().find(|row| row.get("id").and_then(Wire::as_int) == id.number()).unwrap();
            assert_eq!(text(stored, "summary"), format!("Visit {number}"));
        }
        let sizes: Vec<usize> = calls(&sandbox, "create", before).iter().map(|seen| seen.rows).collect();
        assert_eq!(sizes, [2, 8], "two calls, the first with one of each record");
    }
}

#[tokio::test(start_paused = true)]
async fn other_versions_take_them_in_one_call() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = ready(sandbox.clone()).await;
        let (contacts, asha) = (contacts(&sandbox), patient(&sandbox, "Asha"));
        let task = |number| {
            let fields =
                Fields::default().with("res_model_id", contacts).with("res_id", asha).with("user_id", 2);
            let day = Value::Date("2024-01-31".parse().unwrap());
            row("mail.activity", number, Action::Create, fields.with("date_deadline", day))
        };
        let before = sandbox.log().len();
        ids(&write(&writer, &(0..10).map(task).collect::<Vec<_>>()).await);
        assert_eq!(sandbox.log().len() - before, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn looking_costs_a_call_only_where_a_row_may_do_harm() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = ready(sandbox.clone()).await;
        let (father, child) = (patient(&sandbox, "Father"), patient(&sandbox, "Child"));
        let is_19 = like == Like::Odoo19;
        let street = || Fields::default().with("street", "2 New Street");
        let plain = |number| row("res.partner", number, Action::Create, street().with("name", "Asha"));
        let change = |fields: Fields| row("res.partner", 9, Action::Update(child.into()), fields);
        for (what, row, looks) in [
            ("a new one", plain(1), 0),
            (
                "a new one with parent",
                row("res.partner", 2, Action::Create, street().with("name", "C").with("parent_id", father)),
                0,
            ),
            ("another name", change(Fields::default().with("name", "Ravi")), 0),
            ("an address of its own", change(street().with("type", "other")), 0),
            ("an address", change(street().with("type", "contact")), usize::from(is_19)),
            ("a parent", change(Fields::default().with("parent_id", father)), 1),
        ] {
            let before = sandbox.log().len();
            let outcomes = write(&writer, &[row]).await;
            assert_eq!(calls(&sandbox, "search_read", before).len(), looks, "{like:?}: {what}");
            assert!(
                !matches!(outcomes[0], Outcome::Unwritten(_) | Outcome::Unknown(_)),
                "{what}: {outcomes:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_would_do_harm_takes_no_other_with_it() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = ready(sandbox.clone()).await;
        let father = patient(&sandbox, "Father");
        let rows: Vec<Row> = (0..20)
            .map(|number| {
                let fields = Fields::default().with("name", "Child").with("parent_id", father);
                let fields = fields.with("street", format!("{number} New Street"));
                let fields = if number % 5 == 0 { fields.with("type", "contact") } else { fields };
                row("res.partner", number, Action::Create, fields)
            })
            .collect();
        let before = sandbox.log().len();
        let outcomes = write(&writer, &rows).await;
        assert_eq!(sandbox.log().len() - before, 1, "what is seen here costs no call");
        let stored = sandbox.rows("res.partner");
        for (number, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Outcome::Refused(error) => {
                    assert_eq!((number % 5, error.place("field")), (0, Some("type")), "{error}");
                }
                Outcome::Written(id) => {
                    let row = stored
                        .iter()
                        .find(|row| row.get("id").and_then(Wire::as_int) == id.number())
                        .unwrap();
                    assert_eq!(
                        (text(row, "street"), text(row, "type")),
                        (format!("{number} New Street"), "other".into())
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        let father = stored.iter().find(|row| row.get("id").and_then(Wire::as_int) == Some(father)).unwrap();
        assert_eq!(text(father, "street"), "");
    }
}

#[tokio::test(start_paused = true)]
async fn a_trap_is_seen_where_what_was_known_is_forgotten_since_the_rows_were_prepared() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let extra = FieldNeed::new("crm.lead", "x_extra", FieldKind::Line, "Extra");
        let needs = Needs::new().uses("crm.lead", "name").field(extra);
        let made = writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();
        let asha = Struct::new().with("name", "Asha Rao").with("email", "asha@example.org");
        let asha = execute(&sandbox, "res.partner", "create", vec![asha.into()]).as_int().unwrap();
        let fields = Fields::default().with("name", "Implant").with("partner_id", asha);
        let fields = fields.with("email_from", "clinic@example.org");
        let prepared = writer.prepare(vec![row("crm.lead", 1, Action::Create, fields)]);
        let is_extra = |made: &Made| matches!(made, Made::Field(_, name) if name.as_str() == "x_extra");
        let gone: Vec<_> = made.into_iter().filter(|receipt| is_extra(&receipt.made)).collect();
        writer.revert_schema(&gone).await.unwrap();
        let outcomes = writer.write(prepared).await;
        assert!(matches!(&outcomes[..], [Outcome::Refused(_)]), "{like:?}: {outcomes:?}");
        let stored = sandbox.rows("res.partner");
        let stored = stored.iter().find(|row| row.get("id").and_then(Wire::as_int) == Some(asha)).unwrap();
        assert_eq!(text(stored, "email"), "asha@example.org");
    }
}

/// A lead of a contact, and the receipt of a change before which that field had that value.
fn changed_lead(sandbox: &Sandbox, contact: Struct, field: &str, old: &str) -> (i64, i64, Receipt) {
    let asha = execute(sandbox, "res.partner", "create", vec![contact.with("name", "Asha Rao").into()]);
    let asha = asha.as_int().unwrap();
    let lead = Struct::new().with("name", "Implant, changed").with("partner_id", asha);
    let lead = execute(sandbox, "crm.lead", "create", vec![lead.into()]).as_int().unwrap();
    let changed = row("crm.lead", 1, Action::Update(lead.into()), Fields::default());
    let before = Some(Fields::default().with("name", "Implant").with(field, old));
    let (id, digest, at) = (lead.into(), changed.digest(), jiff::Timestamp::now());
    let (key, model, how) = (changed.key, changed.model, How::Updated);
    (asha, lead, Receipt { key, model, id, how, digest, before, at })
}

fn stored(sandbox: &Sandbox, model: &str, id: i64, field: &str) -> String {
    let rows = sandbox.rows(model);
    text(rows.iter().find(|row| row.get("id").and_then(Wire::as_int) == Some(id)).unwrap(), field)
}

async fn over_leads(sandbox: &Sandbox) -> OdooWriter {
    let writer = writer_over(sandbox.clone()).await;
    writer.apply(&writer.plan(&Needs::new().uses("crm.lead", "name")).await.unwrap()).await.unwrap();
    writer
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_put_back_leaves_its_contact_alone_and_what_stays_is_told() {
    for like in BOTH {
        for (field, of_contact, old) in [("email_from", "email", "old@example.org"), ("phone", "phone", "")] {
            let sandbox = Sandbox::new(like);
            let writer = over_leads(&sandbox).await;
            let contact = Struct::new().with(of_contact, "what she has now");
            let (asha, lead, receipt) = changed_lead(&sandbox, contact, field, old);
            let answers = writer.revert(&[receipt]).await;
            assert_eq!(stored(&sandbox, "crm.lead", lead, "name"), "Implant");
            assert_eq!(
                stored(&sandbox, "res.partner", asha, of_contact),
                "what she has now",
                "{like:?} {field}"
            );
            // 19 copies no empty one, so that it may come back.
            let comes_back = like == Like::Odoo19 && old.is_empty();
            let now = if comes_back { "" } else { "what she has now" };
            assert_eq!(stored(&sandbox, "crm.lead", lead, field), now, "{like:?} {field}");
            let stays = answers[0].as_ref().err().map(|error| error.place("field").unwrap().to_owned());
            assert_eq!(stays, (!comes_back).then(|| field.to_owned()), "{like:?}: {answers:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_holds_what_it_held_before_is_put_back_whatever_its_contact_holds() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = over_leads(&sandbox).await;
        let contact = Struct::new().with("email", "asha@example.org");
        let (asha, lead, receipt) = changed_lead(&sandbox, contact, "email_from", "asha@example.org");
        let emptied = Struct::new().with("email", false);
        execute(&sandbox, "res.partner", "write", vec![vec![Wire::Int(asha)].into(), emptied.into()]);
        let answers = writer.revert(&[receipt]).await;
        assert!(answers[0].is_ok(), "{like:?}: {answers:?}");
        assert_eq!(stored(&sandbox, "crm.lead", lead, "name"), "Implant");
        assert_eq!(stored(&sandbox, "crm.lead", lead, "email_from"), "asha@example.org");
        assert_eq!(stored(&sandbox, "res.partner", asha, "email"), "");
    }
}

async fn ready(transport: impl Transport + 'static) -> OdooWriter {
    let writer = writer_over(transport).await;
    let needs = Needs::new().uses("res.partner", "name").uses("mail.activity", "summary");
    writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();
    for model in ["res.partner", "mail.activity"] {
        mapping_core::destination::DestinationReader::describe(&writer, &model.into()).await.unwrap();
    }
    writer
}

fn row(model: &str, number: usize, action: Action, fields: Fields) -> Row {
    let key: mapping_core::key::DraftKey = RecordKey::new("thing", format!("{model}-{number}")).into();
    Row { identity: source().identity(&key), key, model: model.into(), action, fields }
}

/// A contact that nobody follows.
fn patient(sandbox: &Sandbox, name: &str) -> i64 {
    let context = Struct::new().with("tracking_disable", true);
    let args = vec![Struct::new().with("name", name).into()];
    let kwargs = Struct::new().with("context", context);
    let (database, login) = (odoo_rpc::sandbox::DATABASE, odoo_rpc::sandbox::LOGIN);
    sandbox.execute(database, 2, login, "res.partner", "create", args, kwargs).unwrap().as_int().unwrap()
}

fn contacts(sandbox: &Sandbox) -> i64 {
    let term = Wire::Array(vec!["model".into(), "=".into(), "res.partner".into()]);
    let found = execute(sandbox, "ir.model", "search", vec![Wire::Array(vec![term])]);
    found.as_array().unwrap()[0].as_int().unwrap()
}

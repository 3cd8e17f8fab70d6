//! Countries and states: one call each for a whole run, whoever needs them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use mapping_core::destination::{DestinationReader, LookupQuery};
use mapping_core::draft::{Draft, Lookup, Missing};
use mapping_core::mapper::{RecordMapper, mapper_fn};
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::receipt::{Outcome, Row};
use mapping_core::record::Record;
use mapping_core::schema::Needs;
use mapping_core::source::Entity;
use mapping_core::value::{Value, ValueKind};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Sandbox, Trouble};
use odoo_rpc::wire::{Fault, Struct, Value as Wire};
use sandboxed::{BOTH, execute, ready, row, source, write, writer_over};

const STATES: &str = "res.country.state";

/// Which of these models were called since the log had `since` lines.
fn asked(sandbox: &Sandbox, since: usize) -> Vec<String> {
    let places = |model: &str| model == "res.country" || model == STATES;
    let log = sandbox.log().split_off(since);
    log.into_iter().filter(|seen| places(&seen.model)).map(|seen| seen.model).collect()
}

fn query(model: &str, by: &str, within: &[(&str, Value)], fold: bool) -> LookupQuery {
    let within = within.iter().map(|(field, value)| ((*field).into(), value.clone())).collect();
    LookupQuery { model: model.into(), by: by.into(), within, fold }
}

async fn looked_up(writer: &OdooWriter, query: &LookupQuery, values: &[&str]) -> Vec<Vec<i64>> {
    let values: Vec<Value> = values.iter().map(|value| Value::from(*value)).collect();
    let found = writer.look_up(query, &values).await.unwrap();
    found.iter().map(|ids| ids.iter().map(|id| id.number().unwrap()).collect()).collect()
}

/// What the server itself finds.
fn searched(sandbox: &Sandbox, model: &str, conditions: &[(&str, &str)]) -> Vec<i64> {
    let condition =
        |(field, value): &(&str, &str)| Wire::from(vec![(*field).into(), "=".into(), (*value).into()]);
    let domain = Wire::from(conditions.iter().map(condition).collect::<Vec<_>>());
    let found = execute(sandbox, model, "search", vec![domain]);
    found.as_array().unwrap().iter().map(|id| id.as_int().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn countries_and_states_are_found_among_all_of_them() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let since = sandbox.log().len();
        let countries = looked_up(&writer, &query("res.country", "code", &[], false), &["IN", "US"]).await;
        let (india, america) = (countries[0][0], countries[1][0]);
        assert_eq!(countries[0], searched(&sandbox, "res.country", &[("code", "IN")]));
        let of = |country: &str| [("country_id.code", Value::from(country))];
        let states = looked_up(&writer, &query(STATES, "code", &of("IN"), false), &["MH", "AP"]).await;
        let state =
            |code, country| searched(&sandbox, STATES, &[("code", code), ("country_id.code", country)]);
        assert_eq!(states, [state("MH", "IN"), state("AP", "IN")]);
        let states =
            looked_up(&writer, &query(STATES, "name", &of("US"), true), &[" new  YORK", "texas"]).await;
        assert_eq!(states, [state("NY", "US"), state("TX", "US")]);
        let of_india = [("country_id", Value::from(india))];
        let states = looked_up(&writer, &query(STATES, "name", &of_india, false), &["Kerala"]).await;
        assert_eq!(states, [state("KL", "IN")]);
        let of_india = [("country_id.name", Value::from("India"))];
        let states = looked_up(&writer, &query(STATES, "code", &of_india, false), &["KL"]).await;
        assert_eq!(states, [state("KL", "IN")]);
        let both = looked_up(&writer, &query(STATES, "code", &[], false), &["AP"]).await;
        assert_eq!(both[0].len(), 2, "a code that two countries have");

        // The check of a row's state needs no call of its own.
        let mut patient = row(1);
        patient.fields.set("state_id", states[0][0]);
        patient.fields.set("country_id", america);
        let outcome = write(&writer, &[patient]).await.remove(0);
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
        let calls = sandbox.log().split_off(since);
        let calls = |model: &str| {
            calls.iter().filter(|seen| seen.model == model && seen.method == "search_read").count()
        };
        assert_eq!([calls("res.country"), calls(STATES)], [1, 1], "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_not_among_those_known_is_asked_for() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let india = searched(&sandbox, "res.country", &[("code", "IN")])[0];
        let of_india = query(STATES, "name", &[("country_id.code", "IN".into())], false);
        assert_eq!(looked_up(&writer, &of_india, &["Vidarbha"]).await, [[0_i64; 0]]);
        let state = Struct::new().with("name", "Vidarbha").with("code", "VID").with("country_id", india);
        let made = execute(&sandbox, STATES, "create", vec![state.into()]).as_int().unwrap();
        let since = sandbox.log().len();
        let found = looked_up(&writer, &of_india, &["Kerala", "Vidarbha"]).await;
        assert_eq!(found[1], [made]);
        assert_eq!(found[0].len(), 1);
        assert_eq!(asked(&sandbox, since), [STATES]);
    }
}

/// Somebody in Texas, India.
fn nowhere(sandbox: &Sandbox, number: usize) -> Row {
    let mut patient = row(number);
    patient.fields.set("state_id", searched(sandbox, STATES, &[("name", "Texas")])[0]);
    patient.fields.set("country_id", searched(sandbox, "res.country", &[("code", "IN")])[0]);
    patient
}

#[tokio::test(start_paused = true)]
async fn states_are_asked_for_again_after_a_bad_minute() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        sandbox.trouble(Trouble::html_page().on(STATES, "search_read").times(6));
        let outcome = write(&writer, &[nowhere(&sandbox, 1)]).await.remove(0);
        assert!(matches!(outcome, Outcome::Written(_)), "{like:?}: {outcome:?}");
        let outcome = write(&writer, &[nowhere(&sandbox, 2)]).await.remove(0);
        assert!(matches!(outcome, Outcome::Refused(_)), "{like:?}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn states_that_the_user_may_not_see_are_asked_for_once() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let fault =
            Fault::new(4, "You are not allowed to access 'Country state' (res.country.state) records.");
        sandbox.trouble(Trouble::refuse(fault).on(STATES, "search_read").always());
        let since = sandbox.log().len();
        for number in [1, 2] {
            let outcome = write(&writer, &[nowhere(&sandbox, number)]).await.remove(0);
            assert!(matches!(outcome, Outcome::Written(_)), "{like:?}: {outcome:?}");
        }
        assert_eq!(asked(&sandbox, since), [STATES]);
    }
}

/// Contacts with a country, and a state of it.
fn mapper() -> impl RecordMapper {
    let needs = Needs::new()
        .uses("res.partner", "name")
        .uses("res.partner", "country_id")
        .uses("res.partner", "state_id");
    mapper_fn(needs, |patient: &Record| {
        let country = patient.value("country").clone();
        let state = Lookup::new(STATES, "name", patient.value("state").clone()).folded().or(Missing::Leave);
        Ok(Draft::new("res.partner", patient.key().clone())
            .with("name", "Asha Rao")
            .with("country_id", Lookup::new("res.country", "code", country.clone()))
            .with("state_id", state.within("country_id.code", country))
            .into())
    })
}

#[tokio::test(start_paused = true)]
async fn a_run_asks_once_for_each() {
    let homes = [
        ("IN", "Kerala"),
        ("US", "texas"),
        ("IN", "GOA"),
        ("US", "New York"),
        ("IN", "Kerala"),
        ("GB", "Kent"),
    ];
    let entity = Entity::new("patient").field("country", ValueKind::Text).field("state", ValueKind::Text);
    let mut clinic = MemorySource::new(source()).entity(entity);
    for (at, (country, state)) in homes.into_iter().enumerate() {
        let patient = Record::new("patient", format!("P-{at}")).with("country", country);
        clinic = clinic.record(patient.with("state", state));
    }
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let (mapper, journal) = (mapper(), MemoryJournal::default());
        let report = Migration::new(&clinic, &mapper, &writer, &journal).chunk(1).run().await.unwrap();
        assert_eq!(report.counts("patient").written, 6, "{report}");
        // Six chunks, three countries, four states; and Kent, which Odoo does not have, is asked for.
        assert_eq!(asked(&sandbox, 0), ["res.country", STATES, STATES], "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_is_found_once_however_many_are_asked_for() {
    for like in BOTH {
        let (sandbox, writer) = ready(like).await;
        let tag = Struct::new().with("name", " Diabetic ");
        execute(&sandbox, "res.partner.category", "create", vec![vec![Wire::from(tag)].into()]);
        // More than one question.
        let others = (0..1500).map(|number| format!("Tag {number}"));
        let names: Vec<String> = std::iter::once("diabetic".to_owned()).chain(others).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = looked_up(&writer, &query("res.partner.category", "name", &[], true), &names).await;
        assert_eq!(found[0].len(), 1, "{like:?}");
    }
}

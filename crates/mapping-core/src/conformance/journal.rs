//! The suite of the journal.

mod sample;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::task::Poll;

use futures::future::poll_fn;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};

use crate::conformance::journal::sample::{
    decisions, every_kind_of_entry, flag, intent, lookalikes, migration, part, perhaps_too_much, phase,
    receipt, refused, refused_record, schema_intent, schema_receipt, withdrawn,
};
use crate::error::Result;
use crate::identity::SourceId;
use crate::journal::{Binding, Entry, Journal, Known, MigrationId, State};
use crate::key::{DraftKey, RecordKey};
use crate::receipt::Intent;

/// Holds a journal to the contract of [`Journal`]; all of it but a crash of the machine and a second process.
///
/// `make` gives a fresh journal each time it is called.
///
/// # Panics
///
/// At the first clause that does not hold, with its name.
///
/// # Example
///
/// ```
/// use mapping_core::conformance;
/// use mapping_core::memory::journal::MemoryJournal;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// conformance::journal(async || MemoryJournal::default()).await;
/// # });
/// ```
pub async fn journal<J: Journal>(make: impl AsyncFn() -> J) {
    it_is_new_until_it_has_entries(&make().await).await;
    another_migration_is_turned_away(&make().await).await;
    entries_come_back_whole_and_in_order(&make().await).await;
    append_is_all_or_nothing(&make).await;
    states_tell_what_the_entries_amount_to(&make().await).await;
    every_key_has_its_own_state(&make().await).await;
    doubts_are_the_unanswered_intents_in_order(&make().await).await;
    schema_doubts_are_what_the_last_intent_lacks(&make().await).await;
    decisions_come_back_alone_and_in_order(&make().await).await;
    it_takes_thousands_at_once(&make().await).await;
    reading_and_appending_go_together(&make().await).await;
}

async fn it_is_new_until_it_has_entries(journal: &dyn Journal) {
    let clause = Clause("it is new until it has entries");
    for _ in 0..2 {
        let binding = clause.ok(journal.bind(&migration()).await);
        clause.same("the binding of an empty journal", &binding, &Binding::New);
    }
    clause.ok(journal.append(&[]).await);
    let binding = clause.ok(journal.bind(&migration()).await);
    clause.same("the binding after nothing was appended", &binding, &Binding::New);
    clause.ok(journal.append(&every_kind_of_entry()[..1]).await);
    let binding = clause.ok(journal.bind(&migration()).await);
    clause.same("the binding after the first entry", &binding, &Binding::Known);
}

async fn another_migration_is_turned_away(journal: &dyn Journal) {
    let clause = Clause("another migration is turned away");
    let own = migration();
    clause.ok(journal.bind(&own).await);
    let source = |system, clinic| clause.ok(SourceId::new(system, clinic));
    let others = [
        MigrationId { source: source("apms", "north-street"), ..own.clone() },
        MigrationId { source: source("pulse", "south-street"), ..own.clone() },
        MigrationId { destination: "https://other.example.org".into(), ..own.clone() },
    ];
    for begun in [false, true] {
        for other in &others {
            let said = match journal.bind(other).await {
                Ok(_) => clause.broken("a journal was bound to two migrations"),
                Err(error) => error.to_string(),
            };
            let says_which = [own.source.clinic(), &own.destination].iter().all(|part| said.contains(part));
            clause.holds(says_which, "the error does not say whose journal it is");
        }
        let binding = clause.ok(journal.bind(&own).await);
        let expected = if begun { Binding::Known } else { Binding::New };
        clause.same("the binding to its own migration afterwards", &binding, &expected);
        clause.ok(journal.append(&every_kind_of_entry()[..1]).await);
    }
}

async fn entries_come_back_whole_and_in_order(journal: &dyn Journal) {
    let clause = Clause("entries come back whole and in order");
    clause.ok(journal.bind(&migration()).await);
    let entries = every_kind_of_entry();
    for few in entries.chunks(3) {
        clause.ok(journal.append(few).await);
    }
    clause.ok(journal.append(&entries).await);
    let twice = [entries.as_slice(), &entries].concat();
    clause.same_entries(&clause.all(journal.entries()).await, &twice);
}

async fn append_is_all_or_nothing<J: Journal>(make: &impl AsyncFn() -> J) {
    let clause = Clause("append is all or nothing");

    // What a journal cannot hold it may turn away, but then with all that came along.
    for hard in perhaps_too_much() {
        let journal = make().await;
        clause.ok(journal.bind(&migration()).await);
        let around = [intent(&key("patient", "P-1"), 1), intent(&key("patient", "P-2"), 1)];
        let entries = [&around[..1], &[hard], &around[1..]].concat();
        let expected = if journal.append(&entries).await.is_ok() { entries } else { Vec::new() };
        clause.same_entries(&clause.all(journal.entries()).await, &expected);
        let doubts = clause.all(journal.doubts()).await;
        clause.same("the number of doubts", &doubts.len(), &expected.len());
        clause.ok(journal.append(&around).await);
    }

    // A caller may be dropped while it waits.
    for polls in 1..=6 {
        let journal = make().await;
        clause.ok(journal.bind(&migration()).await);
        let entries: Vec<_> = (0..5).map(|n| intent(&key("patient", &n.to_string()), 1)).collect();
        let mut append = journal.append(&entries);
        for _ in 0..polls {
            if (&mut append).now_or_never().is_some() {
                break;
            }
            let seen = clause.all(journal.entries()).await.len();
            clause.holds(seen == 0 || seen == entries.len(), "entries were seen before all were there");
            breathe().await;
        }
        drop(append);
        let seen = clause.all(journal.entries()).await.len();
        clause.holds(seen == 0 || seen == entries.len(), "an append that was dropped left a part");
    }
}

/// What is appended for one draft, and the number of the receipt that is then its last, and of the intent that is open.
type Story = (&'static [Step], Option<i64>, Option<i64>);
type Step = fn(&DraftKey) -> Entry;

const STORIES: &[Story] = {
    const I1: Step = |key| intent(key, 1);
    const I2: Step = |key| intent(key, 2);
    const R1: Step = |key| receipt(key, 1);
    const R2: Step = |key| receipt(key, 2);
    &[
        (&[], None, None),
        (&[I1], None, Some(1)),
        (&[I1, R1], Some(1), None),
        (&[R1], Some(1), None),
        (&[R1, I2], Some(1), Some(2)),
        (&[I1, R1, I2, R2], Some(2), None),
        (&[R2, R1], Some(1), None),
        (&[I1, refused], None, None),
        (&[I1, withdrawn], None, None),
        (&[R1, I2, refused], Some(1), None),
        (&[R1, I2, withdrawn], Some(1), None),
        (&[refused, I1], None, Some(1)),
        (&[withdrawn, I1], None, Some(1)),
        (&[I1, refused, I2], None, Some(2)),
        (&[I1, refused_record, flag, phase], None, Some(1)),
        (&[I1, I2], None, Some(2)),
        (&[I1, I2, R2], Some(2), None),
    ]
};

async fn states_tell_what_the_entries_amount_to(journal: &dyn Journal) {
    let clause = Clause("states tell what the entries amount to");
    clause.ok(journal.bind(&migration()).await);
    for (number, (steps, known, doubt)) in STORIES.iter().enumerate() {
        for at_once in [true, false] {
            let key = key("visit", &format!("{number}-{at_once}"));
            let entries: Vec<_> = steps.iter().map(|step| step(&key)).collect();
            for few in entries.chunks(if at_once { entries.len().max(1) } else { 1 }) {
                clause.ok(journal.append(few).await);
            }
            let expected = State {
                known: known.and_then(|n| known_by(&receipt(&key, n))),
                doubt: doubt.and_then(|n| intended(&intent(&key, n))),
            };
            let states = clause.ok(journal.states(std::slice::from_ref(&key)).await);
            clause.same(&format!("the states after story {number}"), &states, &vec![expected]);
        }
    }
}

async fn every_key_has_its_own_state(journal: &dyn Journal) {
    let clause = Clause("every key has its own state");
    clause.ok(journal.bind(&migration()).await);
    clause.same("the states of no key", &clause.ok(journal.states(&[]).await), &Vec::new());
    let (here, absent) = lookalikes();
    for (key, n) in here.iter().zip(1..) {
        clause.ok(journal.append(&[intent(key, n), receipt(key, n), intent(key, n + 1)]).await);
    }
    let mut asked: Vec<_> = here.iter().cloned().zip(1..).map(|(key, n)| (key, Some(n))).collect();
    asked.extend(absent.into_iter().map(|key| (key, None)));
    asked.reverse();
    asked.push(asked[0].clone());
    let keys: Vec<_> = asked.iter().map(|(key, _)| key.clone()).collect();
    let states = clause.ok(journal.states(&keys).await);
    clause.same("the number of states", &states.len(), &keys.len());
    for ((key, n), state) in asked.iter().zip(&states) {
        let expected = State {
            known: n.and_then(|n| known_by(&receipt(key, n))),
            doubt: n.and_then(|n| intended(&intent(key, n + 1))),
        };
        clause.same(&format!("the state of {key:?}"), state, &expected);
    }
}

async fn doubts_are_the_unanswered_intents_in_order(journal: &dyn Journal) {
    let clause = Clause("doubts are the unanswered intents, in order");
    clause.ok(journal.bind(&migration()).await);
    // Neither the order of the keys nor that of their first intents.
    let [a, b, c, d, e] = ["5", "4", "3", "2", "1"].map(|id| key("visit", id));
    let steps = [
        (vec![intent(&a, 1), intent(&b, 1), intent(&c, 1)], vec![(&a, 1), (&b, 1), (&c, 1)]),
        (vec![receipt(&b, 1), flag(&a)], vec![(&a, 1), (&c, 1)]),
        (
            vec![intent(&d, 1), intent(&e, 1), intent(&b, 2)],
            vec![(&a, 1), (&c, 1), (&d, 1), (&e, 1), (&b, 2)],
        ),
        (vec![intent(&a, 2), refused_record(&c)], vec![(&c, 1), (&d, 1), (&e, 1), (&b, 2), (&a, 2)]),
        (vec![refused(&c), withdrawn(&d)], vec![(&e, 1), (&b, 2), (&a, 2)]),
        (vec![receipt(&a, 2), receipt(&b, 2), receipt(&e, 1)], vec![]),
    ];
    for (number, (entries, open)) in steps.into_iter().enumerate() {
        clause.ok(journal.append(&entries).await);
        let expected: Vec<_> = open.into_iter().filter_map(|(key, n)| intended(&intent(key, n))).collect();
        let doubts = clause.all(journal.doubts()).await;
        clause.same(&format!("the doubts after step {number}"), &doubts, &expected);
    }
}

async fn schema_doubts_are_what_the_last_intent_lacks(journal: &dyn Journal) {
    let clause = Clause("schema doubts are what the last intent lacks");
    clause.ok(journal.bind(&migration()).await);
    let nobody = key("patient", "P-1");
    let story: [(Entry, &[i64]); 12] = [
        (intent(&nobody, 1), &[]),
        (schema_receipt(1), &[]),
        (schema_intent(&[1, 2, 3]), &[1, 2, 3]),
        (schema_receipt(2), &[1, 3]),
        (receipt(&nobody, 1), &[1, 3]),
        (schema_receipt(7), &[1, 3]),
        (schema_receipt(1), &[3]),
        (schema_intent(&[4]), &[4]),
        (schema_receipt(3), &[4]),
        (schema_intent(&[]), &[]),
        (schema_intent(&[5]), &[5]),
        (schema_receipt(5), &[]),
    ];
    clause.same("the doubts of an empty journal", &clause.ok(journal.schema_doubts().await), &None);
    for (number, (entry, open)) in story.into_iter().enumerate() {
        clause.ok(journal.append(&[entry]).await);
        let doubts = clause.ok(journal.schema_doubts().await).map(|intent| intent.parts);
        let expected =
            (!open.is_empty()).then(|| open.iter().map(|number| part(*number)).collect::<Vec<_>>());
        clause.same(&format!("the doubts after step {number}"), &doubts, &expected);
    }
}

async fn decisions_come_back_alone_and_in_order(journal: &dyn Journal) {
    let clause = Clause("decisions come back alone and in order");
    clause.ok(journal.bind(&migration()).await);
    clause.same("the decisions of an empty journal", &clause.all(journal.decisions()).await, &Vec::new());
    let (decided, visit) = (decisions(), key("visit", "1"));
    for few in decided.chunks(2) {
        let few: Vec<Entry> = few.iter().cloned().map(Entry::Decided).collect();
        clause.ok(journal
            .append(&[&[intent(&visit, 1)], &few[..], &[receipt(&visit, 1), flag(&visit)]].concat())
            .await);
    }
    clause.same("the decisions", &clause.all(journal.decisions()).await, &decided);
    clause.ok(journal.append(&decided.iter().cloned().map(Entry::Decided).collect::<Vec<_>>()).await);
    let twice = [decided.as_slice(), &decided].concat();
    clause.same("the decisions, taken in again", &clause.all(journal.decisions()).await, &twice);
}

async fn it_takes_thousands_at_once(journal: &dyn Journal) {
    let clause = Clause("it takes thousands at once");
    clause.ok(journal.bind(&migration()).await);
    let keys: Vec<_> = (0..2_500).rev().map(|n| key("visit", &n.to_string())).collect();
    let intents: Vec<_> = keys.iter().map(|key| intent(key, 1)).collect();
    clause.ok(journal.append(&intents).await);
    clause.same_entries(&clause.all(journal.entries()).await, &intents);
    let expected: Vec<_> = intents.iter().filter_map(intended).collect();
    clause.same("the doubts", &clause.all(journal.doubts()).await, &expected);
    let states: Vec<_> =
        expected.into_iter().map(|intent| State { known: None, doubt: Some(intent) }).collect();
    clause.same("the states", &clause.ok(journal.states(&keys).await), &states);
}

async fn reading_and_appending_go_together(journal: &dyn Journal) {
    let clause = Clause("reading and appending go together");
    clause.ok(journal.bind(&migration()).await);
    let keys = ["1", "2", "3"].map(|id| key("visit", id));
    let intents: Vec<_> = keys.iter().map(|key| intent(key, 1)).collect();
    clause.ok(journal.append(&intents).await);
    let (mut entries, mut doubts) = (journal.entries(), journal.doubts());
    let (first, doubt) = (entries.next().await, doubts.next().await);
    clause.same("the first entry", &first.and_then(Result::ok).as_ref(), &intents.first());
    clause.same("the first doubt", &doubt.and_then(Result::ok), &intended(&intents[0]));
    clause.ok(journal.append(&[receipt(&keys[0], 1)]).await);
    clause.ok(journal.states(&keys).await);
    clause.same("the rest of the doubts", &clause.all(doubts).await.len(), &2);
    let rest = clause.all(entries).await;
    clause.holds(rest.starts_with(&intents[1..]), "entries were lost to a reader while others were appended");
}

fn key(entity: &str, id: &str) -> DraftKey {
    RecordKey::new(entity, id).into()
}

fn known_by(entry: &Entry) -> Option<Known> {
    match entry {
        Entry::Receipt(receipt) => Some(Known::from(receipt)),
        _ => None,
    }
}

fn intended(entry: &Entry) -> Option<Intent> {
    match entry {
        Entry::Intent(intent) => Some(intent.clone()),
        _ => None,
    }
}

/// Lets other tasks have a turn, on any runtime.
async fn breathe() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The name of a clause, under which the suite panics.
#[derive(Clone, Copy)]
struct Clause(&'static str);

impl Clause {
    fn broken(self, why: impl Display) -> ! {
        panic!("the journal does not keep its contract: {}: {why}", self.0)
    }

    fn holds(self, holds: bool, otherwise: &str) {
        if !holds {
            self.broken(otherwise);
        }
    }

    fn ok<T>(self, answer: Result<T>) -> T {
        answer.unwrap_or_else(|error| self.broken(format!("it answered {error:?}")))
    }

    fn same<T: PartialEq + std::fmt::Debug>(self, what: &str, is: &T, expected: &T) {
        if is != expected {
            self.broken(format!("{what}: {is:?}, and not {expected:?}"));
        }
    }

    /// Equal in what is stored too: money keeps its zeros.
    fn same_entries(self, are: &[Entry], expected: &[Entry]) {
        self.same("the number of entries", &are.len(), &expected.len());
        for (number, (is, expected)) in are.iter().zip(expected).enumerate() {
            self.same(&format!("entry {number}"), is, expected);
            let stored = |entry| serde_json::to_string(entry).ok();
            self.holds(stored(is) == stored(expected), "a value came back in another form");
        }
    }

    async fn all<T>(self, stream: BoxStream<'_, Result<T>>) -> Vec<T> {
        self.ok(stream.try_collect().await)
    }
}

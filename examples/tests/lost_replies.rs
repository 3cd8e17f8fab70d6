//! Whole migrations through every trouble: each call in turn loses its answer, never arrives, or kills the program.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod inside;

use std::time::Duration;

use inside::{Clinic, Death, End, Program, snapshot};
use mapping_core::memory::journal::MemoryJournal;
use odoo_rpc::client::Protocol;
use odoo_rpc::sandbox::{Latency, Like, Sandbox, Seen, Trouble};
use reconcile::journal::SqliteJournal;

/// A version, and the protocol that is spoken with it.
type Way = (Like, Protocol);

const WAYS: [Way; 3] =
    [(Like::Odoo14, Protocol::XmlRpc), (Like::Odoo19, Protocol::XmlRpc), (Like::Odoo19, Protocol::Json2)];
const DEATHS: [Death; 3] =
    [Death::BeforeItArrives, Death::WhileItIsCarriedOut, Death::AMinuteBeforeItIsCarriedOut];
const GAP: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn whichever_answer_is_lost_everything_arrives_once() {
    every_call("its answer lost", Trouble::lose_reply).await;
}

#[tokio::test(start_paused = true)]
async fn whichever_call_never_arrives_everything_arrives_once() {
    every_call("never arrived", Trouble::cut_before_commit).await;
}

#[tokio::test(start_paused = true)]
async fn whichever_call_is_carried_out_late_everything_arrives_once() {
    every_call("carried out a minute late", || Trouble::commit_later(Duration::from_secs(60))).await;
}

/// One run for each call of an undisturbed run, in which that call is troubled.
async fn every_call(what: &str, trouble: fn() -> Trouble) {
    let clinic = Clinic::of(60, 3);
    for (like, protocol) in WAYS {
        let (calls, wanted) = undisturbed(&clinic, (like, protocol)).await;
        for call in 1..=calls {
            let (sandbox, journal) = (Sandbox::new(like), MemoryJournal::default());
            sandbox.trouble(trouble().at_call(call));
            let what = format!("{like:?}, {protocol}, call {call} of {calls} {what}");
            let End::Done(report) = Program::new(&clinic, &sandbox, &journal).over(protocol).run().await
            else {
                panic!("{what}: the run stopped")
            };
            tokio::time::sleep(Duration::from_secs(200)).await;
            assert_eq!(report.refused(), clinic.refused, "{what}");
            snapshot(&sandbox).is(&wanted, &what);
            paced(&sandbox.log(), false);
        }
        println!(
            "{like:?}, {protocol}: {calls} runs, each with another call of {calls} {what}: {wanted}, each once"
        );
    }
}

async fn undisturbed(clinic: &Clinic, (like, protocol): Way) -> (usize, inside::Snapshot) {
    let (sandbox, journal) = (Sandbox::new(like), MemoryJournal::default());
    sandbox.latency(Latency::new(Duration::from_millis(300), Duration::from_millis(5)));
    let End::Done(report) = Program::new(clinic, &sandbox, &journal).over(protocol).run().await else {
        panic!("it stopped")
    };
    assert_eq!(report.refused(), clinic.refused);
    paced(&sandbox.log(), true);
    (sandbox.log().len(), snapshot(&sandbox))
}

/// Never two calls at once, and never two that start within the gap. Without time of its own no call is seen to overlap.
#[track_caller]
fn paced(log: &[Seen], takes_time: bool) {
    for pair in log.windows(2) {
        let apart = pair[1].started - pair[0].started;
        assert!(apart >= GAP, "{apart:?} between {pair:?}");
        assert!(!takes_time || !pair[0].overlaps(&pair[1]), "{pair:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whenever_the_program_dies_the_next_one_finishes_its_work() {
    let clinic = Clinic::of(60, 3);
    for (like, protocol) in WAYS {
        let (calls, wanted) = undisturbed(&clinic, (like, protocol)).await;
        for death in DEATHS {
            for call in 1..=calls {
                let (sandbox, journal) = (Sandbox::new(like), MemoryJournal::default());
                let what = format!("{like:?}, {protocol}, {death:?}, call {call} of {calls}");
                let program = || Program::new(&clinic, &sandbox, &journal).over(protocol);
                assert!(matches!(program().dying(death, call).run().await, End::Died), "{what}");
                finish(program(), &wanted, &what).await;
            }
            println!("{like:?}, {protocol}: {calls} programs killed, {death:?}: {wanted}, each once");
        }
    }
}

/// The ways to die take turns: each of them at each call is the matter of the test before this one.
#[tokio::test(start_paused = true)]
async fn a_run_that_begins_over_one_protocol_ends_over_the_other() {
    let clinic = Clinic::of(60, 3);
    for [first, then] in [[Protocol::XmlRpc, Protocol::Json2], [Protocol::Json2, Protocol::XmlRpc]] {
        let (calls, wanted) = undisturbed(&clinic, (Like::Odoo19, first)).await;
        for (call, death) in (1..=calls).zip(DEATHS.into_iter().cycle()) {
            let (sandbox, journal) = (Sandbox::new(Like::Odoo19), MemoryJournal::default());
            let program = || Program::new(&clinic, &sandbox, &journal);
            let what = format!("{first} and then {then}, {death:?}, call {call} of {calls}");
            let end = program().over(first).dying(death, call).run().await;
            assert!(matches!(end, End::Died), "{what}");
            finish(program().over(then), &wanted, &what).await;
        }
        println!("{first} and then {then}: {calls} killed programs: {wanted}, each once");
    }
}

/// A journal on disk is opened anew after each death, and the program is killed again and again.
#[tokio::test(start_paused = true)]
async fn a_program_that_dies_at_every_third_call_gets_there_in_the_end() {
    let clinic = Clinic::of(60, 3);
    for (like, protocol) in WAYS {
        let (_, wanted) = undisturbed(&clinic, (like, protocol)).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (sandbox, mut deaths) = (Sandbox::new(like), 0);
        loop {
            let journal = SqliteJournal::open(&path).unwrap();
            let program = Program::new(&clinic, &sandbox, &journal).over(protocol);
            // Each program comes a little further: a run has calls that a killed one has to make again.
            if matches!(program.dying(DEATHS[deaths % 3], 3 + deaths).run().await, End::Done(_)) {
                break;
            }
            deaths += 1;
        }
        let journal = SqliteJournal::open(&path).unwrap();
        let program = || Program::new(&clinic, &sandbox, &journal).over(protocol);
        finish(program(), &wanted, &format!("{like:?}, {protocol}, {deaths} deaths")).await;
        nothing_is_left(program()).await;
        println!("{like:?}, {protocol}: killed {deaths} times in a row: {wanted}, each once");
    }
}

/// The next program does what is left.
async fn finish(program: Program<'_>, wanted: &inside::Snapshot, what: &str) {
    let Program { clinic, sandbox, .. } = program;
    let End::Done(report) = program.run().await else { panic!("{what}: stopped") };
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!(report.refused(), clinic.refused, "{what}");
    snapshot(sandbox).is(wanted, what);
}

/// One more has nothing to do.
async fn nothing_is_left(program: Program<'_>) {
    let (sandbox, before) = (program.sandbox, program.sandbox.log().len());
    let End::Done(report) = program.run().await else { panic!("it stopped") };
    let writes =
        |seen: &Seen| ["create", "write", "web_save_multi", "unlink"].contains(&seen.method.as_str());
    assert!(!sandbox.log()[before..].iter().any(writes), "the last run writes");
    assert_eq!(report.phases.iter().map(|(_, counts)| counts.written + counts.updated).sum::<u64>(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_programs_at_once_keep_one_pace() {
    let (left, right) = (Clinic::named("left", 40, 3), Clinic::named("right", 40, 3));
    let folder = tempfile::tempdir().unwrap();
    for (like, protocol) in WAYS {
        let sandbox = Sandbox::new(like);
        sandbox.latency(Latency::new(Duration::from_millis(300), Duration::from_millis(5)));
        let journals = (MemoryJournal::default(), MemoryJournal::default());
        let (one, other) = tokio::join!(
            Program::new(&left, &sandbox, &journals.0).over(protocol).sharing(folder.path()).run(),
            Program::new(&right, &sandbox, &journals.1).over(protocol).sharing(folder.path()).run(),
        );
        assert!(matches!((one, other), (End::Done(_), End::Done(_))));
        paced(&sandbox.log(), true);
        let (_, alone) = undisturbed(&left, (like, protocol)).await;
        let both = snapshot(&sandbox);
        assert_eq!(both.records(), 2 * alone.records());
        println!(
            "{like:?}, {protocol}: two programs: {} calls, never two at once or within {GAP:?}: {both}",
            sandbox.log().len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_records_take_few_calls() {
    let clinic = Clinic::of(2000, 4);
    let (sandbox, journal) = (Sandbox::new(Like::Odoo19), MemoryJournal::default());
    let End::Done(report) = Program::new(&clinic, &sandbox, &journal).chunk(1000).run().await else {
        panic!("stopped")
    };
    let rows = report.phases.iter().map(|(_, counts)| counts.written).sum::<u64>();
    let calls = sandbox.log().len() as u64;
    assert!(calls <= rows / 500 + 40, "{calls} calls for {rows} rows");
    assert_eq!(snapshot(&sandbox).records() as u64, rows);
    println!("{calls} calls for {rows} rows");
}

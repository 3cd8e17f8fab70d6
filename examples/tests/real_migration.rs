//! Whole clinics into real servers. `ODOO_PATIENTS` says how many patients arrive; 1,000 unless set.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};

use odoo_rpc::client::{Client, Context, Domain};
use support::proxy::Proxy;
use support::servers::{Server, fresh, quietly};
use support::{holds_to_the_truth, json, made_up, migration, readback};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinic_arrives_whole_and_once_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, a_clinic_arrives_whole_and_once(&server)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinic_arrives_whole_and_once_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        quietly(&server.client().await, a_clinic_arrives_whole_and_once(&server)).await;
    }
}

/// Patients with four appointments each, one row in fifty with a defect; then the same again.
async fn a_clinic_arrives_whole_and_once(server: &Server) {
    let folder = tempfile::tempdir().unwrap();
    let (export, journal) = (folder.path().join("export"), folder.path().join("journal"));
    let patients = std::env::var("ODOO_PATIENTS").map_or(1000, |count| count.parse().unwrap());
    let truth = made_up(patients, 4, 0.02, 5, &export);
    let clinic = fresh("whole");
    let proxy = Proxy::before(&server.url).await;
    let client = server.client().await;
    let before = followers(&client).await;
    let run = || {
        let mut command = migration(server, &proxy.url, &export, &clinic);
        command.args(["--calls-per-second", "0", "--journal"]).arg(&journal);
        command
    };

    let began = Instant::now();
    let first = tokio::task::spawn_blocking({
        let mut run = run();
        move || run.output().unwrap()
    })
    .await
    .unwrap();
    assert_eq!(first.status.code(), Some(3), "{}", String::from_utf8_lossy(&first.stderr));
    let report = json(&first);
    holds_to_the_truth(&report, &truth);
    let written = |entity: &str| report["entities"][entity]["written"].as_u64().unwrap();
    let moved = ["patient", "appointment", "clinical-note", "prescription", "bill", "campaign-touch", "chat"];
    let rows: u64 = moved.map(written).iter().sum();
    let calls = proxy.seen().len() as u64;
    assert_eq!(report["calls"].as_u64(), Some(calls), "the program counts its calls as the server does");
    assert!(calls <= rows / 500 + 60, "{calls} calls for {rows} rows");
    one_at_a_time(&proxy, Duration::ZERO);
    let took = began.elapsed();

    // An activity's user follows its document: odoo cannot be told not to.
    let unavoidable = followed(&client, &clinic).await;
    let more = followers(&client).await - before;
    assert_eq!(more, unavoidable, "nobody follows but the users of activities");

    let (creates, writes) = (proxy.count("create"), proxy.count("write") + proxy.count("web_save_multi"));
    let second = tokio::task::spawn_blocking({
        let mut run = run();
        move || run.output().unwrap()
    })
    .await
    .unwrap();
    let again = json(&second);
    assert_eq!(proxy.count("create"), creates, "a second run creates nothing");
    assert_eq!(proxy.count("write") + proxy.count("web_save_multi"), writes, "a second run writes nothing");
    assert_eq!(again["entities"]["patient"]["unchanged"], report["entities"]["patient"]["written"]);

    let compared = readback::compare(server, &export, &clinic, &journal).await;
    let scans = scans(&client, &clinic).await;
    assert_eq!(compared.records as u64, rows + written("appointment-status") + scans);
    println!(
        "Odoo {}, {}: {} fields of {} records read back equal; {} defects found; {calls} calls for {rows} rows in {:.0} s; {} followers, no mail; the second run: {} calls, none that writes",
        server.version,
        server.protocol,
        compared.fields,
        compared.records,
        truth.defects.len(),
        took.as_secs_f64(),
        unavoidable,
        proxy.seen().len() as u64 - calls,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_twenty_times_leaves_nothing_out_and_nothing_twice_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, killed_twenty_times(&server)).await;
    }
}

async fn killed_twenty_times(server: &Server) {
    let folder = tempfile::tempdir().unwrap();
    let mut moments = Moments(0x9e37_79b9);
    let (mut kills, mut records, mut fields, mut clinics) = (0, 0, 0, 0);
    // Where a clinic is through before it was killed often enough, the next one is moved.
    while kills < 20 {
        clinics += 1;
        let (export, journal) =
            (folder.path().join(format!("{clinics}")), folder.path().join(format!("{clinics}.journal")));
        let truth = made_up(2000, 4, 0.02, 6 + clinics, &export);
        let clinic = fresh("killed");
        let run = || {
            let mut command = migration(server, &server.url, &export, &clinic);
            command.args(["--calls-per-second", "0", "--settle", "12", "--journal"]).arg(&journal);
            command
        };
        while kills < 20 {
            let mut program = run().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            tokio::time::sleep(moments.next()).await;
            let through = program.try_wait().unwrap().is_some();
            program.kill().unwrap();
            program.wait().unwrap();
            if through {
                break;
            }
            kills += 1;
        }
        let mut last = run();
        let last = tokio::task::spawn_blocking(move || last.output().unwrap()).await.unwrap();
        assert_eq!(last.status.code(), Some(3), "{}", String::from_utf8_lossy(&last.stderr));
        let report = json(&last);
        holds_to_the_truth(&report, &truth);
        let compared = readback::compare(server, &export, &clinic, &journal).await;
        let good: u64 =
            truth.entities.iter().filter(|(entity, _)| *entity != "staff").map(|(_, made)| made.good).sum();
        let stages = report["entities"]["appointment-status"]["read"].as_u64().unwrap();
        let scans = scans(&server.client().await, &clinic).await;
        assert_eq!(compared.records as u64, good + stages + scans, "exactly the right records");
        records += compared.records;
        fields += compared.fields;
    }
    println!(
        "{}: {kills} kills while {clinics} clinics moved: {records} records, {fields} fields equal, none twice, none lost",
        server.protocol
    );
}

/// Moments that nobody chose, the same in every run of the tests: mostly within the first seconds, where most of the work is; now and
/// then late enough that a call which never arrived has been waited for.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let draw = self.0 >> 33;
        Duration::from_millis(if draw.is_multiple_of(7) { 13_000 + draw % 4000 } else { 200 + draw % 4000 })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_keep_one_pace_on_odoo_19() {
    if let Some(server) = Server::named(19).await {
        quietly(&server.client().await, two_programs(&server)).await;
    }
}

async fn two_programs(server: &Server) {
    let proxy = Proxy::before(&server.url).await;
    let folder = tempfile::tempdir().unwrap();
    let programs = ["left", "right"].map(|side| {
        let export = folder.path().join(side);
        made_up(30, 2, 0.0, 7, &export);
        let mut command = migration(server, &proxy.url, &export, &fresh(side));
        command.arg("--journal").arg(folder.path().join(format!("{side}.journal")));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for program in programs {
        let output = tokio::task::spawn_blocking(|| program.wait_with_output().unwrap()).await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let closest = one_at_a_time(&proxy, Duration::from_secs(1));
    println!(
        "{}: two programs: {} calls, never two at once, the closest starts {closest:?} apart",
        server.protocol,
        proxy.seen().len()
    );
}

/// Never two calls at once, never two starts within the gap; tells the closest two starts.
fn one_at_a_time(proxy: &Proxy, gap: Duration) -> Duration {
    let seen = proxy.seen();
    let mut closest = Duration::MAX;
    for pair in seen.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        let apart = next.began - one.began;
        assert!(apart >= gap, "{} began {apart:?} after {}", next.call, one.call);
        assert!(one.ended.is_some_and(|ended| ended <= next.began), "{} and {} at once", one.call, next.call);
        closest = closest.min(apart);
    }
    closest
}

async fn followers(client: &Client) -> u64 {
    client.search_count("mail.followers", Domain::everything()).await.unwrap()
}

/// How many scans of notes are there: a record of their own beside the note.
async fn scans(client: &Client, clinic: &str) -> u64 {
    let of = Domain::field("x_migration_key").compared("=like", format!("pulse:{clinic}:clinical-note:%"));
    client.search_count("ir.attachment", of).await.unwrap()
}

/// How many pairs of a contact and a user there are among the clinic's activities.
async fn followed(client: &Client, clinic: &str) -> u64 {
    let client = client.with_context(Context::new().with("active_test", false));
    let domain = Domain::field("x_migration_key").compared("=like", format!("pulse:{clinic}:%"));
    let mut pages = client.pages("mail.activity", domain, &["res_id", "user_id"], 5000);
    let mut pairs = std::collections::BTreeSet::new();
    while let Some(page) = pages.next().await.unwrap() {
        for activity in page {
            let user = activity.get("user_id").and_then(|user| user.as_array()).map(|user| user[0].as_int());
            pairs.extend(user.map(|user| (activity.get("res_id").and_then(|id| id.as_int()), user)));
        }
    }
    pairs.len() as u64
}

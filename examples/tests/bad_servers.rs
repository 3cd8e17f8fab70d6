//! `pulse_to_odoo` with servers, proxies, disks and people that get in its way: what it says, and that the next run finishes.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::TryStreamExt;
use mapping_core::draft::Lookup;
use mapping_core::journal::{Entry, Journal};
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::migration::Migration;
use odoo_rpc::client::{Client, Login, Protocol};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{API_KEY, Latency, Like, Sandbox, Served, Trouble};
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;
use support::breaker::{Breaker, Deed};
use support::{PROTOCOLS, count, ended, into_sandbox, json, made_up, over, pulse_to_odoo, there};
use tempfile::TempDir;

/// How long the server is at work on a call whose program is stopped: less than the programs take for possible (`--settle 1`).
const DELAY: Duration = Duration::from_millis(300);

/// A served sandbox, and a clean export of twenty patients with two appointments each.
struct Ground {
    folder: TempDir,
    sandbox: Sandbox,
    served: Served,
    protocol: Protocol,
}

impl Ground {
    async fn new() -> Self {
        Self::over(Protocol::XmlRpc).await
    }

    async fn over(protocol: Protocol) -> Self {
        let folder = tempfile::tempdir().unwrap();
        made_up(20, 2, 0.0, 3, &folder.path().join("export"));
        let sandbox = Sandbox::new(Like::Odoo19);
        let served = sandbox.serve("127.0.0.1:0").await.unwrap();
        Self { folder, sandbox, served, protocol }
    }

    fn url(&self) -> String {
        format!("http://{}", self.served.addr())
    }

    fn export(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn run(&self, url: &str) -> Command {
        let mut run = into_sandbox(url, &self.export(), &self.journal());
        if self.protocol == Protocol::Json2 {
            over(&mut run, self.protocol, API_KEY);
        }
        run
    }

    /// Runs again, and sees that everything is there once.
    fn finishes(&self, url: &str) -> Output {
        let output = self.run(url).output().unwrap();
        let (status, said) = ended(&output);
        assert_eq!(status, Some(0), "{said}");
        self.is_whole();
        output
    }

    fn is_whole(&self) {
        assert_eq!(
            there(&self.sandbox, "main"),
            (20, 40 + 5),
            "contacts and activities (appointments, and messages of campaigns), none missing and none twice"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_know_the_user_or_the_database_is_told() {
    let ground = Ground::new().await;
    let url = ground.url();
    let base = |secret: (&str, &str), database: &str, login: &str| {
        let mut run = pulse_to_odoo();
        run.env(secret.0, secret.1).args(["--odoo", &url, "--db", database, "--login", login, "--json"]);
        run.args(["--calls-per-second", "0", "--export"]).arg(ground.export());
        run.arg("--journal").arg(ground.journal());
        let output = run.output().unwrap();
        assert!(output.stdout.is_empty());
        ended(&output)
    };
    for (secret, database, login, told) in [
        (("ODOO_PASSWORD", "hunter2"), "sandbox", "admin", &["login", "password", "API key"][..]),
        (("ODOO_API_KEY", "hunter2"), "sandbox", "admin", &["login", "password", "API key"]),
        (("ODOO_PASSWORD", "admin"), "sandbox", "nobody", &["login", "password"]),
        (("ODOO_PASSWORD", "admin"), "no-such-one", "admin", &["database"]),
    ] {
        let (status, said) = base(secret, database, login);
        assert_eq!(status, Some(1), "{said}");
        assert!(told.iter().all(|told| said.contains(told)), "{said}");
        assert!(!said.contains("hunter2"), "the secret is not repeated");
    }
    assert_eq!(there(&ground.sandbox, "main"), (0, 0));
    ground.finishes(&url);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_at_the_address_is_told() {
    let ground = Ground::new().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let (status, said) = ended(&ground.run(&format!("http://{address}")).output().unwrap());
    assert_eq!(status, Some(1), "{said}");
    for told in [&address.to_string(), "cannot be reached", "nothing was sent", "check address, port"] {
        assert!(said.contains(told), "{said}");
    }
    ground.finishes(&ground.url());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_else_at_the_address_is_told() {
    for protocol in PROTOCOLS {
        let ground = Ground::over(protocol).await;
        let other =
            format!("something else than Odoo's {protocol} answered, such as a login page of a proxy");
        let none = format!("there is no Odoo {protocol} at this address: check host and port");
        for (status, told) in [
            (200, other.as_str()),
            (301, "use the address that it leads to"),
            (403, "a proxy or firewall before the server refuses"),
            (404, none.as_str()),
        ] {
            let breaker = Breaker::before(ground.served.addr(), move |_, _| Deed::Page(status)).await;
            let output = ground.run(&breaker.url).output().unwrap();
            let (ended, said) = ended(&output);
            assert_eq!(ended, Some(1), "{said}");
            assert!(said.contains(told) && said.contains(&format!("HTTP {status}")), "{said}");
            assert!(!said.contains("Something is wrong"), "the page is not repeated");
        }
        ground.finishes(&ground.url());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_gets_lost_on_its_way_is_looked_for() {
    let deeds =
        [Deed::CutReply, Deed::CutRequest, Deed::Page(502), Deed::PageAfter(502), Deed::PageAfter(200)];
    for (protocol, deed) in PROTOCOLS.into_iter().flat_map(|way| deeds.map(|deed| (way, deed))) {
        let ground = Ground::over(protocol).await;
        let struck = |call: &str| ["res.partner.create", "mail.activity.create"].contains(&call);
        let judge =
            move |count: usize, call: &str| if count == 1 && struck(call) { deed } else { Deed::Pass };
        let breaker = Breaker::before(ground.served.addr(), judge).await;
        let output = ground.finishes(&breaker.url);
        assert_eq!(count(&json(&output), "patient", "written"), 20, "{protocol}: {deed:?}");
        assert!(
            breaker.calls().iter().any(|call| struck(call)),
            "{protocol}: {deed:?} struck nothing: {:?}",
            breaker.calls()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_lost_connection_left_in_doubt_the_next_run_finds() {
    // The first contact is the one by which it is seen, after the fields are made, that the server still takes them.
    let creates = [("res.partner", 2), ("mail.activity", 1)];
    for (protocol, (model, which)) in
        PROTOCOLS.into_iter().flat_map(|way| creates.map(|create| (way, create)))
    {
        let ground = Ground::over(protocol).await;
        let broken = Arc::new(AtomicBool::new(false));
        let (breaking, create) = (broken.clone(), format!("{model}.create"));
        // The first answer is cut in two, and from then on nobody is let through until it is mended.
        let judge = move |count: usize, call: &str| match (call == create, breaking.load(Ordering::SeqCst)) {
            (_, true) => Deed::Page(403),
            (true, false) if count == which => {
                breaking.store(true, Ordering::SeqCst);
                Deed::CutReply
            }
            _ => Deed::Pass,
        };
        let breaker = Breaker::before(ground.served.addr(), judge).await;
        let (status, said) = ended(&ground.run(&breaker.url).output().unwrap());
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains("a proxy or firewall before the server refuses"), "{said}");
        assert!(broken.swap(false, Ordering::SeqCst), "{protocol}: {model} was never created");

        let (_, said) = ended(&ground.finishes(&breaker.url));
        assert!(said.contains("rows that an earlier run left in doubt"), "{said}");
    }
}

/// What is looked for is waited for from that time on: an intent that is older than its call would be given up too early.
#[tokio::test]
async fn an_intent_is_as_young_as_its_place_in_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    made_up(6, 0, 0.0, 3, folder.path());
    let sandbox = Sandbox::new(Like::Odoo19);
    sandbox.latency(Latency::new(Duration::from_millis(2), Duration::from_millis(10)));
    let client = Client::over(sandbox, Login::new("sandbox", "admin", "admin")).connect().await.unwrap();
    let (odoo, journal) = (OdooWriter::new(client), MemoryJournal::default());
    let pulse = PulseExport::open(folder.path(), PulseOptions::default()).unwrap();
    let mapper = source_pulse::mapping::odoo_mapper(pulse.zone()).unwrap();
    let migration = Migration::new(&pulse, &mapper, &odoo, &journal).chunk(2);
    migration.fallback(Lookup::new("res.users", "login", "admin")).run().await.unwrap();
    let entries: Vec<Entry> = journal.entries().try_collect().await.unwrap();
    let times: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Intent(intent) => Some(intent.at),
            Entry::Receipt(receipt) => Some(receipt.at),
            _ => None,
        })
        .collect();
    assert!(times.len() >= 12 && times.is_sorted(), "{times:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_stop_it_says_how_to_go_on_and_the_same_line_finishes() {
    for (signal, protocol) in ["-INT", "-TERM"].into_iter().zip(PROTOCOLS) {
        let ground = Ground::over(protocol).await;
        ground.sandbox.trouble(Trouble::delay(DELAY).on("res.partner", "create"));
        let program =
            ground.run(&ground.url()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // In the middle of a call that creates.
        until(|| {
            ground.sandbox.log().iter().any(|seen| seen.method == "create" && seen.model == "res.partner")
        })
        .await;
        let output = stopped(program, signal);
        let (status, said) = ended(&output);
        assert_eq!(status, Some(1), "{said}");
        assert!(
            said.contains("stopped; start it with the same line again: it goes on where it was"),
            "{said}"
        );
        assert!(output.stdout.is_empty());
        ground.finishes(&ground.url());
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_killed_is_finished_by_the_next() {
    for protocol in PROTOCOLS {
        let ground = Ground::over(protocol).await;
        ground.sandbox.trouble(Trouble::delay(DELAY).on("mail.activity", "create"));
        let program =
            ground.run(&ground.url()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        until(|| {
            ground.sandbox.log().iter().any(|seen| seen.method == "create" && seen.model == "mail.activity")
        })
        .await;
        assert_eq!(ended(&stopped(program, "-KILL")).0, None);
        ground.finishes(&ground.url());
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_may_not_grow_stops_the_run_and_the_next_finishes() {
    let ground = Ground::new().await;
    let run = ground.run(&ground.url());
    // Files of so many blocks and no more; a write beyond is an error, as on a full disk, and not a signal.
    let mut limited = in_shell("trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"", &run);
    let (status, said) = ended(&limited.output().unwrap());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("start again") && said.contains("(file "), "{said}");
    ground.finishes(&ground.url());
}

/// Needs the right to mount; where there is none the test before this one stands for it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_on_a_full_disk_stops_the_run_and_the_next_finishes() {
    let allowed = Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        return;
    }
    let ground = Ground::new().await;
    let disk = ground.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let run = into_sandbox(&ground.url(), &ground.export(), &disk.join("journal"));
    let script = format!(
        "mount -t tmpfs -o size=64k none '{0}' || exit 9; \"$0\" \"$@\"; echo \"ended with $?\" >&2; \
         mount -o remount,size=50m '{0}' || exit 9; exec \"$0\" \"$@\"",
        disk.display()
    );
    let inner = in_shell(&script, &run);
    let mut outer = Command::new("unshare");
    outer.arg("-m").arg(inner.get_program()).args(inner.get_args()).env("ODOO_PASSWORD", "admin");
    let (status, said) = ended(&outer.output().unwrap());
    assert!(said.contains("the disk is full; make room, then start again"), "{said}");
    assert!(said.contains("ended with 1"), "{said}");
    assert_eq!(status, Some(0), "{said}");
    ground.is_whole();
}

/// The same command, started by a shell that does something before.
#[cfg(unix)]
fn in_shell(script: &str, run: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(run.get_program()).args(run.get_args());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

#[cfg(unix)]
fn stopped(program: Child, signal: &str) -> Output {
    let sent = Command::new("kill").args([signal, &program.id().to_string()]).status().unwrap();
    assert!(sent.success());
    program.wait_with_output().unwrap()
}

async fn until(mut there: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if there() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came to that");
}

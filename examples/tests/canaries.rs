//! No value of a patient and no secret leaves `pulse_to_odoo` but for Odoo and the journal, whatever goes wrong on the way.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use odoo_rpc::client::Protocol;
use odoo_rpc::sandbox::{API_KEY, Like, Sandbox, Trouble};
use odoo_rpc::wire::{Fault, Struct, Value};
use support::breaker::{Breaker, Deed};
use support::canary::{different, found, write};
use support::{PROTOCOLS, count, json, over, pulse_to_odoo, there};

/// The administrator's password. Over JSON-2 it is the sandbox's key that must not be seen.
const SECRET: &str = "Canary-Secret-1";

#[test]
fn nothing_leaves_a_run_into_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let (export, report) = (folder.path().join("export"), folder.path().join("report"));
    write(&export);
    let ways = ["xml-rpc", "json-2"];
    for (way, form) in ways.into_iter().flat_map(|way| [&["--json"][..], &[]].map(|form| (way, form))) {
        let mut run = loud();
        run.args(form)
            .args(["--protocol", way, "--export"])
            .arg(&export)
            .arg("--journal")
            .arg(folder.path().join(way))
            .arg("--report")
            .arg(&report);
        let output = run.output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        is_silent(&output, Some(&report));
        if form.is_empty() {
            continue;
        }
        let told = json(&output);
        assert_eq!(["written", "refused"].map(|what| count(&told, "patient", what)), [6, 3], "{told}");
        assert_eq!(["written", "refused"].map(|what| count(&told, "appointment", what)), [5, 5], "{told}");
        assert!(count(&told, "patient", "flags") > 20, "{told}");
        assert!(said(&output).contains("res.partner.create"), "a loud run tells its calls");
    }
    assert!(
        found(&fs::read(export.join("Patients.csv")).unwrap()).is_some(),
        "what is looked for can be found"
    );
    for way in ways {
        let kept = fs::read_to_string(folder.path().join(format!("{way}.sandbox"))).unwrap();
        assert!(different(&kept) > 120, "only {} of them came to Odoo", different(&kept));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_a_run_whose_rows_the_server_refuses_and_quotes() {
    for protocol in PROTOCOLS {
        let (sandbox, address) = with_secret().await;
        for model in ["res.partner", "mail.activity"] {
            sandbox.trouble(Trouble::refuse_rows(model, quoting));
        }
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report");
        let mut run = against(&address.url(), folder.path(), protocol);
        let output = run.arg("--report").arg(&report).output().unwrap();
        is_silent(&output, Some(&report));
        assert_eq!(output.status.code(), Some(3), "{}", said(&output));
        let told = json(&output);
        // All but one patient, with them their appointments, and that one's appointment.
        let patients = ["written", "refused"].map(|what| count(&told, "patient", what));
        assert_eq!(patients, [1, 8], "{protocol}: {told}");
        assert_eq!(count(&told, "appointment", "written"), 0, "{protocol}: {told}");
        let fields: Vec<&str> =
            told["refusals"].as_array().unwrap().iter().filter_map(|row| row["field"].as_str()).collect();
        assert!(fields.contains(&"x_studio_gender"), "{protocol}: what may be told is told: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_a_run_whose_answers_get_lost_or_are_pages_that_repeat_the_request() {
    let deeds = [Deed::CutReply, Deed::CutRequest, Deed::Page(200), Deed::PageAfter(502)];
    for (protocol, deed) in PROTOCOLS.into_iter().flat_map(|way| deeds.map(|deed| (way, deed))) {
        let (sandbox, address) = with_secret().await;
        let strikes = |call: &str| ["res.partner.create", "mail.activity.create"].contains(&call);
        let judge =
            move |count: usize, call: &str| if count == 1 && strikes(call) { deed } else { Deed::Pass };
        let breaker = Breaker::before(address.0.addr(), judge).await;
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report");
        let mut run = against(&breaker.url, folder.path(), protocol);
        let output = run.arg("--report").arg(&report).output().unwrap();
        is_silent(&output, Some(&report));
        assert_eq!(output.status.code(), Some(3), "{protocol}, {deed:?}: {}", said(&output));
        assert_eq!(there(&sandbox, "main"), (6, 5), "{protocol}, {deed:?}");
        assert!(said(&output).contains("not written"), "{protocol}, {deed:?} struck nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_a_run_that_cannot_go_on() {
    let (sandbox, address) = with_secret().await;
    let folder = tempfile::tempdir().unwrap();
    let faults = [
        Fault::new(3, "Access Denied: Canary-Secret-1"),
        Fault::new(4, "You are not allowed to create 'CANARY-001' (CANARY-002) records. (Canary-Secret-1)"),
    ];
    for (protocol, fault) in PROTOCOLS.into_iter().flat_map(|way| faults.clone().map(|fault| (way, fault))) {
        sandbox.trouble(Trouble::refuse(fault).on("res.partner", "create"));
        let output = against(&address.url(), folder.path(), protocol).output().unwrap();
        is_silent(&output, None);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let told = ["refuses the login", "the user may not create such records"];
        assert!(told.iter().any(|told| said(&output).contains(told)), "{}", said(&output));
    }
    sandbox.calm();
    assert_eq!(there(&sandbox, "main"), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_is_wrong_stays_one() {
    let sandbox = Sandbox::new(Like::Odoo19);
    let address = Address(sandbox.serve("127.0.0.1:0").await.unwrap());
    let echo = Breaker::before(address.0.addr(), |_, call| match call {
        "authenticate" | "res.users.context_get" => Deed::Page(403),
        _ => Deed::Pass,
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    for protocol in PROTOCOLS {
        for url in [&address.url(), &echo.url] {
            for variable in ["ODOO_API_KEY", "ODOO_PASSWORD"] {
                let mut run = against(url, folder.path(), protocol);
                run.env_remove("ODOO_PASSWORD")
                    .env_remove("ODOO_API_KEY")
                    .env(variable, "CANARY-WRONG-SECRET");
                let output = run.output().unwrap();
                is_silent(&output, None);
                assert_eq!(output.status.code(), Some(1), "{}", said(&output));
            }
        }
        // One that cannot be sent at all.
        let mut run = against(&address.url(), folder.path(), protocol);
        let output = run.env_remove("ODOO_API_KEY").env("ODOO_PASSWORD", "CANARY\u{1}").output().unwrap();
        is_silent(&output, None);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    }
}

#[test]
fn a_file_without_a_header_is_told_without_its_first_row() {
    let folder = tempfile::tempdir().unwrap();
    for rows in [
        "CANARY-1,CANARY-2\nCANARY-3,CANARY-4\n",
        "CANARY-1,CANARY-1\n",
        "Patient ID,CANARY-1,CANARY-1\nP-1,,\n",
    ] {
        fs::write(folder.path().join("Patients.csv"), rows).unwrap();
        let output = loud().arg("--export").arg(folder.path()).output().unwrap();
        is_silent(&output, None);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    }
}

/// The program, told to say all it can.
fn loud() -> Command {
    let mut command = pulse_to_odoo();
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
    command
}

/// Loud, with the canaries' export, over that protocol into what is served at `url`.
fn against(url: &str, folder: &Path, protocol: Protocol) -> Command {
    let export = folder.join("export");
    if !export.exists() {
        write(&export);
    }
    let mut command = loud();
    over(&mut command, protocol, if protocol == Protocol::Json2 { API_KEY } else { SECRET });
    command.arg("--export").arg(export).args(["--odoo", url, "--db", "sandbox"]);
    command.args([
        "--login",
        "admin",
        "--fallback-user",
        "admin",
        "--calls-per-second",
        "0",
        "--settle",
        "1",
        "--json",
    ]);
    command.arg("--journal").arg(folder.join("journal"));
    command
}

struct Address(odoo_rpc::sandbox::Served);

impl Address {
    fn url(&self) -> String {
        format!("http://{}", self.0.addr())
    }
}

/// A served sandbox whose administrator has the secret.
async fn with_secret() -> (Sandbox, Address) {
    let sandbox = Sandbox::new(Like::Odoo19);
    let ids = Value::from(vec![Value::from(2)]);
    let password = Struct::new().with("password", SECRET);
    let args = vec![ids, password.into()];
    sandbox.execute("sandbox", 2, "admin", "res.users", "write", args, Struct::new()).unwrap();
    let served = sandbox.serve("127.0.0.1:0").await.unwrap();
    (sandbox, Address(served))
}

/// A refusal as Odoo and PostgreSQL write them, with the row in it; another for each patient but the last, and one for the last's appointment.
fn quoting(row: &Struct) -> Option<Fault> {
    let all: Vec<&str> = row.iter().filter_map(|(_, value)| value.as_text()).collect();
    let (all, name) =
        (all.join(", "), row.get("name").or(row.get("note")).and_then(Value::as_text).unwrap_or_default());
    let key = row.get("x_migration_key").and_then(Value::as_text)?;
    Some(match key.rsplit('-').next()? {
        "1" => Fault::new(1, format!("{name}: {all}")),
        "2" => {
            let text = format!(
                "null value in column \"name\" of relation \"res_partner\" violates not-null constraint\nDETAIL:  Failing row contains ({all})."
            );
            Fault::new(1, traceback("psycopg2.errors.NotNullViolation", &text))
        }
        "3" => Fault::new(
            1,
            traceback("ValueError", &format!("Wrong value for res.partner.x_studio_gender: '{name}'")),
        ),
        "4" => {
            let text = format!(
                "duplicate key value violates unique constraint \"res_partner_email_uniq\"\nDETAIL:  Key (email)=({name}) already exists."
            );
            Fault::new(1, traceback("psycopg2.errors.UniqueViolation", &text))
        }
        "5" => Fault::new(2, format!("{name}\n{all}\nModel: {name} ({name}), Field: {name} ({name})")),
        "9" => Fault::new(
            1,
            traceback("odoo.tools.misc.Oddity", &format!("{all}\n{name}: {all}\n{name}.{name}: {all}")),
        ),
        _ => return None,
    })
}

fn traceback(class: &str, message: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"/odoo/http.py\", line 1, in dispatch\n    run('{message}')\n{class}: {message}\n"
    )
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sees that neither standard output, nor standard error, nor a report holds a canary or the key, and that nothing panicked.
fn is_silent(output: &Output, report: Option<&Path>) {
    for (stream, written) in [("output", &output.stdout), ("error", &output.stderr)] {
        assert_eq!(found(written), None, "on standard {stream}");
        assert!(!String::from_utf8_lossy(written).contains(API_KEY), "the key is on standard {stream}");
    }
    assert!(!said(output).contains("panicked"), "{}", said(output));
    let Some(report) = report else { return };
    let files: Vec<_> = fs::read_dir(report).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4);
    for file in files {
        assert_eq!(found(&fs::read(&file).unwrap()), None, "in {}", file.display());
    }
}

//! The sandbox program, asked by CPython's own XML-RPC client.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use odoo_rpc::sandbox::API_KEY;

const CLIENT: &str = r#"
import sys, xmlrpc.client
url = sys.argv[1]
uid = xmlrpc.client.ServerProxy(url + "/xmlrpc/2/common").authenticate("sandbox", "admin", "admin", {})
odoo = xmlrpc.client.ServerProxy(url + "/xmlrpc/2/object", allow_none=True)
def call(model, method, *args):
    return odoo.execute_kw("sandbox", uid, "admin", model, method, list(args))
asha = call("res.partner", "create", {"name": "Asha Rao", "ref": None, "comment": "a < b \u00e9"})
print(uid, call("res.partner", "read", [asha], ["name", "ref", "create_uid"])[0]["name"])
try:
    call("res.partner", "create", {"nope": 1})
except xmlrpc.client.Fault as fault:
    print(fault.faultCode)
"#;

#[test]
fn cpython_logs_in_creates_and_reads() {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "python3 is missing");
        println!("python3 is missing: CPython's client was not asked");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("odoo.jsonl");
    for (round, like) in ["19", "19"].into_iter().enumerate() {
        let (mut program, address) =
            start(&["--port", "0", "--like", like, "--data", data.to_str().unwrap()]);
        let asked = Command::new("python3").args(["-c", CLIENT, &address]).output().unwrap();
        let said = String::from_utf8_lossy(&asked.stdout).replace("\r\n", "\n");
        assert_eq!(said, "2 Asha Rao\n1\n", "{}", String::from_utf8_lossy(&asked.stderr));
        end(&mut program);
        let kept = std::fs::read_to_string(&data).unwrap().matches("Asha Rao").count();
        assert!(kept > round, "the file keeps what every round made");
    }
}

#[test]
fn a_file_that_is_not_its_own_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("notes.txt");
    std::fs::write(&data, "notes").unwrap();
    let output = program().args(["--port", "0", "--data"]).arg(&data).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a file that a sandbox keeps"));
    assert_eq!(std::fs::read_to_string(&data).unwrap(), "notes");
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_odoo_sandbox"))
}

/// Starts the program and waits until it names its address.
fn start(options: &[&str]) -> (Child, String) {
    let mut child = program().args(options).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("address:").trim().to_owned();
    let mut rest = String::new();
    for _ in 0..3 {
        lines.read_line(&mut rest).unwrap();
    }
    assert!(rest.contains("sandbox") && rest.contains("admin"));
    assert!(rest.contains(API_KEY) && rest.contains("JSON-2"), "{rest}");
    child.stdout = Some(lines.into_inner());
    (child, address)
}

/// Ends the program as a person would, and sees it end well.
fn end(child: &mut Child) {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    if asked.is_ok_and(|status| status.success()) {
        assert!(child.wait().unwrap().success(), "SIGTERM ends it cleanly");
    } else {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
}

//! The doctor, with the Odoo in this process for a patient.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use odoo_rpc::doctor::{Checkup, Doctor, Severity, Topic};
use odoo_rpc::sandbox::{Like, Sandbox};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use sandboxed::{BOTH, client_over};

/// A server whose clock runs so far ahead.
#[derive(Debug)]
struct Ahead(Sandbox, SignedDuration);

#[async_trait]
impl Transport for Ahead {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut answer = self.0.send(request).await?;
        answer.date = Some(Timestamp::now() + self.1);
        Ok(answer)
    }
}

fn checkup() -> Checkup {
    Checkup::new().writes("res.partner").makes_model("x_stage").reads("res.users")
}

#[tokio::test]
async fn it_says_what_is_there_and_writes_nothing() {
    for like in BOTH {
        let sandbox = Sandbox::new(like);
        let client = client_over(sandbox.clone()).await;
        let login = client.calls();
        let diagnosis = Doctor::examine(&client, &checkup()).await.unwrap();
        assert!(diagnosis.worst() < Severity::Problem, "{diagnosis}");
        let facts = diagnosis.facts.as_ref().unwrap();
        assert_eq!(facts.has_app("contacts"), Some(true));
        assert_eq!(facts.model("x_stage").unwrap().there, Some(false));
        assert!(facts.model("res.partner").unwrap().may.values().all(|may| *may));
        assert_eq!((facts.calls + login, facts.protocol), (client.calls(), client.protocol().name()));
        for seen in sandbox.log() {
            let harmless = [
                "version",
                "authenticate",
                "context_get",
                "read",
                "search_read",
                "search_count",
                "has_access",
                "check_access_rights",
            ];
            assert!(harmless.contains(&seen.method.as_str()), "{}", seen.method);
        }
    }
}

#[tokio::test]
async fn one_answer_is_for_people_and_one_for_programs() {
    let diagnosis =
        Doctor::examine(&client_over(Sandbox::new(Like::Odoo19)).await, &checkup().writes("zz.zz"))
            .await
            .unwrap();
    let first = &diagnosis.findings[0];
    assert_eq!((first.severity, first.topic), (Severity::Problem, Topic::Rights), "{first}");
    assert!(diagnosis.to_string().starts_with("PROBLEM  rights    there is no model zz.zz\n"), "{diagnosis}");
    let json = serde_json::to_value(&diagnosis).unwrap();
    assert_eq!(json["findings"][0]["severity"], "problem");
    assert_eq!(json["findings"][0]["advice"], first.advice);
    assert_eq!(json["facts"]["models"][0]["may"]["create"], true);
    assert_eq!(json["facts"]["version"], "19.0");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told() {
    for (seconds, wrong) in [(0, false), (60, true), (-60, true)] {
        let server = Ahead(Sandbox::new(Like::Odoo19), SignedDuration::from_secs(seconds));
        let diagnosis = Doctor::examine(&client_over(server).await, &Checkup::new()).await.unwrap();
        let finding = diagnosis.about(Topic::Clock).next().unwrap();
        assert_eq!(finding.severity == Severity::Warning, wrong, "{finding}");
    }
}

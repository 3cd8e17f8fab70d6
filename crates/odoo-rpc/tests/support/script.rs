//! A transport that answers as told, and a client over it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use odoo_rpc::client::{Client, Connector, Login};
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Call, Fault, Limits, Struct, Value, decode_call, encode_fault, encode_response};

/// What must not appear anywhere.
pub(crate) const CANARY: &str = "canary-7f3a";

/// Answers in order, and keeps what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Script {
    answers: Mutex<VecDeque<Result<Response, TransportError>>>,
    pub(crate) calls: Mutex<Vec<Call>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        // What is asked by GET holds no call.
        if let Ok(call) = decode_call(request.body.in_memory().unwrap(), &Limits::default()) {
            self.calls.lock().unwrap().push(call);
        }
        self.answers.lock().unwrap().pop_front().expect("a call that is not in the script")
    }
}

impl Script {
    pub(crate) fn say(&self, answer: Result<Response, TransportError>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn value(&self, value: impl Into<Value>) {
        self.say(Ok(Response::new(200, "text/xml", encode_response(&value.into()).unwrap())));
    }

    #[allow(dead_code, reason = "recorded faults are said as they are")]
    pub(crate) fn fault(&self, code: i64, text: &str) {
        self.say(Ok(Response::new(200, "text/xml", encode_fault(&Fault::new(code, text)))));
    }

    /// The arguments and keywords of the last call.
    pub(crate) fn last(&self) -> (Vec<Value>, Struct) {
        let calls = self.calls.lock().unwrap();
        let params = &calls.last().unwrap().params;
        (params[5].as_array().unwrap().to_vec(), params[6].as_struct().unwrap().clone())
    }
}

pub(crate) fn connector(script: &Arc<Script>) -> Connector {
    Client::over(Arc::clone(script), Login::new("clinic", "ops@example.org", CANARY))
}

pub(crate) fn version(major: i32) -> Struct {
    Struct::new().with(
        "server_version_info",
        vec![major.into(), 0.into(), 0.into(), "final".into(), 0.into(), "".into()],
    )
}

pub(crate) async fn connected(major: i32) -> (Client, Arc<Script>) {
    let script = Arc::new(Script::default());
    script.value(version(major));
    script.value(2);
    let client = connector(&script).connect().await.unwrap();
    (client, script)
}

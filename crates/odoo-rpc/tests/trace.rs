//! What the client tells of its calls. The one test of its program, since subscribers are shared between threads.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what went wrong by stopping"
)]

#[path = "support/script.rs"]
mod script;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use odoo_rpc::wire::{Struct, Value};
use script::{CANARY, connected};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes every event to a text.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<String>>);

impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "odoo_rpc"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

#[tokio::test]
async fn events_name_the_call_and_no_value() {
    let watch = Watch::default();
    let guard = tracing::subscriber::set_default(watch.clone());
    let (client, script) = connected(19).await;
    script.value(Value::Array(vec![7.into()]));
    client.create("res.partner", vec![Struct::new().with("name", CANARY)]).await.unwrap();
    assert_eq!(script.last().0.len(), 1);
    script.fault(2, CANARY);
    client.create("res.partner", vec![Struct::new().with("name", CANARY)]).await.unwrap_err();
    script.value(Value::Array(vec![Struct::new().with("id", 7).with("name", CANARY).into()]));
    client.read("res.partner", &[7], &["name"]).await.unwrap();
    drop(guard);
    let told = watch.0.lock().unwrap().clone();
    for part in
        ["call=res.partner.create rows=1", "status=200", "millis=", "call=common.authenticate", "refuses it"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains(CANARY), "{told}");
}

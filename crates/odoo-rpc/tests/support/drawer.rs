//! An Odoo that keeps attachments and nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use odoo_rpc::client::{Client, Login};
use odoo_rpc::files::Attachments;
use odoo_rpc::transport::{FileError, Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Fault, Limits, Struct, Value, decode_call, encode_fault, encode_response};
use sha1::{Digest, Sha1};

/// What happens to the next call that makes attachments.
pub(crate) enum Mishap {
    /// This happens before it leaves.
    Do(Box<dyn FnOnce() + Send>),
    /// It is carried out, and its answer lost.
    LoseTheAnswer,
    /// It is lost.
    LoseTheCall,
    /// It is sent to another address.
    SendElsewhere,
}

/// The drawer: contacts 1 to 1000, and their attachments.
#[derive(Default)]
pub(crate) struct Drawer(Mutex<State>);

#[derive(Default)]
struct State {
    rows: BTreeMap<i64, (Struct, Vec<u8>)>,
    calls: usize,
    creates: usize,
    largest: usize,
    most: Option<usize>,
    contexts: Vec<Struct>,
    mishap: Option<Mishap>,
    refused: Option<i64>,
    spoiled: Option<i64>,
}

/// A drawer, and what sends to it.
pub(crate) async fn attachments() -> (Arc<Drawer>, Attachments) {
    let drawer = Arc::new(Drawer::default());
    let client = Client::over(Arc::clone(&drawer), Login::new("clinic", "ops@example.org", "x"));
    let client = client.connect().await.unwrap();
    (drawer, Attachments::new(client))
}

impl Drawer {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    pub(crate) fn before_creating(&self, mishap: Mishap) {
        self.with(|state| state.mishap = Some(mishap));
    }

    pub(crate) fn take_at_most(&self, bytes: usize) {
        self.with(|state| state.most = Some(bytes));
    }

    pub(crate) fn refuse_record(&self, id: i64) {
        self.with(|state| state.refused = Some(id));
    }

    pub(crate) fn spoil_record(&self, id: i64) {
        self.with(|state| state.spoiled = Some(id));
    }

    /// Calls of models' methods.
    pub(crate) fn calls(&self) -> usize {
        self.with(|state| state.calls)
    }

    pub(crate) fn creates(&self) -> usize {
        self.with(|state| state.creates)
    }

    pub(crate) fn stored(&self) -> usize {
        self.with(|state| state.rows.len())
    }

    /// The largest body.
    pub(crate) fn largest(&self) -> usize {
        self.with(|state| state.largest)
    }

    pub(crate) fn content(&self, id: i64) -> Vec<u8> {
        self.with(|state| state.rows[&id].1.clone())
    }

    /// The contexts of the calls that make attachments.
    pub(crate) fn contexts(&self) -> Vec<Struct> {
        self.with(|state| state.contexts.clone())
    }
}

impl fmt::Debug for Drawer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawer")
    }
}

#[async_trait]
impl Transport for Drawer {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let length = request.body.len();
        let body = request.body.read().await.map_err(|error| match FileError::of(&error) {
            Some(error) => TransportError::unreadable(error),
            None => TransportError::not_sent(error.to_string()),
        })?;
        assert_eq!(body.len(), length);
        let call = decode_call(&body, &Limits::default()).unwrap();
        let text = |at: usize| call.params.get(at).and_then(Value::as_text).unwrap_or_default();
        let (model, method) = (text(3), text(4));
        if call.method != "execute_kw" {
            let version = vec![19.into(), 0.into(), 0.into(), "final".into(), 0.into(), "".into()];
            let version = Struct::new().with("server_version_info", version).into();
            return Ok(answer(if call.method == "version" { version } else { 2.into() }));
        }
        let (args, options) = (call.params[5].as_array().unwrap(), call.params[6].as_struct().unwrap());
        self.with(|state| {
            state.calls += 1;
            state.largest = state.largest.max(length);
            match (model, method) {
                ("res.partner", "search") => {
                    Ok(answer((1..=1000).map(Value::from).collect::<Vec<_>>().into()))
                }
                ("ir.attachment", "search_read" | "read") => {
                    // The last question before files leave.
                    if let Some(Mishap::Do(act)) =
                        state.mishap.take_if(|mishap| matches!(mishap, Mishap::Do(_)))
                    {
                        act();
                    }
                    Ok(answer(
                        state.rows.values().map(|(row, _)| row.clone().into()).collect::<Vec<_>>().into(),
                    ))
                }
                ("ir.attachment", "create") => {
                    state.creates += 1;
                    let mishap = state.mishap.take();
                    state.create(length, args, options, mishap.as_ref())
                }
                _ => panic!("{model}.{method} was called"),
            }
        })
    }
}

impl State {
    fn create(
        &mut self,
        length: usize,
        args: &[Value],
        options: &Struct,
        mishap: Option<&Mishap>,
    ) -> Result<Response, TransportError> {
        match mishap {
            Some(Mishap::LoseTheCall) => return Err(TransportError::unknown("lost")),
            Some(Mishap::SendElsewhere) => return Ok(Response::new(301, "text/html", Vec::new())),
            _ => {}
        }
        if self.most.is_some_and(|most| length > most) {
            return Ok(Response::new(413, "text/html", Vec::new()));
        }
        let context = options.get("context").and_then(Value::as_struct).cloned().unwrap_or_default();
        let rows = args[0].as_array().unwrap();
        let record = |row: &Value| row.as_struct().unwrap().get("res_id").and_then(Value::as_int);
        if rows.iter().any(|row| self.refused.is_some() && record(row) == self.refused) {
            return Ok(Response::new(200, "text/xml", encode_fault(&Fault::new(2, "no"))));
        }
        let mut ids = Vec::new();
        for row in rows {
            let row = row.as_struct().unwrap();
            let datas = row.get("datas").or(context.get("default_datas")).and_then(Value::as_text).unwrap();
            let mut content = STANDARD.decode(datas).unwrap();
            if self.spoiled.is_some() && row.get("res_id").and_then(Value::as_int) == self.spoiled {
                content.reverse();
            }
            let checksum: String = Sha1::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
            let id = self.rows.len() as i64 + 1;
            let mut stored = Struct::new().with("id", id).with("checksum", checksum.as_str());
            stored = stored.with("file_size", content.len() as i64);
            for (name, value) in row.iter().filter(|(name, _)| *name != "datas") {
                stored = stored.with(name, value.clone());
            }
            self.rows.insert(id, (stored, content));
            ids.push(Value::from(id));
        }
        self.contexts.push(context);
        match mishap {
            Some(Mishap::LoseTheAnswer) => Err(TransportError::unknown("lost")),
            _ => Ok(answer(ids.into())),
        }
    }
}

fn answer(value: Value) -> Response {
    Response::new(200, "text/xml", encode_response(&value).unwrap())
}

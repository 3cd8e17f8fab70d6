//! The sandbox as a transport: a request in, an answer out, or none.

use async_trait::async_trait;

use crate::sandbox::faults::{self, Outcome};
use crate::sandbox::jsonrpc;
use crate::sandbox::service::{self, Service};
use crate::sandbox::trouble::What;
use crate::sandbox::version::Like;
use crate::sandbox::{Sandbox, controls, json2, lock};
use crate::transport::{FileError, Method, Request, Response, Transport, TransportError};
use crate::wire::{Call, Limits, decode_call, encode_fault, encode_response};

/// The largest body Odoo takes from 17 on.
pub(super) const LARGEST_17: usize = 128 * 1024 * 1024;

/// A request, over a socket or not.
pub(super) struct Asked {
    pub(super) get: bool,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// What a request comes to.
pub(super) enum Reply {
    Answer(Response),
    /// An answer that begins a session, with its cookie.
    Session(Response, String),
    /// The connection breaks without one.
    Nothing,
}

/// What a call comes to, before its protocol writes it down.
pub(super) enum Worked {
    Done(Outcome),
    /// A page from something that stands before the server.
    Page(Response),
    /// The connection breaks without an answer.
    Nothing,
}

#[async_trait]
impl Transport for Sandbox {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        // In a task of its own: the server goes on, whether or not anybody still waits.
        let Request { method, path, headers, body, .. } = request;
        let body = body.read().await.map_err(|error| match FileError::of(&error) {
            Some(error) => TransportError::unreadable(error),
            None => TransportError::not_sent(error.kind().to_string()),
        })?;
        let asked = Asked { get: method == Method::Get, path: path.into_owned(), headers, body };
        let work = tokio::spawn(self.clone().receive(asked));
        match work.await {
            Ok(Reply::Answer(response) | Reply::Session(response, _)) => Ok(response),
            Ok(Reply::Nothing) => {
                Err(TransportError::unknown("the connection was closed before an answer came"))
            }
            Err(_) => Err(TransportError::unknown("the sandbox ended before it answered")),
        }
    }
}

impl Sandbox {
    /// Receives a request and works it off.
    pub(super) async fn receive(self, asked: Asked) -> Reply {
        let bytes = asked.body.len();
        let large = self.like().at_least(17) && bytes > LARGEST_17;
        if jsonrpc::answers(&asked.path) {
            return if large { Reply::Answer(too_large()) } else { self.json_rpc(asked).await };
        }
        let Some(service) = Service::at(self.like(), &asked.path) else {
            let known = asked.get && self.like().is_19() && asked.path == "/web/version";
            let nothing = || page(404, "Not Found", "The requested URL was not found on the server.");
            return Reply::Answer(if known { json2::version_page() } else { nothing() });
        };
        if large {
            return Reply::Answer(too_large());
        }
        let call = match self.call(service, asked) {
            Ok(call) => call,
            Err(response) => return Reply::Answer(response),
        };
        match self.run(service, call, bytes).await {
            Worked::Done(outcome) => Reply::Answer(answer(self.like(), service, outcome)),
            Worked::Page(response) => Reply::Answer(response),
            Worked::Nothing => Reply::Nothing,
        }
    }

    /// Notes a call, and works it off as the script says.
    pub(super) async fn run(&self, service: Service, call: Call, bytes: usize) -> Worked {
        let (model, method, rows) = service::subject(service, &call);
        let place = self.0.log.begin(&model, &method, rows, bytes);
        let strikes = lock(&self.0.script).strike(&model, &method);
        let worked = self.work(service, call, strikes, rows, bytes).await;
        self.0.log.end(place);
        worked
    }

    /// The call a request holds, or the answer to one that holds none.
    fn call(&self, service: Service, asked: Asked) -> Result<Call, Response> {
        if service == Service::Json2 {
            let (model, method) = json2::target(&asked.path).unwrap_or_default();
            return self.json_call(model, method, &asked.headers, &asked.body);
        }
        decode_call(&asked.body, &Limits::default()).map_err(|_| {
            let fault = faults::traceback("xml.parsers.expat.ExpatError", "syntax error: line 1, column 0");
            answer(self.like(), service, Err(fault))
        })
    }

    async fn work(
        &self,
        service: Service,
        call: Call,
        strikes: Vec<What>,
        rows: usize,
        bytes: usize,
    ) -> Worked {
        let mut wait = self.0.log.delay(rows);
        let mut decisive = None;
        for strike in strikes {
            match strike {
                What::Delay(by) => wait += by,
                What::TooLarge(above) if bytes <= above => {}
                What::RefuseRows(judge) => {
                    let fault = service::values(&call).into_iter().find_map(|values| judge(values));
                    decisive = decisive.or(fault.map(What::Refuse));
                }
                strike => decisive = decisive.or(Some(strike)),
            }
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        match decisive {
            None => Worked::Done(self.dispatch(service, call)),
            Some(What::Refuse(fault)) => Worked::Done(Err(fault)),
            Some(What::TooLarge(_)) => Worked::Page(too_large()),
            Some(What::CutBeforeCommit) => Worked::Nothing,
            Some(What::LoseReply) => {
                let _lost = self.dispatch(service, call);
                Worked::Nothing
            }
            Some(What::CommitLater(after)) => {
                let server = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let _lost = server.dispatch(service, call);
                });
                Worked::Nothing
            }
            Some(What::BadGateway { committed }) => {
                if committed {
                    let _lost = self.dispatch(service, call);
                }
                Worked::Page(page(502, "Bad Gateway", "The proxy got no answer."))
            }
            Some(What::HtmlPage { committed }) => {
                if committed {
                    let _lost = self.dispatch(service, call);
                }
                Worked::Page(page(200, "Odoo", "Please come back later."))
            }
            Some(What::Delay(_) | What::RefuseRows(_)) => Worked::Done(self.dispatch(service, call)),
        }
    }
}

fn answer(like: Like, service: Service, outcome: Outcome) -> Response {
    if service == Service::Json2 {
        return json2::answer(outcome);
    }
    let encoded = match outcome {
        Ok(value) => encode_response(&value)
            .or_else(|_| controls::encode(like, &value))
            .unwrap_or_else(|error| encode_fault(&faults::traceback("TypeError", &error.to_string()))),
        Err(fault) => encode_fault(&fault),
    };
    Response::new(200, "text/xml; charset=utf-8", encoded)
}

pub(super) fn too_large() -> Response {
    page(413, "Request Entity Too Large", "The data value transmitted exceeds the capacity limit.")
}

/// A page as Werkzeug writes it.
pub(super) fn page(status: u16, title: &str, text: &str) -> Response {
    let heading = if status == 200 { title.to_owned() } else { format!("{status} {title}") };
    let body = format!(
        "<!doctype html>\n<html lang=en>\n<title>{heading}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    );
    Response::new(status, "text/html; charset=utf-8", body.into_bytes())
}

//! A sandbox of Odoo 14 whose journals write electronic invoices: each bill can have a file, by way of a document that goes with it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use odoo_rpc::client::Client;
use odoo_rpc::sandbox::Sandbox;
use odoo_rpc::transport::{Request, Response, Transport, TransportError};
use odoo_rpc::wire::{Limits, Struct, Value, decode_call, decode_response, encode_response};

/// The model of the documents. Here each file says itself of which bill it is.
const DOCUMENT: &str = "account.edi.document";

/// The sandbox, and about how many bills each question for documents was.
#[derive(Clone, Debug)]
pub(crate) struct Electronic {
    pub(crate) sandbox: Sandbox,
    pub(crate) asked: Arc<Mutex<Vec<usize>>>,
}

impl Electronic {
    pub(crate) fn over(sandbox: Sandbox) -> Self {
        Self { sandbox, asked: Arc::default() }
    }

    /// Gives each of these bills its file.
    pub(crate) async fn write_files(client: &Client, bills: &[i64]) {
        let row = |bill: &i64| {
            let row = Struct::new().with("name", "invoice.xml").with("datas", "PHg+");
            row.with("res_model", DOCUMENT).with("res_id", *bill)
        };
        client.create("ir.attachment", bills.iter().map(row).collect()).await.unwrap();
    }

    /// The documents of these bills, as far as the bills are there: a document goes with its bill, and its file does not.
    fn documents(&self, bills: &[i64]) -> Value {
        let int = |row: &Struct, field| row.get(field).and_then(Value::as_int);
        let there: Vec<i64> =
            self.sandbox.rows("account.move").iter().filter_map(|row| int(row, "id")).collect();
        let files = self.sandbox.rows("ir.attachment");
        let found = files.iter().filter_map(|file| {
            let of = file.get("res_model").and_then(Value::as_text) == Some(DOCUMENT);
            let bill =
                int(file, "res_id").filter(|bill| of && bills.contains(bill) && there.contains(bill))?;
            let link = vec![int(file, "id")?.into(), Value::from("invoice.xml")];
            Some(Value::from(Struct::new().with("id", bill).with("attachment_id", link)))
        });
        Value::Array(found.collect())
    }
}

#[async_trait]
impl Transport for Electronic {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let body = request.body.clone().read().await.unwrap();
        let Ok(call) = decode_call(&body, &Limits::default()) else {
            return self.sandbox.send(request).await;
        };
        let text = |at: usize| call.params.get(at).and_then(Value::as_text).unwrap_or_default();
        let answer = |value: Value| Response::new(200, "text/xml", encode_response(&value).unwrap());
        match (text(3), text(4)) {
            (DOCUMENT, "search_read") => {
                let bills = bills_of(&call.params[5]);
                self.asked.lock().unwrap().push(bills.len());
                Ok(answer(self.documents(&bills)))
            }
            ("account.move", "fields_get") => {
                let said = self.sandbox.send(request).await?;
                match decode_response(&said.body, &Limits::default()) {
                    Ok(Ok(Value::Struct(fields))) => {
                        let more = Struct::new().with("type", "one2many");
                        Ok(answer(fields.with("edi_document_ids", more).into()))
                    }
                    _ => Ok(said),
                }
            }
            _ => self.sandbox.send(request).await,
        }
    }
}

/// The ids in the term on `move_id` of the domain that the arguments begin with.
fn bills_of(args: &Value) -> Vec<i64> {
    let list = |value: &Value| value.as_array().unwrap_or_default().to_vec();
    let terms = list(args).first().map(list).unwrap_or_default();
    let of = terms.iter().map(list).find(|term| term.first().and_then(Value::as_text) == Some("move_id"));
    of.and_then(|term| term.get(2).map(list)).unwrap_or_default().iter().filter_map(Value::as_int).collect()
}

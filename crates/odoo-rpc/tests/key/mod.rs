//! An API key on a real Odoo 19.
#![allow(dead_code, reason = "each test uses a part of it")]

use odoo_rpc::client::{Call, Client, Domain, SearchOptions};
use odoo_rpc::wire::{Struct, Value};

/// A new key of the client's user. Over XML-RPC there is no method that makes one: an action's code does.
pub(crate) async fn new(client: &Client) -> String {
    let users = Domain::field("model").eq("res.users");
    let model = client.search("ir.model", users, SearchOptions::new()).await.unwrap()[0];
    let code = "action = {'type': env['res.users.apikeys']._generate(None, 'suite', None)}";
    let action =
        Struct::new().with("name", "Key").with("model_id", model).with("state", "code").with("code", code);
    let ids = client.create("ir.actions.server", vec![action]).await.unwrap();
    let told = client.call(Call::new("ir.actions.server", "run").on(ids.clone())).await.unwrap();
    client.unlink("ir.actions.server", &ids).await.unwrap();
    told.as_struct().and_then(|told| told.get("type")).and_then(Value::as_text).unwrap().to_owned()
}

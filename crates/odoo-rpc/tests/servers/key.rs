//! API keys on a real Odoo 19.

use odoo_rpc::client::{Call, Client, Domain, SearchOptions};
use odoo_rpc::wire::{Struct, Value};

/// A new key of that user, made by an administrator. Over XML-RPC there is no method that makes one: an action's code does.
pub(crate) async fn new(admin: &Client, user: i64) -> String {
    let users = Domain::field("model").eq("res.users");
    let model = admin.search("ir.model", users, SearchOptions::new()).await.unwrap()[0];
    // Only an administrator's key may be without an end.
    let end = "datetime.datetime.now() + datetime.timedelta(hours=20)";
    let key = format!("env['res.users.apikeys'].with_user({user})._generate(None, 'suite', {end})");
    let action = Struct::new()
        .with("name", "Key")
        .with("model_id", model)
        .with("state", "code")
        .with("code", format!("action = {{'type': {key}}}"));
    let ids = admin.create("ir.actions.server", vec![action]).await.unwrap();
    let told = admin.call(Call::new("ir.actions.server", "run").on(ids.clone())).await.unwrap();
    admin.unlink("ir.actions.server", &ids).await.unwrap();
    told.as_struct().and_then(|told| told.get("type")).and_then(Value::as_text).unwrap().to_owned()
}

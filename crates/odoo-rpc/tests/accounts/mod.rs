//! A real Odoo with accounting, and its database beside it.
#![allow(dead_code, unused_imports, reason = "each suite uses a part of it")]

mod seen;

use std::collections::BTreeMap;

use odoo_rpc::client::{Client, Context, Domain, SearchOptions};
use odoo_rpc::wire::{Struct, Value};

use crate::books::link;
use crate::servers::Server;

pub(crate) use seen::{debts, group, picture};

/// A server with accounting.
pub(crate) struct Real {
    pub(crate) client: Client,
    pub(crate) server: Server,
}

impl Real {
    pub(crate) async fn connect(version: u32) -> Option<Self> {
        let server = Server::with_accounting(version).await?;
        Some(Self { client: server.client().await, server })
    }

    /// How many rows each table has.
    pub(crate) fn rows(&self) -> BTreeMap<String, u64> {
        let tables = self.server.sql(
            "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
        );
        let count = |table: &String| format!("select '{table}', count(*) from \"{table}\"");
        let all = tables.unwrap().iter().map(count).collect::<Vec<_>>().join(" union all ");
        let counted = |line: &String| {
            let (table, count) = line.split_once('|').unwrap();
            (table.to_owned(), count.parse().unwrap())
        };
        self.server.sql(&all).unwrap().iter().map(counted).collect()
    }

    pub(crate) async fn patients(&self, count: usize) -> Vec<i64> {
        let row = |number| Struct::new().with("name", format!("Patient {number}"));
        let quiet = self.client.with_context(Context::new().with("tracking_disable", true));
        quiet.create("res.partner", (0..count).map(row).collect()).await.unwrap()
    }

    /// Makes a field of contacts.
    pub(crate) async fn field_of_contacts(&self, name: &str) -> i64 {
        let contacts = Domain::field("model").eq("res.partner");
        let contacts = self.client.search("ir.model", contacts, SearchOptions::new()).await.unwrap()[0];
        let row = Struct::new().with("name", name).with("model_id", contacts);
        let row = row.with("ttype", "char").with("field_description", "Identity");
        self.client.create("ir.model.fields", vec![row]).await.unwrap()[0]
    }

    /// Removes it, and on 14 what it leaves behind on users.
    pub(crate) async fn remove_field_of_contacts(&self, name: &str, id: i64) {
        self.client.unlink("ir.model.fields", &[id]).await.unwrap();
        let forced = self.client.with_context(Context::new().with("_force_unlink", true));
        let left = Domain::field("name").eq(name).and(Domain::field("model").eq("res.users"));
        let left = forced.search("ir.model.fields", left, SearchOptions::new()).await.unwrap();
        forced.unlink("ir.model.fields", &left).await.unwrap();
    }

    /// The id and the account of the company's first journal of that type.
    pub(crate) async fn journal(&self, kind: &str) -> (i64, i64) {
        let of = Domain::field("type").eq(kind);
        let options = SearchOptions::new().order("sequence, id").limit(1);
        let found = self.client.search_read("account.journal", of, &["default_account_id"], options).await;
        let found = found.unwrap();
        (found[0].get("id").and_then(Value::as_int).unwrap(), link(&found[0], "default_account_id"))
    }

    /// A sale tax of that many percent.
    pub(crate) async fn tax(&self, percent: f64) -> i64 {
        let of = Domain::field("type_tax_use").eq("sale").and(Domain::field("amount").eq(percent));
        self.client.search("account.tax", of, SearchOptions::new()).await.unwrap()[0]
    }

    /// One field of a record.
    pub(crate) async fn value(&self, model: &str, id: i64, field: &str) -> Value {
        let found = self.client.read(model, &[id], &[field]).await.unwrap();
        found[0].get(field).unwrap().clone()
    }

    pub(crate) async fn text(&self, model: &str, id: i64, field: &str) -> String {
        self.value(model, id, field).await.as_text().unwrap_or_default().to_owned()
    }

    /// Posts, or another thing without an answer.
    pub(crate) async fn act(&self, model: &str, method: &str, ids: &[i64]) {
        self.client.call_method(model, method, ids, Struct::new()).await.unwrap();
    }

    /// Removes a posted bill that a test made by hand.
    pub(crate) async fn remove(&self, bills: &[i64]) {
        self.act("account.move", "button_draft", bills).await;
        let forced = self.client.with_context(Context::new().with("force_delete", true));
        forced.unlink("account.move", bills).await.unwrap();
    }

    /// Sets a field of the company.
    pub(crate) async fn company(&self, field: &str, value: impl Into<Value>) {
        self.client.write("res.company", &[1], Struct::new().with(field, value)).await.unwrap();
    }
}

/// The tables whose number of rows changed, but for those in which Odoo notes that its caches are old.
pub(crate) fn grown(
    before: &BTreeMap<String, u64>,
    after: &BTreeMap<String, u64>,
) -> BTreeMap<String, (u64, u64)> {
    let mut changed = BTreeMap::new();
    for table in before.keys().chain(after.keys()) {
        let count = |rows: &BTreeMap<String, u64>| rows.get(table).copied().unwrap_or_default();
        if count(before) != count(after) && !table.starts_with("orm_signaling_") {
            changed.insert(table.clone(), (count(before), count(after)));
        }
    }
    changed
}

//! The calls: few, and none that changes anything.

use std::collections::HashMap;

use crate::client::{Client, Domain, SearchOptions};
use crate::doctor::checkup::Checkup;
use crate::doctor::facts::{Facts, Operation, UserFacts};
use crate::doctor::rights;
use crate::error::{Error, Result};
use crate::wire::{Struct, Value};

/// What schema work writes to.
pub(crate) const SCHEMA: [&str; 4] = ["ir.model", "ir.model.fields", "ir.model.access", "ir.ui.view"];

/// A model of each app that a clinic uses, for servers that do not tell this user which apps they have.
const MARKS: [(&str, &str); 3] =
    [("account", "account.move"), ("calendar", "calendar.event"), ("crm", "crm.lead")];

pub(crate) async fn facts(client: &Client, checkup: &Checkup) -> Result<Facts> {
    let before = client.calls();
    let me = me(client).await?;
    let models = touched(checkup);
    let there = there(client, &models).await?;
    let groups = rights::groups(client, &me);
    let models = rights::of(client, &models, there.as_ref(), groups.as_ref()).await?;

    let everything = Domain::everything;
    let modules = modules(client).await?;
    let enterprise = modules.as_ref().map(|modules| modules.iter().any(|module| module == "web_enterprise"));
    let mail_servers = known(client.search_count("ir.mail_server", everything()).await)?;
    let waiting = Domain::field("state").eq("outgoing");
    let mails_waiting = known(client.search_count("mail.mail", waiting).await)?;
    let companies = known(client.search_count("res.company", everything()).await)?;

    let version = client.version();
    let json2 = version.at_least(19, 0).then_some("JSON-2");
    let address = checkup.address.as_ref();
    let odoo_com = address.is_some_and(|address| {
        let host = address.place().rsplit_once(':').map_or(address.place(), |(host, _)| host);
        host.ends_with(".odoo.com")
    });
    Ok(Facts {
        version: version.to_string(),
        // What a server does not say of its version it may say of its modules.
        enterprise: if version.enterprise { Some(true) } else { enterprise },
        hosted: version.saas || odoo_com,
        database: client.database().to_owned(),
        protocol: client.protocol().name(),
        offered: std::iter::once("XML-RPC").chain(json2).collect(),
        encrypted: address.map(|address| address.origin().starts_with("https://")),
        clock_ahead: client.clock_ahead().map(|ahead| ahead.as_secs()),
        user: user(client, &me),
        companies,
        apps: modules.or_else(|| {
            let there = there?;
            let apps = MARKS.iter().filter(|(_, model)| there.contains_key(*model));
            Some(apps.map(|(app, _)| (*app).to_owned()).collect())
        }),
        models,
        mail_servers,
        mails_waiting,
        calls: client.calls() - before,
    })
}

/// The models that a run touches, each with what has to be known of it. Who may make fields may do the rest with them.
fn touched(checkup: &Checkup) -> Vec<(String, &'static [Operation])> {
    let written = checkup.written.iter().map(|model| (model.clone(), &Operation::ALL[..]));
    let schema = SCHEMA.into_iter().filter(|_| checkup.schema);
    let schema = schema.map(|model| (model.to_owned(), &[Operation::Create][..]));
    let read = checkup.read.iter().map(|model| (model.clone(), &[Operation::Read][..]));
    let mut touched: Vec<(String, &[Operation])> = Vec::new();
    for (model, operations) in written.chain(schema).chain(read) {
        if !touched.iter().any(|(known, _)| *known == model) {
            touched.push((model, operations));
        }
    }
    touched
}

/// The user's own record.
async fn me(client: &Client) -> Result<Struct> {
    let fields = ["lang", "tz", "company_id", "company_ids", "share"];
    let all = [&fields[..], &[rights::groups_field(client)]].concat();
    let ids = [client.uid()];
    let found = match client.read("res.users", &ids, &all).await {
        // A server of another version may keep the groups elsewhere.
        Err(Error::Refused { .. } | Error::Rights { .. }) => {
            known(client.read("res.users", &ids, &fields).await)?
        }
        answer => Some(answer?),
    };
    Ok(found.and_then(|found| found.into_iter().next()).unwrap_or_default())
}

fn user(client: &Client, me: &Struct) -> UserFacts {
    let text = |field| me.get(field).and_then(Value::as_text).map(str::to_owned);
    UserFacts {
        id: client.uid(),
        language: text("lang"),
        time_zone: text("tz"),
        company: link(me, "company_id").map(|(_, name)| name),
        companies: links(me, "company_ids").unwrap_or_default().len(),
        portal: me.get("share").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// The ids of those models that are there, and of the apps' marks; `None` where the user may not ask.
async fn there(client: &Client, models: &[(String, &[Operation])]) -> Result<Option<HashMap<String, i64>>> {
    let names = models.iter().map(|(model, _)| model.as_str()).chain(MARKS.iter().map(|(_, model)| *model));
    let domain = Domain::field("model").is_in(names);
    let found = known(client.search_read("ir.model", domain, &["model"], SearchOptions::new()).await)?;
    let id = |row: &Struct| Some((row.get("model")?.as_text()?.to_owned(), row.get("id")?.as_int()?));
    Ok(found.map(|rows| rows.iter().filter_map(id).collect()))
}

/// The installed apps, and `web_enterprise`; `None` where the user may not ask (an ordinary one on 14, measured).
async fn modules(client: &Client) -> Result<Option<Vec<String>>> {
    let apps = Domain::field("application").eq(true).or(Domain::field("name").eq("web_enterprise"));
    let domain = Domain::field("state").eq("installed").and(apps);
    let options = SearchOptions::new().order("name");
    let found = known(client.search_read("ir.module.module", domain, &["name"], options).await)?;
    let name = |row: &Struct| row.get("name").and_then(Value::as_text).map(str::to_owned);
    Ok(found.map(|rows| rows.iter().filter_map(name).collect()))
}

/// An answer, or `None` where the server says no: that is no failure of the examination.
pub(crate) fn known<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Rights { .. } | Error::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A many2one as it is read: id and name.
pub(crate) fn link(row: &Struct, field: &str) -> Option<(i64, String)> {
    match row.get(field)?.as_array()? {
        [id, name] => Some((id.as_int()?, name.as_text().unwrap_or_default().to_owned())),
        _ => None,
    }
}

/// A field of several records as it is read: ids.
pub(crate) fn links(row: &Struct, field: &str) -> Option<Vec<i64>> {
    row.get(field)?.as_array()?.iter().map(Value::as_int).collect()
}

//! The real servers that the environment names, the protocol that a run of the suites speaks with them, and what no suite may do there.
//!
//! `ODOO19_URL` and `ODOO19_DB` name a server; `ODOO19_LOGIN` and `ODOO19_PASSWORD` who logs in, `admin` unless they say so;
//! `ODOO19_POSTGRES` its database. `ODOO14_…` is the same for an Odoo 14, `ODOO19_ACCOUNT_…` for one with accounting. Where none is named a
//! suite says so and passes.
//!
//! With `ODOO_PROTOCOL=json-2` the suites go over JSON-2, with the key of `ODOO19_API_KEY` or one that is made. Odoo 14 has no JSON-2: it is
//! left alone then.
#![allow(
    dead_code,
    clippy::print_stdout,
    reason = "each suite uses a part of it; one without a server says so"
)]

pub(crate) mod key;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use odoo_rpc::Result;
use odoo_rpc::client::{Client, ClientBuilder, Domain, Protocol};
use tokio::sync::Mutex;

/// A real server, and how it is spoken with.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) version: u32,
    pub(crate) url: String,
    pub(crate) database: String,
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) protocol: Protocol,
    /// The password, or over JSON-2 a key.
    pub(crate) secret: String,
    pub(crate) postgres: Option<String>,
}

impl Server {
    /// The server of that version.
    pub(crate) async fn named(version: u32) -> Option<Self> {
        Self::of(version, "").await
    }

    /// The one with accounting. Its rows are counted: `_POSTGRES` must be there.
    pub(crate) async fn with_accounting(version: u32) -> Option<Self> {
        let server = Self::of(version, "_ACCOUNT").await?;
        if server.postgres.is_none() {
            println!("no database of Odoo {version} with accounting: set ODOO{version}_ACCOUNT_POSTGRES");
            return None;
        }
        Some(server)
    }

    async fn of(version: u32, kind: &str) -> Option<Self> {
        let protocol = protocol();
        if protocol == Protocol::Json2 && version < 19 {
            println!("Odoo {version} has no JSON-2");
            return None;
        }
        let name = format!("ODOO{version}{kind}");
        let variable = |what: &str| std::env::var(format!("{name}_{what}")).ok();
        let Some((url, database)) = variable("URL").zip(variable("DB")) else {
            println!("no server: set {name}_URL and {name}_DB");
            return None;
        };
        let admin = |what: &str| variable(what).unwrap_or_else(|| "admin".to_owned());
        let (login, password) = (admin("LOGIN"), admin("PASSWORD"));
        let (secret, postgres) = (password.clone(), variable("POSTGRES"));
        let mut server = Self { version, url, database, login, password, protocol, secret, postgres };
        if protocol == Protocol::Json2 {
            server.secret = match variable("API_KEY") {
                Some(key) => key,
                None => server.made_key().await,
            };
        }
        Some(server)
    }

    /// A key that is made once for all tests of this program.
    async fn made_key(&self) -> String {
        static MADE: Mutex<BTreeMap<(String, String), String>> = Mutex::const_new(BTreeMap::new());
        let mut made = MADE.lock().await;
        let place = (self.url.clone(), self.database.clone());
        if let Some(key) = made.get(&place) {
            return key.clone();
        }
        let admin =
            self.builder(&self.login, &self.password).protocol(Protocol::XmlRpc).connect().await.unwrap();
        let key = key::new(&admin, admin.uid()).await;
        made.insert(place, key.clone());
        key
    }

    /// The user of the environment, over the protocol of this run. It is a server of one's own: no pace is kept.
    pub(crate) async fn client(&self) -> Client {
        self.connect(&self.login, &self.secret).await.unwrap()
    }

    /// Any user, over the protocol of this run.
    pub(crate) async fn connect(&self, login: &str, secret: &str) -> Result<Client> {
        self.builder(login, secret).protocol(self.protocol).connect().await
    }

    /// Any user, over whichever protocol.
    pub(crate) fn builder(&self, login: &str, secret: &str) -> ClientBuilder {
        Client::builder(&self.url, &self.database, login, secret).gap(Duration::ZERO)
    }

    /// What the database itself says, a line for a row; nothing where the environment does not name it.
    pub(crate) fn sql(&self, statement: &str) -> Option<Vec<String>> {
        let postgres = self.postgres.as_ref()?;
        let mut psql: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|versions| versions.flatten().map(|version| version.path().join("bin/psql")).collect())
            .unwrap_or_default();
        psql.sort();
        let psql = psql.pop().unwrap_or_else(|| "psql".into());
        let out = Command::new(psql).args(["-qAtX", postgres, "-c", statement]).output().unwrap();
        assert!(out.status.success(), "psql: {}", String::from_utf8_lossy(&out.stderr));
        Some(String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect())
    }

    /// Rows of the tables in which a schema and what look-ups make could leave something, and columns of all.
    pub(crate) fn trace(&self) -> Option<Vec<String>> {
        let tables = "ir_model ir_model_fields ir_model_fields_selection ir_model_access ir_model_relation ir_model_data ir_ui_view \
                      res_partner res_partner_category crm_lead crm_tag crm_stage utm_source mail_activity_type mail_message mail_mail \
                      mail_followers";
        let counts =
            tables.split_whitespace().map(|table| format!("select '{table} ' || count(*) from {table}"));
        let columns =
            "select 'columns ' || count(*) from information_schema.columns where table_schema = 'public'";
        self.sql(&counts.chain([columns.to_owned()]).collect::<Vec<_>>().join("; "))
    }
}

/// The protocol of this run.
pub(crate) fn protocol() -> Protocol {
    match std::env::var("ODOO_PROTOCOL").as_deref() {
        Err(_) | Ok("xml-rpc") => Protocol::XmlRpc,
        Ok("json-2") => Protocol::Json2,
        Ok(other) => panic!("ODOO_PROTOCOL is xml-rpc or json-2, and not {other}"),
    }
}

/// A name of its own: a server may have seen other runs.
pub(crate) fn fresh(what: &str) -> String {
    format!("{what}-{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros())
}

/// How many mails and how many notifications there are.
pub(crate) async fn told(client: &Client) -> [u64; 2] {
    let count = async |model: &str| client.search_count(model, Domain::everything()).await.unwrap();
    [count("mail.mail").await, count("mail.notification").await]
}

/// Runs a suite, or a part of one, and sees that nobody was written to meanwhile: no mail and no notification came.
pub(crate) async fn quietly<T>(client: &Client, suite: impl Future<Output = T>) -> T {
    let before = told(client).await;
    let done = suite.await;
    assert_eq!(told(client).await, before, "mails and notifications");
    done
}

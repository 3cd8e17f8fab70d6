//! The server, or the Odoo inside this process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mapping_core::error::{Error, Result};
use odoo_rpc::client::{Client, Login, Protocol, Secret};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Like, Sandbox};
use odoo_rpc::transport::Throttle;
use odoo_rpc::{Error as OdooError, Retry};

use crate::args::{Args, secret};
use crate::say;

/// How often a log-in without an answer is tried.
const ATTEMPTS: u32 = 4;

/// Logs in.
pub(crate) async fn connect(args: &Args) -> Result<OdooWriter> {
    let writer = match &args.odoo {
        Some(url) => OdooWriter::new(server(args, url).await.map_err(|error| told(&error))?),
        None => OdooWriter::new(sandbox(args).await?).address_as("the sandbox"),
    };
    let writer = writer.settle(Duration::from_secs(args.settle));
    Ok(match args.seconds_per_call {
        Some(seconds) => writer.target_time(Duration::from_secs(seconds)),
        None => writer,
    })
}

/// Where the journal is: as told, or for a server a file here.
pub(crate) fn journal(args: &Args) -> Option<PathBuf> {
    let named = || {
        args.odoo.as_ref()?;
        let origin = origin(args);
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, rest)| rest);
        let name = format!("pulse-{}-{}-{}.journal", args.clinic, host, database(args));
        let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
        Some(PathBuf::from(name.chars().map(safe).collect::<String>()))
    };
    args.journal.clone().or_else(named)
}

fn origin(args: &Args) -> String {
    args.address().ok().flatten().map(|address| address.origin().to_owned()).unwrap_or_default()
}

fn database(args: &Args) -> &str {
    args.db.as_deref().unwrap_or_default()
}

/// The gap between calls: as asked for, or for so many calls a second where nothing is said.
fn gap(args: &Args, otherwise: f64) -> Duration {
    let rate = args.calls_per_second.unwrap_or(otherwise);
    if rate > 0.0 { Duration::from_secs_f64(1.0 / rate) } else { Duration::ZERO }
}

/// Logs in to the server at `url`.
pub(crate) async fn server(args: &Args, url: &str) -> odoo_rpc::Result<Client> {
    let login = args.login.as_deref().unwrap_or_default();
    let mut attempt = 0;
    loop {
        let secret = Secret::from_env(secret().unwrap_or("ODOO_API_KEY"))?;
        let mut builder = Client::builder(url, database(args), login, secret).gap(gap(args, 1.0));
        if let Some(protocol) = args.protocol.protocol() {
            builder = builder.protocol(protocol);
        }
        match builder.connect().await {
            Err(error) if error.retry() != Retry::Never && attempt + 1 < ATTEMPTS => {
                let pause = error.retry_after().max(Duration::from_secs(1 << attempt));
                say(&format!("{error}; trying again in {} s", pause.as_secs()));
                tokio::time::sleep(pause).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}

/// Logs in to the sandbox. With a journal it is kept beside it: what the journal remembers must still be there the next time.
pub(crate) async fn sandbox(args: &Args) -> Result<Client> {
    let sandbox = match &args.journal {
        None => Sandbox::new(Like::Odoo19),
        Some(journal) => {
            let file = beside(journal);
            Sandbox::open(&file, Like::Odoo19).map_err(|error| {
                Error::config("cannot keep the sandbox").at("file", file.display()).because(error)
            })?
        }
    };
    let protocol = args.protocol.protocol().unwrap_or(Protocol::XmlRpc);
    let secret = if protocol == Protocol::Json2 { API_KEY } else { LOGIN };
    // Nobody else uses it: there is no pace to keep.
    let throttle = Throttle::new(sandbox, gap(args, 0.0));
    let connector = Client::over(throttle, Login::new(DATABASE, LOGIN, secret)).protocol(protocol);
    connector.connect().await.map_err(|error| told(&error))
}

fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".sandbox");
    PathBuf::from(name)
}

fn told(error: &OdooError) -> Error {
    Error::config(error.to_string())
}

//! Looks at a server before anything is written to it: what it is, what its user may do, and what is in the way.

mod ask;
mod checkup;
mod diagnosis;
mod facts;
mod judge;
mod refusal;
mod rights;

pub use checkup::Checkup;
pub use diagnosis::{Diagnosis, Finding, Severity, Topic};
pub use facts::{Facts, ModelFacts, Operation, UserFacts};

use crate::client::Client;
use crate::error::{Error, Result};

/// Examines a server.
///
/// It promises to write nothing: all its calls are `read`, `search_read`, `search_count`, and the questions for access rights
/// (`has_access` from Odoo 19 on, `check_access_rights` before).
///
/// Whether bills can be posted is asked apart, by [`Ledger::is_possible`](crate::accounting::Ledger::is_possible).
///
/// What cannot be seen from outside it does not guess: how many workers a server has, how long it lets a call run, and what a proxy
/// before it allows.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sandbox")]
/// # async fn run() -> odoo_rpc::Result<()> {
/// use odoo_rpc::client::{Client, Login};
/// use odoo_rpc::doctor::{Checkup, Doctor, Severity};
/// use odoo_rpc::sandbox::{DATABASE, LOGIN, Like, Sandbox};
///
/// let login = Login::new(DATABASE, LOGIN, LOGIN);
/// let client = Client::over(Sandbox::new(Like::Odoo19), login).connect().await?;
/// let checkup = Checkup::new().writes("res.partner").writes("mail.activity").makes_fields();
/// let diagnosis = Doctor::examine(&client, &checkup).await?;
///
/// println!("{diagnosis}");
/// assert!(diagnosis.worst() < Severity::Problem);
/// # Ok(())
/// # }
/// # #[cfg(feature = "sandbox")]
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run()).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Doctor;

impl Doctor {
    /// Asks the server, in seven calls for a user who may read the access rights (the administrator's "Access Rights" or
    /// "Settings"). For others it takes one more for each thing that is to be done with a model: four for one that is written, one for one that
    /// is read.
    ///
    /// What the user may not ask stays unknown in the facts, and is told where it matters.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as Odoo does: see [`Error`]. [`unconnected`](Self::unconnected) makes a diagnosis of it.
    pub async fn examine(client: &Client, checkup: &Checkup) -> Result<Diagnosis> {
        let facts = ask::facts(client, checkup).await?;
        Ok(Diagnosis { findings: judge::findings(&facts, checkup), facts: Some(facts) })
    }

    /// The diagnosis where connecting failed: what the refusal looks like, and what it may come from. No call.
    ///
    /// # Example
    ///
    /// ```
    /// use odoo_rpc::Error;
    /// use odoo_rpc::doctor::{Doctor, Severity};
    ///
    /// let error = Error::NotOdoo { call: "common.version".into(), status: 403, reason: "refused".into() };
    /// let diagnosis = Doctor::unconnected(&error);
    /// assert_eq!(diagnosis.worst(), Severity::Problem);
    /// assert!(diagnosis.to_string().contains("One App Free"));
    /// ```
    #[must_use]
    pub fn unconnected(error: &Error) -> Diagnosis {
        Diagnosis { findings: vec![refusal::finding(error)], facts: None }
    }
}

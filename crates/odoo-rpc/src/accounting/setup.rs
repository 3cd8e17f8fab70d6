//! How bills are to be posted: which journals, which field for the keys.

use std::time::Duration;

use crate::patience::Patience;

/// The field in which a bill and a payment have their keys, unless another is named.
pub const KEY_FIELD: &str = "x_migration_key";

/// Where bills and payments go, and how patiently.
///
/// # Example
///
/// ```
/// use odoo_rpc::accounting::{Journal, Setup};
///
/// // Old bills apart from the clinic's own numbering, in journals that `Ledger::close` removes again.
/// let setup = Setup::new()
///     .bills_in(Journal::own("OLD", "Bills before Odoo"))
///     .payments_in(Journal::own("OLDP", "Payments before Odoo"));
/// assert_eq!(setup, Setup::new().bills_in(Journal::own("OLD", "Bills before Odoo"))
///     .payments_in(Journal::own("OLDP", "Payments before Odoo")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Setup {
    /// The journal of the bills.
    pub bills: Journal,
    /// The journal of the payments.
    pub payments: Journal,
    /// The company's id: the user's own company unless said.
    pub company: Option<i64>,
    /// The field with the keys, on `account.move` and `account.payment`: `x_migration_key` unless said. Made where it is missing.
    pub key_field: String,
    /// How many bills or payments go in one call at most: 200 unless said, which is about 10 s of a small server's time. A slow
    /// server is given fewer; never less than 1.
    pub batch: usize,
    /// After so long a call that got no answer cannot be carried out any more: 180 s unless said. It must be longer than the server
    /// lets a call run (`limit_time_real`, 120 s where unset).
    pub settle: Duration,
    /// Whether another ledger's calls may be under way when this one is opened: true unless said. Then it waits for them where
    /// it matters, for `settle` at most.
    pub earlier_calls: bool,
}

impl Setup {
    /// The company's first sale journal, and its first bank journal.
    pub fn new() -> Self {
        Self {
            bills: Journal::First,
            payments: Journal::First,
            company: None,
            key_field: KEY_FIELD.to_owned(),
            batch: 200,
            settle: Duration::from_secs(180),
            earlier_calls: true,
        }
    }

    /// Bills into this journal.
    pub fn bills_in(mut self, journal: Journal) -> Self {
        self.bills = journal;
        self
    }

    /// Payments into this journal.
    pub fn payments_in(mut self, journal: Journal) -> Self {
        self.payments = journal;
        self
    }

    /// For the company of this id.
    pub fn company(mut self, id: i64) -> Self {
        self.company = Some(id);
        self
    }

    /// The keys go into this field, whose name must begin with `x_` where it is to be made.
    pub fn key_field(mut self, name: impl Into<String>) -> Self {
        self.key_field = name.into();
        self
    }

    /// At most so many bills or payments in one call.
    pub fn batch(mut self, rows: usize) -> Self {
        self.batch = rows.max(1);
        self
    }

    /// How long a call without an answer may still be carried out.
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// No other ledger's call is under way: each run before had an answer to its last one, or ended longer ago than `settle`. Spares
    /// the wait of a ledger that goes on where another one ended. Where it is not so, bills may be there twice.
    pub fn no_earlier_calls(mut self) -> Self {
        self.earlier_calls = false;
        self
    }

    /// How trouble is borne.
    pub(crate) fn patience(&self) -> Patience {
        Patience::settling(self.settle)
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

/// Which journal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Journal {
    /// The company's first one of the right kind.
    First,
    /// The one with this code.
    Code(String),
    /// One of the migration's own: made where it is not there, found again by its code and name, removed by `Ledger::close`.
    /// It has a numbering of its own, so that the numbers of the clinic's own journals do not change.
    Own {
        /// Its short code, at most five characters. It is the beginning of its numbers.
        code: String,
        /// Its name.
        name: String,
    },
}

impl Journal {
    /// One of the migration's own.
    pub fn own(code: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Own { code: code.into(), name: name.into() }
    }

    /// The one with this code.
    pub fn code(code: impl Into<String>) -> Self {
        Self::Code(code.into())
    }
}

//! Bills: rows of `account.move` go through the ledger, and come out posted, paid and matched. What a row holds stands in `contract.md`.

mod plan;
mod revert;
mod row;
mod there;
mod write;

use mapping_core::error::{Error, Retry as CoreRetry};
use mapping_core::name::ModelName;

use crate::accounting::{Journal, LedgerError, Setup};
use crate::destination::error::core;
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;

pub(crate) use plan::planned;
pub(crate) use row::{BillRow, encoded};
pub(crate) use there::{alone, without_own};

/// The model of bills.
const MODEL: &str = "account.move";
/// The model of payments, which no row is of.
const PAYMENT: &str = "account.payment";
/// The row's field of payments, which no model has.
const PAYMENTS: &str = "payments";
/// The row's field of the currency's code.
const CURRENCY: &str = "currency";

/// Whether rows of a model are bills.
pub(crate) fn is_bill(model: &ModelName) -> bool {
    model.as_str() == MODEL
}

/// Whether a field of a bill is its own affair alone: it may be written whenever, as on any other model.
fn is_plain(field: &str) -> bool {
    field != IDENTITY && (field.starts_with("x_") || field == "narration")
}

/// Where bills go unless it is said: apart from the clinic's own numbers.
pub(crate) fn setup() -> Setup {
    Setup::new()
        .bills_in(Journal::own("OLD", "Bills before Odoo"))
        .payments_in(Journal::own("OLDP", "Payments before Odoo"))
}

impl OdooWriter {
    /// What of an earlier run may be under way is waited for by `recover`, which knows of it.
    fn setup(&self) -> Setup {
        let setup = self.accounting.clone().key_field(IDENTITY);
        setup.settle(self.patience.settle).no_earlier_calls()
    }
}

/// What an error of the ledger's, which is about no bill, means for the run.
fn stopped(error: LedgerError) -> Error {
    match error {
        LedgerError::Call(error) => core(error),
        error => Error::config(error.to_string()),
    }
}

/// Whether the call that the error is of may be carried out still.
fn is_doubtful(error: &Error) -> bool {
    error.retry() == CoreRetry::AfterLookup
}

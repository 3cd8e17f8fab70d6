//! Invoices and payments from before Odoo.
//!
//! [`Ledger`](crate::accounting::Ledger) puts old bills into Odoo's accounting as they were: their days, what was paid of them and when, what is still owed. It wants the
//! app Invoicing or Accounting, and a user who may post bills.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use jiff::civil::date;
//! use odoo_rpc::accounting::{Bill, Journal, Keys, Ledger, Line, Payment, Setup};
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::sandbox::{Like, Sandbox};
//! use odoo_rpc::wire::Struct;
//! use rust_decimal::Decimal;
//!
//! let server = Sandbox::with_accounting(Like::Odoo19);
//! # let odoo = Client::over(server.clone(), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let asha = odoo.create("res.partner", vec![Struct::new().with("name", "Asha Rao")]).await?[0];
//! let fee = |key: &str| Bill::new(key, asha, date(2024, 2, 29)).line(Line::new("Consultation", Decimal::from(500)));
//!
//! let paid = fee("bill-1").number("2024/17").payment(Payment::new("receipt-1", date(2024, 3, 4), Decimal::from(500)));
//! let open = fee("bill-2").payment(Payment::new("receipt-2", date(2024, 3, 4), Decimal::from(200)));
//! let overpaid = fee("bill-3").payment(Payment::new("receipt-3", date(2024, 3, 4), Decimal::from(900)));
//!
//! let setup = Setup::new().bills_in(Journal::own("OLD", "Bills before Odoo"));
//! let mut ledger = Ledger::open(&odoo, setup).await?;
//!
//! // What Odoo would change in silence, or refuse for all of them, is found before anything is written.
//! let obstacles = ledger.check(&[overpaid]).await?;
//! assert_eq!(obstacles[0].key.as_deref(), Some("bill-3"));
//!
//! // Posted, paid and matched; then states and what is left to pay are read back and compared.
//! let bills = [paid, open];
//! let posted = ledger.post(&bills).await?;
//! let read = odoo.read("account.move", &[posted.bills[1].id], &["payment_state", "amount_residual", "ref"]).await?;
//! assert_eq!(read[0].get("payment_state").and_then(|state| state.as_text()), Some("partial"));
//! assert_eq!(read[0].get("amount_residual"), Some(&300.0.into()));
//!
//! // The keys are enough to take everything out again: bills, payments, what matched them, and the journal.
//! ledger.revert(&Keys::of(&bills)).await?;
//! ledger.close().await?;
//! assert_eq!(server.count("account.move"), 0);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! - The old number goes to the field `ref`. In `name` it would change the numbering of the clinic's next bills.
//! - A journal of the migration's own keeps old bills apart, and goes with [`close`](crate::accounting::Ledger::close).
//! - Amounts are [`Decimal`](rust_decimal::Decimal), never floating point. A line with taxes needs the total that the source states
//!   ([`Bill::stated`](crate::accounting::Bill::stated)), so that Odoo's sum can be held against it.
//! - [`post`](crate::accounting::Ledger::post) may be called again after any error, and by another process: what is there is not written
//!   twice. A process that goes on where another one ended waits first, three minutes unless
//!   [`settle`](crate::accounting::Setup::settle) says otherwise, until the last call of that one cannot be carried out any more;
//!   [`no_earlier_calls`](crate::accounting::Setup::no_earlier_calls) says that it was answered.
//!
//! # As part of a migration
//!
//! A mapping need not call the ledger: a draft with `model = "account.move"` goes through it by
//! [`OdooWriter`](crate::destination::OdooWriter), journaled and undone like any other. What such a draft holds, and what becomes of it, stands at
//! [`OdooWriter::accounting`](crate::destination::OdooWriter::accounting). Whether there is accounting at all is asked beforehand:
//! [`has_accounting`](crate::destination::OdooWriter::has_accounting), or without a writer
//! [`Ledger::is_possible`](crate::accounting::Ledger::is_possible).
//!
//! [What it does not do](crate::accounting#what-it-does-not-do): credit notes, other currencies.
//!
//! Next: [looking before writing](crate::guide::doctor).

//! Bills and their payments in Odoo's accounting, as they were.
//!
//! Old bills belong into the books as they stand in the old system: their days, their numbers, what was paid of them and when, and
//! what is still owed. Odoo has its own mind about each of these. The [`Ledger`] checks what can be checked, says what must be said,
//! writes in few calls, reads everything back, and can take all of it out again, to the last row.
//!
//! | Odoo's own way | here |
//! |---|---|
//! | a number put into `name` changes the numbering of the journal | it goes to `ref`; a journal of the migration's own, where wished |
//! | a bill before a closing day is posted under another day (19), or refuses its whole call (14) | found before anything is written |
//! | a line without taxes gets those of the company (16) or of its account (19) | taxes are always said: none, or exactly these |
//! | a bill of long ago is due today (17, 19), or by the contact's terms | the day is always said |
//! | one payment for several bills pays each in full, whatever the amount; matching several bills at once mixes patients | each payment is made for one bill, with its own day and amount, and matched with that one |
//! | matching takes one call a bill | two calls for 300 bills |
//!
//! # Example
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
//! let sandbox = Sandbox::with_accounting(Like::Odoo19);
//! let odoo = Client::over(sandbox.clone(), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let asha = odoo.create("res.partner", vec![Struct::new().with("name", "Asha Rao")]).await?[0];
//!
//! let bills = [
//!     Bill::new("bill-1", asha, date(2024, 2, 29))
//!         .number("2024/17")
//!         .line(Line::new("Consultation", Decimal::from(500)))
//!         .payment(Payment::new("receipt-1", date(2024, 2, 29), Decimal::from(200)))
//!         .payment(Payment::new("receipt-2", date(2024, 3, 31), Decimal::from(300))),
//!     Bill::new("bill-2", asha, date(2025, 7, 1)).line(Line::new("Dressing", Decimal::new(6250, 2)).quantity(2)),
//! ];
//!
//! // In a journal of their own, so that the clinic's next bill has the number it would have had.
//! let setup = Setup::new().bills_in(Journal::own("OLD", "Bills before Odoo"));
//! let mut ledger = Ledger::open(&odoo, setup).await?;
//! assert!(ledger.check(&bills).await?.is_empty());
//! let posted = ledger.post(&bills).await?;
//! assert_eq!(posted.bills[0].name, "OLD/2024/00001");
//!
//! // Once more: everything is there, nothing is written.
//! assert_eq!(ledger.post(&bills).await?, posted);
//!
//! ledger.revert(&Keys::of(&bills)).await?;
//! ledger.close().await?;
//! assert_eq!(sandbox.count("account.move"), 0);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! # What it does not do
//!
//! Bills in another currency than the company's, taxes that are posted on payment, credit notes and payments beyond a bill: the first
//! three are refused beforehand, the last too. What other apps do when a bill becomes paid (a web shop's order, say) is not set off.
//! Run against real servers of 14 and 19.

mod answer;
mod bill;
mod books;
mod check;
mod earlier;
mod error;
mod ground;
mod journals;
mod ledger;
mod matching;
mod possible;
mod revert;
mod rows;
mod setup;
mod steady;
mod verify;

pub use bill::{Bill, Line, Payment};
pub use check::{Hindrance, Obstacle};
pub use error::LedgerError;
pub use ledger::{Ledger, Posted, PostedBill};
pub use revert::{Keys, Reverted};
pub use setup::{Journal, KEY_FIELD, Setup};
pub use verify::Difference;

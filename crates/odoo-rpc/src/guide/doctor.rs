//! Looking before writing.
//!
//! [`Doctor`](crate::doctor::Doctor) asks a server whether it is fit for what you are going to do, and writes nothing: version and apps, the user's rights
//! on every model, the protocol, the clock, outgoing mail, several companies. Each finding says what to do.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use odoo_rpc::client::{Client, Login};
//! use odoo_rpc::doctor::{Checkup, Doctor, Severity, Topic};
//! use odoo_rpc::sandbox::{Like, Sandbox};
//!
//! # let odoo = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
//! let checkup = Checkup::new().writes("res.partner").makes_fields();
//! let diagnosis = Doctor::examine(&odoo, &checkup).await?;
//! println!("{diagnosis}"); // for a person; for a program it is `Serialize`
//! assert!(diagnosis.worst() < Severity::Problem);
//!
//! // An app that is not installed is found now, and not in the middle of the night.
//! let checkup = Checkup::new().writes("account.move");
//! let diagnosis = Doctor::examine(&odoo, &checkup).await?;
//! assert_eq!(diagnosis.worst(), Severity::Problem);
//! let problem = diagnosis.findings.first().ok_or("nothing was found")?;
//! assert!(problem.what.contains("account.move"));
//! println!("{}", problem.advice);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! Where even connecting fails, [`Doctor::unconnected`](crate::doctor::Doctor::unconnected) says what the refusal looks like.
//!
//! Next: [undoing](crate::guide::undo).

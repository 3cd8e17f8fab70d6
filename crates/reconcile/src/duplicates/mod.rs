//! Patients that may be one person: pairs are proposed, with reasons. Nothing merges by itself.
//!
//! Two records are proposed where what is known of them agrees: e-mail address, phone number, home, birth date and name together. No
//! one of them is enough. Families share an address, a phone and a family name, front desks put in their own number, twins share a
//! birth date, and a father may have his son's name; so the given names must fit, and birth dates and ages must not contradict.
//!
//! Where neither a contact nor a home agrees, it is asked how many strangers would agree as well: the rarer the name, the place, the
//! blood group, the doctor or an allergy that two have in common, the fewer. Other blood groups and another gender count against.
//!
//! Names are compared as people write them: without titles, case, accents and order; with initials (`R K Sharma` fits
//! `Rajesh Kumar Sharma`), the spellings an Indian name has in Latin letters (`Laxmi`, `Lakshmi`), a missing middle name, a new family name,
//! and small mistakes. A mistake is told from another name by what the records themselves know: where hundreds are called Amit
//! and Amita, neither is the other mistyped.
//!
//! What is not found: two records with a common name alone, or with a common name and a birth date; a name that changed while
//! phone, address and birth date did too; short names for long ones (Bob for Robert).
//!
//! # Example
//!
//! ```
//! use mapping_core::record::Record;
//! use jiff::civil::date;
//! use reconcile::duplicates::{Decisions, Duplicates, PersonFields};
//!
//! let asha = Record::new("patient", "P-1")
//!     .with("name", "Asha Rao")
//!     .with("mobile", "98765 43212")
//!     .with("email", "rao.family@example.org")
//!     .with("date_of_birth", date(1984, 2, 29));
//! // Her brother: the same phone, the same e-mail.
//! let anil = Record::new("patient", "P-2")
//!     .with("name", "Anil Rao")
//!     .with("mobile", "98765 43212")
//!     .with("email", "rao.family@example.org")
//!     .with("date_of_birth", date(1986, 7, 1));
//! // Herself again, put down in a hurry.
//! let again = Record::new("patient", "P-3")
//!     .with("name", "Mrs. RAO ASHA")
//!     .with("mobile", "+91-9876543212")
//!     .with("date_of_birth", date(1984, 2, 29));
//!
//! let fields = PersonFields::default();
//! let mut patients = Duplicates::new();
//! for record in [asha, anil, again] {
//!     patients.add(fields.person(&record));
//! }
//! let report = patients.find(&Decisions::default());
//! assert_eq!(report.pairs.len(), 1);
//! assert_eq!(
//!     report.pairs[0].to_string(),
//!     "patient/P-1 and patient/P-3: high (same phone, same birth date, same name)"
//! );
//!
//! // A person decides, and the pair is not proposed again.
//! let decisions = Decisions::from_toml("[[same]]\nstays = \"P-1\"\ngoes = [\"P-3\"]", "decisions.toml")?;
//! assert!(patients.find(&decisions).pairs.is_empty());
//! # Ok::<(), mapping_core::error::Error>(())
//! ```

mod address;
mod blocks;
mod contact;
mod decisions;
mod find;
mod fit;
mod join;
mod judge;
mod merged;
mod name;
mod names;
mod people;
mod person;
mod proposals;
mod report;
mod search;
mod spelling;
#[cfg(test)]
mod tests;
mod written;

pub use decisions::{Decision, Decisions};
pub use find::Duplicates;
pub use merged::Merged;
pub use person::{Person, PersonFields};
pub use report::{Certainty, Crowd, Pair, Reason, Report, Shared, Summary};

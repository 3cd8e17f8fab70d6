//! What the program is told.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use mapping_core::identity::SourceId;
use odoo_rpc::client::Protocol;
use odoo_rpc::transport::{Address, AddressError};
use source_pulse::mapping::{Billing, Choices, Clinics};

/// Moves the export of a Pulse clinic into Odoo.
///
/// The secret comes from the environment: ODOO_API_KEY, or ODOO_PASSWORD. Stopped halfway, the same line goes on where it was.
/// Exit status: 0 all well; 1 could not go on; 2 wrong usage; 3 finished, some records refused.
#[derive(Debug, Parser)]
#[command(name = "pulse_to_odoo")]
pub(crate) struct Args {
    /// The folder, zip archive or workbook with Patients, and with Appointments, Staff and Campaigns where there are any. Without it: a small
    /// shipped export.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) export: Option<PathBuf>,
    /// The server's address, such as `https://clinic.example.org`. Without it: an Odoo inside this process.
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) odoo: Option<String>,
    /// The database.
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) db: Option<String>,
    /// The user's login.
    #[arg(long, value_name = "LOGIN", global = true)]
    pub(crate) login: Option<String>,
    /// Where it is remembered what was done. Without it, for a server: a file in this folder, named after server, database and
    /// clinic.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) journal: Option<PathBuf>,
    /// A folder for the report: report.json, report.txt, refused.csv, flags.csv.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) report: Option<PathBuf>,
    /// At most so many calls begin in a second, 0.001 at least; 0 is no limit, for one's own server alone. 1 where nothing is said; the
    /// Odoo inside this process keeps no pace then.
    #[arg(long, value_name = "X", value_parser = rate, global = true)]
    pub(crate) calls_per_second: Option<f64>,
    /// About so long a call may take the server. Where nothing is said 1.5 s, and 12 s before Odoo 16, which takes longer for each row.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60), global = true)]
    pub(crate) seconds_per_call: Option<u64>,
    /// How calls travel. JSON-2 needs Odoo 19 and an API key; it is taken where both are there, unless something else is said.
    #[arg(long, value_name = "PROTOCOL", value_enum, default_value_t = Way::Auto, global = true)]
    pub(crate) protocol: Way,
    /// The Odoo user who stands in for staff that Odoo does not know.
    #[arg(long, value_name = "LOGIN", global = true)]
    pub(crate) fallback_user: Option<String>,
    /// The time zone of the export's times.
    #[arg(long, value_name = "IANA", default_value = "Asia/Kolkata", value_parser = zone, global = true)]
    pub(crate) zone: String,
    /// The clinic's name in every record's identity, so that two clinics can be moved into one Odoo: small letters, digits, '-'.
    #[arg(long, value_name = "NAME", default_value = "main", value_parser = clinic, global = true)]
    pub(crate) clinic: String,
    /// What bills become. Where Odoo keeps books and the export has bills, it must be said; else they are summed up on the contacts.
    #[arg(long, value_name = "CHOICE", value_enum, global = true)]
    pub(crate) bills: Option<BillsAs>,
    /// Whose rows are, as a person has decided it: a file of TOML that names patients' ids, or names and phones.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) ids: Option<PathBuf>,
    /// What the account's clinics become; as text, on each patient and appointment, they are kept in every case.
    #[arg(long, value_name = "CHOICE", value_enum, default_value_t = ClinicsAs::Text, global = true)]
    pub(crate) clinics: ClinicsAs,
    /// After so many seconds a call without an answer cannot be carried out any more. Longer than the server's own limit.
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(..=86_400), global = true)]
    pub(crate) settle: u64,
    /// Print one JSON report to standard output; of the audit, to the file it is given.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do; `run` where nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Move everything that is not there yet.
    Run {
        /// What was decided about duplicates, as `duplicates --out` writes it for a person to edit. It is remembered in the journal, and
        /// later runs keep to it without the file. A later decision on the same two patients counts in place of an earlier one.
        #[arg(long, value_name = "FILE")]
        decisions: Option<PathBuf>,
    },
    /// Look whether the server is fit for it, and write nothing. Exit status: 0 nothing is in the way; 3 some warnings; 1 a problem, or
    /// no log-in.
    Doctor,
    /// Look through the export, tell what to clean, and write nothing; no server is asked. Exit status: 0 every record would be taken; 3
    /// some would be refused.
    Audit {
        /// So many places are told of each finding. All are counted.
        #[arg(long, value_name = "N", default_value_t = 10)]
        places: usize,
        /// A file for the findings, in place of standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// List the files that no table names, too. Their names may tell who is a patient, so they go to the file of --out alone.
        #[arg(long, requires = "out")]
        file_names: bool,
    },
    /// Look through the export for patients who may be one person, tell the pairs with their reasons, and decide nothing; no server is
    /// asked. Exit status: 0 there is nothing to decide; 3 there are pairs.
    Duplicates {
        /// A new file with all pairs, for a person to write the decisions in; none is made in it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Tell what is in the export and is not moved, as a checklist of what to rebuild by hand: rules, reminders, workflows, templates,
    /// reports, settings, unknown tables, and what Pulse cannot export. No server is asked.
    Reference {
        /// A folder for reference.md and reference.json, in place of standard output.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// What bills become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BillsAs {
    /// Invoices with their payments, in Odoo's Accounting.
    Accounting,
    /// Sums on the contacts, and a text each.
    Summary,
}

/// What clinics become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClinicsAs {
    /// Text alone.
    Text,
    /// A tag of the patients.
    Tag,
    /// A company that patients and appointments are linked to.
    Company,
}

impl From<ClinicsAs> for Clinics {
    fn from(choice: ClinicsAs) -> Self {
        match choice {
            ClinicsAs::Text => Self::Text,
            ClinicsAs::Tag => Self::Tag,
            ClinicsAs::Company => Self::Company,
        }
    }
}

/// How calls travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    Auto,
    XmlRpc,
    #[value(name = "json-2")]
    Json2,
}

impl Way {
    /// The protocol that is asked for, where one is.
    pub(crate) fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Auto => None,
            Self::XmlRpc => Some(Protocol::XmlRpc),
            Self::Json2 => Some(Protocol::Json2),
        }
    }
}

impl Args {
    /// What is chosen of the shipped mapping.
    pub(crate) fn choices(&self) -> Choices {
        let billing = match self.bills {
            Some(BillsAs::Accounting) => Billing::Accounting,
            Some(BillsAs::Summary) | None => Billing::Summary,
        };
        Choices::default().billing(billing).clinics(self.clinics.into())
    }

    /// What clap cannot see by itself.
    pub(crate) fn check(&self) -> Result<(), clap::Error> {
        let missing = |what: &str| {
            let message = format!("--odoo needs {what}");
            Err(Self::command().error(ErrorKind::MissingRequiredArgument, message))
        };
        // Not by a parser of clap's: that would repeat an address that holds a password.
        if let Err(error) = self.address() {
            return Err(Self::command().error(ErrorKind::ValueValidation, format!("--odoo: {error}")));
        }
        match (&self.odoo, &self.db, &self.login) {
            (Some(_), None, _) => missing("--db NAME"),
            (Some(_), _, None) => missing("--login LOGIN"),
            (Some(_), ..) if secret().is_none() => {
                missing("a secret: set ODOO_API_KEY or ODOO_PASSWORD in the environment")
            }
            (None, Some(_), _) | (None, _, Some(_)) => {
                let message = "--db and --login go with --odoo URL";
                Err(Self::command().error(ErrorKind::MissingRequiredArgument, message))
            }
            _ => Ok(()),
        }
    }

    /// Where the server is, in one form however it was written.
    pub(crate) fn address(&self) -> Result<Option<Address>, AddressError> {
        self.odoo.as_deref().map(|url| Address::parse(url, false)).transpose()
    }
}

/// The name of the variable that holds the secret, where one does.
pub(crate) fn secret() -> Option<&'static str> {
    ["ODOO_API_KEY", "ODOO_PASSWORD"]
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && (number == 0.0 || number >= 0.001) => Ok(number),
        _ => Err("expected a number from 0.001 on, such as 1 or 0.5, or 0".to_owned()),
    }
}

fn zone(text: &str) -> Result<String, String> {
    match TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("there is no zone of that name; use one like Asia/Kolkata".to_owned()),
    }
}

fn clinic(text: &str) -> Result<String, String> {
    SourceId::new("pulse", text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

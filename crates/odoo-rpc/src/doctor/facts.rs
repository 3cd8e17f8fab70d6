//! What a server told of itself.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a server told of itself. `None` is for what the user may not ask.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Facts {
    /// Its version: `19.0`, `saas~17.4`.
    pub version: String,
    /// Whether it is Odoo Enterprise. Community has no module `web_enterprise` (measured on 14 and 19).
    pub enterprise: Option<bool>,
    /// Whether it is one of Odoo's own hosting, as far as address and version tell.
    pub hosted: bool,
    /// The database's name.
    pub database: String,
    /// The protocol these calls were made with.
    pub protocol: &'static str,
    /// The protocols that a server of this version offers. JSON-2 came with 19 (measured on 14, 16, 17 and 19).
    pub offered: Vec<&'static str>,
    /// Whether the way to it is encrypted, where the address is known.
    pub encrypted: Option<bool>,
    /// By how many seconds its clock is ahead of ours, where it tells the time.
    pub clock_ahead: Option<i64>,
    /// Who asks.
    pub user: UserFacts,
    /// How many companies the user sees.
    pub companies: Option<u64>,
    /// The technical names of the installed apps: `crm`, `account`, `calendar`. Where the user may not ask for apps, those of these
    /// three whose models are there.
    pub apps: Option<Vec<String>>,
    /// The models that the run touches.
    pub models: Vec<ModelFacts>,
    /// How many outgoing mail servers are set up.
    pub mail_servers: Option<u64>,
    /// How many mails wait to leave.
    pub mails_waiting: Option<u64>,
    /// How many calls it took to ask.
    pub calls: u64,
}

impl Facts {
    /// Whether that app is installed, by its technical name, where that is known.
    #[must_use]
    pub fn has_app(&self, name: &str) -> Option<bool> {
        self.apps.as_ref().map(|apps| apps.iter().any(|app| app == name))
    }

    /// What is known of that model, where it was asked for.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelFacts> {
        self.models.iter().find(|model| model.name == name)
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserFacts {
    /// The user's id.
    pub id: i64,
    /// The user's language.
    pub language: Option<String>,
    /// The user's time zone.
    pub time_zone: Option<String>,
    /// The name of the company that the user's records are made for.
    pub company: Option<String>,
    /// In how many companies the user may work.
    pub companies: usize,
    /// Whether it is a portal user, who may do next to nothing.
    pub portal: bool,
}

/// A model that the run touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModelFacts {
    /// Its name.
    pub name: String,
    /// Whether it is there.
    pub there: Option<bool>,
    /// What the user may do with it. Rules for single records may still forbid some of them.
    pub may: BTreeMap<Operation, bool>,
}

/// What may be done with the records of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "Odoo's access rights know these four")]
pub enum Operation {
    /// Read.
    Read,
    /// Create.
    Create,
    /// Change.
    Write,
    /// Delete.
    Unlink,
}

impl Operation {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Read, Self::Create, Self::Write, Self::Unlink];

    /// Odoo's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Write => "write",
            Self::Unlink => "unlink",
        }
    }
}

//! The answer: findings, each with what to do, and the facts they come from.

use std::fmt;

use serde::Serialize;

use crate::doctor::facts::Facts;

/// What was found. `Display` is for a person, `Serialize` for a program.
///
/// It names models, fields, apps and companies; never a record's value, a login or a secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// What the server told; `None` where it could not be asked.
    pub facts: Option<Facts>,
}

impl Diagnosis {
    /// The severity of the worst finding.
    #[must_use]
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note)
    }

    /// The findings about that topic.
    pub fn about(&self, topic: Topic) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.topic == topic)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let verdict = match self.worst() {
            Severity::Note => "nothing is in the way",
            Severity::Warning => "look at the warnings first",
            Severity::Problem => "mend the problems first",
        };
        let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
        write!(f, "{problems} problems, {warnings} warnings: {verdict}")?;
        match &self.facts {
            Some(facts) => write!(f, " ({} calls, nothing written)", facts.calls),
            None => Ok(()),
        }
    }
}

/// One thing found, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// What was found.
    pub what: String,
    /// What to do.
    pub advice: String,
}

impl Finding {
    pub(crate) fn new(
        severity: Severity,
        topic: Topic,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { severity, topic, what: what.into(), advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "WARNING",
            Severity::Problem => "PROBLEM",
        };
        write!(f, "{severity:8} {:9} {}\n{:19}-> {}", self.topic.word(), self.what, "", self.advice)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a fourth answer would change every caller")]
pub enum Severity {
    /// Good to know.
    Note,
    /// A run would go through, and may not do what is wanted.
    Warning,
    /// A run would not go through.
    Problem,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Topic {
    /// Which Odoo it is.
    Server,
    /// What is installed.
    Apps,
    /// How it is spoken to.
    Protocol,
    /// Whether calls from outside are allowed at all.
    Api,
    /// What the user may do.
    Rights,
    /// Its clock.
    Clock,
    /// Whether the way to it is encrypted.
    Tls,
    /// Mail that leaves it.
    Mail,
    /// Who asks.
    User,
    /// For which company.
    Company,
}

impl Topic {
    fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Apps => "apps",
            Self::Protocol => "protocol",
            Self::Api => "api",
            Self::Rights => "rights",
            Self::Clock => "clock",
            Self::Tls => "tls",
            Self::Mail => "mail",
            Self::User => "user",
            Self::Company => "company",
        }
    }
}

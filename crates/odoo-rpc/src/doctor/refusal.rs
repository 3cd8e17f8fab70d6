//! What it means when a server could not even be logged in to.

use crate::doctor::diagnosis::{Finding, Severity, Topic};
use crate::error::Error;

pub(crate) fn finding(error: &Error) -> Finding {
    let (topic, advice) = match error {
        Error::Config { reason } if reason.contains("unencrypted") => (
            Topic::Tls,
            "use the server's https:// address; plain http only on this machine or a trusted network",
        ),
        Error::Config { .. } => (Topic::Server, "mend the setting that is named"),
        Error::Login { .. } => (
            Topic::Api,
            "check database, login and secret; a user with two-factor log-in needs an API key; on Odoo's own hosting the plans One App \
             Free and Standard have no external API, and refuse what is right in the browser: it takes a Custom plan",
        ),
        Error::NotOdoo { status: 401 | 403 | 404 | 405, .. } => (
            Topic::Api,
            "let the proxy or firewall pass POST requests to /xmlrpc/2/; on Odoo's own hosting the plans One App Free and Standard have \
             no external API: it takes a Custom plan",
        ),
        Error::NotOdoo { .. } | Error::Protocol { .. } => {
            (Topic::Server, "check the address: something else than Odoo answers there, or a proxy before it")
        }
        Error::TooMany { .. } => {
            (Topic::Api, "make the gap between calls longer: Odoo's own hosting counts them")
        }
        Error::NotSent { .. } | Error::Lost { .. } => (
            Topic::Server,
            "check address, port, certificate, network and firewall, and that the server runs",
        ),
        _ => (Topic::Server, "look into the server's log"),
    };
    Finding::new(Severity::Problem, topic, error.to_string(), advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Address;

    #[test]
    fn each_way_of_being_refused_says_what_to_do() {
        let tls = Error::from(Address::parse("http://clinic.example.org", false).unwrap_err());
        let login = Error::Login { reason: "no".into() };
        let call = || "common.version".to_owned();
        let page = Error::NotOdoo { call: call(), status: 200, reason: "a page".into() };
        let gone = Error::NotSent { call: call(), reason: "no connection".into() };
        for (error, topic, advice) in [
            (tls, Topic::Tls, "https://"),
            (login, Topic::Api, "two-factor"),
            (page, Topic::Server, "address"),
            (gone, Topic::Server, "certificate"),
            (Error::TooMany { call: call(), retry_after: None }, Topic::Api, "gap"),
        ] {
            let finding = finding(&error);
            assert_eq!((finding.severity, finding.topic), (Severity::Problem, topic), "{error}");
            assert!(finding.advice.contains(advice), "{finding}");
        }
    }
}

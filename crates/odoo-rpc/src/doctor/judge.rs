//! From what a server told to what a person should know. No calls.

use crate::doctor::ask::SCHEMA;
use crate::doctor::checkup::Checkup;
use crate::doctor::diagnosis::{Finding, Severity, Topic};
use crate::doctor::facts::{Facts, ModelFacts, Operation};
use Severity::{Note, Problem, Warning};

/// By how many seconds clocks may differ.
const CLOCKS: i64 = 5;

pub(crate) fn findings(facts: &Facts, checkup: &Checkup) -> Vec<Finding> {
    let mut findings = vec![server(facts), api(facts), protocol(facts)];
    findings.extend(tls(facts, checkup));
    findings.extend(clock(facts));
    findings.push(apps(facts));
    let (schema, others): (Vec<_>, Vec<_>) =
        facts.models.iter().partition(|model| SCHEMA.contains(&model.name.as_str()));
    findings.extend(fields(&schema));
    findings.extend(others.into_iter().filter_map(|model| rights(model, checkup)));
    findings.push(mail(facts));
    findings.push(user(facts));
    findings.push(company(facts));
    // The worst first; those alike stay in their order.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn server(facts: &Facts) -> Finding {
    let edition = match facts.enterprise {
        Some(true) => " Enterprise",
        Some(false) => " Community",
        None => " (the user may not ask for the edition)",
    };
    let what = format!("Odoo {}{edition}, database {}", facts.version, facts.database);
    let number = facts.version.split(['.', '~']).find_map(|part| part.parse::<u32>().ok());
    match (facts.version.as_str(), number) {
        // Hosted versions in between, such as saas~17.4, are others.
        ("14.0" | "16.0" | "17.0" | "19.0", _) => {
            Finding::new(Note, Topic::Server, what, "nothing: this version is known")
        }
        (_, Some(0..14)) => Finding::new(
            Problem,
            Topic::Server,
            what,
            "bring the server up to Odoo 14 or later first: nothing is known of this one",
        ),
        _ => Finding::new(
            Warning,
            Topic::Server,
            what,
            "try it on a copy of the database first: 14, 16, 17 and 19 were measured, this version was not",
        ),
    }
}

fn api(facts: &Facts) -> Finding {
    let what = "calls from outside are allowed for this user";
    if facts.hosted {
        return Finding::new(
            Note,
            Topic::Api,
            format!("{what}; it is one of Odoo's own hosting"),
            "keep to one call a second; the external API belongs to Custom plans, and a change to One App Free or Standard ends it: \
             log-ins that are right are refused then",
        );
    }
    Finding::new(Note, Topic::Api, what, "nothing")
}

fn protocol(facts: &Facts) -> Finding {
    if facts.protocol == "JSON-2" {
        return Finding::new(Note, Topic::Protocol, "JSON-2 is used, which will last", "nothing");
    }
    if facts.offered.contains(&"JSON-2") {
        let advice = "nothing today: Odoo has announced that XML-RPC will be removed with Odoo 22; JSON-2 needs an API key, so have one made";
        return Finding::new(
            Note,
            Topic::Protocol,
            format!("{} is used, JSON-2 is offered too", facts.protocol),
            advice,
        );
    }
    Finding::new(Note, Topic::Protocol, "XML-RPC is the only one that this version offers", "nothing")
}

fn tls(facts: &Facts, checkup: &Checkup) -> Option<Finding> {
    let loopback = checkup.address.as_ref().is_some_and(|address| address.is_loopback());
    Some(match facts.encrypted? {
        true => Finding::new(Note, Topic::Tls, "the way to the server is encrypted", "nothing"),
        false if loopback => {
            Finding::new(Note, Topic::Tls, "plain http, and the server is this machine itself", "nothing")
        }
        false => Finding::new(
            Warning,
            Topic::Tls,
            "plain http, as was asked for: everybody on the way can read the secret and the patients' data",
            "use https://, unless the network itself is trusted",
        ),
    })
}

fn clock(facts: &Facts) -> Option<Finding> {
    let ahead = facts.clock_ahead?;
    if ahead.abs() <= CLOCKS {
        return Some(Finding::new(Note, Topic::Clock, "the server's clock and ours agree", "nothing"));
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    Some(Finding::new(
        Warning,
        Topic::Clock,
        format!("the server's clock is {} s {side} ours", ahead.abs()),
        "set the wrong one by a time server (NTP): what changed since when is told by these clocks",
    ))
}

fn apps(facts: &Facts) -> Finding {
    match &facts.apps {
        Some(apps) if apps.is_empty() => {
            Finding::new(Note, Topic::Apps, "no apps are installed", "nothing, unless the plan needs one")
        }
        Some(apps) => {
            let missing: Vec<&str> = ["account", "calendar", "crm"]
                .into_iter()
                .filter(|app| !apps.iter().any(|known| known == app))
                .collect();
            let advice = match missing.is_empty() {
                true => "nothing".to_owned(),
                false => format!(
                    "nothing, unless bills (account), events (calendar) or leads (crm) are to be moved: not there: {}",
                    missing.join(", ")
                ),
            };
            Finding::new(Note, Topic::Apps, format!("installed: {}", apps.join(", ")), advice)
        }
        None => Finding::new(
            Note,
            Topic::Apps,
            "the user may not ask which apps are installed",
            "nothing: what is needed of each model is told under rights",
        ),
    }
}

/// What is to be made must be allowed for all the models of the schema alike.
fn fields(models: &[&ModelFacts]) -> Option<Finding> {
    let refused: Vec<&str> = models
        .iter()
        .filter(|model| model.may.get(&Operation::Create) == Some(&false))
        .map(|model| model.name.as_str())
        .collect();
    (!refused.is_empty()).then(|| {
        Finding::new(
            Problem,
            Topic::Rights,
            format!("the user may not make fields or models: no right to create {}", refused.join(", ")),
            "let an administrator (Settings) apply the schema once, or run as one: with the fields there, others can write",
        )
    })
}

fn rights(model: &ModelFacts, checkup: &Checkup) -> Option<Finding> {
    let name = model.name.as_str();
    match model.there {
        Some(false) if checkup.made.iter().any(|made| made == name) => return None,
        Some(false) => {
            let app = match name.split('.').next() {
                Some("crm") => " (CRM)",
                Some("account") => " (Invoicing or Accounting)",
                Some("calendar") => " (Calendar)",
                _ => "",
            };
            let advice = format!("install the app that brings it{app}, or leave it out of the plan");
            return Some(Finding::new(Problem, Topic::Rights, format!("there is no model {name}"), advice));
        }
        None => {
            return Some(Finding::new(
                Warning,
                Topic::Rights,
                format!("{name}: it could not be asked what the user may do"),
                "try with a few records first",
            ));
        }
        Some(true) => {}
    }
    let written = checkup.written.iter().any(|written| written == name);
    let wanted = if written { &Operation::ALL[..] } else { &[Operation::Read] };
    let missing: Vec<Operation> =
        wanted.iter().copied().filter(|operation| model.may.get(operation) == Some(&false)).collect();
    let words: Vec<&str> = missing.iter().map(|operation| operation.word()).collect();
    match missing[..] {
        [] => None,
        [Operation::Unlink] => Some(Finding::new(
            Warning,
            Topic::Rights,
            format!("{name}: the user may not unlink"),
            "give the user the group that may delete such records (Contact Creation for contacts), or what is written cannot be taken \
             back by this user",
        )),
        _ => {
            let what = format!("{name}: the user may not {}", words.join(", "));
            let group = match name {
                "res.partner" => "Contact Creation",
                _ if name.starts_with("crm.") => "Sales: User or Administrator",
                _ if name.starts_with("account.") => "Invoicing or Accounting",
                _ => "that may",
            };
            let advice = format!("give the user the group {group}, in Odoo's settings under Users");
            Some(Finding::new(Problem, Topic::Rights, what, advice))
        }
    }
}

fn mail(facts: &Facts) -> Finding {
    let servers = match facts.mail_servers {
        Some(count) => format!("{count} outgoing mail servers are set up"),
        None => "the user may not ask for mail servers".to_owned(),
    };
    match facts.mails_waiting {
        Some(count) if count > 0 => Finding::new(
            Warning,
            Topic::Mail,
            format!("{servers}; {count} mails wait to leave, and will with the server's next round"),
            "look at them in Odoo (Settings, Technical, Emails) before a run, so that they are not taken for its own",
        ),
        Some(_) => Finding::new(
            Note,
            Topic::Mail,
            format!("{servers}; no mail waits to leave"),
            "nothing: what is written through OdooWriter sends none (tracking, invitations and notices are off in every call)",
        ),
        None => Finding::new(
            Note,
            Topic::Mail,
            format!("{servers}, nor for mail that waits"),
            "let an administrator look at the queue (Settings, Technical, Emails) before and after a run; no mail is made by it",
        ),
    }
}

fn user(facts: &Facts) -> Finding {
    let user = &facts.user;
    if user.portal {
        return Finding::new(Problem, Topic::User, "it is a portal user", "use an internal user");
    }
    let language = user.language.as_deref().unwrap_or("none");
    let zone = user.time_zone.as_deref().unwrap_or("none, which Odoo takes for UTC");
    Finding::new(
        Note,
        Topic::User,
        format!("user {}, language {language}, time zone {zone}", user.id),
        "nothing: times are sent as UTC, and shown to each user in their own zone",
    )
}

fn company(facts: &Facts) -> Finding {
    let company = facts.user.company.as_deref().unwrap_or("unknown");
    let many = facts.companies.unwrap_or_default().max(facts.user.companies as u64);
    if many > 1 {
        return Finding::new(
            Warning,
            Topic::Company,
            format!("{many} companies are there, and the user works for '{company}'"),
            "see that it is the right one: bills are made for it; contacts belong to no company unless one is given",
        );
    }
    Finding::new(Note, Topic::Company, format!("one company: '{company}'"), "nothing")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::doctor::facts::UserFacts;
    use crate::transport::Address;

    fn healthy() -> Facts {
        Facts {
            version: "19.0".into(),
            enterprise: Some(false),
            hosted: false,
            database: "clinic".into(),
            protocol: "XML-RPC",
            offered: vec!["XML-RPC", "JSON-2"],
            encrypted: Some(true),
            clock_ahead: Some(1),
            user: UserFacts { id: 2, companies: 1, ..UserFacts::default() },
            companies: Some(1),
            apps: Some(vec!["crm".into()]),
            models: Vec::new(),
            mail_servers: Some(1),
            mails_waiting: Some(0),
            calls: 7,
        }
    }

    fn model(name: &str, may: [bool; 4]) -> ModelFacts {
        let may: BTreeMap<_, _> = Operation::ALL.into_iter().zip(may).collect();
        ModelFacts { name: name.into(), there: Some(true), may }
    }

    fn worst(facts: &Facts, checkup: &Checkup) -> (Severity, Topic, String) {
        let worst = findings(facts, checkup).swap_remove(0);
        assert!(!worst.advice.is_empty());
        (worst.severity, worst.topic, worst.what)
    }

    #[test]
    fn a_healthy_server_gives_notes_alone() {
        assert_eq!(worst(&healthy(), &Checkup::new()).0, Note);
    }

    #[test]
    fn each_trouble_is_told() {
        let sick = |change: fn(&mut Facts)| {
            let mut facts = healthy();
            change(&mut facts);
            let (severity, topic, _) = worst(&facts, &Checkup::new());
            (severity, topic)
        };
        assert_eq!(sick(|facts| facts.version = "13.0".into()), (Problem, Topic::Server));
        for version in ["saas~18.2", "saas~17.4", "18.0"] {
            let mut facts = healthy();
            facts.version = version.into();
            assert_eq!(worst(&facts, &Checkup::new()).0, Warning, "{version}");
        }
        assert_eq!(sick(|facts| facts.encrypted = Some(false)), (Warning, Topic::Tls));
        assert_eq!(sick(|facts| facts.clock_ahead = Some(6)), (Warning, Topic::Clock));
        assert_eq!(sick(|facts| facts.clock_ahead = Some(-6)), (Warning, Topic::Clock));
        assert_eq!(sick(|facts| facts.mails_waiting = Some(3)), (Warning, Topic::Mail));
        assert_eq!(sick(|facts| facts.user.portal = true), (Problem, Topic::User));
        assert_eq!(sick(|facts| facts.companies = Some(2)), (Warning, Topic::Company));
    }

    #[test]
    fn plain_http_to_this_machine_itself_is_fine() {
        let mut facts = healthy();
        facts.encrypted = Some(false);
        let here = Address::parse("http://localhost:8069", false).unwrap();
        assert_eq!(worst(&facts, &Checkup::new().address(here)).0, Note);
    }

    #[test]
    fn what_the_user_may_not_do_stops_a_run_that_needs_it() {
        let mut facts = healthy();
        let checkup = Checkup::new().writes("res.partner").reads("res.users");
        facts.models = vec![
            model("res.partner", [true, false, false, false]),
            model("res.users", [true, false, false, false]),
        ];
        let (severity, topic, what) = worst(&facts, &checkup);
        assert_eq!((severity, topic), (Problem, Topic::Rights));
        assert_eq!(what, "res.partner: the user may not create, write, unlink");
        assert_eq!(
            findings(&facts, &checkup).iter().filter(|finding| finding.topic == Topic::Rights).count(),
            1
        );

        facts.models = vec![model("res.partner", [true, true, true, false])];
        assert_eq!(worst(&facts, &checkup).0, Warning, "it can be written, and not taken back");
        facts.models = vec![model("ir.ui.view", [true, false, false, false])];
        assert_eq!(worst(&facts, &checkup.makes_fields()).0, Problem);
    }

    #[test]
    fn a_missing_model_is_a_problem_unless_it_is_to_be_made() {
        let mut facts = healthy();
        let missing = |name: &str| ModelFacts { there: Some(false), ..model(name, [false; 4]) };
        facts.models = vec![missing("crm.lead")];
        let finding = findings(&facts, &Checkup::new().writes("crm.lead")).swap_remove(0);
        assert!(finding.severity == Problem && finding.advice.contains("CRM"), "{finding}");
        facts.models = vec![missing("x_stage")];
        assert_eq!(worst(&facts, &Checkup::new().makes_model("x_stage")).0, Note);
    }
}

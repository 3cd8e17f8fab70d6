//! The cases of likeness, as their files have them.

use odoo_rpc::sandbox::Like;
use serde_json::Value as Json;

/// A call, what its answer is kept as, whether it is compared, and who makes it where it is not the administrator.
pub(crate) struct Step {
    pub(crate) keep: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) compared: bool,
    pub(crate) model: String,
    pub(crate) method: String,
    pub(crate) args: Json,
    pub(crate) kwargs: Json,
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// Those of a file that are asked of that version.
pub(crate) fn cases(like: Like, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let other = if like == Like::Odoo19 { "@14 " } else { "@19 " };
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("# ") {
            cases.push(Case { name: name.to_owned(), steps: Vec::new() });
            continue;
        }
        if line.starts_with(other) {
            continue;
        }
        let line = line.strip_prefix("@14 ").or_else(|| line.strip_prefix("@19 ")).unwrap_or(line);
        cases.last_mut().unwrap().steps.push(step(line));
    }
    cases.retain(|case| !case.steps.is_empty());
    cases
}

fn step(line: &str) -> Step {
    let (keep, rest) =
        match line.split_once(" = ").filter(|(name, _)| name.chars().all(char::is_alphanumeric)) {
            Some((name, rest)) => (Some(name.to_owned()), rest),
            None => (None, line),
        };
    let (compared, rest) = rest.strip_prefix("- ").map_or((true, rest), |rest| (false, rest));
    let (user, rest) = match rest.strip_prefix("as $").and_then(|rest| rest.split_once(' ')) {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (model, rest) = rest.trim().split_once(' ').unwrap();
    let (method, rest) = rest.split_once(' ').unwrap_or((rest, "[]"));
    let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
    let args = documents
        .next()
        .unwrap_or_else(|| panic!("no arguments: {line}"))
        .unwrap_or_else(|error| panic!("{error}: {line}"));
    let kwargs =
        documents.next().transpose().unwrap().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    Step { keep, user, compared, model: model.to_owned(), method: method.to_owned(), args, kwargs }
}

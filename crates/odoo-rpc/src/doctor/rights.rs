//! What the user may do with models: all at once from the access rights, or asked for one by one.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::client::{Client, Domain, SearchOptions};
use crate::doctor::ask::{known, link, links};
use crate::doctor::facts::{ModelFacts, Operation};
use crate::error::{Error, Result};
use crate::reason::Reason;
use crate::wire::{Struct, Value};

/// Which of these models are there, and what a user of these groups may do with them.
///
/// `there` are the ids of those that are there, where the user may ask for them; `groups` the groups that the user is in.
pub(crate) async fn of(
    client: &Client,
    models: &[(String, &[Operation])],
    there: Option<&HashMap<String, i64>>,
    groups: Option<&HashSet<i64>>,
) -> Result<Vec<ModelFacts>> {
    let at_once = match (there, groups) {
        (Some(there), Some(groups)) => by_rows(client, there, groups).await?,
        _ => None,
    };
    let mut facts = Vec::with_capacity(models.len());
    for (name, wanted) in models {
        let id = there.map(|there| there.get(name));
        let rights = id.flatten().zip(at_once.as_ref()).and_then(|(id, rights)| rights.get(id));
        facts.push(match (id, rights) {
            (Some(None), _) => {
                ModelFacts { name: name.clone(), there: Some(false), may: BTreeMap::default() }
            }
            (_, Some(allowed)) => {
                let may =
                    Operation::ALL.into_iter().map(|operation| (operation, allowed.contains(&operation)));
                ModelFacts { name: name.clone(), there: Some(true), may: may.collect() }
            }
            // No row is about it: only the server knows what that means.
            _ => one_by_one(client, name, wanted).await?,
        });
    }
    Ok(facts)
}

/// What the rows of `ir.model.access` allow: those for everybody, and those for the user's groups. The same as the server's own
/// answer for each model (compared on 14 and 19).
async fn by_rows(
    client: &Client,
    there: &HashMap<String, i64>,
    groups: &HashSet<i64>,
) -> Result<Option<HashMap<i64, HashSet<Operation>>>> {
    let domain =
        Domain::field("model_id").is_in(there.values().copied()).and(Domain::field("active").eq(true));
    let fields = ["model_id", "group_id", "perm_read", "perm_create", "perm_write", "perm_unlink"];
    let rows = client.search_read("ir.model.access", domain, &fields, SearchOptions::new()).await;
    let Some(rows) = known(rows)? else { return Ok(None) };
    let mut allowed: HashMap<i64, HashSet<Operation>> = HashMap::new();
    for row in &rows {
        let Some((model, _)) = link(row, "model_id") else { continue };
        let allowed = allowed.entry(model).or_default();
        if link(row, "group_id").is_some_and(|(group, _)| !groups.contains(&group)) {
            continue;
        }
        let given = Operation::ALL.into_iter().filter(|operation| {
            row.get(&format!("perm_{}", operation.word())).and_then(Value::as_bool) == Some(true)
        });
        allowed.extend(given);
    }
    Ok(Some(allowed))
}

/// Asks the server: a call for each of `wanted`.
async fn one_by_one(client: &Client, name: &str, wanted: &[Operation]) -> Result<ModelFacts> {
    let mut facts = ModelFacts { name: name.to_owned(), there: None, may: BTreeMap::default() };
    for &operation in wanted {
        let word = Value::from(operation.word());
        let (method, args) = match client.version().at_least(19, 0) {
            true => ("has_access", vec![Value::Array(Vec::new()), word]),
            false => ("check_access_rights", vec![word, false.into()]),
        };
        match client.execute_kw(name, method, args, Struct::new()).await {
            Err(Error::Refused { reason: Reason::UnknownModel, .. }) => {
                facts.there = Some(false);
                break;
            }
            answer => {
                if let Some(allowed) = known(answer)?.as_ref().and_then(Value::as_bool) {
                    facts.there = Some(true);
                    facts.may.insert(operation, allowed);
                }
            }
        }
    }
    Ok(facts)
}

/// The groups a user is in, those that come with others among them.
pub(crate) fn groups(client: &Client, user: &Struct) -> Option<HashSet<i64>> {
    Some(links(user, groups_field(client))?.into_iter().collect())
}

/// The field that holds them: before 19 the groups that come with others are stored with them (measured on 14 and 19).
pub(crate) fn groups_field(client: &Client) -> &'static str {
    if client.version().at_least(19, 0) { "all_group_ids" } else { "groups_id" }
}

//! What is there already.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::client::{Client, Domain, SearchOptions};
use crate::content::Content;
use crate::error::Result;
use crate::files::MODEL;
use crate::files::attachment::Attachment;
use crate::files::look::Looked;
use crate::wire::Value;

/// An attachment that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct There {
    pub(crate) id: i64,
    /// Whether its content is the file's.
    pub(crate) same: bool,
}

/// What is found of each wanted attachment: one call.
///
/// By its key, where `keys` names the field of keys and it has one; by record, name and content otherwise.
///
/// # Errors
///
/// See [`Error`](crate::Error).
pub(crate) async fn find(
    client: &Client,
    keys: Option<&str>,
    wanted: &[(&Attachment, Looked)],
) -> Result<Vec<Option<There>>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let key = |attachment: &Attachment| keys.and(attachment.key.clone());
    let mut fields = vec!["res_model", "res_id", "name"];
    fields.extend(Content::FIELDS.into_iter().chain(keys));
    let found = client.search_read(MODEL, domain(keys, wanted), &fields, SearchOptions::new().order("id"));
    let (mut by_key, mut by_place) = (HashMap::new(), HashMap::new());
    for record in found.await? {
        let text = |name: &str| record.get(name).and_then(Value::as_text).map(str::to_owned);
        let int = |name: &str| record.get(name).and_then(Value::as_int);
        let Some(id) = int("id") else { continue };
        let content = Content::of(&record);
        if let Some(key) = keys.and_then(text) {
            by_key.entry(key).or_insert((id, content.clone()));
        }
        if let (Some(model), Some(res_id), Some(name)) = (text("res_model"), int("res_id"), text("name")) {
            by_place.entry((model, res_id, name, content)).or_insert(id);
        }
    }
    let there = |(attachment, looked): &(&Attachment, Looked)| {
        let content = looked.content();
        match key(attachment) {
            Some(key) => by_key.get(&key).map(|(id, there)| There { id: *id, same: *there == content }),
            None => {
                let place = (attachment.model.clone(), attachment.record, attachment.name.clone(), content);
                by_place.get(&place).map(|id| There { id: *id, same: true })
            }
        }
    };
    Ok(wanted.iter().map(there).collect())
}

/// Whether the content of each attachment is the one it should have: one call. `None` for those that are not there.
///
/// # Errors
///
/// See [`Error`](crate::Error).
pub(crate) async fn check(client: &Client, made: &[(i64, Looked)]) -> Result<Vec<Option<bool>>> {
    let ids: Vec<i64> = made.iter().map(|(id, _)| *id).collect();
    let records = client.read(MODEL, &ids, &Content::FIELDS).await?;
    let there: HashMap<i64, Content> = records
        .iter()
        .filter_map(|record| Some((record.get("id")?.as_int()?, Content::of(record))))
        .collect();
    Ok(made.iter().map(|(id, looked)| there.get(id).map(|there| *there == looked.content())).collect())
}

fn domain(keys: Option<&str>, wanted: &[(&Attachment, Looked)]) -> Domain {
    let mut known = BTreeSet::new();
    let mut places: BTreeMap<&str, (BTreeSet<i64>, BTreeSet<String>, bool)> = BTreeMap::new();
    for (attachment, looked) in wanted {
        if let (Some(_), Some(key)) = (keys, &attachment.key) {
            known.insert(key.as_str());
            continue;
        }
        let (records, checksums, empty) = places.entry(&attachment.model).or_default();
        records.insert(attachment.record);
        checksums.insert(looked.checksum());
        *empty |= looked.size == 0;
    }
    let by_key = keys.filter(|_| !known.is_empty()).map(|field| Domain::field(field).is_in(known));
    let by_place = places.into_iter().map(|(model, (records, checksums, empty))| {
        let none = empty.then_some(Value::Bool(false));
        let checksums = checksums.into_iter().map(Value::from).chain(none);
        Domain::all_of([
            Domain::field("res_model").eq(model),
            Domain::field("res_id").is_in(records),
            Domain::field("checksum").is_in(checksums),
        ])
    });
    Domain::any_of(by_key.into_iter().chain(by_place))
}

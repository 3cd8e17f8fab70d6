//! Reading back: every field of every record that should be in Odoo, held against what the mapping made of the export.

use std::collections::BTreeMap;
use std::path::Path;

use futures::TryStreamExt;
use mapping_core::destination::{DestinationReader, LookupQuery};
use mapping_core::draft::{Draft, DraftValue, Lookup, Purpose};
use mapping_core::journal::Journal;
use mapping_core::mapper::RecordMapper;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::DestinationId;
use mapping_core::record::Fields;
use mapping_core::schema::ModelSchema;
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::value::Value;
use odoo_rpc::client::{Context, Domain};
use odoo_rpc::destination::OdooWriter;
use reconcile::journal::SqliteJournal;
use source_pulse::export::PulseExport;
use source_pulse::options::PulseOptions;

use super::servers::Server;

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) records: usize,
    pub(crate) fields: usize,
}

/// Compares every written field of every record, and sees that no record is there twice or too many.
pub(crate) async fn compare(server: &Server, export: &Path, clinic: &str, journal: &Path) -> Compared {
    let client = server.client().await;
    let odoo = OdooWriter::new(client.clone()).address_as(server.url.as_str());
    let pulse = PulseExport::open(export, PulseOptions::default().clinic(clinic)).unwrap();
    let mapper = source_pulse::mapping::odoo_mapper(pulse.zone()).unwrap();
    let journal = SqliteJournal::open(journal).unwrap();
    let admin = looked_up(&odoo, &Lookup::new("res.users", "login", server.login.as_str())).await;

    let mut compared = Compared::default();
    let mut schemas: BTreeMap<ModelName, ModelSchema> = BTreeMap::new();
    for entity in pulse.entities() {
        let mut wanted: BTreeMap<ModelName, Vec<(DestinationId, Fields)>> = BTreeMap::new();
        let mut readings = pulse.read(&Query::all(entity.name().clone()));
        while let Some(reading) = readings.try_next().await.unwrap() {
            let Reading::Record(record) = reading else { continue };
            let Ok(mapped) = mapper.map(&record) else { continue };
            for draft in mapped.drafts {
                let state = journal.states(std::slice::from_ref(draft.key())).await.unwrap().remove(0);
                if *draft.purpose() != Purpose::Write {
                    continue;
                }
                // Not at the destination: the truth says whether that is right.
                let Some(known) = state.known else { continue };
                assert!(state.doubt.is_none(), "{} is in doubt", draft.key());
                if !schemas.contains_key(draft.model()) {
                    let schema = odoo.describe(draft.model()).await.unwrap().unwrap();
                    schemas.insert(draft.model().clone(), schema);
                }
                let schema = &schemas[draft.model()];
                let fields = expected(&odoo, &journal, schema, &draft, admin.as_ref()).await;
                wanted.entry(draft.model().clone()).or_default().push((known.id, fields));
            }
        }
        for (model, rows) in wanted {
            compared.records += rows.len();
            compared.fields += held(&odoo, &model, &rows).await;
            let identified = Domain::field("x_migration_key")
                .compared("=like", format!("pulse:{clinic}:{}:%", entity.name()));
            let quiet = Context::new().with("active_test", false);
            let there = client.with_context(quiet).search_count(model.as_str(), identified).await.unwrap();
            assert_eq!(there, rows.len() as u64, "{model}: as many records as were written, and no more");
        }
    }
    compared
}

/// What a draft's fields should hold, as ids and values.
async fn expected(
    odoo: &OdooWriter,
    journal: &SqliteJournal,
    schema: &ModelSchema,
    draft: &Draft,
    admin: Option<&DestinationId>,
) -> Fields {
    let mut fields = Fields::default();
    for (field, value) in draft.fields() {
        // Left out where this version does not have it.
        if !schema.fields.contains_key(field) {
            continue;
        }
        let value = match value {
            DraftValue::Value(value) => value.clone(),
            DraftValue::Link(link) => {
                let state = journal.states(std::slice::from_ref(&link.target)).await.unwrap().remove(0);
                state.known.map(|known| Value::from(&known.id)).unwrap_or_default()
            }
            DraftValue::Lookup(lookup) if lookup.value.is_blank() => Value::Null,
            DraftValue::Lookup(lookup) => {
                let found = looked_up(odoo, lookup).await;
                found
                    .as_ref()
                    .or(admin.filter(|_| lookup.model.as_str() == "res.users"))
                    .map(Value::from)
                    .unwrap_or_default()
            }
            other => panic!("{field}: {other:?} is not compared"),
        };
        fields.set(field.clone(), value);
    }
    fields
}

/// Look-ups are few: each is asked for once.
async fn looked_up(odoo: &OdooWriter, lookup: &Lookup) -> Option<DestinationId> {
    type Asked = (String, String, String, String);
    static KNOWN: std::sync::Mutex<BTreeMap<(String, Asked), Option<DestinationId>>> =
        std::sync::Mutex::new(BTreeMap::new());
    let text = lookup.value.as_text().unwrap().to_owned();
    let within: Vec<_> =
        lookup.within.iter().map(|(field, value)| format!("{field}={}", value.as_text().unwrap())).collect();
    let asked = (lookup.model.to_string(), lookup.by.to_string(), text, within.join(","));
    let key = (odoo.address(), asked);
    if let Some(known) = KNOWN.lock().unwrap().get(&key) {
        return known.clone();
    }
    let query = LookupQuery {
        model: lookup.model.clone(),
        by: lookup.by.clone(),
        within: lookup.within.clone(),
        fold: lookup.fold,
    };
    let mut found = odoo.look_up(&query, std::slice::from_ref(&lookup.value)).await.unwrap().remove(0);
    let one = if found.len() == 1 { found.pop() } else { None };
    KNOWN.lock().unwrap().insert(key, one.clone());
    one
}

/// Holds what is expected against what is there; tells how many fields.
async fn held(odoo: &OdooWriter, model: &ModelName, rows: &[(DestinationId, Fields)]) -> usize {
    let mut names: Vec<FieldName> = Vec::new();
    for (name, _) in rows.iter().flat_map(|(_, fields)| fields.iter()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let ids: Vec<_> = rows.iter().map(|(id, _)| id.clone()).collect();
    let read = odoo.read(model, &ids, &names).await.unwrap();
    let mut compared = 0;
    for ((id, wanted), found) in rows.iter().zip(read) {
        let found = found.unwrap_or_else(|| panic!("{model} {id} is gone"));
        for (name, value) in wanted.iter() {
            let (value, there) = (plain(value), plain(found.value(name.as_str())));
            // Shown to whoever runs the test: the data is made up.
            assert!(value == there, "{model} {id} {name}: {} is not {}", shown(&there), shown(&value));
            compared += 1;
        }
    }
    compared
}

/// A value as both sides have it: markup as the text it shows, blank text as nothing, line ends as `\n`.
fn plain(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.starts_with("<p>") => {
            let text = text.replace("<br>", "\n").replace("<p>", "").replace("</p>", "");
            plain(&Value::Text(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))
        }
        Value::Text(text) if text.is_empty() => Value::Null,
        // Odoo's numbers are never empty.
        Value::Integer(0) => Value::Null,
        Value::Decimal(number) if number.is_zero() => Value::Null,
        Value::Text(text) => Value::Text(text.replace("\r\n", "\n")),
        Value::Instant(instant) => Value::Instant(jiff::Timestamp::from_second(instant.as_second()).unwrap()),
        other => other.clone(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Instant(instant) => instant.to_string(),
        other => format!("{other:?}"),
    }
}

//! A destination in memory.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::destination::{DestinationReader, DestinationWriter, LookupQuery, Prepared};
use crate::error::{Error, Result, Retry};
use crate::identity::{Identity, SourceId};
use crate::name::{FieldName, ModelName};
use crate::receipt::{
    Action, DestinationId, How, Intent, Outcome, Receipt, Row, SchemaIntent, SchemaReceipt,
};
use crate::record::Fields;
use crate::schema::{FieldInfo, FieldKind, ModelSchema, Needs, SchemaPlan};
use crate::value::Value;

/// A destination that keeps its records in memory, and does what it is told to get wrong.
///
/// # Example
///
/// ```
/// use mapping_core::memory::destination::MemoryDestination;
/// use mapping_core::schema::FieldKind;
///
/// let crm = MemoryDestination::new().model("res.partner", [("name", FieldKind::Line)]);
/// assert_eq!(crm.rows("res.partner").len(), 0);
/// ```
#[derive(Default)]
pub struct MemoryDestination {
    name: String,
    refusing: Option<Refuses>,
    state: Mutex<State>,
}

type Refuses = Box<dyn Fn(&Row) -> bool + Send + Sync>;

#[derive(Default)]
pub(super) struct State {
    pub(super) models: BTreeMap<ModelName, Model>,
    trouble: VecDeque<Trouble>,
    next: i64,
    writes: usize,
    /// What of the schema was made here.
    pub(super) made: Vec<SchemaReceipt>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) schema: ModelSchema,
    pub(super) records: BTreeMap<i64, (Option<Identity>, Fields)>,
    found: HashMap<Identity, Vec<i64>>,
}

/// What goes wrong with a write, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// The rows are written and nobody is told.
    AnswerLost,
    /// The rows are not written and nobody is told.
    RequestLost,
    /// The destination is down: nothing is written, and that is certain.
    Down,
    /// Nothing goes wrong.
    None,
}

impl MemoryDestination {
    /// Nothing but models that are yet to be made.
    #[must_use]
    pub fn new() -> Self {
        Self { name: "memory".into(), ..Self::default() }
    }

    /// The same, under another address.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// The same, with a model of those fields.
    #[must_use]
    pub fn model<'a>(self, name: &str, fields: impl IntoIterator<Item = (&'a str, FieldKind)>) -> Self {
        let fields = fields.into_iter().map(|(field, kind)| {
            let readonly = kind.shows_others();
            (FieldName::from(field), FieldInfo { kind, required: false, readonly })
        });
        self.state().models.entry(name.into()).or_default().schema.fields.extend(fields);
        self
    }

    /// The same, with a record that was there before; its id is the answer of the next free number.
    #[must_use]
    pub fn record(self, model: &str, fields: Fields) -> Self {
        let mut state = self.state();
        let id = state.take_id();
        state.models.entry(model.into()).or_default().records.insert(id, (None, fields));
        drop(state);
        self
    }

    /// The same, refusing the rows of which `refuses` is true.
    #[must_use]
    pub fn refusing(mut self, refuses: impl Fn(&Row) -> bool + Send + Sync + 'static) -> Self {
        self.refusing = Some(Box::new(refuses));
        self
    }

    /// What is to go wrong with the next writes, in this order.
    pub fn script(&self, trouble: impl IntoIterator<Item = Trouble>) {
        self.state().trouble.extend(trouble);
    }

    /// The fields of every record of a model, in the order they were made.
    #[must_use]
    pub fn rows(&self, model: &str) -> Vec<Fields> {
        let state = self.state();
        let records = state.models.get(model).map(|model| model.records.values());
        records.into_iter().flatten().map(|(_, fields)| fields.clone()).collect()
    }

    /// How many rows were created or updated since the beginning.
    #[must_use]
    pub fn rows_written(&self) -> usize {
        self.state().writes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryDestination({})", self.name)
    }
}

#[async_trait]
impl DestinationReader for MemoryDestination {
    fn address(&self) -> String {
        self.name.clone()
    }

    async fn describe(&self, model: &ModelName) -> Result<Option<ModelSchema>> {
        Ok(self.state().models.get(model).map(|model| model.schema.clone()))
    }

    async fn count(&self, model: &ModelName, source: &SourceId) -> Result<u64> {
        let (state, prefix) = (self.state(), source.prefix());
        let Some(model) = state.models.get(model) else { return Ok(0) };
        Ok(model
            .found
            .iter()
            .filter(|(key, _)| key.as_str().starts_with(&prefix))
            .map(|(_, ids)| ids.len() as u64)
            .sum())
    }

    async fn find(&self, model: &ModelName, identities: &[Identity]) -> Result<Vec<Option<DestinationId>>> {
        let state = self.state();
        let model_state = state.models.get(model);
        let one = |identity: &Identity| match model_state
            .and_then(|model| model.found.get(identity))
            .map(Vec::as_slice)
        {
            None | Some([]) => Ok(None),
            Some([id]) => Ok(Some((*id).into())),
            Some(_) => Err(Error::config("two records carry one identity")
                .at("model", model)
                .at("key", identity.as_str())),
        };
        identities.iter().map(one).collect()
    }

    async fn look_up(&self, query: &LookupQuery, values: &[Value]) -> Result<Vec<Vec<DestinationId>>> {
        let state = self.state();
        let model = state.models.get(&query.model).ok_or_else(|| no_model(&query.model))?;
        if !model.schema.fields.contains_key(&query.by) {
            return Err(no_field(&query.by).at("model", &query.model));
        }
        let shown = |id: i64, field| state.shown(&query.model, id, field);
        let fits = |id: i64, value: &Value| {
            equal(&shown(id, &query.by), value, query.fold)
                && query.within.iter().all(|(field, value)| shown(id, field) == *value)
        };
        let ids = |value: &Value| {
            let records = model.records.keys().filter(|id| fits(**id, value));
            records.map(|id| (*id).into()).collect()
        };
        Ok(values.iter().map(ids).collect())
    }

    async fn read(
        &self,
        model: &ModelName,
        ids: &[DestinationId],
        fields: &[FieldName],
    ) -> Result<Vec<Option<Fields>>> {
        let state = self.state();
        let known = state.models.get(model).ok_or_else(|| no_model(model))?;
        if let Some(unknown) = fields.iter().find(|field| !known.schema.fields.contains_key(*field)) {
            return Err(no_field(unknown));
        }
        let one = |id: &DestinationId| {
            let id = id.number().filter(|id| known.records.contains_key(id))?;
            Some(fields.iter().map(|field| (field.clone(), told(state.shown(model, id, field)))).collect())
        };
        Ok(ids.iter().map(one).collect())
    }
}

#[async_trait]
impl DestinationWriter for MemoryDestination {
    async fn plan(&self, needs: &Needs) -> Result<SchemaPlan> {
        Ok(self.state().plan(needs))
    }

    async fn apply(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        self.state().apply(plan)
    }

    async fn recover_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>> {
        Ok(self.state().recover_schema(intent))
    }

    async fn revert_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        self.state().revert_schema(receipts);
        Ok(())
    }

    async fn write(&self, rows: Prepared) -> Vec<Outcome> {
        let mut state = self.state();
        let trouble = state.trouble.pop_front().unwrap_or(Trouble::None);
        let lost = || Outcome::Unknown(Error::unavailable("no answer came", Retry::AfterLookup));
        match trouble {
            Trouble::Down => {
                let down = Error::unavailable("the destination is down", Retry::Safe);
                return rows.rows.iter().map(|_| Outcome::Unwritten(down.clone())).collect();
            }
            Trouble::RequestLost => return rows.rows.iter().map(|_| lost()).collect(),
            Trouble::AnswerLost | Trouble::None => {}
        }
        let write = |row: &Row| match state.write(row, self.refusing.as_ref()) {
            Err(error) => Outcome::Refused(error),
            Ok(_) if trouble == Trouble::AnswerLost => lost(),
            Ok(id) => Outcome::Written(id.into()),
        };
        rows.rows.iter().map(write).collect()
    }

    async fn recover(&self, intents: &[Intent]) -> Result<Vec<Option<DestinationId>>> {
        let mut found = Vec::with_capacity(intents.len());
        for intent in intents {
            found.extend(self.find(&intent.model, std::slice::from_ref(&intent.identity)).await?);
        }
        Ok(found)
    }

    async fn revert(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let mut state = self.state();
        let made = receipts.iter().filter(|receipt| receipt.how == How::Created);
        let goes: HashSet<_> = made.map(|receipt| (&receipt.model, &receipt.id)).collect();
        receipts
            .iter()
            .map(|receipt| match state.revert(receipt) {
                // What it was is no matter any more.
                Err(_) if goes.contains(&(&receipt.model, &receipt.id)) => Ok(()),
                answer => answer,
            })
            .collect()
    }
}

impl State {
    pub(super) fn take_id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    fn write(&mut self, row: &Row, refusing: Option<&Refuses>) -> Result<i64> {
        let id = self.next + 1;
        let model = self.models.get_mut(&row.model).ok_or_else(|| no_model(&row.model))?;
        if let Some((unknown, _)) =
            row.fields.iter().find(|(field, _)| !model.schema.fields.contains_key(*field))
        {
            return Err(no_field(unknown));
        }
        let not_written = |field: &FieldName| model.schema.fields.get(field)?.kind.not_written();
        if let Some((field, reason)) =
            row.fields.iter().find_map(|(field, _)| Some((field, not_written(field)?)))
        {
            return Err(Error::refused(reason).at("field", field));
        }
        if refusing.is_some_and(|refuses| refuses(row)) {
            return Err(Error::refused("the destination was told to refuse this row"));
        }
        let id = match &row.action {
            Action::Create => {
                model.found.entry(row.identity.clone()).or_default().push(id);
                model.records.insert(id, (Some(row.identity.clone()), row.fields.clone()));
                self.next = id;
                id
            }
            Action::Update(known) => {
                let gone = || Error::refused("the record to update is gone").at("id", known);
                let id = known.number().ok_or_else(gone)?;
                let (_, fields) = model.records.get_mut(&id).ok_or_else(gone)?;
                row.fields.iter().for_each(|(field, value)| fields.set(field.clone(), value.clone()));
                id
            }
        };
        self.writes += 1;
        Ok(id)
    }

    fn revert(&mut self, receipt: &Receipt) -> Result<()> {
        let (Some(model), Some(id)) = (self.models.get_mut(&receipt.model), receipt.id.number()) else {
            return Ok(());
        };
        match receipt.how {
            How::Created => {
                if let Some((Some(identity), _)) = model.records.remove(&id) {
                    model
                        .found
                        .get_mut(&identity)
                        .into_iter()
                        .for_each(|ids| ids.retain(|known| *known != id));
                }
            }
            How::Updated => {
                if let (Some((_, fields)), Some(before)) = (model.records.get_mut(&id), &receipt.before) {
                    let (files, others): (Vec<_>, Vec<_>) =
                        before.iter().partition(|(_, value)| matches!(value, Value::File(_)));
                    others.into_iter().for_each(|(field, value)| fields.set(field.clone(), value.clone()));
                    if let Some((field, _)) =
                        files.into_iter().find(|(field, value)| fields.value(field.as_str()) != *value)
                    {
                        return Err(Error::refused("the file from before is not kept").at("field", field));
                    }
                }
            }
            How::Matched => {}
        }
        Ok(())
    }
}

/// The value as it is told: of a file, which one it is.
fn told(value: Value) -> Value {
    match value {
        Value::File(file) => file.not_kept().into(),
        value => value,
    }
}

fn equal(found: &Value, wanted: &Value, fold: bool) -> bool {
    match (found, wanted) {
        (Value::Text(found), Value::Text(wanted)) if fold => {
            LookupQuery::folded(found) == LookupQuery::folded(wanted)
        }
        (found, wanted) => found == wanted,
    }
}

pub(super) fn no_model(model: &ModelName) -> Error {
    Error::refused("there is no such model").at("model", model)
}

pub(super) fn no_field(field: &FieldName) -> Error {
    Error::refused("there is no such field").at("field", field)
}

//! Rows as calls: checked, cut into lists, encoded.

use std::collections::{BTreeMap, HashSet, VecDeque};

use mapping_core::error::Error;
use mapping_core::name::ModelName;
use mapping_core::receipt::{Action, DestinationId, Row};
use mapping_core::value::Value;

use crate::client::{Call, Client, EncodedCall};
use crate::destination::attached;
use crate::destination::bills::{self, BillRow};
use crate::destination::care;
use crate::destination::cells::{cell, column, load};
use crate::destination::error::core;
use crate::destination::model::Model;
use crate::destination::quiet::IDENTITY;
use crate::destination::states::{self, States};
use crate::destination::values::{Markup, encode as encode_value};
use crate::destination::weight::{cut, weight};
use crate::destination::writer::OdooWriter;
use crate::error::{Error as CallError, Result as CallResult};
use crate::reason::Reason;
use crate::wire::{Struct, Value as Wire};

/// Rows that are checked and encoded: what `prepare` hands to `write`.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) batches: Vec<Batch>,
    /// Rows that are bills, whole.
    pub(crate) bills: Vec<BillRow>,
    /// Rows that a check refuses, by their number.
    pub(crate) refused: Vec<(usize, Error)>,
}

impl Encoded {
    /// Takes out rows that are refused after all.
    pub(crate) fn refuse(&mut self, refused: Vec<(usize, Error)>) {
        if refused.is_empty() {
            return;
        }
        let numbers: HashSet<usize> = refused.iter().map(|(at, _)| *at).collect();
        self.bills.retain(|bill| !numbers.contains(&bill.at));
        for batch in &mut self.batches {
            let rows = batch.rows.len();
            batch.rows.retain(|at| !numbers.contains(at));
            if batch.rows.len() < rows {
                batch.lists.clear();
            }
        }
        self.refused.extend(refused);
    }
}

/// Rows of one model that are written in one way.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) kind: Kind,
    pub(crate) model: ModelName,
    /// The numbers of its rows.
    pub(crate) rows: Vec<usize>,
    /// Calls for them, one after the other, each with how many rows it writes: as good as could be told beforehand.
    pub(crate) lists: VecDeque<(usize, Option<EncodedCall>)>,
}

/// What a call does with its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// `create`, of all.
    Create,
    /// `web_save_multi`, each with its own values; Odoo 19 and later.
    SaveMany,
    /// `load`, by database id, each with its own values.
    LoadMany,
    /// `write`, of one.
    Write,
    /// `write`, of many that get the same values; their identities are on them already.
    Same,
}

/// A contact's name of 2,600 bytes is taken, one of 2,800 breaks the call off (measured on 19).
const INDEXED: usize = 2700;
/// So many rows that get the same values are worth a call of their own, and one to see that they are the records they should be.
const SAME: usize = 20;

/// Rows that are written in one way: their numbers, and what they send.
type Part = Vec<(usize, Struct)>;

/// Checks and encodes rows; `None` where the fields of one of their models, or the states of countries, are not known yet and needed.
/// `otherwise` are the states to go by where they are not known.
pub(crate) fn encode(writer: &OdooWriter, rows: &[Row], otherwise: Option<&States>) -> Option<Encoded> {
    let (bills, refused) = bills::encoded(writer, rows)?;
    let mut encoded = encode_those(writer, rows, otherwise, |row| !bills::is_bill(&row.model))?;
    encoded.bills = bills;
    encoded.refused.extend(refused);
    Some(encoded)
}

/// The same of those rows alone, of which bills are like any others.
pub(crate) fn encode_those(
    writer: &OdooWriter,
    rows: &[Row],
    otherwise: Option<&States>,
    wanted: impl Fn(&Row) -> bool,
) -> Option<Encoded> {
    let mut encoded = Encoded::default();
    let mut parts: BTreeMap<(Kind, &ModelName, u8, Vec<String>), Part> = BTreeMap::new();
    let mut turns = care::Turns::new(&writer.client);
    let many = writer.client.version().at_least(19, 0);
    for at in care::order(rows).into_iter().filter(|at| wanted(&rows[*at])) {
        let row = &rows[at];
        let model = writer.known_model(&row.model)?;
        let place = model.as_deref().and_then(|model| states::of(model, row));
        let placed = match place {
            Some(place) => states::check(writer.states.get().or(otherwise)?, place),
            None => Ok(()),
        };
        match model.as_deref().map(|model| placed.and(checked(model, row)).map(|values| (model, values))) {
            None => {
                encoded.refused.push((at, Error::refused("there is no such model").at("model", &row.model)))
            }
            Some(Err(error)) => encoded.refused.push((at, error.at("model", &row.model))),
            Some(Ok((model, values))) => {
                let (kind, columns) = match row.action {
                    Action::Create => (Kind::Create, Vec::new()),
                    Action::Update(_) if many => (Kind::SaveMany, Vec::new()),
                    Action::Update(_) => match columns(model, &values) {
                        Some(columns) => (Kind::LoadMany, columns),
                        None => (Kind::Write, Vec::new()),
                    },
                };
                parts.entry((kind, &row.model, turns.of(row), columns)).or_default().push((at, values));
            }
        }
    }
    let mut batches: Vec<(Kind, &ModelName, Part)> = Vec::new();
    for ((kind, model, _, _), part) in parts {
        let known = writer.known_model(model).flatten();
        match known.filter(|_| kind == Kind::LoadMany) {
            Some(known) => {
                batches.extend(same_apart(&known, part).into_iter().map(|(kind, part)| (kind, model, part)))
            }
            None => batches.push((kind, model, part)),
        }
    }
    for (kind, model, mut part) in batches {
        let numbers = part.iter().map(|(at, _)| *at).collect();
        let mut lists = VecDeque::new();
        while !part.is_empty() {
            let most = writer.with_pace(kind, model, |pace| pace.next(part.len()));
            let count = cut(kind, part.iter().map(|(_, values)| values), most, writer.bytes());
            let content = part.drain(..count).map(|(at, values)| (id(&rows[at]), values)).collect();
            let known = writer.known_model(model).flatten();
            let call = known.and_then(|known| call(&writer.client, kind, &known, model, content).ok());
            lists.push_back((count, call));
        }
        encoded.batches.push(Batch { kind, model: model.clone(), rows: numbers, lists });
    }
    Some(encoded)
}

fn checked(model: &Model, row: &Row) -> Result<Struct, Error> {
    match &row.action {
        Action::Update(id) if id.number().is_none() => Err(Error::refused("the record's id is no number")),
        _ => values(model, row, Markup::Plain),
    }
}

/// The call that writes these rows, alone.
///
/// # Errors
///
/// The first row that cannot be encoded: a row that was left out would be taken for written with the others.
pub(crate) fn call_of(
    client: &Client,
    kind: Kind,
    model: &Model,
    rows: &[&Row],
) -> Result<EncodedCall, Error> {
    let one = |row: &&Row| values(model, row, Markup::Plain).map(|values| (id(row), values));
    let content = rows.iter().map(one).collect::<Result<_, Error>>()?;
    let name = rows.first().map(|row| row.model.clone()).unwrap_or_else(|| "".into());
    call(client, kind, model, &name, content).map_err(core)
}

/// How many of the rows go into a call, from the first on: at most `rows`, and at most so many bytes where it is not one alone.
pub(crate) fn cut_of(kind: Kind, model: &Model, rows: &[&Row], most: usize, bytes: usize) -> usize {
    let values: Vec<_> =
        rows.iter().take(most).map_while(|row| values(model, row, Markup::Plain).ok()).collect();
    cut(kind, values.iter(), most, bytes)
}

/// About how many bytes the rows become, as it counts for how many of them go into a call.
pub(crate) fn weight_of(model: &Model, rows: &[&Row]) -> usize {
    rows.iter().filter_map(|row| values(model, row, Markup::Plain).ok()).map(|values| weight(&values)).sum()
}

/// A row's fields, and its identity, as the model takes them. A file that is there stays (see `attached`).
///
/// # Errors
///
/// The model does not take one of them; the error's place `field` says which.
pub(crate) fn values(model: &Model, row: &Row, markup: Markup) -> Result<Struct, Error> {
    let mut values = Struct::with_capacity(row.fields.len() + 1);
    for (name, value) in row.fields.iter() {
        // A field that was made by hand has no default of the server's own: a new record need not say that it is empty.
        if row.action == Action::Create && *value == Value::Null && name.as_str().starts_with("x_") {
            continue;
        }
        if care::leaves_out(row, name, value) {
            continue;
        }
        let field = model
            .fields
            .get(name)
            .ok_or_else(|| Error::refused("there is no such field").at("field", name))?;
        if attached::stays(row, name, field, value)? {
            continue;
        }
        let value = encode_value(field, value, markup).map_err(|error| error.at("field", name))?;
        if name.as_str() == "name"
            && value.as_text().is_some_and(|text| text.len() > INDEXED)
            && has_index(row)
        {
            return Err(Error::refused("the text is too long for the index of the field").at("field", name));
        }
        values.push(name.as_str().into(), value);
    }
    if !model.fields.contains_key(IDENTITY) {
        return Err(Error::refused("the model has no field for identities: apply the schema first")
            .at("field", IDENTITY));
    }
    attached::complete(row, &mut values);
    care::complete(model, row, &mut values)?;
    values.push(IDENTITY.into(), row.identity.as_str().into());
    Ok(values)
}

/// Whether the model's names are in an index that takes no long text.
fn has_index(row: &Row) -> bool {
    row.model.as_str() == "res.partner"
}

/// Takes apart changes that give the same values to many records.
fn same_apart(model: &Model, part: Part) -> Vec<(Kind, Part)> {
    let mut alike: BTreeMap<Vec<String>, Part> = BTreeMap::new();
    for (at, values) in part {
        let cells = values.iter().filter(|(name, _)| *name != IDENTITY);
        let cells = cells.filter_map(|(name, value)| cell(model.fields.get(name)?, value)).collect();
        alike.entry(cells).or_default().push((at, values));
    }
    let (same, different): (Vec<_>, Vec<_>) = alike.into_values().partition(|rows| rows.len() >= SAME);
    let mut different: Vec<_> = different.into_iter().flatten().collect();
    different.sort_by_key(|(at, _)| *at);
    let mut parts: Vec<_> = same.into_iter().map(|rows| (Kind::Same, rows)).collect();
    if !different.is_empty() {
        parts.push((Kind::LoadMany, different));
    }
    parts
}

/// The columns in which `load` takes these values as they are; `None` where it takes one of them otherwise.
pub(crate) fn columns(model: &Model, values: &Struct) -> Option<Vec<String>> {
    let one = |(name, value): (&str, &Wire)| {
        let field = model.fields.get(name)?;
        cell(field, value).map(|_| column(name, field))
    };
    values.iter().map(one).collect()
}

/// The call that writes these values to these records.
///
/// # Errors
///
/// They cannot be encoded.
pub(crate) fn call(
    client: &Client,
    kind: Kind,
    model: &Model,
    name: &ModelName,
    content: Vec<(i64, Struct)>,
) -> CallResult<EncodedCall> {
    if kind == Kind::LoadMany {
        return load_of(client, model, name, &content);
    }
    let plain = |mut values: Struct| {
        if kind == Kind::Same {
            values = values
                .iter()
                .filter(|(name, _)| *name != IDENTITY)
                .map(|(name, value)| (name, value.clone()))
                .collect();
        }
        values
    };
    let content = content.into_iter().map(|(id, values)| (id, plain(values)));
    let (ids, values): (Vec<i64>, Vec<Wire>) = content.map(|(id, values)| (id, Wire::from(values))).unzip();
    let context = match kind {
        Kind::Create => care::context(client.version(), name.as_str(), &values),
        _ => None,
    };
    let special = context.map(|context| client.with_context(context));
    let of = |method: &str| Call::new(name.as_str(), method);
    special.as_ref().unwrap_or(client).encode(match kind {
        Kind::Create | Kind::LoadMany => of("create").arg("vals_list", values),
        Kind::SaveMany => {
            of("web_save_multi").on(ids).arg("vals_list", values).arg("specification", Struct::new())
        }
        Kind::Write | Kind::Same => {
            of("write").on(ids).arg("vals", values.into_iter().next().unwrap_or_default())
        }
    })
}

/// Whether such a call kept what it was to write: `load` tells it in its answer, the others by a fault.
///
/// # Errors
///
/// It did not.
pub(crate) fn kept(kind: Kind, model: &ModelName, answer: &Wire) -> CallResult<()> {
    let ids = || answer.as_struct().and_then(|answer| answer.get("ids")).is_some_and(|ids| !ids.is_unset());
    if kind != Kind::LoadMany || ids() {
        return Ok(());
    }
    Err(CallError::Refused { model: model.as_str().to_owned(), field: None, reason: Reason::Rule })
}

/// Rows of the same fields as a call of `load`.
fn load_of(
    client: &Client,
    model: &Model,
    name: &ModelName,
    content: &[(i64, Struct)],
) -> CallResult<EncodedCall> {
    let lost = || CallError::Unsendable {
        call: format!("{name}.load"),
        path: "data".to_owned(),
        reason: Reason::Value,
    };
    let mut columns = vec![".id".to_owned()];
    let first = content.first().map(|(_, values)| values);
    columns.extend(first.and_then(|values| self::columns(model, values)).ok_or_else(lost)?);
    let row = |(id, values): &(i64, Struct)| {
        let cells = values.iter().map(|(name, value)| cell(model.fields.get(name)?, value));
        std::iter::once(Some(id.to_string())).chain(cells).collect::<Option<Vec<String>>>()
    };
    let rows: Vec<_> = content.iter().map(row).collect::<Option<_>>().ok_or_else(lost)?;
    load(client, name.as_str(), &columns, &rows)
}

pub(crate) fn id(row: &Row) -> i64 {
    match &row.action {
        Action::Create => 0,
        Action::Update(id) => DestinationId::number(id).unwrap_or_default(),
    }
}

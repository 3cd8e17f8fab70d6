//! Asking the server which of some rows it does not take, and why, without writing any.
//!
//! Odoo's `load` tries rows one by one where they fail together, and tells of each that fails: it names what `create` does not. When
//! a single one fails it keeps none, so one is made to: the first row gets a creation date that is none. That leaves no trace (rows,
//! mails, followers, messages and the bus were counted on 14 and 19), and in one call names rows with a link to nowhere, a value that
//! another record has, a missing value, a broken rule of the model's, a document that is gone (each measured on both).

use std::collections::{BTreeMap, HashMap, HashSet};

use mapping_core::error::Error as CoreError;
use mapping_core::receipt::Row;

use crate::client::refusal::{from_access_error, from_text, from_value_error, refused};
use crate::client::{Client, EncodedCall};
use crate::destination::call::{id, values};
use crate::destination::cells::{cell, column, load};
use crate::destination::error::core;
use crate::destination::isolate::{Named, Seen};
use crate::destination::model::Model;
use crate::destination::quiet::IDENTITY;
use crate::destination::values::Markup;
use crate::error::{Error, Result};
use crate::reason::Reason;
use crate::wire::{Struct, Value as Wire};

/// A field that every table has and nobody writes, and what no date is.
const POISON: (&str, &str) = ("create_date", "never");

/// Rows that send more different sets of fields than so many are not asked about: each set takes a call.
const SHAPES: usize = 4;

/// What is asked: rows as cells.
pub(crate) struct Question<'a> {
    model: &'a Model,
    rows: Vec<&'a Row>,
    /// Their places among those it could have asked about.
    places: Vec<usize>,
    columns: Vec<String>,
    cells: Vec<Vec<String>>,
    /// Whether the server's `load` keeps the rows that it has tried when one fails; 19 forgets them all (measured).
    remembers: bool,
}

/// What the server says.
#[derive(Debug)]
pub(crate) enum Said {
    Seen(Seen<CoreError>),
    /// It has written the rows, against all that is known of it.
    Wrote,
}

impl<'a> Question<'a> {
    /// About those of the rows, at most so many, that send the same fields as the first; `None` where so many send others that this would
    /// take too many calls.
    pub(crate) fn new(client: &Client, model: &'a Model, rows: &[&'a Row], most: usize) -> Option<Self> {
        // Where the first row cannot be spoilt it might be kept.
        if !model.fields.contains_key(POISON.0) {
            return None;
        }
        let values = |row: &&Row| values(model, row, Markup::Plain).ok();
        let all: Vec<Struct> = rows.iter().map(values).collect::<Option<_>>()?;
        // What a row does not send gets its default, and an empty cell does not; a field made by hand has none.
        let shape = |values: &Struct| -> Vec<String> {
            let plain = |name: &str| {
                model.fields.get(name).is_some_and(|field| field.required || !name.starts_with("x_"))
            };
            let names = values.iter().map(|(name, _)| name).filter(|name| plain(name));
            let mut names: Vec<_> = names.map(str::to_owned).collect();
            names.sort_unstable();
            names
        };
        let shapes: Vec<Vec<String>> = all.iter().map(shape).collect();
        if shapes.iter().collect::<HashSet<_>>().len() > SHAPES {
            return None;
        }
        let places = shapes.iter().enumerate().filter(|(_, other)| Some(*other) == shapes.first());
        let places: Vec<usize> = places.map(|(at, _)| at).take(most).collect();
        let rows: Vec<&Row> = places.iter().map(|at| rows[*at]).collect();
        let all: Vec<&Struct> = places.iter().map(|at| &all[*at]).collect();
        let mut fields: BTreeMap<&str, bool> = BTreeMap::new();
        let updates = id(rows.first()?) > 0;
        for (name, value) in all.iter().flat_map(|values| values.iter()) {
            let field = model.fields.get(name)?;
            let needed = field.required && !updates;
            let sendable = cell(field, value).is_some() || (*value == Wire::from("") && !needed);
            // A row that gives what no cell can say would be named for not giving it.
            if needed && !sendable {
                return None;
            }
            *fields.entry(name).or_insert(true) &= sendable;
        }
        fields.retain(|_, sendable| *sendable);
        let mut columns = vec![POISON.0.to_owned()];
        columns.extend(updates.then(|| ".id".to_owned()));
        columns.extend(fields.keys().filter_map(|name| Some(column(name, model.fields.get(*name)?))));
        let cells = rows.iter().zip(&all).enumerate().map(|(at, (row, values))| {
            let mut cells = vec![if at == 0 { POISON.1.to_owned() } else { String::new() }];
            cells.extend(updates.then(|| id(row).to_string()));
            cells.extend(fields.keys().map(|name| {
                let value = values.get(name).zip(model.fields.get(*name));
                value.and_then(|(value, field)| cell(field, value)).unwrap_or_default()
            }));
            cells
        });
        let cells = cells.collect();
        let remembers = !client.version().at_least(15, 0);
        Some(Self { model, rows, places, columns, cells, remembers })
    }

    /// The call.
    ///
    /// # Errors
    ///
    /// A cell cannot be encoded.
    pub(crate) fn call(&self, client: &Client) -> Result<EncodedCall> {
        load(client, self.rows[0].model.as_str(), &self.columns, &self.cells)
    }

    /// Reads the server's answer; `None` where it is none of `load`'s.
    pub(crate) fn read(&self, answer: &Wire, links_are_sure: bool) -> Option<Said> {
        let answer = answer.as_struct()?;
        if let Some(ids) = answer.get("ids").and_then(Wire::as_array) {
            return (!ids.is_empty()).then_some(Said::Wrote);
        }
        let messages = messages(answer)?;
        // The poison is met first. Before it stands what the server says of all rows together, as if it was about the first row (19).
        let poison = messages.iter().position(|message| message.field == Some(POISON.0))?;
        let mut named: HashMap<usize, (CoreError, bool, bool)> = HashMap::new();
        let mut rows = self.rows.len();
        let mut last = 0;
        for message in &messages[poison + 1..] {
            let Some(at) = message.row else {
                // It stops after the tenth error.
                rows = last + 1;
                break;
            };
            // Of a row that it was not asked about there is nothing to be told.
            let Some(row) = self.rows.get(at) else { continue };
            last = at;
            if !message.error || named.contains_key(&at) {
                continue;
            }
            let (error, link) = told(message, row.model.as_str());
            let clash = is_clash(&error);
            let error = self.placed(error, message.field);
            named.insert(at, (error, !link || links_are_sure, clash));
        }
        named.retain(|at, _| *at < rows);
        let held = match self.remembers {
            true => Vec::new(),
            false => self.held(rows, &named.iter().map(|(at, (_, _, clash))| (*at, *clash)).collect()),
        };
        let place = |at: usize| self.places[at];
        let named = named.into_iter().map(|(at, (error, sure, _))| Named { at: place(at), error, sure });
        let mut named: Vec<_> = named.collect();
        named.sort_by_key(|named| named.at);
        let held = held.into_iter().map(place).collect();
        Some(Said::Seen(Seen { rows: self.places[..rows].to_vec(), named, held }))
    }

    fn placed(&self, error: Error, field: Option<&str>) -> CoreError {
        match error {
            Error::Refused { model, field: None, reason } => {
                let field = field.filter(|field| self.model.fields.contains_key(*field)).map(str::to_owned);
                core(Error::Refused { model, field, reason })
            }
            error => core(error),
        }
    }

    /// Rows that clash with others of these rows as named ones do: they have a value that an earlier row has, in a column in which a
    /// named row has a value of an earlier one that was not named. Where a row fails, 19 takes back those it tried before, and does
    /// not see any more that a later one clashes with them.
    fn held(&self, rows: usize, named: &HashMap<usize, bool>) -> Vec<usize> {
        let mut held = HashSet::new();
        for column in (1..self.columns.len()).filter(|at| self.columns[*at] != IDENTITY) {
            let (mut seen, mut again, mut evident) = (HashSet::new(), Vec::new(), false);
            for (at, cells) in self.cells[..rows].iter().enumerate() {
                let cell = cells[column].as_str();
                match named.get(&at) {
                    _ if cell.is_empty() => {}
                    Some(clash) => evident |= *clash && seen.contains(cell),
                    None if !seen.insert(cell) => again.push(at),
                    None => {}
                }
            }
            // What so many rows share is no mark of one record.
            if evident && again.len() * 4 <= rows {
                held.extend(again);
            }
        }
        let mut held: Vec<usize> = held.into_iter().collect();
        held.sort_unstable();
        held
    }
}

/// What `load` says of a row, or of all that follow.
struct Message<'a> {
    row: Option<usize>,
    error: bool,
    field: Option<&'a str>,
    text: &'a str,
}

fn messages(answer: &Struct) -> Option<Vec<Message<'_>>> {
    let message = |message| {
        let message: &Wire = message;
        let message = message.as_struct()?;
        let text = |name| message.get(name).and_then(Wire::as_text);
        let row = message
            .get("rows")
            .and_then(Wire::as_struct)
            .and_then(|rows| rows.get("from"))
            .and_then(Wire::as_int);
        Some(Message {
            row: row.and_then(|row| usize::try_from(row).ok()),
            error: text("type") != Some("warning"),
            field: text("field"),
            text: text("message").unwrap_or_default(),
        })
    };
    answer.get("messages")?.as_array()?.iter().map(message).collect()
}

/// What a message says, and whether it is that a link leads nowhere.
///
/// `load` looks for the record itself; before 19 it looks as the user, who may not see it and may link to it all the same.
fn told(message: &Message<'_>, model: &str) -> (Error, bool) {
    let text = message.text.trim();
    let of = |reason| (refused(model, None, reason), false);
    if text.starts_with("No matching record found") || text.starts_with("Invalid database id") {
        return (refused(model, None, Reason::Link { constraint: None }), true);
    }
    if text.starts_with("Unknown database identifier") {
        return of(Reason::Missing);
    }
    if text.starts_with("Value '") && text.contains("not found in selection field") {
        return of(Reason::Selection);
    }
    if text.contains("does not seem to be a")
        || text.starts_with("index row ")
        || text.contains("out of range")
    {
        return of(Reason::Value);
    }
    let raised =
        text.strip_prefix("Unknown error during import: <class '").and_then(|rest| rest.split_once("'>: "));
    let (class, text) = raised.unwrap_or(("", text));
    let error = match class.rsplit('.').next().unwrap_or_default() {
        "AccessError" => from_access_error(text, model, "create"),
        "ValueError" => from_value_error(text, model).unwrap_or_else(|| refused(model, None, Reason::Value)),
        _ if text.contains("security restrictions") => from_access_error(text, model, "create"),
        _ => from_text(text.trim_matches('\''), model),
    };
    // The model of a link is of no use here: the row is one of this model.
    let error = match error {
        Error::Refused { field, reason, .. } => Error::Refused { model: model.to_owned(), field, reason },
        other => other,
    };
    (error, false)
}

/// Whether it may be that the row clashes with another one.
fn is_clash(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused { reason: Reason::Unique { .. } | Reason::Check { .. } | Reason::Rule, .. }
    )
}

#[cfg(test)]
mod tests {
    use mapping_core::identity::SourceId;
    use mapping_core::key::{DraftKey, RecordKey};
    use mapping_core::receipt::Action;
    use mapping_core::record::Fields;

    use super::*;
    use crate::client::Login;
    use crate::sandbox::{Like, Sandbox};

    fn row(action: Action, kind: &str) -> Row {
        let key = DraftKey::from(RecordKey::new("visit", "V-1"));
        let identity = SourceId::new("paper", "main").unwrap().identity(&key);
        let fields = Fields::default().with("name", "Visit").with("kind", kind);
        Row { key, model: "x_visit".into(), identity, action, fields }
    }

    #[tokio::test]
    async fn rows_are_not_asked_about_where_the_answer_would_be_wrong_or_a_row_might_be_kept() {
        let login = Login::new("sandbox", "admin", "admin");
        let client = Client::over(Sandbox::new(Like::Odoo19), login).connect().await.unwrap();
        let field = |ttype: &str, required: bool| {
            let choice = |value: &str, label: &str| Wire::Array(vec![value.into(), label.into()]);
            let about = Struct::new().with("type", ttype).with("required", required);
            about.with("selection", vec![choice("a", "B"), choice("b", "C")])
        };
        let about = Struct::new().with("name", field("char", true)).with(IDENTITY, field("char", false));
        let about = about.with("kind", field("selection", true));
        let stamped = Model::parse(&about.clone().with(POISON.0, field("datetime", false)));
        let asks = |model: &Model, row: &Row| Question::new(&client, model, &[row], 10).is_some();
        assert!(asks(&stamped, &row(Action::Create, "a")));
        assert!(!asks(&Model::parse(&about), &row(Action::Create, "a")), "nothing spoils its first row");
        // It would be taken for the label of another one, so it is not given; and a new record needs one.
        assert!(!asks(&stamped, &row(Action::Create, "b")));
        assert!(asks(&stamped, &row(Action::Update(7.into()), "b")));
    }

    #[tokio::test]
    async fn an_answer_about_rows_that_it_was_not_asked_about_tells_nothing_of_them() {
        let login = Login::new("sandbox", "admin", "admin");
        let client = Client::over(Sandbox::new(Like::Odoo19), login).connect().await.unwrap();
        let field = |ttype: &str| Struct::new().with("type", ttype);
        let about = Struct::new().with("name", field("char")).with("kind", field("char"));
        let about = about.with(IDENTITY, field("char")).with(POISON.0, field("datetime"));
        let (model, row) = (Model::parse(&about), row(Action::Create, "a"));
        let question = Question::new(&client, &model, &[&row, &row, &row], 10).unwrap();
        let message = |at: Option<i64>, field: &str| {
            let message = Struct::new().with("type", "error").with("message", "No").with("field", field);
            Wire::from(at.iter().fold(message, |message, at| {
                message.with("rows", Struct::new().with("from", *at).with("to", *at))
            }))
        };
        let poison = message(Some(0), POISON.0);
        let messages = vec![poison, message(Some(1), "kind"), message(Some(7), "kind"), message(None, "")];
        let answer = Struct::new().with("ids", false).with("messages", messages);
        let Some(Said::Seen(seen)) = question.read(&answer.into(), true) else { panic!() };
        assert_eq!(seen.rows, [0, 1]);
        assert_eq!(seen.named.iter().map(|named| named.at).collect::<Vec<_>>(), [1]);
    }
}

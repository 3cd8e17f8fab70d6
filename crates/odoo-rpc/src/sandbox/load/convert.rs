//! From a cell to what `create` takes: every cell that cannot be is complained of, none stops the others.

use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, traceback};
use crate::sandbox::load::Load;
use crate::sandbox::load::extract::{Cell, Record};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::Kind;
use crate::wire::{Fault, Struct, Value};

/// What is wrong with a cell. `%(field)s` stands for the field's label.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    pub(super) warning: bool,
    pub(super) text: String,
    pub(super) more: Option<Value>,
    /// Whether nothing but the text is told of it.
    pub(super) bare: bool,
}

impl Complaint {
    pub(super) fn new(text: String) -> Self {
        Self { warning: false, text, more: None, bare: false }
    }

    pub(super) fn more(mut self, more: impl Into<Value>) -> Self {
        self.more = Some(more.into());
        self
    }

    pub(super) fn bare(text: &str) -> Self {
        Self { bare: true, ..Self::new(text.to_owned()) }
    }

    pub(super) fn warning(text: String) -> Self {
        Self { warning: true, ..Self::new(text) }
    }
}

/// Why a cell came to nothing.
pub(super) enum Problem {
    Cell(Complaint),
    /// The whole call fails.
    Call(Fault),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Call(fault)
    }
}

pub(super) type Converted<T> = Result<T, Problem>;

/// The complaints about a record, each with its field.
#[derive(Default)]
pub(super) struct Log(pub(super) Vec<(String, Complaint)>);

impl Env<'_> {
    /// Converts a record's cells. What is complained of is left out.
    pub(super) fn convert(
        &mut self,
        load: &mut Load,
        model: &Arc<Model>,
        record: &Record,
        log: &mut Log,
    ) -> Outcome<Vals> {
        let mut vals = Vals::new();
        for (name, cell) in &record.0 {
            let Some(name) = name.as_deref().filter(|name| !matches!(*name, "id" | ".id")) else { continue };
            let Some(field) = model.field(name).cloned() else { continue };
            let empty = match cell {
                Cell::Value(value) => !python::truth(value),
                Cell::Records(records) => records.is_empty(),
            };
            if empty {
                vals.insert(name.to_owned(), Value::Bool(false));
                continue;
            }
            let mut warnings = Vec::new();
            let converted = match cell {
                Cell::Value(value) => self.cell(&field, value, &mut warnings),
                Cell::Records(records) => self.relation(load, &field, records, &mut warnings),
            };
            match converted {
                Ok(value) => {
                    vals.insert(name.to_owned(), value);
                    log.0.extend(warnings.into_iter().map(|warning| (name.to_owned(), warning)));
                }
                Err(Problem::Cell(complaint)) => log.0.push((name.to_owned(), complaint)),
                Err(Problem::Call(fault)) => return Err(fault),
            }
        }
        Ok(vals)
    }

    fn cell(&mut self, field: &Field, value: &Value, warnings: &mut Vec<Complaint>) -> Converted<Value> {
        let shown = python::text(value);
        let wrong = |what: &str| {
            Complaint::new(format!("'{shown}' does not seem to be {what} for field '%(field)s'"))
        };
        match field.kind {
            Kind::Boolean => {
                let (truth, warning) = self.boolean(&text_of(value, "lower")?);
                warnings.extend(warning);
                Ok(Value::Bool(truth))
            }
            Kind::Integer | Kind::Reference => {
                let number = match value {
                    Value::Text(text) => text.trim().replace('_', "").parse().ok(),
                    value => value.as_int(),
                };
                number.map(Value::Int).ok_or_else(|| Problem::Cell(wrong("an integer")))
            }
            Kind::Float | Kind::Monetary => {
                let number = match value {
                    Value::Text(text) => text.trim().parse().ok(),
                    value => crate::sandbox::values::float(value).ok(),
                };
                number.map(Value::Double).ok_or_else(|| Problem::Cell(wrong("a number")))
            }
            Kind::Date => match self.date(value) {
                Ok(date) => Ok(date.map_or(Value::Bool(false), Value::Text)),
                Err(fault) if is_value_error(&fault) => {
                    Err(Problem::Cell(wrong("a valid date").more("Use the format '2012-12-31'")))
                }
                Err(fault) => Err(fault.into()),
            },
            Kind::Datetime => match self.datetime(value) {
                Ok(time) => Ok(time.map_or(Value::Bool(false), |time| Value::Text(self.to_utc(&time)))),
                Err(fault) if is_value_error(&fault) => {
                    Err(Problem::Cell(wrong("a valid datetime").more("Use the format '2012-12-31 23:59:59'")))
                }
                Err(fault) => Err(fault.into()),
            },
            Kind::Selection => self.choice_of(field, value),
            _ => Ok(value.clone()),
        }
    }

    /// Yes or no. What is neither counts as yes: with a warning on 14, as an error later.
    pub(super) fn boolean(&self, text: &str) -> (bool, Option<Complaint>) {
        match text.to_lowercase().as_str() {
            "1" | "true" | "yes" => (true, None),
            "" | "0" | "false" | "no" => (false, None),
            _ => {
                let what = format!("Unknown value '{text}' for boolean field '%(field)s'");
                let complaint = match self.at_least(16) {
                    true => Complaint::new(what),
                    false => Complaint::warning(format!("{what}, assuming 'yes'")),
                };
                (true, Some(complaint.more("Use '1' for yes and '0' for no")))
            }
        }
    }

    fn choice_of(&self, field: &Field, value: &Value) -> Converted<Value> {
        // Odoo 14 looks for the very text.
        let fold = self.at_least(16);
        let wanted = if fold { text_of(value, "lower")?.to_lowercase() } else { python::text(value) };
        let is = |text: &String| if fold { text.to_lowercase() == wanted } else { *text == wanted };
        let found = field.choices.iter().find(|(value, label)| is(value) || is(label));
        if let Some((value, _)) = found {
            return Ok(Value::from(value.as_str()));
        }
        let labels: Vec<Value> = field.choices.iter().map(|(_, label)| Value::from(label.as_str())).collect();
        let text = format!("Value '{}' not found in selection field '%(field)s'", python::text(value));
        Err(Problem::Cell(Complaint::new(text).more(labels)))
    }

    /// A time of the context's zone, or the caller's, in UTC.
    fn to_utc(&self, time: &str) -> String {
        let named = self.context.get("tz").and_then(Value::as_text);
        let own = self.partner_of(self.uid).and_then(|partner| self.text("res.partner", partner, "tz"));
        let zone = [named, own].into_iter().flatten().find_map(|name| TimeZone::get(name).ok());
        let Some(zone) = zone else { return time.to_owned() };
        let moment =
            time.replace(' ', "T").parse::<DateTime>().ok().and_then(|time| time.to_zoned(zone).ok());
        moment.map_or_else(
            || time.to_owned(),
            |moment| moment.with_time_zone(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }

    fn relation(
        &mut self,
        load: &mut Load,
        field: &Arc<Field>,
        records: &[Record],
        warnings: &mut Vec<Complaint>,
    ) -> Converted<Value> {
        match (field.kind, records) {
            (Kind::One2many, records) => self.lines_of(load, field, records, warnings),
            (Kind::Many2one, [record]) => {
                let (subfield, value) = self.referencing(record)?;
                self.reference(load, field, subfield, value, warnings)
            }
            (_, [record]) => {
                let (subfield, value) = self.referencing(record)?;
                let mut ids = Vec::new();
                for part in text_of(value, "split")?.split(',') {
                    ids.push(self.reference(load, field, subfield, &Value::from(part), warnings)?);
                }
                Ok(self.set_or_link(ids))
            }
            _ => Err(Problem::Call(crate::sandbox::faults::value_error(
                "too many values to unpack (expected 1)",
            ))),
        }
    }

    fn set_or_link(&self, ids: Vec<Value>) -> Value {
        let command =
            |number: i64, second: Value, third: Value| Value::Array(vec![number.into(), second, third]);
        if self.wants("update_many2many") {
            return Value::Array(ids.into_iter().map(|id| command(4, id, false.into())).collect());
        }
        Value::Array(vec![command(6, false.into(), Value::Array(ids))])
    }

    fn lines_of(
        &mut self,
        load: &mut Load,
        field: &Arc<Field>,
        records: &[Record],
        warnings: &mut Vec<Complaint>,
    ) -> Converted<Value> {
        let comodel = self.comodel(field)?;
        let refs_only = |record: &Record| record.0.iter().all(|(name, _)| is_reference(name.as_deref()));
        let mut records = records.to_vec();
        if let [record] = records.as_slice()
            && refs_only(record)
        {
            let (subfield, value) = self.referencing(record)?;
            let (subfield, text) = (subfield.map(str::to_owned), text_of(value, "split")?);
            let one = |part: &str| Record(vec![(subfield.clone(), Cell::Value(Value::from(part)))]);
            records = text.split(',').map(one).collect();
        }
        let mut commands = Vec::new();
        for record in &records {
            let mut log = Log::default();
            let mut vals = self.convert(load, &comodel, record, &mut log)?;
            for (inner, complaint) in log.0 {
                let label = comodel.field(&inner).map_or(inner.as_str(), |field| field.label.as_str());
                let text = complaint.text.replace("%(field)s", &format!("%(field)s/{label}"));
                let complaint = Complaint { text, ..complaint };
                match complaint.warning {
                    true => warnings.push(complaint),
                    false => return Err(Problem::Cell(complaint)),
                }
            }
            let mut id = Value::Bool(false);
            let refs =
                Record(record.0.iter().filter(|(name, _)| is_reference(name.as_deref())).cloned().collect());
            if !refs.0.is_empty() {
                let (subfield, value) = self.referencing(&refs)?;
                match self.reference(load, field, subfield, value, warnings) {
                    Ok(found) => id = found,
                    Err(Problem::Cell(_)) if subfield == Some("id") => {
                        vals.insert("id".to_owned(), value.clone());
                    }
                    Err(problem) => return Err(problem),
                }
            }
            let members = vals.into_iter().fold(Struct::new(), |all, (name, value)| all.with(&name, value));
            let (number, members) = (|number: i64| Value::Int(number), Value::Struct(members));
            if python::truth(&id) {
                commands.push(Value::Array(vec![number(4), id.clone(), false.into()]));
                commands.push(Value::Array(vec![number(1), id, members]));
            } else {
                commands.push(Value::Array(vec![number(0), false.into(), members]));
            }
        }
        Ok(Value::Array(commands))
    }
}

pub(super) fn is_reference(name: Option<&str>) -> bool {
    matches!(name, None | Some("id" | ".id"))
}

fn is_value_error(fault: &Fault) -> bool {
    fault.text.trim_end().lines().last().is_some_and(|line| line.starts_with("ValueError"))
}

/// A cell as the text Python takes it for: other kinds have no such method.
pub(super) fn text_of(value: &Value, method: &str) -> Converted<String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        value => {
            let kind = crate::sandbox::values::type_name(value);
            let message = format!("'{kind}' object has no attribute '{method}'");
            Err(Problem::Call(traceback("AttributeError", &message)))
        }
    }
}

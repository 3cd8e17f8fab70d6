//! From rows to records: which cells and which following rows are one record's.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, traceback, type_error, value_error};
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::spec::Kind;
use crate::wire::Value;

/// A column: the names that lead to a field. `None` is the name a record is shown with.
pub(super) type Path = Vec<Option<String>>;

/// What a column held.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Value(Value),
    Records(Vec<Record>),
}

/// A record's cells by field; `None` is the name it is shown with.
#[derive(Clone, Debug, Default)]
pub(super) struct Record(pub(super) Vec<(Option<String>, Cell)>);

impl Record {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find_map(|(known, cell)| match cell {
            Cell::Value(value) if known.as_deref() == Some(name) => Some(value),
            _ => None,
        })
    }

    /// A cell's text, where it has one.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| python::truth(value)).map(python::text)
    }
}

/// A record, and the rows it was found in.
pub(super) struct Found {
    pub(super) record: Record,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Reads a column's name.
pub(super) fn path(name: &str) -> Path {
    let mut fixed = name.to_owned();
    for (ending, written) in [(".id", "/.id"), (":id", "/id")] {
        if let Some(stem) = fixed.strip_suffix(ending).filter(|stem| !stem.is_empty() && !stem.ends_with('/'))
        {
            fixed = format!("{stem}{written}");
        }
    }
    fixed.split('/').map(|part| Some(part.to_owned())).collect()
}

impl Env<'_> {
    /// The record that begins at a row.
    pub(super) fn extract<R: AsRef<[Value]>>(
        &self,
        model: &Arc<Model>,
        paths: &[Path],
        rows: &[R],
        first: usize,
    ) -> Outcome<Found> {
        let kind_of = |path: &Path| {
            let name = path.first().and_then(Option::as_deref)?;
            model.field(name).map(|field| field.kind)
        };
        let is_lines: Vec<bool> = paths.iter().map(|path| kind_of(path) == Some(Kind::One2many)).collect();
        let only_lines = |row: &[Value]| {
            let any =
                |lines: bool| row.iter().zip(&is_lines).any(|(cell, is)| *is == lines && python::truth(cell));
            any(true) && !any(false)
        };
        let following = rows.iter().skip(first + 1).take_while(|row| only_lines(row.as_ref())).count();
        let last = first + following;
        let mut record = Record::default();
        let relational = |path: &Path| kind_of(path).is_some_and(Kind::is_relation);
        for (place, path) in paths.iter().enumerate().filter(|(_, path)| !relational(path)) {
            let name = path.first().cloned().flatten();
            if let Some(cell) = rows.get(first).and_then(|row| row.as_ref().get(place)) {
                record.0.retain(|(known, _)| *known != name);
                record.0.push((name, Cell::Value(cell.clone())));
            }
        }
        let mut done: Vec<&str> = Vec::new();
        for field in paths.iter().filter(|path| relational(path)).filter_map(|path| path.first()?.as_deref())
        {
            if !done.contains(&field) {
                done.push(field);
                let span = rows.get(first..=last).unwrap_or_default();
                let records = self.extract_lines(model, paths, span, field)?;
                record.0.push((Some(field.to_owned()), Cell::Records(records)));
            }
        }
        Ok(Found { record, first, last })
    }

    fn extract_lines<R: AsRef<[Value]>>(
        &self,
        model: &Arc<Model>,
        paths: &[Path],
        span: &[R],
        field: &str,
    ) -> Outcome<Vec<Record>> {
        let Some(known) = model.field(field) else { return Ok(Vec::new()) };
        let comodel = self.comodel(known)?;
        let mine = |path: &Path| path.first().and_then(Option::as_deref) == Some(field);
        let places: Vec<usize> =
            (0..paths.len()).filter(|&place| paths.get(place).is_some_and(mine)).collect();
        let inner: Vec<Path> = paths
            .iter()
            .filter(|path| mine(path))
            .map(|path| if path.len() > 1 { path.iter().skip(1).cloned().collect() } else { vec![None] })
            .collect();
        for name in inner.iter().filter_map(|path| path.first().and_then(Option::as_deref)) {
            if !matches!(name, "id" | ".id") && comodel.field(name).is_none() {
                return Err(value_error(format!("Invalid field name '{name}'")));
            }
        }
        let rows: Vec<Vec<Value>> = span
            .iter()
            .map(|row| places.iter().filter_map(|&place| row.as_ref().get(place).cloned()).collect())
            .filter(|cells: &Vec<Value>| cells.iter().any(python::truth))
            .collect();
        let (mut records, mut next) = (Vec::new(), 0);
        while next < rows.len() {
            let found = self.extract(&comodel, &inner, &rows, next)?;
            next = found.last + 1;
            records.push(found.record);
        }
        Ok(records)
    }
}

/// The rows as lists of cells.
pub(super) fn rows_of(data: &Value) -> Outcome<Vec<Vec<Value>>> {
    let Some(rows) = data.as_array() else {
        let kind = crate::sandbox::values::type_name(data);
        return Err(type_error(format!("object of type '{kind}' has no len()")));
    };
    let row = |row: &Value| match row {
        Value::Array(cells) => Ok(cells.clone()),
        // A text is a row of its letters.
        Value::Text(text) => Ok(text.chars().map(|letter| Value::Text(letter.to_string())).collect()),
        row => {
            let kind = crate::sandbox::values::type_name(row);
            Err(type_error(format!("'{kind}' object is not iterable")))
        }
    };
    rows.iter().map(row).collect()
}

impl Env<'_> {
    /// The columns as paths: `state_id/id`, `state_id:id` and `state_id.id` are one.
    pub(super) fn paths(&self, model: &Model, fields: &Value) -> Outcome<Vec<Path>> {
        let mut paths = Vec::new();
        for name in fields.as_array().unwrap_or_default() {
            let text = name.as_text().ok_or_else(|| type_error("expected string or bytes-like object"))?;
            paths.push(path(text));
        }
        for path in &paths {
            let Some(Some(first)) = path.first() else { continue };
            if matches!(first.as_str(), "id" | ".id") {
                continue;
            }
            if self.is_19() {
                if model.field(first).is_none() {
                    return Err(value_error(format!("Invalid field name '{first}'")));
                }
                continue;
            }
            // Before 19 every part is looked up, in the model reached by one2many fields alone.
            let mut fields = model.clone();
            for part in path.iter().flatten().take_while(|part| !matches!(part.as_str(), "id" | ".id")) {
                let field =
                    fields.field(part).ok_or_else(|| traceback("KeyError", &format!("'{part}'")))?.clone();
                if field.kind == Kind::One2many {
                    fields = Model::clone(&*self.comodel(&field)?);
                }
            }
        }
        Ok(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_columns_three_spellings_are_one() {
        let parts = |name: &str| path(name).into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(parts("state_id/.id"), ["state_id", ".id"]);
        assert_eq!(parts("state_id.id"), ["state_id", ".id"]);
        assert_eq!(parts("state_id:id"), ["state_id", "id"]);
        assert_eq!(parts(".id"), [".id"]);
        assert_eq!(parts("name"), ["name"]);
    }
}

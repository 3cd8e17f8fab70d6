//! From rows to records: which cells and which following rows are one record's.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, value_error};
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

//! The commands by which to-many fields are written: `(0, 0, {…})`, `(6, 0, [ids])` and the others.

use std::collections::HashSet;
use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, foreign_key, missing, relation_key, wrong_value};
use crate::sandbox::orm::{Vals, vals_of};
use crate::sandbox::python;
use crate::sandbox::registry::{Field, Model};
use crate::sandbox::spec::Kind;
use crate::wire::{Name, Value};

/// One thing to do with a to-many field.
#[derive(Debug)]
enum Command {
    Create(Vals),
    Update(i64, Vals),
    Delete(i64),
    Unlink(i64),
    Link(i64),
    Clear,
    Set(Vec<i64>),
}

fn read(model: &Model, field: &Field, value: &Value) -> Outcome<Vec<Command>> {
    let values = match value {
        value if value.is_unset() => return Ok(vec![Command::Clear]),
        Value::Array(values) => values,
        value => return Err(wrong_value(model.name.as_str(), field.name.as_str(), &python::text(value))),
    };
    if !values.is_empty() && values.iter().all(|value| value.as_int().is_some()) {
        return Ok(vec![Command::Set(values.iter().filter_map(Value::as_int).collect())]);
    }
    if values.is_empty() {
        return Ok(vec![Command::Clear]);
    }
    Ok(values.iter().filter_map(Value::as_array).filter_map(command).collect())
}

fn command(parts: &[Value]) -> Option<Command> {
    let id = parts.get(1).and_then(Value::as_int).unwrap_or(0);
    let third = parts.get(2);
    let vals = || third.and_then(Value::as_struct).map(vals_of).unwrap_or_default();
    Some(match parts.first()?.as_int()? {
        0 => Command::Create(vals()),
        1 => Command::Update(id, vals()),
        2 => Command::Delete(id),
        3 => Command::Unlink(id),
        4 => Command::Link(id),
        5 => Command::Clear,
        6 => {
            let ids = third.and_then(Value::as_array).unwrap_or_default();
            Command::Set(ids.iter().filter_map(Value::as_int).collect())
        }
        _ => return None,
    })
}

impl Env<'_> {
    /// Carries out the commands of a to-many field on one record.
    pub(super) fn apply_commands(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
        value: &Value,
    ) -> Outcome<()> {
        let commands = read(model, field, value)?;
        match &field.inverse {
            Some(inverse) if field.kind == Kind::Many2many => {
                self.apply_to_other_side(model, id, field, inverse.clone(), commands)
            }
            Some(inverse) => self.apply_to_lines(model, id, field, inverse.clone(), commands),
            None => self.apply_to_links(model, id, field, commands),
        }
    }

    fn apply_to_links(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
        commands: Vec<Command>,
    ) -> Outcome<()> {
        let comodel = self.comodel(field)?;
        let (name, column) = (model.name.as_str(), field.name.as_str());
        let ids = self.linked(&comodel, self.many(name, id, column), commands)?;
        if let Some(target) = self.first_missing(&comodel, &ids) {
            return Err(self.missing_link(model, field, &comodel, target));
        }
        self.set_many(name, id, column, ids);
        Ok(())
    }

    /// The other side of a relation that is kept with the records it points to.
    fn apply_to_other_side(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
        inverse: Name,
        commands: Vec<Command>,
    ) -> Outcome<()> {
        let comodel = self.comodel(field)?;
        let (theirs, inverse) = (comodel.name.as_str(), inverse.as_str());
        let before = self.lines(theirs, inverse, id);
        let after = self.linked(&comodel, before.clone(), commands)?;
        if let Some(target) = self.first_missing(&comodel, &after) {
            return Err(self.missing_link(model, field, &comodel, target));
        }
        let (old, new): (HashSet<i64>, HashSet<i64>) =
            (before.into_iter().collect(), after.into_iter().collect());
        for &target in old.symmetric_difference(&new) {
            let mut ids = self.many(theirs, target, inverse);
            match new.contains(&target) {
                true => ids.push(id),
                false => ids.retain(|&known| known != id),
            }
            self.set_many(theirs, target, inverse, ids);
        }
        Ok(())
    }

    /// The ids that commands leave of those there were, each once.
    fn linked(
        &mut self,
        comodel: &Arc<Model>,
        mut ids: Vec<i64>,
        commands: Vec<Command>,
    ) -> Outcome<Vec<i64>> {
        for command in commands {
            match command {
                Command::Create(vals) => ids.push(self.create_one(comodel, vals)?),
                Command::Update(target, vals) => {
                    self.write(comodel, &[target], vals)?;
                }
                Command::Delete(target) => {
                    ids.retain(|&known| known != target);
                    if self.db.store.contains(comodel.name.as_str(), target) {
                        self.unlink(comodel, &[target])?;
                    }
                }
                Command::Unlink(target) => ids.retain(|&known| known != target),
                Command::Link(target) => ids.push(target),
                Command::Clear => ids.clear(),
                Command::Set(targets) => ids = targets,
            }
        }
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        Ok(ids)
    }

    fn first_missing(&self, comodel: &Model, ids: &[i64]) -> Option<i64> {
        ids.iter().copied().find(|&id| !self.db.store.contains(comodel.name.as_str(), id))
    }

    fn set_many(&mut self, model: &str, id: i64, field: &str, ids: Vec<i64>) {
        let value = (!ids.is_empty()).then(|| Value::Array(ids.into_iter().map(Value::Int).collect()));
        self.db.store.set(model, id, field, value);
    }

    fn missing_link(&self, model: &Model, field: &Field, comodel: &Model, id: i64) -> crate::wire::Fault {
        if self.at_least(16) && !self.is_19() {
            return missing(comodel.name.as_str(), id, self.uid);
        }
        let (one, other) = (model.table(), comodel.table());
        let mut tables = [one.as_str(), other.as_str()];
        let constraint = if field.name.as_str() == "tag_ids" {
            "crm_tag_rel_tag_id_fkey".to_owned()
        } else if field.custom {
            tables.sort_unstable();
            format!("x_{}_{}_rel_{other}_id_fkey", tables[0], tables[1])
        } else {
            let column = if field.name.as_str().ends_with("_id") {
                field.name.as_str().to_owned()
            } else {
                format!("{other}_id")
            };
            format!("{one}_{other}_rel_{column}_fkey")
        };
        relation_key(self.like(), &constraint)
    }

    fn apply_to_lines(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
        inverse: Name,
        commands: Vec<Command>,
    ) -> Outcome<()> {
        let comodel = self.comodel(field)?;
        let (inverse, lines) = (inverse.as_str(), comodel.name.as_str());
        let owner = |vals: &mut Vals| {
            vals.insert(inverse.to_owned(), Value::Int(id));
            if let Some(named) = &field.inverse_model {
                vals.insert(named.as_str().to_owned(), Value::from(model.name.as_str()));
            }
        };
        for command in commands {
            match command {
                Command::Create(mut vals) => {
                    owner(&mut vals);
                    self.create(&comodel, vec![vals])?;
                }
                Command::Update(line, vals) => {
                    self.write(&comodel, &[line], vals)?;
                }
                Command::Delete(line) => {
                    self.unlink(&comodel, &[line])?;
                }
                Command::Link(line) => {
                    if !self.db.store.contains(lines, line) {
                        return Err(missing(lines, line, self.uid));
                    }
                    let mut vals = Vals::new();
                    owner(&mut vals);
                    self.write(&comodel, &[line], vals)?;
                }
                Command::Unlink(line) => self.detach(&comodel, inverse, &[line])?,
                Command::Clear => {
                    let all = self.lines(lines, inverse, id);
                    self.detach(&comodel, inverse, &all)?;
                }
                Command::Set(wanted) => {
                    let all = self.lines(lines, inverse, id);
                    let gone: Vec<i64> = all.into_iter().filter(|line| !wanted.contains(line)).collect();
                    self.detach(&comodel, inverse, &gone)?;
                    for line in wanted {
                        let mut vals = Vals::new();
                        owner(&mut vals);
                        self.write(&comodel, &[line], vals)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes lines away from their owner: they go where they cannot be without one.
    fn detach(&mut self, comodel: &Arc<Model>, inverse: &str, lines: &[i64]) -> Outcome<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let needed = comodel.field(inverse).is_some_and(|field| field.required);
        if needed {
            return self.unlink(comodel, lines).map(|_| ());
        }
        self.write(comodel, lines, Vals::from([(inverse.to_owned(), Value::Bool(false))])).map(|_| ())
    }

    /// Whether the many2one values of a row lead somewhere.
    pub(super) fn check_links(&self, model: &Arc<Model>, id: i64, only: Option<&Vals>) -> Outcome<()> {
        let Some(row) = self.db.store.row(model.name.as_str(), id) else { return Ok(()) };
        for (name, value) in row.iter() {
            if only.is_some_and(|vals| !vals.contains_key(name.as_str())) {
                continue;
            }
            let Some(field) = model.fields.get(name).filter(|field| field.kind == Kind::Many2one) else {
                continue;
            };
            let (Some(target), Some(relation)) = (value.as_int(), &field.relation) else { continue };
            if !self.db.store.contains(relation.as_str(), target) {
                return Err(foreign_key(self.like(), model, field));
            }
        }
        Ok(())
    }
}

//! Values that are worked out: names shown, related fields, states, ids of lines.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::Outcome;
use crate::sandbox::registry::{Field, Model};
use crate::wire::Value;

impl Env<'_> {
    /// A field's value as the row holds it, through related fields.
    pub(super) fn raw(&self, model: &Model, id: i64, field: &str) -> Option<Value> {
        if let Some((via, rest)) = field.split_once('.') {
            let next = self.raw(model, id, via)?.as_int()?;
            let comodel = self.comodel(model.field(via)?).ok()?;
            return self.raw(&comodel, next, rest);
        }
        let known = model.field(field)?;
        match &known.related {
            None => self.db.store.value(model.name.as_str(), id, field).cloned(),
            Some((via, target)) => {
                let next = self.raw(model, id, via.as_str())?.as_int()?;
                let comodel = self.comodel(model.field(via.as_str())?).ok()?;
                self.raw(&comodel, next, target.as_str())
            }
        }
    }

    /// The name a record is shown with.
    pub(super) fn shown_name(&self, model: &Model, id: i64) -> Option<String> {
        let name = model.name.as_str();
        let text =
            |field: &str| self.raw(model, id, field).as_ref().and_then(Value::as_text).map(str::to_owned);
        match name {
            "res.partner" => self.partner_name(id),
            "res.country.state" => {
                let code = self
                    .int(name, id, "country_id")
                    .and_then(|country| self.text("res.country", country, "code"));
                Some(format!("{} ({})", text("name")?, code.unwrap_or_default()))
            }
            "res.partner.category" => {
                let mut names = vec![text("name")?];
                let mut parent = self.int(name, id, "parent_id");
                while let Some(above) = parent.filter(|_| names.len() < 100) {
                    names.push(self.text(name, above, "name").unwrap_or_default().to_owned());
                    parent = self.int(name, above, "parent_id");
                }
                names.reverse();
                Some(names.join(" / "))
            }
            "ir.model.fields" => {
                let owner = self.text(name, id, "model").and_then(|owner| self.db.registry.model(owner));
                let label = owner.map_or("", |owner| owner.label.as_str());
                let description = text("field_description")?;
                Some(format!("{description} ({label})"))
            }
            "ir.model.data" => {
                let (owner, record) = (text("model")?, self.int(name, id, "res_id")?);
                let owner = self.db.registry.model(&owner)?.clone();
                self.shown_name(&owner, record)
            }
            "mail.activity" if self.is_19() => text("summary").or_else(|| {
                let kind = self.int(name, id, "activity_type_id")?;
                self.text("mail.activity.type", kind, "name").map(str::to_owned)
            }),
            "mail.followers" => {
                let partner = self.int(name, id, "partner_id")?;
                self.partner_name(partner)
            }
            "res.groups" => text("full_name").or_else(|| text("name")),
            _ => text(&model.rec_name),
        }
    }

    fn partner_name(&self, id: i64) -> Option<String> {
        const PARTNER: &str = "res.partner";
        let name = self.text(PARTNER, id, "name").unwrap_or_default().to_owned();
        let company = match self.int(PARTNER, id, "parent_id") {
            Some(parent) => self.text(PARTNER, parent, "name"),
            None => self.text(PARTNER, id, "company_name"),
        };
        let shown = match company {
            Some(company) if !self.flag(PARTNER, id, "is_company") => format!("{company}, {name}"),
            _ => name,
        };
        Some(if self.is_19() { shown.trim().to_owned() } else { shown })
    }

    /// A value that no row holds.
    pub(super) fn computed(
        &mut self,
        model: &Arc<Model>,
        id: i64,
        field: &Arc<Field>,
    ) -> Outcome<Option<Value>> {
        if field.related.is_some() {
            return Ok(self.raw(model, id, field.name.as_str()));
        }
        if field.kind.is_to_many() {
            return Ok(Some(Value::Array(
                self.line_ids(model, id, field)?.into_iter().map(Value::Int).collect(),
            )));
        }
        let name = model.name.as_str();
        Ok(match (name, field.name.as_str()) {
            (_, "display_name") => self.shown_name(model, id).map(Value::Text),
            (_, "__last_update") => self.db.store.value(name, id, "write_date").cloned(),
            ("res.partner", "company_type") => {
                Some(Value::from(if self.flag(name, id, "is_company") { "company" } else { "person" }))
            }
            ("res.partner", "property_account_receivable_id") => self.receivable().map(Value::Int),
            ("crm.lead", "kanban_state") => Some(Value::from(self.kanban_state(id))),
            ("res.users", "password") => Some(Value::from("")),
            ("mail.activity", "state") => Some(self.activity_state(id)),
            ("mail.message", "record_name") => self.document_name(id).map(Value::Text),
            ("ir.model", "modules") | ("ir.model.fields", "modules") => {
                Some(Value::from(if self.text(name, id, "state") == Some("manual") { "" } else { "base" }))
            }
            ("ir.model", "count") => {
                let rows = self.text(name, id, "model").map_or(0, |model| self.db.store.len(model));
                Some(Value::from(i64::try_from(rows).unwrap_or(i64::MAX)))
            }
            ("ir.model.fields", "selection") => self.selection_text(id),
            ("ir.model.data", "complete_name") => {
                let module = self.text(name, id, "module").unwrap_or_default();
                Some(Value::Text(format!("{module}.{}", self.text(name, id, "name").unwrap_or_default())))
            }
            ("ir.model.data", "reference") => {
                let record = self.int(name, id, "res_id").unwrap_or(0);
                Some(Value::Text(format!("{},{record}", self.text(name, id, "model").unwrap_or_default())))
            }
            ("ir.ui.view", "arch") => self.db.store.value(name, id, "arch_db").cloned(),
            ("ir.ui.view", "xml_id") => Some(Value::Text(self.external_id(name, id))),
            ("ir.module.module", "installed_version") => {
                Some(Value::Text(format!("{}.1.0", self.like().server_version())))
            }
            _ => None,
        })
    }

    /// The ids of the records that point to one, in their model's order, archived ones left out.
    fn line_ids(&mut self, model: &Arc<Model>, id: i64, field: &Field) -> Outcome<Vec<i64>> {
        let (Some(relation), Some(inverse)) = (&field.relation, &field.inverse) else {
            return Ok(Vec::new());
        };
        let comodel = self.model(relation.as_str())?;
        let mut ids = self.lines(relation.as_str(), inverse.as_str(), id);
        if let Some(named) = &field.inverse_model {
            ids.retain(|&line| {
                self.text(relation.as_str(), line, named.as_str()) == Some(model.name.as_str())
            });
        }
        self.visible_in_order(&comodel, ids)
    }

    /// Leaves archived records out and sorts the others as their model does.
    pub(super) fn visible_in_order(&mut self, comodel: &Arc<Model>, mut ids: Vec<i64>) -> Outcome<Vec<i64>> {
        if self.active_test() && comodel.field("active").is_some() {
            ids.retain(|&id| self.raw(comodel, id, "active") != Some(Value::Bool(false)));
        }
        if ids.len() > 1 { self.in_order(comodel, ids) } else { Ok(ids) }
    }

    fn activity_state(&self, id: i64) -> Value {
        const ACTIVITY: &str = "mail.activity";
        if self.at_least(17) && !self.flag(ACTIVITY, id, "active") {
            return Value::from("done");
        }
        let Some(deadline) = self.text(ACTIVITY, id, "date_deadline") else { return Value::Bool(false) };
        Value::from(match deadline.cmp(self.today()) {
            std::cmp::Ordering::Less => "overdue",
            std::cmp::Ordering::Equal => "today",
            std::cmp::Ordering::Greater => "planned",
        })
    }

    fn document_name(&self, message: i64) -> Option<String> {
        let model = self.text("mail.message", message, "model")?;
        let model = self.db.registry.model(model)?.clone();
        let id = self.int("mail.message", message, "res_id")?;
        self.db.store.contains(model.name.as_str(), id).then(|| self.shown_name(&model, id)).flatten()
    }

    fn selection_text(&mut self, field: i64) -> Option<Value> {
        let lines = self.lines("ir.model.fields.selection", "field_id", field);
        if lines.is_empty() {
            return None;
        }
        let choices = self.choices_of(field);
        let pairs: Vec<String> = choices
            .iter()
            .map(|(value, label)| {
                crate::sandbox::python::tuple(&[Value::from(value.as_str()), Value::from(label.as_str())])
            })
            .collect();
        Some(Value::Text(format!("[{}]", pairs.join(", "))))
    }

    fn external_id(&self, model: &str, id: i64) -> String {
        let rows = self.lines("ir.model.data", "res_id", id);
        let row = rows.into_iter().find(|&row| self.text("ir.model.data", row, "model") == Some(model));
        let part =
            |field: &str| row.and_then(|row| self.text("ir.model.data", row, field)).unwrap_or_default();
        if row.is_some() { format!("{}.{}", part("module"), part("name")) } else { String::new() }
    }
}

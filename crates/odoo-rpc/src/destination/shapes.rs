//! Models, fields and choices as Odoo's `create` takes them.

use std::collections::BTreeSet;

use mapping_core::error::{Error, Result};
use mapping_core::schema::{Choice, FieldKind, FieldNeed, ModelNeed, MoreChoices};

use crate::client::Domain;
use crate::client::record::text;
use crate::destination::look::id;
use crate::destination::model::Ttype;
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

/// The field that gives a model's amounts their currency where it is not Odoo's own.
pub(crate) const CURRENCY: &str = "x_currency_id";

/// The same, of Odoo's own models.
pub(crate) const OWN_CURRENCY: &str = "currency_id";

impl OdooWriter {
    /// New models, with their fields and the rights of every internal user.
    pub(crate) async fn rows_of_models(
        &self,
        models: &[ModelNeed],
        fields: &[FieldNeed],
    ) -> Result<Vec<Struct>> {
        let named = || Domain::field("module").eq("base").and(Domain::field("name").eq("group_user"));
        let found = self.records(&"ir.model.data".into(), named, &["res_id"]).await?;
        let group =
            found.first().and_then(|record| record.get("res_id").and_then(Wire::as_int)).unwrap_or_default();
        let row = |model: &ModelNeed| {
            let own = fields.iter().filter(|need| need.model == model.name);
            let fields: Vec<Wire> = own.map(|need| created(self.field(need))).collect();
            let access = ["perm_read", "perm_write", "perm_create", "perm_unlink"].into_iter().fold(
                Struct::new().with("name", model.label.as_str()).with("group_id", group),
                |access, right| access.with(right, true),
            );
            let row = Struct::new().with("name", model.label.as_str()).with("model", model.name.as_str());
            row.with("state", "manual").with("field_id", fields).with("access_ids", vec![created(access)])
        };
        Ok(models.iter().map(row).collect())
    }

    /// All fields go in one call: twenty of them cost hardly more than one. Those that show others stand after these: Odoo 14 makes one
    /// after the other. Among themselves they stand as planned, in the order in which they show each other.
    pub(crate) async fn rows_of_fields(&self, fields: &[FieldNeed]) -> Result<Vec<Struct>> {
        let models = fields.iter().map(|need| need.model.as_str()).collect::<BTreeSet<_>>();
        let ids = self.ids_of_models(&models).await?;
        let row = |need: &FieldNeed| {
            let model = ids.iter().find(|(name, _)| name == need.model.as_str()).map(|(_, id)| *id);
            self.field(need).with("model_id", model.unwrap_or_default())
        };
        let mut fields: Vec<&FieldNeed> = fields.iter().collect();
        fields.sort_by_key(|need| need.kind.shows_others());
        Ok(fields.into_iter().map(row).collect())
    }

    /// Choices for fields that are there. They stand after those that were there before.
    pub(crate) async fn rows_of_choices(&self, more: &[MoreChoices]) -> Result<Vec<Struct>> {
        let models: Vec<&str> = more.iter().map(|more| more.model.as_str()).collect();
        let names: Vec<&str> = more.iter().map(|more| more.field.as_str()).collect();
        let domain =
            || Domain::field("model").is_in(models.clone()).and(Domain::field("name").is_in(names.clone()));
        let fields = self.records(&"ir.model.fields".into(), domain, &["model", "name"]).await?;
        let mut rows = Vec::new();
        for more in more {
            let this = |record: &&Struct| {
                text(record, "model") == more.model.as_str() && text(record, "name") == more.field.as_str()
            };
            let gone =
                || Error::config("the field is gone").at("model", &more.model).at("field", &more.field);
            let field = fields.iter().find(this).and_then(id).ok_or_else(gone)?;
            // Odoo gives those it makes by itself the numbers from 0 on, or 1000.
            let made = more.choices.iter().enumerate().map(|(at, one)| choice(1000 + at, one));
            rows.extend(made.map(|row| row.with("field_id", field)));
        }
        Ok(rows)
    }

    /// A field as `ir.model.fields` takes it. An identity is not copied with its record: the copy would have it too. What is shown of
    /// other records is not copied either, and cannot be changed where it is shown: that would change them.
    fn field(&self, need: &FieldNeed) -> Struct {
        let ttype = Ttype::word(&need.kind).unwrap_or_default();
        let is_identity = need.name.as_str() == IDENTITY;
        let row = Struct::new()
            .with("name", need.name.as_str())
            .with("field_description", need.label.as_str())
            .with("ttype", ttype)
            .with("state", "manual")
            .with("index", need.indexed || is_identity)
            .with("copied", !(need.not_copied || is_identity || need.kind.shows_others()));
        let row = need.help.iter().fold(row, |row, help| row.with("help", help.as_str()));
        match &need.kind {
            FieldKind::Choice(choices) => {
                let choices = choices.iter().enumerate().map(|(at, one)| created(choice(at, one)));
                row.with("selection_ids", choices.collect::<Vec<_>>())
            }
            FieldKind::Link(model) => row.with("relation", model.as_str()).with("on_delete", "set null"),
            FieldKind::Links(model) => row.with("relation", model.as_str()),
            FieldKind::LinkedFrom { model, by } => {
                row.with("relation", model.as_str()).with("relation_field", by.as_str())
            }
            FieldKind::Related { path, kind, stored } => {
                let row = row.with("related", path.as_str()).with("readonly", true).with("store", *stored);
                match &**kind {
                    FieldKind::Link(model) | FieldKind::Links(model) => row.with("relation", model.as_str()),
                    _ => row,
                }
            }
            // Before 17 there is no such attribute: the currency is found by its name (measured on 14 to 19).
            FieldKind::Money if self.names_currencies() => {
                need.currency.iter().fold(row, |row, field| row.with("currency_field", field.as_str()))
            }
            _ => row,
        }
    }

    /// Whether a field of money can say which field holds its currency.
    pub(crate) fn names_currencies(&self) -> bool {
        self.client.version().at_least(17, 0)
    }
}

fn choice(at: usize, choice: &Choice) -> Struct {
    let row = Struct::new().with("value", choice.value.as_str()).with("name", choice.label.as_str());
    row.with("sequence", i64::try_from(at).unwrap_or_default())
}

/// "Make this one along", in Odoo's words.
fn created(row: Struct) -> Wire {
    vec![0.into(), 0.into(), Wire::from(row)].into()
}

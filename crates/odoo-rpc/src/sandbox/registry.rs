//! The models and fields a database knows at the moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::sandbox::models;
use crate::sandbox::spec::{Fallback, FieldSpec, Kind, ModelSpec, OnDelete, Unique};
use crate::sandbox::version::Like;
use crate::wire::Name;

/// A field, shipped or custom.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) label: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) readonly: bool,
    pub(super) stored: bool,
    pub(super) size: usize,
    pub(super) choices: Vec<(String, String)>,
    pub(super) relation: Option<Name>,
    pub(super) inverse: Option<Name>,
    pub(super) inverse_model: Option<Name>,
    /// The many2one and the field behind it whose value this is.
    pub(super) related: Option<(Name, Name)>,
    pub(super) fallback: Fallback,
    pub(super) on_delete: OnDelete,
    pub(super) indexed: bool,
    pub(super) custom: bool,
    /// Where it stands among its model's fields: the order PostgreSQL checks them in.
    pub(super) place: usize,
}

impl Field {
    pub(super) fn plain(kind: Kind, name: &str, label: &str) -> Self {
        Self::from_spec(&FieldSpec::new(kind, "", ""), name, label)
    }

    fn from_spec(spec: &FieldSpec, name: &str, label: &str) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| Name::from(text));
        Self {
            name: Name::from(name),
            label: label.to_owned(),
            kind: spec.kind,
            required: spec.required,
            readonly: spec.readonly,
            stored: spec.stored,
            size: 0,
            choices: spec
                .choices
                .iter()
                .map(|&(value, label)| (value.to_owned(), label.to_owned()))
                .collect(),
            relation: some(spec.relation),
            inverse: some(spec.inverse),
            inverse_model: some(spec.inverse_model),
            related: spec.related.split_once('.').map(|(via, field)| (Name::from(via), Name::from(field))),
            fallback: spec.fallback,
            on_delete: spec.on_delete,
            indexed: spec.indexed,
            custom: false,
            place: 0,
        }
    }

    /// What `store` says: a relation is stored, whichever side keeps it.
    pub(super) fn is_stored_somewhere(&self) -> bool {
        self.stored || self.inverse.is_some()
    }

    /// Whether the table keeps an index of it.
    pub(super) fn has_index(&self) -> bool {
        let by_call = matches!(self.name.as_str(), "create_uid" | "write_uid");
        self.stored && (self.indexed || (matches!(self.kind, Kind::Many2one | Kind::Many2many) && !by_call))
    }
}

/// A model, shipped or custom.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) name: Name,
    pub(super) label: String,
    pub(super) fields: BTreeMap<Name, Arc<Field>>,
    pub(super) order: String,
    pub(super) rec_name: String,
    pub(super) uniques: &'static [Unique],
    pub(super) thread: bool,
    pub(super) delegates: Option<Name>,
    pub(super) managers: &'static [&'static str],
    pub(super) writers: &'static [&'static str],
    pub(super) readers: &'static [&'static str],
    pub(super) custom: bool,
}

impl Model {
    pub(super) fn field(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.get(name)
    }

    /// The table's name in PostgreSQL, as faults quote it.
    pub(super) fn table(&self) -> String {
        self.name.as_str().replace('.', "_")
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Registry {
    pub(super) like: Like,
    models: BTreeMap<Name, Arc<Model>>,
    /// For each model the stored fields that point to it.
    referrers: HashMap<Name, Vec<(Name, Name)>>,
}

impl Registry {
    /// The shipped models of a version.
    pub(super) fn shipped(like: Like) -> Self {
        let mut models: BTreeMap<Name, Arc<Model>> = models::all()
            .filter(|spec| spec.exists_in(like))
            .map(|spec| (Name::from(spec.name), Arc::new(shipped_model(spec, like))))
            .collect();
        let names: Vec<Name> = models.keys().cloned().collect();
        for name in names {
            let Some(model) = models.get(&name).cloned() else { continue };
            let mirrored = inherited(&models, &model);
            if let Some(model) = models.get_mut(&name) {
                Arc::make_mut(model).fields.extend(mirrored);
            }
        }
        let mut registry = Self { like, models, referrers: HashMap::new() };
        registry.settle();
        registry
    }

    /// Adds an app's models, and its fields of other models.
    pub(super) fn install<'s>(
        &mut self,
        specs: impl Iterator<Item = &'s ModelSpec>,
        fields: &[(&str, &[FieldSpec])],
    ) {
        let like = self.like;
        for spec in specs.filter(|spec| spec.exists_in(like)) {
            let mut model = shipped_model(spec, like);
            model.fields.extend(inherited(&self.models, &model));
            self.models.insert(model.name.clone(), Arc::new(model));
        }
        for (model, fields) in fields {
            let Some(model) = self.models.get_mut(*model) else { continue };
            for field in fields.iter().filter(|field| field.exists_in(like)) {
                let field = Field::from_spec(field, field.name, field.label);
                Arc::make_mut(model).fields.insert(field.name.clone(), Arc::new(field));
            }
        }
        self.settle();
    }

    pub(super) fn model(&self, name: &str) -> Option<&Arc<Model>> {
        self.models.get(name)
    }

    pub(super) fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }

    pub(super) fn referrers(&self, model: &str) -> &[(Name, Name)] {
        self.referrers.get(model).map_or(&[], Vec::as_slice)
    }

    /// Adds a custom model with nothing but the fields every model has.
    pub(super) fn add_model(&mut self, name: &str, label: &str) {
        let mut model = Model {
            name: Name::from(name),
            label: label.to_owned(),
            fields: BTreeMap::new(),
            order: "id".to_owned(),
            rec_name: "x_name".to_owned(),
            uniques: &[],
            thread: false,
            delegates: None,
            managers: &[],
            writers: &[],
            readers: &[],
            custom: true,
        };
        add_common_fields(&mut model, self.like);
        self.models.insert(Name::from(name), Arc::new(model));
    }

    /// Adds a custom field, and its mirror on the models that delegate to this one.
    pub(super) fn add_field(&mut self, model: &str, field: Field) {
        for name in self.heirs(model) {
            let Some(heir) = self.models.get_mut(&name) else { continue };
            let Some(via) = heir.delegates.clone() else { continue };
            let mirror = mirror(&field, &via);
            Arc::make_mut(heir).fields.insert(field.name.clone(), Arc::new(mirror));
        }
        if let Some(known) = self.models.get_mut(model) {
            Arc::make_mut(known).fields.insert(field.name.clone(), Arc::new(field));
        }
    }

    /// The models that delegate to this one.
    pub(super) fn heirs(&self, model: &str) -> Vec<Name> {
        let delegates_to = |heir: &Model| {
            let via = heir.delegates.as_ref().and_then(|via| heir.fields.get(via));
            via.and_then(|field| field.relation.as_ref()).is_some_and(|relation| relation.as_str() == model)
        };
        self.models.values().filter(|heir| delegates_to(heir)).map(|heir| heir.name.clone()).collect()
    }

    /// Works out what follows from the fields. To be called after the last change.
    pub(super) fn settle(&mut self) {
        self.referrers.clear();
        for model in self.models.values() {
            for field in model.fields.values().filter(|field| field.stored) {
                if let (Kind::Many2one | Kind::Many2many, Some(relation)) = (field.kind, &field.relation) {
                    let pair = (model.name.clone(), field.name.clone());
                    self.referrers.entry(relation.clone()).or_default().push(pair);
                }
            }
        }
    }
}

fn shipped_model(spec: &ModelSpec, like: Like) -> Model {
    let mut model = Model {
        name: Name::from(spec.name),
        label: spec.label(like).to_owned(),
        fields: BTreeMap::new(),
        order: spec.order_in(like).to_owned(),
        rec_name: rec_name(spec.name, like).to_owned(),
        uniques: spec.uniques,
        thread: spec.thread,
        delegates: (!spec.delegates.is_empty()).then(|| Name::from(spec.delegates)),
        managers: spec.managers,
        writers: spec.writers,
        readers: spec.readers,
        custom: false,
    };
    add_common_fields(&mut model, like);
    for (place, field) in models::fields(spec).filter(|field| field.exists_in(like)).enumerate() {
        let field = Field { place, ..Field::from_spec(field, field.name, field.label) };
        model.fields.insert(field.name.clone(), Arc::new(field));
    }
    if spec.name == "res.partner" && !like.at_least(17) {
        // Before 17 Odoo keeps the name shown in the table and sorts by it.
        let field = Field { readonly: true, ..Field::plain(Kind::Char, "display_name", "Display Name") };
        model.fields.insert(field.name.clone(), Arc::new(field));
    }
    model
}

fn rec_name(model: &str, like: Like) -> &'static str {
    match model {
        "ir.model.fields" => "field_description",
        "mail.activity" => "summary",
        "mail.mail" => "subject",
        "mail.message" if like.is_19() => "subject",
        "mail.message" => "record_name",
        "mail.followers" => "partner_id",
        "utm.campaign" if like.at_least(16) => "title",
        "ir.module.module" => "shortdesc",
        "res.groups" => "full_name",
        _ => "name",
    }
}

fn add_common_fields(model: &mut Model, like: Like) {
    let shown = Field { stored: false, ..Field::plain(Kind::Char, "display_name", "Display Name") };
    let user = |name, label| Field {
        relation: Some(Name::from("res.users")),
        ..Field::plain(Kind::Many2one, name, label)
    };
    let mut fields = vec![
        Field::plain(Kind::Integer, "id", "ID"),
        shown,
        user("create_uid", "Created by"),
        Field::plain(Kind::Datetime, "create_date", "Created on"),
        user("write_uid", "Last Updated by"),
        Field::plain(Kind::Datetime, "write_date", "Last Updated on"),
    ];
    if !like.at_least(17) {
        let label = "Last Modified on";
        fields.push(Field { stored: false, ..Field::plain(Kind::Datetime, "__last_update", label) });
    }
    for field in fields {
        model.fields.insert(field.name.clone(), Arc::new(Field { readonly: true, ..field }));
    }
}

/// The fields a delegating model has from the one it delegates to.
fn inherited(models: &BTreeMap<Name, Arc<Model>>, model: &Model) -> BTreeMap<Name, Arc<Field>> {
    let Some(via) = &model.delegates else { return BTreeMap::new() };
    let relation = model.fields.get(via).and_then(|field| field.relation.as_ref());
    let Some(parent) = relation.and_then(|name| models.get(name)) else { return BTreeMap::new() };
    let own = |field: &Field| model.fields.contains_key(&field.name);
    let mirrored = parent.fields.values().filter(|field| !own(field));
    mirrored.map(|field| (field.name.clone(), Arc::new(mirror(field, via)))).collect()
}

fn mirror(field: &Field, via: &Name) -> Field {
    Field {
        stored: false,
        related: Some((via.clone(), field.name.clone())),
        custom: false,
        indexed: false,
        fallback: Fallback::None,
        ..field.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_and_inverse_names_something_that_exists() {
        for like in [Like::Odoo14, Like::Odoo19] {
            let registry = Registry::shipped(like);
            for model in registry.models() {
                for field in model.fields.values() {
                    let place = format!("{}.{}", model.name.as_str(), field.name.as_str());
                    assert_eq!(field.kind.is_relation(), field.relation.is_some(), "{place}");
                    let relation = field.relation.as_ref().map(|name| registry.model(name.as_str()).unwrap());
                    if let Some(inverse) = &field.inverse {
                        assert!(relation.unwrap().fields.contains_key(inverse), "{place}");
                    }
                    if let Some((via, name)) = &field.related {
                        let via = model.field(via.as_str()).unwrap().relation.clone().unwrap();
                        assert!(registry.model(via.as_str()).unwrap().fields.contains_key(name), "{place}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_user_has_the_fields_of_its_contact() {
        let registry = Registry::shipped(Like::Odoo19);
        let users = registry.model("res.users").unwrap();
        let email = users.field("email").unwrap();
        assert_eq!(
            email.related.as_ref().map(|(via, name)| (via.as_str(), name.as_str())),
            Some(("partner_id", "email"))
        );
    }

    #[test]
    fn a_mobile_number_exists_on_14_alone() {
        let has = |like| Registry::shipped(like).model("res.partner").unwrap().field("mobile").is_some();
        assert!(has(Like::Odoo14));
        assert!(!has(Like::Odoo19));
    }
}

//! How the shipped models are written down: constants, one line a field.

use crate::sandbox::version::Like;

/// The versions something exists in, both included.
type Versions = (i64, i64);

const ALL: Versions = (0, i64::MAX);

/// A field's type, as `ir.model.fields.ttype` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Float,
    Monetary,
    Char,
    Text,
    Html,
    Date,
    Datetime,
    Selection,
    Many2one,
    One2many,
    Many2many,
    Reference,
    Binary,
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Boolean, "boolean"),
    (Kind::Integer, "integer"),
    (Kind::Float, "float"),
    (Kind::Monetary, "monetary"),
    (Kind::Char, "char"),
    (Kind::Text, "text"),
    (Kind::Html, "html"),
    (Kind::Date, "date"),
    (Kind::Datetime, "datetime"),
    (Kind::Selection, "selection"),
    (Kind::Many2one, "many2one"),
    (Kind::One2many, "one2many"),
    (Kind::Many2many, "many2many"),
    (Kind::Reference, "many2one_reference"),
    (Kind::Binary, "binary"),
];

impl Kind {
    pub(super) fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("char", |(_, name)| name)
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Char | Self::Text | Self::Html)
    }

    pub(super) fn is_to_many(self) -> bool {
        matches!(self, Self::One2many | Self::Many2many)
    }

    pub(super) fn is_relation(self) -> bool {
        self == Self::Many2one || self.is_to_many()
    }
}

/// What a field holds where `create` does not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fallback {
    None,
    True,
    Number(i64),
    Text(&'static str),
    User,
    Company,
    Today,
    Now,
    /// The record of that external id.
    Record(&'static str, &'static str),
    /// The author: the caller's partner.
    Author,
}

/// What becomes of the rows that point to a deleted record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnDelete {
    SetNull,
    Restrict,
    Cascade,
}

/// One field of a shipped model.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSpec {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) readonly: bool,
    pub(super) stored: bool,
    pub(super) choices: &'static [(&'static str, &'static str)],
    pub(super) relation: &'static str,
    pub(super) inverse: &'static str,
    /// The field of the other model that names this one, where the inverse is a bare id.
    pub(super) inverse_model: &'static str,
    pub(super) related: &'static str,
    pub(super) fallback: Fallback,
    pub(super) on_delete: OnDelete,
    pub(super) indexed: bool,
    versions: Versions,
}

impl FieldSpec {
    pub(super) const fn new(kind: Kind, name: &'static str, label: &'static str) -> Self {
        Self {
            name,
            label,
            kind,
            required: false,
            readonly: false,
            stored: true,
            choices: &[],
            relation: "",
            inverse: "",
            inverse_model: "",
            related: "",
            fallback: Fallback::None,
            on_delete: OnDelete::SetNull,
            indexed: false,
            versions: ALL,
        }
    }

    pub(super) const fn to(mut self, relation: &'static str) -> Self {
        self.relation = relation;
        self
    }

    pub(super) const fn choices(mut self, choices: &'static [(&'static str, &'static str)]) -> Self {
        self.choices = choices;
        self
    }

    pub(super) const fn inverse(mut self, inverse: &'static str) -> Self {
        self.inverse = inverse;
        self.stored = false;
        self
    }

    pub(super) const fn inverse_model(mut self, field: &'static str) -> Self {
        self.inverse_model = field;
        self
    }

    /// The value of another record: `many2one.field`.
    pub(super) const fn related(mut self, path: &'static str) -> Self {
        self.related = path;
        self.stored = false;
        self
    }

    pub(super) const fn or(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn readonly(mut self) -> Self {
        self.readonly = true;
        self
    }

    pub(super) const fn unstored(mut self) -> Self {
        self.stored = false;
        self
    }

    pub(super) const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(super) const fn restrict(mut self) -> Self {
        self.on_delete = OnDelete::Restrict;
        self
    }

    pub(super) const fn cascade(mut self) -> Self {
        self.on_delete = OnDelete::Cascade;
        self
    }

    /// In 14, 16 and 17.
    pub(super) const fn only14(self) -> Self {
        self.until(17)
    }

    pub(super) const fn only19(self) -> Self {
        self.since(19)
    }

    pub(super) const fn since(mut self, major: i64) -> Self {
        self.versions.0 = major;
        self
    }

    pub(super) const fn until(mut self, major: i64) -> Self {
        self.versions.1 = major;
        self
    }

    pub(super) fn exists_in(&self, like: Like) -> bool {
        (self.versions.0..=self.versions.1).contains(&like.major())
    }
}

/// Two rows may not agree in all of these fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unique {
    pub(super) fields: &'static [&'static str],
    /// What Odoo 14 says where the context names no language, and what both say otherwise.
    pub(super) key: &'static str,
    pub(super) message: &'static str,
    /// What Odoo 14 and 16 say, where it differs.
    pub(super) message14: &'static str,
    /// The version it begins with.
    pub(super) since: i64,
    /// Whether it is an index without a declared constraint: PostgreSQL's own words come through.
    pub(super) bare_index: bool,
    /// Whether Python refuses it, so that the message comes bare on both versions.
    pub(super) in_python: Option<&'static str>,
}

impl Unique {
    pub(super) const fn new(
        fields: &'static [&'static str],
        key: &'static str,
        message: &'static str,
    ) -> Self {
        Self { fields, key, message, message14: message, since: 0, bare_index: false, in_python: None }
    }

    pub(super) const fn since(mut self, major: i64) -> Self {
        self.since = major;
        self
    }

    /// The text of Odoo 14 and 16.
    pub(super) const fn message14(mut self, message: &'static str) -> Self {
        self.message14 = message;
        self
    }

    pub(super) const fn bare_index(mut self) -> Self {
        self.bare_index = true;
        self
    }

    /// Refused by a Python check, with that text on Odoo 14.
    pub(super) const fn in_python(mut self, message14: &'static str) -> Self {
        self.in_python = Some(message14);
        self
    }
}

/// A shipped model.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModelSpec {
    pub(super) name: &'static str,
    pub(super) label14: &'static str,
    pub(super) label19: &'static str,
    pub(super) order: &'static str,
    pub(super) order14: &'static str,
    pub(super) fields: &'static [FieldSpec],
    pub(super) uniques: &'static [Unique],
    /// Records have a chatter: messages, followers, activities.
    pub(super) thread: bool,
    /// The many2one whose record's fields are this model's too.
    pub(super) delegates: &'static str,
    /// The groups that may do anything; others may only read. Empty: every internal user may.
    pub(super) managers: &'static [&'static str],
    /// The groups that may read, write and make, but not delete.
    pub(super) writers: &'static [&'static str],
    /// The groups that may read. Empty: every internal user may.
    pub(super) readers: &'static [&'static str],
    versions: Versions,
}

impl ModelSpec {
    pub(super) const fn new(name: &'static str, label: &'static str, fields: &'static [FieldSpec]) -> Self {
        Self {
            name,
            label14: label,
            label19: label,
            order: "id",
            order14: "",
            fields,
            uniques: &[],
            thread: false,
            delegates: "",
            managers: &["base.group_system"],
            writers: &[],
            readers: &[],
            versions: ALL,
        }
    }

    pub(super) const fn label14(mut self, label: &'static str) -> Self {
        self.label14 = label;
        self
    }

    pub(super) const fn order(mut self, order: &'static str) -> Self {
        self.order = order;
        self
    }

    pub(super) const fn order14(mut self, order: &'static str) -> Self {
        self.order14 = order;
        self
    }

    pub(super) const fn uniques(mut self, uniques: &'static [Unique]) -> Self {
        self.uniques = uniques;
        self
    }

    pub(super) const fn thread(mut self) -> Self {
        self.thread = true;
        self
    }

    pub(super) const fn delegates(mut self, field: &'static str) -> Self {
        self.delegates = field;
        self
    }

    pub(super) const fn managers(mut self, groups: &'static [&'static str]) -> Self {
        self.managers = groups;
        self
    }

    pub(super) const fn writers(mut self, groups: &'static [&'static str]) -> Self {
        self.writers = groups;
        self
    }

    pub(super) const fn readers(mut self, groups: &'static [&'static str]) -> Self {
        self.readers = groups;
        self
    }

    /// In 14, 16 and 17.
    pub(super) const fn only14(self) -> Self {
        self.until(17)
    }

    pub(super) const fn until(mut self, major: i64) -> Self {
        self.versions.1 = major;
        self
    }

    pub(super) fn exists_in(&self, like: Like) -> bool {
        (self.versions.0..=self.versions.1).contains(&like.major())
    }

    pub(super) fn label(&self, like: Like) -> &'static str {
        if like.is_19() { self.label19 } else { self.label14 }
    }

    pub(super) fn order_in(&self, like: Like) -> &'static str {
        if like.at_least(17) || self.order14.is_empty() { self.order } else { self.order14 }
    }
}

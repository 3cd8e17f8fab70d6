//! What a new database holds.

use std::sync::Arc;

use crate::sandbox::LOGIN;
use crate::sandbox::env::{Database, Env};
use crate::sandbox::models::places::{COUNTRIES, INDIA, UNITED_STATES};
use crate::sandbox::registry::{Model, Registry};
use crate::sandbox::rights::Rights;
use crate::sandbox::store::{Row, Store};
use crate::sandbox::version::Like;
use crate::wire::{Name, Struct, Value};

/// A new database, its administrator and what Odoo installs with it.
pub(in crate::sandbox) fn database(like: Like, now: &str) -> Database {
    let registry = Arc::new(Registry::shipped(like));
    let mut store = Store::default();
    store.fit(&registry);
    let mut db = Database { like, shipped: registry.clone(), registry, store, rights: Rights::default() };
    let mut env = Env { db: &mut db, uid: 1, context: Struct::new(), now: now.to_owned(), sudo: 1 };
    env.seed_schema();
    env.seed_groups();
    env.seed_people();
    env.seed_places();
    env.seed_chatter();
    env.seed_modules_and_views();
    env.seed_crm();
    db.store.commit();
    db
}

pub(in crate::sandbox) type Pairs<'p> = &'p [(&'p str, Value)];

/// External name, name, and the external names it implies.
type Group = (&'static str, &'static str, &'static [&'static str]);

const GROUPS_14: &[Group] = &[
    ("group_user", "Internal User", &["group_no_one"]),
    ("group_erp_manager", "Access Rights", &[]),
    ("group_system", "Settings", &["group_erp_manager"]),
    ("group_multi_company", "Multi Companies", &[]),
    ("group_multi_currency", "Multi Currencies", &[]),
    ("group_no_one", "Technical Features", &[]),
    ("group_allow_export", "Access to export feature", &[]),
    ("group_partner_manager", "Contact Creation", &[]),
    ("group_portal", "Portal", &[]),
    ("group_public", "Public", &[]),
];

const GROUPS_19: &[Group] = &[
    ("group_user", "Role / User", &["group_no_one"]),
    ("group_erp_manager", "Access Rights", &["group_user"]),
    ("group_sanitize_override", "Bypass HTML Field Sanitize", &[]),
    (
        "group_system",
        "Role / Administrator",
        &[
            "group_partner_manager",
            "group_allow_export",
            "group_erp_manager",
            "group_sanitize_override",
            "group_no_one",
        ],
    ),
    ("group_multi_company", "Multi Companies", &[]),
    ("group_multi_currency", "Multi Currencies", &[]),
    ("group_no_one", "Technical Features", &[]),
    ("group_allow_export", "Allowed", &[]),
    ("group_partner_manager", "Creation", &[]),
    ("group_portal", "Role / Portal", &[]),
    ("group_public", "Role / Public", &[]),
];

/// A group's name with its category.
fn full_name(like: Like, external: &str, name: &str) -> String {
    let category = match (external, like.is_19()) {
        ("group_partner_manager", true) => "Contact",
        ("group_allow_export", true) => "Export",
        ("group_user" | "group_portal" | "group_public", false) => "User types",
        ("group_erp_manager" | "group_system", false) => "Administration",
        ("group_allow_export", false) => "Technical",
        (_, false) => "Extra Rights",
        (_, true) => return name.to_owned(),
    };
    format!("{category} / {name}")
}

/// External name, name on 14 and on 19, category on 14 and on 19, icon on 14 and on 19, days, sequence on 14 and on 19.
type ActivityType = (&'static str, [&'static str; 2], [&'static str; 2], [&'static str; 2], i64, [i64; 2]);

const ACTIVITY_TYPES: &[ActivityType] = &[
    ("email", ["Email", "Email"], ["default", "default"], ["fa-envelope", "fa-envelope"], 0, [3, 3]),
    ("call", ["Call", "Call"], ["default", "phonecall"], ["fa-phone", "fa-phone"], 2, [6, 6]),
    ("meeting", ["Meeting", "Meeting"], ["meeting", "meeting"], ["fa-users", "fa-users"], 0, [9, 9]),
    ("todo", ["To Do", "To-Do"], ["default", "default"], ["fa-tasks", "fa-check"], 5, [12, 2]),
    (
        "upload_document",
        ["Upload Document", "Document"],
        ["upload_file", "upload_file"],
        ["fa-upload", "fa-upload"],
        5,
        [25, 25],
    ),
    (
        "warning",
        ["Exception", "Exception"],
        ["default", "default"],
        ["fa-warning", "fa-warning"],
        0,
        [99, 99],
    ),
];

const FORM: &str = "<form string=\"Partners\"><sheet><field name=\"name\"/><group><field name=\"phone\"/><field name=\"email\"/></group><notebook><page name=\"internal_notes\" string=\"Notes\"><field name=\"comment\"/></page></notebook></sheet></form>";

impl Env<'_> {
    pub(in crate::sandbox) fn sow(&mut self, model: &str, pairs: Pairs<'_>) -> i64 {
        let id = self.db.store.next_id(model);
        let mut row: Row = pairs.iter().map(|(name, value)| (Name::from(*name), value.clone())).collect();
        for field in ["create_date", "write_date"] {
            row.insert(Name::from(field), Value::from(self.now.as_str()));
        }
        for field in ["create_uid", "write_uid"] {
            row.insert(Name::from(field), Value::Int(1));
        }
        self.db.store.put(model, id, Some(row));
        if let Ok(known) = self.model(model) {
            self.recompute(&known, id);
        }
        id
    }

    pub(super) fn name_it(&mut self, module: &str, name: &str, model: &str, id: i64) {
        self.sow(
            "ir.model.data",
            &[
                ("module", Value::from(module)),
                ("name", Value::from(name)),
                ("model", Value::from(model)),
                ("res_id", Value::Int(id)),
                ("noupdate", Value::Bool(true)),
            ],
        );
    }

    fn seed_schema(&mut self) {
        for model in self.db.registry.clone().models() {
            self.describe_model(model);
        }
    }

    /// The rows that say what a model is.
    pub(in crate::sandbox) fn describe_model(&mut self, model: &Model) {
        let row = self.sow(
            "ir.model",
            &[
                ("model", Value::from(model.name.as_str())),
                ("name", Value::from(model.label.as_str())),
                ("state", Value::from("base")),
                ("order", Value::from(model.order.as_str())),
                ("transient", Value::Bool(false)),
            ],
        );
        let name = format!("model_{}", model.table());
        self.name_it("base", &name, "ir.model", row);
        for field in model.fields.values() {
            self.describe_field(row, field);
        }
    }

    fn seed_groups(&mut self) {
        let groups = if self.is_19() { GROUPS_19 } else { GROUPS_14 };
        for (external, name, _) in groups {
            let full = full_name(self.like(), external, name);
            let id =
                self.sow("res.groups", &[("name", Value::from(*name)), ("full_name", Value::Text(full))]);
            self.name_it("base", external, "res.groups", id);
        }
        for (external, _, implied) in groups {
            let ids = implied.iter().filter_map(|name| self.record("base", name)).map(Value::Int).collect();
            if let Some(id) = self.record("base", external) {
                self.db.store.set("res.groups", id, "implied_ids", Some(Value::Array(ids)));
            }
        }
    }

    fn seed_people(&mut self) {
        let company = self.sow_contact("My Company", true, true);
        let main = self.sow(
            "res.company",
            &[
                ("name", Value::from("My Company")),
                ("partner_id", Value::Int(company)),
                ("active", Value::Bool(true)),
                ("sequence", Value::Int(0)),
            ],
        );
        self.name_it("base", "main_company", "res.company", main);
        let robot = self.sow_contact("OdooBot", false, false);
        self.sow_user("__system__", robot, false, &["group_user"]);
        let admin = self.sow_contact("Administrator", false, true);
        if !self.is_19() {
            self.db.store.set("res.partner", admin, "email", Some(Value::from("admin@example.com")));
            let model = self.model("res.partner");
            if let Ok(model) = model {
                self.recompute(&model, admin);
            }
        }
        self.sow_user(
            "admin",
            admin,
            true,
            &["group_system", "group_erp_manager", "group_user", "group_partner_manager"],
        );
        let templates: &[(&str, &str, &str)] = if self.is_19() {
            &[
                ("public", "Public user", "group_public"),
                ("portaltemplate", "Portal User Template", "group_portal"),
            ]
        } else {
            &[
                ("default", "Default User Template", "group_user"),
                ("public", "Public user", "group_public"),
                ("portaltemplate", "Portal User Template", "group_portal"),
            ]
        };
        for (login, name, group) in templates {
            let partner = self.sow_contact(name, false, false);
            self.sow_user(login, partner, false, &[group]);
        }
        self.sow(
            "res.lang",
            &[
                ("name", Value::from("English (US)")),
                ("code", Value::from("en_US")),
                ("iso_code", Value::from("en")),
                ("active", Value::Bool(true)),
            ],
        );
    }

    fn sow_contact(&mut self, name: &str, company: bool, active: bool) -> i64 {
        self.sow(
            "res.partner",
            &[
                ("name", Value::from(name)),
                ("is_company", Value::Bool(company)),
                ("active", Value::Bool(active)),
                ("type", Value::from("contact")),
                ("lang", Value::from("en_US")),
            ],
        )
    }

    fn sow_user(&mut self, login: &str, partner: i64, active: bool, groups: &[&str]) {
        let field = if self.is_19() { "group_ids" } else { "groups_id" };
        let ids: Vec<Value> =
            groups.iter().filter_map(|name| self.record("base", name)).map(Value::Int).collect();
        let share = groups.iter().any(|group| matches!(*group, "group_portal" | "group_public"));
        let id = self.sow(
            "res.users",
            &[
                ("login", Value::from(login)),
                ("partner_id", Value::Int(partner)),
                ("active", Value::Bool(active)),
                ("share", Value::Bool(share)),
                ("company_id", Value::Int(1)),
                ("company_ids", Value::Array(vec![Value::Int(1)])),
                ("notification_type", Value::from("email")),
                (field, Value::Array(ids)),
            ],
        );
        if login == LOGIN {
            self.db.store.set("res.users", id, "password", Some(Value::from(LOGIN)));
        }
        let external = match login {
            "__system__" => "user_root",
            "admin" => "user_admin",
            "public" => "public_user",
            "default" => "default_user",
            _ => "template_portal_user_id",
        };
        self.name_it("base", external, "res.users", id);
    }

    fn seed_places(&mut self) {
        for (name, code, dial) in COUNTRIES {
            let country = self.sow(
                "res.country",
                &[
                    ("name", Value::from(*name)),
                    ("code", Value::from(*code)),
                    ("phone_code", Value::Int(*dial)),
                ],
            );
            self.name_it("base", &code.to_lowercase(), "res.country", country);
            let states = match *code {
                "IN" => INDIA,
                "US" => UNITED_STATES,
                _ => &[],
            };
            for (state_name, state) in states {
                let id = self.sow(
                    "res.country.state",
                    &[
                        ("name", Value::from(*state_name)),
                        ("code", Value::from(*state)),
                        ("country_id", Value::Int(country)),
                    ],
                );
                let external = format!("state_{}_{}", code.to_lowercase(), state.to_lowercase());
                self.name_it("base", &external, "res.country.state", id);
            }
        }
    }

    fn seed_chatter(&mut self) {
        let subtypes = [
            ("mt_comment", "Discussions", 0, false, true),
            ("mt_note", "Note", 100, true, false),
            ("mt_activities", "Activities", 90, true, false),
        ];
        for (external, name, sequence, internal, by_default) in subtypes {
            let id = self.sow(
                "mail.message.subtype",
                &[
                    ("name", Value::from(name)),
                    ("sequence", Value::Int(sequence)),
                    ("internal", Value::Bool(internal)),
                    ("default", Value::Bool(by_default)),
                    ("hidden", Value::Bool(false)),
                ],
            );
            self.name_it("mail", external, "mail.message.subtype", id);
        }
        let place = usize::from(self.is_19());
        for (external, names, categories, icons, days, sequences) in ACTIVITY_TYPES {
            let shown = *external != "warning";
            let mut pairs = vec![
                ("name", Value::from(names[place])),
                ("category", Value::from(categories[place])),
                ("icon", Value::from(icons[place])),
                ("delay_count", Value::Int(*days)),
                ("delay_unit", Value::from("days")),
                ("delay_from", Value::from("previous_activity")),
                ("sequence", Value::Int(sequences[place])),
                ("active", Value::Bool(shown)),
            ];
            if self.is_19() {
                pairs.push(("chaining_type", Value::from("suggest")));
                pairs.extend(shown.then(|| ("summary", Value::from(names[place]))));
            }
            let id = self.sow("mail.activity.type", &pairs);
            self.name_it("mail", &format!("mail_activity_data_{external}"), "mail.activity.type", id);
        }
    }

    fn seed_modules_and_views(&mut self) {
        let modules = [
            ("base", "Base", "installed"),
            ("mail", "Discuss", "installed"),
            ("contacts", "Contacts", "installed"),
            ("crm", "CRM", "installed"),
            ("sales_team", "Sales Teams", "installed"),
            ("utm", "UTM Trackers", "installed"),
            ("account", "Invoicing", "uninstalled"),
            ("web_studio", "Studio", "uninstallable"),
        ];
        for (name, title, state) in modules {
            let mut pairs = vec![
                ("name", Value::from(name)),
                ("shortdesc", Value::from(title)),
                ("state", Value::from(state)),
                ("author", Value::from("Odoo S.A.")),
                ("application", Value::Bool(name != "base")),
            ];
            if state == "installed" {
                pairs.push(("latest_version", Value::Text(format!("{}.1.0", self.like().server_version()))));
            }
            self.sow("ir.module.module", &pairs);
        }
        let view = self.sow(
            "ir.ui.view",
            &[
                ("name", Value::from("res.partner.form")),
                ("model", Value::from("res.partner")),
                ("type", Value::from("form")),
                ("mode", Value::from("primary")),
                ("priority", Value::Int(1)),
                ("active", Value::Bool(true)),
                ("arch_db", Value::from(FORM)),
            ],
        );
        self.name_it("base", "view_partner_form", "ir.ui.view", view);
    }
}

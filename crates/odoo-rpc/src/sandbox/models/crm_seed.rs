//! What the CRM app brings along.

use crate::sandbox::env::{ADMIN, Env};
use crate::wire::Value;

/// External name, name, and the external name of the group it implies.
const GROUPS: &[(&str, &str, &str)] = &[
    ("group_sale_salesman", "User: Own Documents Only", "base.group_user"),
    ("group_sale_salesman_all_leads", "User: All Documents", "sales_team.group_sale_salesman"),
    ("group_sale_manager", "Administrator", "sales_team.group_sale_salesman_all_leads"),
];

const STAGES: &[(&str, i64)] = &[("New", 1), ("Qualified", 2), ("Proposition", 3), ("Won", 70)];

const SOURCES: &[&str] = &[
    "Search engine",
    "Lead Recall",
    "Newsletter",
    "Facebook",
    "Twitter",
    "LinkedIn",
    "Monster",
    "Glassdoor",
    "Craigslist",
];

const MEDIA: &[&str] = &[
    "Website",
    "Phone",
    "Direct",
    "Email",
    "Banner",
    "Twitter",
    "Facebook",
    "LinkedIn",
    "Television",
    "Google Adwords",
];

impl Env<'_> {
    pub(super) fn seed_crm(&mut self) {
        for (external, name, implied) in GROUPS {
            let (module, above) = implied.split_once('.').unwrap_or(("base", implied));
            let implied = self.record(module, above).map(Value::Int).into_iter().collect();
            let id = self.sow(
                "res.groups",
                &[
                    ("name", Value::from(*name)),
                    ("full_name", Value::Text(format!("Sales / {name}"))),
                    ("implied_ids", Value::Array(implied)),
                ],
            );
            self.name_it("sales_team", external, "res.groups", id);
            if *external == "group_sale_manager" {
                let field = if self.is_19() { "group_ids" } else { "groups_id" };
                let mut groups = self.many("res.users", ADMIN, field);
                groups.push(id);
                let groups = groups.into_iter().map(Value::Int).collect();
                self.db.store.set("res.users", ADMIN, field, Some(Value::Array(groups)));
            }
        }
        for (number, (name, sequence)) in (1..).zip(STAGES) {
            let id = self.sow(
                "crm.stage",
                &[
                    ("name", Value::from(*name)),
                    ("sequence", Value::Int(*sequence)),
                    ("is_won", Value::Bool(*name == "Won")),
                    ("fold", Value::Bool(false)),
                ],
            );
            self.name_it("crm", &format!("stage_lead{number}"), "crm.stage", id);
        }
        let team = self.sow(
            "crm.team",
            &[
                ("name", Value::from("Sales")),
                ("sequence", Value::Int(0)),
                ("active", Value::Bool(true)),
                ("use_opportunities", Value::Bool(true)),
                ("use_leads", Value::Bool(false)),
                ("member_ids", Value::Array(vec![Value::Int(ADMIN)])),
            ],
        );
        self.name_it("sales_team", "team_sales_department", "crm.team", team);

        for (number, name) in (1..).zip(["Too expensive", "We don't have people/skills", "Not enough stock"])
        {
            let id =
                self.sow("crm.lost.reason", &[("name", Value::from(name)), ("active", Value::Bool(true))]);
            self.name_it("crm", &format!("lost_reason_{number}"), "crm.lost.reason", id);
        }
        let stage = self.sow("utm.stage", &[("name", Value::from("New")), ("sequence", Value::Int(1))]);
        self.name_it("utm", "default_utm_stage", "utm.stage", stage);
        let more = if self.is_19() { Some("Referral") } else { None };
        for name in SOURCES.iter().copied().chain(more) {
            let id = self.sow("utm.source", &[("name", Value::from(self.network(name)))]);
            let external = format!("utm_source_{}", name.to_lowercase().replace(' ', "_"));
            self.name_it("utm", &external, "utm.source", id);
        }
        for name in MEDIA {
            let shown = Value::from(self.network(name));
            let id = self.sow("utm.medium", &[("name", shown), ("active", Value::Bool(true))]);
            let external = format!("utm_medium_{}", name.to_lowercase().replace(' ', "_"));
            self.name_it("utm", &external, "utm.medium", id);
        }
    }

    /// What a network is called by the time of the version.
    fn network(&self, name: &'static str) -> &'static str {
        if name == "Twitter" && self.is_19() { "X" } else { name }
    }
}

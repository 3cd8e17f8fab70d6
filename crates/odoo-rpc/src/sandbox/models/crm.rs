//! The CRM app: leads, their stages, teams, tags and where they came from.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

const SALES: &[&str] = &["sales_team.group_sale_salesman"];
const MANAGERS: &[&str] = &["sales_team.group_sale_manager"];
const EVERYBODY: &[&str] = &["base.group_user"];

const NAMES: &[Unique] = &[Unique::new(&["name"], "utm_unique_name", "The name must be unique").since(16)];

pub(super) const MODELS: &[ModelSpec] = &[
    ModelSpec::new("crm.lead", "Lead", CRM_LEAD_FIELDS)
        .label14("Lead/Opportunity")
        .order("priority desc, id desc")
        .thread()
        .managers(MANAGERS)
        .writers(SALES)
        .readers(SALES),
    ModelSpec::new("crm.stage", "CRM Stages", CRM_STAGE_FIELDS)
        .order("sequence, name, id")
        .managers(MANAGERS),
    ModelSpec::new("crm.team", "Sales Team", CRM_TEAM_FIELDS)
        .order("sequence, create_date desc, id desc")
        .order14("sequence")
        .managers(MANAGERS),
    ModelSpec::new("crm.tag", "CRM Tag", CRM_TAG_FIELDS)
        .managers(MANAGERS)
        .writers(SALES)
        .readers(SALES)
        .uniques(&[Unique::new(&["name"], "crm_tag_name_uniq", "Tag name already exists!")
            .message14("Tag name already exists !")]),
    ModelSpec::new("crm.lost.reason", "Opp. Lost Reason", CRM_LOST_REASON_FIELDS).managers(MANAGERS),
    ModelSpec::new("utm.source", "UTM Source", UTM_SOURCE_FIELDS).uniques(NAMES).writers(EVERYBODY),
    ModelSpec::new("utm.medium", "UTM Medium", UTM_MEDIUM_FIELDS)
        .uniques(NAMES)
        .order("name")
        .writers(EVERYBODY),
    ModelSpec::new("utm.campaign", "UTM Campaign", UTM_CAMPAIGN_FIELDS).uniques(NAMES).writers(EVERYBODY),
    ModelSpec::new("utm.stage", "Campaign Stage", UTM_STAGE_FIELDS).order("sequence").writers(EVERYBODY),
];

const CRM_LEAD_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Opportunity").required().indexed(),
    F::new(Kind::Many2one, "user_id", "Salesperson").to("res.users").or(Fallback::User),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").or(Fallback::Company).until(14),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").since(16),
    F::new(Kind::Char, "referred", "Referred By"),
    F::new(Kind::Text, "description", "Notes").until(14),
    F::new(Kind::Html, "description", "Notes").since(16),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Selection, "type", "Type")
        .choices(&[("lead", "Lead"), ("opportunity", "Opportunity")])
        .required()
        .or(Fallback::Text("opportunity")),
    F::new(Kind::Selection, "priority", "Priority")
        .choices(&[("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")])
        .or(Fallback::Text("0")),
    F::new(Kind::Many2one, "team_id", "Sales Team").to("crm.team"),
    F::new(Kind::Many2one, "stage_id", "Stage").to("crm.stage").restrict(),
    F::new(Kind::Many2many, "tag_ids", "Tags").to("crm.tag"),
    F::new(Kind::Integer, "color", "Color Index").or(Fallback::Number(0)),
    F::new(Kind::Monetary, "expected_revenue", "Expected Revenue"),
    F::new(Kind::Monetary, "prorated_revenue", "Prorated Revenue").readonly(),
    F::new(Kind::Selection, "kanban_state", "Kanban State")
        .choices(&[
            ("grey", "No next activity planned"),
            ("red", "Next activity late"),
            ("green", "Next activity is planned"),
        ])
        .readonly()
        .unstored()
        .until(17),
    F::new(Kind::Datetime, "date_closed", "Closed Date").readonly(),
    F::new(Kind::Datetime, "date_action_last", "Last Action").readonly().until(14),
    F::new(Kind::Datetime, "date_automation_last", "Last Action").readonly().since(19),
    F::new(Kind::Datetime, "date_open", "Assignment Date").readonly(),
    F::new(Kind::Float, "day_open", "Days to Assign").readonly(),
    F::new(Kind::Float, "day_close", "Days to Close").readonly(),
    F::new(Kind::Datetime, "date_last_stage_update", "Last Stage Update").readonly(),
    F::new(Kind::Datetime, "date_conversion", "Conversion Date").readonly(),
    F::new(Kind::Date, "date_deadline", "Expected Closing"),
    F::new(Kind::Many2one, "partner_id", "Customer").to("res.partner").until(17),
    F::new(Kind::Many2one, "partner_id", "Contact").to("res.partner").since(19),
    F::new(Kind::Char, "contact_name", "Contact Name"),
    F::new(Kind::Char, "partner_name", "Company Name"),
    F::new(Kind::Char, "function", "Job Position"),
    F::new(Kind::Many2one, "title", "Title").to("res.partner.title").until(17),
    F::new(Kind::Char, "email_from", "Email"),
    F::new(Kind::Char, "email_normalized", "Normalized Email").readonly(),
    F::new(Kind::Char, "email_cc", "Email cc"),
    F::new(Kind::Selection, "email_state", "Email Quality")
        .choices(&[("correct", "Correct"), ("incorrect", "Incorrect")])
        .readonly(),
    F::new(Kind::Char, "phone", "Phone"),
    F::new(Kind::Char, "phone_sanitized", "Sanitized Number").readonly(),
    F::new(Kind::Char, "mobile", "Mobile").until(17),
    F::new(Kind::Char, "website", "Website"),
    F::new(Kind::Many2one, "lang_id", "Language").to("res.lang"),
    F::new(Kind::Char, "street", "Street"),
    F::new(Kind::Char, "street2", "Street2"),
    F::new(Kind::Char, "zip", "Zip"),
    F::new(Kind::Char, "city", "City"),
    F::new(Kind::Many2one, "state_id", "State").to("res.country.state"),
    F::new(Kind::Many2one, "country_id", "Country").to("res.country"),
    F::new(Kind::Float, "probability", "Probability"),
    F::new(Kind::Float, "automated_probability", "Automated Probability").readonly(),
    F::new(Kind::Boolean, "is_automated_probability", "Is automated probability?").readonly().unstored(),
    F::new(Kind::Many2one, "lost_reason", "Lost Reason").to("crm.lost.reason").restrict().until(14),
    F::new(Kind::Many2one, "lost_reason_id", "Lost Reason").to("crm.lost.reason").restrict().since(16),
    F::new(Kind::Selection, "won_status", "Won/Lost")
        .choices(&[("won", "Won"), ("lost", "Lost"), ("pending", "Pending")])
        .readonly()
        .since(19),
    F::new(Kind::Many2one, "campaign_id", "Campaign").to("utm.campaign"),
    F::new(Kind::Many2one, "source_id", "Source").to("utm.source"),
    F::new(Kind::Many2one, "medium_id", "Medium").to("utm.medium"),
];

const CRM_STAGE_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Stage Name").required(),
    F::new(Kind::Integer, "sequence", "Sequence").or(Fallback::Number(1)),
    F::new(Kind::Boolean, "is_won", "Is Won Stage?"),
    F::new(Kind::Integer, "rotting_threshold_days", "Days to rot").or(Fallback::Number(0)).since(19),
    F::new(Kind::Text, "requirements", "Requirements"),
    F::new(Kind::Many2one, "team_id", "Sales Team").to("crm.team").until(17),
    F::new(Kind::Many2many, "team_ids", "Sales Teams").to("crm.team").since(19),
    F::new(Kind::Boolean, "fold", "Folded in Pipeline"),
    F::new(Kind::Integer, "color", "Color").since(19),
];

const CRM_TEAM_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Sales Team").required(),
    F::new(Kind::Integer, "sequence", "Sequence").or(Fallback::Number(10)),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company"),
    F::new(Kind::Many2one, "user_id", "Team Leader").to("res.users"),
    F::new(Kind::Many2many, "member_ids", "Salespersons").to("res.users"),
    F::new(Kind::Integer, "color", "Color Index"),
    F::new(Kind::Boolean, "use_leads", "Leads"),
    F::new(Kind::Boolean, "use_opportunities", "Pipeline").or(Fallback::True),
];

const CRM_TAG_FIELDS: &[F] =
    &[F::new(Kind::Char, "name", "Tag Name").required().indexed(), F::new(Kind::Integer, "color", "Color")];

const CRM_LOST_REASON_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Description").required(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
];

const UTM_SOURCE_FIELDS: &[F] = &[F::new(Kind::Char, "name", "Source Name").required().indexed()];

const UTM_MEDIUM_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Medium Name").required().indexed(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
];

const UTM_CAMPAIGN_FIELDS: &[F] = &[
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True).since(19),
    F::new(Kind::Char, "name", "Campaign Name").required().indexed().until(14),
    F::new(Kind::Char, "name", "Campaign Identifier").required().indexed().since(16),
    F::new(Kind::Char, "title", "Campaign Name").required().since(16),
    F::new(Kind::Many2one, "user_id", "Responsible").to("res.users").required().or(Fallback::User),
    F::new(Kind::Many2one, "stage_id", "Stage")
        .to("utm.stage")
        .required()
        .restrict()
        .or(Fallback::Record("utm", "default_utm_stage")),
    F::new(Kind::Integer, "color", "Color Index"),
];

const UTM_STAGE_FIELDS: &[F] =
    &[F::new(Kind::Char, "name", "Name").required(), F::new(Kind::Integer, "sequence", "Sequence")];

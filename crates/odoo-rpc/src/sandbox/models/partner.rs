//! Contacts, their tags and titles.

use crate::sandbox::models::zones::{LANGS, TIME_ZONES};
use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

pub(super) const MODELS: &[ModelSpec] = &[
    ModelSpec::new("res.partner", "Contact", RES_PARTNER_FIELDS)
        .order("complete_name, id desc")
        .order14("display_name")
        .thread()
        .managers(&["base.group_partner_manager"])
        .writers(&["sales_team.group_sale_salesman"])
        .uniques(&[Unique::new(
            &["barcode"],
            "res_partner_barcode",
            "Another partner already has this barcode",
        )
        .in_python("An other user already has this barcode")]),
    ModelSpec::new("res.partner.category", "Partner Tags", RES_PARTNER_CATEGORY_FIELDS)
        .order("name, id")
        .managers(&["base.group_system", "base.group_partner_manager"]),
    ModelSpec::new("res.partner.title", "Partner Title", RES_PARTNER_TITLE_FIELDS).order("name").only14(),
];

const RES_PARTNER_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Name"),
    F::new(Kind::Char, "complete_name", "Complete Name").readonly().since(17),
    F::new(Kind::Many2one, "parent_id", "Related Company").to("res.partner"),
    F::new(Kind::Char, "parent_name", "Parent name").readonly().related("parent_id.name"),
    F::new(Kind::One2many, "child_ids", "Contact").to("res.partner").inverse("parent_id"),
    F::new(Kind::Char, "ref", "Reference"),
    F::new(Kind::Selection, "lang", "Language").choices(LANGS),
    F::new(Kind::Selection, "tz", "Timezone").choices(TIME_ZONES),
    F::new(Kind::Many2one, "user_id", "Salesperson").to("res.users"),
    F::new(Kind::Char, "vat", "Tax ID"),
    F::new(Kind::Char, "website", "Website Link"),
    F::new(Kind::Text, "comment", "Notes").until(14),
    F::new(Kind::Html, "comment", "Notes").since(16),
    F::new(Kind::Many2many, "category_id", "Tags").to("res.partner.category"),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Boolean, "employee", "Employee"),
    F::new(Kind::Char, "function", "Job Position"),
    F::new(Kind::Selection, "type", "Address Type")
        .choices(&[
            ("contact", "Contact"),
            ("invoice", "Invoice Address"),
            ("delivery", "Delivery Address"),
            ("other", "Other Address"),
            ("private", "Private Address"),
        ])
        .or(Fallback::Text("contact"))
        .until(16),
    F::new(Kind::Selection, "type", "Address Type")
        .choices(&[
            ("contact", "Contact"),
            ("invoice", "Invoice"),
            ("delivery", "Delivery"),
            ("other", "Other"),
        ])
        .or(Fallback::Text("contact"))
        .since(17),
    F::new(Kind::Char, "street", "Street"),
    F::new(Kind::Char, "street2", "Street2"),
    F::new(Kind::Char, "zip", "Zip"),
    F::new(Kind::Char, "city", "City"),
    F::new(Kind::Many2one, "state_id", "State").to("res.country.state").restrict(),
    F::new(Kind::Many2one, "country_id", "Country").to("res.country").restrict(),
    F::new(Kind::Char, "country_code", "Country Code").readonly().related("country_id.code").since(16),
    F::new(Kind::Char, "email", "Email"),
    F::new(Kind::Char, "email_normalized", "Normalized Email").readonly().indexed(),
    F::new(Kind::Char, "phone", "Phone"),
    F::new(Kind::Char, "mobile", "Mobile").only14(),
    F::new(Kind::Many2one, "title", "Title").to("res.partner.title").only14(),
    F::new(Kind::Date, "date", "Date").only14(),
    F::new(Kind::Many2one, "team_id", "Sales Team").to("crm.team").only14(),
    F::new(Kind::Char, "additional_info", "Additional info").only14(),
    F::new(Kind::Boolean, "is_company", "Is a Company"),
    F::new(Kind::Selection, "company_type", "Company Type")
        .choices(&[("person", "Individual"), ("company", "Company")])
        .unstored()
        .only14(),
    F::new(Kind::Selection, "company_type", "Company Type")
        .choices(&[("person", "Person"), ("company", "Company")])
        .unstored()
        .only19(),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company"),
    F::new(Kind::Integer, "color", "Color Index"),
    F::new(Kind::One2many, "user_ids", "Users").to("res.users").inverse("partner_id"),
    F::new(Kind::Many2one, "commercial_partner_id", "Commercial Entity").to("res.partner").readonly(),
    F::new(Kind::Char, "company_name", "Company Name"),
    F::new(Kind::Char, "barcode", "Barcode").indexed().only14(),
    F::new(Kind::Char, "barcode", "Barcode").indexed().only19(),
    F::new(Kind::Float, "partner_latitude", "Geo Latitude"),
    F::new(Kind::Float, "partner_longitude", "Geo Longitude"),
    F::new(Kind::Char, "phone_sanitized", "Sanitized Number").readonly(),
    F::new(Kind::Char, "company_registry", "Company ID").only19(),
    F::new(Kind::One2many, "opportunity_ids", "Opportunities").to("crm.lead").inverse("partner_id"),
];

const RES_PARTNER_CATEGORY_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Tag Name").required().only14(),
    F::new(Kind::Char, "name", "Name").required().only19(),
    F::new(Kind::Integer, "color", "Color Index").or(Fallback::Number(0)).only14(),
    F::new(Kind::Integer, "color", "Color").or(Fallback::Number(0)).only19(),
    F::new(Kind::Many2one, "parent_id", "Parent Category").to("res.partner.category").cascade().only14(),
    F::new(Kind::Many2one, "parent_id", "Category").to("res.partner.category").cascade().only19(),
    F::new(Kind::One2many, "child_ids", "Child Tags").to("res.partner.category").inverse("parent_id"),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Char, "parent_path", "Parent Path"),
    F::new(Kind::Many2many, "partner_ids", "Partners").to("res.partner").inverse("category_id"),
];

const RES_PARTNER_TITLE_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Title").required().only14(),
    F::new(Kind::Char, "shortcut", "Abbreviation").only14(),
];

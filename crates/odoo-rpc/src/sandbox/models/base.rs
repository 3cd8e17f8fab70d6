//! Users, groups, companies, countries, languages, modules.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

pub(super) const MODELS: &[ModelSpec] = &[
    ModelSpec::new("res.users", "User", RES_USERS_FIELDS)
        .label14("Users")
        .order("name, login")
        .delegates("partner_id")
        .managers(&["base.group_erp_manager"])
        .uniques(&[Unique::new(
            &["login"],
            "res_users_login_key",
            "You can not have two users with the same login!",
        )]),
    ModelSpec::new("res.groups", "Access Groups", RES_GROUPS_FIELDS)
        .order("name, id")
        .managers(&["base.group_erp_manager"]),
    ModelSpec::new("res.company", "Companies", RES_COMPANY_FIELDS)
        .order("sequence, name")
        .managers(&["base.group_erp_manager"])
        .uniques(&[Unique::new(&["name"], "res_company_name_uniq", "The company name must be unique!")]),
    ModelSpec::new("res.country", "Country", RES_COUNTRY_FIELDS).order("name, id").uniques(&[
        Unique::new(&["code"], "res_country_code_uniq", "The code of the country must be unique!"),
        Unique::new(&["name"], "res_country_name_uniq", "The name of the country must be unique!"),
    ]),
    ModelSpec::new("res.country.state", "Country state", RES_COUNTRY_STATE_FIELDS)
        .order("code, id")
        .managers(&["base.group_system", "base.group_partner_manager"])
        .uniques(&[Unique::new(
            &["code", "country_id"],
            "res_country_state_name_code_uniq",
            "The code of the state must be unique by country!",
        )]),
    ModelSpec::new("res.lang", "Languages", RES_LANG_FIELDS).order("active desc, name"),
    ModelSpec::new("ir.module.module", "Module", IR_MODULE_MODULE_FIELDS).order("application desc, name"),
];

const RES_USERS_FIELDS: &[F] = &[
    F::new(Kind::Many2one, "partner_id", "Related Partner").to("res.partner").required().restrict(),
    F::new(Kind::Char, "login", "Login").required().indexed(),
    F::new(Kind::Char, "password", "Password").unstored(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Boolean, "active_partner", "Partner is Active").readonly().related("partner_id.active"),
    F::new(Kind::Boolean, "share", "Share User").readonly(),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").required().or(Fallback::Company),
    F::new(Kind::Many2many, "company_ids", "Companies").to("res.company"),
    F::new(Kind::Html, "signature", "Email Signature"),
    F::new(Kind::Selection, "notification_type", "Notification")
        .choices(&[("email", "Handle by Emails"), ("inbox", "Handle in Odoo")])
        .required()
        .or(Fallback::Text("email"))
        .only14(),
    F::new(Kind::Selection, "notification_type", "Notification")
        .choices(&[("email", "By Emails"), ("inbox", "In Odoo")])
        .required()
        .or(Fallback::Text("email"))
        .only19(),
    F::new(Kind::Many2many, "groups_id", "Groups").to("res.groups").only14(),
    F::new(Kind::Many2many, "group_ids", "Groups").to("res.groups").only19(),
];

const RES_GROUPS_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Name").required(),
    F::new(Kind::Char, "full_name", "Group Name").readonly(),
    F::new(Kind::Text, "comment", "Comment"),
    F::new(Kind::Many2many, "users", "Users").to("res.users").inverse("groups_id").only14(),
    F::new(Kind::Many2many, "user_ids", "User").to("res.users").inverse("group_ids").only19(),
    F::new(Kind::Many2many, "implied_ids", "Inherits").to("res.groups").only14(),
    F::new(Kind::Many2many, "implied_ids", "Implied Groups").to("res.groups").only19(),
    F::new(Kind::One2many, "model_access", "Access Controls").to("ir.model.access").inverse("group_id"),
    F::new(Kind::Boolean, "share", "Share Group"),
];

const RES_COMPANY_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Company Name").required(),
    F::new(Kind::Many2one, "partner_id", "Partner").to("res.partner").required().restrict(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True).only19(),
    F::new(Kind::Char, "email", "Email").related("partner_id.email"),
    F::new(Kind::Char, "phone", "Phone").related("partner_id.phone"),
    F::new(Kind::Char, "street", "Street").related("partner_id.street"),
    F::new(Kind::Char, "street2", "Street2").related("partner_id.street2"),
    F::new(Kind::Char, "zip", "Zip").related("partner_id.zip"),
    F::new(Kind::Char, "city", "City").related("partner_id.city"),
    F::new(Kind::Many2one, "state_id", "Fed. State").to("res.country.state").related("partner_id.state_id"),
    F::new(Kind::Many2one, "country_id", "Country").to("res.country").related("partner_id.country_id"),
    F::new(Kind::Integer, "sequence", "Sequence"),
    F::new(Kind::Many2one, "parent_id", "Parent Company").to("res.company"),
];

const RES_COUNTRY_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Country Name").required(),
    F::new(Kind::Char, "code", "Country Code").indexed().only14(),
    F::new(Kind::Char, "code", "Country Code").required().indexed().only19(),
    F::new(Kind::Integer, "phone_code", "Country Calling Code"),
    F::new(Kind::One2many, "state_ids", "States").to("res.country.state").inverse("country_id"),
    F::new(Kind::Char, "vat_label", "Vat Label"),
    F::new(Kind::Boolean, "state_required", "State Required"),
    F::new(Kind::Boolean, "zip_required", "Zip Required"),
];

const RES_COUNTRY_STATE_FIELDS: &[F] = &[
    F::new(Kind::Many2one, "country_id", "Country").to("res.country").required().restrict(),
    F::new(Kind::Char, "name", "State Name").required(),
    F::new(Kind::Char, "code", "State Code").required().indexed(),
];

const RES_LANG_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Name").required(),
    F::new(Kind::Char, "code", "Locale Code").required(),
    F::new(Kind::Char, "iso_code", "ISO code"),
    F::new(Kind::Boolean, "active", "Active"),
];

const IR_MODULE_MODULE_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Technical Name").required().readonly().indexed(),
    F::new(Kind::Char, "shortdesc", "Module Name").readonly(),
    F::new(Kind::Char, "summary", "Summary").readonly(),
    F::new(Kind::Selection, "state", "Status")
        .choices(&[
            ("uninstallable", "Uninstallable"),
            ("uninstalled", "Not Installed"),
            ("installed", "Installed"),
            ("to upgrade", "To be upgraded"),
            ("to remove", "To be removed"),
            ("to install", "To be installed"),
        ])
        .readonly()
        .or(Fallback::Text("uninstalled")),
    F::new(Kind::Char, "author", "Author").readonly(),
    F::new(Kind::Char, "latest_version", "Installed Version").readonly(),
    F::new(Kind::Char, "installed_version", "Latest Version").readonly().unstored(),
    F::new(Kind::Boolean, "application", "Application").readonly(),
];

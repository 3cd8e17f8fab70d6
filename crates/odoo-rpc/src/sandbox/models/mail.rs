//! The chatter: activities, messages, followers, and the mails that leave.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec, Unique};

/// Every internal user.
const EVERYBODY: &[&str] = &["base.group_user"];

pub(super) const MODELS: &[ModelSpec] = &[
    ModelSpec::new("mail.activity", "Activity", MAIL_ACTIVITY_FIELDS)
        .order("date_deadline, id")
        .managers(EVERYBODY),
    ModelSpec::new("mail.activity.type", "Activity Type", MAIL_ACTIVITY_TYPE_FIELDS).order("sequence, id"),
    ModelSpec::new("mail.message", "Message", MAIL_MESSAGE_FIELDS).order("id desc").managers(EVERYBODY),
    ModelSpec::new("mail.message.subtype", "Message subtypes", MAIL_MESSAGE_SUBTYPE_FIELDS)
        .order("sequence, id"),
    ModelSpec::new("mail.followers", "Document Followers", MAIL_FOLLOWERS_FIELDS).uniques(&[Unique::new(
        &["res_model", "res_id", "partner_id"],
        "mail_followers_mail_followers_res_partner_res_model_id_uniq",
        "Error, a partner cannot follow twice the same object.",
    )]),
    ModelSpec::new("mail.mail", "Outgoing Mails", MAIL_MAIL_FIELDS)
        .order("id desc")
        .delegates("mail_message_id"),
    ModelSpec::new("mail.notification", "Message Notifications", MAIL_NOTIFICATION_FIELDS),
];

/// What every model with a chatter has.
pub(super) const CHATTER: &[F] = &[
    F::new(Kind::One2many, "message_ids", "Messages")
        .to("mail.message")
        .inverse("res_id")
        .inverse_model("model"),
    F::new(Kind::One2many, "message_follower_ids", "Followers")
        .to("mail.followers")
        .inverse("res_id")
        .inverse_model("res_model"),
    F::new(Kind::One2many, "activity_ids", "Activities")
        .to("mail.activity")
        .inverse("res_id")
        .inverse_model("res_model"),
];

const MAIL_ACTIVITY_FIELDS: &[F] = &[
    F::new(Kind::Many2one, "res_model_id", "Document Model").to("ir.model").required().cascade().only14(),
    F::new(Kind::Many2one, "res_model_id", "Document Model").to("ir.model").cascade().only19(),
    F::new(Kind::Char, "res_model", "Related Document Model").readonly(),
    F::new(Kind::Reference, "res_id", "Related Document ID").required().indexed().only14(),
    F::new(Kind::Reference, "res_id", "Related Document ID").indexed().only19(),
    F::new(Kind::Char, "res_name", "Document Name").readonly(),
    F::new(Kind::Many2one, "activity_type_id", "Activity Type").to("mail.activity.type").restrict().only14(),
    F::new(Kind::Many2one, "activity_type_id", "Activity Type")
        .to("mail.activity.type")
        .restrict()
        .or(Fallback::Record("mail", "mail_activity_data_todo"))
        .only19(),
    F::new(Kind::Selection, "activity_category", "Action to Perform")
        .choices(&[("default", "None"), ("upload_file", "Upload Document"), ("meeting", "Meeting")])
        .readonly()
        .related("activity_type_id.category")
        .only14(),
    F::new(Kind::Selection, "activity_category", "Action")
        .choices(&[
            ("default", "None"),
            ("upload_file", "Upload Document"),
            ("phonecall", "Phonecall"),
            ("meeting", "Meeting"),
        ])
        .readonly()
        .related("activity_type_id.category")
        .only19(),
    F::new(Kind::Char, "icon", "Icon").readonly().related("activity_type_id.icon"),
    F::new(Kind::Char, "summary", "Summary"),
    F::new(Kind::Html, "note", "Note"),
    F::new(Kind::Date, "date_deadline", "Due Date").required().or(Fallback::Today),
    F::new(Kind::Date, "date_done", "Done Date").readonly().since(17),
    F::new(Kind::Text, "feedback", "Feedback").only19(),
    F::new(Kind::Boolean, "automated", "Automated activity").readonly(),
    F::new(Kind::Many2one, "user_id", "Assigned to")
        .to("res.users")
        .required()
        .or(Fallback::User)
        .restrict()
        .only14(),
    F::new(Kind::Many2one, "user_id", "Assigned to").to("res.users").cascade().only19(),
    F::new(Kind::Selection, "state", "State")
        .choices(&[("overdue", "Overdue"), ("today", "Today"), ("planned", "Planned")])
        .readonly()
        .unstored()
        .only14(),
    F::new(Kind::Selection, "state", "State")
        .choices(&[("overdue", "Overdue"), ("today", "Today"), ("planned", "Planned"), ("done", "Done")])
        .readonly()
        .unstored()
        .only19(),
    F::new(Kind::Many2one, "recommended_activity_type_id", "Recommended Activity Type")
        .to("mail.activity.type"),
    F::new(Kind::Many2one, "previous_activity_type_id", "Previous Activity Type")
        .to("mail.activity.type")
        .readonly(),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True).since(17),
    F::new(Kind::Selection, "chaining_type", "Chaining Type")
        .choices(&[("suggest", "Suggest Next Activity"), ("trigger", "Trigger Next Activity")])
        .readonly()
        .related("activity_type_id.chaining_type")
        .only19(),
];

const MAIL_ACTIVITY_TYPE_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Name").required(),
    F::new(Kind::Char, "summary", "Default Summary"),
    F::new(Kind::Integer, "sequence", "Sequence").or(Fallback::Number(10)),
    F::new(Kind::Boolean, "active", "Active").or(Fallback::True),
    F::new(Kind::Integer, "delay_count", "Scheduled Date").only14(),
    F::new(Kind::Integer, "delay_count", "Schedule").only19(),
    F::new(Kind::Selection, "delay_unit", "Delay units")
        .choices(&[("days", "days"), ("weeks", "weeks"), ("months", "months")])
        .required()
        .or(Fallback::Text("days")),
    F::new(Kind::Selection, "delay_from", "Delay Type")
        .choices(&[
            ("current_date", "after validation date"),
            ("previous_activity", "after previous activity deadline"),
        ])
        .required()
        .or(Fallback::Text("previous_activity"))
        .only14(),
    F::new(Kind::Selection, "delay_from", "Delay Type")
        .choices(&[
            ("current_date", "after previous activity completion date"),
            ("previous_activity", "after previous activity deadline"),
        ])
        .required()
        .or(Fallback::Text("previous_activity"))
        .only19(),
    F::new(Kind::Char, "icon", "Icon"),
    F::new(Kind::Selection, "decoration_type", "Decoration Type")
        .choices(&[("warning", "Alert"), ("danger", "Error")]),
    F::new(Kind::Many2one, "res_model_id", "Model").to("ir.model").only14(),
    F::new(Kind::Selection, "res_model", "Model").choices(&[("res.partner", "Contact")]).only19(),
    F::new(Kind::Selection, "category", "Action to Perform")
        .choices(&[("default", "None"), ("upload_file", "Upload Document"), ("meeting", "Meeting")])
        .or(Fallback::Text("default"))
        .only14(),
    F::new(Kind::Selection, "category", "Action")
        .choices(&[
            ("default", "None"),
            ("upload_file", "Upload Document"),
            ("phonecall", "Phonecall"),
            ("meeting", "Meeting"),
        ])
        .or(Fallback::Text("default"))
        .only19(),
    F::new(Kind::Many2one, "default_user_id", "Default User").to("res.users"),
    F::new(Kind::Boolean, "keep_done", "Keep Done").since(17).until(17),
    F::new(Kind::Html, "default_note", "Default Note").since(16),
    F::new(Kind::Html, "default_description", "Default Description").until(14),
    F::new(Kind::Selection, "chaining_type", "Chaining Type")
        .choices(&[("suggest", "Suggest Next Activity"), ("trigger", "Trigger Next Activity")])
        .required()
        .or(Fallback::Text("suggest"))
        .only19(),
];

const MAIL_MESSAGE_FIELDS: &[F] = &[
    F::new(Kind::Char, "subject", "Subject"),
    F::new(Kind::Datetime, "date", "Date").or(Fallback::Now),
    F::new(Kind::Html, "body", "Contents"),
    F::new(Kind::Char, "model", "Related Document Model"),
    F::new(Kind::Reference, "res_id", "Related Document ID").indexed(),
    F::new(Kind::Char, "record_name", "Message Record Name").only14(),
    F::new(Kind::Char, "record_name", "Message Record Name").readonly().unstored().only19(),
    F::new(Kind::Selection, "message_type", "Type")
        .choices(&[
            ("email", "Email"),
            ("comment", "Comment"),
            ("notification", "System notification"),
            ("user_notification", "User Specific Notification"),
            ("sms", "SMS"),
            ("snailmail", "Snailmail"),
        ])
        .required()
        .or(Fallback::Text("email"))
        .only14(),
    F::new(Kind::Selection, "message_type", "Type")
        .choices(&[
            ("email", "Incoming Email"),
            ("comment", "Comment"),
            ("email_outgoing", "Outgoing Email"),
            ("notification", "System notification"),
            ("auto_comment", "Automated Targeted Notification"),
            ("out_of_office", "Out-of-office Message"),
            ("user_notification", "User Specific Notification"),
            ("sms", "SMS"),
            ("snailmail", "Snailmail"),
        ])
        .required()
        .or(Fallback::Text("comment"))
        .only19(),
    F::new(Kind::Many2one, "subtype_id", "Subtype").to("mail.message.subtype"),
    F::new(Kind::Many2one, "parent_id", "Parent Message").to("mail.message"),
    F::new(Kind::Boolean, "is_internal", "Employee Only"),
    F::new(Kind::Char, "email_from", "From"),
    F::new(Kind::Many2one, "author_id", "Author").to("res.partner").or(Fallback::Author),
    F::new(Kind::Many2many, "partner_ids", "Recipients").to("res.partner"),
    F::new(Kind::Char, "reply_to", "Reply-To"),
    F::new(Kind::Char, "message_id", "Message-Id").readonly().indexed(),
    F::new(Kind::Many2one, "mail_activity_type_id", "Mail Activity Type").to("mail.activity.type"),
];

const MAIL_MESSAGE_SUBTYPE_FIELDS: &[F] = &[
    F::new(Kind::Char, "name", "Message Type").required(),
    F::new(Kind::Text, "description", "Description"),
    F::new(Kind::Boolean, "internal", "Internal Only"),
    F::new(Kind::Many2one, "parent_id", "Parent").to("mail.message.subtype"),
    F::new(Kind::Char, "relation_field", "Relation field"),
    F::new(Kind::Char, "res_model", "Model"),
    F::new(Kind::Boolean, "default", "Default").or(Fallback::True),
    F::new(Kind::Integer, "sequence", "Sequence").or(Fallback::Number(1)),
    F::new(Kind::Boolean, "hidden", "Hidden"),
];

const MAIL_FOLLOWERS_FIELDS: &[F] = &[
    F::new(Kind::Char, "res_model", "Related Document Model Name").required(),
    F::new(Kind::Reference, "res_id", "Related Document ID").indexed(),
    F::new(Kind::Many2one, "partner_id", "Related Partner").to("res.partner").cascade().only14(),
    F::new(Kind::Many2one, "partner_id", "Related Partner").to("res.partner").required().cascade().only19(),
    F::new(Kind::Many2many, "subtype_ids", "Subtype").to("mail.message.subtype"),
    F::new(Kind::Char, "name", "Name").readonly().related("partner_id.name"),
    F::new(Kind::Char, "email", "Email").readonly().related("partner_id.email"),
    F::new(Kind::Boolean, "is_active", "Is Active").readonly().related("partner_id.active"),
];

const MAIL_MAIL_FIELDS: &[F] = &[
    F::new(Kind::Many2one, "mail_message_id", "Message").to("mail.message").required().cascade(),
    F::new(Kind::Text, "body_html", "Rich-text Contents").only14(),
    F::new(Kind::Text, "body_html", "Text Contents").only19(),
    F::new(Kind::Text, "email_to", "To"),
    F::new(Kind::Many2many, "recipient_ids", "To (Partners)").to("res.partner"),
    F::new(Kind::Selection, "state", "Status")
        .choices(&[
            ("outgoing", "Outgoing"),
            ("sent", "Sent"),
            ("received", "Received"),
            ("exception", "Delivery Failed"),
            ("cancel", "Cancelled"),
        ])
        .readonly()
        .or(Fallback::Text("outgoing")),
    F::new(Kind::Text, "failure_reason", "Failure Reason").readonly(),
    F::new(Kind::Boolean, "auto_delete", "Auto Delete"),
    F::new(Kind::Char, "email_cc", "Cc"),
    F::new(Kind::Text, "references", "References").readonly(),
];

const MAIL_NOTIFICATION_FIELDS: &[F] = &[
    F::new(Kind::Many2one, "mail_message_id", "Message").to("mail.message").required().cascade(),
    F::new(Kind::Many2one, "res_partner_id", "Recipient").to("res.partner").cascade(),
    F::new(Kind::Selection, "notification_type", "Notification Type")
        .choices(&[("inbox", "Inbox"), ("email", "Email"), ("sms", "SMS"), ("snail", "Snailmail")])
        .required(),
    F::new(Kind::Selection, "notification_status", "Status")
        .choices(&[
            ("ready", "Ready to Send"),
            ("sent", "Sent"),
            ("bounce", "Bounced"),
            ("exception", "Exception"),
            ("canceled", "Canceled"),
        ])
        .only14(),
    F::new(Kind::Selection, "notification_status", "Status")
        .choices(&[
            ("ready", "Ready to Send"),
            ("process", "Processing"),
            ("pending", "Sent"),
            ("sent", "Delivered"),
            ("bounce", "Bounced"),
            ("exception", "Exception"),
            ("canceled", "Cancelled"),
        ])
        .only19(),
    F::new(Kind::Boolean, "is_read", "Is Read"),
];

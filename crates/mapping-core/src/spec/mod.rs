//! A mapping as data: what becomes of every record, in TOML that a person reads, edits and signs.
//!
//! [`MappingSpec`](mapping::MappingSpec) is the whole of it. `from_toml` reads one and says line, column and key of every fault;
//! `hash` marks what it says, so that an approval can name it; `compile` checks it and makes the [`Mapper`](mapper::Mapper) that runs.
//! What data cannot say is left to code, one function or one entity at a time, by its [`Compiler`](compile::Compiler).
//!
//! # A whole mapping
//!
//! ```
//! use mapping_core::mapper::RecordMapper;
//! use mapping_core::record::Record;
//! use mapping_core::source::Entity;
//! use mapping_core::spec::mapping::MappingSpec;
//! use mapping_core::value::ValueKind;
//!
//! let spec = MappingSpec::from_toml(r#"
//! version = 1
//!
//! ## What Odoo must have first. It is made where it is missing.
//!
//! [[needs.field]]
//! model = "res.partner"
//! name = "x_studio_patient_id"
//! kind = "line"
//! label = "Patient ID"
//! page = "Personal Information"
//!
//! [[needs.field]]
//! model = "res.partner"
//! name = "x_studio_blood_group"
//! kind = "choice"
//! label = "Blood Group"
//! page = "Medical"
//! choices = ["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"]
//!
//! [[needs.field]]
//! model = "res.partner"
//! name = "x_studio_blood_group_text"
//! kind = "line"
//! label = "Blood Group (as recorded)"
//! page = "Medical"
//!
//! [[needs.field]]
//! model = "res.partner"
//! name = "x_studio_date_of_birth"
//! kind = "date"
//! label = "Date of Birth"
//!
//! [[needs.field]]
//! model = "mail.activity"
//! name = "x_studio_appointment_time"
//! kind = "instant"
//! label = "Appointment Time"
//!
//! ## A patient is a partner.
//!
//! [[draft]]
//! entity = "patient"
//! model = "res.partner"
//!
//! [draft.fields]
//! name = { first_of = ["name", { join = ["first_name", "last_name"] }], required = true }
//! is_company = { constant = false }
//! email = "email"
//! mobile = { copy = "mobile", if_absent = "drop" }    # gone in Odoo 19
//! x_studio_patient_id = "@id"
//! x_studio_date_of_birth = { date = "dob", formats = ["%d/%m/%Y", "%Y-%m-%d"], unknown = "leave" }
//! country_id = { lookup = "res.country", by = "code", value = "IN" }
//! user_id = { lookup = "res.users", by = "login", from = "owner_email", fold = true, missing = "fallback" }
//!
//! ## A long rule may be written with a line for each of its keys.
//! x_studio_blood_group.map = "blood_group"
//! x_studio_blood_group.fold = true
//! x_studio_blood_group.unknown = { keep_in = "x_studio_blood_group_text" }
//! x_studio_blood_group.spellings = { "A+" = ["A positive", "A +ve"], "O+" = ["O positive", "O +ve"], "O-" = [] }
//!
//! ## An appointment is an activity on it.
//!
//! [[draft]]
//! entity = "appointment"
//! model = "mail.activity"
//! when = { present = "patient_id" }
//!
//! [draft.fields]
//! res_model_id = { lookup = "ir.model", by = "model", value = "res.partner" }
//! res_id = { link = "patient", from = "patient_id", required = true }
//! summary = { template = "{type}[ with {physician}]" }
//! date_deadline = "date"
//! note = { lines = [{ label = "Complaint", value = "complaint" }, "notes"] }
//!
//! [draft.fields.activity_type_id]
//! lookup = "mail.activity.type"
//! by = "name"
//! from = { map = "type", values = { Consultation = "Call", "Follow-up" = "Meeting" }, unknown = { default = "To-Do" } }
//!
//! [draft.fields.x_studio_appointment_time]
//! instant = { join = ["date", "time"] }
//! formats = ["%Y-%m-%d %H:%M"]
//! zone = "Asia/Kolkata"
//! unknown = "leave"
//! "#)?;
//!
//! let mapper = spec.compile()?;
//! let text = ["name", "first_name", "last_name", "email", "mobile", "dob", "owner_email", "blood_group"];
//! let patient = text.into_iter().fold(Entity::new("patient"), |entity, field| entity.field(field, ValueKind::Text));
//! let text = ["type", "physician", "complaint", "notes", "time"];
//! let visit = text.into_iter().fold(Entity::new("appointment"), |entity, field| entity.field(field, ValueKind::Text));
//! mapper.check(&[patient, visit.field("date", ValueKind::Date).link("patient_id", "patient")])?;
//!
//! let record = Record::new("patient", "P-1").with("name", "Asha Rao").with("blood_group", "Bombay");
//! let mapped = mapper.map(&record)?;
//! let kept = mapped.drafts[0].fields().iter().find(|(name, _)| name.as_str() == "x_studio_blood_group_text");
//! assert_eq!(kept.map(|(_, value)| value), Some(&"Bombay".into()));
//! assert_eq!(mapped.flags[0].kind, "unknown-choice");
//! # Ok::<(), mapping_core::error::Error>(())
//! ```
//!
//! # A text as a file
//!
//! What the source has no file of, a prescription or a chat, becomes one; where there is a file, that goes before the text.
//!
//! ```
//! use mapping_core::draft::DraftValue;
//! use mapping_core::mapper::RecordMapper;
//! use mapping_core::record::Record;
//! use mapping_core::spec::mapping::MappingSpec;
//! use mapping_core::value::FileHandle;
//!
//! let spec = MappingSpec::from_toml(r#"
//! version = 1
//!
//! [[draft]]
//! entity = "prescription"
//! model = "ir.attachment"
//!
//! [draft.fields]
//! res_model = { constant = "res.partner" }
//! res_id = { link = "patient", from = "patient_id", required = true }
//!
//! [draft.fields.datas]
//! file = { first_of = ["pdf", { lines = [{ label = "Drug", value = "drug" }, { label = "Dose", value = "dose" }] }] }
//! name = { template = "{day}[ {physician}]" }
//! required = true
//! "#)?;
//! let record = Record::new("prescription", "RX-1").with("patient_id", "P-1").with("day", "04/03/2024");
//! let record = record.with("physician", "Dr. राव").with("drug", "Amoxicillin").with("dose", "500 mg");
//! let mapped = spec.compile()?.map(&record)?;
//! let file = mapped.drafts[0].fields().iter().find(|(name, _)| name.as_str() == "datas");
//! let wanted = FileHandle::text("04_03_2024 Dr. राव.txt", "Drug: Amoxicillin\nDose: 500 mg");
//! assert_eq!(file.map(|(_, value)| value), Some(&DraftValue::Value(wanted.into())));
//! # Ok::<(), mapping_core::error::Error>(())
//! ```
//!
//! # The words
//!
//! A file has `version = 1`, what the destination needs ([`needs::NeedsSpec`]), and drafts ([`draft::DraftSpec`]). Of one entity there
//! may be several drafts, each with its `part` name and, where it is not for every record, its `when` ([`when::When`]). A draft has
//! a `model` and `fields`, or a `match` for what the destination has already:
//!
//! ```toml
//! [[draft]]
//! entity = "physician"
//! match = { model = "res.users", by = "login", from = "email", fold = true, missing = "fallback" }
//! ```
//!
//! A field has one rule, and its kinds with their keys are those of [`rule::Rule`]. Beside any rule of a field may stand `when`,
//! `required`, `if_blank` and `if_absent` ([`draft::FieldRule`]). The order of fields means nothing.
//!
//! # What always holds
//!
//! - A key that no rule knows is refused, and so is one that does not belong to the rule it stands at.
//! - A value that a rule does not know or cannot read refuses the record, unless the rule says otherwise; then it is flagged.
//! - A mapping is pure: zones and formats are part of the program, and nothing depends on the day or the machine.
//! - Flags and errors name fields and rules, never a value.

pub mod compile;
pub mod draft;
pub mod mapper;
pub mod mapping;
pub mod needs;
pub mod rule;
pub mod when;

mod check;
mod constant;
mod forms;
mod read;
mod rules;
mod site;
mod step;
mod table;
mod template;
mod text;
mod words;

#[cfg(test)]
mod tests;

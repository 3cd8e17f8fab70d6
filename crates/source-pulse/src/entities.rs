//! What an export holds: the entities and their fields.

use mapping_core::source::Entity;
use mapping_core::value::ValueKind;

use crate::dates::DateColumn;

/// A person who works at the clinic.
pub const STAFF: &str = "staff";
/// A clinic of the account.
pub const CLINIC: &str = "clinic";
/// A status that appointments have.
pub const APPOINTMENT_STATUS: &str = "appointment-status";
/// A patient.
pub const PATIENT: &str = "patient";
/// An appointment.
pub const APPOINTMENT: &str = "appointment";
/// One message of a campaign to one patient.
pub const CAMPAIGN_TOUCH: &str = "campaign-touch";
/// What a doctor prescribed a patient on a day.
pub const PRESCRIPTION: &str = "prescription";
/// What a doctor wrote down of a patient.
pub const CLINICAL_NOTE: &str = "clinical-note";
/// A bill, with its lines and what was paid of it.
pub const BILL: &str = "bill";
/// The messages between the clinic and a patient.
pub const CHAT: &str = "chat";

pub(crate) fn staff() -> Entity {
    text(Entity::new(STAFF), &["name", "email", "role", "specialty"]).field("extra", ValueKind::Map)
}

pub(crate) fn clinic() -> Entity {
    text(Entity::new(CLINIC), &["name", "code", "phone", "email", "address", "city", "pincode"])
        .field("extra", ValueKind::Map)
}

/// The same, with a link to its clinic where it has one.
pub(crate) fn with_clinic(entity: Entity) -> Entity {
    match entity.name().as_str() {
        PATIENT | APPOINTMENT => entity.link("clinic_id", CLINIC),
        _ => entity,
    }
}

pub(crate) fn appointment_status() -> Entity {
    text(Entity::new(APPOINTMENT_STATUS), &["name"]).field("sequence", ValueKind::Integer)
}

pub(crate) fn patient(registered_on: DateColumn, last_modified: DateColumn) -> Entity {
    let entity = text(
        Entity::new(PATIENT),
        &[
            "patient_id",
            "name",
            "first_name",
            "last_name",
            "mobile",
            "alternate_phone",
            "email",
            "gender",
            "date_of_birth_text",
            "age",
            "blood_group",
            "blood_type",
            "address",
            "city",
            "pincode",
            "allergy_notes",
            "medical_history",
            "referring_physician",
            "insurance_carrier",
            "doctor_name",
            "clinic",
            "registered_on_text",
            "last_modified_text",
            "chief_complaint",
            "diagnosis",
            "treatment_plan",
            "billing_status",
        ],
    );
    entity
        .field("date_of_birth", ValueKind::Date)
        .field("last_bill_date", ValueKind::Date)
        .field("last_bill_amount", ValueKind::Decimal)
        .field("outstanding_balance", ValueKind::Decimal)
        .field("registered_on", moment(registered_on))
        .field("last_modified", moment(last_modified))
        .field("extra", ValueKind::Map)
        .link("doctor", STAFF)
}

pub(crate) fn appointment(created_on: DateColumn, last_modified: DateColumn) -> Entity {
    let entity = text(
        Entity::new(APPOINTMENT),
        &[
            "appointment_id",
            "patient_id_text",
            "patient_name",
            "patient_phone",
            "time",
            "duration_text",
            "doctor_name",
            "type",
            "status",
            "notes",
            "clinic",
            "created_on_text",
            "last_modified_text",
        ],
    );
    dated(entity, last_modified)
        .field("duration_minutes", ValueKind::Integer)
        .field("created_on", moment(created_on))
        .link("doctor", STAFF)
        .link("status_id", APPOINTMENT_STATUS)
}

pub(crate) fn campaign_touch(last_modified: DateColumn) -> Entity {
    let entity = text(
        Entity::new(CAMPAIGN_TOUCH),
        &[
            "touch_id",
            "patient_id_text",
            "patient_name",
            "patient_phone",
            "campaign",
            "time",
            "channel",
            "status",
            "message",
            "clinic",
            "last_modified_text",
        ],
    );
    dated(entity, last_modified)
}

pub(crate) fn prescription(last_modified: DateColumn) -> Entity {
    let entity = text(
        Entity::new(PRESCRIPTION),
        &[
            "prescription_id",
            "patient_id_text",
            "patient_name",
            "patient_phone",
            "time",
            "doctor_name",
            "drugs",
            "status",
            "notes",
            "file_name",
            "clinic",
            "last_modified_text",
        ],
    );
    dated(entity, last_modified).field("file", ValueKind::File).link("doctor", STAFF)
}

pub(crate) fn clinical_note(last_modified: DateColumn) -> Entity {
    let entity = text(
        Entity::new(CLINICAL_NOTE),
        &[
            "note_id",
            "patient_id_text",
            "patient_name",
            "patient_phone",
            "time",
            "doctor_name",
            "type",
            "chief_complaint",
            "diagnosis",
            "treatment_plan",
            "notes",
            "file_name",
            "clinic",
            "last_modified_text",
        ],
    );
    dated(entity, last_modified).field("file", ValueKind::File).link("doctor", STAFF)
}

pub(crate) fn bill(last_modified: DateColumn) -> Entity {
    let entity = text(
        Entity::new(BILL),
        &[
            "bill_no",
            "patient_id_text",
            "patient_name",
            "patient_phone",
            "time",
            "due_text",
            "doctor_name",
            "status",
            "notes",
            "statement",
            "clinic",
            "last_modified_text",
        ],
    );
    dated(entity, last_modified)
        .field("due", ValueKind::Date)
        .field("cancelled", ValueKind::Bool)
        .field("lines", ValueKind::List)
        .field("payments", ValueKind::List)
        .field("total", ValueKind::Decimal)
        .field("paid", ValueKind::Decimal)
        .field("balance", ValueKind::Decimal)
        .link("doctor", STAFF)
}

pub(crate) fn chat() -> Entity {
    text(Entity::new(CHAT), &["patient_id_text", "file_name"])
        .field("file", ValueKind::File)
        .link("patient_id", PATIENT)
}

/// What tells of a patient on a day.
fn dated(entity: Entity, last_modified: DateColumn) -> Entity {
    entity
        .field("date", ValueKind::Date)
        .field("start", ValueKind::Instant)
        .field("last_modified", moment(last_modified))
        .field("extra", ValueKind::Map)
        .link("patient_id", PATIENT)
}

fn text(entity: Entity, fields: &[&'static str]) -> Entity {
    fields.iter().fold(entity, |entity, field| entity.field(*field, ValueKind::Text))
}

fn moment(column: DateColumn) -> ValueKind {
    if column.timed { ValueKind::Instant } else { ValueKind::Date }
}

//! What an export holds: the entities and their fields.

use mapping_core::source::Entity;
use mapping_core::value::ValueKind;

use crate::dates::DateColumn;

/// A person who works at the clinic.
pub const STAFF: &str = "staff";
/// A status that appointments have.
pub const APPOINTMENT_STATUS: &str = "appointment-status";
/// A patient.
pub const PATIENT: &str = "patient";
/// An appointment.
pub const APPOINTMENT: &str = "appointment";
/// One message of a campaign to one patient.
pub const CAMPAIGN_TOUCH: &str = "campaign-touch";

pub(crate) fn staff() -> Entity {
    text(Entity::new(STAFF), &["name", "email", "role", "specialty"]).field("extra", ValueKind::Map)
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
        ],
    );
    entity
        .field("date_of_birth", ValueKind::Date)
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
    entity
        .field("date", ValueKind::Date)
        .field("start", ValueKind::Instant)
        .field("duration_minutes", ValueKind::Integer)
        .field("created_on", moment(created_on))
        .field("last_modified", moment(last_modified))
        .field("extra", ValueKind::Map)
        .link("patient_id", PATIENT)
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
            "campaign",
            "time",
            "channel",
            "status",
            "message",
            "clinic",
            "last_modified_text",
        ],
    );
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

//! What an export holds: the entities, their fields, and what refers to what.

use mapping_core::source::Entity;
use mapping_core::value::ValueKind;

/// An insurance company.
pub const CARRIER: &str = "carrier";
/// An organisation that people work for.
pub const EMPLOYER: &str = "employer";
/// A person or practice that treats or refers patients.
pub const PROVIDER: &str = "provider";
/// A person who works at the practice.
pub const STAFF: &str = "staff";
/// A patient.
pub const PATIENT: &str = "patient";
/// An insurance policy of a patient.
pub const POLICY: &str = "policy";
/// An insurer's leave for a number of visits.
pub const AUTHORIZATION: &str = "authorization";
/// A referral, or another source of a patient to be.
pub const REFERRAL: &str = "referral";
/// An appointment.
pub const APPOINTMENT: &str = "appointment";
/// An encounter with its clinical note.
pub const ENCOUNTER: &str = "encounter";
/// A document, by the manifest of a dump.
pub const DOCUMENT: &str = "document";
/// A claim, for the summary: claims do not move.
pub const CLAIM: &str = "claim";
/// A window in which a provider can be booked.
pub const AVAILABILITY: &str = "availability";

/// Every entity, each after those it refers to.
///
/// No export of the product is public: the fields are those its migrations name, in the layouts of comparable products.
///
/// # Example
///
/// ```
/// let entities = source_apms::entities::all();
/// let patient = entities.iter().find(|entity| entity.name().as_str() == source_apms::entities::PATIENT);
/// assert!(patient.is_some_and(|patient| patient.has("date_of_birth")));
/// ```
#[must_use]
pub fn all() -> Vec<Entity> {
    vec![
        text(CARRIER, &["name", "payer_id", "plan_types", "phone", "address"]),
        text(EMPLOYER, &["name", "address", "phone", "industry"]),
        text(PROVIDER, &["name", "npi", "specialty", "email", "role"]),
        text(STAFF, &["name", "email", "role"]),
        text(
            PATIENT,
            &["name", "gender", "address", "city", "state", "zip", "phone", "email", "status", "tags"],
        )
        .field("date_of_birth", ValueKind::Date)
        .link("provider_id", PROVIDER)
        .link("employer_id", EMPLOYER),
        text(POLICY, &["policy_number", "group_id", "rank"])
            .link("patient_id", PATIENT)
            .link("carrier_id", CARRIER),
        text(AUTHORIZATION, &["auth_number"])
            .field("expires_on", ValueKind::Date)
            .field("visits_authorized", ValueKind::Integer)
            .field("visits_used", ValueKind::Integer)
            .link("patient_id", PATIENT),
        text(REFERRAL, &["source", "priority", "urgency"])
            .link("patient_id", PATIENT)
            .link("provider_id", PROVIDER),
        text(APPOINTMENT, &["type", "stage", "tags"])
            .field("start", ValueKind::Instant)
            .field("duration_minutes", ValueKind::Integer)
            .link("patient_id", PATIENT)
            .link("provider_id", PROVIDER),
        text(ENCOUNTER, &["type", "chief_complaint", "diagnosis_codes", "procedure_codes", "note"])
            .field("date", ValueKind::Instant)
            .link("patient_id", PATIENT)
            .link("provider_id", PROVIDER),
        text(DOCUMENT, &["title", "kind"]).field("file", ValueKind::File).link("patient_id", PATIENT),
        text(CLAIM, &["status", "payer_id", "procedure_codes"])
            .field("amount", ValueKind::Decimal)
            .link("patient_id", PATIENT),
        text(AVAILABILITY, &["weekday", "from", "to"]).link("provider_id", PROVIDER),
    ]
}

fn text(name: &'static str, fields: &[&'static str]) -> Entity {
    fields.iter().fold(Entity::new(name), |entity, field| entity.field(*field, ValueKind::Text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entity_stands_after_those_it_refers_to() {
        let all = all();
        for (at, entity) in all.iter().enumerate() {
            for (field, to) in entity.links() {
                let before = all[..at].iter().any(|other| other.name() == to);
                assert!(before, "{}.{field} refers to {to}", entity.name());
            }
        }
    }
}

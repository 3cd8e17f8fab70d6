//! The rows of `Appointments.csv` as records.

use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::dates::Written;
use crate::ids::{Seen, derived};
use crate::practice::Practice;
use crate::slot;
use crate::text;
use crate::times;

/// The dates of an appointment.
pub(crate) const DATES: &[&str] = &["date", "created_on", "last_modified"];

pub(crate) fn read(practice: &Practice, seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let written_id = cells.said("appointment_id").map(str::to_owned);
    let key = written_id.as_deref();
    let Some(patient) = cells.said("patient_id").map(str::to_owned) else {
        return cells.refuse(key, "patient_id", "the appointment names no patient; give one at the source");
    };
    let Some(day) = cells.said("date").map(str::to_owned) else {
        return cells.refuse(key, "date", "the appointment has no date; give one at the source");
    };
    let Written::Day { date, time, offset } = cells.sheet().dates("date").read(&day) else {
        return cells.refuse(
            key,
            "date",
            "the date is no day in the order of its column; mend it at the source",
        );
    };

    cells.tell_stray("date", &day);
    let patient = practice.known_patient(&mut cells, patient);
    let shown = slot::put(&mut cells, date, time, offset, &practice.zone);
    let doctor = practice.put_doctor(&mut cells);
    let kind = cells.text("type");

    let id = match written_id {
        Some(id) => {
            if let Err(line) = seen.insert(&id, cells.line()) {
                let reason =
                    format!("another appointment has this id, on line {line}; only that one was taken");
                return cells.refuse(Some(&id), "appointment_id", reason);
            }
            cells.put("appointment_id", id.as_str());
            id
        }
        None => {
            let parts = [
                patient.as_str(),
                &date.to_string(),
                shown.as_deref().unwrap_or_default(),
                doctor.as_deref().unwrap_or_default(),
                &text::slug(kind.as_deref().unwrap_or_default()),
            ];
            let Ok((id, repeated)) = seen.free(derived(&parts), cells.line()) else {
                return cells.refuse(
                    None,
                    "appointment_id",
                    "another appointment has the id this one would get; give it one",
                );
            };
            if repeated {
                cells.flag(
                    "repeated-appointment",
                    "the same patient, day, time, doctor and type as a row before it; see whether it is the same",
                    "date",
                );
            }
            id
        }
    };

    cells.put("patient_id", patient);
    cells.put("date", date);
    cells.put("type", kind);
    put_duration(&mut cells);
    put_status(&mut cells);
    cells.put_texts(&["patient_name", "clinic"]);
    let notes = cells.finding("notes");
    cells.put("notes", notes);
    cells.put_moment("created_on", "created_on_text", &practice.zone);
    cells.put_moment("last_modified", "last_modified_text", &practice.zone);
    cells.record(id)
}

fn put_duration(cells: &mut Cells<'_>) {
    let Some(written) = cells.text("duration_minutes") else { return };
    match times::minutes(&written) {
        Some(minutes) => cells.put("duration_minutes", minutes),
        None => {
            cells.flag("unreadable-duration", "no duration up to a day; kept as text", "duration_minutes");
            cells.put("duration_text", written);
        }
    }
}

fn put_status(cells: &mut Cells<'_>) {
    let Some(status) = cells.text("status") else { return };
    let id = text::status(&status);
    if !id.is_empty() {
        cells.put("status_id", id);
    }
    cells.put("status", status);
}

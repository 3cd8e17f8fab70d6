//! The rows of `Appointments.csv` as records.

use jiff::civil::Time;
use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::dates::Written;
use crate::ids::{Meant, Seen, derived};
use crate::practice::Practice;
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
    let patient = known_patient(practice, &mut cells, patient);
    let written_time = cells.text("time");
    let read_time = match &written_time {
        Some(written) => times::time(written),
        None => time,
    };
    if time.is_some_and(|own| own != Time::midnight() && written_time.is_some() && read_time != Some(own)) {
        cells.flag(
            "two-times",
            "the date has another time of day than the time; the latter was taken",
            "time",
        );
    }
    let shown = match (read_time, &written_time) {
        (Some(time), _) => {
            let start = cells.instant(
                date.to_datetime(time),
                offset.filter(|_| written_time.is_none()),
                &practice.zone,
                "start",
            );
            cells.put("start", start);
            let form = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
            Some(time.strftime(form).to_string())
        }
        (None, Some(written)) => {
            cells.flag(
                "unreadable-time",
                "no time of day; kept as text, and the appointment has no start",
                "time",
            );
            Some(written.clone())
        }
        (None, None) => None,
    };
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
            match free_id(seen, derived(&parts), &mut cells) {
                Ok(id) => id,
                Err(id) => {
                    return cells.refuse(
                        Some(&id),
                        "appointment_id",
                        "another appointment has this id; give it one",
                    );
                }
            }
        }
    };

    cells.put("patient_id", patient);
    cells.put("date", date);
    cells.put("time", shown);
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

/// The patient's id as the patient's own record has it, as far as it can be told.
fn known_patient(practice: &Practice, cells: &mut Cells<'_>, written: String) -> String {
    match practice.patients.find(&written) {
        Meant::Exact | Meant::Nobody => written,
        Meant::ByNumber(id) => {
            cells.flag("id-normalised", "found by the number of the patient's id", "patient_id");
            cells.put("patient_id_text", written);
            id
        }
        Meant::Ambiguous => {
            cells.flag(
                "ambiguous-id",
                "several patients' ids have this number; name one at the source",
                "patient_id",
            );
            written
        }
    }
}

/// The id itself, or with `-2`, `-3` and so on for exact repetitions.
fn free_id(seen: &mut Seen, id: String, cells: &mut Cells<'_>) -> Result<String, String> {
    if seen.insert(&id, cells.line()).is_ok() {
        return Ok(id);
    }
    cells.flag(
        "repeated-appointment",
        "the same patient, day, time, doctor and type as a row before it; see whether it is the same",
        "date",
    );
    let id = format!("{id}-{}", seen.repeat(&id));
    match seen.insert(&id, cells.line()) {
        Ok(()) => Ok(id),
        Err(_) => Err(id),
    }
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

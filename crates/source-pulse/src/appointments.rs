//! The rows of `Appointments.csv` as records.

use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::dated::Kind;
use crate::ids::Seen;
use crate::practice::Practice;
use crate::text;
use crate::times;

const KIND: Kind = Kind {
    what: "appointment",
    id: "appointment_id",
    repeated: (
        "repeated-appointment",
        "the same patient, day, time, doctor and type as a row before it; see whether it is the same",
    ),
    anew: None,
};

pub(crate) fn read(practice: &Practice, seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let dated = match KIND.read(practice, &mut cells) {
        Ok(dated) => dated,
        Err(refused) => return refused.reading(cells),
    };
    let doctor = practice.put_doctor(&mut cells).unwrap_or_default();
    let kind = cells.text("type");
    let slug = text::slug(kind.as_deref().unwrap_or_default());
    let id = match KIND.id(dated, [&doctor, &slug], seen, &mut cells) {
        Ok(id) => id,
        Err(refused) => return refused.reading(cells),
    };

    cells.put("type", kind);
    put_duration(&mut cells);
    put_status(&mut cells);
    cells.put_texts(&["patient_name"]);
    practice.put_clinic(&mut cells);
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

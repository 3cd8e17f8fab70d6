//! The rows of `Campaigns.csv` as records: whom a campaign reached, and when.

use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::dates::Written;
use crate::ids::{Seen, derived};
use crate::practice::Practice;
use crate::slot;
use crate::text;

/// The dates of a touch.
pub(crate) const DATES: &[&str] = &["date", "last_modified"];

pub(crate) fn read(practice: &Practice, seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let written_id = cells.said("touch_id").map(str::to_owned);
    let key = written_id.as_deref();
    let Some(patient) = cells.said("patient_id").map(str::to_owned) else {
        return cells.refuse(key, "patient_id", "the touch names no patient; give one at the source");
    };
    let Some(day) = cells.said("date").map(str::to_owned) else {
        return cells.refuse(key, "date", "the touch has no date; give one at the source");
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
    let campaign = cells.text("campaign");
    if campaign.is_none() {
        cells.flag("no-campaign", "the touch names no campaign; it is moved without one", "campaign");
    }
    let channel = cells.text("channel");

    let id = match written_id {
        Some(id) => {
            if let Err(line) = seen.insert(&id, cells.line()) {
                let reason = format!("another touch has this id, on line {line}; only that one was taken");
                return cells.refuse(Some(&id), "touch_id", reason);
            }
            cells.put("touch_id", id.as_str());
            id
        }
        None => {
            let parts = [
                patient.as_str(),
                &date.to_string(),
                shown.as_deref().unwrap_or_default(),
                &text::slug(campaign.as_deref().unwrap_or_default()),
                &text::slug(channel.as_deref().unwrap_or_default()),
            ];
            let Ok((id, repeated)) = seen.free(derived(&parts), cells.line()) else {
                let reason = "another touch has the id this one would get; give it one";
                return cells.refuse(None, "touch_id", reason);
            };
            if repeated {
                cells.flag(
                    "repeated-touch",
                    "the same patient, day, time, campaign and channel as a row before it; see whether it is the same",
                    "date",
                );
            }
            id
        }
    };

    cells.put("patient_id", patient);
    cells.put("date", date);
    cells.put("campaign", campaign);
    cells.put("channel", channel);
    cells.put_texts(&["patient_name", "status", "message", "clinic"]);
    cells.put_moment("last_modified", "last_modified_text", &practice.zone);
    cells.record(id)
}

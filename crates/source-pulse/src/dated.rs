//! Rows that tell of a patient on a day: appointments, messages of campaigns.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::dates::Written;
use crate::ids::Seen;
use crate::ids::fingerprint::derived;
use crate::ids::whose::{Found, Whose};
use crate::practice::Practice;
use crate::times;

/// What the rows of a file tell of.
pub(crate) struct Kind {
    /// As a person calls it.
    pub(crate) what: &'static str,
    /// The field of its id.
    pub(crate) id: &'static str,
    /// The flag of one that says the same as a row before it, and what the flag says.
    pub(crate) repeated: (&'static str, &'static str),
    /// Where ids may begin anew, each year or for each file: the flag of one that another has, and what the flag says. Elsewhere the first of an
    /// id counts.
    pub(crate) anew: Option<(&'static str, &'static str)>,
}

/// Whose it is, and when it was.
pub(crate) struct Dated {
    written_id: Option<String>,
    patient: String,
    date: Date,
    /// The time, as it is shown.
    shown: Option<String>,
}

/// Why a row is no record.
pub(crate) struct Refused {
    key: Option<String>,
    pub(crate) field: &'static str,
    pub(crate) reason: String,
}

impl Kind {
    /// Sets the patient, the day and the time.
    pub(crate) fn read(&self, practice: &Practice, cells: &mut Cells<'_>) -> Result<Dated, Refused> {
        let what = self.what;
        let written_id = cells.said(self.id).map(str::to_owned);
        let refused = |field, reason| Refused { key: written_id.clone(), field, reason };
        let whose = practice.whose(what, cells.whose()).map_err(|reason| refused("patient_id", reason))?;
        let Some(day) = cells.said("date").map(str::to_owned) else {
            return Err(refused("date", format!("the {what} has no date; give one at the source")));
        };
        let Written::Day { date, time, offset } = cells.sheet().dates("date").read(&day) else {
            let reason = "the date is no day in the order of its column; mend it at the source";
            return Err(refused("date", reason.to_owned()));
        };
        cells.tell_stray("date", &day);
        put_phone(cells, &whose);
        let patient = practice.put_patient(cells, whose);
        let shown = put_time(cells, date, time, offset, &practice.zone);
        cells.put("patient_id", patient.as_str());
        cells.put("date", date);
        Ok(Dated { written_id, patient, date, shown })
    }

    /// The id: as it is written, or made of whose it is, when it was and what else tells it from others.
    pub(crate) fn id(
        &self,
        dated: Dated,
        others: [&str; 2],
        seen: &mut Seen,
        cells: &mut Cells<'_>,
    ) -> Result<String, Refused> {
        let what = self.what;
        if let (Some(id), Some((kind, message))) = (&dated.written_id, self.anew) {
            let Ok((id, repeated)) = seen.free(id.clone(), cells.line()) else {
                let reason = format!("another {what} has the id this one would get; give it another one");
                return Err(Refused { key: dated.written_id, field: self.id, reason });
            };
            if repeated {
                cells.flag(kind, message, self.id);
            }
            cells.put(self.id, id.as_str());
            return Ok(id);
        }
        if let Some(id) = dated.written_id {
            if let Err(line) = seen.insert(&id, cells.line()) {
                let reason = format!("another {what} has this id, on line {line}; only that one was taken");
                return Err(Refused { key: Some(id), field: self.id, reason });
            }
            cells.put(self.id, id.as_str());
            return Ok(id);
        }
        let [one, other] = others;
        let (date, shown) = (dated.date.to_string(), dated.shown.unwrap_or_default());
        let id = derived(&[&dated.patient, &date, &shown, one, other]);
        let Ok((id, repeated)) = seen.free(id, cells.line()) else {
            let reason = format!("another {what} has the id this one would get; give it one");
            return Err(Refused { key: None, field: self.id, reason });
        };
        if repeated {
            let (kind, message) = self.repeated;
            cells.flag(kind, message, "date");
        }
        Ok(id)
    }
}

impl Dated {
    /// Whether both are of one patient on one day.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        (&self.patient, self.date) == (&other.patient, other.date)
    }

    pub(crate) fn patient(&self) -> &str {
        &self.patient
    }

    pub(crate) fn date(&self) -> Date {
        self.date
    }

    pub(crate) fn written_id(&self) -> Option<&str> {
        self.written_id.as_deref()
    }
}

impl Refused {
    pub(crate) fn reading(self, cells: Cells<'_>) -> Reading {
        cells.refuse(self.key.as_deref(), self.field, self.reason)
    }
}

/// Sets the phone as it is written. Unless it is the patient's own, it goes where the other columns go.
fn put_phone(cells: &mut Cells<'_>, whose: &Whose) {
    if whose.found != Found::ByNameAndPhone {
        cells.keep_aside("patient_phone");
    }
    cells.put_texts(&["patient_phone"]);
}

/// Sets `time` and, where there is one that can be read, `start`. Answers the time as it is shown.
///
/// A time in a column of its own counts before the one that stands with the day.
fn put_time(
    cells: &mut Cells<'_>,
    date: Date,
    with_day: Option<Time>,
    offset: Option<Offset>,
    zone: &TimeZone,
) -> Option<String> {
    let written = cells.text("time");
    let time = match &written {
        Some(written) => times::time(written),
        None => with_day,
    };
    if with_day.is_some_and(|own| own != Time::midnight() && written.is_some() && time != Some(own)) {
        cells.flag(
            "two-times",
            "the date has another time of day than the time; the latter was taken",
            "time",
        );
    }
    let shown = match (time, &written) {
        (Some(time), _) => {
            let offset = offset.filter(|_| written.is_none());
            let start = cells.instant(date.to_datetime(time), offset, zone, "start");
            cells.put("start", start);
            let form = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
            Some(time.strftime(form).to_string())
        }
        (None, Some(written)) => {
            cells.flag("unreadable-time", "no time of day; kept as text, and there is no start", "time");
            Some(written.clone())
        }
        (None, None) => None,
    };
    cells.put("time", shown.clone());
    shown
}

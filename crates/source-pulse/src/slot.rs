//! When something was: its day, and the time of day beside it.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use crate::cells::Cells;
use crate::times;

/// Sets `time` and, where there is one that can be read, `start`. Answers the time as it is shown.
///
/// A time in a column of its own counts before the one that stands with the day.
pub(crate) fn put(
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

//! A workbook's cell as the text that a CSV file would have in its place.

use calamine::{Data, DataRef, ExcelDateTime};
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Unit};

pub(super) fn text_of(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => with_plain_breaks(text),
        DataRef::SharedString(text) => with_plain_breaks(text),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(time) => time_text(time),
        DataRef::DateTimeIso(text) => match text.parse::<DateTime>() {
            Ok(time) => rounded(time).map_or_else(|| text.clone(), moment_text),
            Err(_) => text.clone(),
        },
        DataRef::DurationIso(text) => match text.parse::<SignedDuration>() {
            Ok(time) if !time.is_negative() => clock_text(time.as_secs_f64()),
            _ => text.clone(),
        },
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// The same cell, of the type in which sheets are streamed.
pub(super) fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(time) => DataRef::DateTime(*time),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// Excel writes a line break as LF, or as CR LF where it was pasted.
fn with_plain_breaks(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// Without a point where there is nothing behind it. A spreadsheet shows 15 digits and stores 17: the last ones are only what is left of
/// its arithmetic.
fn number_text(number: f64) -> String {
    let shown = format!("{number:.14e}").parse().unwrap_or(number);
    if shown == 0.0 { "0".to_owned() } else { shown.to_string() }
}

fn time_text(time: &ExcelDateTime) -> String {
    let days = time.as_f64();
    if !time.is_datetime() && (0.0..1e6).contains(&days) {
        return clock_text(days * 86_400.0);
    }
    if !time.is_datetime() || days < 0.0 {
        return number_text(days);
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let small = |part: u8| i8::try_from(part).ok();
    let exact = || {
        let nanos = i32::from(milli) * 1_000_000;
        let (year, month, day) = (i16::try_from(year).ok()?, small(month)?, small(day)?);
        DateTime::new(year, month, day, small(hour)?, small(minute)?, small(second)?, nanos).ok()
    };
    match exact().and_then(rounded) {
        // The 29th of February 1900, which spreadsheets know and nobody else.
        None => format!("{year:04}-{month:02}-{day:02}"),
        Some(time) if days < 1.0 => time.time().strftime("%H:%M:%S").to_string(),
        Some(time) => moment_text(time),
    }
}

/// A time of day is a fraction of a day, which is never quite exact.
fn rounded(time: DateTime) -> Option<DateTime> {
    time.round(Unit::Second).ok()
}

fn moment_text(time: DateTime) -> String {
    if time.time() == Time::midnight() {
        time.date().to_string()
    } else {
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// A duration, which may be longer than a day.
fn clock_text(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime as Day, TimeDelta};

    use super::*;

    #[test]
    fn times_are_rounded_to_the_second_and_follow_the_workbooks_calendar() {
        let shown = |value, kind, of_1904| time_text(&ExcelDateTime::new(value, kind, of_1904));
        assert_eq!(shown(45_443.395_833_333_336, Day, false), "2024-05-31 09:30:00");
        assert_eq!(shown(45_443.999_999_999, Day, false), "2024-06-01");
        assert_eq!(shown(43_981.0, Day, true), "2024-05-31");
        assert_eq!(shown(0.5, Day, false), "12:00:00");
        assert_eq!(shown(60.0, Day, false), "1900-02-29");
        assert_eq!(shown(-1.0, Day, false), "-1");
        assert_eq!(shown(0.020_833_333_333_333_332, TimeDelta, false), "00:30:00");
        assert_eq!(shown(1.25, TimeDelta, false), "30:00:00");
    }

    #[test]
    fn numbers_have_the_digits_that_a_spreadsheet_shows() {
        for (number, shown) in [
            (9_876_543_210.0, "9876543210"),
            (0.1 + 0.2, "0.3"),
            (1234.5, "1234.5"),
            (-0.0, "0"),
            (919_876_543_210_123.0, "919876543210123"),
            (1e21, "1000000000000000000000"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number_text(number), shown);
        }
    }

    #[test]
    fn what_an_open_document_writes_reads_as_what_excel_writes() {
        for (cell, text) in [
            (DataRef::DateTimeIso("1990-12-31".to_owned()), "1990-12-31"),
            (DataRef::DateTimeIso("1990-12-31T00:00:00".to_owned()), "1990-12-31"),
            (DataRef::DateTimeIso("2024-05-31T09:29:59.999999".to_owned()), "2024-05-31 09:30:00"),
            (DataRef::DateTimeIso("soon".to_owned()), "soon"),
            (DataRef::DurationIso("PT17H05M00S".to_owned()), "17:05:00"),
            (DataRef::DurationIso("PT17H04M59.999999999S".to_owned()), "17:05:00"),
            (DataRef::DurationIso("a while".to_owned()), "a while"),
            (
                DataRef::SharedString("12 Lake Road\r\nPune\n411001\rIndia"),
                "12 Lake Road\nPune\n411001\nIndia",
            ),
        ] {
            assert_eq!(text_of(&cell), text);
        }
    }
}

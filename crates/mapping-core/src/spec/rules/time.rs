//! Days and points in time.

use jiff::civil::{Date, DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

use crate::error::Result;
use crate::finding::Flag;
use crate::spec::rule::TimeRule;
use crate::spec::site::{Site, Unread};
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::words;
use crate::value::Value;

/// Below this, a year was written with two digits, or is none.
const FIRST_SANE_YEAR: i16 = 1000;

#[derive(Debug)]
pub(crate) struct Day {
    of: Input,
    formats: Formats,
    zone: Option<TimeZone>,
    unread: Unread,
}

impl Day {
    pub(crate) fn new(rule: &TimeRule, site: &mut Site<'_>) -> Result<Self> {
        let unread =
            site.unread(&rule.unknown, &rule.of, "unreadable-date", "not a date in any of the forms given")?;
        Ok(Self {
            of: site.input("date", &rule.of)?,
            formats: Formats::new(rule, site)?,
            zone: rule.zone.as_deref().map(|name| zone(name, site)).transpose()?,
            unread,
        })
    }

    fn read(&self, value: &Value) -> Option<Date> {
        match value {
            Value::Date(date) => Some(*date),
            Value::DateTime(time) => Some(time.date()),
            Value::Instant(instant) => Some(self.zone.as_ref()?.to_datetime(*instant).date()),
            Value::Text(text) => self.formats.find(text.trim(), day),
            _ => None,
        }
    }
}

impl Step for Day {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        match self.read(&value) {
            Some(date) => Ok(Given::owned(date)),
            None => self.unread.settle(&value, turn),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Instant {
    of: Input,
    formats: Formats,
    zone: Option<TimeZone>,
    unread: Unread,
    ambiguous: Flag,
}

/// What was read: a point in time, or a local time that the zone turns into one.
enum Moment {
    Instant(Timestamp),
    Local(DateTime),
}

impl Instant {
    pub(crate) fn new(rule: &TimeRule, site: &mut Site<'_>) -> Result<Self> {
        let unread =
            site.unread(&rule.unknown, &rule.of, "unreadable-time", "not a time in any of the forms given")?;
        let of = site.input("instant", &rule.of)?;
        let message =
            "the clock showed this time twice, or skipped it; the earlier one, or as much later, is taken";
        let ambiguous = Flag::new("ambiguous-time", message).field(of.field.clone());
        let zone = rule.zone.as_deref().map(|name| zone(name, site)).transpose()?;
        let formats = Formats::new(rule, site)?;
        if zone.is_none() && formats.any_local() {
            return Err(
                site.fail("a local time is no point in time without its `zone`, such as \"Asia/Kolkata\"")
            );
        }
        Ok(Self { of, formats, zone, unread, ambiguous })
    }

    fn read(&self, value: &Value) -> Option<Moment> {
        match value {
            Value::Instant(instant) => Some(Moment::Instant(*instant)),
            Value::DateTime(time) => Some(Moment::Local(*time)),
            // A day alone is midnight only where a format says so.
            Value::Date(_) | Value::Text(_) => {
                let text = words(value);
                if self.formats.is_iso() {
                    let instant = text.parse::<Timestamp>().ok().map(Moment::Instant);
                    return instant.or_else(|| iso(&text).map(Moment::Local));
                }
                self.formats.find(&text, |time, first_year| {
                    let day = day(time, first_year)?;
                    if time.timestamp().is_some() {
                        return time.to_timestamp().ok().map(Moment::Instant);
                    }
                    let local = DateTime::from_parts(day, time.to_time().ok()?);
                    match time.offset() {
                        Some(offset) => offset.to_timestamp(local).ok().map(Moment::Instant),
                        None => Some(Moment::Local(local)),
                    }
                })
            }
            _ => None,
        }
    }
}

impl Step for Instant {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(value) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        let instant = match (self.read(&value), &self.zone) {
            (Some(Moment::Instant(instant)), _) => Some(instant),
            (Some(Moment::Local(local)), Some(zone)) => {
                let instant = zone.to_ambiguous_timestamp(local);
                if instant.is_ambiguous() {
                    turn.flag(&self.ambiguous);
                }
                instant.compatible().ok()
            }
            _ => None,
        };
        match instant {
            Some(instant) => Ok(Given::owned(instant)),
            None => self.unread.settle(&value, turn),
        }
    }
}

/// The formats that are tried.
#[derive(Debug)]
struct Formats {
    /// ISO 8601 where empty.
    formats: Vec<String>,
    first_year: Option<i16>,
}

impl Formats {
    fn new(rule: &TimeRule, site: &Site<'_>) -> Result<Self> {
        for format in &rule.formats {
            check(format, rule.first_year)
                .map_err(|why| site.fail(format!("`{format}` is no format: {why}")))?;
        }
        let two_digits = rule.formats.iter().any(|format| two_digit_year(format));
        match rule.first_year {
            Some(_) if !two_digits => Err(site.fail("`first_year` is for formats with a year of two digits")),
            Some(year) if !(FIRST_SANE_YEAR..=9800).contains(&year) => {
                Err(site.fail("`first_year` is a year of four digits"))
            }
            first_year => Ok(Self { formats: rule.formats.clone(), first_year }),
        }
    }

    fn is_iso(&self) -> bool {
        self.formats.is_empty()
    }

    /// Whether text in one of the formats is a local time.
    fn any_local(&self) -> bool {
        let offset = |format: &str| directives(format).any(|directive| matches!(directive, 'z' | 's'));
        self.formats.iter().any(|format| !offset(format))
    }

    fn find<T>(&self, text: &str, read: impl Fn(&BrokenDownTime, Option<i16>) -> Option<T>) -> Option<T> {
        if self.is_iso() {
            return read(&BrokenDownTime::parse("%Y-%m-%d", text).ok()?, None);
        }
        self.formats.iter().find_map(|format| {
            let first_year = self.first_year.filter(|_| two_digit_year(format));
            read(&BrokenDownTime::parse(format, text).ok()?, first_year)
        })
    }
}

/// The day that was read. A year of two digits is moved into the hundred years from `first_year` on.
fn day(time: &BrokenDownTime, first_year: Option<i16>) -> Option<Date> {
    if let Some(timestamp) = time.timestamp() {
        return Some(TimeZone::UTC.to_datetime(timestamp).date());
    }
    let read = time.to_date().ok()?;
    let year = match first_year {
        Some(first) => first + (read.year() - first).rem_euclid(100),
        None => read.year(),
    };
    Date::new(year, read.month(), read.day()).ok().filter(|_| year >= FIRST_SANE_YEAR)
}

/// A local day and time in ISO 8601. A day alone is not one.
fn iso(text: &str) -> Option<DateTime> {
    text.contains(':').then(|| text.parse().ok())?
}

/// A format is good if a day written in it can be read again.
fn check(format: &str, first_year: Option<i16>) -> std::result::Result<(), String> {
    if two_digit_year(format) && first_year.is_none() {
        return Err("of a year of two digits, `first_year` must say which century is meant".to_owned());
    }
    if directives(format).any(|directive| matches!(directive, 'C' | 'Q')) {
        return Err("centuries and zones by name are not read; `%Y` is a year, and `zone` a zone".to_owned());
    }
    // In January a day of two digits cannot be taken for a month, nor the year for either.
    let sample: Zoned = date(2024, 1, 31)
        .at(14, 5, 7, 0)
        .to_zoned(TimeZone::UTC)
        .map_err(|_| "the sample is out of range".to_owned())?;
    let written = BrokenDownTime::from(&sample).to_string(format).map_err(|error| error.to_string())?;
    let read = BrokenDownTime::parse(format, &written).map_err(|error| error.to_string())?;
    let again = match read.timestamp() {
        Some(_) => day(&read, None),
        None => read.to_date().ok(),
    };
    if again == Some(sample.date()) { Ok(()) } else { Err("it does not hold a whole day".to_owned()) }
}

/// `%y`, and what is short for it.
fn two_digit_year(format: &str) -> bool {
    directives(format).any(|directive| matches!(directive, 'y' | 'D' | 'g'))
}

/// The letters of a format's directives, whatever flags and widths stand before them.
fn directives(format: &str) -> impl Iterator<Item = char> {
    let mut chars = format.chars();
    std::iter::from_fn(move || {
        chars.find(|c| *c == '%')?;
        chars.find(|c| !matches!(c, '-' | '_' | '0'..='9' | '^' | '#' | ':' | '.'))
    })
}

/// The zone, from the tables that are part of the program: the same on every machine.
fn zone(name: &str, site: &Site<'_>) -> Result<TimeZone> {
    TimeZoneDatabase::bundled()
        .get(name)
        .map_err(|_| site.fail(format!("there is no zone `{name}`; a zone is named as in \"Asia/Kolkata\"")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use crate::spec::rules::testing::{complains, flags, gives, refuses};
    use crate::value::Value;

    #[test]
    fn a_day_is_read_in_the_first_format_that_fits() {
        let rule = r#"{ date = "b", formats = ["%d/%m/%Y", "%d %b %Y", "%Y-%m-%d"] }"#;
        for text in ["29/02/1984", " 29 Feb 1984 ", "1984-02-29"] {
            assert_eq!(gives(rule, &[("b", text.into())]), date(1984, 2, 29).into());
        }
        assert_eq!(refuses(rule, &[("b", "29/02/1985".into())]), "b");
        assert_eq!(gives(rule, &[("b", "".into())]), Value::Null);
    }

    #[test]
    fn iso_is_read_without_formats_and_a_day_is_a_day_already() {
        assert_eq!(gives(r#"{ date = "b" }"#, &[("b", "1984-02-29".into())]), date(1984, 2, 29).into());
        assert_eq!(gives(r#"{ date = "b" }"#, &[("b", date(1984, 2, 29).into())]), date(1984, 2, 29).into());
        let instant: jiff::Timestamp = "2024-01-05T20:00:00Z".parse().unwrap();
        let rule = r#"{ date = "b", zone = "Asia/Kolkata" }"#;
        assert_eq!(gives(rule, &[("b", instant.into())]), date(2024, 1, 6).into());
    }

    #[test]
    fn a_year_of_two_digits_is_never_guessed() {
        let rule = r#"{ date = "b", formats = ["%d/%m/%Y"], unknown = "leave" }"#;
        assert_eq!(flags(rule, &[("b", "05/01/45".into())]), (Value::Null, "unreadable-date".to_owned()));
        assert!(complains(r#"{ date = "b", formats = ["%d/%m/%y"] }"#).contains("first_year"));
        let rule = r#"{ date = "b", formats = ["%d/%m/%y", "%d/%m/%Y"], first_year = 1930 }"#;
        assert_eq!(gives(rule, &[("b", "05/01/45".into())]), date(1945, 1, 5).into());
        assert_eq!(gives(rule, &[("b", "05/01/29".into())]), date(2029, 1, 5).into());
        assert_eq!(gives(rule, &[("b", "05/01/2045".into())]), date(2045, 1, 5).into());
    }

    #[test]
    fn a_local_time_and_its_zone_are_a_point_in_time() {
        let rule = r#"{ instant = { join = ["d", "t"] }, formats = ["%Y-%m-%d %I:%M %p", "%d/%m/%Y %H:%M"], zone = "Asia/Kolkata" }"#;
        let expected: jiff::Timestamp = "2024-01-05T04:30:00Z".parse().unwrap();
        let typed = [("d", date(2024, 1, 5).into()), ("t", "10:00 AM".into())];
        assert_eq!(gives(rule, &typed), expected.into());
        assert_eq!(gives(rule, &[("d", "05/01/2024 10:00".into())]), expected.into());
        assert_eq!(
            gives(
                r#"{ instant = "d", zone = "Asia/Kolkata" }"#,
                &[("d", datetime(2024, 1, 5, 10, 0, 0, 0).into())]
            ),
            expected.into()
        );
        assert_eq!(refuses(rule, &[("d", date(2024, 1, 5).into())]), "d");
    }

    #[test]
    fn an_offset_in_the_text_needs_no_zone() {
        let expected: jiff::Timestamp = "2024-01-05T04:30:00Z".parse().unwrap();
        let rule = r#"{ instant = "d", formats = ["%Y-%m-%d %H:%M %z"] }"#;
        assert_eq!(gives(rule, &[("d", "2024-01-05 10:00 +0530".into())]), expected.into());
        assert_eq!(
            gives(r#"{ instant = "d" }"#, &[("d", "2024-01-05T10:00:00+05:30".into())]),
            expected.into()
        );
        assert_eq!(refuses(r#"{ instant = "d" }"#, &[("d", "2024-01-05 10:00".into())]), "d");
        assert_eq!(
            gives(r#"{ instant = "d", zone = "Asia/Kolkata" }"#, &[("d", "2024-01-05 10:00".into())]),
            expected.into()
        );
    }

    #[test]
    fn a_time_the_clock_showed_twice_is_flagged() {
        let rule = r#"{ instant = "d", zone = "America/New_York" }"#;
        let (value, kind) = flags(rule, &[("d", "2024-11-03 01:30".into())]);
        let earlier: jiff::Timestamp = "2024-11-03T05:30:00Z".parse().unwrap();
        assert_eq!((value, kind.as_str()), (earlier.into(), "ambiguous-time"));
    }

    #[test]
    fn what_cannot_be_read_is_said_before_the_run() {
        for rule in [
            r#"{ date = "b", formats = ["%Q"] }"#,
            r#"{ date = "b", formats = ["%d/%m"] }"#,
            r#"{ date = "b", formats = ["31"] }"#,
            r#"{ date = "b", formats = ["%d/%m/%C%y"], first_year = 1930 }"#,
            r#"{ instant = "b", formats = ["%Y-%m-%d %H:%M %:Q"], zone = "Asia/Kolkata" }"#,
            r#"{ date = "b", zone = "Asia/Bangalore" }"#,
            r#"{ date = "b", first_year = 1930 }"#,
            r#"{ date = "b", unknown = "as_is" }"#,
            r#"{ instant = "b", formats = ["%d/%m/%Y %H:%M"] }"#,
        ] {
            assert!(complains(rule).contains("(rule draft[1].fields.x)"), "{rule}");
        }
    }
}

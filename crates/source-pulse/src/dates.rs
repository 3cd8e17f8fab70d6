//! Days as people write them, and in which order a column has them.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::times;

/// Which comes first in dates like `05/12/1990`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "there is no third order in use")]
pub enum DateOrder {
    /// The day, as in India: 5 December.
    DayFirst,
    /// The month, as in the United States: 12 May.
    MonthFirst,
}

/// How the dates of one column are read: decided from the whole column, never from a single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateColumn {
    pub(crate) order: DateOrder,
    /// Years of two digits from this on lie in the 20th century.
    pub(crate) pivot: u8,
    /// Whether its values have a time of day.
    pub(crate) timed: bool,
    /// Whether numbers of a spreadsheet are strays among its dates.
    pub(crate) stray_serials: bool,
    /// Whether years of two digits are strays among its dates.
    pub(crate) stray_years: bool,
}

/// A date that is written unlike most of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stray {
    /// As a spreadsheet's number.
    Serial,
    /// With two digits of its year.
    ShortYear,
}

/// What a cell for a date holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Written {
    /// A day, and what else it says.
    Day { date: Date, time: Option<Time>, offset: Option<Offset> },
    /// A day that stands for "not known": 1 January 1900, or zeros.
    Placeholder,
    /// No day, or one that does not exist.
    Unreadable,
}

impl DateColumn {
    /// Reads a cell.
    pub(crate) fn read(&self, text: &str) -> Written {
        let Some(shape) = Shape::of(text) else { return Written::Unreadable };
        let (date, rest) = match shape {
            Shape::Serial(number) => return serial(number),
            Shape::YearFirst([0, 0, 0], _) => return Written::Placeholder,
            Shape::YearFirst(ymd, rest) => (ymd, rest),
            Shape::Numbers([a, b], year, rest) => match self.order {
                DateOrder::DayFirst => ([self.full(year), b, a], rest),
                DateOrder::MonthFirst => ([self.full(year), a, b], rest),
            },
            Shape::Named([day, month], year, rest) => ([self.full(year), month, day], rest),
        };
        let [year, month, day] = date.map(i16::try_from);
        let (Ok(year), Ok(month), Ok(day)) = (year, month, day) else { return Written::Unreadable };
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
            return Written::Unreadable;
        };
        let Ok(date) = Date::new(year, month, day) else { return Written::Unreadable };
        if date == Date::constant(1900, 1, 1) || date == Date::constant(1899, 12, 30) {
            return Written::Placeholder;
        }
        if !(1850..=2200).contains(&year) {
            return Written::Unreadable;
        }
        match clock(rest) {
            Some((time, offset)) => Written::Day { date, time, offset },
            None => Written::Unreadable,
        }
    }

    /// Whether a date is written unlike most of the column. Costs nothing where all are written alike.
    pub(crate) fn stray(&self, text: &str) -> Option<Stray> {
        if !self.stray_serials && !self.stray_years {
            return None;
        }
        match Shape::of(text)? {
            Shape::Serial(_) if self.stray_serials => Some(Stray::Serial),
            Shape::Numbers(_, year, _) | Shape::Named(_, year, _) if self.stray_years && year.digits == 2 => {
                Some(Stray::ShortYear)
            }
            _ => None,
        }
    }

    fn full(&self, year: Year) -> u32 {
        match (year.digits, year.number >= u32::from(self.pivot)) {
            (2, true) => 1900 + year.number,
            (2, false) => 2000 + year.number,
            _ => year.number,
        }
    }
}

/// What the cells of a column say about their order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    day_first: u64,
    month_first: u64,
    either: u64,
    timed: u64,
    all: u64,
    pub(crate) short_years: u64,
    pub(crate) serials: u64,
}

/// How a column's order was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderFrom {
    /// From its values, or it does not matter.
    Values,
    /// From most of its values; this many say otherwise.
    Majority(u64),
    /// No value tells.
    Nothing,
}

impl Tally {
    /// Counts a cell.
    pub(crate) fn add(&mut self, text: &str) {
        let Some(shape) = Shape::of(text) else { return };
        self.all += 1;
        let (rest, year) = match shape {
            Shape::Serial(number) => {
                self.serials += 1;
                self.timed += u64::from(number.fract() != 0.0);
                return;
            }
            Shape::YearFirst(_, rest) => (rest, None),
            Shape::Named(_, year, rest) => (rest, Some(year)),
            Shape::Numbers([a, b], year, rest) => {
                match (a > 12, b > 12) {
                    (true, false) => self.day_first += 1,
                    (false, true) => self.month_first += 1,
                    (false, false) if a != b => self.either += 1,
                    _ => {}
                }
                (rest, Some(year))
            }
        };
        self.short_years += u64::from(year.is_some_and(|year| year.digits == 2));
        self.timed += u64::from(matches!(clock(rest), Some((Some(_), _))));
    }

    /// The order of the column; `otherwise` where no value tells.
    pub(crate) fn decide(&self, otherwise: DateOrder, pivot: u8) -> (DateColumn, OrderFrom) {
        let (order, from) = match (self.day_first, self.month_first) {
            (0, 0) if self.either > 0 => (otherwise, OrderFrom::Nothing),
            (0, 0) => (otherwise, OrderFrom::Values),
            (_, 0) => (DateOrder::DayFirst, OrderFrom::Values),
            (0, _) => (DateOrder::MonthFirst, OrderFrom::Values),
            (days, months) if days == months => (otherwise, OrderFrom::Majority(days)),
            (days, months) if days > months => (DateOrder::DayFirst, OrderFrom::Majority(months)),
            (days, _) => (DateOrder::MonthFirst, OrderFrom::Majority(days)),
        };
        let stray = |count: u64| count > 0 && count < self.all - count;
        let column = DateColumn {
            order,
            pivot,
            timed: self.timed > 0,
            stray_serials: stray(self.serials),
            stray_years: stray(self.short_years),
        };
        (column, from)
    }
}

/// How a date is written. The text behind it is its time of day.
enum Shape<'a> {
    /// `1990-12-05`: year, month, day.
    YearFirst([u32; 3], &'a str),
    /// `05/12/1990`: two numbers of unknown order, and a year.
    Numbers([u32; 2], Year, &'a str),
    /// `5 Dec 1990`: day, month, and a year.
    Named([u32; 2], Year, &'a str),
    /// A spreadsheet's number of a day, counted from 30 December 1899.
    Serial(f64),
}

/// A year, as written.
#[derive(Clone, Copy)]
struct Year {
    number: u32,
    digits: usize,
}

impl<'a> Shape<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if let Some(serial) = as_serial(text) {
            return Some(Self::Serial(serial));
        }
        let (first, digits, rest) = match number(text) {
            Some(found) => found,
            None => {
                let (word, rest) = word(text)?;
                if let Some(month) = month(word) {
                    let (day, _, rest) = number(rest)?;
                    let (year, rest) = year(ordinal(rest))?;
                    return Some(Self::Named([day, month], year, rest));
                }
                // A day of the week says nothing more.
                let rest = rest.trim_start_matches(['.', ',', ' ']);
                return if is_weekday(word) && number(rest).is_some() { Self::of(rest) } else { None };
            }
        };
        match digits {
            8 => {
                let date = [first / 10_000, first / 100 % 100, first % 100];
                return Some(Self::YearFirst(date, rest));
            }
            4 => {
                let (month, _, rest) = number(separated(rest)?)?;
                let (day, _, rest) = number(separated(rest)?)?;
                return Some(Self::YearFirst([first, month, day], rest));
            }
            1 | 2 => {}
            _ => return None,
        }
        if let Some((name, rest)) = word(ordinal(rest).trim_start_matches(['-', '/', '.', ',', ' '])) {
            let (year, rest) = year(rest)?;
            return Some(Self::Named([first, month(name)?], year, rest));
        }
        let (second, _, rest) = number(separated(rest)?)?;
        let (year, rest) = year(separated(rest)?)?;
        Some(Self::Numbers([first, second], year, rest))
    }
}

/// Numbers of five digits: from 1927 to 2099. A smaller one is more likely a year, or no date.
fn as_serial(text: &str) -> Option<f64> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.len() != 5 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    text.parse().ok().filter(|serial| (10_000.0..73_051.0).contains(serial))
}

fn serial(number: f64) -> Written {
    let days = jiff::Span::new().try_days(number.trunc() as i64);
    let date = days.and_then(|days| Date::constant(1899, 12, 30).checked_add(days));
    match date {
        Ok(date) => {
            let time =
                (number.fract() != 0.0).then(|| times::fraction(&number.fract().to_string())).flatten();
            Written::Day { date, time, offset: None }
        }
        Err(_) => Written::Unreadable,
    }
}

/// The time of day behind a date, and the zone where it has one. `None` where there is something else.
fn clock(rest: &str) -> Option<(Option<Time>, Option<Offset>)> {
    let rest = rest.strip_prefix('T').unwrap_or(rest).trim_start_matches([',', ' ']).trim_end();
    if rest.is_empty() {
        return Some((None, None));
    }
    if let Some(time) = rest.strip_suffix(['Z', 'z']) {
        return Some((Some(times::time(time)?), Some(Offset::UTC)));
    }
    match rest.rfind(['+', '-']).and_then(|at| rest.split_at_checked(at)) {
        Some((time, zone)) => Some((Some(times::time(time)?), Some(offset(zone)?))),
        None => Some((Some(times::time(rest)?), None)),
    }
}

/// `+05:30`, `+0530`, `-05`.
fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes: i32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes * 60;
    Offset::from_seconds(sign * seconds).ok()
}

fn number(text: &str) -> Option<(u32, usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, digits.len(), rest))
}

/// A year of two or four digits, after whatever separates it.
fn year(text: &str) -> Option<(Year, &str)> {
    let (number, digits, rest) = number(text.trim_start_matches(['-', '/', '.', ',', ' ', '\'']))?;
    matches!(digits, 2 | 4).then_some((Year { number, digits }, rest))
}

fn separated(rest: &str) -> Option<&str> {
    rest.trim_start_matches(' ')
        .strip_prefix(['-', '/', '.'])
        .or_else(|| rest.strip_prefix(' '))
        .map(str::trim_start)
}

/// What follows the `th` of `5th`.
fn ordinal(rest: &str) -> &str {
    ["st", "nd", "rd", "th"].iter().find_map(|ending| rest.strip_prefix(ending)).unwrap_or(rest)
}

fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty()).then_some((word, rest.trim_start_matches(['.', ',', '-', '/', ' '])))
}

fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let known = MONTHS.iter().zip(1..).find(|(month, _)| word.len() >= 3 && month.starts_with(&word));
    known.map(|(_, number)| number).or((word == "sept").then_some(9))
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.to_ascii_lowercase();
    word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(&word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY_FIRST: DateColumn = DateColumn {
        order: DateOrder::DayFirst,
        pivot: 30,
        timed: false,
        stray_serials: false,
        stray_years: false,
    };
    const MONTH_FIRST: DateColumn = DateColumn { order: DateOrder::MonthFirst, ..DAY_FIRST };

    fn day(column: DateColumn, text: &str) -> String {
        match column.read(text) {
            Written::Day { date, time: None, .. } => date.to_string(),
            Written::Day { date, time: Some(time), offset: None } => format!("{date} {time}"),
            Written::Day { date, time: Some(time), offset: Some(offset) } => {
                format!("{date} {time} {offset}")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn days_are_read_in_their_usual_spellings() {
        for (text, known) in [
            ("05/12/1990", "1990-12-05"),
            ("5-12-90", "1990-12-05"),
            ("5.12.1990", "1990-12-05"),
            ("05/12/22", "2022-12-05"),
            ("1990-12-05", "1990-12-05"),
            ("1990/12/5", "1990-12-05"),
            ("19901205", "1990-12-05"),
            ("5 Dec 1990", "1990-12-05"),
            ("5th December, 1990", "1990-12-05"),
            ("05-Dec-90", "1990-12-05"),
            ("Dec 5, 1990", "1990-12-05"),
            ("Wed, 5 Dec 1990", "1990-12-05"),
            ("Sept. 5 1990", "1990-09-05"),
            ("33212", "1990-12-05"),
            ("33212.4375", "1990-12-05 10:30:00"),
            ("05/12/1990 10:30", "1990-12-05 10:30:00"),
            ("5 Dec 1990, 02:30 PM", "1990-12-05 14:30:00"),
            ("1990-12-05T10:30:00", "1990-12-05 10:30:00"),
            ("1990-12-05T10:30:00Z", "1990-12-05 10:30:00 +00"),
            ("1990-12-05 10:30:00+05:30", "1990-12-05 10:30:00 +05:30"),
        ] {
            assert_eq!(day(DAY_FIRST, text), known, "{text}");
        }
        assert_eq!(day(MONTH_FIRST, "05/12/1990"), "1990-05-12");
        assert_eq!(day(MONTH_FIRST, "5 Dec 1990"), "1990-12-05");
    }

    #[test]
    fn what_is_no_day_is_not_made_one() {
        for text in [
            "31/02/1990",
            "12/31/1990",
            "1990",
            "Dec 1990",
            "5/12",
            "05/12/0202",
            "soon",
            "",
            "05/12/1990 at noon",
            "32 Dec 1990",
            "1990-13-05",
            "5 Foo 1990",
            "99999",
            "05/12/1990 25:00",
            "Foo, 5 Dec 1990",
            "Mon Mon 5 Dec 1990",
        ] {
            assert_eq!(day(DAY_FIRST, text), "Unreadable", "{text}");
        }
        for text in ["01/01/1900", "0000-00-00", "1900-01-01 00:00:00"] {
            assert_eq!(day(DAY_FIRST, text), "Placeholder", "{text}");
        }
    }

    #[test]
    fn a_date_is_a_stray_only_where_most_are_written_otherwise() {
        let strays = |cells: &[&str]| {
            let mut tally = Tally::default();
            cells.iter().for_each(|cell| tally.add(cell));
            let (column, _) = tally.decide(DateOrder::DayFirst, 30);
            cells.iter().map(|cell| column.stray(cell)).collect::<Vec<_>>()
        };
        assert_eq!(strays(&["13/05/1990", "43831", "14/05/1990"]), [None, Some(Stray::Serial), None]);
        assert_eq!(strays(&["13/05/1990", "14/05/90", "1990-05-14"]), [None, Some(Stray::ShortYear), None]);
        assert_eq!(strays(&["43831", "43832", "13/05/1990"]), [None; 3], "a workbook writes all so");
        assert_eq!(strays(&["13/05/90", "14/05/90", "unknown"]), [None; 3]);
    }

    #[test]
    fn the_order_follows_from_the_whole_column() {
        let decide = |cells: &[&str]| {
            let mut tally = Tally::default();
            cells.iter().for_each(|cell| tally.add(cell));
            let (column, from) = tally.decide(DateOrder::DayFirst, 30);
            (column.order, from, column.timed)
        };
        use DateOrder::{DayFirst, MonthFirst};
        assert_eq!(decide(&["05/06/1990", "05/13/1990"]), (MonthFirst, OrderFrom::Values, false));
        assert_eq!(decide(&["05/06/1990", "13/05/1990 10:00"]), (DayFirst, OrderFrom::Values, true));
        assert_eq!(decide(&["05/06/1990", "5/5/1990"]), (DayFirst, OrderFrom::Nothing, false));
        assert_eq!(
            decide(&["05/13/1990", "05/14/1990", "13/05/1990"]),
            (MonthFirst, OrderFrom::Majority(1), false)
        );
        assert_eq!(
            decide(&["1990-06-05", "5 May 1990", "5/5/1990", "x", ""]),
            (DayFirst, OrderFrom::Values, false)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "[0-9a-zA-Z/:.,+ é-]{0,24}") {
            let _ = DAY_FIRST.read(&text);
            Tally::default().add(&text);
        }

        #[test]
        fn a_written_day_is_read_back(days in 0_i64..60_000) {
            let date = Date::constant(1901, 1, 1).saturating_add(jiff::Span::new().days(days));
            let (y, m, d) = (date.year(), date.month(), date.day());
            prop_assert_eq!(day(DAY_FIRST, &format!("{d:02}/{m:02}/{y:04}")), date.to_string());
            prop_assert_eq!(day(MONTH_FIRST, &format!("{m}-{d}-{y:04}")), date.to_string());
            prop_assert_eq!(day(DAY_FIRST, &date.to_string()), date.to_string());
            prop_assert_eq!(day(DAY_FIRST, &date.strftime("%d %B %Y").to_string()), date.to_string());
        }
    }
}

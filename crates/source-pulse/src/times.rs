//! Times of day and durations, as people write them.

use jiff::civil::Time;

/// A time of day: `10:30`, `10:30:15`, `10.30 am`, `10 PM`, `1030`, or a spreadsheet's fraction of a day.
pub(crate) fn time(text: &str) -> Option<Time> {
    let lower = text.trim().to_ascii_lowercase();
    let (clock, half) = match lower.strip_suffix('.').unwrap_or(&lower) {
        t if t.ends_with("am") || t.ends_with("a.m") => (t.trim_end_matches(['a', '.', 'm']), Some(0)),
        t if t.ends_with("pm") || t.ends_with("p.m") => (t.trim_end_matches(['p', '.', 'm']), Some(12)),
        _ => (lower.as_str(), None),
    };
    let clock = clock.trim();
    if half.is_none() && clock.starts_with("0.") {
        return fraction(clock);
    }
    let parts: Vec<&str> = clock.split([':', '.']).collect();
    let (hour, minute, second) = match parts[..] {
        [hour] if half.is_some() => (number(hour)?, 0, 0),
        [clock] if clock.len() == 3 || clock.len() == 4 => {
            let (hour, minute) = clock.split_at_checked(clock.len() - 2)?;
            (number(hour)?, sixty(minute)?, 0)
        }
        [hour, minute] => (number(hour)?, sixty(minute)?, 0),
        [hour, minute, second] | [hour, minute, second, _] => (number(hour)?, sixty(minute)?, sixty(second)?),
        _ => return None,
    };
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

/// Minutes: `30`, `30 min`, `0:30`, `1 hr`, `1h 30m`, `1.5 hours`. Not more than a day, and not nothing.
pub(crate) fn minutes(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    let minutes = match lower.split(':').collect::<Vec<_>>()[..] {
        [hours, minutes] | [hours, minutes, "00"] => {
            i64::from(number(hours)?) * 60 + i64::from(sixty(minutes)?)
        }
        [plain] => worded(plain)?,
        _ => return None,
    };
    (1..=24 * 60).contains(&minutes).then_some(minutes)
}

fn worded(text: &str) -> Option<i64> {
    let (mut sum, mut rest) = (0.0, text.trim());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (amount, after) = rest.split_at_checked(end)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let factor = match unit {
            "" if after.is_empty() => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 1.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 60.0,
            _ => return None,
        };
        sum += amount.parse::<f64>().ok()? * factor;
        rest = after.trim_start_matches(['.', ',', ' ']);
    }
    // Only whole minutes: half a minute is a sign that something else was meant.
    ((0.0..=1e6).contains(&sum) && sum.fract() == 0.0).then_some(sum as i64)
}

/// A spreadsheet's time: 0.5 is noon.
pub(crate) fn fraction(text: &str) -> Option<Time> {
    let part = text.parse::<f64>().ok().filter(|part| (0.0..1.0).contains(part))?;
    let seconds = (part * 86_400.0).round() as i64;
    let at = |seconds: i64| i8::try_from(seconds).ok();
    Time::new(at(seconds / 3600)?, at(seconds / 60 % 60)?, at(seconds % 60)?, 0).ok()
}

fn number(text: &str) -> Option<i8> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn sixty(text: &str) -> Option<i8> {
    let two = text.trim().len() == 2;
    number(text).filter(|number| two && *number < 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_usual_spellings() {
        for (text, known) in [
            ("10:30", "10:30:00"),
            ("9:05", "09:05:00"),
            ("10:30 AM", "10:30:00"),
            ("02:30 pm", "14:30:00"),
            ("12:15 AM", "00:15:00"),
            ("12:15pm", "12:15:00"),
            ("10.30 a.m.", "10:30:00"),
            ("1030", "10:30:00"),
            ("930", "09:30:00"),
            ("10:30:15", "10:30:15"),
            ("10:30:15.000", "10:30:15"),
            ("10 PM", "22:00:00"),
            ("0.4375", "10:30:00"),
            ("00:00", "00:00:00"),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), Some(known), "{text}");
        }
        for text in [
            "",
            "25:00",
            "10:75",
            "13:00 PM",
            "0 AM",
            "noon",
            "10:3",
            "10",
            "-1:30",
            "10:30:15:00:00",
            "12345",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_read_in_their_usual_spellings() {
        for (text, known) in [
            ("30", 30),
            ("30 min", 30),
            ("45mins", 45),
            ("0:30", 30),
            ("00:30:00", 30),
            ("1 hr", 60),
            ("1h 30m", 90),
            ("1.5 hours", 90),
            ("1 hour, 15 minutes", 75),
            ("15 min.", 15),
        ] {
            assert_eq!(minutes(text), Some(known), "{text}");
        }
        for text in ["", "0", "half an hour", "2000", "30 days", "1:75", "1.2.3", "-30", "0.3 min"] {
            assert_eq!(minutes(text), None, "{text}");
        }
    }
}

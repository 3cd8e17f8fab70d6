//! The values of `lang` and `tz`.

/// The languages that are installed.
pub(super) const LANGS: &[(&str, &str)] = &[("en_US", "English (US)")];

/// Some of the time zones, each its own label.
pub(super) const TIME_ZONES: &[(&str, &str)] = &[
    ("America/Anchorage", "America/Anchorage"),
    ("America/Chicago", "America/Chicago"),
    ("America/Denver", "America/Denver"),
    ("America/Los_Angeles", "America/Los_Angeles"),
    ("America/New_York", "America/New_York"),
    ("America/Phoenix", "America/Phoenix"),
    ("Asia/Calcutta", "Asia/Calcutta"),
    ("Asia/Dubai", "Asia/Dubai"),
    ("Asia/Kolkata", "Asia/Kolkata"),
    ("Asia/Singapore", "Asia/Singapore"),
    ("Australia/Sydney", "Australia/Sydney"),
    ("Europe/Berlin", "Europe/Berlin"),
    ("Europe/London", "Europe/London"),
    ("Europe/Paris", "Europe/Paris"),
    ("Pacific/Honolulu", "Pacific/Honolulu"),
    ("UTC", "UTC"),
];

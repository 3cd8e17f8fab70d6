//! What stands in a cell for phone numbers.

/// A cell for phone numbers, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Phones {
    /// One number, as written.
    One(String),
    /// One number, without the `.0` that a spreadsheet put behind it.
    Repaired(String),
    /// A spreadsheet wrote it with an exponent: its last digits are gone.
    Damaged(String),
    /// Several numbers: the first, and the others.
    Several(String, String),
    /// Fewer digits than any number has.
    TooShort(String),
}

/// The shortest numbers that people are called at, without the code of their area.
const SHORTEST: usize = 6;

/// Reads a cell. What is written is kept in every case.
pub(crate) fn read(text: &str) -> Phones {
    if has_exponent(text) {
        return Phones::Damaged(text.to_owned());
    }
    if let Some(number) = repaired(text) {
        return Phones::Repaired(number.to_owned());
    }
    let pieces = pieces(text);
    match pieces.split_first() {
        Some((first, others)) if !others.is_empty() => {
            Phones::Several((*first).to_owned(), others.join(" / "))
        }
        _ if digits(text) < SHORTEST => Phones::TooShort(text.to_owned()),
        _ => Phones::One(text.to_owned()),
    }
}

/// The numbers of a cell, to be compared: the last ten digits of each, without calling code and trunk zero. None where digits are missing.
pub(crate) fn keys(text: &str) -> Vec<u64> {
    if has_exponent(text) {
        return Vec::new();
    }
    match (repaired(text), pieces(text)) {
        (Some(number), _) => key(number).into_iter().collect(),
        (None, pieces) if !pieces.is_empty() => pieces.into_iter().filter_map(key).collect(),
        _ => key(text).into_iter().collect(),
    }
}

fn key(text: &str) -> Option<u64> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let last = digits.get(digits.len().saturating_sub(10)..).filter(|last| last.len() >= 7)?;
    let number = last.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    // Zeros alone are nobody's number.
    (number > 0).then_some(number)
}

/// A number with the country's calling code in front, where it has none and is of ten digits, as in India and in the US.
pub(crate) fn with_code(text: &str, code: Option<&str>) -> String {
    let digits = digits(text);
    let trunk = digits == 11 && text.starts_with('0');
    match code {
        Some(code) if !text.contains('+') && (digits == 10 || trunk) => {
            format!("+{code} {}", if trunk { text.strip_prefix('0').unwrap_or(text) } else { text })
        }
        _ => text.to_owned(),
    }
}

fn has_exponent(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all(exponent) && number.split(['.', ',']).all(all)
}

fn repaired(text: &str) -> Option<&str> {
    let (number, zeros) = text.split_once('.')?;
    let all = |text: &str, what: fn(&u8) -> bool| text.bytes().all(|byte| what(&byte));
    (number.len() >= 7
        && all(number, u8::is_ascii_digit)
        && !zeros.is_empty()
        && all(zeros, |zero| *zero == b'0'))
    .then_some(number)
}

/// The parts of a cell, if each has as many digits as a number of its own.
fn pieces(text: &str) -> Vec<&str> {
    let pieces: Vec<&str> = text
        .split(['/', ',', ';', '|', '&', '\n'])
        .flat_map(|part| part.split(" or "))
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let whole = pieces.iter().all(|piece| (7..=15).contains(&digits(piece)));
    if whole { pieces } else { Vec::new() }
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_number_unless_it_is_plainly_more() {
        for text in
            ["9876543210", "+91 98765 43210", "+91-9876543210", "(212) 555-0100", "022-2345 6789 / 90"]
        {
            assert_eq!(read(text), Phones::One(text.into()));
        }
        for text in [
            "9876543210 / 9123456780",
            "9876543210, 9123456780",
            "9876543210 or 9123456780",
            "9876543210\n9123456780",
        ] {
            assert_eq!(read(text), Phones::Several("9876543210".into(), "9123456780".into()));
        }
    }

    #[test]
    fn what_a_spreadsheet_did_is_told() {
        assert_eq!(read("9.88E+09"), Phones::Damaged("9.88E+09".into()));
        assert_eq!(read("9e9"), Phones::Damaged("9e9".into()));
        assert_eq!(read("9876543210.0"), Phones::Repaired("9876543210".into()));
        for text in ["12.0", "98765", "call sister or mother"] {
            assert_eq!(read(text), Phones::TooShort(text.into()));
        }
        assert_eq!(read("234567"), Phones::One("234567".into()));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in [
            "9876543210",
            "+91 98765 43210",
            "098765 43210",
            "0091-98765-43210",
            "(98765) 43210",
            "9876543210.0",
        ] {
            assert_eq!(keys(text), [9_876_543_210], "{text}");
        }
        assert_eq!(keys("9876543210 / +91 91234 56780"), [9_876_543_210, 9_123_456_780]);
        for text in ["", "9.88E+09", "98765", "000 000 0000", "call sister"] {
            assert_eq!(keys(text), [] as [u64; 0], "{text}");
        }
    }

    #[test]
    fn the_calling_code_goes_only_where_none_is() {
        assert_eq!(with_code("98765 43210", Some("91")), "+91 98765 43210");
        assert_eq!(with_code("098765 43210", Some("91")), "+91 98765 43210");
        assert_eq!(with_code("+1 212 555 0100", Some("91")), "+1 212 555 0100");
        assert_eq!(with_code("2345678", Some("91")), "2345678");
        assert_eq!(with_code("9876543210", None), "9876543210");
    }
}

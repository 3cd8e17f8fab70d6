//! E-mail addresses and phone numbers, as they are compared.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Fewer digits than these are no number that tells people apart.
const FEWEST_DIGITS: u32 = 7;

/// A fingerprint of an address, if it is one. Case says nothing: nobody's mail server tells people apart by it.
pub(super) fn email(text: &str) -> Option<u64> {
    let text = text.trim();
    let (name, domain) = text.rsplit_once('@')?;
    if name.is_empty() || domain.is_empty() {
        return None;
    }
    Some(fingerprint(&text.to_lowercase()))
}

/// A number in the place of a text.
pub(super) fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The numbers of a cell, by their last ten digits: what stands before them is a calling code, or the trunk's zero.
///
/// What a spreadsheet cut (`9.88E+09`) is no number, and neither is a placeholder (`9999999999`, `1234567890`).
pub(super) fn phones(text: &str) -> impl Iterator<Item = u64> {
    text.split(['/', ',', ';', '|', '&', '\n']).flat_map(|part| part.split(" or ")).filter_map(phone)
}

fn phone(text: &str) -> Option<u64> {
    // A spreadsheet made a number of it.
    let text = text.trim();
    let text = text.strip_suffix(".0").unwrap_or(text);
    if text.contains('.') && text.contains(['e', 'E']) {
        return None;
    }
    let digits: Vec<u64> = text.chars().filter_map(|letter| letter.to_digit(10)).map(u64::from).collect();
    let tail = digits.get(digits.len().saturating_sub(10)..)?;
    if tail.len() < FEWEST_DIGITS as usize || is_placeholder(tail) {
        return None;
    }
    Some(tail.iter().fold(0, |number, digit| number * 10 + digit))
}

/// One digit throughout but for the first, or one after the other.
fn is_placeholder(digits: &[u64]) -> bool {
    let pairs = || digits.windows(2);
    let same = pairs().skip(1).all(|pair| pair[0] == pair[1]);
    let up = pairs().all(|pair| (pair[0] + 1) % 10 == pair[1]);
    let down = pairs().all(|pair| (pair[1] + 1) % 10 == pair[0]);
    same || up || down
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<u64> {
        phones(text).collect()
    }

    #[test]
    fn an_address_is_the_same_in_any_case() {
        assert_eq!(email(" Asha.Rao@Example.ORG"), email("asha.rao@example.org"));
        assert_ne!(email("asha@example.org"), email("asha@example.net"));
        for text in ["", "-", "none", "@example.org", "asha@"] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_its_last_ten_digits() {
        for text in ["9876543212", "+91 98765 43212", "098765-43212", "(987) 654-3212", "9876543212.0"] {
            assert_eq!(all(text), [9_876_543_212], "{text}");
        }
        assert_eq!(all("9876543212 / 9123456781"), [9_876_543_212, 9_123_456_781]);
    }

    #[test]
    fn what_tells_nobody_apart_is_no_number() {
        for text in
            ["", "12", "9.88E+09", "0000000000", "9999999999", "1234567890", "9876543210", "call mother"]
        {
            assert!(all(text).is_empty(), "{text}");
        }
    }
}

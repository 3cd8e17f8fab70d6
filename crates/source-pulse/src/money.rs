//! Amounts of money, as people and programs write them.

use rust_decimal::{Decimal, RoundingStrategy};

/// What stands before or behind an amount and is no part of it.
const SIGNS: [&str; 8] = ["₹", "$", "inr", "rs.", "rs", "usd", "/-", "/="];

/// An amount, exactly: `500`, `1,23,456.70`, `₹ 500.00`, `Rs. 1,200/-`, `-500`, `(500.00)`, `500,50`.
pub(crate) fn amount(text: &str) -> Option<Decimal> {
    let lower = text.trim().to_lowercase();
    let (bare, negative) = match lower.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (lower.as_str(), false),
    };
    let mut bare = bare.trim();
    while let Some(rest) =
        SIGNS.iter().find_map(|sign| bare.strip_prefix(sign).or_else(|| bare.strip_suffix(sign)))
    {
        bare = rest.trim();
    }
    let (bare, minus) = match bare.strip_prefix(['-', '−']) {
        Some(rest) => {
            (SIGNS.iter().find_map(|sign| rest.trim().strip_prefix(sign)).unwrap_or(rest).trim(), true)
        }
        None => (bare, false),
    };
    let (whole, fraction) = parts(bare)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = ungrouped(whole)?;
    if (number.is_empty() && fraction.is_empty())
        || !digits(&number)
        || !digits(fraction)
        || (negative && minus)
    {
        return None;
    }
    let mut exact: Decimal = format!("0{number}.{fraction}0").parse().ok()?;
    exact.set_sign_negative((negative || minus) && !exact.is_zero());
    Some(exact.normalize())
}

/// The digits of a number whose groups are told apart by one sign: the last of three digits, those before it of three or, in India, two.
fn ungrouped(text: &str) -> Option<String> {
    let Some(sign) = text.chars().find(|c| !c.is_ascii_digit()) else { return Some(text.to_owned()) };
    let mut groups: Vec<&str> = text.split(sign).collect();
    let [first, middle @ .., last] = groups.as_mut_slice() else { return None };
    let grouped = matches!(sign, ',' | '.' | ' ' | '\u{a0}' | '\'')
        && (1..=3).contains(&first.len())
        && last.len() == 3
        && middle.iter().all(|group| (2..=3).contains(&group.len()));
    grouped.then(|| groups.concat())
}

/// The part before the sign of decimals, with whatever groups its digits, and the part behind it.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (dot, comma) = (text.rfind('.'), text.rfind(','));
    let sign = match (dot, comma) {
        (Some(dot), Some(comma)) => Some(dot.max(comma)),
        (Some(dot), None) => Some(dot).filter(|_| text.matches('.').count() == 1),
        // Thousands end in three digits, in India too.
        (None, Some(comma)) => Some(comma).filter(|at| text.len() - at != 4),
        (None, None) => None,
    };
    let Some(sign) = sign else { return Some((text, "")) };
    let (whole, fraction) = text.split_at_checked(sign)?;
    let fraction = fraction.get(1..)?;
    // A grouping sign is another than that of the decimals.
    let own = text.get(sign..=sign)?;
    (!whole.contains(own)).then_some((whole, fraction))
}

/// Rounded to the hundredth, halves away from zero, as Odoo does.
pub(crate) fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// As people read it: with two decimals, or more where it has more.
pub(crate) fn shown(amount: Decimal) -> String {
    let digits = amount.normalize().scale().max(2) as usize;
    format!("{amount:.digits$}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let read = |text: &str| amount(text).map(|amount| amount.to_string());
        for (text, exact) in [
            ("500", "500"),
            (" 500.50 ", "500.5"),
            ("1,23,456.70", "123456.7"),
            ("1,234,567.89", "1234567.89"),
            ("1,234", "1234"),
            ("₹ 500.00", "500"),
            ("Rs. 1,200/-", "1200"),
            ("rs.75", "75"),
            ("$1,000.25", "1000.25"),
            ("-500", "-500"),
            ("-₹500.10", "-500.1"),
            ("₹-500.10", "-500.1"),
            ("(500.00)", "-500"),
            ("1.234,56", "1234.56"),
            ("500,50", "500.5"),
            ("0", "0"),
            ("-0.00", "0"),
            (".5", "0.5"),
            ("1 234.5", "1234.5"),
        ] {
            assert_eq!(read(text).as_deref(), Some(exact), "{text}");
        }
        for none in
            ["", "free", "1.2E+05", "12/04", "1.2.3", "1,2,3,4.5.6", "--5", "(-5)", "₹", "5 apples", "1e3"]
        {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero_and_two_decimals_are_shown() {
        assert_eq!(shown(rounded(Decimal::new(1005, 3))), "1.01");
        assert_eq!(shown(rounded(Decimal::new(-1005, 3))), "-1.01");
        assert_eq!(
            (shown(Decimal::new(5, 0)), shown(Decimal::new(12345, 4))),
            ("5.00".into(), "1.2345".into())
        );
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_none(text: String) {
            amount(&text);
        }

        #[test]
        fn what_is_shown_reads_as_it_was(hundredths in -10_000_000_000_i64..10_000_000_000) {
            let exact = Decimal::new(hundredths, 2);
            prop_assert_eq!(amount(&shown(exact)), Some(exact.normalize()));
        }
    }
}

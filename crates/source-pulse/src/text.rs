//! What short texts mean: names of people, statuses, blood groups, addresses of e-mail, words for "nothing".

/// A text as part of an id: small letters, and `-` for whatever stands between words.
pub(crate) fn slug(text: &str) -> String {
    let between =
        |c: char| c.is_whitespace() || c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{206F}');
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(between).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// A person's name as an id: as [`slug`], without the `Dr.` in front. Empty where there is no name.
pub(crate) fn person(name: &str) -> String {
    let slug = slug(name);
    let bare = ["dr-", "doctor-"].iter().find_map(|title| slug.strip_prefix(title));
    match bare {
        Some(bare) => bare.to_owned(),
        None if slug == "dr" || slug == "doctor" => String::new(),
        None => slug,
    }
}

/// A status as an id, in the usual spelling where it is one of the usual four.
pub(crate) fn status(text: &str) -> String {
    let slug = slug(text);
    match slug.as_str() {
        "canceled" => "cancelled".to_owned(),
        "noshow" => "no-show".to_owned(),
        _ => slug,
    }
}

/// The usual statuses: id, name and place among the others.
pub(crate) const STATUSES: [(&str, &str, i64); 4] = [
    ("scheduled", "Scheduled", 10),
    ("completed", "Completed", 20),
    ("cancelled", "Cancelled", 30),
    ("no-show", "No-Show", 40),
];

/// Whether a cell says that it is empty.
pub(crate) fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 10] = ["na", "n/a", "n.a.", "n.a", "#n/a", "-", "--", "---", "null", "–"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || is_nothing(text)
}

/// Whether a cell says that there is nothing. For an allergy or a history that is a finding and not a blank.
pub(crate) fn is_nothing(text: &str) -> bool {
    text.eq_ignore_ascii_case("nil") || text.eq_ignore_ascii_case("none")
}

/// Whether a spreadsheet would compute a text.
pub(crate) fn is_formula(text: &str) -> bool {
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    match first {
        Some('=') => second.is_some(),
        Some('@' | '+' | '-') => second.is_some_and(char::is_alphabetic) && text.contains('('),
        _ => false,
    }
}

/// Whether a text may be an address of e-mail: one `@`, something before it, a domain with a dot behind it.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>'))
        && !domain.contains('@')
}

/// The blood group a text means, of the eight.
pub(crate) fn blood_type(text: &str) -> Option<&'static str> {
    const TYPES: [&str; 8] = ["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"];
    let upper: String =
        text.to_uppercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '.')).collect();
    let upper = upper.replace(['–', '−', '—'], "-");
    let letters = upper.find(|c| !matches!(c, 'A' | 'B' | 'O' | '0'))?;
    let (group, sign) = upper.split_at_checked(letters)?;
    let sign = match sign.trim_start_matches(['R', 'H']) {
        "+" | "+VE" | "POSITIVE" | "POS" | "VE+" | "+POSITIVE" => '+',
        "-" | "-VE" | "NEGATIVE" | "NEG" | "VE-" | "-NEGATIVE" => '-',
        _ => return None,
    };
    let group = format!("{}{sign}", group.replace('0', "O"));
    TYPES.into_iter().find(|known| *known == group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_doctor_are_one_id() {
        for name in ["Dr. Asha Rao", "dr asha  rao", "Asha Rao", "DR.ASHA RAO", "Asha_Rao", "Doctor Asha Rao"]
        {
            assert_eq!(person(name), "asha-rao", "{name}");
        }
        assert_eq!(person("Drew Carter"), "drew-carter");
        assert_eq!(person("Dr."), "");
        assert_ne!(person("मीरा"), person("मारी"), "vowel signs count");
    }

    #[test]
    fn statuses_are_folded() {
        assert_eq!(status(" No Show "), "no-show");
        assert_eq!(status("NOSHOW"), "no-show");
        assert_eq!(status("Canceled"), "cancelled");
        assert_eq!(status("Checked  in"), "checked-in");
    }

    #[test]
    fn blood_groups_are_known_in_their_usual_spellings() {
        for (text, known) in [
            ("A+", "A+"),
            ("ab-", "AB-"),
            ("O Positive", "O+"),
            ("B +ve", "B+"),
            ("0+", "O+"),
            ("A (-ve)", "A-"),
            ("AB Rh+", "AB+"),
            ("O \u{2212}", "O-"),
        ] {
            assert_eq!(blood_type(text), Some(known), "{text}");
        }
        for text in ["Bombay (Oh)", "C+", "Rh null", "A", "", "A1+", "BA+", "AO+"] {
            assert_eq!(blood_type(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_and_formulas_are_told() {
        for text in [
            "asha.rao@",
            "asha.rao at example.org",
            "@example.org",
            "asha@rao@example.org",
            "a@example",
            "a@b.org, c@d.org",
        ] {
            assert!(!is_email(text), "{text}");
        }
        assert!(is_email("asha.rao+1@mail.example.org"));
        for text in ["=1+1", "@SUM(A1:A9)", "+SUM(A1)"] {
            assert!(is_formula(text), "{text}");
        }
        for text in ["+91 98765 43210", "- better", "@home", "=", "-5"] {
            assert!(!is_formula(text), "{text}");
        }
    }
}

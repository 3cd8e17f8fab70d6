//! SQL patterns: what `like` and its kin compare with.

/// An SQL pattern: `%` any text, `_` any letter, backslash takes either as it is.
#[derive(Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    fold: bool,
}

#[derive(Debug, PartialEq)]
enum Part {
    Any,
    One,
    Letter(char),
}

impl Pattern {
    pub(super) fn new(text: &str, fold: bool) -> Self {
        let text = if fold { text.to_lowercase() } else { text.to_owned() };
        let mut parts = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            parts.push(match letter {
                '%' => Part::Any,
                '_' => Part::One,
                '\\' => Part::Letter(letters.next().unwrap_or('\\')),
                letter => Part::Letter(letter),
            });
        }
        Self { parts, fold }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> =
            if self.fold { text.to_lowercase().chars().collect() } else { text.chars().collect() };
        let (mut at, mut part, mut retry) = (0, 0, None);
        while at < text.len() {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    retry = Some((part + 1, at));
                    part += 1;
                }
                Some(Part::One) => (at, part) = (at + 1, part + 1),
                Some(Part::Letter(letter)) if *letter == text[at] => (at, part) = (at + 1, part + 1),
                _ => {
                    let Some((after, from)) = retry else { return false };
                    (at, part, retry) = (from + 1, after, Some((after, from + 1)));
                }
            }
        }
        self.parts[part..].iter().all(|part| *part == Part::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_as_sql_does() {
        let cases = [
            ("%a%", "Asha", false, true),
            ("a%", "Asha", true, true),
            ("a%", "Asha", false, false),
            ("_sha", "Asha", false, true),
            ("%a%b%c", "xaxbxc", false, true),
            ("%a%b%c", "xaxbx", false, false),
            ("50\\%", "50%", false, true),
            ("50\\%", "500", false, false),
            ("%", "", false, true),
        ];
        for (pattern, text, fold, expected) in cases {
            assert_eq!(Pattern::new(pattern, fold).matches(text), expected, "{pattern} on {text}");
        }
    }
}

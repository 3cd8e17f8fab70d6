//! What stands in a cell for a name: the words that name the person, without titles, and without other people.

use crate::duplicates::spelling::words;

/// Titles before a name.
const TITLES: [&str; 44] = [
    "dr", "mr", "mrs", "ms", "miss", "mx", "prof", "er", "adv", "ca", "capt", "col", "maj", "lt", "rev",
    "fr", "sir", "madam", "shri", "shree", "sri", "shriman", "shrimati", "smt", "smti", "sau", "kum",
    "kumari", "km", "ku", "selvi", "thiru", "tmt", "late", "master", "mstr", "mast", "baby", "pt", "pandit",
    "sardar", "janab", "mst", "mohtarma",
];

/// What respect puts behind a name.
const SUFFIXES: [&str; 7] = ["ji", "bhai", "ben", "saheb", "sahib", "garu", "amma"];

/// Before whose name the person's own has ended: `Asha Rao w/o Ravi Rao`.
const RELATIONS: [&str; 7] = ["s/o", "d/o", "w/o", "c/o", "h/o", "m/o", "f/o"];
const RELATIVES: [&str; 7] = ["son", "daughter", "wife", "husband", "care", "mother", "father"];

/// A newborn without a name of its own: the name that follows is the mother's.
const NEWBORN: [&str; 4] = ["baby", "infant", "newborn", "child"];

/// No more words of a name than these are looked at.
const MOST_WORDS: usize = 8;

/// A name, taken apart.
#[derive(Default)]
pub(super) struct Name {
    /// Its words, in small letters without accents; of one letter where only an initial is known. The given name is first, if
    /// `ordered`.
    pub(super) words: Vec<String>,
    /// Whether it was written such that the given name is known.
    pub(super) ordered: bool,
    /// Whether it is somebody's newborn, and the words name the mother.
    pub(super) newborn: bool,
    /// Which of several of the name: 1 for senior, 2 for junior.
    pub(super) generation: Option<u8>,
}

impl Name {
    /// Reads a name written in one piece.
    pub(super) fn read(text: &str) -> Self {
        let text = without_brackets(&text.to_lowercase());
        let (text, newborn) = own(&text);
        match text.split_once(',') {
            Some((family, given))
                if !names_nobody(given) && !names_nobody(family) && !given.contains(',') =>
            {
                Self::of(words(given).into_iter().chain(words(family)).collect(), true, newborn)
            }
            _ => Self::of(words(&text), false, newborn),
        }
    }

    /// Reads a name written as two.
    pub(super) fn of_two(given: &str, family: &str) -> Self {
        let (given, newborn) = own(&without_brackets(&given.to_lowercase()));
        let (family, _) = own(&without_brackets(&family.to_lowercase()));
        Self::of(words(&given).into_iter().chain(words(&family)).collect(), true, newborn)
    }

    fn of(mut words: Vec<String>, ordered: bool, newborn: bool) -> Self {
        let title = |word: &str| TITLES.contains(&word);
        while names(&words) > 1 && words.first().is_some_and(|word| title(word)) {
            words.remove(0);
        }
        let mut own = Self { ordered, newborn, ..Self::default() };
        while names(&words) > 1 {
            let Some(last) = words.last() else { break };
            match generation(last) {
                Some(number) => own.generation = Some(number),
                None if SUFFIXES.contains(&&**last) => {}
                None => break,
            }
            words.pop();
        }
        own.words = words.into_iter().flat_map(initials).map(without_respect).take(MOST_WORDS).collect();
        own
    }
}

/// How many words are more than an initial.
fn names(words: &[String]) -> usize {
    words.iter().filter(|word| word.chars().count() > 1).count()
}

/// Whether what stands behind a comma is no name: `Jr.`, `MD`, nothing.
fn names_nobody(text: &str) -> bool {
    words(text).iter().all(|word| generation(word).is_some() || TITLES.contains(&&**word) || word == "md")
}

fn generation(word: &str) -> Option<u8> {
    match word {
        "sr" | "senior" => Some(1),
        "jr" | "jnr" | "junior" | "ii" => Some(2),
        "iii" => Some(3),
        _ => None,
    }
}

/// The name up to where another person's begins, and whether it is a newborn's.
fn own(text: &str) -> (String, bool) {
    let spaced = text.replace('.', ". ");
    let all: Vec<&str> = spaced.split_whitespace().collect();
    let (mut kept, mut newborn) = (Vec::new(), false);
    let mut at = 0;
    while let Some(&word) = all.get(at) {
        let of = all.get(at + 1) == Some(&"of");
        let bare = word.trim_end_matches('.');
        if kept.is_empty() && (bare == "b/o" || (of && NEWBORN.contains(&bare))) {
            newborn = true;
            at += if of { 2 } else { 1 };
            continue;
        }
        if !kept.is_empty() && (RELATIONS.contains(&bare) || (of && RELATIVES.contains(&bare))) {
            break;
        }
        kept.push(word);
        at += 1;
    }
    (kept.join(" "), newborn)
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let kept = text.chars().filter(|letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}

/// `RK` is two initials; a word of vowels too is a name.
fn initials(word: String) -> Vec<String> {
    let cluster = matches!(word.len(), 2 | 3)
        && word.bytes().all(|letter| letter.is_ascii_lowercase() && !b"aeiouy".contains(&letter))
        && !matches!(&*word, "md" | "kr" | "ng");
    if cluster { word.chars().map(String::from).collect() } else { vec![word] }
}

/// `Rameshbhai`, `Ritaben`: the respect is written onto the name.
fn without_respect(word: String) -> String {
    let shorter = match (word.strip_suffix("bhai"), word.strip_suffix("ben")) {
        (Some(name), _) if name.len() >= 3 => Some(name),
        (_, Some(name)) if name.len() >= 4 => Some(name),
        _ => None,
    };
    match shorter {
        Some(name) => name.to_owned(),
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        Name::read(text).words
    }

    #[test]
    fn titles_are_no_names() {
        for text in [
            "Dr. Asha Rao",
            "Smt Asha Rao",
            "DR (MRS) ASHA RAO",
            "Kum. Asha Rao",
            "Ms.Asha Rao",
            "Asha Rao ji",
        ] {
            assert_eq!(read(text), ["asha", "rao"], "{text}");
        }
        assert_eq!(read("Meena Kumari"), ["meena", "kumari"]);
        assert_eq!(read("Baby"), ["baby"]);
        assert_eq!(read("Rameshbhai Patel"), ["ramesh", "patel"]);
    }

    #[test]
    fn another_persons_name_is_not_the_own() {
        assert_eq!(read("Asha Rao W/o Ravi Rao"), ["asha", "rao"]);
        assert_eq!(read("Ravi Rao son of Gopal Rao"), ["ravi", "rao"]);
    }

    #[test]
    fn a_newborn_is_not_its_mother() {
        for text in ["Baby of Asha Rao", "B/o Asha Rao", "INFANT OF MRS ASHA RAO"] {
            let name = Name::read(text);
            assert_eq!((name.newborn, names(&name.words)), (true, 2), "{text}");
        }
        assert!(!Name::read("Baby Asha Rao").newborn);
    }

    #[test]
    fn a_comma_tells_the_order() {
        let name = Name::read("RAO, Asha");
        assert_eq!((name.words, name.ordered), (vec!["asha".into(), "rao".into()], true));
        let name = Name::read("John Smith, Jr.");
        assert_eq!((name.words, name.ordered), (vec!["john".into(), "smith".into()], false));
        assert_eq!(name.generation, Some(2));
    }

    #[test]
    fn initials_stand_alone() {
        for text in ["R K Sharma", "R.K.Sharma", "RK Sharma", "Mr. R. K. Sharma"] {
            assert_eq!(read(text), ["r", "k", "sharma"], "{text}");
        }
        assert_eq!(read("Kim Ng"), ["kim", "ng"]);
    }

    #[test]
    fn what_is_no_name_has_no_words() {
        assert!(read(" - . ").is_empty());
        assert!(read("((").is_empty());
    }
}

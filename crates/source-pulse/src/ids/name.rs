//! Names of patients as people write them: with a title or without, in any case and order.

use unicode_normalization::UnicodeNormalization;

use crate::ids::fingerprint::Fingerprint;

/// A name, folded: its words without their order, and what the title tells. It can be compared and not be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// Of all its words.
    pub(crate) whole: u64,
    pub(crate) sketch: Sketch,
}

/// A name in short, to be compared with shorter and longer forms of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sketch {
    words: Words,
    pub(crate) title: Title,
}

/// What a title tells of whom it stands before: enough to see that `Mr Rao` is not `Mrs Rao`, nor a baby its mother.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Title {
    Nothing,
    Woman,
    Man,
    Boy,
    Baby,
}

/// The words of a name, each as its first letter and a part of its hash; [`MORE`] where there are too many.
type Words = [u32; 4];

const NONE: u32 = 0;
const MORE: u32 = u32::MAX;
const HASH: u32 = 0x00FF_FFFF;

impl Name {
    /// Folds a name; none where no word is left.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut words = words(text);
        let mut title = Title::Nothing;
        // A title alone is a name: people are called Kumari and Baby.
        while words.len() > 1
            && let Some(known) = words.first().and_then(|word| title_of(word))
        {
            title = title.max(known);
            words.remove(0);
        }
        words.sort_unstable();
        let short = match words.as_slice() {
            [] => return None,
            [one] => [code(one), NONE, NONE, NONE],
            [one, two] => [code(one), code(two), NONE, NONE],
            [one, two, three] => [code(one), code(two), code(three), NONE],
            [one, two, three, four] => [code(one), code(two), code(three), code(four)],
            [one, two, three, ..] => [code(one), code(two), code(three), MORE],
        };
        let all: Vec<&str> = words.iter().map(String::as_str).collect();
        Some(Self { whole: Fingerprint::of(&all).short(), sketch: Sketch { words: short, title } })
    }
}

impl Sketch {
    /// Whether both may be one name, written longer and shorter: each word of the shorter stands in the other, or its initial does.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        let (one, two) = (known(&self.words), known(&other.words));
        let (shorter, longer) = if one.len() <= two.len() { (one, two) } else { (two, one) };
        let found = shorter.iter().filter(|word| longer.iter().any(|other| same(**word, *other))).count();
        let cut = [self.words, other.words].iter().any(|words| words.contains(&MORE));
        let needed = if cut { shorter.len().min(2) } else { shorter.len() };
        found >= needed && self.title.fits(other.title)
    }
}

impl Title {
    /// Whether both may stand before one name.
    pub(crate) fn fits(self, other: Self) -> bool {
        let (one, two) = (self.min(other), self.max(other));
        one == two
            || matches!(
                (one, two),
                (Self::Nothing, Self::Woman | Self::Man | Self::Boy)
                    | (Self::Man, Self::Boy)
                    | (Self::Boy, Self::Baby)
            )
    }
}

/// What a word says as a title, where it is one.
fn title_of(word: &str) -> Option<Title> {
    match word {
        "dr" | "doctor" | "prof" | "er" | "adv" | "capt" | "col" | "maj" | "lt" | "rev" => {
            Some(Title::Nothing)
        }
        "mr" | "shri" | "shree" | "sri" | "shriman" | "thiru" | "sardar" => Some(Title::Man),
        "mrs" | "ms" | "miss" | "smt" | "smti" | "shrimati" | "kumari" | "kum" | "selvi" | "tmt" => {
            Some(Title::Woman)
        }
        "master" | "mstr" => Some(Title::Boy),
        "baby" => Some(Title::Baby),
        _ => None,
    }
}

/// The words of a text, in small letters without Latin accents. Marks of other scripts are letters, and stay.
fn words(text: &str) -> Vec<String> {
    let accent = |letter: &char| matches!(letter, '\u{300}'..='\u{36F}');
    // Nothing that is seen: joiners, and the mark of a file's beginning.
    let unseen = |letter: &char| matches!(letter, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\'' | '’' | '`');
    let between =
        |c: char| c.is_whitespace() || c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{206F}');
    let plain: String =
        text.nfkd().filter(|c| !accent(c) && !unseen(c)).flat_map(char::to_lowercase).collect();
    plain.split(between).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A word in short: its first letter, and of the whole word 24 bits. An initial has none of the latter.
fn code(word: &str) -> u32 {
    let mut letters = word.chars();
    let first = letters.next().map_or(0, u32::from) & 0xFF;
    let rest = match letters.next() {
        None => 0,
        Some(_) => (Fingerprint::of(&[word]).short() as u32 & HASH).clamp(1, HASH - 1),
    };
    // The first letter of no script is 0 here: it was never a word then.
    (first.max(1) << 24) | rest
}

fn known(words: &Words) -> &[u32] {
    let end = words.iter().position(|word| matches!(*word, NONE | MORE)).unwrap_or(words.len());
    words.get(..end).unwrap_or_default()
}

fn same(one: u32, other: u32) -> bool {
    let initial = one & HASH == 0 || other & HASH == 0;
    one == other || (initial && one >> 24 == other >> 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(one: &str, other: &str) -> bool {
        let (one, other) = (Name::of(one).unwrap(), Name::of(other).unwrap());
        one.whole == other.whole && one.sketch.title.fits(other.sketch.title)
    }

    fn may_be(one: &str, other: &str) -> bool {
        let (one, other) = (Name::of(one).unwrap().sketch, Name::of(other).unwrap().sketch);
        assert_eq!(one.may_be(&other), other.may_be(&one));
        one.may_be(&other)
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for other in [
            "ASHA RAO",
            "Rao, Asha",
            "Mrs. Asha Rao",
            "Smt Asha  RAO",
            "Dr. (Mrs.) Asha Rao",
            "Kumari Asha Rao",
        ] {
            assert!(is("Asha Rao", other), "{other}");
        }
        assert!(is("Ana Lucía O'Brien", "ana lucia obrien") && is("José", "Jose\u{301}"));
        assert!(is("राम शर्मा", "शर्मा राम") && is("Master Rohan Shah", "Mr Rohan Shah"));
        assert!(is("Baby Rohan Shah", "Master Rohan Shah"));
    }

    #[test]
    fn another_persons_name_is_another() {
        for (one, other) in [
            ("Asha Rao", "Asha"),
            ("Asha Rao", "Usha Rao"),
            ("Asha Rao", "Asha Rao Iyer"),
            ("Mr Rao", "Mrs Rao"),
            ("Shri Rao", "Smt Rao"),
            ("Baby Asha Rao", "Asha Rao"),
            ("Baby of Asha Rao", "Asha Rao"),
            ("Baby Asha Rao", "Mrs Asha Rao"),
            ("Ravi Rao Jr", "Ravi Rao"),
            ("राम", "रमा"),
        ] {
            assert!(!is(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_title_alone_is_a_name() {
        assert!(Name::of("Kumari").is_some() && !is("Kumari", "Baby"));
        assert!(!is("Meena Kumari", "Meena"));
        for text in ["", " . ", "--", "'"] {
            assert!(Name::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_shorter_form_may_be_the_longer_ones_person() {
        for (one, other) in [
            ("Asha Rao", "Asha"),
            ("A. Rao", "Asha Rao"),
            ("Asha R", "Rao Asha Iyer"),
            ("Dr Asha Rao", "asha rao"),
            ("Maria de los Angeles Garcia Lopez", "Garcia Lopez Maria de los Angeles"),
        ] {
            assert!(may_be(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("Asha Rao", "Ravi Rao"),
            ("Asha Rao", "Asha Iyer"),
            ("U Rao", "Asha Rao"),
            ("Mr Rao", "Mrs Rao"),
            ("Asha Rao", "Ravi Kumar"),
            ("Baby Asha Rao", "Asha Rao"),
        ] {
            assert!(!may_be(one, other), "{one} {other}");
        }
    }
}

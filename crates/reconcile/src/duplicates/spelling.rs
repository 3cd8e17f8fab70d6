//! How names are spelt: what is left of a word without case and accents, and of a name without the habits of who wrote it.

use unicode_normalization::UnicodeNormalization;

/// The words of a text, in small letters without accents. Apostrophes join, all else that is no letter or digit parts.
///
/// Only Latin accents go: the marks of other scripts are letters.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        let word = match words.last_mut() {
            Some(word) if !parts(letter) => word,
            _ => {
                words.push(String::new());
                continue;
            }
        };
        match letter {
            '\u{300}'..='\u{36f}' | '\'' | '’' | '‘' | '`' | 'ʼ' => {}
            'ł' => word.push('l'),
            'ø' => word.push('o'),
            'đ' => word.push('d'),
            'ı' => word.push('i'),
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            letter => word.push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a character stands between words. What joins letters of other scripts, such as vowel signs, is no letter to Unicode.
fn parts(letter: char) -> bool {
    !(letter.is_alphanumeric()
        || matches!(letter, '\u{300}'..='\u{36f}' | '\'' | '’' | '‘' | '`' | 'ʼ' | '\u{200c}' | '\u{200d}')
        || unicode_normalization::char::is_combining_mark(letter))
}

/// What a name sounds like, near enough: the spellings that one Indian name has in Latin letters become one, and so do the usual
/// ones of Western names (`ph` and `f`, `c` and `k`, `ue` for `ü`). Other scripts stay as they are.
pub(super) fn sound(word: &str) -> String {
    if !word.is_ascii() {
        return word.to_owned();
    }
    match word {
        "md" | "mohd" | "mohamed" | "mohammad" | "mohammed" | "muhammad" | "muhammed" => {
            return "mohamad".into();
        }
        "kr" => return "kumar".into(),
        _ => {}
    }
    let letters = word.as_bytes();
    let mut sound = Sound(String::with_capacity(word.len()));
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let last = at + 2 == letters.len();
        at += 1;
        match (letter, next) {
            (b'p', Some(b'h')) => sound.push('f'),
            // Not the `h` that follows a consonant and says little: Chetan is not Ketan.
            (b'c', Some(b'h')) => sound.push('C'),
            (b'c', Some(b'e' | b'i' | b'y')) => sound.push('s'),
            (b'c' | b'q', _) => sound.push('k'),
            (b'x', _) => {
                sound.push('k');
                sound.push('s');
            }
            (b'w', next) if sound.0.ends_with('o') && !next.is_some_and(is_vowel) => {}
            (b'w', _) => sound.push('v'),
            (b'a' | b'o', Some(b'u')) => {
                sound.push('o');
                at += 1;
            }
            (b'e', Some(b'e')) => {
                sound.push('i');
                at += 1;
            }
            (b'o', Some(b'o')) => {
                sound.push('u');
                at += 1;
            }
            (b'a' | b'o' | b'u', Some(b'e')) => {
                sound.push(char::from(letter));
                at += 1;
            }
            (b'i', Some(b'e')) if last => {
                sound.push('i');
                at += 1;
            }
            (b'y', _) => sound.push('i'),
            (b'h', next) if !sound.0.is_empty() && (next.is_none() || !sound.ends_in_vowel()) => {}
            (letter, _) => sound.push(char::from(letter)),
        }
    }
    if sound.0.is_empty() { word.to_owned() } else { sound.0 }
}

/// A sound as it grows: no letter twice in a row.
struct Sound(String);

impl Sound {
    fn push(&mut self, letter: char) {
        if !self.0.ends_with(letter) {
            self.0.push(letter);
        }
    }

    fn ends_in_vowel(&self) -> bool {
        self.0.bytes().last().is_some_and(is_vowel)
    }
}

pub(super) fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// How two sounds that are not the same differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    /// By an `a` at the end, which Hindi does not speak: Ashok, Ashoka. Also what makes Amita of Amit.
    LastA,
    /// By vowels alone, in a long name.
    Vowels,
    /// By one or two strokes of the keyboard.
    Strokes {
        /// Whether both are long enough, and begin alike, for one to be the other mistyped whatever is known of them.
        plain: bool,
    },
}

/// The slip that makes one sound of the other, if a small one does.
pub(super) fn slip(one: &str, other: &str) -> Option<Slip> {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    // Of an initial or a syllable any letter changes makes another name.
    if short.len() < 3 || long.len() - short.len() > 2 {
        return None;
    }
    if long.strip_suffix('a') == Some(short) {
        return Some(Slip::LastA);
    }
    let begin_alike = short.chars().next() == long.chars().next();
    if begin_alike && short.len() >= 6 && same_consonants(short, long) {
        return Some(Slip::Vowels);
    }
    let strokes = strsim::osa_distance(short, long);
    let small =
        strokes == 1 || (strokes == 2 && short.len() >= 7 && strsim::jaro_winkler(short, long) >= 0.9);
    small.then_some(Slip::Strokes { plain: begin_alike && short.len() >= 5 })
}

fn same_consonants(one: &str, other: &str) -> bool {
    one.bytes().filter(|letter| !is_vowel(*letter)).eq(other.bytes().filter(|letter| !is_vowel(*letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_say_nothing() {
        assert_eq!(words("Śānti  O’BRIEN-Łukasz, d'Souza"), ["santi", "obrien", "lukasz", "dsouza"]);
        assert_eq!(words("  . - "), Vec::<String>::new());
    }

    #[test]
    fn the_marks_of_other_scripts_are_letters() {
        assert_eq!(words("शांति देवी").len(), 2);
        assert_ne!(words("राम"), words("रमा"));
    }

    #[test]
    fn one_name_in_several_spellings_sounds_one() {
        for (one, other) in [
            ("geeta", "gita"),
            ("geetha", "gita"),
            ("pooja", "puja"),
            ("lakshmi", "laxmi"),
            ("dikshit", "dixit"),
            ("vijay", "wijai"),
            ("shanti", "santi"),
            ("shah", "sha"),
            ("reddy", "redi"),
            ("banerjee", "banerji"),
            ("qureshi", "kureshi"),
            ("gaurav", "gourav"),
            ("mohd", "muhammad"),
            ("catherine", "katherine"),
            ("stephen", "stefen"),
            ("mueller", "muller"),
            ("sarah", "sara"),
        ] {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
    }

    #[test]
    fn different_names_sound_different() {
        for (one, other) in
            [("chetan", "ketan"), ("ravi", "rani"), ("amit", "amita"), ("kiran", "karan"), ("asha", "usha")]
        {
            assert_ne!(sound(one), sound(other), "{one} {other}");
        }
    }

    #[test]
    fn a_slip_is_small() {
        assert_eq!(slip("ashok", "ashoka"), Some(Slip::LastA));
        assert_eq!(slip("Chodari", "Choduri"), Some(Slip::Vowels));
        assert_eq!(slip("rajes", "rajse"), Some(Slip::Strokes { plain: true }));
        assert_eq!(slip("arun", "varun"), Some(Slip::Strokes { plain: false }));
        assert_eq!(slip("sunita", "anita"), None);
        assert_eq!(slip("ra", "rao"), None);
        assert_eq!(slip("mira", "lila"), None);
    }
}

//! All names that occur, each word once, with how many people bear it and where in their names it stands.

use std::collections::HashMap;

use crate::duplicates::address::mix;
use crate::duplicates::name::Name;
use crate::duplicates::spelling::{Slip, slip, sound};

/// So many people are thought to bear each of so many other names before any is seen: what little data says counts for little.
const OTHERS: f64 = 1000.0;
/// So many of them are thought to write themselves with any one initial.
const INITIALS: u32 = 50;
/// The share of people whose given name begins with a certain letter.
const LETTER: f64 = 0.1;

/// The words of all names.
#[derive(Default)]
pub(super) struct Names {
    ids: HashMap<Box<str>, u32>,
    words: Vec<Word>,
    sounds: HashMap<Box<str>, u32>,
    counts: Vec<Count>,
    people: usize,
}

/// A word of a name, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WordId(u32);

struct Word {
    text: Box<str>,
    sound: u32,
    initial: bool,
}

/// How often a sound occurs, in whichever spelling.
struct Count {
    text: Box<str>,
    all: u32,
    first: u32,
    last: u32,
}

/// A name by its words.
pub(super) struct Named {
    pub(super) words: Box<[WordId]>,
    pub(super) ordered: bool,
    pub(super) newborn: bool,
    pub(super) generation: Option<u8>,
}

/// How near two words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearness {
    /// Letter by letter.
    Same,
    /// Another spelling of the same.
    Sound,
    /// One is the other mistyped, most likely.
    Slip,
    /// One is the other's initial.
    Initial,
}

impl Names {
    /// Takes the words of one more person's name.
    pub(super) fn add(&mut self, name: Name) -> Named {
        self.people += 1;
        let words: Box<[WordId]> = name.words.iter().map(|word| self.id(word)).collect();
        for word in &words {
            if let Some(count) = self.count_mut(*word) {
                count.all += 1;
            }
        }
        let mut full = words.iter().copied().filter(|word| !self.is_initial(*word));
        if let (Some(first), Some(last)) = (full.next(), full.next_back()) {
            if let Some(count) = self.count_mut(first) {
                count.first += 1;
            }
            if let Some(count) = self.count_mut(last) {
                count.last += 1;
            }
        }
        Named { words, ordered: name.ordered, newborn: name.newborn, generation: name.generation }
    }

    fn id(&mut self, word: &str) -> WordId {
        if let Some(id) = self.ids.get(word) {
            return WordId(*id);
        }
        let text = sound(word);
        let next = number(self.counts.len());
        let sound = *self.sounds.entry(text.as_str().into()).or_insert(next);
        if sound == next {
            self.counts.push(Count { text: text.into(), all: 0, first: 0, last: 0 });
        }
        let id = number(self.words.len());
        self.words.push(Word { text: word.into(), sound, initial: word.chars().count() == 1 });
        self.ids.insert(word.into(), id);
        WordId(id)
    }

    /// A number for a name of at least two whole words, whatever their order and spelling. Initials do not count.
    pub(super) fn key(&self, name: &Named) -> Option<u64> {
        let whole = name.words.iter().filter(|word| !self.is_initial(**word));
        let mut sounds: Vec<u32> = whole.filter_map(|word| self.sound_of(*word)).collect();
        sounds.sort_unstable();
        sounds.dedup();
        (sounds.len() > 1).then(|| sounds.iter().fold(1, |key, sound| mix(key, u64::from(*sound) + 1)))
    }

    fn sound_of(&self, word: WordId) -> Option<u32> {
        self.words.get(word.0 as usize).map(|word| word.sound)
    }

    fn count(&self, word: WordId) -> Option<&Count> {
        self.counts.get(self.sound_of(word)? as usize)
    }

    fn count_mut(&mut self, word: WordId) -> Option<&mut Count> {
        let sound = self.sound_of(word)?;
        self.counts.get_mut(sound as usize)
    }

    /// Whether it is one letter.
    pub(super) fn is_initial(&self, word: WordId) -> bool {
        self.words.get(word.0 as usize).is_none_or(|word| word.initial)
    }

    /// The sound of a word.
    pub(super) fn sound(&self, word: WordId) -> &str {
        self.count(word).map_or("", |count| &count.text)
    }

    /// Whether the data knows it as a family name: it ends far more names than it begins.
    pub(super) fn is_family(&self, word: WordId) -> bool {
        self.count(word).is_some_and(|count| count.last >= 5 && count.last >= 4 * count.first)
    }

    /// Whether the data knows it as a given name.
    pub(super) fn is_given(&self, word: WordId) -> bool {
        self.count(word).is_some_and(|count| count.first >= 5 && count.first >= 4 * count.last)
    }

    /// Where in a name the given name stands, most likely.
    pub(super) fn given(&self, name: &Named) -> usize {
        let Some(first) = name.words.first() else { return 0 };
        if name.ordered || self.is_given(*first) {
            return 0;
        }
        // `Rao Asha`, and `R. Lakshmi`, whose initial is her father's.
        let place = |is: &dyn Fn(WordId) -> bool| name.words.iter().position(|word| is(*word));
        if self.is_family(*first) {
            return place(&|word| self.is_given(word))
                .or_else(|| place(&|word| !self.is_family(word)))
                .unwrap_or(0);
        }
        if self.is_initial(*first) { place(&|word| self.is_given(word)).unwrap_or(0) } else { 0 }
    }

    /// How near two words are, if they are. `alike` says whether the two are known to be of one gender.
    pub(super) fn nearness(&self, one: WordId, other: WordId, alike: bool) -> Option<Nearness> {
        if one == other {
            return Some(Nearness::Same);
        }
        let (a, b) = (self.count(one)?, self.count(other)?);
        match (self.is_initial(one), self.is_initial(other)) {
            (true, true) => return None,
            (false, false) => {}
            _ => {
                // By the letters as written: Chloé and Philip begin with C and P, whatever they sound like.
                let begins = |word: WordId| self.words.get(word.0 as usize)?.text.chars().next();
                return (begins(one)? == begins(other)?).then_some(Nearness::Initial);
            }
        }
        if std::ptr::eq(a, b) {
            return Some(Nearness::Sound);
        }
        if !a.text.is_ascii() || !b.text.is_ascii() {
            return None;
        }
        // What many people are called is no mistake; what hardly anybody is called, beside something common, is one.
        let (rarer, commoner) = (a.all.min(b.all), a.all.max(b.all));
        let rare = rarer <= 2 && commoner >= 10 * rarer;
        let unknown = commoner < 10;
        // One stroke may change more of the sound than of what was typed: Ravi, Raiv.
        let typed = || slip(&self.words.get(one.0 as usize)?.text, &self.words.get(other.0 as usize)?.text);
        let near = match slip(&a.text, &b.text).or_else(typed)? {
            Slip::LastA => alike || rare,
            Slip::Vowels => true,
            Slip::Strokes { plain } => rare || (unknown && plain),
        };
        near.then_some(Nearness::Slip)
    }

    /// The share of people of whom a word would be said to be near to another, by chance.
    pub(super) fn share(&self, one: WordId, other: WordId, nearness: Nearness) -> f64 {
        if nearness == Nearness::Initial {
            return LETTER;
        }
        let borne = |word| self.count(word).map_or(0, |count| count.all);
        // The two themselves do not count.
        let others =
            borne(one).max(borne(other)).saturating_sub(2) + if self.is_initial(one) { INITIALS } else { 1 };
        f64::from(others) / (self.people as f64 + OTHERS)
    }
}

/// The number of a word. There are fewer words than people, and fewer people than four thousand million.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

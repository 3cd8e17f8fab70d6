//! Patients by name and phone.

use std::collections::BTreeSet;

use crate::ids::name::{Name, Title};

/// The place of whoever is no patient with an id.
pub(crate) const NOBODY: u32 = u32::MAX;

/// No phone.
const NONE: u64 = 0;

/// Which patients have a name and a phone: some thirty bytes a phone.
#[derive(Default)]
pub(crate) struct People {
    /// Ordered by name, phone and place.
    pairs: Vec<Pair>,
    /// Of each patient each phone once, in order.
    phones: Vec<u64>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    name: u64,
    phone: u64,
    place: u32,
    title: Title,
}

impl People {
    /// Takes in what the patient at that place is called, and where.
    pub(crate) fn add(&mut self, name: &Name, phones: &[u64], place: u32) {
        let pair = |phone| Pair { name: name.whole, phone, place, title: name.sketch.title };
        if phones.is_empty() {
            self.pairs.push(pair(NONE));
        }
        let own: BTreeSet<u64> = phones.iter().copied().collect();
        self.pairs.extend(own.iter().map(|phone| pair(*phone)));
        self.phones.extend(own);
    }

    /// Ends the taking in.
    pub(crate) fn finish(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.shrink_to_fit();
        self.phones.sort_unstable();
        self.phones.shrink_to_fit();
    }

    /// The places of those who have this name and one of these phones.
    pub(crate) fn with(&self, name: &Name, phones: &[u64]) -> BTreeSet<u32> {
        let of = |phone: &u64| self.of(name, |pair| (pair.name, pair.phone), (name.whole, *phone));
        phones.iter().flat_map(of).collect()
    }

    /// How many have this name.
    pub(crate) fn named(&self, name: &Name) -> usize {
        let all: BTreeSet<u32> = self.of(name, |pair| pair.name, name.whole).collect();
        all.len()
    }

    /// How many have one of these phones; of several, the one that most have.
    pub(crate) fn called(&self, phones: &[u64]) -> usize {
        let count = |phone: &u64| {
            self.phones.partition_point(|known| known <= phone)
                - self.phones.partition_point(|known| known < phone)
        };
        phones.iter().map(count).max().unwrap_or_default()
    }

    /// The places of those under a key whose title does not speak against the name's.
    fn of<'a, K: Ord + Copy + 'a>(
        &'a self,
        name: &Name,
        key: impl Fn(&Pair) -> K + Copy + 'a,
        wanted: K,
    ) -> impl Iterator<Item = u32> + 'a {
        let from = self.pairs.partition_point(|pair| key(pair) < wanted);
        let title = name.sketch.title;
        let under = self.pairs.iter().skip(from).take_while(move |pair| key(pair) == wanted);
        under.filter(move |pair| pair.title.fits(title)).map(|pair| pair.place)
    }
}

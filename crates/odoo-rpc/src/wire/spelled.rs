//! Names that were written before.

use crate::wire::value::Name;

/// What the name of each member was written as, by its place in its record.
///
/// A list's records repeat their names in one order: the name at the same place of the record before is most often the
/// same, and its characters need no second look.
#[derive(Default)]
pub(crate) struct Spelled<'a>(Vec<(&'a Name, Vec<u8>)>);

impl<'a> Spelled<'a> {
    /// What was written, if this name was the last one at that place.
    #[inline]
    pub(crate) fn get(&self, place: usize, name: &Name) -> Option<&[u8]> {
        self.0.get(place).filter(|(known, _)| known.is(name)).map(|(_, written)| written.as_slice())
    }

    /// Keeps how a name was written. One whose place is further than the next is not kept.
    pub(crate) fn keep(&mut self, place: usize, name: &'a Name, written: &[u8]) {
        let places = self.0.len();
        if let Some((known, bytes)) = self.0.get_mut(place) {
            *known = name;
            bytes.clear();
            bytes.extend_from_slice(written);
        } else if place == places {
            self.0.push((name, written.to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_again_at_its_place_alone() {
        let [id, name, same] = ["id", "name", "id"].map(Name::from);
        let mut spelled = Spelled::default();
        spelled.keep(0, &id, b"<id>");
        spelled.keep(1, &name, b"<name>");
        spelled.keep(7, &id, b"lost");
        assert_eq!(spelled.get(0, &same), Some(&b"<id>"[..]));
        assert_eq!(spelled.get(1, &same), None);
        assert_eq!(spelled.get(7, &id), None);
        spelled.keep(1, &same, b"<id>");
        assert_eq!((spelled.get(1, &name), spelled.get(1, &id)), (None, Some(&b"<id>"[..])));
    }
}

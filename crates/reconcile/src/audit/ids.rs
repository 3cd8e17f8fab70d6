//! Which records there are, so that links can be checked: as fingerprints.

use std::collections::{BTreeMap, HashMap};

use mapping_core::digest::Digest;
use mapping_core::key::RecordKey;
use mapping_core::name::EntityName;
use mapping_core::source::Entity;

/// What is known of a record that something refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It is there, and would not arrive.
    Refused,
    /// It is there, and the mapping makes nothing of it.
    Unmapped,
    /// It is there, and would arrive.
    Arrives,
}

/// The records of every entity that a link may lead to.
#[derive(Debug)]
pub(super) struct Ids(BTreeMap<EntityName, HashMap<Digest, Fate>>);

impl Ids {
    /// None yet. Records are kept only of entities that others refer to.
    pub(super) fn of(entities: &[Entity]) -> Self {
        let targets = entities.iter().flat_map(Entity::links).map(|(_, to)| to.clone());
        let known = |name: &EntityName| entities.iter().any(|entity| entity.name() == name);
        Self(targets.filter(known).map(|name| (name, HashMap::new())).collect())
    }

    /// Takes a record in. Of several with one id the one that fares best counts: the others were refused because of it.
    pub(super) fn insert(&mut self, entity: &str, id: &str, fate: Fate) {
        if let Some(ids) = self.0.get_mut(entity) {
            let known = ids.entry(fingerprint(id)).or_insert(fate);
            *known = fate.max(*known);
        }
    }

    /// What became of a record; `None` where there is none. An entity of which nothing is kept answers that all is well.
    pub(super) fn fate(&self, key: &RecordKey) -> Option<Fate> {
        match self.0.get(key.entity()) {
            Some(ids) => ids.get(&fingerprint(key.id())).copied(),
            None => Some(Fate::Arrives),
        }
    }
}

fn fingerprint(id: &str) -> Digest {
    Digest::builder().text(id).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_was_refused_beside_one_with_its_id_takes_nothing_from_it() {
        let mut ids = Ids::of(&[Entity::new("patient"), Entity::new("visit").link("patient", "patient")]);
        let key = RecordKey::new("patient", "P-1");
        assert_eq!(ids.fate(&key), None);
        ids.insert("patient", "P-1", Fate::Refused);
        assert_eq!(ids.fate(&key), Some(Fate::Refused));
        ids.insert("patient", "P-1", Fate::Arrives);
        ids.insert("patient", "P-1", Fate::Refused);
        assert_eq!(ids.fate(&key), Some(Fate::Arrives));
    }
}

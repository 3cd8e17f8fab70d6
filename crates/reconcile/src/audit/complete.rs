//! How many records have each field.

use mapping_core::record::Record;
use mapping_core::source::Entity;

use crate::audit::report::{Completeness, EntityAudit};

/// An entity whose records are being counted.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    entity: &'a Entity,
    pub(super) read: u64,
    pub(super) refused_unread: u64,
    pub(super) refused: u64,
    filled: Vec<u64>,
}

impl<'a> Counted<'a> {
    pub(super) fn new(entity: &'a Entity) -> Self {
        Self { entity, read: 0, refused_unread: 0, refused: 0, filled: vec![0; entity.fields().len()] }
    }

    /// Counts a record that could be read.
    pub(super) fn add(&mut self, record: &Record) {
        self.read += 1;
        for (field, filled) in self.entity.fields().iter().zip(&mut self.filled) {
            *filled += u64::from(!record.value(field.name.as_str()).is_blank());
        }
    }

    pub(super) fn finish(self) -> EntityAudit {
        let fields = self.entity.fields().iter().zip(self.filled);
        EntityAudit {
            entity: self.entity.name().clone(),
            records: self.read + self.refused_unread,
            refused: self.refused + self.refused_unread,
            fields: fields
                .map(|(field, filled)| Completeness { field: field.name.clone(), filled, of: self.read })
                .collect(),
        }
    }
}

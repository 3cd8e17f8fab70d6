//! Names of entities and models, each stored once.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use crate::journal::failure::Failed;

/// The table `name`, by heart: it has a few dozen lines.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: HashMap<Arc<str>, i64>,
    texts: HashMap<i64, Arc<str>>,
}

impl Names {
    pub(super) fn load(connection: &Connection) -> Result<Self, Failed> {
        let mut names = Self::default();
        let mut statement = connection.prepare("SELECT id, text FROM name")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            names.learn(row.get(0)?, row.get(1)?);
        }
        Ok(names)
    }

    /// The id of a name, if it has one.
    pub(super) fn id(&self, name: &str) -> Option<i64> {
        self.ids.get(name).copied()
    }

    /// The id of a name, which is given one where it has none.
    pub(super) fn id_or_add(&mut self, connection: &Connection, name: &str) -> Result<i64, Failed> {
        if let Some(id) = self.id(name) {
            return Ok(id);
        }
        connection.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.execute([name])?;
        let id = connection.last_insert_rowid();
        self.learn(id, name.into());
        Ok(id)
    }

    pub(super) fn text(&self, id: i64) -> Option<&Arc<str>> {
        self.texts.get(&id)
    }

    /// How many there are, to [forget](Self::forget) what comes later.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Forgets all but the first `len`: they were rolled back. Ids are given in order, from 1, and never taken back.
    pub(super) fn forget(&mut self, len: usize) {
        self.texts.retain(|id, _| usize::try_from(*id).is_ok_and(|id| id <= len));
        self.ids.retain(|_, id| self.texts.contains_key(id));
    }

    fn learn(&mut self, id: i64, text: Arc<str>) {
        self.ids.insert(text.clone(), id);
        self.texts.insert(id, text);
    }
}

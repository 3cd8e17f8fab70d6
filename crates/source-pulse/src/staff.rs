//! The clinic's staff: the rows of `Staff.csv`, and the doctors whom other files name.

use mapping_core::finding::Flag;
use mapping_core::key::Origin;
use mapping_core::record::Record;
use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::entities::STAFF;
use crate::ids::Seen;
use crate::text;

/// A doctor who is not in `Staff.csv`.
pub(crate) struct Stranger {
    pub(crate) id: String,
    name: String,
    origin: Origin,
}

impl Stranger {
    pub(crate) fn new(id: String, name: &str, origin: Origin) -> Self {
        Self { id, name: name.to_owned(), origin }
    }

    pub(crate) fn reading(&self) -> Reading {
        let mut record =
            Record::new(STAFF, self.id.as_str()).at(self.origin.clone()).with("name", self.name.as_str());
        let message = "a doctor who is not in the staff file, seen here first; only the name is known";
        record.flag(Flag::new("unknown-staff", message).field("name"));
        record.into()
    }
}

pub(crate) fn read(seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let Some(name) = cells.text("name") else {
        return cells.refuse(None, "name", "the person has no name; give one at the source");
    };
    let id = text::person(&name);
    if id.is_empty() {
        return cells.refuse(None, "name", "the name has no letter; give one at the source");
    }
    if let Err(line) = seen.insert(&id, cells.line()) {
        let reason = format!("another person has this name, on line {line}; only that one was taken");
        return cells.refuse(Some(&id), "name", reason);
    }
    cells.put("name", name);
    if let Some(email) = cells.text("email") {
        if !text::is_email(&email) {
            cells.flag("malformed-email", "no address of e-mail; kept as text", "email");
        }
        cells.put("email", email);
    }
    cells.put_texts(&["role", "specialty"]);
    cells.record(id)
}

//! The statuses that appointments have.

use mapping_core::key::Origin;
use mapping_core::record::Record;
use mapping_core::source::Reading;

use crate::entities::APPOINTMENT_STATUS;
use crate::text::{self, STATUSES};

/// Every status once, in the order of its first appointment.
#[derive(Default)]
pub(crate) struct Statuses(Vec<Status>);

struct Status {
    id: String,
    name: String,
    sequence: i64,
    origin: Origin,
}

impl Statuses {
    /// Takes a status in. `origin` is asked for only if it is new.
    pub(crate) fn see(&mut self, written: &str, origin: impl FnOnce() -> Origin) {
        if self.0.iter().any(|known| known.name == written) {
            return;
        }
        let id = text::status(written);
        if id.is_empty() || self.0.iter().any(|known| known.id == id) {
            return;
        }
        let (name, sequence) = match STATUSES.iter().find(|(known, ..)| *known == id) {
            Some((_, name, sequence)) => ((*name).to_owned(), *sequence),
            None => {
                let others = self.0.iter().filter(|known| known.sequence > 40).count() as i64;
                (written.to_owned(), 50 + 10 * others)
            }
        };
        self.0.push(Status { id, name, sequence, origin: origin() });
    }

    pub(crate) fn readings(&self) -> impl Iterator<Item = Reading> + Send + '_ {
        self.0.iter().map(|status| {
            Record::new(APPOINTMENT_STATUS, status.id.as_str())
                .at(status.origin.clone())
                .with("name", status.name.as_str())
                .with("sequence", status.sequence)
                .into()
        })
    }
}
